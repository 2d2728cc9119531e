// What the fields of a case record are called, by the message they are in (proto/assize/cases), and how they are to be written
// where that is not plain.
import type { Lang } from '../../lib/i18n/index.svelte.ts';

const entity = {
  vi: 'mã của đối tượng trong hồ sơ (UUID)',
  en: 'identifier of the thing described (UUID)',
};
const party = {
  vi: 'mã của người tham gia tố tụng (UUID)',
  en: 'identifier of the party (UUID)',
};
const decision = {
  vi: 'mã của bản án, quyết định (UUID)',
  en: 'identifier of the decision (UUID)',
};
const outcome = { vi: 'kết quả', en: 'outcome' };

export const fields: Record<string, Record<Lang, string>> = {
  entity,
  at_ms: { vi: 'giờ đổi trạng thái vụ án', en: 'time of the change of status' },
  status: { vi: 'trạng thái vụ án', en: 'status of the case' },
  CaseRecord: { vi: 'nội dung của bản ghi', en: 'what the record describes' },
  'party.Party': { vi: 'cá nhân hoặc tổ chức', en: 'the person or the organisation' },
  'case_file.court': { vi: 'mã Tòa án (ví dụ TAND.01.KV2)', en: 'court code (as TAND.01.KV2)' },
  'case_file.number': {
    vi: 'số thụ lý (ví dụ 12/2026/TLST-HS)',
    en: 'number of acceptance (as 12/2026/TLST-HS)',
  },
  'case_file.kind': { vi: 'loại vụ án', en: 'kind of case' },
  'case_file.instance': { vi: 'cấp xét xử', en: 'instance' },
  'case_file.title': { vi: 'tên vụ án', en: 'title of the case' },
  'case_file.accepted_on': { vi: 'ngày thụ lý (năm-tháng-ngày)', en: 'day of acceptance' },
  'case_file.status': { vi: 'trạng thái vụ án', en: 'status of the case' },
  'case_file.previous': {
    vi: 'mã định danh của vụ án trước đó',
    en: 'public identifier of the case before',
  },
  'party.role': { vi: 'tư cách tham gia tố tụng', en: 'role of the party' },
  'party.person': { vi: 'cá nhân', en: 'person' },
  'party.organisation': { vi: 'tổ chức', en: 'organisation' },
  'person.full_name': { vi: 'họ và tên', en: 'full name' },
  'person.personal_number': {
    vi: 'số định danh cá nhân (12 chữ số)',
    en: 'personal number (12 digits)',
  },
  'person.date_of_birth': {
    vi: 'ngày sinh (năm-tháng-ngày, đã qua)',
    en: 'date of birth (a day that is past)',
  },
  'person.sex': { vi: 'giới tính', en: 'sex' },
  'person.nationality': {
    vi: 'quốc tịch (mã hai chữ cái, ví dụ VN)',
    en: 'nationality (two letters, as VN)',
  },
  'person.residence': { vi: 'nơi cư trú', en: 'residence' },
  'person.commune': { vi: 'mã xã, phường (5 chữ số)', en: 'commune code (5 digits)' },
  'organisation.name': { vi: 'tên tổ chức', en: 'name of the organisation' },
  'organisation.number': {
    vi: 'mã số đăng ký (10 đến 14 ký tự số và gạch nối)',
    en: 'registration number (10 to 14 digits and dashes)',
  },
  'organisation.address': { vi: 'địa chỉ', en: 'address' },
  'organisation.representative': {
    vi: 'mã của người đại diện (UUID)',
    en: 'identifier of the representative (UUID)',
  },
  'counsel.full_name': { vi: 'họ và tên người bào chữa', en: 'full name of counsel' },
  'counsel.licence': { vi: 'số thẻ luật sư', en: 'number of the lawyer’s card' },
  'counsel.party': party,
  'charge.party': party,
  'charge.article': { vi: 'điều luật', en: 'article' },
  'charge.clause': { vi: 'khoản', en: 'clause' },
  'charge.point': { vi: 'điểm', en: 'point' },
  'charge.offence': { vi: 'tội danh', en: 'offence' },
  'claim.party': party,
  'claim.matter': { vi: 'nội dung yêu cầu', en: 'matter of the claim' },
  'claim.amount_vnd': { vi: 'số tiền (đồng, không âm)', en: 'amount in dong (not negative)' },
  'event.at': { vi: 'ngày của sự kiện (năm-tháng-ngày)', en: 'day of the event' },
  'event.kind': { vi: 'loại sự kiện', en: 'kind of event' },
  'event.text': { vi: 'mô tả sự kiện', en: 'words of the event' },
  'document.title': { vi: 'tên tài liệu', en: 'title of the document' },
  'document.number': { vi: 'số của tài liệu', en: 'number of the document' },
  'document.issued_on': { vi: 'ngày ban hành tài liệu', en: 'day the document was issued' },
  'document.sha256': { vi: 'mã băm của tài liệu (32 byte)', en: 'hash of the document (32 bytes)' },
  'document.size': { vi: 'dung lượng tài liệu', en: 'size of the document' },
  'document.media_type': { vi: 'kiểu tệp', en: 'media type' },
  'hearing.scheduled_ms': { vi: 'giờ mở phiên tòa', en: 'time of the hearing' },
  'hearing.ended_ms': { vi: 'giờ kết thúc phiên tòa', en: 'end of the hearing' },
  'hearing.place': { vi: 'nơi xét xử', en: 'place of the hearing' },
  'hearing.online': { vi: 'hình thức trực tuyến', en: 'whether it was online' },
  'hearing.hearing': { vi: 'mã của phiên tòa (UUID)', en: 'identifier of the hearing (UUID)' },
  'decision.kind': { vi: 'bản án hay quyết định', en: 'kind of decision' },
  'decision.number': {
    vi: 'số bản án, quyết định (ví dụ 34/2026/HS-ST)',
    en: 'number of the decision (as 34/2026/HS-ST)',
  },
  'decision.issued_on': { vi: 'ngày tuyên hoặc ban hành', en: 'day it was issued' },
  'decision.outcome': outcome,
  'decision.in_force_on': { vi: 'ngày có hiệu lực', en: 'day it comes into force' },
  'decision.document': {
    vi: 'mã của tài liệu kèm theo (UUID)',
    en: 'identifier of the document (UUID)',
  },
  'appeal.decision': decision,
  'appeal.party': party,
  'appeal.filed_on': { vi: 'ngày kháng cáo, kháng nghị', en: 'day the appeal was filed' },
  'appeal.grounds': { vi: 'lý do kháng cáo, kháng nghị', en: 'grounds of the appeal' },
  'enforcement.decision': decision,
  'enforcement.agency': { vi: 'mã cơ quan thi hành án', en: 'code of the enforcing agency' },
  'enforcement.number': {
    vi: 'số quyết định thi hành án',
    en: 'number of the enforcement decision',
  },
  'enforcement.begun_on': { vi: 'ngày bắt đầu thi hành', en: 'day enforcement began' },
  'enforcement.ended_on': { vi: 'ngày kết thúc thi hành', en: 'day enforcement ended' },
  'enforcement.outcome': outcome,
};

// What a clerk writes again and again, phase by phase: the words of Alt+1 to Alt+9. The minutes are a Vietnamese document, so
// these are not translated. Those that end with a colon are gone on with.
export interface Phrase {
  id: string; // stands in the note (TakeNote.phrase)
  text: string;
}

/** Of a trial at first instance (server/procedures/criminal_first_instance.conf), by the number of the phase. */
const criminal: Phrase[][] = [
  [
    { id: 'attendance', text: 'Thư ký kiểm tra sự có mặt của những người được Tòa án triệu tập.' },
    { id: 'all_present', text: 'Những người được triệu tập có mặt đầy đủ.' },
    { id: 'absent', text: 'Vắng mặt (họ tên, lý do): ' },
    { id: 'house_rules', text: 'Thư ký phổ biến nội quy phiên tòa.' },
    { id: 'links_checked', text: 'Hình ảnh, âm thanh tại các điểm cầu bảo đảm.' },
  ],
  [
    { id: 'identity', text: 'HĐXX kiểm tra căn cước bị cáo.' },
    { id: 'rights', text: 'Chủ tọa phổ biến quyền và nghĩa vụ của người tham gia tố tụng.' },
    { id: 'introduced', text: 'Chủ tọa giới thiệu HĐXX, Kiểm sát viên và Thư ký phiên tòa.' },
    { id: 'no_challenge', text: 'Không ai đề nghị thay đổi người tiến hành tố tụng.' },
    { id: 'witness_undertakes', text: 'Người làm chứng cam đoan khai đúng sự thật.' },
    { id: 'expert_undertakes', text: 'Người giám định cam đoan thực hiện đúng nhiệm vụ.' },
    { id: 'interpreter_undertakes', text: 'Người phiên dịch cam đoan dịch trung thực, đầy đủ.' },
    {
      id: 'nothing_more',
      text: 'Không ai đề nghị triệu tập thêm người làm chứng, đưa thêm vật chứng.',
    },
    { id: 'requests', text: 'Đề nghị trước khi xét xử: ' },
  ],
  [
    { id: 'indictment_read', text: 'Kiểm sát viên công bố bản cáo trạng.' },
    { id: 'indictment_more', text: 'Kiểm sát viên trình bày bổ sung: ' },
    { id: 'indictment_heard', text: 'Bị cáo xác nhận đã nghe rõ bản cáo trạng.' },
  ],
  [
    { id: 'question', text: 'Hỏi: ' },
    { id: 'answer', text: 'Đáp: ' },
    { id: 'admits', text: 'Bị cáo thừa nhận hành vi như cáo trạng đã nêu.' },
    { id: 'denies', text: 'Bị cáo không thừa nhận: ' },
    { id: 'witness_says', text: 'Người làm chứng khai: ' },
    { id: 'victim_says', text: 'Bị hại trình bày: ' },
    { id: 'statement_read', text: 'HĐXX công bố lời khai tại Cơ quan điều tra: ' },
    { id: 'evidence', text: 'HĐXX xem xét vật chứng, tài liệu: ' },
    { id: 'no_more_questions', text: 'Không ai hỏi gì thêm. Chủ tọa kết thúc việc xét hỏi.' },
  ],
  [
    { id: 'prosecution', text: 'Kiểm sát viên trình bày luận tội: ' },
    { id: 'defence', text: 'Người bào chữa trình bày: ' },
    { id: 'own_defence', text: 'Bị cáo tự bào chữa: ' },
    { id: 'victim_argues', text: 'Bị hại trình bày ý kiến: ' },
    { id: 'reply', text: 'Kiểm sát viên đối đáp: ' },
    { id: 'debate_over', text: 'Không ai tranh luận thêm. Chủ tọa kết thúc phần tranh luận.' },
  ],
  [
    { id: 'last_words', text: 'Bị cáo nói lời sau cùng: ' },
    { id: 'no_last_words', text: 'Bị cáo không nói gì thêm.' },
  ],
  [{ id: 'deliberation', text: 'HĐXX vào phòng nghị án.' }],
  [
    { id: 'judgment', text: 'Chủ tọa tuyên đọc bản án.' },
    {
      id: 'judgment_explained',
      text: 'Chủ tọa giải thích việc chấp hành bản án và quyền kháng cáo.',
    },
    { id: 'judgment_translated', text: 'Người phiên dịch dịch lại bản án cho bị cáo nghe.' },
    { id: 'detention', text: 'HĐXX công bố quyết định về biện pháp ngăn chặn: ' },
  ],
];

/** Of any other procedure. */
const common: Phrase[] = [
  { id: 'question', text: 'Hỏi: ' },
  { id: 'answer', text: 'Đáp: ' },
  { id: 'says', text: 'Trình bày: ' },
  { id: 'requests', text: 'Đề nghị: ' },
  { id: 'evidence', text: 'Xem xét tài liệu, chứng cứ: ' },
];

export const phrasesOf = (procedure: string, phase: number): Phrase[] =>
  (procedure === 'criminal_first_instance' && criminal[phase - 1]) || common;

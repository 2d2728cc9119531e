// The words of the identity ceremony; what is shared with the hearing is in lib/i18n. English (en.ts) has the same shape.
export const vi = {
  title: 'Kiểm tra căn cước',
  lead: 'Đối chiếu giấy tờ của từng người với hồ sơ vụ án, ghi lại kết quả rồi ký xác nhận.',
  close: 'Đóng',
  back: 'Danh sách',
  opening: 'Đang mở danh sách',
  again: 'Thử lại',
  nobody: 'Không có ai cần kiểm tra căn cước tại điểm cầu này.',
  list: 'Người cần kiểm tra căn cước',
  summons: (number: string) => `Theo giấy triệu tập số ${number}`,
  summonsNone: 'Chưa ghi số giấy triệu tập',
  clerk: 'Thư ký',
  officer: 'Cán bộ điểm cầu',
  attested: 'đã ký xác nhận',
  notAttested: 'chưa xác nhận',
  done: 'Đã đủ xác nhận',
  open: 'Đối chiếu',
  look: 'Xem biên bản',
  openOf: (who: string) => `Đối chiếu: ${who}`,
  lookOf: (who: string) => `Xem biên bản: ${who}`,
  left: (count: number) =>
    count === 0 ? 'Mọi người đã được xác nhận.' : `Còn ${count} người chờ xác nhận.`,
};

export type IdentityWords = typeof vi;

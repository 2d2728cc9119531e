// The words of signing in and of one's account; what is shared with the hearing is in lib/i18n. English (en.ts) has the same
// shape.
export const vi = {
  opening: 'Đang kiểm tra đăng nhập',
  signIn: {
    title: 'Đăng nhập',
    lead: 'Dành cho thẩm phán, thư ký và cán bộ Tòa án. Người tham gia phiên tòa mở đường dẫn do Tòa án gửi, không cần đăng nhập.',
    login: 'Tên đăng nhập',
    password: 'Mật khẩu',
    show: 'Hiện mật khẩu',
    hide: 'Ẩn mật khẩu',
    button: 'Đăng nhập',
    waiting: 'Đang đăng nhập',
    forgot: 'Quên mật khẩu: liên hệ người quản trị của Tòa án để được cấp lại.',
    incomplete: 'Vui lòng nhập tên đăng nhập và mật khẩu.',
  },
  wait: {
    title: 'Vui lòng đợi trước khi thử lại',
    why: 'Đã có nhiều lần đăng nhập sai bằng tên này hoặc từ mạng này.',
    left: (seconds: number) =>
      seconds >= 60
        ? `Còn ${Math.floor(seconds / 60)} phút ${seconds % 60} giây.`
        : `Còn ${seconds} giây.`,
    over: 'Quý vị có thể thử lại.',
  },
  change: {
    heading: 'Đổi mật khẩu',
    givenTitle: 'Đổi mật khẩu được cấp',
    givenLead:
      'Mật khẩu hiện tại do người khác cấp. Vui lòng đặt mật khẩu của riêng quý vị trước khi tiếp tục.',
    old: 'Mật khẩu hiện tại',
    next: 'Mật khẩu mới',
    rules:
      'Ít nhất 12 ký tự; dấu cách và chữ tiếng Việt có dấu đều được. Một câu ngắn dễ nhớ tốt hơn một từ khó đoán. Không dùng chung với nơi khác.',
    ends: 'Mọi nơi khác đang đăng nhập tài khoản này sẽ phải đăng nhập lại.',
    button: 'Đổi mật khẩu',
    waiting: 'Đang đổi mật khẩu',
    incomplete: 'Vui lòng nhập cả hai mật khẩu.',
    done: 'Đã đổi mật khẩu. Những nơi khác đã được đăng xuất.',
  },
  account: {
    title: 'Tài khoản của quý vị',
    roles: {
      UNSPECIFIED: 'Cán bộ',
      CLERK: 'Thư ký',
      JUDGE: 'Thẩm phán',
      OFFICER: 'Cán bộ Tòa án',
      ADMINISTRATOR: 'Quản trị',
    },
    signOut: 'Đăng xuất',
    desk: 'Về bàn làm việc',
    sessions: 'Nơi đang đăng nhập',
    sessionsLead: 'Nếu có nơi quý vị không nhận ra, hãy kết thúc phiên đó rồi đổi mật khẩu.',
    sessionsOf: (login: string) => `Nơi đang đăng nhập của tài khoản ${login}`,
    none: 'Không có nơi nào đang đăng nhập.',
    here: 'Thiết bị này',
    unknown: 'Thiết bị không rõ',
    address: (address: string) => `Địa chỉ ${address}`,
    since: (at: string) => `Đăng nhập lúc ${at}`,
    seen: (at: string) => `Dùng lần cuối lúc ${at}`,
    end: 'Kết thúc phiên',
    endOf: (device: string) => `Kết thúc phiên trên ${device}`,
    ended: (device: string) => `Đã kết thúc phiên trên ${device}.`,
    others: 'Xem nơi đăng nhập của tài khoản khác',
    othersLogin: 'Tên đăng nhập của tài khoản đó',
    look: 'Xem',
  },
};

export type AccountWords = typeof vi;

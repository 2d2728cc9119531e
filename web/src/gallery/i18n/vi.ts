// The gallery's own words; what it shares with the hearing is in lib/i18n. English (en.ts) has the same shape.
export const vi = {
  title: 'Dự khán phiên tòa',
  welcome:
    'Muốn dự khán, vui lòng mở đường dẫn do Tòa án công bố hoặc cung cấp. Đường dẫn dự khán chỉ để xem và nghe.',
  lead: 'Quý vị sắp xem và nghe phiên tòa qua mạng. Người dự khán không xuất hiện trong phiên tòa: không có camera, không có micro.',
  rulesHeading: 'Nội quy dự khán',
  rules: [
    'Chủ tọa có thể đóng phòng dự khán bất cứ lúc nào. Khi phiên tòa xét xử kín, phòng dự khán không có hình và tiếng.',
    'Hình và tiếng có thể đến chậm so với phòng xử án, theo quyết định của chủ tọa.',
    'Giữ thái độ tôn nghiêm như khi có mặt tại phòng xử án.',
  ],
  declarationHeading: 'Cam kết',
  declarationLaw: 'Theo Điều 141 Luật Tổ chức Tòa án nhân dân năm 2024.',
  age: 'Tôi đã đủ 16 tuổi.',
  silence:
    'Tôi cam kết không ghi âm, ghi hình, chụp ảnh màn hình, phát lại hoặc phát trực tiếp phiên tòa.',
  tickFirst: 'Vui lòng đánh dấu vào cả hai ô để vào dự khán.',
  enter: 'Vào dự khán',
  entering: 'Đang mở phòng dự khán',
  scene: {
    opening: { title: 'Đang kết nối với phòng dự khán', text: '' },
    before: {
      title: 'Phiên tòa chưa bắt đầu',
      text: 'Màn hình này tự chuyển khi phòng dự khán mở. Quý vị không cần làm gì thêm.',
    },
    shut: {
      title: 'Phòng dự khán đang đóng',
      text: 'Chủ tọa chưa mở hoặc đã đóng phòng dự khán. Màn hình này tự chuyển khi phòng dự khán mở.',
    },
    private: {
      title: 'Phiên tòa đang xét xử kín',
      text: 'Phần này của phiên tòa không công khai. Màn hình này tự chuyển khi phòng dự khán mở lại.',
    },
    recess: {
      title: 'Phiên tòa đang nghỉ',
      text: 'Màn hình này tự chuyển khi phiên tòa tiếp tục.',
    },
    suspended: {
      title: 'Phiên tòa tạm ngừng',
      text: 'Vui lòng theo dõi thông báo của Tòa án về thời gian tiếp tục.',
    },
    preparing: {
      title: 'Đang chuẩn bị hình và tiếng',
      text: 'Hình và tiếng của phiên tòa sẽ hiện ra trong giây lát.',
    },
    ended: { title: 'Phiên tòa đã kết thúc', text: 'Quý vị có thể đóng trang này.' },
  },
  scheduled: (at: string) => `Giờ xét xử dự kiến: ${at}.`,
  comesLater: (seconds: number) => `Hình và tiếng đến chậm ${seconds} giây.`,
  delay: (seconds: number) => `Chậm ${seconds} giây`,
  picture: (caseNumber: string) => `Hình của phiên tòa, vụ án ${caseNumber}`,
  controls: 'Điều khiển',
  soundOn: 'Bật tiếng',
  soundOff: 'Tắt tiếng',
  full: 'Toàn màn hình',
  small: 'Thoát toàn màn hình',
  leave: 'Rời phòng dự khán',
  reminder: 'Không ghi âm, ghi hình, chụp ảnh, phát lại.',
  soundBlocked: 'Trình duyệt đang chặn âm thanh. Nhấn nút để nghe phiên tòa.',
  lost: (at: string) => `Mất kết nối với Tòa án từ ${at}. Hệ thống đang tự kết nối lại.`,
  lostPicture: (at: string) => `Mất hình và tiếng từ ${at}. Hệ thống đang tự kết nối lại.`,
  stopped: 'Không thể tiếp tục dự khán',
  again: 'Thử lại',
  left: 'Quý vị đã rời phòng dự khán. Muốn xem lại, vui lòng mở lại đường dẫn dự khán.',
  said: {
    opened: 'Phòng dự khán đã mở.',
    shut: 'Phòng dự khán đã đóng. Hình và tiếng đã dừng.',
    private: 'Phiên tòa chuyển sang xét xử kín. Hình và tiếng đã dừng.',
    public: 'Phiên tòa trở lại xét xử công khai.',
    delay: (seconds: number) =>
      seconds > 0 ? `Hình và tiếng đến chậm ${seconds} giây.` : 'Hình và tiếng đến không chậm.',
  },
};

export type GalleryWords = typeof vi;

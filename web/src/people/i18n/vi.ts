// What everybody but the court reads: plain words, short sentences, nobody blamed. English (en.ts) has the same shape.
export const vi = {
  steps: {
    name: 'Các bước vào phiên tòa',
    introduction: 'Giới thiệu',
    check: 'Kiểm tra thiết bị',
    rules: 'Nội quy',
    declaration: 'Cam kết',
    waiting: 'Phòng chờ',
  },
  introduction: {
    title: 'Phiên tòa của quý vị',
    lead: (role: string, name: string) => `Kính chào ${role} ${name}.`,
    case: 'Vụ án',
    court: 'Tòa án',
    time: 'Giờ xét xử dự kiến',
    role: 'Tư cách tham gia',
    site: 'Điểm cầu',
    summons: 'Giấy triệu tập số',
    procedure: 'Thủ tục',
    compare:
      'Vui lòng đối chiếu với giấy triệu tập. Nếu có điều không đúng, hãy gọi trợ giúp trước khi tiếp tục.',
    nextHeading: 'Trước khi vào phòng xử án',
    next: [
      'Kiểm tra camera, micro, loa và đường truyền, khoảng một phút.',
      'Đọc nội quy phiên tòa.',
      'Cam kết không ghi âm, ghi hình.',
      'Ở phòng chờ đến khi được mời vào.',
    ],
    go: 'Tiếp tục',
  },
  try: {
    name: 'Nghe và xem lại chính mình',
    text: 'Nhấn Ghi thử, nói vài câu, rồi xem lại. Đoạn này chỉ nằm trong trình duyệt và được xóa ngay khi quý vị rời trang.',
    start: 'Ghi thử',
    stop: 'Dừng và xem lại',
    again: 'Ghi thử lại',
    left: (seconds: number) => `Đang ghi. Còn ${seconds} giây.`,
    watch: 'Đoạn vừa ghi',
    cannot: 'Trình duyệt này không ghi thử được. Vui lòng dùng nút âm thanh thử bên dưới.',
    nothing: 'Cần camera hoặc micro để ghi thử.',
    questions: {
      picture: 'Quý vị có thấy rõ mình trong hình không?',
      sound: 'Quý vị có nghe rõ tiếng mình không?',
      smooth: 'Hình và tiếng có đều, không ngắt quãng không?',
    },
    yes: 'Có',
    no: 'Không',
    helps: {
      picture: 'Hãy ngồi quay mặt về phía ánh sáng, lau ống kính, hoặc chọn camera khác.',
      sound: 'Hãy tăng âm lượng, đến gần micro hơn, hoặc chọn micro và tai nghe khác.',
      smooth: 'Hãy đóng các chương trình khác. Nếu được, hãy cắm dây mạng thay cho Wi-Fi.',
    },
    helpGoOn: 'Nếu vẫn chưa được, quý vị có thể gọi trợ giúp và vẫn tiếp tục.',
    answerFirst:
      'Nên ghi thử và trả lời ba câu hỏi trước. Nếu không thể ghi thử, hãy nhấn Tiếp tục lần nữa.',
  },
  line: {
    testing: 'Đang đo đường truyền.',
    result: (ms: number, jitter: number) =>
      `Phản hồi trong ${ms} mili giây, dao động ${jitter} mili giây.`,
    again: 'Đo lại',
    advice: {
      good: '',
      fair: 'Đường truyền chậm. Hình có thể kém nét, tiếng vẫn nghe được.',
      bad: 'Đường truyền yếu. Hãy đến gần bộ phát Wi-Fi hoặc cắm dây mạng. Trong phiên tòa, quý vị có thể chọn chỉ xem hình tổng hợp.',
      none: '',
    },
  },
  rules: {
    title: 'Nội quy phiên tòa trực tuyến',
    version: (version: number) => `Bản số ${version}`,
    intro: 'Vui lòng đọc hết. Bước sau quý vị sẽ cam kết thực hiện.',
    heading: 'Trong phiên tòa',
    list: [
      'Giữ camera và micro hoạt động. Muốn tắt camera, hãy xin phép chủ tọa trước.',
      'Chỉ phát biểu khi chủ tọa cho phép. Muốn phát biểu, hãy giơ tay.',
      'Xưng hô, trang phục và thái độ như khi có mặt tại phòng xử án.',
      'Không để người không liên quan ở cùng phòng hoặc nghe nội dung phiên tòa.',
      'Không ghi âm, ghi hình, chụp ảnh hoặc phát lại phiên tòa.',
      'Người làm chứng chờ ở phòng riêng và không trao đổi về vụ án với người khác trước khi khai.',
      'Nếu mất kết nối, hãy ở nguyên tại chỗ. Hệ thống tự kết nối lại và giữ nguyên vị trí của quý vị.',
    ],
    rightsHeading: 'Quyền của quý vị',
    rights: [
      'Được thông báo ngay khi một điểm cầu mất kết nối.',
      'Được báo khi không nghe rõ hoặc không thấy rõ.',
      'Được dùng tiếng nói và chữ viết của dân tộc mình; khi đó có người phiên dịch.',
    ],
    newer: (version: number) =>
      `Tòa án đã ban hành nội quy bản số ${version}. Vui lòng tải lại trang để đọc bản mới.`,
    reload: 'Tải lại trang',
    back: 'Kiểm tra lại thiết bị',
    go: 'Tôi đã đọc nội quy',
  },
  declaration: {
    title: 'Cam kết',
    intro: 'Bước cuối trước phòng chờ.',
    heading: 'Tôi cam kết',
    points: [
      'Không ghi âm, ghi hình, chụp ảnh hoặc phát lại phiên tòa bằng bất cứ thiết bị nào.',
      'Thực hiện nội quy phiên tòa trực tuyến mà tôi đã đọc.',
    ],
    record: 'Việc cam kết và bản nội quy được ghi vào hồ sơ phiên tòa.',
    tick: 'Tôi đã đọc và cam kết những điều trên.',
    room: 'Mọi người trước thiết bị này đã nghe đọc và cam kết những điều trên.',
    tickFirst: 'Vui lòng đánh dấu vào ô cam kết để tiếp tục.',
    back: 'Đọc lại nội quy',
    enter: 'Vào phòng chờ',
  },
  waiting: {
    title: 'Phòng chờ',
    calm: 'Quý vị đã có mặt. Chủ tọa sẽ mời quý vị vào phòng xử án.',
    witness:
      'Quý vị đã có mặt. Chủ tọa sẽ gọi quý vị khi đến lượt khai. Từ bây giờ, vui lòng không trao đổi về vụ án với người khác.',
    stay: 'Quý vị không cần làm gì thêm. Màn hình này tự chuyển khi đến lượt.',
    over: 'Quý vị có thể rời đi.',
    present: 'có mặt',
    away: 'chưa có mặt',
    more: (count: number) => (count > 1 ? ` × ${count}` : ''),
    ahead: (before: number) =>
      before === 0 ? 'Quý vị là người đầu tiên.' : `Trước quý vị còn ${before} người.`,
  },
  apart: {
    title: 'Phòng cách ly người làm chứng',
    lead: 'Quý vị đang ở phòng cách ly người làm chứng. Ở đây quý vị không nghe và không thấy phòng xử án, để lời khai của quý vị chỉ là điều quý vị biết.',
    nextHeading: 'Điều sẽ diễn ra',
    next: [
      'Khi đến lượt, chủ tọa gọi quý vị. Màn hình này tự chuyển.',
      'Quý vị được hỏi họ tên và quan hệ với những người trong vụ án.',
      'Quý vị cam đoan khai đúng sự thật, rồi trả lời từng câu hỏi.',
      'Khai xong, quý vị ở lại phòng xử án cho đến khi phiên tòa kết thúc.',
    ],
    please:
      'Trong lúc chờ, vui lòng không trao đổi về vụ án với bất kỳ ai và không rời xa màn hình.',
  },
  stand: {
    CALLED: {
      title: 'Chủ tọa đã gọi quý vị',
      text: 'Quý vị đang ở trong phòng xử án. Chủ tọa sẽ hỏi họ tên và quan hệ của quý vị với những người trong vụ án.',
    },
    UNDERTAKING: {
      title: 'Lời cam đoan',
      text: 'Vui lòng đọc to. Sau đó nhấn nút, hoặc để thư ký ghi nhận giúp.',
    },
    TESTIFYING: {
      title: 'Quý vị đang khai',
      text: 'Trả lời câu hỏi được đặt ra. Không nhớ hoặc không biết thì nói là không nhớ, không biết.',
    },
    HEARD: {
      title: 'Quý vị đã khai xong',
      text: 'Cảm ơn quý vị. Vui lòng ở lại phòng xử án cho đến khi phiên tòa kết thúc; có thể được hỏi thêm.',
    },
    give: 'Tôi xin cam đoan',
    asks: (who: string) => `Người hỏi: ${who}.`,
    on: (who: string) => `Đang khai: ${who}.`,
  },
  cut: {
    title: 'Tạm cách ly khỏi phiên tòa',
    lead: (who: string) =>
      `Chủ tọa tạm cách ly ${who} khỏi phiên tòa trong lúc một người làm chứng khai.`,
    you: 'quý vị',
    list: [
      'Trong lúc này, ở đây không thấy và không nghe phiên tòa.',
      'Hội đồng xét xử vẫn thấy hình ở đây; tiếng ở đây không đến ai.',
      'Khi người làm chứng khai xong, chủ tọa mời trở lại và cho biết những gì đã được khai.',
    ],
    stay: 'Vui lòng ở nguyên tại chỗ. Màn hình này tự chuyển.',
    due: 'Chủ tọa sẽ cho quý vị biết những gì đã được khai trong lúc quý vị được cách ly.',
    dueFor: (who: string) => `Chủ tọa sẽ cho ${who} biết những gì đã được khai.`,
    told: 'Những gì đã được khai trong lúc cách ly',
    toldAt: (at: string) => `Chủ tọa cho biết lúc ${at}`,
    read: 'Tôi đã đọc',
  },
  now: {
    name: 'Việc đang diễn ra',
    phase: 'Phần',
    speaking: (who: string) => `Đang phát biểu: ${who}`,
    you: 'Quý vị đang phát biểu.',
    nobody: 'Chủ tọa điều hành.',
    left: 'Còn lại',
    over: 'Quá giờ',
    spent: 'Đã nói',
    free: 'Không giới hạn thời gian.',
    only: (roles: string) => `Chỉ phát biểu: ${roles}.`,
    private: 'Xét xử kín',
    phases: {
      'BLTTHS 300': 'Thư ký kiểm tra người có mặt và phổ biến nội quy. Phiên tòa chưa khai mạc.',
      'BLTTHS 301-305':
        'Chủ tọa khai mạc, kiểm tra căn cước và giải thích quyền, nghĩa vụ của từng người.',
      'BLTTHS 306': 'Kiểm sát viên đọc cáo trạng: bị cáo bị truy tố về việc gì.',
      'BLTTHS 307-318':
        'Hội đồng xét xử và các bên hỏi từng người về vụ án. Ai được hỏi thì người đó trả lời.',
      'BLTTHS 320-323':
        'Kiểm sát viên luận tội. Bị cáo, người bào chữa và các bên trình bày ý kiến, đối đáp.',
      'BLTTHS 324': 'Bị cáo nói lời sau cùng. Không ai đặt câu hỏi trong lúc này.',
      'BLTTHS 326': 'Hội đồng xét xử bàn riêng để quyết định. Không ai khác thấy hoặc nghe.',
      'BLTTHS 327': 'Hội đồng xét xử đọc bản án.',
      'TTLT 05/2021, 3': 'Buổi diễn tập để thử đường truyền và thiết bị, không phải phiên tòa.',
    } as Record<string, string>,
  },
  finish: {
    button: 'Đã nói xong',
    title: 'Kết thúc lời nói sau cùng?',
    sentences: (who: string) => [
      `Lời nói sau cùng của ${who} không bị giới hạn thời gian và không ai được ngắt.`,
      'Chỉ kết thúc khi đã nói hết. Muốn nói thêm thì phải được chủ tọa mời lại.',
    ],
    confirm: 'Đã nói hết',
  },
  hand: {
    of: (who: string) => `Giơ tay: ${who}`,
    lowerOf: (who: string) => `Hạ tay: ${who}`,
    place: (place: number) =>
      place === 1
        ? 'Quý vị là người kế tiếp.'
        : `Quý vị đứng thứ ${place} trong hàng xin phát biểu.`,
    notIn: (phase: string, article: string) =>
      `Trong phần “${phase}”${article ? ` (${article})` : ''} không nhận giơ tay của quý vị. Chủ tọa sẽ mời khi đến lượt.`,
    notNow: 'Lúc này phiên tòa không nhận giơ tay. Chủ tọa sẽ mời khi đến lượt.',
    notWhile: 'Quý vị đang phát biểu nên không cần giơ tay.',
    notPaused: 'Phiên tòa chưa diễn ra nên chưa nhận giơ tay.',
  },
  camera: {
    ask: 'Xin tắt camera',
    title: 'Xin phép tắt camera',
    text: 'Camera cần bật trong suốt phiên tòa để Tòa án thấy quý vị. Muốn tắt, hãy xin phép chủ tọa bằng lời.',
    hand: 'Giơ tay để xin phép',
    allowed: 'Chủ tọa đã cho phép tôi tắt camera.',
    off: 'Tắt camera',
    keep: 'Giữ camera bật',
  },
  help: {
    button: 'Gọi trợ giúp',
    title: 'Gọi trợ giúp',
    text: 'Cán bộ Tòa án phụ trách các phiên tòa trong ngày sẽ nhận được lời gọi này.',
    what: 'Quý vị cần giúp việc gì? (không bắt buộc)',
    quick: [
      'Tôi không nghe rõ.',
      'Tôi không thấy rõ.',
      'Thiết bị của tôi có vấn đề.',
      'Tôi không khỏe.',
    ],
    send: 'Gọi cán bộ',
    cancel: 'Không gọi',
    told: (at: string) => `Đã báo cán bộ Tòa án lúc ${at}. Vui lòng chờ tại chỗ.`,
    failed:
      'Chưa báo được cho cán bộ Tòa án qua hệ thống. Vui lòng gọi số điện thoại ghi trong giấy triệu tập, hoặc giơ tay nếu đang trong phòng xử án.',
    about: {
      introduction: 'Thông tin phiên tòa không đúng',
      picture: 'Kiểm tra thiết bị: không thấy rõ hình',
      sound: 'Kiểm tra thiết bị: không nghe rõ tiếng',
      smooth: 'Kiểm tra thiết bị: hình và tiếng bị ngắt quãng',
      devices: 'Kiểm tra thiết bị: camera hoặc micro chưa hoạt động',
    },
  },
  pause: {
    lost: (site: string, at: string) =>
      `Mất kết nối với điểm cầu ${site} lúc ${at}. Phiên tòa tạm dừng. Hệ thống đang kết nối lại.`,
    back: (site: string) =>
      `Điểm cầu ${site} đã kết nối lại. Vui lòng chờ chủ tọa cho phiên tòa tiếp tục.`,
    left: (site: string) =>
      `Người phải có mặt tại điểm cầu ${site} đã rời phiên tòa. Phiên tòa tạm dừng. Vui lòng chờ chủ tọa cho phiên tòa tiếp tục.`,
    sentBack: (site: string) =>
      `Người phải có mặt tại điểm cầu ${site} được mời trở lại phòng chờ. Phiên tòa tạm dừng. Vui lòng chờ chủ tọa cho phiên tòa tiếp tục.`,
    paused: 'Phiên tòa tạm dừng',
    until: 'Thời hạn tạm ngừng',
    untilText: (date: string) => `đến hết ${date}`,
    lapsed: 'Thời hạn tạm ngừng đã hết. Tòa án sẽ thông báo việc tiếp theo.',
    decision: 'Quyết định',
    silent: 'Hình và tiếng đã dừng. Không ai thấy hoặc nghe quý vị qua hệ thống.',
    near: 'Vui lòng ở gần màn hình. Màn hình này tự chuyển khi phiên tòa tiếp tục.',
    RECESS: { title: 'Phiên tòa đang nghỉ', text: 'Chủ tọa sẽ cho phiên tòa tiếp tục.' },
    SUSPENDED: {
      title: 'Phiên tòa tạm ngừng',
      text: 'Phiên tòa sẽ được tiếp tục. Tòa án sẽ thông báo thời gian.',
    },
    ADJOURNED: {
      title: 'Phiên tòa được hoãn',
      text: 'Buổi xét xử này đã kết thúc. Tòa án sẽ gửi giấy triệu tập cho lần xét xử sau.',
    },
    DELIBERATING: {
      title: 'Hội đồng xét xử đang nghị án',
      text: 'Hội đồng xét xử bàn riêng. Sau đó chủ tọa trở lại để tuyên án.',
    },
    CLOSED: { title: 'Phiên tòa đã kết thúc', text: 'Quý vị có thể đóng trang này.' },
  },
  room: {
    side: 'Phiên tòa và người tham gia',
    sideShort: 'Thông tin',
    people: 'Trong phòng xử án',
    settings: 'Thiết bị này',
    lockedNote: (phase: string) =>
      `Micro của quý vị được khóa trong phần “${phase}”. Chủ tọa sẽ mở khi đến lượt.`,
    lockedNow: 'Micro của quý vị đang được khóa. Chủ tọa sẽ mở khi đến lượt.',
    slow: 'Thiết bị này đang không kịp hiển thị hết các hình. Một hình chung sẽ nhẹ hơn.',
  },
  kiosk: {
    here: 'Trước camera này',
    heard: 'Phòng xử án đang nghe thấy phòng này.',
    notHeard: 'Phòng xử án không nghe thấy phòng này.',
  },
  keys: {
    use: 'Dùng phím tắt',
    useText: 'Tắt nếu phần mềm đọc màn hình hoặc điều khiển bằng giọng nói bị vướng.',
    title: 'Phím tắt',
    text: 'Dùng được khi không gõ chữ vào ô nào.',
    mute: 'Bật hoặc tắt micro',
    hand: 'Giơ tay hoặc hạ tay',
    help: 'Gọi trợ giúp',
    side: 'Mở hoặc đóng phần thông tin',
    sheet: 'Bảng phím tắt này',
  },
};

export type PeopleWords = typeof vi;

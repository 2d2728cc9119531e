/*
 * The refusals: every way the product says no to a person or a peer, in one table. The code is
 * stable and public; the sentences say what happened and what to do, never blame. Low layers return
 * 0 or -errno; a refusal is a decision of the domain and is made at the edge or by the engine.
 *
 * Columns: enum suffix, stable code, Connect code (connectrpc.com/docs/protocol), HTTP status,
 * Vietnamese, English. The status is the one that Connect has for its code, but for what HTTP
 * itself has a word for before a call is known.
 */
#ifndef ASSIZE_BASE_ERRORS_H
#define ASSIZE_BASE_ERRORS_H

/* clang-format off */
#define REFUSALS(X)                                                                                \
    X(MALFORMED, "malformed", "invalid_argument", 400,                                             \
      "Máy chủ không đọc được yêu cầu này. Vui lòng tải lại trang rồi thử lại.",                   \
      "The server could not read this request. Please reload the page and try again.")             \
    X(TOO_LARGE, "too_large", "resource_exhausted", 413,                                           \
      "Nội dung gửi lên vượt quá giới hạn cho phép.",                                              \
      "What was sent is larger than allowed.")                                                     \
    X(RATE_LIMITED, "rate_limited", "resource_exhausted", 429,                                     \
      "Có quá nhiều yêu cầu trong thời gian ngắn. Vui lòng đợi một phút rồi thử lại.",             \
      "Too many requests in a short time. Please wait a minute and try again.")                    \
    X(NOT_SIGNED_IN, "not_signed_in", "unauthenticated", 401,                                      \
      "Phiên đăng nhập không còn hiệu lực. Vui lòng mở lại đường dẫn tham gia.",                   \
      "You are not signed in any more. Please open your join link again.")                         \
    X(STAFF_NOT_SIGNED_IN, "staff_not_signed_in", "unauthenticated", 401,                          \
      "Quý vị chưa đăng nhập, hoặc phiên đăng nhập đã hết hạn. Vui lòng đăng nhập.",               \
      "You are not signed in, or not any more. Please sign in.")                                   \
    X(STAFF_ROLE, "staff_role", "permission_denied", 403,                                          \
      "Tài khoản của quý vị không có quyền làm việc này.",                                         \
      "Your account does not have the right to do this.")                                          \
    X(SIGN_IN_WRONG, "sign_in_wrong", "unauthenticated", 401,                                      \
      "Tên đăng nhập hoặc mật khẩu không đúng.",                                                   \
      "The login name or the password is not right.")                                              \
    X(SIGN_IN_WAIT, "sign_in_wait", "resource_exhausted", 429,                                     \
      "Đã có nhiều lần đăng nhập sai. Vui lòng đợi rồi thử lại.",                                  \
      "There were several wrong tries to sign in. Please wait before you try again.")              \
    X(PASSWORD_MUST_CHANGE, "password_must_change", "permission_denied", 403,                      \
      "Vui lòng đổi mật khẩu được cấp trước khi tiếp tục.",                                        \
      "Please change the password you were given before you go on.")                               \
    X(PASSWORD_WRONG, "password_wrong", "permission_denied", 403,                                  \
      "Mật khẩu hiện tại không đúng.", "The present password is not right.")                       \
    X(PASSWORD_SHORT, "password_short", "invalid_argument", 400,                                   \
      "Mật khẩu mới phải có ít nhất 12 ký tự. Một câu ngắn dễ nhớ là lựa chọn tốt.",               \
      "The new password needs at least 12 characters. A short sentence you remember is good.")     \
    X(PASSWORD_LONG, "password_long", "invalid_argument", 400,                                     \
      "Mật khẩu mới quá dài.", "The new password is too long.")                                    \
    X(PASSWORD_SAME, "password_same", "invalid_argument", 400,                                     \
      "Mật khẩu mới phải khác mật khẩu hiện tại.",                                                 \
      "The new password must be another than the present one.")                                    \
    X(PASSWORD_UNREADABLE, "password_unreadable", "invalid_argument", 400,                         \
      "Mật khẩu mới trống, hoặc có ký tự không gõ được.",                                          \
      "The new password is empty, or has characters that cannot be typed.")                        \
    X(SESSION_UNKNOWN, "session_unknown", "not_found", 404,                                        \
      "Không có phiên đăng nhập này.", "There is no such sign-in.")                                \
    X(PASSWORD_COMMON, "password_common", "invalid_argument", 400,                                 \
      "Mật khẩu này quá dễ đoán. Vui lòng chọn mật khẩu khác.",                                    \
      "This password is too easy to guess. Please choose another.")                                \
    X(ORIGIN_REFUSED, "origin_refused", "permission_denied", 403,                                  \
      "Yêu cầu đến từ một trang khác nên không được chấp nhận.",                                   \
      "The request came from another site and was not accepted.")                                  \
    X(LINK_UNKNOWN, "link_unknown", "not_found", 404,                                              \
      "Đường dẫn tham gia không đúng. Vui lòng kiểm tra lại hoặc liên hệ thư ký phiên tòa.",       \
      "This join link is not right. Please check it or contact the court clerk.")                  \
    X(LINK_EXPIRED, "link_expired", "failed_precondition", 400,                                    \
      "Đường dẫn tham gia đã hết hạn. Vui lòng liên hệ thư ký phiên tòa để nhận đường dẫn mới.",   \
      "This join link has expired. Please ask the court clerk for a new one.")                     \
    X(LINK_USED, "link_used", "failed_precondition", 400,                                          \
      "Đường dẫn này đã được sử dụng trên một thiết bị khác. Vui lòng liên hệ thư ký phiên tòa.",  \
      "This join link has been used on another device. Please contact the court clerk.")           \
    X(LINK_REVOKED, "link_revoked", "failed_precondition", 400,                                    \
      "Đường dẫn tham gia đã bị thu hồi. Vui lòng liên hệ thư ký phiên tòa.",                      \
      "This join link has been withdrawn. Please contact the court clerk.")                        \
    X(HEARING_UNKNOWN, "hearing_unknown", "not_found", 404,                                        \
      "Không tìm thấy phiên tòa này.", "This hearing was not found.")                              \
    X(PARTICIPANT_UNKNOWN, "participant_unknown", "not_found", 404,                                \
      "Không có người này trong phiên tòa.", "This person is not part of the hearing.")            \
    X(ENDPOINT_UNKNOWN, "endpoint_unknown", "not_found", 404,                                      \
      "Không có thiết bị này trong phiên tòa.", "This device is not part of the hearing.")         \
    X(ROLE_NOT_ALLOWED, "role_not_allowed", "permission_denied", 403,                              \
      "Việc này thuộc quyền của người khác trong phiên tòa.",                                      \
      "This is for someone else in the hearing to do.")                                            \
    X(WRONG_STATUS, "wrong_status", "failed_precondition", 400,                                    \
      "Phiên tòa đang ở trạng thái không cho phép việc này.",                                      \
      "The hearing's present state does not allow this.")                                          \
    X(NOT_IN_HEARING, "not_in_hearing", "failed_precondition", 400,                                \
      "Người này chưa ở trong phòng xử án.", "This person is not in the courtroom.")               \
    X(NOT_WAITING, "not_waiting", "failed_precondition", 400,                                      \
      "Người này không ở trong phòng chờ.", "This person is not in the waiting room.")             \
    X(ALREADY_SO, "already_so", "failed_precondition", 400,                                        \
      "Việc này đã được thực hiện rồi.", "This has been done already.")                            \
    X(MUTE_LOCKED, "mute_locked", "permission_denied", 403,                                        \
      "Micro đang được chủ tọa khóa. Vui lòng giơ tay để xin phát biểu.",                          \
      "The presiding judge has locked the microphone. Please raise your hand to ask to speak.")    \
    X(NO_MICROPHONE, "no_microphone", "failed_precondition", 400,                                  \
      "Thiết bị này không có micro trong phiên tòa.",                                              \
      "This device has no microphone in the hearing.")                                             \
    X(STALE_SEQ, "stale_seq", "aborted", 409,                                                      \
      "Phiên tòa đã thay đổi trước khi yêu cầu này đến. Vui lòng xem lại rồi thực hiện lại.",      \
      "The hearing changed before this request arrived. Please look again and repeat it.")         \
    X(QUEUE_FULL, "queue_full", "resource_exhausted", 429,                                         \
      "Danh sách xin phát biểu đã đầy.", "The list of people asking to speak is full.")            \
    X(BUSY, "busy", "resource_exhausted", 429,                                                     \
      "Hệ thống đang xử lý nhiều yêu cầu. Vui lòng thử lại sau giây lát.",                         \
      "The system is handling many requests. Please try again in a moment.")                      \
    X(COMMAND_ID_REUSED, "command_id_reused", "invalid_argument", 400,                             \
      "Mã yêu cầu này đã được dùng cho việc khác. Vui lòng tải lại trang.",                        \
      "This request number was used for something else. Please reload the page.")                  \
    X(NOT_SAVED, "not_saved", "unavailable", 503,                                                  \
      "Hệ thống tạm thời không lưu được nên chưa thực hiện. Hình và tiếng vẫn tiếp tục.",          \
      "The system cannot save at the moment, so this was not done. Picture and sound go on.")      \
    X(APPLIED_NOT_SAVED, "applied_not_saved", "unavailable", 503,                                  \
      "Việc này đã có hiệu lực ngay nhưng chưa lưu được. Hệ thống sẽ tự lưu khi hoạt động lại.",   \
      "This took effect at once but is not saved yet. The system saves it when it is able to.")    \
    X(NO_SPACE, "no_space", "failed_precondition", 400,                                            \
      "Máy chủ không đủ dung lượng để ghi hình, ghi âm phiên tòa nên chưa thể bắt đầu. Vui lòng báo cho người vận hành.", \
      "The server has too little space to record the hearing, so it cannot start. Please tell the operator.") \
    X(OUTCOME_UNKNOWN, "outcome_unknown", "unavailable", 503,                                      \
      "Kết nối với kho dữ liệu bị ngắt trong khi lưu. Việc này đã được thực hiện hay chưa sẽ hiển thị khi hệ thống hoạt động lại.", \
      "The connection to the store broke while this was being saved. Whether it was done shows when the system is back.") \
    X(DATABASE_AWAY, "database_away", "unavailable", 503,                                          \
      "Hệ thống tạm thời chưa kiểm tra được phiên đăng nhập. Vui lòng thử lại sau vài giây.",      \
      "The system cannot check your sign-in at the moment. Please try again in a few seconds.")    \
    X(RELAY_AWAY, "relay_away", "unavailable", 503,                                                \
      "Máy chủ hình và tiếng đang khởi động lại. Hệ thống tự kết nối lại trong vài giây.",         \
      "The picture and sound server is restarting. The system reconnects by itself in seconds.")   \
    X(MEDIA_REFUSED, "media_refused", "invalid_argument", 400,                                     \
      "Thiết bị gửi thông số hình và tiếng không phù hợp. Vui lòng tải lại trang.",                \
      "The device sent picture and sound settings that do not fit. Please reload the page.")       \
    X(LEG_UNKNOWN, "leg_unknown", "not_found", 404,                                                \
      "Đường truyền hình và tiếng này không còn. Hệ thống đang kết nối lại.",                      \
      "This picture and sound connection is gone. The system is reconnecting.")                    \
    X(TOO_MANY_LEGS, "too_many_legs", "resource_exhausted", 429,                                   \
      "Máy chủ hình và tiếng đã đủ số kết nối. Vui lòng báo cho người vận hành.",                  \
      "The picture and sound server is full. Please tell the operator.")                           \
    X(STALE_EPOCH, "stale_epoch", "aborted", 409,                                                  \
      "Cấu hình hình và tiếng đã thay đổi.", "The picture and sound matrix has moved on.")         \
    X(OTHER_DEVICE, "other_device", "aborted", 409,                                                \
      "Quý vị đã tham gia phiên tòa trên một thiết bị khác. Thiết bị này đã dừng.",                \
      "You have joined the hearing on another device. This device has stopped.")                   \
    X(GALLERY_FULL, "gallery_full", "resource_exhausted", 429,                                     \
      "Phòng dự khán đã đủ người. Vui lòng thử lại sau ít phút.",                                  \
      "The gallery is full. Please try again in a few minutes.")                                   \
    X(HEARING_ENDED, "hearing_ended", "failed_precondition", 400,                                  \
      "Phiên tòa đã kết thúc nên không còn dự khán được.",                                         \
      "The hearing has ended, and its gallery with it.")                                           \
    X(TOO_SLOW, "too_slow", "resource_exhausted", 429,                                             \
      "Đường truyền của thiết bị quá chậm để nhận thông tin. Hệ thống đang kết nối lại.",          \
      "The device's connection is too slow to keep up. The system is reconnecting.")               \
    X(ORGANISATION_UNKNOWN, "organisation_unknown", "unauthenticated", 401,                      \
      "Trung tâm dữ liệu chưa biết đơn vị này hoặc chứng thư của đơn vị. Vui lòng liên hệ người vận hành trung tâm.", \
      "The centre does not know this organisation, or not by this certificate. Please contact the operator of the centre.") \
    X(CERTIFICATE_REVOKED, "certificate_revoked", "unauthenticated", 401,                        \
      "Chứng thư của đơn vị đã bị thu hồi. Vui lòng liên hệ người vận hành trung tâm để được cấp chứng thư mới.", \
      "The certificate was revoked. Please ask the operator of the centre for another.")           \
    X(FOREIGN_SOURCE, "foreign_source", "permission_denied", 403,                                  \
      "Dữ liệu được gửi dưới tên của đơn vị khác nên không được chấp nhận.",                       \
      "The data came under another organisation's name and was not accepted.")                     \
    X(BATCH_GAP, "batch_gap", "aborted", 409,                                                      \
      "Còn thiếu gói dữ liệu trước gói này. Hệ thống sẽ gửi lại từ chỗ thiếu.",                    \
      "A batch before this one is missing. The system sends again from there.")                    \
    X(BATCH_CHAIN, "batch_chain", "failed_precondition", 400, \
      "Gói dữ liệu này không nối tiếp gói đã nhận trước đó. Vui lòng báo cho người vận hành.", \
      "This batch does not follow the one that was received before it. Please tell the operator.") \
    X(SIGNATURE_WRONG, "signature_wrong", "permission_denied", 403, \
      "Chữ ký của gói dữ liệu không đúng với nội dung hoặc với chứng thư của đơn vị gửi.", \
      "The signature of the batch does not fit its content or the certificate of its sender.") \
    X(RECEIPT_UNKNOWN, "receipt_unknown", "failed_precondition", 400, \
      "Xác nhận này không ứng với gói dữ liệu nào vừa được gửi. Hệ thống sẽ gửi lại gói đó.", \
      "This receipt is for no batch that was just given. The batch is given again.") \
    X(NOTHING_RECORDED, "nothing_recorded", "failed_precondition", 400,                            \
      "Phiên tòa này không có dữ liệu ghi hình, ghi âm.",                                          \
      "Nothing of this hearing is on record.")                                                     \
    X(FILES_NOT_READY, "files_not_ready", "failed_precondition", 400,                              \
      "Các tệp của bản ghi chưa sẵn sàng. Vui lòng đợi đến khi tạo xong.",                         \
      "The files of the recording are not ready. Please wait until they are made.")                \
    X(FILE_UNKNOWN, "file_unknown", "not_found", 404,                                              \
      "Không có tệp này trong bản ghi.", "There is no such file in the recording.")                \
    X(FILE_NOT_CHECKED, "file_not_checked", "failed_precondition", 400,                            \
      "Tệp này chưa được kiểm tra xong, hoặc đã bị thay đổi so với lúc được tạo, nên chưa thể mở.", \
      "This file has not been checked yet, or is not what was made, so it cannot be opened.")      \
    X(TICKET_ENDED, "ticket_ended", "permission_denied", 403,                                      \
      "Lượt xem này đã hết hạn. Vui lòng mở lại bản ghi.",                                         \
      "This viewing has ended. Please open the recording again.")                                  \
    X(REASON_MISSING, "reason_missing", "invalid_argument", 400,                                   \
      "Vui lòng cho biết lý do mở bản ghi.", "Please say why you open the recording.")             \
    X(CASE_UNKNOWN, "case_unknown", "not_found", 404, \
      "Không tìm thấy vụ án này.", \
      "This case was not found.") \
    X(CASE_NOT_ONE, "case_not_one", "failed_precondition", 400, \
      "Có nhiều vụ án mang số định danh này. Vui lòng tra cứu rồi chọn theo đơn vị và mã vụ án.", \
      "Several cases have this identifier. Please search for it and name the case by its source and key.") \
    X(FIELD_WRONG, "field_wrong", "invalid_argument", 400, \
      "Yêu cầu thiếu một trường bắt buộc hoặc trường đó có giá trị không hợp lệ.", \
      "A field of the request is missing, or its value is not allowed.") \
    X(DAY_AHEAD, "day_ahead", "out_of_range", 400, \
      "Ngày này sau ngày hôm nay nên chưa thể có việc gì xảy ra. Vui lòng kiểm tra lại ngày.", \
      "This day is after today, so nothing can have happened on it yet. Please check it.") \
    X(NOTICE_UNKNOWN, "notice_unknown", "not_found", 404, \
      "Không có thông báo này.", "There is no such notice.") \
    X(PARTY_ALREADY, "party_already", "already_exists", 409, \
      "Người có số định danh này đã là người tham gia tố tụng của vụ án.", \
      "Somebody of this personal number is a party of the case already.") \
    X(ACCESS_NO_RIGHT, "access_no_right", "permission_denied", 403, \
      "Đơn vị chưa được cấp quyền khai thác loại dữ liệu này cho mục đích đã nêu.", \
      "The organisation has no right to this kind of data for this purpose.") \
    X(ACCESS_NOT_LOGGED, "access_not_logged", "unavailable", 503, \
      "Chưa ghi được nhật ký truy cập nên dữ liệu không được cung cấp. Vui lòng thử lại sau.", \
      "The access could not be written down, so nothing is told. Please try again later.") \
    X(OPERATOR_ONLY, "operator_only", "permission_denied", 403, \
      "Chỉ đơn vị vận hành trung tâm được làm việc này.", \
      "Only the operator of the centre may do this.") \
    X(CLIENT_UNKNOWN, "client_unknown", "not_found", 404, \
      "Chưa có đơn vị nào mang mã này.", "There is no organisation with this code.") \
    X(RIGHT_UNKNOWN, "right_unknown", "not_found", 404, \
      "Đơn vị này không có quyền nào như vậy.", "This organisation has no such right.") \
    X(PERSON_UNKNOWN, "person_unknown", "invalid_argument", 400, \
      "Có người trong danh sách không thuộc vụ án này và cũng không phải cán bộ của Tòa án. Vui lòng nhập lại họ tên người đó.", \
      "Someone on the list belongs neither to this case nor to the court. Please enter that person's name anew.") \
    X(HEARING_BEGUN, "hearing_begun", "failed_precondition", 400, \
      "Phiên tòa đã khai mạc nên không đổi lịch hoặc hủy lịch được nữa.", \
      "The hearing has begun, so it can be neither rescheduled nor cancelled.") \
    X(HEARING_CANCELLED, "hearing_cancelled", "failed_precondition", 400, \
      "Lịch phiên tòa này đã bị hủy.", \
      "This hearing was cancelled.") \
    X(DATE_UNFIT, "date_unfit", "invalid_argument", 400, \
      "Ngày không đúng. Ngày được viết theo năm, tháng, ngày, ví dụ 2026-11-21.", \
      "The date is not right. A date is written as year, month, day, for example 2026-11-21.") \
    X(TIME_UNFIT, "time_unfit", "invalid_argument", 400, \
      "Giờ mở phiên tòa phải từ bây giờ đến hai năm tới.", \
      "The hearing must be at a time from now to two years ahead.") \
    X(PROCEDURE_UNKNOWN, "procedure_unknown", "invalid_argument", 400, \
      "Hệ thống không có thủ tục tố tụng này.", \
      "There is no such legal procedure.") \
    X(SITES_UNFIT, "sites_unfit", "invalid_argument", 400, \
      "Phiên tòa cần đúng một điểm cầu trung tâm và nhiều nhất ba điểm cầu thành phần, mỗi điểm cầu có tên.", \
      "A hearing needs exactly one central point and at most three component points, each with a name.") \
    X(PEOPLE_UNFIT, "people_unfit", "invalid_argument", 400, \
      "Phiên tòa cần đúng một Thẩm phán chủ tọa, nhiều nhất 48 người, 32 thiết bị và 12 người trong một phòng; mỗi người ở một điểm cầu.", \
      "A hearing needs exactly one presiding judge, at most 48 people, 32 devices and 12 people in one room; everyone at one of its sites.") \
    X(ROLE_UNFIT, "role_unfit", "invalid_argument", 400, \
      "Có người chưa có tư cách tham gia tố tụng.", \
      "Someone has no role in the hearing yet.") \
    X(ROLE_NOT_OF_PROCEDURE, "role_not_of_procedure", "invalid_argument", 400, \
      "Có người tham gia với tư cách mà thủ tục tố tụng này không có.", \
      "Someone takes part in a role that this legal procedure does not have.") \
    X(NAME_UNFIT, "name_unfit", "invalid_argument", 400, \
      "Họ tên, tên điểm cầu không được để trống và dài nhất 255 byte (khoảng 80 chữ có dấu).", \
      "A name of a person or a site must not be empty and has at most 255 bytes (about 80 accented letters).") \
    X(LINK_UNFIT, "link_unfit", "invalid_argument", 400, \
      "Đường dẫn có thời hạn từ 1 đến 2160 giờ; đường dẫn dùng nhiều lần có từ 1 đến 100000 lượt.", \
      "A link lasts from 1 to 2160 hours; one for several devices has from 1 to 100000 uses.") \
    X(LINK_OF_ACCOUNT, "link_of_account", "failed_precondition", 400, \
      "Người này có tài khoản của Tòa án nên đăng nhập và bấm “Vào phiên”; không tạo đường dẫn thay cho người đó.", \
      "This person has an account of the court: they sign in and press “Enter the hearing”. No link is issued in their place.") \
    X(NOT_PARTICIPANT, "not_participant", "permission_denied", 403, \
      "Quý vị không có tên trong phiên tòa này nên chưa thể vào. Thư ký có thể xếp lại lịch với tên của quý vị.", \
      "You are not one of the people of this hearing, so you cannot enter it. The clerk can schedule it with your name.") \
    X(IDENTITY_MOVED, "identity_moved", "aborted", 409, \
      "Thông tin của người này vừa thay đổi. Vui lòng xem lại rồi đối chiếu lại.", \
      "What is known of this person has just changed. Please look at it and compare again.") \
    X(IDENTITY_FACTS_DIFFER, "identity_facts_differ", "failed_precondition", 400, \
      "Kết quả đối chiếu khác với biên bản đã có người ký. Vui lòng xem chỗ khác nhau; biên bản mới cần mọi người ký lại.", \
      "What you found differs from the record that somebody has signed. Please look at the difference; a new record is signed by everyone again.") \
    X(IDENTITY_SIGNED, "identity_signed", "failed_precondition", 400, \
      "Quý vị đã ký xác nhận biên bản này.", \
      "You have signed this record already.") \
    X(IDENTITY_UNFIT, "identity_unfit", "invalid_argument", 400, \
      "Vui lòng ghi loại và số giấy tờ, rồi đối chiếu đủ từng mục với hồ sơ.", \
      "Please give the kind and number of the document, and compare every field with the case.") \
    X(REMARK_NEEDED, "remark_needed", "invalid_argument", 400, \
      "Mỗi điểm khác với hồ sơ cần ghi giấy tờ viết gì và một lời ghi chú.", \
      "Where something differs from the case, what the document says and a remark are needed.") \
    X(IDENTITY_NUMBER_DIFFERS, "identity_number_differs", "failed_precondition", 400, \
      "Số căn cước vừa ghi khác số định danh cá nhân trong hồ sơ. Vui lòng kiểm tra lại, hoặc ghi nhận là khác.", \
      "The number just given is not the personal number in the case. Please check it, or mark it as different.") \
    X(ATTESTER_UNKNOWN, "attester_unknown", "permission_denied", 403, \
      "Tài khoản này không phải của người có quyền xác nhận đang ngồi tại thiết bị này.", \
      "This account is not that of somebody at this device who may vouch for people.") \
    X(IDENTITY_OTHER_SITE, "identity_other_site", "permission_denied", 403, \
      "Cán bộ điểm cầu chỉ xác nhận người ở điểm cầu của mình.", \
      "An officer vouches for people at their own site only.") \
    X(AGE_FIXED, "age_fixed", "failed_precondition", 400, \
      "Phiên tòa đã mở nên không đổi được thông tin dưới 18 tuổi. Vui lòng xếp lại lịch nếu cần.", \
      "The hearing has been opened, so whether somebody is under 18 is fixed. Please schedule it anew if it must change.") \
    X(AGE_CONTRADICTS, "age_contradicts", "invalid_argument", 400, \
      "Ngày sinh không khớp với mục dưới 18 tuổi vào ngày mở phiên tòa. Vui lòng kiểm tra lại ngày sinh và mục này.", \
      "The date of birth and the entry under 18 on the day of the hearing contradict each other. Please check both.") \
    X(PERSON_SEATED, "person_seated", "failed_precondition", 400, \
      "Một người chỉ có một chỗ trong phiên tòa, tại một điểm cầu. Vui lòng kiểm tra lại danh sách.", \
      "A person has one place in a hearing, at one site. Please check the list.") \
    X(SCREENS_FIXED, "screens_fixed", "failed_precondition", 400, \
      "Phiên tòa đã mở nên việc che chắn do chủ tọa quyết định trong phiên tòa.", \
      "The hearing has been opened, so the presiding judge decides in it who is screened from whom.") \
    X(SCREENS_UNFIT, "screens_unfit", "invalid_argument", 400, \
      "Chỉ che chắn được hai người khác nhau, không ngồi chung một màn hình và không thuộc Hội đồng xét xử, Thư ký; nhiều nhất 64 cặp.", \
      "Only two different people can be screened from each other who do not share a screen and are not of the court; at most 64 pairs.") \
    X(DETAILS_UNFIT, "details_unfit", "invalid_argument", 400, \
      "Ngày sinh phải là ngày có thật, số định danh cá nhân có 12 chữ số, các mục khác dài nhất 255 byte (giấy triệu tập: 64).", \
      "A date of birth must be a day there is, a personal number has 12 digits, other fields have at most 255 bytes (the summons: 64).") \
    X(ALERT_OF_ANOTHER, "alert_of_another", "failed_precondition", 400, \
      "Cảnh báo này do người khác nhận hoặc chưa ai nhận. Vui lòng nhận cảnh báo trước.", \
      "This alert is taken by somebody else, or by nobody. Please take it first.") \
    X(ALERT_TAKEN, "alert_taken", "failed_precondition", 400, \
      "Người khác vừa nhận cảnh báo này. Nếu vẫn cần, vui lòng nhận thay.", \
      "Somebody else has just taken this alert. If it is still needed, please take it over.") \
    X(ALERT_UNKNOWN, "alert_unknown", "not_found", 404,                                            \
      "Không có cảnh báo này.", "There is no such alert.")                                         \
    X(ALERT_DONE, "alert_done", "failed_precondition", 400,                                        \
      "Cảnh báo này đã được người khác xử lý xong.",                                               \
      "Somebody else has dealt with this alert already.")                                          \
    X(ALERT_WORDS_NEEDED, "alert_words_needed", "invalid_argument", 400,                           \
      "Vui lòng ghi ngắn gọn việc đã xử lý.",                                                      \
      "Please say in a few words what was done.")                                                  \
    X(OFFICER_UNKNOWN, "officer_unknown", "not_found", 404,                                        \
      "Không có cán bộ hỗ trợ này.", "There is no such officer.")                                  \
    X(OVERRIDE_NOT_NEEDED, "override_not_needed", "failed_precondition", 400, \
      "Quy định được bỏ qua không cản trở thao tác này nên không cần quyết định khác. Vui lòng thực hiện lại như bình thường.", \
      "A rule that was to be set aside does not stand in the way of this. Please do it again as usual.") \
    X(WORDS_NEEDED, "words_needed", "invalid_argument", 400, \
      "Cần ghi nội dung hoặc lý do thì mới thực hiện được.", \
      "This needs its content or reason in writing.") \
    X(WORDS_TOO_LONG, "words_too_long", "invalid_argument", 400, \
      "Nội dung dài quá 8192 byte (khoảng 2700 chữ có dấu). Vui lòng rút gọn.", \
      "The text has more than 8192 bytes (about 2700 accented letters). Please shorten it.") \
    X(QUORUM_NOT_MET, "quorum_not_met", "failed_precondition", 400, \
      "Chưa đủ thành phần theo quy định để phiên tòa tiến hành.", \
      "Not everyone whom the law asks for is present.") \
    X(DECLARATION_NEEDED, "declaration_needed", "failed_precondition", 400, \
      "Vui lòng đọc nội quy phiên tòa và cam kết thực hiện trước khi vào.", \
      "Please read the rules of the court and declare to keep them before coming in.") \
    X(PHASE_NOT_NEXT, "phase_not_next", "failed_precondition", 400, \
      "Theo thủ tục, giai đoạn này chưa tiếp ngay sau giai đoạn hiện tại.", \
      "By the procedure this phase does not follow the present one.") \
    X(PHASE_MAY_NOT_END, "phase_may_not_end", "failed_precondition", 400, \
      "Theo thủ tục, phiên tòa chưa thể bế mạc ở giai đoạn này.", \
      "By the procedure the hearing does not end in this phase.") \
    X(IDENTITY_NEEDED, "identity_needed", "failed_precondition", 400, \
      "Còn người trong phòng xử án chưa được xác nhận căn cước.", \
      "The identity of someone in the courtroom has not been vouched for yet.") \
    X(CUT_OFF_REMAINS, "cut_off_remains", "failed_precondition", 400, \
      "Còn người đang tạm ngắt theo dõi phiên tòa. Vui lòng cho theo dõi trở lại trước.", \
      "Someone is still cut off from the hearing. Please bring them back first.") \
    X(SUMMARY_NEEDED, "summary_needed", "failed_precondition", 400, \
      "Còn người chưa được thông báo lại nội dung đã khai trong lúc tạm ngắt theo dõi.", \
      "Someone who was cut off has not been told yet what was said meanwhile.") \
    X(FLOOR_NOT_NOW, "floor_not_now", "failed_precondition", 400, \
      "Theo thủ tục, người có tư cách này chưa được mời phát biểu ở giai đoạn này.", \
      "By the procedure people of this role are not given the floor in this phase.") \
    X(HANDS_NOT_NOW, "hands_not_now", "failed_precondition", 400, \
      "Theo thủ tục, giai đoạn này chưa nhận đề nghị phát biểu.", \
      "By the procedure nobody of this role asks for the floor in this phase.") \
    X(SPEECH_IS_FREE, "speech_is_free", "failed_precondition", 400, \
      "Theo thủ tục, người đang nói được nói đến khi tự kết thúc.", \
      "By the procedure whoever speaks now does so until they end themselves.") \
    X(DOORS_STAY_OPEN, "doors_stay_open", "failed_precondition", 400, \
      "Theo thủ tục, giai đoạn này được tiến hành công khai.", \
      "By the procedure this takes place in public.") \
    X(SUSPENSION_LAPSED, "suspension_lapsed", "failed_precondition", 400, \
      "Thời hạn tạm ngừng phiên tòa đã hết.", \
      "The time that the law gives to a suspension has passed.") \
    X(MINUTES_TOO_LONG, "minutes_too_long", "resource_exhausted", 429, \
      "Biên bản này quá dài để hiển thị trong một lần. Vui lòng báo cho người vận hành.", \
      "These minutes are too long to be shown at once. Please tell the operator.") \
    X(PRESS_FAILED, "press_failed", "internal", 500, \
      "Chưa tạo được tệp PDF của biên bản. Nội dung biên bản không bị ảnh hưởng. Vui lòng thử lại.", \
      "The PDF of the minutes could not be made. The minutes themselves are unharmed. Please try again.") \
    X(DRAINING, "draining", "unavailable", 503,                                                    \
      "Máy chủ đang khởi động lại. Hệ thống tự kết nối lại trong vài giây.",                       \
      "The server is restarting. The system reconnects by itself in seconds.")                     \
    X(TIMED_OUT, "timed_out", "deadline_exceeded", 408,                                            \
      "Yêu cầu gửi quá chậm nên đã dừng. Vui lòng thử lại.",                                       \
      "The request took too long and was stopped. Please try again.")                              \
    X(TIME_IS_OVER, "time_is_over", "deadline_exceeded", 504, \
      "Thời gian mà bên gọi dành cho yêu cầu này đã hết trước khi có trả lời. Việc được yêu cầu có thể vẫn được thực hiện.", \
      "The time that the caller gave this call was over before there was an answer. What was asked for may be done all the same.") \
    X(NOT_FOUND, "not_found", "unimplemented", 404,                                                \
      "Không có trang hoặc dịch vụ này.", "There is no such page or service.")                     \
    X(METHOD_NOT_ALLOWED, "method_not_allowed", "unimplemented", 405,                              \
      "Cách gọi này không được hỗ trợ.", "This method is not supported.")                          \
    X(UNSUPPORTED_TYPE, "unsupported_type", "invalid_argument", 415,                               \
      "Kiểu dữ liệu này không được hỗ trợ.", "This content type is not supported.")                \
    X(HEADERS_TOO_LARGE, "headers_too_large", "resource_exhausted", 431,                           \
      "Phần đầu của yêu cầu quá lớn.", "The request's headers are too large.")                     \
    X(TOO_MANY_CONNECTIONS, "too_many_connections", "resource_exhausted", 503,                     \
      "Máy chủ đang có quá nhiều kết nối. Vui lòng thử lại sau ít phút.",                          \
      "The server has too many connections. Please try again in a few minutes.")                   \
    X(INTERNAL, "internal", "internal", 500,                                                       \
      "Máy chủ gặp sự cố và đã ghi lại để khắc phục. Vui lòng thử lại.",                           \
      "The server had a fault and has logged it. Please try again.") \
    X(WITNESS_MUST_BE_CALLED, "witness_must_be_called", "failed_precondition", 400, \
      "Người này được cách ly cho đến khi được gọi vào khai báo. Vui lòng dùng lệnh gọi khai báo.", \
      "This person is kept apart until called to testify. Please call them to testify.") \
    X(ANOTHER_TESTIFIES, "another_testifies", "failed_precondition", 400, \
      "Đang có người khác khai báo. Vui lòng kết thúc phần khai báo đó trước.", \
      "Somebody else is testifying. Please end that testimony first.") \
    X(NOT_ON_STAND, "not_on_stand", "failed_precondition", 400, \
      "Người này chưa được gọi khai báo, hoặc đã khai báo xong.", \
      "This person has not been called to testify, or has been heard.") \
    X(UNDERTAKING_NOT_ASKED, "undertaking_not_asked", "failed_precondition", 400, \
      "Người này chưa được yêu cầu cam đoan khai báo trung thực.", \
      "This person has not been asked for the undertaking to tell the truth yet.") \
    X(NOT_CALLED_NOW, "not_called_now", "failed_precondition", 400, \
      "Thủ tục chưa cho gọi người có tư cách này khai báo ở giai đoạn này của phiên tòa.", \
      "The procedure does not call people of this role to testify in this phase.") \
    X(NOBODY_TESTIFIES, "nobody_testifies", "failed_precondition", 400, \
      "Chỉ tạm ngắt theo dõi được khi đang có người khai báo.", \
      "This can be done only while somebody testifies.") \
    X(NOT_CUT_OFF_NOW, "not_cut_off_now", "failed_precondition", 400, \
      "Thủ tục không cho tạm ngắt theo dõi đối với người có tư cách này ở giai đoạn này của phiên tòa.", \
      "The procedure does not let people of this role be cut off in this phase.") \
    X(STILL_CUT_OFF, "still_cut_off", "failed_precondition", 400, \
      "Người này đang tạm ngắt theo dõi phiên tòa. Vui lòng cho theo dõi trở lại trước.", \
      "This person is cut off from the hearing. Please bring them back first.") \
    X(SAME_ROOM, "same_room", "failed_precondition", 400, \
      "Hai người này ở cùng một phòng, trước cùng một máy quay.", \
      "These two people are in one room, before one camera.") \
    X(TOO_MANY_SCREENS, "too_many_screens", "resource_exhausted", 429, \
      "Phiên tòa đã có đủ số cặp người được che khỏi nhau.", \
      "The hearing has as many screened pairs as it can have.") \
    X(SHARE_NOT_NOW, "share_not_now", "failed_precondition", 400, \
      "Thủ tục chưa cho người có tư cách này trình chiếu ở giai đoạn này của phiên tòa.", \
      "The procedure does not let people of this role show anything in this phase.") \
    X(ANOTHER_SHARES, "another_shares", "failed_precondition", 400, \
      "Đang có người khác trình chiếu. Mỗi lúc chỉ một người trình chiếu.", \
      "Somebody else is showing something. One at a time.") \
    X(STILL_INSIDE, "still_inside", "failed_precondition", 400, \
      "Người này đang ở trong phòng xử án nên chưa thể thay người. Vui lòng mời ra phòng chờ trước.", \
      "This person is in the courtroom and cannot be replaced. Please send them back to the waiting room first.") \
    X(DOORS_CLOSED, "doors_closed", "failed_precondition", 400, \
      "Phiên tòa đang xét xử kín nên người tham dự và nhà báo ở ngoài phòng xử án.", \
      "The hearing is behind closed doors, so attendees and journalists stay outside.") \
    X(MUST_STAY, "must_stay", "failed_precondition", 400, \
      "Trong phòng này có người phải có mặt để phiên tòa tiếp tục, nên không thể cách ly cả phòng.", \
      "Somebody in this room must be present for the session to go on, so the room cannot be kept apart.") \
    X(MUTED_BY_PHASE, "muted_by_phase", "failed_precondition", 400, \
      "Theo thủ tục, micro này tắt trong giai đoạn này. Người đó nói khi được cho phát biểu.", \
      "By the procedure this microphone is off in this phase. The person speaks when given the floor.") \
    X(NOT_IDENTIFIED, "not_identified", "failed_precondition", 400, \
      "Căn cước của người này chưa được xác nhận.", \
      "Nobody has vouched for the identity of this person yet.")
/* clang-format on */

enum refusal {
    REFUSAL_NONE = 0,
#define X(id, code, connect, http, vi, en) REFUSAL_##id,
    REFUSALS(X)
#undef X
        REFUSAL_COUNT
};

struct refusal_info {
    const char *code;
    const char *connect_code;
    int http_status;
    const char *vi;
    const char *en;
};

/* The row of a refusal; REFUSAL_NONE and values outside the table give the row of REFUSAL_INTERNAL.
 */
const struct refusal_info *refusal_info(enum refusal refusal);

/* The refusal with this stable code, or REFUSAL_INTERNAL for one this build does not know. */
enum refusal refusal_from_code(const char *code);

/* The field that a refusal is always about, static, or NULL. */
const char *refusal_field(enum refusal refusal);

/*
 * Why one record of a batch is rejected while the others are taken in. Columns: the reason that is
 * kept with it, the field of the record that is wrong, Connect code. A reason may name another
 * field behind a colon: "future:decision.issued_on". Any other reason is the path of a wrong field
 * itself. The sentences for people are where those read them.
 */
/* clang-format off */
#define REJECTIONS(X)                                  \
    X("damaged", "hash", "invalid_argument")           \
    X("equivocation", "seq", "already_exists")         \
    X("chain", "prev_hash", "failed_precondition")     \
    X("schema", "schema_version", "unimplemented")     \
    X("future", "recorded_ms", "out_of_range")         \
    X("access_no_right", "record_type", "permission_denied") \
    X("unreadable", "payload", "invalid_argument")
/* clang-format on */

struct rejection_info {
    const char *field; /* static, or in the reason */
    const char *connect_code;
};

/* What a receipt says of a reason. */
struct rejection_info rejection_info(const char *reason);

#endif

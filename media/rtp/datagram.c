#include "media/rtp/datagram.h"

enum { RTP_AND_RTCP_MIN = 8 };

enum datagram_kind datagram_classify(const uint8_t *data, size_t len)
{
    if (len < 2)
        return DATAGRAM_JUNK;
    if (data[0] <= 3)
        return DATAGRAM_STUN;
    if (data[0] >= 20 && data[0] <= 63)
        return DATAGRAM_DTLS;
    if (data[0] >= 128 && data[0] <= 191 && len >= RTP_AND_RTCP_MIN)
        /* RFC 5761, section 4: RTCP packet types 192 to 223, which RTP with marker 64 to 95 does
         * not use. */
        return data[1] >= 192 && data[1] <= 223 ? DATAGRAM_RTCP : DATAGRAM_RTP;
    return DATAGRAM_JUNK;
}

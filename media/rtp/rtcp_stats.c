/* Times and reception statistics of RTCP. */
#include "media/rtp/rtcp.h"

enum { NTP_UNIX_EPOCH_S = 2208988800u }; /* from 1900 to 1970 */

static const int64_t ns_per_s = 1000000000;

uint64_t rtcp_ntp_from_unix(int64_t unix_ns)
{
    uint64_t seconds = (uint64_t)(unix_ns / ns_per_s) + NTP_UNIX_EPOCH_S;
    uint64_t fraction = ((uint64_t)(unix_ns % ns_per_s) << 32) / (uint64_t)ns_per_s;

    return seconds << 32 | fraction;
}

uint32_t rtcp_ntp_middle(uint64_t ntp)
{
    return (uint32_t)(ntp >> 16);
}

uint32_t rtcp_ntp_interval(int64_t ns)
{
    uint64_t seconds = (uint64_t)(ns / ns_per_s);
    uint64_t rest = (uint64_t)(ns % ns_per_s);

    return (uint32_t)((seconds << 16) + (rest << 16) / (uint64_t)ns_per_s);
}

bool rtcp_round_trip(uint32_t now, const struct rtcp_report *report, uint32_t *ret_us)
{
    uint32_t elapsed = now - report->lsr - report->dlsr;

    /* Over half the range: the clocks moved, or the peer made it up. */
    if (!report->lsr || elapsed > INT32_MAX)
        return false;
    *ret_us = (uint32_t)(((uint64_t)elapsed * 1000000) >> 16);
    return true;
}

void rtcp_reception_init(struct rtcp_reception *reception, uint32_t clock_rate)
{
    *reception = (struct rtcp_reception){.clock_rate = clock_rate};
}

static uint32_t arrival_in_clock(const struct rtcp_reception *reception, int64_t ns)
{
    uint64_t rate = reception->clock_rate;
    uint64_t whole = (uint64_t)(ns / ns_per_s) * rate;

    return (uint32_t)(whole + (uint64_t)(ns % ns_per_s) * rate / (uint64_t)ns_per_s);
}

void rtcp_reception_add(struct rtcp_reception *reception, int64_t extended, uint32_t timestamp,
                        int64_t arrival_ns)
{
    uint32_t transit = arrival_in_clock(reception, arrival_ns) - timestamp;

    reception->received++;
    if (!reception->started) {
        reception->started = true;
        reception->base = extended;
        reception->highest = extended;
    } else {
        int32_t change = (int32_t)(transit - reception->transit);
        uint32_t size = change < 0 ? 0u - (uint32_t)change : (uint32_t)change;
        reception->jitter_16 += size - ((reception->jitter_16 + 8) >> 4);
        if (extended > reception->highest)
            reception->highest = extended;
    }
    reception->transit = transit;
}

static int32_t clamp_24(int64_t lost)
{
    if (lost > 0x7fffff)
        return 0x7fffff;
    return lost < -0x800000 ? -0x800000 : (int32_t)lost;
}

static uint8_t fraction_256(int64_t lost, int64_t expected)
{
    if (expected <= 0 || lost <= 0)
        return 0;
    return lost >= expected ? UINT8_MAX : (uint8_t)(lost * 256 / expected);
}

void rtcp_reception_report(struct rtcp_reception *reception, struct rtcp_report *ret_report)
{
    int64_t expected = reception->started ? reception->highest - reception->base + 1 : 0;
    int64_t expected_now = expected - reception->expected_prior;
    int64_t lost_now = expected_now - (int64_t)(reception->received - reception->received_prior);

    reception->expected_prior = expected;
    reception->received_prior = reception->received;
    ret_report->lost = clamp_24(expected - (int64_t)reception->received);
    ret_report->fraction_lost = fraction_256(lost_now, expected_now);
    ret_report->highest_seq = (uint32_t)reception->highest;
    ret_report->jitter = reception->jitter_16 >> 4;
}

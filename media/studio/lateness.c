#include "media/studio/lateness.h"

#include "base/clock.h"

enum { RUN = 5 };

static const int64_t late_max_ns = 500 * CLOCK_NS_PER_MS;
static const int64_t calm_ns = 10 * CLOCK_NS_PER_S;
static const int64_t step_ns = 20 * CLOCK_NS_PER_MS;

static void wait_less(struct lateness *lateness, int64_t now_ns)
{
    if (!lateness->late_ns || now_ns - lateness->calm_since_ns < calm_ns)
        return;
    lateness->late_ns -= lateness->late_ns < step_ns ? lateness->late_ns : step_ns;
    lateness->calm_since_ns = now_ns;
}

void lateness_note(struct lateness *lateness, int64_t by_ns, int64_t now_ns)
{
    if (by_ns <= 0) {
        lateness->run = 0;
        wait_less(lateness, now_ns);
        return;
    }
    if (!lateness->run++ || by_ns < lateness->least_ns)
        lateness->least_ns = by_ns;
    lateness->calm_since_ns = now_ns;
    if (lateness->run < RUN)
        return;
    lateness->late_ns += lateness->least_ns;
    if (lateness->late_ns > late_max_ns)
        lateness->late_ns = late_max_ns;
    lateness->run = 0;
}

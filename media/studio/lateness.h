/* How much later than planned something keeps coming, so that all that belongs together can wait
 * for it. Pure. Used by picture. */
#ifndef ASSIZE_MEDIA_STUDIO_LATENESS_H
#define ASSIZE_MEDIA_STUDIO_LATENESS_H

#include <stdint.h>

struct lateness {
    int64_t late_ns;  /* what all have to wait */
    int run;          /* how many came too late, one after another, */
    int64_t least_ns; /* and by how much at least */
    int64_t calm_since_ns;
};

/* One came this much later than planned (below zero: in time), with late_ns planned for. One that
 * is late alone changes nothing; after a calm while less is waited for, bit by bit. */
void lateness_note(struct lateness *lateness, int64_t by_ns, int64_t now_ns);

#endif

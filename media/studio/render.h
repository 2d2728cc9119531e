/*
 * Files of a hearing's record for people to watch, made from the journal without re-encoding:
 *
 *     STATE/record/HEARING/GROUP/TIME.pcapng  ->  STATE/files/HEARING/GROUP.webm
 *                                                 STATE/files/HEARING/GROUP.json
 *                                                 STATE/files/HEARING/index.json
 *
 * Every group ("e4": what endpoint 4 sent; "programme": the composite) becomes one WebM file of VP8
 * and Opus. All files of a hearing begin at the same moment, that of the first packet of any group,
 * and are of the same length, to the last packet of any group, so that they play side by side and
 * an event's place is its time less start_ms. What is not on record (a recess, someone who is late,
 * a muted microphone, a gap) is filled with silence and a black picture. After a loss the picture
 * stands still until the next key frame, and is black when that takes longer than
 * RENDER_BLACK_MS. Made again from the same journal a file is the same, byte by byte.
 *
 * index.json, written last, is there when all is done:
 *
 *     {"version": 1, "hearing": "0193a5f0-...", "start_ms": 1795254130000, "duration_ms": 5400120,
 *      "files": [{"group": "e4", "name": "e4.webm", "details": "e4.json", "bytes": 81240112,
 *                 "sha256": "9f86...",
 *                 "audio": {"packets": 269410, "lost": 12, "late": 0, "refused": 0},
 *                 "video": {"packets": 810034, "lost": 3, "late": 1, "refused": 0,
 *                           "width": 1280, "height": 720},
 *                 "gaps": [{"medium": "video", "from_ms": 1200000, "to_ms": 1262340}]}],
 *      "gaps": [{"from_ms": 2400000, "to_ms": 3000000}],
 *      "findings": [{"path": "e4/20261121T094200Z.pcapng", "verdict": "bad", "offset": 4711,
 *                    "why": "..."}]}
 *
 * start_ms is Unix time, all other times count from it. A file's gaps are where nothing of that
 * medium could be shown for RENDER_GAP_MS or longer, of the picture only once it turned black;
 * those of the index, where nothing of anyone is on record. A finding is a journal file that does
 * not vouch for itself, torn or bad: what it does not vouch for is left out. width and height, of
 * the first key frame, are left out when there is none; later ones may be of other sizes.
 *
 * GROUP.json is the same object as in the index with hearing, start_ms and duration_ms, and also
 *
 *     "made_from": "2c26...",
 *     "levels": {"every_ms": 250, "values": [null, 127, 38, ...]}
 *
 * the digest of the journal it was made from, by which a finished file is known; and
 * the loudest sound of each 250 ms as RFC 6464 has it (0 loudest, 127 silence); null where no level
 * is on record.
 *
 * Interrupted at any moment it is run again: finished files stay, others are begun anew. What was
 * not finished is called GROUP.webm.part. Run by main with --render.
 */
#ifndef ASSIZE_MEDIA_STUDIO_RENDER_H
#define ASSIZE_MEDIA_STUDIO_RENDER_H

#include "base/config.h"

/* Until done, told to stop, or failed; the program's exit status. Tells assized of its progress
 * when that listens at STATE/run/studio.sock, and else says it on standard output. */
int render_run(const struct config *config, const char *hearing);

#endif

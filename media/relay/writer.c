#include "media/relay/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "media/relay/limits.h"

enum {
    ROUND_MS = 100, /* between two looks at the ring while there is a group */
    IDLE_MS = 2000, /* and while there is none */
    SPACE_MS = 1000,
    WORDS_RING_BYTES = 1 << 18,
    /* Of the entries' ring, kept for opening and closing groups. */
    ORDERS_BYTES = 1 << 18,
};

struct group {
    bool open;
    struct writer_names names;
    struct journal *journal; /* NULL until it can be opened */
    int64_t retry_ns;        /* monotonic: until then the disk is not tried */
    /* What is appended and not durable yet. */
    int64_t first_wall_ns; /* 0: nothing */
    int64_t last_monotonic_ns;
    /* A gap, until it is told. */
    enum record_fault fault; /* NONE: there is none */
    int64_t gap_from_ns;
    int64_t gap_to_ns; /* 0: still nothing is appended */
    char told_head[NAME_STEM_SIZE];
};

struct writer {
    int folder;
    uint64_t spare;
    int wake; /* eventfd */
    const struct writer_disk *disk;
    char boot[NAME_SIZE];
    pthread_t thread;
    bool started;
    atomic_bool stopping;
    atomic_uint_least64_t free_bytes;
    struct ring entries;
    struct ring words;
    /* From here on the thread's own. */
    unsigned open_groups;
    int64_t synced_ns; /* monotonic */
    int64_t space_ns;
    struct group groups[RELAY_RECORD_GROUPS_MAX];
};

const struct writer_disk writer_journals = {
    .open = journal_new,
    .free = journal_free,
    .append = journal_append,
    .sync = journal_sync,
    .end = journal_end,
    .past = journal_past,
    .durable = journal_durable,
};

static int64_t ns_of_ms(int64_t ms)
{
    return ms * CLOCK_NS_PER_MS;
}

static void nap(int ms)
{
    (void)poll(NULL, 0, ms);
}

/* The loop takes words ten times a second; when it is stopping it takes no more than fit. */
static void say(struct writer *writer, struct group *group, struct writer_word word)
{
    word.group = (uint16_t)(group - writer->groups);
    while (!ring_put(&writer->words, &word, sizeof(word), NULL, 0, 0)) {
        if (atomic_load(&writer->stopping))
            return;
        nap(ROUND_MS);
    }
}

static enum record_fault fault_of(int error)
{
    return error == -ENOSPC || error == -EDQUOT ? RECORD_FAULT_DISK_FULL : RECORD_FAULT_DISK;
}

/* What was not durable is lost. */
static void fail(struct writer *writer, struct group *group, int error, int64_t wall_ns)
{
    if (group->fault == RECORD_FAULT_NONE) {
        group->fault = fault_of(error);
        group->gap_from_ns = group->first_wall_ns ? group->first_wall_ns : wall_ns;
    }
    group->gap_to_ns = 0;
    group->first_wall_ns = 0;
    group->retry_ns = clock_monotonic_ns() + ns_of_ms(RELAY_RECORD_RETRY_MS);
    say(writer, group, (struct writer_word){.kind = WRITER_FAILED, .fault = fault_of(error)});
}

static void tell_head(struct writer *writer, struct group *group)
{
    const struct journal_durable *durable =
        group->journal ? writer->disk->durable(group->journal) : NULL;

    if (!durable || !durable->step.is_end || strcmp(durable->stem, group->told_head) == 0)
        return;
    memcpy(group->told_head, durable->stem, sizeof(group->told_head));
    say(writer, group, (struct writer_word){.kind = WRITER_HEAD, .head = *durable});
}

static void tell_gap(struct writer *writer, struct group *group, int64_t to_ns)
{
    if (group->fault == RECORD_FAULT_NONE)
        return;
    say(writer, group,
        (struct writer_word){.kind = WRITER_GAP,
                             .fault = group->fault,
                             .from_ns = group->gap_from_ns,
                             .to_ns = to_ns > group->gap_from_ns ? to_ns : group->gap_from_ns});
    group->fault = RECORD_FAULT_NONE;
    group->gap_to_ns = 0;
}

/* ---- groups ---- */

/* A record that was cut off in the middle lacks what came between then and now. */
static void look_back(const struct writer *writer, struct group *group)
{
    const struct verify_file *past = writer->disk->past(group->journal);
    int64_t wall_s = 0;

    if (!past || past->last.is_end || group->fault != RECORD_FAULT_NONE)
        return;
    group->fault = RECORD_FAULT_CUT_OFF;
    group->gap_from_ns = past->last.wall_ns;
    if (!group->gap_from_ns && name_read_stem(past->link.stem, &wall_s) == 0)
        group->gap_from_ns = wall_s * CLOCK_NS_PER_S;
}

static int open_journal(const struct writer *writer, struct group *group)
{
    static const char *const tracks[WRITER_TRACKS] = {
        [WRITER_AUDIO] = "audio", [WRITER_VIDEO] = "video"};
    const struct journal_config config = {
        .record = writer->folder,
        .hearing = group->names.hearing,
        .group = group->names.group,
        .boot = writer->boot,
        .tracks = tracks,
        .track_count = WRITER_TRACKS,
    };
    int result = writer->disk->open(&config, &group->journal);

    if (result)
        group->journal = NULL;
    else
        look_back(writer, group);
    return result;
}

static void open_group(struct writer *writer, struct group *group, const struct writer_entry *entry,
                       const struct writer_names *names)
{
    *group = (struct group){.open = true, .names = *names};
    writer->open_groups++;
    int result = open_journal(writer, group);
    if (result)
        fail(writer, group, result, entry->wall_ns);
}

static void close_group(struct writer *writer, struct group *group, int64_t wall_ns)
{
    int result = group->journal ? writer->disk->end(group->journal, wall_ns) : 0;

    if (result)
        fail(writer, group, result, wall_ns);
    tell_head(writer, group);
    tell_gap(writer, group, group->gap_to_ns ? group->gap_to_ns : wall_ns);
    if (group->journal)
        writer->disk->free(group->journal);
    *group = (struct group){.open = false};
    writer->open_groups--;
    say(writer, group, (struct writer_word){.kind = WRITER_CLOSED});
}

/* ---- packets ---- */

static void append(struct writer *writer, struct group *group, const struct writer_entry *entry,
                   const uint8_t *data, size_t len)
{
    const struct pcapng_packet packet = {
        .track = entry->track,
        .kind = entry->kind == WRITER_RTP ? PCAPNG_RTP : PCAPNG_RTCP,
        .wall_ns = entry->wall_ns,
        .data = data,
        .len = len,
    };
    int result = 0;

    if (!group->open || clock_monotonic_ns() < group->retry_ns)
        return; /* in the gap that has begun */
    if (atomic_load(&writer->free_bytes) < writer->spare)
        result = -ENOSPC;
    if (!result && !group->journal)
        result = open_journal(writer, group);
    if (!result)
        result = writer->disk->append(group->journal, &packet, entry->monotonic_ns);
    if (result) {
        fail(writer, group, result, entry->wall_ns);
        return;
    }
    group->last_monotonic_ns = entry->monotonic_ns;
    if (!group->first_wall_ns)
        group->first_wall_ns = entry->wall_ns;
    if (group->fault != RECORD_FAULT_NONE && !group->gap_to_ns)
        group->gap_to_ns = entry->wall_ns;
}

static void take_entry(struct writer *writer, const struct writer_entry *entry, const uint8_t *data,
                       size_t len)
{
    struct group *group = &writer->groups[entry->group];
    struct writer_names names;

    switch (entry->kind) {
    case WRITER_OPEN:
        memcpy(&names, data, sizeof(names));
        open_group(writer, group, entry, &names);
        break;
    case WRITER_CLOSE:
        close_group(writer, group, entry->wall_ns);
        break;
    case WRITER_RTP:
    case WRITER_RTCP:
        append(writer, group, entry, data, len);
        break;
    }
}

static void sync_group(struct writer *writer, struct group *group)
{
    int64_t wall_ns = clock_wall_ns();

    tell_head(writer, group);
    if (!group->journal)
        return;
    int result = writer->disk->sync(group->journal, wall_ns);
    if (result) {
        fail(writer, group, result, wall_ns);
        return;
    }
    tell_head(writer, group);
    if (!group->first_wall_ns)
        return;
    group->first_wall_ns = 0;
    if (group->gap_to_ns)
        tell_gap(writer, group, group->gap_to_ns);
    say(writer, group,
        (struct writer_word){.kind = WRITER_DURABLE, .monotonic_ns = group->last_monotonic_ns});
}

/* A gap may be open at the end of a sync: then nothing is said to be durable. */
static void sync_groups(struct writer *writer, int64_t now_ns)
{
    writer->synced_ns = now_ns;
    for (size_t i = 0; i < RELAY_RECORD_GROUPS_MAX; i++) {
        if (writer->groups[i].open)
            sync_group(writer, &writer->groups[i]);
    }
}

static void look_at_space(struct writer *writer, int64_t now_ns)
{
    struct statvfs space;

    writer->space_ns = now_ns;
    if (fstatvfs(writer->folder, &space) == 0)
        atomic_store(&writer->free_bytes, (uint64_t)space.f_bavail * space.f_frsize);
}

/* Stops early to sync: a long backlog must not make the last second longer. */
static void drain(struct writer *writer)
{
    uint8_t bytes[sizeof(struct writer_entry) + JOURNAL_PACKET_MAX];
    struct writer_entry entry;
    size_t len;

    while ((len = ring_take(&writer->entries, bytes, sizeof(bytes)))) {
        memcpy(&entry, bytes, sizeof(entry));
        take_entry(writer, &entry, bytes + sizeof(entry), len - sizeof(entry));
        int64_t now_ns = clock_monotonic_ns();
        if (now_ns - writer->synced_ns >= ns_of_ms(RELAY_RECORD_SYNC_MS))
            sync_groups(writer, now_ns);
    }
}

static void wait_for_work(struct writer *writer)
{
    struct pollfd wake = {.fd = writer->wake, .events = POLLIN};
    uint64_t count;

    if (poll(&wake, 1, writer->open_groups ? ROUND_MS : IDLE_MS) > 0 &&
        read(writer->wake, &count, sizeof(count)) < 0)
        nap(ROUND_MS);
}

static void *run(void *context)
{
    struct writer *writer = context;

    (void)pthread_setname_np(pthread_self(), "journal"); /* for who looks at the process */
    while (!atomic_load(&writer->stopping)) {
        wait_for_work(writer);
        drain(writer);
        int64_t now_ns = clock_monotonic_ns();
        if (now_ns - writer->synced_ns >= ns_of_ms(RELAY_RECORD_SYNC_MS))
            sync_groups(writer, now_ns);
        if (now_ns - writer->space_ns >= ns_of_ms(SPACE_MS))
            look_at_space(writer, now_ns);
    }
    drain(writer);
    for (size_t i = 0; i < RELAY_RECORD_GROUPS_MAX; i++) {
        if (writer->groups[i].open)
            close_group(writer, &writer->groups[i], clock_wall_ns());
    }
    return NULL;
}

/* ---- the loop's side ---- */

static void wake(const struct writer *writer)
{
    const uint64_t one = 1;

    if (write(writer->wake, &one, sizeof(one)) < 0)
        return; /* it is awake */
}

static int read_boot(char out[static NAME_SIZE])
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, out, NAME_SIZE - 1);

    if (fd >= 0)
        close(fd);
    if (len <= 1)
        return -EIO;
    out[len - 1] = '\0'; /* the newline */
    return name_is_valid(out) ? 0 : -EIO;
}

/* Signals are the loop's. */
int writer_start(struct writer *writer)
{
    sigset_t all;
    sigset_t before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int result = pthread_create(&writer->thread, NULL, run, writer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    writer->started = !result;
    return -result;
}

int writer_new(int folder, uint64_t spare, const struct writer_disk *disk,
               struct writer **ret_writer)
{
    struct writer *writer = calloc(1, sizeof(*writer));

    if (!writer)
        abort();
    writer->folder = folder;
    writer->spare = spare;
    writer->disk = disk;
    ring_init(&writer->entries, RELAY_RECORD_RING_BYTES);
    ring_init(&writer->words, WORDS_RING_BYTES);
    writer->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    int result = writer->wake < 0 ? -errno : read_boot(writer->boot);
    look_at_space(writer, 0);
    if (result)
        writer_free(writer);
    else
        *ret_writer = writer;
    return result;
}

void writer_stop(struct writer *writer)
{
    if (!writer->started)
        return;
    atomic_store(&writer->stopping, true);
    wake(writer);
    pthread_join(writer->thread, NULL);
}

void writer_free(struct writer *writer)
{
    if (writer->wake >= 0)
        close(writer->wake);
    close(writer->folder);
    ring_done(&writer->entries);
    ring_done(&writer->words);
    free(writer);
}

bool writer_put(struct writer *writer, const struct writer_entry *entry, const void *data,
                size_t len)
{
    bool order = entry->kind == WRITER_OPEN || entry->kind == WRITER_CLOSE;
    bool fits =
        ring_put(&writer->entries, entry, sizeof(*entry), data, len, order ? 0 : ORDERS_BYTES);

    if (fits && order)
        wake(writer);
    return fits;
}

bool writer_take(struct writer *writer, struct writer_word *ret_word)
{
    return ring_take(&writer->words, ret_word, sizeof(*ret_word)) > 0;
}

uint64_t writer_free_bytes(const struct writer *writer)
{
    return atomic_load(&writer->free_bytes);
}

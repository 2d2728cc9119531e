#include "media/journal/journal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "media/journal/folder.h"

enum { SECONDS_PER_MINUTE = 60, FILE_MODE = 0640 };

enum journal_state {
    JOURNAL_LOST, /* what the next file continues must be read from the folder first */
    JOURNAL_IDLE, /* no file is open, and what the next one continues is known */
    JOURNAL_OPEN, /* a file is open */
};

struct journal {
    enum journal_state state;
    int folder; /* the group's, locked against other journals */
    bool has_past;
    struct verify_file past;
    struct chain_link previous; /* what the open or next file continues */
    struct journal_durable durable;

    struct pcapng_head head; /* the open file's */
    char stem[NAME_STEM_SIZE];
    int fd;
    int chain_fd;
    int64_t minute;
    struct chain_step step; /* its last durable one; all zero before the first */
    uint64_t step_count;
    uint64_t chain_bytes; /* the sidecar's length as of that step */
    uint64_t packets;
    uint64_t written; /* bytes of the file, without those in the buffer */
    struct chain chain;
    size_t buffered;
    uint8_t buffer[JOURNAL_BUFFER_BYTES];
};

static_assert((int)PCAPNG_HEAD_MAX + (int)PCAPNG_BLOCK_MAX <= (int)JOURNAL_BUFFER_BYTES,
              "a head and a packet fit the buffer");

static bool is_valid(const struct journal_config *config)
{
    if (!name_is_valid(config->hearing) || !name_is_valid(config->group) ||
        !name_is_valid(config->boot) || !config->track_count ||
        config->track_count > JOURNAL_TRACKS_MAX)
        return false;
    for (size_t i = 0; i < config->track_count; i++)
        if (!name_is_valid(config->tracks[i]))
            return false;
    return true;
}

static int64_t minute_of(int64_t wall_ns)
{
    return wall_ns / (SECONDS_PER_MINUTE * CLOCK_NS_PER_S);
}

/* The folder RECORD/HEARING/GROUP, made when it is not there, and locked. */
static int open_group(const struct journal_config *config)
{
    int hearing = folder_make(config->record, config->hearing);
    if (hearing < 0)
        return hearing;
    int group = folder_make(hearing, config->group);
    folder_close(&hearing);
    if (group >= 0 && flock(group, LOCK_EX | LOCK_NB)) {
        int result = errno == EWOULDBLOCK ? -EBUSY : -errno;
        folder_close(&group);
        return result;
    }
    return group;
}

/* What verify will say of a file must not change with the next power cut. */
static int make_durable(int folder, const char *stem, const char *suffix)
{
    char name[NAME_FILE_SIZE];

    name_write_file(stem, suffix, name);
    int fd = folder_open_file(folder, name);
    if (fd == -ENOENT)
        return 0;
    if (fd < 0)
        return fd;
    int result = fdatasync(fd) ? -errno : 0;
    folder_close(&fd);
    return result;
}

static int last_stem(int folder, char ret_stem[static NAME_STEM_SIZE])
{
    struct folder_list list;
    char stem[NAME_STEM_SIZE];
    int result = folder_list(folder, &list);

    ret_stem[0] = '\0';
    for (int i = 0; i < list.count; i++) {
        enum name_kind kind = name_read_file(list.entries[i]->d_name, stem);
        if (kind == NAME_PCAPNG || kind == NAME_CHAIN)
            memcpy(ret_stem, stem, NAME_STEM_SIZE);
    }
    folder_list_done(&list);
    return result;
}

/* Lost → idle: reads what the group's last file came to. */
static int resume(struct journal *journal)
{
    char stem[NAME_STEM_SIZE];
    int result = last_stem(journal->folder, stem);

    if (!result && stem[0])
        result = make_durable(journal->folder, stem, NAME_PCAPNG_SUFFIX);
    if (!result && stem[0])
        result = make_durable(journal->folder, stem, NAME_CHAIN_SUFFIX);
    if (result)
        return result;
    journal->previous = (struct chain_link){0};
    journal->has_past = stem[0];
    if (stem[0]) {
        verify_file(journal->folder, journal->head.hearing, journal->head.group, stem, NULL, NULL,
                    &journal->past);
        journal->previous = journal->past.link;
    }
    journal->state = JOURNAL_IDLE;
    return 0;
}

int journal_new(const struct journal_config *config, struct journal **ret_journal)
{
    if (!is_valid(config))
        return -EINVAL;
    int folder = open_group(config);
    if (folder < 0)
        return folder;
    struct journal *journal = calloc(1, sizeof(*journal));
    if (!journal)
        abort();
    journal->folder = folder;
    journal->fd = journal->chain_fd = -1;
    chain_init(&journal->chain);
    str_copy(journal->head.hearing, NAME_SIZE, config->hearing);
    str_copy(journal->head.group, NAME_SIZE, config->group);
    str_copy(journal->head.boot, NAME_SIZE, config->boot);
    journal->head.track_count = config->track_count;
    for (size_t i = 0; i < config->track_count; i++)
        str_copy(journal->head.tracks[i], NAME_SIZE, config->tracks[i]);
    int result = resume(journal);
    if (result) {
        journal_free(journal);
        return result;
    }
    *ret_journal = journal;
    return 0;
}

void journal_free(struct journal *journal)
{
    if (!journal)
        return;
    folder_close(&journal->fd);
    folder_close(&journal->chain_fd);
    folder_close(&journal->folder);
    chain_done(&journal->chain);
    free(journal);
}

const struct verify_file *journal_past(const struct journal *journal)
{
    return journal->has_past ? &journal->past : NULL;
}

const struct journal_durable *journal_durable(const struct journal *journal)
{
    return &journal->durable;
}

static void close_files(struct journal *journal, enum journal_state state)
{
    folder_close(&journal->fd);
    folder_close(&journal->chain_fd);
    journal->buffered = 0;
    journal->state = state;
}

/* When it cannot be cut the tail stays, and resume reads it as it is. */
static void cut_back(int fd, uint64_t len)
{
    if (ftruncate(fd, (off_t)len) || fdatasync(fd))
        return;
}

static bool remove_file(int folder, const char *name)
{
    return !unlinkat(folder, name, 0) || errno == ENOENT;
}

/* Removes the open file, in which nothing is durable yet. */
static bool remove_files(struct journal *journal)
{
    char pcapng[NAME_FILE_SIZE];
    char sidecar[NAME_FILE_SIZE];

    name_write_file(journal->stem, NAME_PCAPNG_SUFFIX, pcapng);
    name_write_file(journal->stem, NAME_CHAIN_SUFFIX, sidecar);
    return remove_file(journal->folder, pcapng) && remove_file(journal->folder, sidecar) &&
           remove_file(journal->folder, NAME_NEXT_CHAIN);
}

/* Open → lost: gives the file up at its last durable step, the sidecar first so that it never says
 * too much. Without such a step, and when the files can be removed: → idle. */
static int give_up(struct journal *journal, int error)
{
    enum journal_state state = JOURNAL_LOST;

    if (journal->step_count) {
        cut_back(journal->chain_fd, journal->chain_bytes);
        cut_back(journal->fd, journal->step.end);
    } else if (remove_files(journal)) {
        state = JOURNAL_IDLE;
    }
    close_files(journal, state);
    return error;
}

/* Stems sort as the chain goes, even when the clock was set back. */
static void choose_stem(struct journal *journal, int64_t wall_ns)
{
    int64_t wall_s = wall_ns / CLOCK_NS_PER_S;
    int64_t last_s;

    if (journal->previous.stem[0] && !name_read_stem(journal->previous.stem, &last_s) &&
        wall_s <= last_s)
        wall_s = last_s + 1;
    name_write_stem(wall_s, journal->stem);
}

/* A sidecar gets its name when its header is durable, so there is none without. */
static int create_sidecar(struct journal *journal)
{
    struct chain_head head = {.previous = journal->previous};
    char text[CHAIN_HEAD_MAX];
    char name[NAME_FILE_SIZE];
    uint8_t hash[SHA256_BYTES];

    memcpy(head.hearing, journal->head.hearing, sizeof(head.hearing));
    memcpy(head.group, journal->head.group, sizeof(head.group));
    memcpy(head.stem, journal->stem, sizeof(head.stem));
    journal->chain_bytes = chain_write_head(&head, text);
    chain_start(&journal->chain, text, journal->chain_bytes, hash);
    name_write_file(journal->stem, NAME_CHAIN_SUFFIX, name);
    journal->chain_fd = openat(journal->folder, NAME_NEXT_CHAIN,
                               O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    if (journal->chain_fd < 0)
        return -errno;
    int result = folder_write(journal->chain_fd, text, journal->chain_bytes);
    if (result)
        return result;
    if (fdatasync(journal->chain_fd) ||
        renameat(journal->folder, NAME_NEXT_CHAIN, journal->folder, name))
        return -errno;
    return 0;
}

static int create_pcapng(struct journal *journal)
{
    char name[NAME_FILE_SIZE];

    name_write_file(journal->stem, NAME_PCAPNG_SUFFIX, name);
    journal->fd = openat(journal->folder, name,
                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    if (journal->fd < 0 || fsync(journal->folder))
        return -errno;
    journal->buffered = pcapng_write_head(&journal->head, journal->buffer);
    return 0;
}

/* Idle → open. */
static int open_files(struct journal *journal, int64_t wall_ns, int64_t monotonic_ns)
{
    journal->head.wall_ns = wall_ns;
    journal->head.monotonic_ns = monotonic_ns;
    journal->minute = minute_of(wall_ns);
    journal->step = (struct chain_step){0};
    journal->step_count = journal->packets = journal->written = 0;
    choose_stem(journal, wall_ns);
    int result = create_sidecar(journal);
    if (!result)
        result = create_pcapng(journal);
    if (result)
        return give_up(journal, result);
    journal->state = JOURNAL_OPEN;
    return 0;
}

static int flush(struct journal *journal)
{
    int result = folder_write(journal->fd, journal->buffer, journal->buffered);

    if (result)
        return result;
    chain_add(&journal->chain, journal->buffer, journal->buffered);
    journal->written += journal->buffered;
    journal->buffered = 0;
    return 0;
}

/* The bytes first and then the line that vouches for them, so that it never says too much. */
static int write_step(struct journal *journal, struct chain_step *step)
{
    char line[CHAIN_STEP_MAX];
    int result = flush(journal);

    if (result)
        return result;
    if (fdatasync(journal->fd))
        return -errno;
    step->end = journal->written;
    chain_seal(&journal->chain, step);
    size_t len = chain_write_step(step, line);
    result = folder_write(journal->chain_fd, line, len);
    if (result)
        return result;
    if (fdatasync(journal->chain_fd))
        return -errno;
    journal->chain_bytes += len;
    return 0;
}

static int take_step(struct journal *journal, int64_t wall_ns, bool is_end)
{
    struct chain_step step = {.is_end = is_end, .packets = journal->packets, .wall_ns = wall_ns};
    int result = write_step(journal, &step);

    if (result)
        return give_up(journal, result);
    journal->step = step;
    journal->step_count++;
    journal->durable.step = step;
    memcpy(journal->durable.stem, journal->stem, sizeof(journal->stem));
    return 0;
}

int journal_end(struct journal *journal, int64_t wall_ns)
{
    if (journal->state != JOURNAL_OPEN)
        return 0;
    int result = take_step(journal, wall_ns, true);
    if (result)
        return result;
    journal->previous = chain_link_after(journal->stem, &journal->step);
    close_files(journal, JOURNAL_IDLE);
    return 0;
}

int journal_sync(struct journal *journal, int64_t wall_ns)
{
    if (journal->state != JOURNAL_OPEN)
        return 0;
    if (minute_of(wall_ns) != journal->minute || journal->step_count + 1 >= JOURNAL_STEPS_MAX)
        return journal_end(journal, wall_ns);
    if (journal->packets == journal->step.packets)
        return 0;
    return take_step(journal, wall_ns, false);
}

/* Whatever the state: an open file of this minute. */
static int prepare(struct journal *journal, int64_t wall_ns, int64_t monotonic_ns)
{
    int result = 0;

    if (journal->state == JOURNAL_OPEN && minute_of(wall_ns) != journal->minute)
        result = journal_end(journal, wall_ns);
    if (!result && journal->state == JOURNAL_LOST)
        result = resume(journal);
    if (!result && journal->state == JOURNAL_IDLE)
        result = open_files(journal, wall_ns, monotonic_ns);
    return result;
}

int journal_append(struct journal *journal, const struct pcapng_packet *packet,
                   int64_t monotonic_ns)
{
    if (packet->track >= journal->head.track_count || !packet->len ||
        packet->len > JOURNAL_PACKET_MAX || packet->wall_ns < 0 || monotonic_ns < 0)
        return -EINVAL;
    int result = prepare(journal, packet->wall_ns, monotonic_ns);
    if (result)
        return result;
    if (sizeof(journal->buffer) - journal->buffered < PCAPNG_BLOCK_MAX) {
        result = flush(journal);
        if (result)
            return give_up(journal, result);
    }
    journal->buffered += pcapng_write_packet(packet, journal->buffer + journal->buffered);
    journal->packets++;
    return 0;
}

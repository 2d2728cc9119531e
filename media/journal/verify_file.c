#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "media/journal/folder.h"
#include "media/journal/reader.h"
#include "media/journal/verify.h"

struct walk {
    const struct verify_ops *ops;
    void *context;
    struct verify_file *file;
    int fd;       /* of the pcapng file; -1 when it cannot be opened */
    int chain_fd; /* of the sidecar, likewise */
    char *text;   /* of the sidecar */
    size_t text_len;
    size_t at;    /* in text, of the line after the last that fits */
    bool started; /* the head of the pcapng file is read */
    uint64_t packets;
    struct chain chain;
    struct reader reader;
};

/* A finding in the sidecar; all others are in the pcapng file. */
static struct fit in_sidecar(struct walk *walk, struct fit fit)
{
    walk->file->suffix = NAME_CHAIN_SUFFIX;
    return fit;
}

static struct fit read_sidecar(struct walk *walk)
{
    if (walk->chain_fd < 0)
        return in_sidecar(walk, fit_bad(0, "the sidecar is missing or cannot be opened"));
    walk->text = malloc(CHAIN_BYTES_MAX + 1);
    if (!walk->text)
        abort();
    while (walk->text_len <= CHAIN_BYTES_MAX) {
        ssize_t got = pread(walk->chain_fd, walk->text + walk->text_len,
                            CHAIN_BYTES_MAX + 1 - walk->text_len, (off_t)walk->text_len);
        if (got < 0)
            return in_sidecar(walk,
                              fit_bad(walk->text_len, "the sidecar cannot be read from here"));
        if (got == 0)
            return fit_good();
        walk->text_len += (size_t)got;
    }
    return in_sidecar(walk, fit_bad(CHAIN_BYTES_MAX, "longer than any sidecar"));
}

static struct fit check_header(struct walk *walk, const char *hearing, const char *group,
                               const char *stem)
{
    struct verify_file *file = walk->file;
    struct chain_head head;
    uint64_t offset;
    struct fit fit = chain_parse_head(walk->text, walk->text_len, &head, &walk->at);

    if (fit.verdict != FIT_GOOD)
        return in_sidecar(walk, fit);
    struct chain_head expected = head;
    str_copy(expected.hearing, sizeof(expected.hearing), hearing);
    str_copy(expected.group, sizeof(expected.group), group);
    str_copy(expected.stem, sizeof(expected.stem), stem);
    if (!chain_same_head(&head, &expected, &offset)) {
        walk->at = 0;
        return in_sidecar(walk, fit_bad(offset, "the sidecar of another file"));
    }
    file->head = head;
    chain_start(&walk->chain, walk->text, walk->at, file->link.hash);
    return fit;
}

/* Bytes that a step vouches for were durable: that they are cut off is no accident of the writer.
 */
static struct fit not_durable(const struct walk *walk, struct fit fit)
{
    if (fit.verdict == FIT_END || fit.verdict == FIT_TORN)
        return fit_bad(walk->reader.offset, "the file ends before what was durable");
    return fit;
}

static struct fit start_file(struct walk *walk)
{
    const struct chain_head *head = &walk->file->head;

    walk->started = true;
    if (walk->fd < 0)
        return fit_bad(0, "the file is missing or cannot be opened");
    struct fit fit = reader_open(&walk->reader, walk->fd);
    if (fit.verdict != FIT_GOOD)
        return not_durable(walk, fit);
    if (strcmp(walk->reader.head.hearing, head->hearing) != 0 ||
        strcmp(walk->reader.head.group, head->group) != 0)
        return fit_bad(0, "a file of another hearing or group");
    chain_add(&walk->chain, walk->reader.block, walk->reader.block_len);
    return fit;
}

static struct fit read_until(struct walk *walk, uint64_t end)
{
    struct pcapng_packet packet;

    while (walk->reader.offset < end) {
        struct fit fit = reader_next(&walk->reader, &packet);
        if (fit.verdict != FIT_GOOD)
            return not_durable(walk, fit);
        chain_add(&walk->chain, walk->reader.block, walk->reader.block_len);
        walk->packets++;
    }
    if (walk->reader.offset != end)
        return in_sidecar(walk, fit_bad(walk->at, "a step that does not end with a packet"));
    return fit_good();
}

/* Good: one more step fits. End and torn are those of the sidecar. */
static struct fit check_step(struct walk *walk)
{
    struct verify_file *file = walk->file;
    struct chain_step step;
    size_t len;
    struct fit fit =
        chain_parse_step(walk->text + walk->at, walk->text_len - walk->at, &step, &len);

    fit.offset += walk->at;
    if (fit.verdict != FIT_GOOD)
        return in_sidecar(walk, fit);
    if (!walk->started)
        fit = start_file(walk);
    if (fit.verdict == FIT_GOOD)
        fit = read_until(walk, step.end);
    if (fit.verdict != FIT_GOOD)
        return fit;
    if (walk->packets != step.packets)
        return in_sidecar(walk, fit_bad(walk->at, "another number of packets than in the file"));
    struct chain_step sealed = step;
    chain_seal(&walk->chain, &sealed);
    if (memcmp(sealed.hash, step.hash, sizeof(step.hash)) != 0)
        return fit_bad(file->last.end, "from here to the next step not what was written");
    walk->at += len;
    file->last = step;
    memcpy(file->link.hash, step.hash, sizeof(step.hash));
    return fit;
}

static struct fit check_end(struct walk *walk)
{
    struct pcapng_packet packet;

    if (walk->at != walk->text_len)
        return in_sidecar(walk, fit_bad(walk->at, "more behind the end of the sidecar"));
    if (reader_next(&walk->reader, &packet).verdict != FIT_END)
        return fit_bad(walk->file->last.end, "more behind the end of the file");
    return fit_good();
}

static struct fit check_steps(struct walk *walk)
{
    const struct verify_file *file = walk->file;

    while (!file->last.is_end) {
        struct fit fit = check_step(walk);
        if (fit.verdict == FIT_END) {
            walk->file->suffix = NAME_PCAPNG_SUFFIX;
            return fit_torn(file->last.end, "never closed: the writer was cut off after this");
        }
        if (fit.verdict != FIT_GOOD)
            return fit;
        if (walk->ops && walk->ops->step)
            walk->ops->step(walk->context, file->head.group, file->link.stem, &file->last);
    }
    return check_end(walk);
}

/* Adds what a file holds from an offset on; how much that is. What cannot be read is not there. */
static uint64_t add_tail(struct sha256_stream *stream, int fd, uint64_t from)
{
    uint8_t bytes[8192];
    uint64_t len = 0;
    ssize_t got;

    while (fd >= 0 && (got = pread(fd, bytes, sizeof(bytes), (off_t)(from + len))) > 0) {
        sha256_stream_add(stream, bytes, (size_t)got);
        len += (uint64_t)got;
    }
    return len;
}

static void measure_tail(const struct walk *walk)
{
    struct chain_link *link = &walk->file->link;
    struct sha256_stream *stream = sha256_stream_new();

    link->tail_bytes = add_tail(stream, walk->fd, walk->file->last.end);
    link->tail_chain_bytes = add_tail(stream, walk->chain_fd, walk->at);
    sha256_stream_take(stream, link->tail_hash);
    sha256_stream_free(stream);
}

static int open_file(int folder, const char *stem, const char *suffix)
{
    char name[NAME_FILE_SIZE];

    name_write_file(stem, suffix, name);
    return folder_open_file(folder, name);
}

void verify_file(int folder, const char *hearing, const char *group, const char *stem,
                 const struct verify_ops *ops, void *context, struct verify_file *ret_file)
{
    struct walk *walk = calloc(1, sizeof(*walk));

    if (!walk)
        abort();
    *ret_file = (struct verify_file){.suffix = NAME_PCAPNG_SUFFIX};
    str_copy(ret_file->link.stem, sizeof(ret_file->link.stem), stem);
    walk->ops = ops;
    walk->context = context;
    walk->file = ret_file;
    walk->fd = open_file(folder, stem, NAME_PCAPNG_SUFFIX);
    walk->chain_fd = open_file(folder, stem, NAME_CHAIN_SUFFIX);
    chain_init(&walk->chain);

    struct fit fit = read_sidecar(walk);
    if (fit.verdict == FIT_GOOD)
        fit = check_header(walk, hearing, group, stem);
    if (fit.verdict == FIT_GOOD)
        fit = check_steps(walk);
    ret_file->fit = fit;
    measure_tail(walk);

    chain_done(&walk->chain);
    folder_close(&walk->chain_fd);
    folder_close(&walk->fd);
    free(walk->text);
    free(walk);
}

#include "media/journal/chain.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "media/journal/lines.h"

enum { HASH_FIELD_BYTES = 2 * SHA256_BYTES + 1 /* newline */ };

static const char version[] = "1";
static const char algorithm[] = "sha256";
static const char no_encryption[] = "none";
static const char no_file[] = "-";

struct chain_link chain_link_after(const char *stem, const struct chain_step *end)
{
    struct chain_link link = {0};

    str_copy(link.stem, sizeof(link.stem), stem);
    memcpy(link.hash, end->hash, sizeof(link.hash));
    sha256("", 0, link.tail_hash);
    return link;
}

size_t chain_write_head(const struct chain_head *head, char out[static CHAIN_HEAD_MAX])
{
    const struct chain_link *previous = &head->previous;
    char hash[SHA256_HEX_SIZE];
    char tail_hash[SHA256_HEX_SIZE];

    str_hex(previous->hash, SHA256_BYTES, hash);
    str_hex(previous->tail_hash, SHA256_BYTES, tail_hash);
    int len = snprintf(out, CHAIN_HEAD_MAX,
                       "assize-chain %s\nalgorithm %s\nencryption %s\nhearing %s\ngroup %s\n"
                       "file %s\nprevious %s\nprevious_hash %s\nprevious_tail_bytes %" PRIu64
                       "\nprevious_tail_chain_bytes %" PRIu64 "\nprevious_tail_hash %s\n",
                       version, algorithm, no_encryption, head->hearing, head->group, head->stem,
                       previous->stem[0] ? previous->stem : no_file, hash, previous->tail_bytes,
                       previous->tail_chain_bytes, tail_hash);

    assert(len > 0 && len < CHAIN_HEAD_MAX);
    return (size_t)len;
}

size_t chain_write_step(const struct chain_step *step, char out[static CHAIN_STEP_MAX])
{
    char hash[SHA256_HEX_SIZE];

    str_hex(step->hash, SHA256_BYTES, hash);
    int len =
        snprintf(out, CHAIN_STEP_MAX, "%s %" PRIu64 " %" PRIu64 " %" PRId64 " %s\n",
                 step->is_end ? "end" : "step", step->end, step->packets, step->wall_ns, hash);
    assert(len > 0 && len < CHAIN_STEP_MAX);
    return (size_t)len;
}

static bool take_stem(struct lines *lines, const char *key, char *out)
{
    struct lines before = *lines;
    int64_t wall_s;

    if (lines_take(lines, key, out, NAME_STEM_SIZE) && !name_read_stem(out, &wall_s))
        return true;
    *lines = before;
    return false;
}

static bool take_link(struct lines *lines, struct chain_link *link)
{
    return (lines_expect(lines, "previous", no_file) || take_stem(lines, "previous", link->stem)) &&
           lines_take_hex(lines, "previous_hash", link->hash, SHA256_BYTES) &&
           lines_take_number(lines, "previous_tail_bytes", INT64_MAX, &link->tail_bytes) &&
           lines_take_number(lines, "previous_tail_chain_bytes", INT64_MAX,
                             &link->tail_chain_bytes) &&
           lines_take_hex(lines, "previous_tail_hash", link->tail_hash, SHA256_BYTES);
}

struct fit chain_parse_head(const char *text, size_t len, struct chain_head *ret_head,
                            size_t *ret_len)
{
    struct lines lines = {.text = text, .len = len};
    struct chain_head head = {0};
    char again[CHAIN_HEAD_MAX];

    if (!lines_expect(&lines, "assize-chain", version) ||
        !lines_expect(&lines, "algorithm", algorithm) ||
        !lines_expect(&lines, "encryption", no_encryption))
        return fit_bad(lines.at, "not a sidecar of this format and version");
    if (!lines_take_name(&lines, "hearing", head.hearing) ||
        !lines_take_name(&lines, "group", head.group) || !take_stem(&lines, "file", head.stem) ||
        !take_link(&lines, &head.previous))
        return fit_bad(lines.at, "the sidecar's header does not read");
    size_t again_len = chain_write_head(&head, again);
    size_t difference = lines_difference(text, lines.at, again, again_len);
    if (difference < again_len)
        return fit_bad(difference, "not as the sidecar's header is written");
    *ret_head = head;
    *ret_len = again_len;
    return fit_good();
}

static bool take_number(char **rest, uint64_t *ret_value)
{
    const char *field = strsep(rest, " ");

    return field && !str_to_u64(field, INT64_MAX, ret_value);
}

static bool read_step(char *line, struct chain_step *step)
{
    const char *word = strsep(&line, " ");
    uint64_t wall_ns;

    step->is_end = strcmp(word, "end") == 0;
    if (!take_number(&line, &step->end) || !take_number(&line, &step->packets) ||
        !take_number(&line, &wall_ns) || !line || str_from_hex(line, step->hash, SHA256_BYTES))
        return false;
    step->wall_ns = (int64_t)wall_ns;
    return true;
}

struct fit chain_parse_step(const char *text, size_t len, struct chain_step *ret_step,
                            size_t *ret_len)
{
    size_t window = len < CHAIN_STEP_MAX ? len : CHAIN_STEP_MAX;
    const char *newline = memchr(text, '\n', window);
    char line[CHAIN_STEP_MAX];
    char again[CHAIN_STEP_MAX];
    struct chain_step step;

    if (!len)
        return (struct fit){.verdict = FIT_END};
    if (!newline && len < CHAIN_STEP_MAX)
        return fit_torn(0, "the sidecar ends inside a line");
    size_t line_len = newline ? (size_t)(newline - text) : 0;
    memcpy(line, text, line_len);
    line[line_len] = '\0';
    if (!line_len || !read_step(line, &step))
        return fit_bad(0, "a line of the sidecar does not read");
    size_t again_len = chain_write_step(&step, again);
    size_t difference = lines_difference(text, line_len + 1, again, again_len);
    if (difference < again_len || again_len != line_len + 1)
        return fit_bad(difference, "not as a line of the sidecar is written");
    *ret_step = step;
    *ret_len = again_len;
    return fit_good();
}

bool chain_same_head(const struct chain_head *head, const struct chain_head *other,
                     uint64_t *ret_offset)
{
    char text[CHAIN_HEAD_MAX];
    char other_text[CHAIN_HEAD_MAX];
    size_t len = chain_write_head(head, text);
    size_t other_len = chain_write_head(other, other_text);

    *ret_offset = lines_difference(text, len, other_text, other_len);
    return len == other_len && *ret_offset == len;
}

void chain_init(struct chain *chain)
{
    chain->stream = sha256_stream_new();
}

void chain_done(struct chain *chain)
{
    sha256_stream_free(chain->stream);
    chain->stream = NULL;
}

void chain_start(struct chain *chain, const char *head, size_t len,
                 uint8_t ret_hash[static SHA256_BYTES])
{
    uint8_t unfinished[SHA256_BYTES];

    sha256_stream_take(chain->stream, unfinished);
    sha256(head, len, ret_hash);
    sha256_stream_add(chain->stream, ret_hash, SHA256_BYTES);
}

void chain_add(struct chain *chain, const void *data, size_t len)
{
    sha256_stream_add(chain->stream, data, len);
}

void chain_seal(struct chain *chain, struct chain_step *step)
{
    char line[CHAIN_STEP_MAX];
    size_t len = chain_write_step(step, line) - HASH_FIELD_BYTES;

    sha256_stream_add(chain->stream, line, len);
    sha256_stream_take(chain->stream, step->hash);
    sha256_stream_add(chain->stream, step->hash, SHA256_BYTES);
}

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "server/recording/recording_internal.h"

enum { BLOCK_BYTES = 1 << 20 };

struct check_key {
    char hearing[ID_UUID_SIZE];
    char file[RECORDING_FILE_SIZE];
};

/*
 * What is known of the bytes of one file: the sum they had when the file last changed, as its
 * identity tells. Files are read one at a time, since the disk is wanted for the hearings too.
 */
struct check {
    struct check_key key;
    struct recordings *recordings;
    struct file_identity identity;
    bool wanted; /* to be read */
    bool known;  /* sum is that of the bytes */
    uint8_t sum[SHA256_BYTES];
    uint8_t expected[SHA256_BYTES]; /* of what was made */
    uv_work_t work;
    struct file_identity found; /* by the work, */
    bool read_whole;            /* and whether it came to the end of the same file */
    UT_hash_handle hh;
};

static bool is_same(const struct file_identity *a, const struct file_identity *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->modified_ns == b->modified_ns && a->changed_ns == b->changed_ns;
}

/* ---- in a thread ---- */

static bool add_all(const struct check *check, int fd, struct sha256_stream *sum)
{
    uint8_t *block = malloc(BLOCK_BYTES);
    uint64_t left = check->found.size;

    if (!block)
        abort();
    while (left && !check->recordings->closing) {
        ssize_t n = read(fd, block, BLOCK_BYTES);
        if (n <= 0 || (uint64_t)n > left)
            break;
        sha256_stream_add(sum, block, (size_t)n);
        left -= (uint64_t)n;
    }
    free(block);
    return !left;
}

static void read_file(uv_work_t *work)
{
    struct check *check = work->data;
    const char *files = check->recordings->files;
    struct file_identity after;

    check->read_whole = false;
    int fd = index_open(files, check->key.hearing, check->key.file, &check->found);
    if (fd < 0)
        return;
    struct sha256_stream *sum = sha256_stream_new();
    bool whole = add_all(check, fd, sum);
    sha256_stream_take(sum, check->sum);
    sha256_stream_free(sum);
    close(fd);
    /* Who changes a file while it is read would have it taken for what it was before. */
    fd = index_open(files, check->key.hearing, check->key.file, &after);
    if (fd >= 0) {
        close(fd);
        check->read_whole = whole && is_same(&after, &check->found);
    }
}

/* ---- on the loop ---- */

static void start_next(struct recordings *recordings);

static void on_read(uv_work_t *work, int status)
{
    struct check *check = work->data;
    struct recordings *recordings = check->recordings;

    recordings->checking = NULL;
    if (recordings_job_ended(recordings))
        return;
    if (!status && check->read_whole) {
        check->identity = check->found;
        check->known = true;
        if (memcmp(check->sum, check->expected, SHA256_BYTES) != 0)
            log_error("recording.file_differs", "hearing=%s file=%s", check->key.hearing,
                      check->key.file);
    }
    start_next(recordings);
}

static void start_next(struct recordings *recordings)
{
    struct check *check, *next;

    if (recordings->checking)
        return;
    HASH_ITER(hh, recordings->checks, check, next)
    {
        if (!check->wanted)
            continue;
        check->wanted = false;
        recordings->checking = check;
        recordings->jobs++;
        check->work.data = check;
        if (uv_queue_work(recordings->loop, &check->work, read_file, on_read))
            abort(); /* it only refuses bad arguments */
        return;
    }
}

static struct check *find(struct recordings *recordings, const char *hearing, const char *file)
{
    struct check_key key = {0}; /* its padding counts too */
    struct check *check;

    str_copy(key.hearing, sizeof(key.hearing), hearing);
    str_copy(key.file, sizeof(key.file), file);
    HASH_FIND(hh, recordings->checks, &key, sizeof(key), check);
    return check;
}

static void make_room(struct recordings *recordings)
{
    struct check *check, *next;

    HASH_ITER(hh, recordings->checks, check, next)
    {
        if (HASH_COUNT(recordings->checks) < RECORDING_CHECKS_MAX)
            return;
        if (check == recordings->checking)
            continue;
        HASH_DEL(recordings->checks, check);
        free(check);
    }
}

static struct check *add(struct recordings *recordings, const char *hearing, const char *file)
{
    struct check *check = calloc(1, sizeof(*check));

    if (!check)
        abort();
    make_room(recordings);
    check->recordings = recordings;
    str_copy(check->key.hearing, sizeof(check->key.hearing), hearing);
    str_copy(check->key.file, sizeof(check->key.file), file);
    HASH_ADD(hh, recordings->checks, key, sizeof(check->key), check);
    return check;
}

Assize__Record__V1__FileCheck check_file(struct recordings *recordings, const char *hearing,
                                         const char *file, const struct file_identity *identity,
                                         const uint8_t expected[static SHA256_BYTES])
{
    struct check *check = find(recordings, hearing, file);

    if (!check)
        check = add(recordings, hearing, file);
    memcpy(check->expected, expected, SHA256_BYTES);
    if (check->known && is_same(&check->identity, identity))
        return memcmp(check->sum, expected, SHA256_BYTES) == 0
                   ? ASSIZE__RECORD__V1__FILE_CHECK__FILE_CHECK_GOOD
                   : ASSIZE__RECORD__V1__FILE_CHECK__FILE_CHECK_DIFFERS;
    if (check != recordings->checking) {
        check->known = false;
        check->wanted = true;
        start_next(recordings);
    }
    return ASSIZE__RECORD__V1__FILE_CHECK__FILE_CHECK_UNDER_WAY;
}

const uint8_t *check_known(struct recordings *recordings, const char *hearing, const char *file,
                           const struct file_identity *identity)
{
    const struct check *check = find(recordings, hearing, file);

    return check && check->known && is_same(&check->identity, identity) &&
                   memcmp(check->sum, check->expected, SHA256_BYTES) == 0
               ? check->sum
               : NULL;
}

void checks_free(struct recordings *recordings)
{
    struct check *check, *next;

    HASH_ITER(hh, recordings->checks, check, next)
    {
        HASH_DEL(recordings->checks, check);
        free(check);
    }
}

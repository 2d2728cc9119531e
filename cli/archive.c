#include "cli/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "cli/archive_internal.h"

struct archive {
    int fd;
    char path[ARCHIVE_PATH_SIZE], draft[ARCHIVE_PATH_SIZE + 8];
    struct buf manifest;
    struct sha256_stream *hash; /* of the member that is being written */
    char name[ARCHIVE_NAME_MAX + 1];
    off_t header_at;
    uint64_t size;
    uint64_t left; /* bytes that may still be written: 8 GiB a member, as ustar has it */
    size_t count;
};

_Static_assert(sizeof(struct archive_header) == ARCHIVE_BLOCK, "ustar");

unsigned archive_sum(const struct archive_header *header)
{
    const unsigned char *bytes = (const unsigned char *)header;
    unsigned sum = 0;

    for (size_t i = 0; i < ARCHIVE_BLOCK; i++) {
        bool own = i >= offsetof(struct archive_header, sum) &&
                   i < offsetof(struct archive_header, sum) + sizeof(header->sum);
        sum += own ? ' ' : bytes[i];
    }
    return sum;
}

bool archive_name_is_good(const char *name)
{
    size_t len = strlen(name);

    return len && len <= ARCHIVE_NAME_MAX && name[0] != '/' && name[0] != '.' &&
           name[len - 1] != '/' && !strstr(name, "/.") && !strstr(name, "//") &&
           !strpbrk(name, "\n\\");
}

static int write_all(int fd, const void *data, size_t len)
{
    const char *at = data;

    while (len) {
        ssize_t written = write(fd, at, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return written ? -errno : -EIO;
        at += written;
        len -= (size_t)written;
    }
    return 0;
}

int archive_create(const char *path, struct archive **ret_archive)
{
    struct archive *archive = calloc(1, sizeof(*archive));

    if (!archive)
        abort();
    *ret_archive = archive;
    archive->fd = -1;
    buf_init(&archive->manifest, ARCHIVE_MANIFEST_MAX);
    archive->hash = sha256_stream_new();
    if (!str_copy(archive->path, sizeof(archive->path), path))
        return -ENAMETOOLONG;
    snprintf(archive->draft, sizeof(archive->draft), "%s.part", path);
    if (access(path, F_OK) == 0)
        return -EEXIST;
    archive->fd = open(archive->draft, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return archive->fd < 0 ? -errno : buf_printf(&archive->manifest, ARCHIVE_TITLE);
}

int archive_note(struct archive *archive, const char *key, const char *value)
{
    return strpbrk(value, "\n") ? -EINVAL : buf_printf(&archive->manifest, "%s %s\n", key, value);
}

static int write_header(struct archive *archive)
{
    struct archive_header header = {.type = '0'};

    memcpy(header.name, archive->name, strlen(archive->name));
    memcpy(header.mode, "0000600", 8);
    memcpy(header.uid, "0000000", 8);
    memcpy(header.gid, "0000000", 8);
    memcpy(header.magic, "ustar", 6);
    memcpy(header.version, "00", 2);
    snprintf(header.size, sizeof(header.size), "%011" PRIo64, archive->size);
    snprintf(header.mtime, sizeof(header.mtime), "%011" PRIo64, (uint64_t)time(NULL));
    snprintf(header.sum, sizeof(header.sum), "%06o", archive_sum(&header));
    header.sum[7] = ' ';
    ssize_t written = pwrite(archive->fd, &header, sizeof(header), archive->header_at);
    if (written < 0)
        return -errno;
    return written == sizeof(header) ? 0 : -ENOSPC;
}

static int begin(struct archive *archive, const char *name)
{
    static const char nothing[ARCHIVE_BLOCK];

    if (!archive_name_is_good(name) || archive->count++ == ARCHIVE_MEMBERS_MAX)
        return -ENAMETOOLONG;
    str_copy(archive->name, sizeof(archive->name), name);
    archive->header_at = lseek(archive->fd, 0, SEEK_CUR);
    archive->size = 0;
    archive->left = (1ull << 33) - 1;
    return archive->header_at < 0 ? -errno : write_all(archive->fd, nothing, sizeof(nothing));
}

int archive_begin(struct archive *archive, const char *name)
{
    return strcmp(name, ARCHIVE_MANIFEST) == 0 ? -EINVAL : begin(archive, name);
}

int archive_write(struct archive *archive, const void *data, size_t len)
{
    if (len > archive->left)
        return -EFBIG;
    archive->left -= len;
    archive->size += len;
    sha256_stream_add(archive->hash, data, len);
    return write_all(archive->fd, data, len);
}

static int end(struct archive *archive, uint8_t hash[static SHA256_BYTES])
{
    static const char nothing[ARCHIVE_BLOCK];
    size_t over = (size_t)(archive->size % ARCHIVE_BLOCK);

    sha256_stream_take(archive->hash, hash);
    int result = over ? write_all(archive->fd, nothing, ARCHIVE_BLOCK - over) : 0;
    return result ? result : write_header(archive);
}

int archive_end(struct archive *archive)
{
    uint8_t hash[SHA256_BYTES];
    char hex[SHA256_HEX_SIZE];

    int result = end(archive, hash);
    str_hex(hash, SHA256_BYTES, hex);
    return result ? result
                  : buf_printf(&archive->manifest, "sha256 %s %" PRIu64 " %s\n", hex, archive->size,
                               archive->name);
}

/* The name in its folder is on the disk as well. */
static int sync_folder(const char *path)
{
    char folder[ARCHIVE_PATH_SIZE];
    const char *slash = strrchr(path, '/');

    snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    int fd = open(*folder ? folder : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = fd < 0 || fsync(fd) ? -errno : 0;
    if (fd >= 0)
        close(fd);
    return result;
}

int archive_finish(struct archive *archive)
{
    static const char nothing[2 * ARCHIVE_BLOCK];
    uint8_t hash[SHA256_BYTES];
    char hex[SHA256_HEX_SIZE];

    sha256(archive->manifest.data, archive->manifest.len, hash);
    str_hex(hash, SHA256_BYTES, hex);
    int result = buf_printf(&archive->manifest, "end %s\n", hex);
    if (!result)
        result = begin(archive, ARCHIVE_MANIFEST);
    if (!result)
        result = archive_write(archive, archive->manifest.data, archive->manifest.len);
    if (!result)
        result = end(archive, hash);
    if (!result)
        result = write_all(archive->fd, nothing, sizeof(nothing));
    if (!result && fsync(archive->fd))
        result = -errno;
    /* link refuses what rename would replace */
    if (!result && link(archive->draft, archive->path))
        result = -errno;
    if (!result)
        result = sync_folder(archive->path);
    return result;
}

void archive_close(struct archive *archive)
{
    if (!archive)
        return;
    if (archive->fd >= 0) {
        close(archive->fd);
        unlink(archive->draft);
    }
    sha256_stream_free(archive->hash);
    buf_done(&archive->manifest);
    free(archive);
}

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/archive_internal.h"

struct archive_read {
    int fd;
    struct archive_member *members;
    size_t count;
    char *manifest; /* as it was written, NUL-terminated */
    char value[ARCHIVE_PATH_SIZE];
    struct sha256_stream *hash;
};

__attribute__((format(printf, 4, 5))) static int complain(char *error, size_t size, int result,
                                                          const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(error, size, format, args);
    va_end(args);
    return result;
}

static bool read_at(int fd, void *out, size_t len, off_t at)
{
    char *bytes = out;

    while (len) {
        ssize_t got = pread(fd, bytes, len, at);
        if (got <= 0)
            return false;
        bytes += got;
        at += got;
        len -= (size_t)got;
    }
    return true;
}

/* ---- the members, as the headers have them ---- */

static bool read_octal(const char *digits, size_t len, uint64_t *value)
{
    size_t i = 0;

    *value = 0;
    for (; i < len && digits[i] >= '0' && digits[i] <= '7'; i++)
        *value = *value * 8 + (uint64_t)(digits[i] - '0');
    return i && (i == len || digits[i] == '\0' || digits[i] == ' ');
}

/* The member at this place; false at what is none. */
static bool read_member(int fd, off_t at, off_t end, struct archive_member *out)
{
    struct archive_header header;
    uint64_t sum;

    if (end - at < ARCHIVE_BLOCK || !read_at(fd, &header, sizeof(header), at) ||
        memcmp(header.magic, "ustar", 6) != 0 || header.type != '0' || *header.prefix ||
        !memchr(header.name, '\0', sizeof(header.name)) ||
        !read_octal(header.sum, sizeof(header.sum), &sum) || sum != archive_sum(&header) ||
        !read_octal(header.size, sizeof(header.size), &out->size) ||
        !archive_name_is_good(header.name))
        return false;
    str_copy(out->name, sizeof(out->name), header.name);
    out->at = at + ARCHIVE_BLOCK;
    return out->size <= (uint64_t)(end - out->at);
}

static bool add_member(struct archive_read *archive, const struct archive_member *member)
{
    struct archive_member *grown;

    if (archive->count > ARCHIVE_MEMBERS_MAX)
        return false;
    grown = realloc(archive->members, (archive->count + 1) * sizeof(*grown));
    if (!grown)
        abort();
    archive->members = grown;
    archive->members[archive->count++] = *member;
    return true;
}

static bool read_members(struct archive_read *archive, off_t end)
{
    struct archive_member member;

    for (off_t at = 0; read_member(archive->fd, at, end, &member);) {
        if (!add_member(archive, &member))
            return false;
        at = member.at + (off_t)((member.size + ARCHIVE_BLOCK - 1) / ARCHIVE_BLOCK * ARCHIVE_BLOCK);
    }
    return archive->count &&
           strcmp(archive->members[archive->count - 1].name, ARCHIVE_MANIFEST) == 0;
}

/* ---- the manifest ---- */

static bool read_manifest(struct archive_read *archive)
{
    const struct archive_member *last = &archive->members[--archive->count];
    uint8_t hash[SHA256_BYTES];
    char hex[SHA256_HEX_SIZE], line[SHA256_HEX_SIZE + 8];
    size_t ending = strlen("end \n") + SHA256_HEX_SIZE - 1;

    if (last->size > ARCHIVE_MANIFEST_MAX || last->size < ending)
        return false;
    archive->manifest = calloc(1, (size_t)last->size + 1);
    if (!archive->manifest)
        abort();
    if (!read_at(archive->fd, archive->manifest, (size_t)last->size, last->at))
        return false;
    sha256(archive->manifest, (size_t)last->size - ending, hash);
    str_hex(hash, SHA256_BYTES, hex);
    snprintf(line, sizeof(line), "end %s\n", hex);
    return strcmp(archive->manifest + last->size - ending, line) == 0 &&
           strncmp(archive->manifest, ARCHIVE_TITLE, strlen(ARCHIVE_TITLE)) == 0;
}

static bool hash_member(struct archive_read *archive, const struct archive_member *member,
                        uint8_t out[static SHA256_BYTES])
{
    char chunk[ARCHIVE_CHUNK];
    bool good = true;

    for (uint64_t done = 0; good && done < member->size;) {
        size_t len =
            member->size - done < sizeof(chunk) ? (size_t)(member->size - done) : sizeof(chunk);
        good = read_at(archive->fd, chunk, len, member->at + (off_t)done);
        sha256_stream_add(archive->hash, chunk, good ? len : 0);
        done += len;
    }
    sha256_stream_take(archive->hash, out);
    return good;
}

/* The members are those of the manifest, in its order, and no others. The name of one that is not.
 */
static const char *find_difference(struct archive_read *archive)
{
    const char *line = archive->manifest;
    char hex[SHA256_HEX_SIZE], wanted[SHA256_HEX_SIZE + ARCHIVE_NAME_MAX + 40];

    for (size_t i = 0; i < archive->count; i++) {
        struct archive_member *member = &archive->members[i];
        while (line && strncmp(line, "sha256 ", 7) != 0) {
            line = strchr(line, '\n');
            line = line ? line + 1 : NULL;
        }
        if (!line || !hash_member(archive, member, member->hash))
            return member->name;
        str_hex(member->hash, SHA256_BYTES, hex);
        snprintf(wanted, sizeof(wanted), "sha256 %s %" PRIu64 " %s\n", hex, member->size,
                 member->name);
        if (strncmp(line, wanted, strlen(wanted)) != 0)
            return member->name;
        line += strlen(wanted);
    }
    return line && strstr(line, "\nsha256 ")          ? ARCHIVE_MANIFEST
           : line && strncmp(line, "sha256 ", 7) == 0 ? ARCHIVE_MANIFEST
                                                      : NULL;
}

int archive_open(const char *path, struct archive_read **ret_archive, char *error, size_t size)
{
    struct archive_read *archive = calloc(1, sizeof(*archive));
    const char *different;
    struct stat st;

    if (!archive)
        abort();
    *ret_archive = archive;
    archive->hash = sha256_stream_new();
    archive->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (archive->fd < 0 || fstat(archive->fd, &st))
        return complain(error, size, -errno, "The backup %s cannot be read.", path);
    if (st.st_mode & 0077)
        return complain(error, size, -EPERM,
                        "Others may read or change %s, which holds secrets; `chmod 600` it, and "
                        "ask yourself who has.",
                        path);
    if (!read_members(archive, st.st_size) || !read_manifest(archive))
        return complain(error, size, -EBADMSG, "%s is no backup, or not a whole one.", path);
    different = find_difference(archive);
    return different
               ? complain(error, size, -EBADMSG,
                          "The backup %s is damaged: %s is not what was written.", path, different)
               : 0;
}

void archive_read_close(struct archive_read *archive)
{
    if (!archive)
        return;
    if (archive->fd >= 0)
        close(archive->fd);
    sha256_stream_free(archive->hash);
    free(archive->members);
    free(archive->manifest);
    free(archive);
}

const char *archive_noted(struct archive_read *archive, const char *key)
{
    char start[64];

    archive->value[0] = '\0';
    snprintf(start, sizeof(start), "\n%s ", key);
    const char *line = strstr(archive->manifest, start);
    if (line)
        snprintf(archive->value, sizeof(archive->value), "%.*s",
                 (int)strcspn(line + strlen(start), "\n"), line + strlen(start));
    return archive->value;
}

size_t archive_count(const struct archive_read *archive)
{
    return archive->count;
}

const struct archive_member *archive_at(const struct archive_read *archive, size_t i)
{
    return &archive->members[i];
}

const struct archive_member *archive_find(const struct archive_read *archive, const char *name)
{
    for (size_t i = 0; i < archive->count; i++) {
        if (strcmp(archive->members[i].name, name) == 0)
            return &archive->members[i];
    }
    return NULL;
}

int archive_copy(const struct archive_read *archive, const struct archive_member *member, int fd)
{
    char chunk[ARCHIVE_CHUNK];

    for (uint64_t done = 0; done < member->size;) {
        size_t len =
            member->size - done < sizeof(chunk) ? (size_t)(member->size - done) : sizeof(chunk);
        if (!read_at(archive->fd, chunk, len, member->at + (off_t)done))
            return -EIO;
        for (size_t sent = 0; sent < len;) {
            ssize_t written = write(fd, chunk + sent, len - sent);
            if (written < 0 && errno == EINTR)
                continue;
            if (written <= 0)
                return written ? -errno : -EIO;
            sent += (size_t)written;
        }
        done += len;
    }
    return 0;
}

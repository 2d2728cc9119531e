/*
 * A backup: one tar file (POSIX.1-1988 ustar), whose last member, MANIFEST, has the SHA-256 and the
 * length of each of the others and of itself. tar(1) opens it too. Used by cmd_backup.c, which
 * writes, and cmd_restore.c, which reads nothing of it before all of it was found to be whole.
 */
#ifndef ASSIZE_CLI_ARCHIVE_H
#define ASSIZE_CLI_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/limits.h"
#include "base/sha256.h"

/* clang-format off */
#define ARCHIVE_LIMITS(L) \
    L(ARCHIVE_NAME_MAX, 99, "bytes", "the name of a file in a backup") \
    L(ARCHIVE_MEMBERS_MAX, 100000, "files", "in a backup") \
    L(ARCHIVE_MANIFEST_MAX, 32 << 20, "bytes", "the list of a backup's files")
/* clang-format on */
LIMITS(ARCHIVE_LIMITS);

/* ---- writing ---- */

struct archive;

/* The file is PATH.part until archive_finish; 0600. 0, or -EEXIST when either is there, or -errno.
 */
int archive_create(const char *path, struct archive **ret_archive)
    __attribute__((warn_unused_result));
/* A line of the manifest: what was backed up, and of what. Before the first member. */
int archive_note(struct archive *archive, const char *key, const char *value)
    __attribute__((warn_unused_result));
int archive_begin(struct archive *archive, const char *name) __attribute__((warn_unused_result));
int archive_write(struct archive *archive, const void *data, size_t len)
    __attribute__((warn_unused_result));
int archive_end(struct archive *archive) __attribute__((warn_unused_result));
/* Manifest, fsync, name. Until then there is no backup. */
int archive_finish(struct archive *archive) __attribute__((warn_unused_result));
/* Frees; what was not finished is removed. NULL is fine. */
void archive_close(struct archive *archive);

/* ---- reading ---- */

struct archive_member {
    char name[ARCHIVE_NAME_MAX + 1];
    off_t at;
    uint64_t size;
    uint8_t hash[SHA256_BYTES];
};

struct archive_read;

/*
 * Reads all of it. 0; -EBADMSG: it is not what was written, or not by us, with a sentence; or
 * -errno with one.
 */
int archive_open(const char *path, struct archive_read **ret_archive, char *error, size_t size)
    __attribute__((warn_unused_result));
void archive_read_close(struct archive_read *archive);
/* The value of a note, or ""; until the next is asked for. */
const char *archive_noted(struct archive_read *archive, const char *key);
size_t archive_count(const struct archive_read *archive);
const struct archive_member *archive_at(const struct archive_read *archive, size_t i);
const struct archive_member *archive_find(const struct archive_read *archive, const char *name);
/* Copies a member to a descriptor, which is a file or a pipe. 0 or -errno. */
int archive_copy(const struct archive_read *archive, const struct archive_member *member, int fd)
    __attribute__((warn_unused_result));

#endif

/*
 * Folders and files of the record, always by descriptor and never through a symbolic link. For
 * media/journal and the renderer of media/studio.
 */
#ifndef ASSIZE_MEDIA_JOURNAL_FOLDER_H
#define ASSIZE_MEDIA_JOURNAL_FOLDER_H

#include <dirent.h>
#include <stddef.h>

/* The folder with this name in another; a descriptor or -errno. */
int folder_open(int parent, const char *name) __attribute__((warn_unused_result));
/* The same; it is made, durably, when it is not there. */
int folder_make(int parent, const char *name) __attribute__((warn_unused_result));
/* A regular file, to read from; a descriptor or -errno. */
int folder_open_file(int folder, const char *name) __attribute__((warn_unused_result));

struct folder_list {
    struct dirent **entries; /* in byte order, without "." and ".." */
    int count;
};

/* 0 or -errno; done by folder_list_done in either case. */
int folder_list(int folder, struct folder_list *ret_list) __attribute__((warn_unused_result));
void folder_list_done(struct folder_list *list);

/* All of data, or -errno. */
int folder_write(int fd, const void *data, size_t len) __attribute__((warn_unused_result));
/* Closes a descriptor and forgets it; one below zero is none. */
void folder_close(int *fd);

#endif

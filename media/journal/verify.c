#include "media/journal/verify.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "media/journal/folder.h"

enum { PATH_SIZE = NAME_SIZE + 256 + 2 /* a group, any name in its folder, a slash */ };

/* One hearing's walk. */
struct walk {
    const char *hearing;
    const struct verify_ops *ops;
    void *context;
    struct verify_totals totals;
};

static void find(struct walk *walk, const char *folder, const char *name, const char *suffix,
                 struct fit fit)
{
    char path[PATH_SIZE];

    if (fit.verdict == FIT_TORN)
        walk->totals.torn++;
    else
        walk->totals.bad++;
    if (!walk->ops->finding)
        return;
    snprintf(path, sizeof(path), "%s%s%s%s", folder, *folder ? "/" : "", name, suffix);
    walk->ops->finding(walk->context, path, &fit);
}

/* A file must continue the one before it. When that one is bad, which has been said, where it came
 * to is not known any more. */
static void check_link(struct verify_file *file, const struct verify_file *before)
{
    struct chain_head expected = file->head;
    uint64_t offset;

    if (file->fit.verdict == FIT_BAD)
        return;
    if (before->fit.verdict == FIT_BAD)
        memcpy(expected.previous.stem, before->link.stem, sizeof(expected.previous.stem));
    else
        expected.previous = before->link;
    if (chain_same_head(&file->head, &expected, &offset))
        return;
    file->fit = fit_bad(offset, "does not continue the file before it: one is missing or changed");
    file->suffix = NAME_CHAIN_SUFFIX;
}

static void check_file(struct walk *walk, int folder, const char *group, const char *stem,
                       struct verify_file *before)
{
    struct verify_file file;

    verify_file(folder, walk->hearing, group, stem, walk->ops, walk->context, &file);
    check_link(&file, before);
    walk->totals.files++;
    walk->totals.packets += file.last.packets;
    walk->totals.bytes += file.last.end;
    if (file.fit.verdict != FIT_GOOD)
        find(walk, group, stem, file.suffix, file.fit);
    *before = file;
}

/* Stems sort as the chain goes, and the two files of a stem stand side by side. */
static int check_group(struct walk *walk, int folder, const char *group)
{
    struct folder_list list;
    struct verify_file before = {0};
    int result = folder_list(folder, &list);

    for (int i = 0; i < list.count; i++) {
        const char *name = list.entries[i]->d_name;
        char stem[NAME_STEM_SIZE] = "";
        switch (name_read_file(name, stem)) {
        case NAME_PCAPNG:
        case NAME_CHAIN:
            if (strcmp(stem, before.link.stem) != 0)
                check_file(walk, folder, group, stem, &before);
            break;
        case NAME_NEXT:
            find(walk, group, name, "", fit_torn(0, "a file that was about to be opened"));
            break;
        case NAME_FOREIGN:
            find(walk, group, name, "", fit_bad(0, "not a file of the record"));
            break;
        }
    }
    folder_list_done(&list);
    return result;
}

static int check_groups(struct walk *walk, int folder)
{
    struct folder_list list;
    int result = folder_list(folder, &list);

    for (int i = 0; i < list.count && !result; i++) {
        const char *name = list.entries[i]->d_name;
        int group = name_is_valid(name) ? folder_open(folder, name) : -1;
        if (group < 0) {
            find(walk, "", name, "", fit_bad(0, "not a group of the record"));
            continue;
        }
        walk->totals.groups++;
        result = check_group(walk, group, name);
        folder_close(&group);
    }
    folder_list_done(&list);
    return result;
}

int verify_hearing(int record, const char *hearing, const struct verify_ops *ops, void *context,
                   struct verify_totals *ret_totals)
{
    struct walk walk = {.hearing = hearing, .ops = ops, .context = context};

    if (!name_is_valid(hearing))
        return -EINVAL;
    int folder = folder_open(record, hearing);
    if (folder < 0)
        return folder;
    int result = check_groups(&walk, folder);
    folder_close(&folder);
    if (!result)
        *ret_totals = walk.totals;
    return result;
}

#include "media/studio/listen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/record_group.h"
#include "base/str.h"
#include "media/journal/folder.h"
#include "media/journal/reader.h"
#include "media/studio/limits.h"
#include "media/studio/voice.h"

enum {
    PACKETS_A_TURN = 4096
}; /* read of one group, so that a long file is caught up with bit by bit */

static const char programme_group[] =
    "programme"; /* a mix itself: its level counts, its sound does not */
static const char sound_track[] = "audio";

/* Behind the moment of recording: the relay makes all durable within 0.7 s. */
static const int64_t behind_ns = 2 * CLOCK_NS_PER_S;
static const int64_t look_ns = 500 * CLOCK_NS_PER_MS;  /* between two looks into the folders */
static const int64_t read_ns = 100 * CLOCK_NS_PER_MS;  /* between two reads */
static const int64_t level_ns = 300 * CLOCK_NS_PER_MS; /* between two reports of levels */

struct group {
    char name[NAME_SIZE]; /* "": not in use */
    int folder;
    int file;
    char stem[NAME_STEM_SIZE]; /* of the file; "" before the first */
    bool has_head;
    bool over; /* nothing of this file is of use any more */
    struct reader reader;
    struct voice *voice;
    uint8_t level; /* the loudest since the last report */
    int64_t wall_ns;
    int64_t told_ns; /* wall_ns as it was reported last */
};

struct listen {
    const struct listen_ops *ops;
    void *context;
    int folder;
    struct group *groups[STUDIO_GROUPS_MAX];
    struct mixer *mixer;
    int64_t epoch_ns;
    int64_t position;
    int64_t next_look_ns;
    int64_t next_read_ns;
    int64_t next_level_ns;
    int64_t next_report_ns;
};

struct listen *listen_new(int folder, const struct listen_ops *ops, void *context, int64_t now_ns)
{
    struct listen *listen = calloc(1, sizeof(*listen));

    if (!listen)
        abort();
    listen->ops = ops;
    listen->context = context;
    listen->folder = folder;
    listen->mixer = mixer_new();
    listen->epoch_ns = now_ns;
    return listen;
}

static void free_group(struct group *group)
{
    if (!group)
        return;
    folder_close(&group->file);
    folder_close(&group->folder);
    voice_free(group->voice);
    free(group);
}

void listen_free(struct listen *listen)
{
    if (!listen)
        return;
    for (size_t i = 0; i < STUDIO_GROUPS_MAX; i++)
        free_group(listen->groups[i]);
    mixer_free(listen->mixer);
    free(listen);
}

/* ---- finding files ---- */

/* The group's place, or a free one, or NULL. */
static struct group **place_of(struct listen *listen, const char *name)
{
    struct group **vacant = NULL;

    for (size_t i = 0; i < STUDIO_GROUPS_MAX; i++) {
        struct group **place = &listen->groups[i];
        if (*place && strcmp((*place)->name, name) == 0)
            return place;
        if (!*place && !vacant)
            vacant = place;
    }
    return vacant;
}

/* What is shared has no sound. */
static bool is_heard(const char *name)
{
    struct record_group group;

    return name_is_valid(name) && !(record_group_read(name, &group) && group.share);
}

static void add_group(struct listen *listen, const char *name)
{
    struct group **place = is_heard(name) ? place_of(listen, name) : NULL;

    if (!place || *place)
        return;
    int folder = folder_open(listen->folder, name);
    if (folder < 0)
        return;
    struct group *group = calloc(1, sizeof(*group));
    if (!group)
        abort();
    str_copy(group->name, sizeof(group->name), name);
    group->folder = folder;
    group->file = -1;
    group->voice = voice_new(behind_ns);
    group->level = SOUND_SILENCE;
    *place = group;
}

static void find_groups(struct listen *listen)
{
    struct folder_list list;

    if (folder_list(listen->folder, &list) == 0) {
        for (int i = 0; i < list.count; i++)
            add_group(listen, list.entries[i]->d_name);
    }
    folder_list_done(&list);
}

static void open_file(struct group *group, const char *stem)
{
    char name[NAME_FILE_SIZE];

    name_write_file(stem, NAME_PCAPNG_SUFFIX, name);
    folder_close(&group->file);
    group->file = folder_open_file(group->folder, name);
    group->has_head = false;
    group->over = group->file < 0;
    str_copy(group->stem, sizeof(group->stem), stem);
}

/* The first file after the one that is open; the last of all when none is. */
static void find_next_file(struct group *group)
{
    char found[NAME_STEM_SIZE] = "";
    char stem[NAME_STEM_SIZE];
    struct folder_list list;

    if (folder_list(group->folder, &list) == 0) {
        for (int i = 0; i < list.count; i++) {
            if (name_read_file(list.entries[i]->d_name, stem) != NAME_PCAPNG ||
                strcmp(stem, group->stem) <= 0)
                continue;
            str_copy(found, sizeof(found), stem);
            if (*group->stem)
                break;
        }
    }
    folder_list_done(&list);
    if (*found)
        open_file(group, found);
}

/* ---- reading ---- */

static bool is_sound(const struct group *group, const struct pcapng_packet *packet)
{
    return packet->kind == PCAPNG_RTP &&
           strcmp(group->reader.head.tracks[packet->track], sound_track) == 0;
}

/* A packet is heard as if it had arrived when it was recorded, and is then behind_ns late. */
static void take_packet(struct listen *listen, struct group *group,
                        const struct pcapng_packet *packet, int64_t now_ns)
{
    int64_t ago_ns = clock_wall_ns() - packet->wall_ns;

    group->wall_ns = packet->wall_ns;
    if (!is_sound(group, packet) || ago_ns > behind_ns || ago_ns < -behind_ns)
        return;
    voice_put(group->voice, packet->data, packet->len, now_ns - ago_ns);
    voice_turn(group->voice, &(const struct voice_pace){.epoch_ns = listen->epoch_ns,
                                                        .heard = listen->position,
                                                        .now_ns = now_ns});
    uint8_t level = voice_take_level(group->voice);
    if (level < group->level)
        group->level = level;
}

/* What has grown since the last time. At an end that stays one the next file is looked for. */
static void read_group(struct listen *listen, struct group *group, int64_t now_ns)
{
    struct pcapng_packet packet;
    struct fit fit = fit_good();

    if (!group->over && !group->has_head) {
        fit = reader_open(&group->reader, group->file);
        group->has_head = fit.verdict == FIT_GOOD;
    }
    for (int i = 0; !group->over && group->has_head && i < PACKETS_A_TURN; i++) {
        fit = reader_next(&group->reader, &packet);
        if (fit.verdict != FIT_GOOD)
            break;
        take_packet(listen, group, &packet, now_ns);
    }
    group->over |= fit.verdict == FIT_BAD;
}

static void read_groups(struct listen *listen, int64_t now_ns)
{
    bool look = now_ns >= listen->next_look_ns;

    if (look) {
        find_groups(listen);
        listen->next_look_ns = now_ns + look_ns;
    }
    for (size_t i = 0; i < STUDIO_GROUPS_MAX; i++) {
        struct group *group = listen->groups[i];
        if (!group)
            continue;
        if (group->file >= 0)
            read_group(listen, group, now_ns); /* to its end, before the next is looked for */
        if (look)
            find_next_file(group);
    }
}

/* ---- telling ---- */

static void tell_levels(struct listen *listen)
{
    bool told = false;

    for (size_t i = 0; i < STUDIO_GROUPS_MAX; i++) {
        struct group *group = listen->groups[i];
        if (!group || group->wall_ns == group->told_ns)
            continue;
        listen->ops->level(listen->context, group->name, group->level,
                           group->wall_ns / CLOCK_NS_PER_MS);
        group->told_ns = group->wall_ns;
        group->level = SOUND_SILENCE;
        told = true;
    }
    if (told)
        listen->ops->levels_done(listen->context);
}

static void mix(struct listen *listen)
{
    float sound[SOUND_FRAME] = {0};
    float unheard[SOUND_FRAME] = {0};

    for (size_t i = 0; i < STUDIO_GROUPS_MAX; i++) {
        struct group *group = listen->groups[i];
        if (group)
            voice_mix(group->voice, listen->position,
                      strcmp(group->name, programme_group) == 0 ? unheard : sound);
    }
    mixer_send(listen->mixer, sound, listen->position, listen->ops->send, listen->context);
    listen->position += SOUND_FRAME;
}

static void turn_sound(struct listen *listen, int64_t now_ns)
{
    int64_t now = sound_samples(now_ns - listen->epoch_ns);

    if (now - listen->position > SOUND_RATE / 2)
        listen->position = now - now % SOUND_FRAME;
    while (listen->position + SOUND_FRAME <= now)
        mix(listen);
}

void listen_turn(struct listen *listen, int64_t now_ns)
{
    if (now_ns >= listen->next_read_ns) {
        read_groups(listen, now_ns);
        listen->next_read_ns = now_ns + read_ns;
    }
    turn_sound(listen, now_ns);
    if (now_ns >= listen->next_level_ns) {
        tell_levels(listen);
        listen->next_level_ns = now_ns + level_ns;
    }
    if (now_ns >= listen->next_report_ns) {
        listen->ops->report(listen->context, SDP_AUDIO, mixer_packetizer(listen->mixer),
                            (uint32_t)sound_samples(now_ns - listen->epoch_ns));
        listen->next_report_ns = now_ns + CLOCK_NS_PER_S;
    }
}

/* Files made from journals: what is in them, that they are the same again, and what an interrupted
 * or damaged beginning comes to. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/str.h"
#include "media/journal/folder.h"
#include "media/studio/render_make.h"
#include "tests/unit/journal_fixture.h"
#include "tests/unit/render_media.h"

enum { PATH_SIZE = 256, FILES_MAX = 8 };

struct court {
    struct record *record;
    int files;
    char path[PATH_SIZE]; /* of the files */
};

/* What the renderer told. */
struct told {
    size_t progress;
    uint64_t last;
    uint64_t total;
    size_t file_count;
    uint8_t sha256[FILES_MAX][SHA256_BYTES];
    int kill_after; /* progress after which the process dies; 0: never */
};

static const struct scene_rtp sound_source = {
    .medium = RENDER_AUDIO, .ssrc = 0x1111, .seq = 65500, .timestamp = 0xfffff000, .level = 40};
static const struct scene_rtp picture_source = {.medium = RENDER_VIDEO,
                                                .ssrc = 0x2222,
                                                .seq = 65530,
                                                .timestamp = 0xffffff00,
                                                .level = SCENE_NO_LEVEL};

/* ---- a court ---- */

static int set_up(void **state)
{
    struct court *court = calloc(1, sizeof(*court));
    void *record;

    assert_non_null(court);
    record_set_up(&record);
    court->record = record;
    /* No group's name begins with a capital: the files stand beside the record's folders. */
    snprintf(court->path, sizeof(court->path), "%s/FILES", court->record->path);
    assert_int_equal(mkdir(court->path, 0700), 0);
    court->files = open(court->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(court->files >= 0);
    *state = court;
    return 0;
}

static int tear_down(void **state)
{
    struct court *court = *state;
    void *record = court->record;

    close(court->files);
    record_tear_down(&record);
    free(court);
    return 0;
}

/* Flashes and beeps of one group for so long, from a time on. */
static void put_on_record(const struct court *court, const char *group, int64_t from_ms,
                          unsigned seconds)
{
    struct scene scene = {0};
    struct scene_rtp sound = sound_source;
    struct scene_rtp picture = picture_source;

    sound.at_ns = picture.at_ns = RENDER_MS(from_ms);
    media_add(&scene, sound, picture, seconds, RENDER_MS(140));
    scene_sort(&scene);
    scene_record(&scene, court->record->fd, RECORD_HEARING, group, RECORD_START);
    scene_done(&scene);
}

static void take_progress(void *context, uint64_t done, uint64_t total)
{
    struct told *told = context;

    told->progress++;
    if (total) {
        assert_true(done <= total && done >= told->last);
        told->last = done;
    }
    told->total = total;
    if (told->kill_after && told->progress == (size_t)told->kill_after)
        kill(getpid(), SIGKILL);
}

static void take_file(void *context, const struct render_file *file)
{
    struct told *told = context;

    assert_true(told->file_count < FILES_MAX);
    memcpy(told->sha256[told->file_count++], file->sha256, SHA256_BYTES);
}

static int render(const struct court *court, struct told *told)
{
    static const struct render_ops ops = {take_progress, take_file};

    return render_make(court->record->fd, court->files, RECORD_HEARING, &ops, told);
}

static json_t *load(const struct court *court, const char *name)
{
    char path[PATH_SIZE + 64];
    json_error_t error;

    snprintf(path, sizeof(path), "%s/%s", court->path, name);
    return json_load_file(path, 0, &error);
}

static int64_t number(const json_t *json, const char *key)
{
    const json_t *value = json_object_get(json, key);

    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static struct media_seen watch(const struct court *court, const char *name)
{
    char path[PATH_SIZE + 64];

    snprintf(path, sizeof(path), "%s/%s", court->path, name);
    return media_watch(path);
}

static bool exists(const struct court *court, const char *name)
{
    return faccessat(court->files, name, F_OK, 0) == 0;
}

static struct stat stat_of(const struct court *court, const char *name)
{
    struct stat info;

    assert_int_equal(fstatat(court->files, name, &info, 0), 0);
    return info;
}

/* ---- tests ---- */

static void keeps_length_and_lip_sync(void **state)
{
    const struct court *court = *state;
    struct told told = {0};

    put_on_record(court, "e1", 0, 20);
    put_on_record(court, "e2", 6000, 8);
    assert_int_equal(render(court, &told), 0);
    for (int i = 1; i <= 2; i++) {
        struct media_seen seen = watch(court, i == 1 ? "e1.webm" : "e2.webm");
        assert_true(seen.whole);
        assert_true(llabs(seen.said_ns - RENDER_MS(20140)) <= RENDER_MS(200));
        assert_true(llabs(seen.sound_end_ns - seen.said_ns) <= RENDER_MS(200));
        assert_true(seen.said_ns - seen.picture_end_ns <= RENDER_MS(RENDER_BLACK_MS));
        assert_true(seen.flash_count >= (i == 1 ? 18 : 6));
        for (size_t flash = 0; flash < seen.flash_count; flash++) {
            int64_t nearest = INT64_MAX;
            for (size_t beep = 0; beep < seen.beep_count; beep++) {
                int64_t off = seen.flashes_ns[flash] - seen.beeps_ns[beep];
                nearest = llabs(off) < llabs(nearest) ? off : nearest;
            }
            /* The last flash of the short one is the end of its picture: no beep goes with it. */
            if (i == 1 || seen.flashes_ns[flash] < RENDER_MS(13900))
                assert_in_range(nearest + RENDER_MS(80), 0, RENDER_MS(160));
        }
        /* The first beep is that of the first second. */
        assert_true(llabs(seen.beeps_ns[0] - RENDER_MS(i == 1 ? 0 : 6000)) <= RENDER_MS(80));
    }
}

static void says_in_the_index_what_is_there(void **state)
{
    const struct court *court = *state;
    struct told told = {0};

    put_on_record(court, "e1", 0, 3);
    put_on_record(court, "e2", 8000, 3);
    assert_int_equal(render(court, &told), 0);
    assert_int_equal(told.file_count, 2);
    assert_int_equal(told.last, told.total);
    json_t *index = load(court, "index.json");
    assert_non_null(index);
    assert_int_equal(number(index, "start_ms"), RECORD_START / CLOCK_NS_PER_MS);
    assert_in_range(number(index, "duration_ms"), 11000, 11240);
    assert_string_equal(json_string_value(json_object_get(index, "hearing")), RECORD_HEARING);
    assert_int_equal(json_array_size(json_object_get(index, "findings")), 0);
    /* Nothing of anyone is on record from the third to the eighth second. */
    const json_t *gaps = json_object_get(index, "gaps");
    assert_int_equal(json_array_size(gaps), 1);
    assert_in_range(number(json_array_get(gaps, 0), "from_ms"), 2850, 3150);
    assert_in_range(number(json_array_get(gaps, 0), "to_ms"), 7950, 8150);
    const json_t *entry = json_array_get(json_object_get(index, "files"), 1);
    assert_string_equal(json_string_value(json_object_get(entry, "group")), "e2");
    assert_int_equal(number(entry, "bytes"), stat_of(court, "e2.webm").st_size);
    assert_int_equal(number(json_object_get(entry, "video"), "width"), 160);
    assert_null(json_object_get(entry, "levels"));
    json_t *details = load(court, "e2.json");
    const json_t *values = json_object_get(json_object_get(details, "levels"), "values");
    assert_true(json_is_null(json_array_get(values, 4)));
    assert_int_equal(json_integer_value(json_array_get(values, 34)), 40);
    json_decref(details);
    json_decref(index);
}

static void makes_the_same_bytes_again(void **state)
{
    const struct court *court = *state;
    struct told first = {0};
    struct told again = {0};

    put_on_record(court, "e1", 0, 5);
    put_on_record(court, "programme", 1000, 3);
    assert_int_equal(render(court, &first), 0);
    assert_int_equal(unlinkat(court->files, "e1.webm", 0), 0);
    assert_int_equal(unlinkat(court->files, "programme.json", 0), 0);
    assert_int_equal(render(court, &again), 0);
    assert_int_equal(again.file_count, 2);
    assert_memory_equal(first.sha256, again.sha256, sizeof(first.sha256));
}

static void keeps_what_is_finished_and_makes_anew_what_grew(void **state)
{
    const struct court *court = *state;
    struct told told = {0};

    put_on_record(court, "e1", 0, 4);
    assert_int_equal(render(court, &told), 0);
    struct stat before = stat_of(court, "e1.webm");
    assert_int_equal(render(court, &told), 0);
    assert_int_equal(stat_of(court, "e1.webm").st_ino, before.st_ino);
    /* A minute later the hearing goes on: every file is to be longer. */
    put_on_record(court, "e2", 60000, 2);
    assert_int_equal(render(court, &told), 0);
    assert_int_not_equal(stat_of(court, "e1.webm").st_ino, before.st_ino);
    assert_true(llabs(watch(court, "e1.webm").said_ns - RENDER_MS(62140)) <= RENDER_MS(200));
}

static void goes_on_after_a_kill_at_any_moment(void **state)
{
    const struct court *court = *state;
    struct told whole = {0};
    int status = 0;
    int died = 0;

    put_on_record(court, "e1", 0, 3);
    put_on_record(court, "e2", 0, 3);
    for (int after = 1; !died || WIFSIGNALED(status); after++) {
        struct told told = {.kill_after = after};
        pid_t child = fork();
        assert_true(child >= 0);
        if (!child)
            _exit(render(court, &told) ? 1 : 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        died += WIFSIGNALED(status);
        /* Begun each time from the front, and killed a little later. */
        if (WIFSIGNALED(status) && after % 3 == 0) {
            unlinkat(court->files, "e1.json", 0);
            unlinkat(court->files, "e2.json", 0);
        }
        assert_true(after < 10000);
    }
    assert_true(died > 3);
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(render(court, &whole), 0);
    assert_int_equal(whole.file_count, 2);
    assert_false(exists(court, "e1.webm.part") || exists(court, "e2.webm.part"));
    assert_true(watch(court, "e1.webm").whole && watch(court, "e2.webm").whole);
}

static void leaves_nothing_half_made_on_a_full_disk(void **state)
{
    const struct court *court = *state;
    const struct rlimit little = {4000, RLIM_INFINITY};
    struct rlimit before;
    struct told told = {0};

    put_on_record(court, "e1", 0, 3);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
    int result = render(court, &told);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(result, -EFBIG); /* what a full disk says is another number */
    assert_false(exists(court, "e1.webm.part") || exists(court, "e1.webm"));
    assert_false(exists(court, "index.json"));
    assert_int_equal(render(court, &told), 0);
    assert_true(exists(court, "index.json"));
}

/* The name of a group's only file. */
static void only_file(const struct court *court, const char *group, char *out, size_t size)
{
    struct folder_list list;
    char name[NAME_FILE_SIZE];
    int hearing = folder_open(court->record->fd, RECORD_HEARING);
    int folder = folder_open(hearing, group);

    assert_true(hearing >= 0 && folder >= 0);
    assert_int_equal(folder_list(folder, &list), 0);
    assert_int_equal(list.count, 2); /* with its sidecar, which sorts first */
    assert_true(str_copy(name, sizeof(name), list.entries[1]->d_name));
    snprintf(out, size, "%s/%s", group, name);
    folder_list_done(&list);
    folder_close(&folder);
    folder_close(&hearing);
}

static void reports_and_leaves_out_what_does_not_vouch_for_itself(void **state)
{
    const struct court *court = *state;
    uint8_t *bytes = malloc(RECORD_FILE_MAX);
    char paths[4][RECORD_PATH_SIZE];
    static const char *const groups[] = {"e1", "e2", "e3", "e4"};
    struct told told = {0};

    assert_non_null(bytes);
    for (size_t i = 0; i < 4; i++) {
        put_on_record(court, groups[i], 0, 6);
        only_file(court, groups[i], paths[i], sizeof(paths[i]));
    }
    size_t len = record_load(court->record, paths[1], bytes);
    bytes[len / 2] ^= 0x10; /* one bit, in the middle */
    record_store(court->record, paths[1], bytes, len);
    len = record_load(court->record, paths[2], bytes);
    record_store(court->record, paths[2], bytes, len / 2); /* cut off */
    len = record_load(court->record, paths[0], bytes);
    record_store(court->record, paths[3], bytes, len); /* another group's */
    record_store(court->record, "e1/notes.txt", bytes, 10);
    free(bytes);

    assert_int_equal(render(court, &told), 0);
    json_t *index = load(court, "index.json");
    assert_int_equal(json_array_size(json_object_get(index, "findings")), 4);
    json_decref(index);
    assert_int_equal(told.file_count, 3); /* of the fourth nothing is left */
    assert_true(watch(court, "e1.webm").beep_count == 6);
    struct media_seen flipped = watch(court, "e2.webm");
    assert_true(flipped.whole && flipped.beep_count >= 1 && flipped.beep_count < 6);
    struct media_seen cut = watch(court, "e3.webm");
    assert_true(cut.whole && cut.beep_count >= 1 && cut.beep_count < 6);
    assert_int_equal(flipped.said_ns, cut.said_ns);
}

static void keeps_the_time_where_a_minute_is_missing(void **state)
{
    const struct court *court = *state;
    struct scene scene = {0};
    struct told told = {0};

    /* The record begins ten seconds past a full minute: a file of 50 s, two whole ones, a rest. */
    scene_sound(&scene, sound_source, 200 * 50);
    scene_sort(&scene);
    scene_record(&scene, court->record->fd, RECORD_HEARING, "e1", RECORD_START);
    scene_done(&scene);
    record_remove(court->record, "e1/20261121T094300Z.pcapng");
    record_remove(court->record, "e1/20261121T094300Z.chain");

    assert_int_equal(render(court, &told), 0);
    json_t *index = load(court, "index.json");
    assert_in_range(number(index, "duration_ms"), 200000 - 20, 200000 + 20);
    assert_int_equal(json_array_size(json_object_get(index, "findings")), 1);
    const json_t *gaps = json_object_get(index, "gaps");
    assert_int_equal(json_array_size(gaps), 1);
    assert_in_range(number(json_array_get(gaps, 0), "from_ms"), 50000 - 40, 50000 + 40);
    assert_in_range(number(json_array_get(gaps, 0), "to_ms"), 110000 - 40, 110000 + 40);
    json_decref(index);
}

static void has_nothing_to_make_of_no_record(void **state)
{
    const struct court *court = *state;
    struct told told = {0};

    assert_int_equal(render(court, &told), -ENOENT);
    assert_false(exists(court, "index.json"));
}

/* The wall clock is set an hour ahead in the middle of a hearing, and back again. */
static void is_not_stretched_by_a_clock_that_is_set(void **state)
{
    static const char *const tracks[] = {"audio", "video"};
    const struct court *court = *state;
    const struct journal_config config = {court->record->fd, RECORD_HEARING, "e1",
                                          "boot-1",          tracks,         2};
    const int64_t hour_ns = 3600 * CLOCK_NS_PER_S;
    struct scene scene = {0};
    struct journal *journal = NULL;
    struct told told = {0};
    int64_t wall_ns = 0;

    media_add(&scene, sound_source, picture_source, 9, 0);
    scene_sort(&scene);
    assert_int_equal(journal_new(&config, &journal), 0);
    for (size_t i = 0; i < scene.count; i++) {
        const struct render_packet *packet = &scene.list[i].packet;
        int64_t set_ns =
            packet->at_ns > RENDER_MS(3000) && packet->at_ns < RENDER_MS(6000) ? hour_ns : 0;
        wall_ns = RECORD_START + packet->at_ns + set_ns;
        const struct pcapng_packet on_record = {.track = (size_t)packet->medium,
                                                .kind = packet->kind,
                                                .wall_ns = wall_ns,
                                                .data = packet->data,
                                                .len = packet->len};
        assert_int_equal(journal_append(journal, &on_record, SECONDS(50) + packet->at_ns), 0);
    }
    assert_int_equal(journal_end(journal, wall_ns), 0);
    journal_free(journal);
    scene_done(&scene);

    assert_int_equal(render(court, &told), 0);
    struct media_seen seen = watch(court, "e1.webm");
    assert_true(llabs(seen.said_ns - RENDER_MS(9020)) <= RENDER_MS(200));
    assert_int_equal(seen.beep_count, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keeps_length_and_lip_sync, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_in_the_index_what_is_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(makes_the_same_bytes_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_what_is_finished_and_makes_anew_what_grew, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(goes_on_after_a_kill_at_any_moment, set_up, tear_down),
        cmocka_unit_test_setup_teardown(leaves_nothing_half_made_on_a_full_disk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reports_and_leaves_out_what_does_not_vouch_for_itself,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_the_time_where_a_minute_is_missing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(has_nothing_to_make_of_no_record, set_up, tear_down),
        cmocka_unit_test_setup_teardown(is_not_stretched_by_a_clock_that_is_set, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

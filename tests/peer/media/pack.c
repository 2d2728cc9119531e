/*
 * Puts the files of a folder, one frame each and sorted by name, into one IVF file:
 *
 *     peer-media-pack FOURCC FRAMES_PER_SECOND FOLDER OUT
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FILE_HEADER_BYTES = 32,
    FRAME_HEADER_BYTES = 12,
    FRAME_MAX = 1 << 20,
    WIDTH = 640,
    HEIGHT = 360
};

static void put_le(uint8_t *at, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static int write_file_header(FILE *out, const char *fourcc, unsigned rate, unsigned frames)
{
    uint8_t header[FILE_HEADER_BYTES] = "DKIF";

    put_le(header + 6, FILE_HEADER_BYTES, 2);
    memcpy(header + 8, fourcc, 4);
    put_le(header + 12, WIDTH, 2);
    put_le(header + 14, HEIGHT, 2);
    put_le(header + 16, rate, 4);
    put_le(header + 20, 1, 4);
    put_le(header + 24, frames, 4);
    return fwrite(header, sizeof(header), 1, out) == 1 ? 0 : -1;
}

static int append_frame(FILE *out, const char *path, unsigned number)
{
    static uint8_t frame[FRAME_MAX];
    uint8_t header[FRAME_HEADER_BYTES];
    FILE *in = fopen(path, "rb");

    if (!in)
        return -1;
    size_t len = fread(frame, 1, sizeof(frame), in);
    fclose(in);
    if (!len || len == sizeof(frame))
        return -1;
    put_le(header, len, 4);
    put_le(header + 4, number, 8);
    if (fwrite(header, sizeof(header), 1, out) != 1 || fwrite(frame, len, 1, out) != 1)
        return -1;
    return 0;
}

static int append_frames(FILE *out, const char *folder, struct dirent **names, unsigned count)
{
    char path[4096];

    for (unsigned i = 0; i < count; i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
        if (append_frame(out, path, i)) {
            fprintf(stderr, "peer-media-pack: cannot take %s\n", path);
            return -1;
        }
    }
    return 0;
}

static int is_frame(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
    struct dirent **names = NULL;

    if (argc != 5 || strlen(argv[1]) != 4) {
        fprintf(stderr, "usage: peer-media-pack FOURCC FRAMES_PER_SECOND FOLDER OUT\n");
        return 2;
    }
    int count = scandir(argv[3], &names, is_frame, alphasort);
    FILE *out = count > 0 ? fopen(argv[4], "wb") : NULL;
    if (!out) {
        fprintf(stderr, "peer-media-pack: no frames in %s, or %s cannot be written\n", argv[3],
                argv[4]);
        return 1;
    }
    unsigned rate = (unsigned)strtoul(argv[2], NULL, 10);
    int failed = write_file_header(out, argv[1], rate, (unsigned)count) ||
                 append_frames(out, argv[3], names, (unsigned)count);
    failed |= fclose(out);
    for (int i = 0; i < count; i++)
        free(names[i]);
    free(names);
    if (failed)
        remove(argv[4]);
    return failed ? 1 : 0;
}

#include "media/studio/canvas.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "media/studio/colour.h"

enum { CLOCK_SIZE = 16, LINE_SIZE = 3 * SCENE_TEXT_SIZE + 16, S_PER_DAY = 86400 };

static const int64_t vietnam_s = 7 * 3600; /* ahead of UTC, always */

struct canvas {
    struct letters *letters;
    cairo_surface_t *surface;
    cairo_t *cairo;
    int width;
    int height;
    struct yuv yuv;
};

struct canvas *canvas_new(struct letters *letters, int width, int height)
{
    struct canvas *canvas = calloc(1, sizeof(*canvas));

    if (!canvas)
        abort();
    canvas->letters = letters;
    canvas->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    canvas->cairo = cairo_create(canvas->surface);
    canvas->width = width;
    canvas->height = height;
    yuv_init(&canvas->yuv, width, height);
    return canvas;
}

void canvas_free(struct canvas *canvas)
{
    if (!canvas)
        return;
    cairo_destroy(canvas->cairo);
    cairo_surface_destroy(canvas->surface);
    yuv_done(&canvas->yuv);
    free(canvas);
}

static void fill(struct canvas *canvas, unsigned colour, double x, double y, double width,
                 double height)
{
    colour_set(canvas->cairo, colour);
    cairo_rectangle(canvas->cairo, x, y, width, height);
    cairo_fill(canvas->cairo);
}

static void write_clock(int64_t wall_ms, char out[static CLOCK_SIZE])
{
    int second = (int)((wall_ms / CLOCK_MS_PER_S + vietnam_s) % S_PER_DAY);

    snprintf(out, CLOCK_SIZE, "%02d:%02d:%02d", second / 3600, second / 60 % 60, second % 60);
}

/* ---- the line at the top ---- */

/* From the right: the clock, and the lamp with its word. Returns where they begin. */
static double draw_clock(struct canvas *canvas, const struct scene *scene, int header,
                         int64_t wall_ms)
{
    char clock[CLOCK_SIZE];
    double size = header * 0.56;
    double pad = header * 0.4;
    double x = canvas->width - pad;
    struct letters_line line = {clock, LETTERS_REGULAR, LETTERS_RIGHT, size, COLOUR_TEXT,
                                x,     header * 0.7,    canvas->width};

    write_clock(wall_ms, clock);
    letters_draw(canvas->letters, canvas->cairo, &line);
    x -= size * 4.8; /* as wide as any time of day */
    if (!scene->recording)
        return x;
    line.text = "Đang ghi";
    line.weight = LETTERS_BOLD;
    line.colour = COLOUR_ALERT;
    line.x = x - pad;
    x = line.x - letters_draw(canvas->letters, canvas->cairo, &line) - size * 0.6;
    colour_set(canvas->cairo, COLOUR_ALERT);
    cairo_arc(canvas->cairo, x, header * 0.5, size * 0.3, 0, 2 * M_PI);
    cairo_fill(canvas->cairo);
    return x - size * 0.3;
}

static void draw_header(struct canvas *canvas, const struct scene *scene, int header,
                        int64_t wall_ms)
{
    double pad = header * 0.4;
    double room = draw_clock(canvas, scene, header, wall_ms) - 2 * pad;
    struct letters_line line = {
        scene->case_number, LETTERS_BOLD, LETTERS_LEFT, header * 0.56,
        COLOUR_TEXT,        pad,          header * 0.7, room,
    };

    double used = letters_draw(canvas->letters, canvas->cairo, &line);
    line.text = scene->title;
    line.weight = LETTERS_REGULAR;
    line.colour = COLOUR_QUIET;
    line.x += used + (used > 0 ? pad : 0);
    line.width = room - line.x + pad;
    letters_draw(canvas->letters, canvas->cairo, &line);
}

/* ---- tiles ---- */

static void draw_strip(struct canvas *canvas, const struct scene_tile *tile,
                       const struct layout_tile *place)
{
    char text[LINE_SIZE];
    double y = place->picture.y + place->picture.height;
    double height = place->area.height - place->picture.height;
    double pad = height * 0.35;
    double size = height * 0.64;
    double room = place->area.width - 2 * pad;
    struct letters_line line = {"tắt tiếng",       LETTERS_REGULAR,
                                LETTERS_RIGHT,     size * 0.9,
                                COLOUR_QUIET,      place->area.x + place->area.width - pad,
                                y + height * 0.74, room};

    fill(canvas, COLOUR_STRIP, place->area.x, y, place->area.width, height);
    if (tile->muted && !tile->speaking)
        room -= letters_draw(canvas->letters, canvas->cairo, &line) + pad;
    line = (struct letters_line){tile->name,
                                 LETTERS_BOLD,
                                 LETTERS_LEFT,
                                 size,
                                 tile->speaking ? COLOUR_GOLD : COLOUR_TEXT,
                                 place->area.x + pad,
                                 y + height * 0.74,
                                 room};
    double used = letters_draw(canvas->letters, canvas->cairo, &line) + pad;
    snprintf(text, sizeof(text), "%s%s%s", tile->role,
             *tile->role && *tile->site_name && place->large ? " · " : "",
             place->large ? tile->site_name : "");
    line.text = text;
    line.weight = LETTERS_REGULAR;
    line.colour = COLOUR_QUIET;
    line.x += used;
    line.width = room - used;
    letters_draw(canvas->letters, canvas->cairo, &line);
}

/* What is seen where no picture is. */
static void draw_empty(struct canvas *canvas, const struct scene_tile *tile,
                       const struct layout_tile *place)
{
    double size = place->picture.height / (place->large ? 11.0 : 7.5);
    double middle = place->picture.y + place->picture.height / 2.0;
    struct letters_line line = {
        tile->name,     LETTERS_BOLD,
        LETTERS_CENTRE, size,
        COLOUR_TEXT,    place->picture.x + place->picture.width / 2.0,
        middle,         place->picture.width * 0.9,
    };

    fill(canvas, COLOUR_TILE, place->picture.x, place->picture.y, place->picture.width,
         place->picture.height);
    letters_draw(canvas->letters, canvas->cairo, &line);
    line.text = tile->link_lost                     ? "Mất kết nối"
                : tile->video_slot == SCENE_NO_SLOT ? "Chỉ có tiếng"
                                                    : "Chưa có hình";
    line.weight = LETTERS_REGULAR;
    line.size = size * 0.8;
    line.colour = tile->link_lost ? COLOUR_ALERT : COLOUR_QUIET;
    line.y = middle + size * 1.5;
    letters_draw(canvas->letters, canvas->cairo, &line);
}

static void draw_tile(struct canvas *canvas, const struct scene_tile *tile,
                      const struct layout_tile *place)
{
    double frame = place->area.height / 120.0 + 1;

    if (tile->speaking)
        fill(canvas, COLOUR_GOLD, place->area.x - frame, place->area.y - frame,
             place->area.width + 2 * frame, place->area.height + 2 * frame);
    draw_empty(canvas, tile, place);
    draw_strip(canvas, tile, place);
}

/* ---- cards ---- */

static const char *card_text(enum scene_card card)
{
    switch (card) {
    case SCENE_BEFORE:
        return "Phiên tòa chưa bắt đầu";
    case SCENE_RECESS:
        return "Phiên tòa tạm nghỉ";
    case SCENE_SUSPENDED:
        return "Phiên tòa tạm ngừng";
    case SCENE_PRIVATE:
        return "Phiên tòa đang xét xử kín";
    case SCENE_CLOSED:
        return "Phiên tòa đã kết thúc";
    case SCENE_TILES:
        break;
    }
    return "";
}

static void draw_card(struct canvas *canvas, const struct scene *scene)
{
    char since[CLOCK_SIZE];
    char text[CLOCK_SIZE + 8];
    double unit = canvas->height / 18.0;
    struct letters_line line = {scene->court, LETTERS_REGULAR,    LETTERS_CENTRE,
                                unit * 0.9,   COLOUR_QUIET,       canvas->width / 2.0,
                                unit * 6.4,   canvas->width * 0.9};

    letters_draw(canvas->letters, canvas->cairo, &line);
    line.text = card_text(scene->card);
    line.weight = LETTERS_BOLD;
    line.size = unit * 2;
    line.colour = COLOUR_TEXT;
    line.y = unit * 9.4;
    letters_draw(canvas->letters, canvas->cairo, &line);
    if (!scene->since_ms)
        return;
    write_clock(scene->since_ms, since);
    snprintf(text, sizeof(text), "Từ %.5s", since);
    line.text = text;
    line.weight = LETTERS_REGULAR;
    line.size = unit * 1.1;
    line.colour = COLOUR_QUIET;
    line.y = unit * 11.8;
    letters_draw(canvas->letters, canvas->cairo, &line);
}

const struct yuv *canvas_draw(struct canvas *canvas, const struct scene *scene,
                              const struct layout *layout, int64_t wall_ms)
{
    fill(canvas, COLOUR_NIGHT, 0, 0, canvas->width, canvas->height);
    draw_header(canvas, scene, layout->header, wall_ms);
    if (scene->card != SCENE_TILES)
        draw_card(canvas, scene);
    for (size_t i = 0; scene->card == SCENE_TILES && i < scene->tile_count; i++)
        draw_tile(canvas, &scene->tiles[i], &layout->tiles[i]);
    cairo_surface_flush(canvas->surface);
    yuv_from_rgb(&canvas->yuv, cairo_image_surface_get_data(canvas->surface),
                 cairo_image_surface_get_stride(canvas->surface));
    return &canvas->yuv;
}

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

/* What stands in the strip, from both ends of a line; returns the room that is left. */
static double draw_word(struct canvas *canvas, const char *text, unsigned colour, double size,
                        const struct yuv_area *strip, double y)
{
    double pad = size * 0.5;
    struct letters_line line = {
        text, LETTERS_REGULAR,        LETTERS_RIGHT, size, colour, strip->x + strip->width - pad,
        y,    strip->width - 2 * pad,
    };

    return strip->width - 2 * pad -
           (*text ? letters_draw(canvas->letters, canvas->cairo, &line) + pad : 0);
}

/* Returns its width. */
static double draw_name(struct canvas *canvas, const struct scene_tile *tile, double size, double x,
                        double y, double room)
{
    struct letters_line line = {
        tile->name, LETTERS_BOLD, LETTERS_LEFT, size, tile->speaking ? COLOUR_GOLD : COLOUR_TEXT, x,
        y,          room,
    };

    return letters_draw(canvas->letters, canvas->cairo, &line);
}

static void draw_role(struct canvas *canvas, const char *text, double size, double x, double y,
                      double room)
{
    struct letters_line line = {
        text, LETTERS_REGULAR, LETTERS_LEFT, size, COLOUR_QUIET, x, y, room,
    };

    letters_draw(canvas->letters, canvas->cairo, &line);
}

/* One line: name, role, site. */
static void draw_large_strip(struct canvas *canvas, const struct scene_tile *tile,
                             const struct yuv_area *strip)
{
    char text[LINE_SIZE];
    double size = strip->height * 0.62;
    double x = strip->x + size * 0.5;
    double y = strip->y + strip->height * 0.74;
    double room = tile->speaking ? draw_word(canvas, "đang nói", COLOUR_GOLD, size, strip, y)
                                 : draw_word(canvas, tile->muted ? "tắt tiếng" : "", COLOUR_QUIET,
                                             size, strip, y);
    double used = draw_name(canvas, tile, size, x, y, room) + size * 0.6;

    snprintf(text, sizeof(text), "%s%s%s", tile->role, *tile->role && *tile->site_name ? " · " : "",
             tile->site_name);
    draw_role(canvas, text, size, x + used, y, room - used);
}

/* Two lines: the name, the role. */
static void draw_small_strip(struct canvas *canvas, const struct scene_tile *tile,
                             const struct yuv_area *strip)
{
    double size = strip->height * 0.4;
    double x = strip->x + size * 0.5;
    double y = strip->y + strip->height * 0.42;

    draw_name(canvas, tile, size, x, y, strip->width - size);
    y += strip->height * 0.46;
    double room =
        draw_word(canvas, tile->muted ? "tắt tiếng" : "", COLOUR_QUIET, size * 0.9, strip, y);
    draw_role(canvas, tile->role, size * 0.9, x, y, room);
}

static void draw_strip(struct canvas *canvas, const struct scene_tile *tile,
                       const struct layout_tile *place)
{
    const struct yuv_area strip = {
        place->area.x,
        place->picture.y + place->picture.height,
        place->area.width,
        place->area.height - place->picture.height,
    };

    fill(canvas, COLOUR_STRIP, strip.x, strip.y, strip.width, strip.height);
    if (place->large)
        draw_large_strip(canvas, tile, &strip);
    else
        draw_small_strip(canvas, tile, &strip);
}

/* What is seen where no picture is. */
static void draw_empty(struct canvas *canvas, const struct scene_tile *tile,
                       const struct layout_tile *place)
{
    struct letters_line line = {
        tile->link_lost                                     ? "Mất kết nối"
        : tile->video_slot == SCENE_NO_SLOT && !tile->share ? "Chỉ có tiếng"
                                                            : "Chưa có hình",
        LETTERS_REGULAR,
        LETTERS_CENTRE,
        canvas->height / (place->large ? 20.0 : 30.0),
        tile->link_lost ? COLOUR_ALERT : COLOUR_QUIET,
        place->picture.x + place->picture.width / 2.0,
        place->picture.y + place->picture.height * 0.55,
        place->picture.width * 0.9,
    };

    fill(canvas, COLOUR_TILE, place->picture.x, place->picture.y, place->picture.width,
         place->picture.height);
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

#include "media/studio/layout.h"

#include <string.h>

/* In parts of the picture's height. */
/* A large tile has one line of text, a small one two. */
enum { HEADER_PART = 14, STRIP_PART = 11, LARGE_STRIP_PART = 15, GAP_PART = 90 };

static int even(int n)
{
    return n & ~1;
}

static struct yuv_area cell(struct yuv_area whole, int columns, int rows, int column, int row)
{
    int left = even(whole.width * column / columns);
    int top = even(whole.height * row / rows);

    return (struct yuv_area){
        .x = whole.x + left,
        .y = whole.y + top,
        .width = even(whole.width * (column + 1) / columns) - left,
        .height = even(whole.height * (row + 1) / rows) - top,
    };
}

/* The tile in its cell: a gap around it, the name's strip at its foot. */
static void place(struct layout *layout, size_t index, struct yuv_area area, bool large)
{
    int gap = even(layout->height / GAP_PART);
    int strip = even(layout->height / (large ? LARGE_STRIP_PART : STRIP_PART));
    struct layout_tile *tile = &layout->tiles[index];

    area.x += gap;
    area.y += gap;
    area.width -= 2 * gap;
    area.height -= 2 * gap;
    if (strip > area.height / 3)
        strip = even(area.height / 3);
    tile->area = area;
    tile->large = large;
    tile->picture = area;
    tile->picture.height -= strip;
}

/* Which tiles have the large place. */
static bool is_main(const struct scene *scene, const struct scene_tile *tile)
{
    bool shared = false;

    for (size_t i = 0; i < scene->tile_count; i++)
        shared |= scene->tiles[i].share;
    return shared ? tile->share : tile->speaking;
}

/* Fills an area with the tiles that are, or are not, the main ones: rows and columns alike, the
 * last row centred. */
static void place_alike(struct layout *layout, const struct scene *scene, bool main, size_t count,
                        struct yuv_area whole, bool large)
{
    int columns = 1;
    int place_number = 0;

    while ((size_t)(columns * columns) < count)
        columns++;
    int rows = ((int)count + columns - 1) / columns;
    for (size_t i = 0; i < scene->tile_count; i++) {
        if (is_main(scene, &scene->tiles[i]) != main)
            continue;
        int row = place_number / columns;
        int in_row = row == rows - 1 ? (int)count - row * columns : columns;
        struct yuv_area area = cell(whole, columns, rows, place_number % columns, row);
        area.x += even(whole.width * (columns - in_row) / columns / 2);
        place(layout, i, area, large);
        place_number++;
    }
}

/* Cells of a square grid beside (right) and below the large one that takes all but the last column
 * and row; what fits beside it stands in the middle of the column. */
static struct yuv_area cell_around(struct yuv_area whole, int grid, int others, int number)
{
    if (number >= grid)
        return cell(whole, grid, grid, 2 * grid - 2 - number, grid - 1);
    struct yuv_area area = cell(whole, grid, grid, grid - 1, number);
    if (others < grid)
        area.y += even(whole.height * (grid - others) / grid / 2);
    return area;
}

static void place_around(struct layout *layout, const struct scene *scene, size_t main,
                         struct yuv_area whole)
{
    int others = (int)(scene->tile_count - main);
    int number = 0;
    int grid = 3;

    while (2 * grid - 1 < others)
        grid++;
    struct yuv_area corner = cell(whole, grid, grid, grid - 1, grid - 1);
    struct yuv_area stage = {whole.x, whole.y, corner.x - whole.x, corner.y - whole.y};
    if (others <= grid)
        stage.y += even((whole.height - stage.height) / 2); /* nothing stands below */
    place_alike(layout, scene, true, main, stage, true);
    for (size_t i = 0; i < scene->tile_count; i++) {
        if (!is_main(scene, &scene->tiles[i]))
            place(layout, i, cell_around(whole, grid, others, number++), false);
    }
}

void layout_make(const struct scene *scene, int width, int height, struct layout *ret_layout)
{
    size_t main = 0;

    memset(ret_layout, 0, sizeof(*ret_layout));
    ret_layout->width = width;
    ret_layout->height = height;
    ret_layout->header = even(height / HEADER_PART);
    struct yuv_area whole = {0, ret_layout->header, width, height - ret_layout->header};
    for (size_t i = 0; i < scene->tile_count; i++)
        main += is_main(scene, &scene->tiles[i]);
    if (main == 0 || main == scene->tile_count)
        place_alike(ret_layout, scene, main > 0, scene->tile_count, whole, scene->tile_count <= 2);
    else
        place_around(ret_layout, scene, main, whole);
}

#include "media/studio/yuv.h"

#include <stdlib.h>
#include <string.h>

static int plane_width(const struct yuv *yuv, int plane)
{
    return plane ? yuv->width / 2 : yuv->width;
}

static int plane_height(const struct yuv *yuv, int plane)
{
    return plane ? yuv->height / 2 : yuv->height;
}

void yuv_init(struct yuv *yuv, int width, int height)
{
    *yuv = (struct yuv){.width = width, .height = height};
    for (int i = 0; i < YUV_PLANES; i++) {
        yuv->stride[i] = plane_width(yuv, i);
        yuv->plane[i] = calloc((size_t)plane_height(yuv, i), (size_t)yuv->stride[i]);
        if (!yuv->plane[i])
            abort();
    }
}

void yuv_done(struct yuv *yuv)
{
    for (int i = 0; i < YUV_PLANES; i++)
        free(yuv->plane[i]);
}

size_t yuv_bytes(const struct yuv *yuv)
{
    return (size_t)yuv->width * (size_t)yuv->height * 3 / 2;
}

void yuv_write(const struct yuv *yuv, uint8_t *out)
{
    for (int i = 0; i < YUV_PLANES; i++) {
        size_t width = (size_t)plane_width(yuv, i);
        for (int y = 0; y < plane_height(yuv, i); y++, out += width)
            memcpy(out, yuv->plane[i] + y * yuv->stride[i], width);
    }
}

void yuv_copy(struct yuv *to, const struct yuv *from)
{
    yuv_draw(to, (struct yuv_area){0, 0, to->width, to->height}, from);
}

/* The nearest sample of from for each of to; a plain copy where both have the same size, which is
 * nearly always. */
static void draw_plane(uint8_t *to, int to_stride, int width, int height, const struct yuv *from,
                       int plane)
{
    int from_width = plane_width(from, plane);
    int from_height = plane_height(from, plane);

    for (int y = 0; y < height; y++) {
        const uint8_t *row = from->plane[plane] + y * from_height / height * from->stride[plane];
        uint8_t *out = to + y * to_stride;
        if (from_width == width) {
            memcpy(out, row, (size_t)width);
            continue;
        }
        for (int x = 0; x < width; x++)
            out[x] = row[x * from_width / width];
    }
}

void yuv_draw(struct yuv *to, struct yuv_area area, const struct yuv *from)
{
    for (int i = 0; i < YUV_PLANES; i++) {
        int half = i ? 2 : 1;
        uint8_t *corner = to->plane[i] + area.y / half * to->stride[i] + area.x / half;
        draw_plane(corner, to->stride[i], area.width / half, area.height / half, from, i);
    }
}

/* BT.601, 16 to 235, in 1/256. */
static uint8_t luma(const uint8_t *p)
{
    return (uint8_t)((66 * p[2] + 129 * p[1] + 25 * p[0] + 128 + (16 << 8)) >> 8);
}

static void chroma(const uint8_t *p, const uint8_t *below, uint8_t *ret_u, uint8_t *ret_v)
{
    int b = (p[0] + p[4] + below[0] + below[4]) / 4;
    int g = (p[1] + p[5] + below[1] + below[5]) / 4;
    int r = (p[2] + p[6] + below[2] + below[6]) / 4;

    *ret_u = (uint8_t)((-38 * r - 74 * g + 112 * b + 128 + (128 << 8)) >> 8);
    *ret_v = (uint8_t)((112 * r - 94 * g - 18 * b + 128 + (128 << 8)) >> 8);
}

void yuv_from_rgb(struct yuv *to, const uint8_t *rgb, int stride)
{
    for (int y = 0; y < to->height; y++) {
        const uint8_t *row = rgb + (ptrdiff_t)y * stride;
        uint8_t *out = to->plane[0] + y * to->stride[0];
        for (int x = 0; x < to->width; x++)
            out[x] = luma(row + 4 * x);
        if (y % 2)
            continue;
        uint8_t *u = to->plane[1] + y / 2 * to->stride[1];
        uint8_t *v = to->plane[2] + y / 2 * to->stride[2];
        for (int x = 0; x < to->width / 2; x++)
            chroma(row + 8 * x, row + stride + 8 * x, &u[x], &v[x]);
    }
}

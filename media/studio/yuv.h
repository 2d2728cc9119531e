/* Pictures in memory, I420: what the programme is composed on. Used by picture, canvas, programme.
 */
#ifndef ASSIZE_MEDIA_STUDIO_YUV_H
#define ASSIZE_MEDIA_STUDIO_YUV_H

#include <stddef.h>
#include <stdint.h>

enum { YUV_PLANES = 3 };

struct yuv {
    int width; /* even, as the height */
    int height;
    uint8_t *plane[YUV_PLANES];
    int stride[YUV_PLANES];
};

/* Even numbers, within the picture they are used on. */
struct yuv_area {
    int x;
    int y;
    int width;
    int height;
};

/* Memory of its own, free'd by yuv_done. */
void yuv_init(struct yuv *yuv, int width, int height);
void yuv_done(struct yuv *yuv);
size_t yuv_bytes(const struct yuv *yuv);
/* The planes one after another, without padding; out has yuv_bytes. */
void yuv_write(const struct yuv *yuv, uint8_t *out);
/* Of the same size. */
void yuv_copy(struct yuv *to, const struct yuv *from);
/* Draws from into the area, as large as the area. */
void yuv_draw(struct yuv *to, struct yuv_area area, const struct yuv *from);
/* From cairo's 32-bit RGB (BT.601, as VP8 is shown), of the same size. */
void yuv_from_rgb(struct yuv *to, const uint8_t *rgb, int stride);

#endif

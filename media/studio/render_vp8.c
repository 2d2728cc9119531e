#include "media/studio/render_vp8.h"

/* RFC 6386, 9.1. */
enum {
    TAG_BYTES = 3,
    KEY_TAG_BYTES = 10,
    INTER_FRAME_BIT = 0x01,
    VERSION_SHIFT = 1,
    VERSION_MASK = 0x07,
    VERSION_MAX = 3,
    PARTITION_SHIFT = 5,
    SIZE_HIGH_MASK = 0x3f, /* the upper two bits of a width or height scale the display */
    PARTITION_SIZE_BYTES = 3,
    SEGMENTS = 4,
    TREE_PROBS = 3,
    FILTER_DELTAS = 8,
};

/* The boolean decoder (7.3), for even odds only: the header knows no others. */
struct bits {
    const uint8_t *data;
    size_t len;
    size_t at;
    uint32_t value;
    uint32_t range;
    int shifted;
};

/* Zeros follow behind the end (7.3). */
static uint32_t next_byte(struct bits *bits)
{
    return bits->at < bits->len ? bits->data[bits->at++] : 0;
}

static void bits_init(struct bits *bits, const uint8_t *data, size_t len)
{
    *bits = (struct bits){.data = data, .len = len, .range = 255};
    bits->value = next_byte(bits) << 8;
    bits->value |= next_byte(bits);
}

static bool read_flag(struct bits *bits)
{
    uint32_t split = 1 + ((bits->range - 1) * 128 >> 8);
    bool flag = bits->value >= split << 8;

    if (flag) {
        bits->range -= split;
        bits->value -= split << 8;
    } else {
        bits->range = split;
    }
    while (bits->range < 128) {
        bits->value <<= 1;
        bits->range <<= 1;
        if (++bits->shifted == 8) {
            bits->shifted = 0;
            bits->value |= next_byte(bits);
        }
    }
    return flag;
}

static unsigned read_number(struct bits *bits, int count)
{
    unsigned number = 0;

    while (count--)
        number = number << 1 | read_flag(bits);
    return number;
}

/* So many values of a width, each behind a flag that says whether it is there. */
static void skip_optional(struct bits *bits, int values, int width)
{
    for (int i = 0; i < values; i++) {
        if (read_flag(bits))
            read_number(bits, width);
    }
}

/* 9.3 */
static void skip_segmentation(struct bits *bits)
{
    if (!read_flag(bits))
        return;
    bool map = read_flag(bits);
    if (read_flag(bits)) {
        read_flag(bits);
        skip_optional(bits, SEGMENTS, 7 + 1); /* quantizers with their sign */
        skip_optional(bits, SEGMENTS, 6 + 1); /* filter levels, likewise */
    }
    if (map)
        skip_optional(bits, TREE_PROBS, 8);
}

/* 9.2 to 9.5: the number of partitions behind the first. */
static size_t read_partition_count(const uint8_t *first, size_t len, bool key)
{
    struct bits bits;

    bits_init(&bits, first, len);
    if (key)
        read_number(&bits, 2); /* colour space, clamping */
    skip_segmentation(&bits);
    read_number(&bits, 1 + 6 + 3); /* the filter's type, level and sharpness */
    if (read_flag(&bits) && read_flag(&bits))
        skip_optional(&bits, FILTER_DELTAS, 6 + 1);
    return (size_t)1 << read_number(&bits, 2);
}

/* 9.5: the sizes of all but the last stand before them; none is empty. */
static bool partitions_fit(const uint8_t *data, size_t len, size_t count)
{
    size_t sizes = PARTITION_SIZE_BYTES * (count - 1);

    if (len <= sizes)
        return false;
    size_t left = len - sizes;
    for (size_t i = 0; i + 1 < count; i++, data += PARTITION_SIZE_BYTES) {
        size_t size = data[0] | (size_t)data[1] << 8 | (size_t)data[2] << 16;
        if (!size || size >= left)
            return false;
        left -= size;
    }
    return true;
}

bool render_vp8_is_frame(const uint8_t *frame, size_t len, bool key)
{
    size_t head = key ? KEY_TAG_BYTES : TAG_BYTES;

    if (len <= head || !(frame[0] & INTER_FRAME_BIT) != key ||
        (frame[0] >> VERSION_SHIFT & VERSION_MASK) > VERSION_MAX)
        return false;
    if (key &&
        (!(frame[6] | (frame[7] & SIZE_HIGH_MASK)) || !(frame[8] | (frame[9] & SIZE_HIGH_MASK))))
        return false;
    size_t first = (frame[0] | (size_t)frame[1] << 8 | (size_t)frame[2] << 16) >> PARTITION_SHIFT;
    if (!first || first > len - head)
        return false;
    return partitions_fit(frame + head + first, len - head - first,
                          read_partition_count(frame + head, first, key));
}

#ifndef LANTERN_RESIZE_H
#define LANTERN_RESIZE_H

#include <stddef.h>

struct image {
    size_t width;
    size_t height;
    unsigned char *pixels; /* 3 bytes each, row by row */
};

/* Shrinks an image so that neither side is longer than `side`. Returns 0, or -1 without memory. */
int resize_image(const struct image *in, struct image *out, size_t side);

void free_image(struct image *image);

#endif

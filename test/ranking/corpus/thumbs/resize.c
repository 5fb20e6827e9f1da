#include "resize.h"

#include <stdlib.h>
#include <string.h>

int resize_image(const struct image *in, struct image *out, size_t side)
{
    size_t longest = in->width > in->height ? in->width : in->height;
    size_t step = longest > side ? (longest + side - 1) / side : 1;

    out->width = in->width / step;
    out->height = in->height / step;
    out->pixels = malloc(out->width * out->height * 3);
    if (out->pixels == NULL)
        return -1;
    for (size_t y = 0; y < out->height; y++)
        for (size_t x = 0; x < out->width; x++)
            memcpy(out->pixels + (y * out->width + x) * 3,
                   in->pixels + (y * step * in->width + x * step) * 3, 3);
    return 0;
}

void free_image(struct image *image)
{
    free(image->pixels);
    image->pixels = NULL;
}

#include "CImageCodecs.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

uint8_t *ftc_png_encode(const uint8_t *rgb, uint32_t width, uint32_t height, size_t *count) {
    png_image image;
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    image.width = width;
    image.height = height;
    image.format = PNG_FORMAT_RGB;
    // Room for the worst case, which libpng computes from the size alone.
    png_alloc_size_t room = PNG_IMAGE_PNG_SIZE_MAX(image);
    uint8_t *bytes = malloc(room);
    if (!bytes) return NULL;
    if (!png_image_write_to_memory(&image, bytes, &room, 0, rgb, 0, NULL)) {
        free(bytes);
        return NULL;
    }
    *count = room;
    return bytes;
}

void ftc_png_free(uint8_t *bytes) { free(bytes); }

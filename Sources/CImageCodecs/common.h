#ifndef FINETUNER_CACHE_CODEC_COMMON_H
#define FINETUNER_CACHE_CODEC_COMMON_H

#include "CImageCodecs.h"

#include <stdio.h>

/// Leaves `text` in `message` and gives back `status`.
static inline ftc_codec_status ftc_report(char *message, ftc_codec_status status, const char *text) {
    snprintf(message, FTC_CODEC_MESSAGE_CAPACITY, "%s", text);
    return status;
}

static inline bool ftc_same_layout(const ftc_picture_layout *one, const ftc_picture_layout *other) {
    return one->width == other->width && one->height == other->height && one->scratch_bytes == other->scratch_bytes;
}

/// What decoding says where the header no longer gives the layout that memory was made for.
static inline ftc_codec_status ftc_report_change(char *message) {
    return ftc_report(message, FTC_CODEC_DAMAGED, "its header changed while it was read");
}

/// value / 255, rounded to the nearest; exact for 0 ... 255 * 255.
static inline uint8_t ftc_divided_by_255(uint32_t value) {
    value += 128;
    return (uint8_t)((value + (value >> 8)) >> 8);
}

/// Lays `count` RGBA pixels, alpha not premultiplied, on white.
static inline void ftc_lay_on_white(const uint8_t *rgba, size_t count, uint8_t *rgb) {
    for (size_t pixel = 0; pixel < count; pixel++, rgba += 4, rgb += 3) {
        uint32_t alpha = rgba[3], white = 255 * (255 - alpha);
        for (int channel = 0; channel < 3; channel++)
            rgb[channel] = ftc_divided_by_255(rgba[channel] * alpha + white);
    }
}

#endif

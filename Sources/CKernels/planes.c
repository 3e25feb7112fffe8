// Values of 2 or 4 bytes and their bytes by plane. The loops are plain enough for the compiler to vectorize.
#include "CKernels.h"

#include <string.h>

void ftc_join_planes(const uint8_t *planes, size_t count, size_t width, uint8_t *restrict values) {
    const uint8_t *restrict first = planes, *restrict second = planes + count;
    if (width == 1) {
        memcpy(values, planes, count);
    } else if (width == 2) {
        for (size_t i = 0; i < count; i++) {
            values[2 * i] = first[i];
            values[2 * i + 1] = second[i];
        }
    } else {
        const uint8_t *restrict third = second + count, *restrict fourth = third + count;
        for (size_t i = 0; i < count; i++) {
            values[4 * i] = first[i];
            values[4 * i + 1] = second[i];
            values[4 * i + 2] = third[i];
            values[4 * i + 3] = fourth[i];
        }
    }
}

void ftc_split_planes(const uint8_t *restrict values, size_t count, size_t width, uint8_t *restrict planes) {
    if (width == 1) {
        memcpy(planes, values, count);
    } else if (width == 2) {
        for (size_t i = 0; i < count; i++) planes[i] = values[2 * i];
        for (size_t i = 0; i < count; i++) planes[count + i] = values[2 * i + 1];
    } else {
        for (size_t plane = 0; plane < 4; plane++)
            for (size_t i = 0; i < count; i++) planes[plane * count + i] = values[4 * i + plane];
    }
}

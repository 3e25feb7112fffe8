#include <string.h>

#include "levels.h"

KERNEL void f32_to_bf16(const float *restrict source, uint16_t *restrict target, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &source[i], sizeof bits);
        uint32_t nearest = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
        uint32_t quiet = bits >> 16 | 0x40;
        target[i] = (uint16_t)((bits & 0x7FFFFFFF) > 0x7F800000 ? quiet : nearest);
    }
}
DISPATCH(void, f32_to_bf16, (const float *source, uint16_t *target, size_t count), (source, target, count))

#include "CImageCodecs.h"

#include <string.h>

/// Fraction bits of a weight: an accumulator of 32 bits holds 8 bits of value, and 2 bits catch negative and excess
/// sums.
#define FRACTION_BITS 22

typedef uint8_t u8x4 __attribute__((vector_size(4)));
typedef int32_t i32x4 __attribute__((vector_size(16)));
typedef uint8_t u8x16 __attribute__((vector_size(16)));
typedef int32_t i32x16 __attribute__((vector_size(64)));

#define INLINE static inline __attribute__((always_inline))

INLINE i32x4 loaded_pixel(const uint8_t *pixel, size_t bytes) {
    u8x4 values = {0};
    memcpy(&values, pixel, bytes);
    return __builtin_convertvector(values, i32x4);
}

/// One RGB pixel a step in the lanes of a vector. The last pixel of a window may be the last of the picture, so only
/// its own three bytes are read; those before it have a fourth to read and ignore.
INLINE void resample_row(const uint8_t *source, ftc_resampling_axis axis, uint8_t *target) {
    for (size_t output = 0; output < axis.outputs; output++, target += 3) {
        const uint8_t *pixel = source + 3 * (size_t)axis.starts[output];
        const int32_t *weight = axis.weights + output * axis.taps;
        i32x4 sum = (i32x4){0} + (1 << (FRACTION_BITS - 1));
        int32_t last = axis.counts[output] - 1;
        for (int32_t tap = 0; tap < last; tap++) sum += loaded_pixel(pixel + 3 * tap, 4) * weight[tap];
        sum += loaded_pixel(pixel + 3 * last, 3) * weight[last];
        sum >>= FRACTION_BITS;
        sum = __builtin_elementwise_min(__builtin_elementwise_max(sum, (i32x4){0}), (i32x4){0} + 255);
        u8x4 values = __builtin_convertvector(sum, u8x4);
        memcpy(target, &values, 3);
    }
}

INLINE uint8_t resampled_byte(const uint8_t *source, size_t stride, const int32_t *weights, int32_t count) {
    int32_t sum = 1 << (FRACTION_BITS - 1);
    for (int32_t tap = 0; tap < count; tap++) sum += source[(size_t)tap * stride] * weights[tap];
    sum >>= FRACTION_BITS;
    return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

INLINE void resample_column_block(const uint8_t *source, size_t stride, const int32_t *weights, int32_t count,
                                  uint8_t *target) {
    i32x16 sum = (i32x16){0} + (1 << (FRACTION_BITS - 1));
    for (int32_t tap = 0; tap < count; tap++) {
        u8x16 values;
        memcpy(&values, source + (size_t)tap * stride, sizeof values);
        sum += __builtin_convertvector(values, i32x16) * weights[tap];
    }
    sum >>= FRACTION_BITS;
    sum = __builtin_elementwise_min(__builtin_elementwise_max(sum, (i32x16){0}), (i32x16){0} + 255);
    u8x16 values = __builtin_convertvector(sum, u8x16);
    memcpy(target, &values, sizeof values);
}

INLINE void resample_horizontally(const uint8_t *source, size_t source_stride, size_t rows, ftc_resampling_axis axis,
                                  uint8_t *target, size_t target_stride) {
    for (size_t row = 0; row < rows; row++)
        resample_row(source + row * source_stride, axis, target + row * target_stride);
}

INLINE void resample_vertically(const uint8_t *source, size_t source_stride, size_t row_bytes, ftc_resampling_axis axis,
                                uint8_t *target, size_t target_stride) {
    for (size_t output = 0; output < axis.outputs; output++) {
        const uint8_t *from = source + (size_t)axis.starts[output] * source_stride;
        const int32_t *weights = axis.weights + output * axis.taps;
        uint8_t *to = target + output * target_stride;
        size_t column = 0;
        for (; column + 16 <= row_bytes; column += 16)
            resample_column_block(from + column, source_stride, weights, axis.counts[output], to + column);
        for (; column < row_bytes; column++)
            to[column] = resampled_byte(from + column, source_stride, weights, axis.counts[output]);
    }
}

#if defined(__x86_64__)
// The same loops for processors with wider vectors: 32-bit products need one instruction there, five without.
__attribute__((target("avx2"))) static void resample_horizontally_avx2(
    const uint8_t *source, size_t source_stride, size_t rows, ftc_resampling_axis axis, uint8_t *target,
    size_t target_stride) {
    resample_horizontally(source, source_stride, rows, axis, target, target_stride);
}

__attribute__((target("avx2"))) static void resample_vertically_avx2(
    const uint8_t *source, size_t source_stride, size_t row_bytes, ftc_resampling_axis axis, uint8_t *target,
    size_t target_stride) {
    resample_vertically(source, source_stride, row_bytes, axis, target, target_stride);
}
#endif

void ftc_resample_horizontally(const uint8_t *source, size_t source_stride, size_t rows, ftc_resampling_axis axis,
                               uint8_t *target, size_t target_stride, bool portable) {
#if defined(__x86_64__)
    if (!portable && __builtin_cpu_supports("avx2")) {
        resample_horizontally_avx2(source, source_stride, rows, axis, target, target_stride);
        return;
    }
#endif
    resample_horizontally(source, source_stride, rows, axis, target, target_stride);
}

void ftc_resample_vertically(const uint8_t *source, size_t source_stride, size_t row_bytes, ftc_resampling_axis axis,
                             uint8_t *target, size_t target_stride, bool portable) {
#if defined(__x86_64__)
    if (!portable && __builtin_cpu_supports("avx2")) {
        resample_vertically_avx2(source, source_stride, row_bytes, axis, target, target_stride);
        return;
    }
#endif
    resample_vertically(source, source_stride, row_bytes, axis, target, target_stride);
}

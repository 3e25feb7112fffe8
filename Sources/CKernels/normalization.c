#include "levels.h"

#pragma STDC FP_CONTRACT OFF

// Passes of batch normalization over a strip: `width` neighboring columns of row-major matrices whose rows are `stride` values
// apart. Loops go down the rows, so that every column is summed from the first row to the last.

KERNEL void column_sums(const float *restrict values, size_t rows, size_t stride, size_t width, float *restrict sums) {
    for (size_t i = 0; i < width; i++) sums[i] = 0;
    for (size_t row = 0; row < rows; row++, values += stride)
        for (size_t i = 0; i < width; i++) sums[i] += values[i];
}
DISPATCH(void, column_sums, (const float *values, size_t rows, size_t stride, size_t width, float *sums),
         (values, rows, stride, width, sums))

KERNEL void column_squares(const float *restrict values, size_t rows, size_t stride, size_t width,
                           const float *restrict means, float *restrict sums) {
    for (size_t i = 0; i < width; i++) sums[i] = 0;
    for (size_t row = 0; row < rows; row++, values += stride)
        for (size_t i = 0; i < width; i++) {
            float deviation = values[i] - means[i];
            sums[i] += deviation * deviation;
        }
}
DISPATCH(void, column_squares,
         (const float *values, size_t rows, size_t stride, size_t width, const float *means, float *sums),
         (values, rows, stride, width, means, sums))

KERNEL void normalize(float *restrict values, size_t rows, size_t stride, size_t width, const float *restrict means,
                      const float *restrict inverses) {
    for (size_t row = 0; row < rows; row++, values += stride)
        for (size_t i = 0; i < width; i++) values[i] = (values[i] - means[i]) * inverses[i];
}
DISPATCH(void, normalize,
         (float *values, size_t rows, size_t stride, size_t width, const float *means, const float *inverses),
         (values, rows, stride, width, means, inverses))

KERNEL void scale_shift(const float *restrict values, size_t rows, size_t stride, size_t width,
                        const float *restrict scale, const float *restrict shift, float floor, float *restrict outputs) {
    for (size_t row = 0; row < rows; row++, values += stride, outputs += stride)
        for (size_t i = 0; i < width; i++) {
            float result = values[i] * scale[i] + shift[i];
            outputs[i] = result < floor ? floor : result; // in this form NaN stays NaN
        }
}
DISPATCH(void, scale_shift,
         (const float *values, size_t rows, size_t stride, size_t width, const float *scale, const float *shift,
          float floor, float *outputs),
         (values, rows, stride, width, scale, shift, floor, outputs))

KERNEL void mask_slopes(float *restrict delta, const float *restrict outputs, size_t rows, size_t stride, size_t width,
                        float factor) {
    for (size_t row = 0; row < rows; row++, delta += stride, outputs += stride)
        for (size_t i = 0; i < width; i++) {
            float slope = factor * delta[i];
            delta[i] = outputs[i] > 0 ? slope : 0;
        }
}
DISPATCH(void, mask_slopes,
         (float *delta, const float *outputs, size_t rows, size_t stride, size_t width, float factor),
         (delta, outputs, rows, stride, width, factor))

KERNEL void slope_sums(const float *restrict delta, const float *restrict normalized, size_t rows, size_t stride,
                       size_t width, float *restrict scale_slopes, float *restrict shift_slopes) {
    for (size_t i = 0; i < width; i++) scale_slopes[i] = shift_slopes[i] = 0;
    for (size_t row = 0; row < rows; row++, delta += stride, normalized += stride)
        for (size_t i = 0; i < width; i++) {
            scale_slopes[i] += delta[i] * normalized[i];
            shift_slopes[i] += delta[i];
        }
}
DISPATCH(void, slope_sums,
         (const float *delta, const float *normalized, size_t rows, size_t stride, size_t width, float *scale_slopes,
          float *shift_slopes),
         (delta, normalized, rows, stride, width, scale_slopes, shift_slopes))

KERNEL void propagate_slopes(float *restrict delta, const float *restrict normalized, size_t rows, size_t stride,
                             size_t width, const float *restrict scale_slopes, const float *restrict shift_slopes,
                             const float *restrict scale, const float *restrict inverses, float share) {
    for (size_t row = 0; row < rows; row++, delta += stride, normalized += stride)
        for (size_t i = 0; i < width; i++) {
            float pull = shift_slopes[i] + normalized[i] * scale_slopes[i];
            delta[i] = scale[i] * inverses[i] * (delta[i] - share * pull);
        }
}
DISPATCH(void, propagate_slopes,
         (float *delta, const float *normalized, size_t rows, size_t stride, size_t width, const float *scale_slopes,
          const float *shift_slopes, const float *scale, const float *inverses, float share),
         (delta, normalized, rows, stride, width, scale_slopes, shift_slopes, scale, inverses, share))

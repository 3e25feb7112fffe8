/// Loops that the Swift compiler does not vectorize well enough, in C with run-time dispatch.
///
/// Every kernel has a portable twin that gives the same result; tests force the level to run both.
#ifndef FINETUNER_CACHE_KERNELS_H
#define FINETUNER_CACHE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Instruction sets a kernel may use, from least to most.
typedef enum {
    FTC_LEVEL_PORTABLE = 0,
    FTC_LEVEL_AVX2 = 1,
    FTC_LEVEL_AVX512 = 2,
    FTC_LEVEL_AVX512_VBMI2 = 3,
} ftc_level;

/// The best level of this processor, or the forced one where that is lower.
ftc_level ftc_current_level(void);
/// Holds kernels to `level` or the processor's best, whichever is lower. For tests; not for use while kernels run.
void ftc_force_level(ftc_level level);

/// Tells the processor that this thread looks at the same place again and again.
static inline void ftc_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/// IEEE binary16 to binary32, exact.
void ftc_f16_to_f32(const uint16_t *source, float *target, size_t count);
/// binary32 to binary16, round to nearest even. Returns how many targets are not finite: NaN, infinity or overflow.
size_t ftc_f32_to_f16(const float *source, uint16_t *target, size_t count);
/// binary32 to bfloat16, round to nearest even; NaN stays NaN.
void ftc_f32_to_bf16(const float *source, uint16_t *target, size_t count);

/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78) of `count` bytes, continuing from `crc` (0 to begin).
uint32_t ftc_crc32c(uint32_t crc, const void *bytes, size_t count);

// Bitmaps: bit i is bit i % 8 of byte i / 8. A bitmap of `count` bits has ceil(count / 8) bytes; spare bits are written
// as 0 and not looked at. No kernel reads or writes past the lengths given here. Buffers need no alignment and do not
// overlap.

/// How many of the first `count` bits of the bitmap are 1.
size_t ftc_bit_count(const uint8_t *bitmap, size_t count);
/// Takes zeros out of `count` values of `width` bytes (1, 2 or 4): bit i of the bitmap says that value i has a bit that
/// is not 0; `packed` gets those values in order. `packed` has room for `count` values, all of which may be written to.
/// Returns how many values `packed` has.
size_t ftc_zero_mask(const void *values, size_t count, size_t width, uint8_t *bitmap, void *packed);
/// The inverse: value i of `count` is the next of `packed_count` packed values where bit i is 1, else 0. The bitmap's
/// first `count` bits have `packed_count` ones.
void ftc_expand(const uint8_t *bitmap, const void *packed, size_t packed_count, size_t width, void *values,
                size_t count);
/// Bit i says that byte i of `count` is `bound` or more. Returns how many are.
size_t ftc_at_least(const uint8_t *bytes, size_t count, uint8_t bound, uint8_t *bitmap);
/// Splits `count` bytes in order: those with bit 0 go to `zeros`, those with bit 1 to `ones`, of which there are
/// `one_count`.
void ftc_split(const uint8_t *bitmap, const uint8_t *bytes, size_t count, uint8_t *zeros, uint8_t *ones,
               size_t one_count);
/// The inverse: byte i of `count` is the next of `zeros` where bit i is 0, the next of the `one_count` `ones` where it
/// is 1.
void ftc_merge(const uint8_t *bitmap, const uint8_t *zeros, const uint8_t *ones, size_t one_count, uint8_t *bytes,
               size_t count);

/// `count` values of `width` bytes (1, 2 or 4) from their bytes by plane: all first bytes, then all second ones, ...
void ftc_join_planes(const uint8_t *planes, size_t count, size_t width, uint8_t *values);
/// The inverse.
void ftc_split_planes(const uint8_t *values, size_t count, size_t width, uint8_t *planes);

// Steps of optimizers, in PyTorch's order of operations. `weights` and what the optimizer remembers of each are changed
// in place; arrays have `count` values and do not overlap. `decay` is the L2 penalty: g stands for the gradient plus
// decay * w. What may be NULL is not remembered.

/// The settings of one step of `ftc_adam`.
typedef struct {
    float moment_size, gradient_size, beta1, beta2, root, epsilon, decay, retention;
} ftc_adam_settings;
/// Adam, AdamW, NAdam, RAdam:  m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;
///   w = retention w - (gradient_size g + moment_size m) / (sqrt(v) / root + epsilon).
/// With `largest` (AMSGrad), the largest v so far takes the place of v in the root.
void ftc_adam(float *weights, const float *gradients, float *first_moments, float *second_moments, float *largest,
              size_t count, ftc_adam_settings settings);

/// The settings of one step of `ftc_adamax`.
typedef struct {
    float size, beta1, beta2, epsilon, decay;
} ftc_adamax_settings;
/// Adamax:  m = beta1 m + (1 - beta1) g;  u = max(beta2 u, |g| + epsilon);  w -= size m / u.
void ftc_adamax(float *weights, const float *gradients, float *first_moments, float *norms, size_t count,
                ftc_adamax_settings settings);

/// The settings of one step of `ftc_sgd`.
typedef struct {
    float rate, decay, momentum, fresh, gradient_share, momentum_share;
} ftc_sgd_settings;
/// SGD:  b = momentum b + fresh g;  w -= rate (gradient_share g + momentum_share b), or without momenta w -= rate g.
void ftc_sgd(float *weights, const float *gradients, float *momenta, size_t count, ftc_sgd_settings settings);

/// The settings of one step of `ftc_asgd`.
typedef struct {
    float size, decay, retention, share;
} ftc_asgd_settings;
/// Averaged SGD:  w = retention w - size g;  a = (1 - share) a + share w.
void ftc_asgd(float *weights, const float *gradients, float *averages, size_t count, ftc_asgd_settings settings);

/// The settings of one step of `ftc_rmsprop`.
typedef struct {
    float rate, alpha, epsilon, decay, momentum;
} ftc_rmsprop_settings;
/// RMSprop:  s = alpha s + (1 - alpha) g^2;  b = momentum b + g / (sqrt(s) + epsilon);  w -= rate b.
/// With `means`, which average g, sqrt(s - mean^2) takes the place of sqrt(s); without `momenta`, b is the quotient.
void ftc_rmsprop(float *weights, const float *gradients, float *squares, float *means, float *momenta, size_t count,
                 ftc_rmsprop_settings settings);

/// The settings of one step of `ftc_adagrad`.
typedef struct {
    float size, epsilon, decay;
} ftc_adagrad_settings;
/// Adagrad:  s += g^2;  w -= size g / (sqrt(s) + epsilon).
void ftc_adagrad(float *weights, const float *gradients, float *sums, size_t count, ftc_adagrad_settings settings);

/// The settings of one step of `ftc_adadelta`.
typedef struct {
    float rate, rho, epsilon, decay;
} ftc_adadelta_settings;
/// Adadelta:  s = rho s + (1 - rho) g^2;  x = sqrt(d + epsilon) / sqrt(s + epsilon) g;  d = rho d + (1 - rho) x^2;
///   w -= rate x.
void ftc_adadelta(float *weights, const float *gradients, float *squares, float *deltas, size_t count,
                  ftc_adadelta_settings settings);

/// The settings of one step of `ftc_rprop`.
typedef struct {
    float growth, shrinkage, smallest, largest;
} ftc_rprop_settings;
/// Rprop: sizes grow where g keeps its sign and shrink where it changes, within their bounds;  w -= sign(g) size, but
/// nothing right after a change.
void ftc_rprop(float *weights, const float *gradients, float *previous, float *sizes, size_t count,
               ftc_rprop_settings settings);

// Batch normalization. Matrices are `rows` times `width` values, rows `stride` values apart; what there is one of for each column
// has `width` values. The same bits at every level.

/// The sum of every column.
void ftc_column_sums(const float *values, size_t rows, size_t stride, size_t width, float *sums);
/// The sum of the squared distances of every column's values from its mean.
void ftc_column_squares(const float *values, size_t rows, size_t stride, size_t width, const float *means, float *sums);
/// x = (x - mean) inverse
void ftc_normalize(float *values, size_t rows, size_t stride, size_t width, const float *means, const float *inverses);
/// y = scale x + shift, but nothing below `floor`; NaN stays NaN. `outputs` has the stride of `values`.
void ftc_scale_shift(const float *values, size_t rows, size_t stride, size_t width, const float *scale,
                     const float *shift, float floor, float *outputs);
/// d = factor d where the output, whose rows are as far apart, is above 0, else 0.
void ftc_mask_slopes(float *delta, const float *outputs, size_t rows, size_t stride, size_t width, float factor);
/// The sums of d x and of d over every column.
void ftc_slope_sums(const float *delta, const float *normalized, size_t rows, size_t stride, size_t width,
                    float *scale_slopes, float *shift_slopes);
/// d = scale inverse (d - share (shift_slope + x scale_slope))
void ftc_propagate_slopes(float *delta, const float *normalized, size_t rows, size_t stride, size_t width,
                          const float *scale_slopes, const float *shift_slopes, const float *scale,
                          const float *inverses, float share);

/// Writes `columns` rows of `rows` values, `target_stride` values apart: those of `source` with rows and columns exchanged.
void ftc_transpose(const float *source, size_t rows, size_t columns, size_t source_stride, float *target,
                   size_t target_stride);

// A query with each of `count` rows of `dimension` values, one after the other; results get one value a row. Sums are over sixteen
// lanes, then over what is left, in one order at every level.

/// Inner products.
void ftc_dot_products(const float *rows, size_t count, size_t dimension, const float *query, float *products);
/// Sums of squared differences.
void ftc_squared_distances(const float *rows, size_t count, size_t dimension, const float *query, float *distances);

/// The sum of the squares of `count` values, in double precision and in an order that depends on `count` alone.
double ftc_sum_of_squares(const float *values, size_t count);

// Search. Rows are `dimension` values each, one after the other; `scores` and `dots` get one value a row. Sums of floats are in an
// order that depends on the level; sums of integers are exact, and fit where the dimension is at most 65,536.

/// Inner products of `count` rows of binary16 values with a query.
void ftc_f16_dots(const uint16_t *rows, size_t count, size_t dimension, const float *query, float *scores);
/// The same of binary32 values.
void ftc_f32_dots(const float *rows, size_t count, size_t dimension, const float *query, float *scores);
/// The same of bytes, with a query of signed bytes.
void ftc_u8_dots(const uint8_t *rows, size_t count, size_t dimension, const int8_t *query, int32_t *dots);
/// The inner product of a row of binary16 values with a query, and of two rows.
typedef float (*ftc_f16_dot)(const uint16_t *row, const float *query, size_t dimension);
typedef float (*ftc_f16_pair_dot)(const uint16_t *left, const uint16_t *right, size_t dimension);
/// The fastest of them, for callers that take rows in no order and cannot choose anew for each.
ftc_f16_dot ftc_fastest_f16_dot(void);
ftc_f16_pair_dot ftc_fastest_f16_pair_dot(void);
/// Writes the positions of the scores that are not below their cutoffs, ascending, NaN among them, to `positions`, which has room
/// for `count`. Returns how many there are.
size_t ftc_reaching(const float *scores, const float *cutoffs, size_t count, uint32_t *positions);

#ifdef __cplusplus
}
#endif

#endif

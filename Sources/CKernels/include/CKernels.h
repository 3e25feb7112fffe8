/// Loops that the Swift compiler does not vectorize well enough, in C with run-time dispatch.
///
/// Every kernel has a portable twin that gives the same result; tests force the level to run both.
#ifndef FINETUNER_CACHE_KERNELS_H
#define FINETUNER_CACHE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

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

/// IEEE binary16 to binary32, exact.
void ftc_f16_to_f32(const uint16_t *source, float *target, size_t count);
/// binary32 to binary16, round to nearest even. Returns how many targets are not finite: NaN, infinity or overflow.
size_t ftc_f32_to_f16(const float *source, uint16_t *target, size_t count);

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

/// One step of Adam without weight decay (Kingma and Ba 2015, algorithm 1, in PyTorch's order of operations):
///   m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;
///   w -= step_size * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon),  step_size = rate / (1 - beta1^t).
void ftc_adam(float *weights, const float *gradients, float *first_moments, float *second_moments, size_t count,
              float step_size, float beta1, float beta2, float second_correction_root, float epsilon);

#endif

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

/// One step of Adam without weight decay (Kingma and Ba 2015, algorithm 1, in PyTorch's order of operations):
///   m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;
///   w -= step_size * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon),  step_size = rate / (1 - beta1^t).
void ftc_adam(float *weights, const float *gradients, float *first_moments, float *second_moments, size_t count,
              float step_size, float beta1, float beta2, float second_correction_root, float epsilon);

#endif

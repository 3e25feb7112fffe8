#include "CKernels.h"

#include <math.h>

// One body for all levels: the compiler vectorizes it to what the enclosing function's target allows.
// No fused multiply-add (see the pragma), so that every level gives the same bits.
#pragma STDC FP_CONTRACT OFF

#define ADAM_BODY(SQRT)                                                                                                \
    for (size_t i = 0; i < count; i++) {                                                                               \
        float gradient = gradients[i];                                                                                 \
        float first = beta1 * first_moments[i] + (1.0f - beta1) * gradient;                                            \
        float second = beta2 * second_moments[i] + (1.0f - beta2) * gradient * gradient;                               \
        first_moments[i] = first;                                                                                      \
        second_moments[i] = second;                                                                                    \
        weights[i] -= step_size * first / (SQRT(second) / second_correction_root + epsilon);                           \
    }

#define ADAM_PARAMETERS                                                                                                \
    float *restrict weights, const float *restrict gradients, float *restrict first_moments,                           \
        float *restrict second_moments, size_t count, float step_size, float beta1, float beta2,                       \
        float second_correction_root, float epsilon

static void adam_portable(ADAM_PARAMETERS) { ADAM_BODY(__builtin_sqrtf) }

#if defined(__x86_64__)
typedef float vector8 __attribute__((vector_size(32), aligned(4)));
typedef float vector16 __attribute__((vector_size(64), aligned(4)));

// sqrtf keeps errno and stops vectorization; the element-wise builtin does not.
#define ADAM_VECTOR(VECTOR, LANES)                                                                                     \
    size_t whole = count - count % LANES;                                                                              \
    for (size_t i = 0; i < whole; i += LANES) {                                                                        \
        VECTOR gradient = *(const VECTOR *)(gradients + i);                                                            \
        VECTOR first = beta1 * *(VECTOR *)(first_moments + i) + (1.0f - beta1) * gradient;                             \
        VECTOR second = beta2 * *(VECTOR *)(second_moments + i) + (1.0f - beta2) * gradient * gradient;                \
        *(VECTOR *)(first_moments + i) = first;                                                                        \
        *(VECTOR *)(second_moments + i) = second;                                                                      \
        *(VECTOR *)(weights + i) -=                                                                                    \
            step_size * first / (__builtin_elementwise_sqrt(second) / second_correction_root + epsilon);               \
    }                                                                                                                  \
    adam_portable(weights + whole, gradients + whole, first_moments + whole, second_moments + whole, count - whole,    \
                  step_size, beta1, beta2, second_correction_root, epsilon);

__attribute__((target("avx2"))) static void adam_avx2(ADAM_PARAMETERS) { ADAM_VECTOR(vector8, 8) }
__attribute__((target("avx512f"))) static void adam_avx512(ADAM_PARAMETERS) { ADAM_VECTOR(vector16, 16) }
#endif

void ftc_adam(float *weights, const float *gradients, float *first_moments, float *second_moments, size_t count,
              float step_size, float beta1, float beta2, float second_correction_root, float epsilon) {
#if defined(__x86_64__)
    switch (ftc_current_level()) {
    case FTC_LEVEL_AVX512_VBMI2:
    case FTC_LEVEL_AVX512:
        adam_avx512(weights, gradients, first_moments, second_moments, count, step_size, beta1, beta2,
                    second_correction_root, epsilon);
        return;
    case FTC_LEVEL_AVX2:
        adam_avx2(weights, gradients, first_moments, second_moments, count, step_size, beta1, beta2,
                  second_correction_root, epsilon);
        return;
    default: break;
    }
#endif
    adam_portable(weights, gradients, first_moments, second_moments, count, step_size, beta1, beta2,
                  second_correction_root, epsilon);
}

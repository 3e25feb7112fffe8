#include "levels.h"

#pragma STDC FP_CONTRACT OFF

KERNEL void adam_loop(float *restrict weights, const float *restrict gradients, float *restrict first_moments,
                      float *restrict second_moments, float *restrict largest, size_t count, ftc_adam_settings s) {
    for (size_t i = 0; i < count; i++) {
        float gradient = gradients[i] + s.decay * weights[i];
        float first = s.beta1 * first_moments[i] + (1.0f - s.beta1) * gradient;
        float second = s.beta2 * second_moments[i] + (1.0f - s.beta2) * gradient * gradient;
        first_moments[i] = first;
        second_moments[i] = second;
        if (largest)
            largest[i] = second = largest[i] > second ? largest[i] : second;
        weights[i] = s.retention * weights[i] - (s.gradient_size * gradient + s.moment_size * first) /
                                                    (__builtin_elementwise_sqrt(second) / s.root + s.epsilon);
    }
}

KERNEL void adam(float *weights, const float *gradients, float *first_moments, float *second_moments, float *largest,
                 size_t count, ftc_adam_settings s) {
    // Two loops, because a question within one stops vectorization.
    if (largest)
        adam_loop(weights, gradients, first_moments, second_moments, largest, count, s);
    else
        adam_loop(weights, gradients, first_moments, second_moments, NULL, count, s);
}

DISPATCH(void, adam,
         (float *weights, const float *gradients, float *first_moments, float *second_moments, float *largest,
          size_t count, ftc_adam_settings s),
         (weights, gradients, first_moments, second_moments, largest, count, s))

KERNEL void adamax(float *restrict weights, const float *restrict gradients, float *restrict first_moments,
                   float *restrict norms, size_t count, ftc_adamax_settings s) {
    for (size_t i = 0; i < count; i++) {
        float gradient = gradients[i] + s.decay * weights[i];
        float first = s.beta1 * first_moments[i] + (1.0f - s.beta1) * gradient;
        float decayed = s.beta2 * norms[i];
        float size = __builtin_fabsf(gradient) + s.epsilon;
        float norm = decayed > size ? decayed : size;
        first_moments[i] = first;
        norms[i] = norm;
        weights[i] -= s.size * first / norm;
    }
}

DISPATCH(void, adamax,
         (float *weights, const float *gradients, float *first_moments, float *norms, size_t count,
          ftc_adamax_settings s),
         (weights, gradients, first_moments, norms, count, s))

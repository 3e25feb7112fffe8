#include "levels.h"

#pragma STDC FP_CONTRACT OFF

KERNEL float larger(float left, float right) { return left > right ? left : right; }
KERNEL float smaller(float left, float right) { return left < right ? left : right; }

KERNEL void sgd_loop(float *restrict weights, const float *restrict gradients, float *restrict momenta, size_t count,
                     ftc_sgd_settings s) {
    for (size_t i = 0; i < count; i++) {
        float gradient = gradients[i] + s.decay * weights[i];
        float step = gradient;
        if (momenta) {
            float momentum = s.momentum * momenta[i] + s.fresh * gradient;
            momenta[i] = momentum;
            step = s.gradient_share * gradient + s.momentum_share * momentum;
        }
        weights[i] -= s.rate * step;
    }
}

KERNEL void sgd(float *weights, const float *gradients, float *momenta, size_t count, ftc_sgd_settings s) {
    if (momenta)
        sgd_loop(weights, gradients, momenta, count, s);
    else
        sgd_loop(weights, gradients, NULL, count, s);
}

DISPATCH(void, sgd, (float *weights, const float *gradients, float *momenta, size_t count, ftc_sgd_settings s),
         (weights, gradients, momenta, count, s))

KERNEL void asgd(float *restrict weights, const float *restrict gradients, float *restrict averages, size_t count,
                 ftc_asgd_settings s) {
    for (size_t i = 0; i < count; i++) {
        float gradient = gradients[i] + s.decay * weights[i];
        float weight = s.retention * weights[i] - s.size * gradient;
        weights[i] = weight;
        averages[i] = (1.0f - s.share) * averages[i] + s.share * weight;
    }
}

DISPATCH(void, asgd, (float *weights, const float *gradients, float *averages, size_t count, ftc_asgd_settings s),
         (weights, gradients, averages, count, s))

KERNEL void rmsprop_loop(float *restrict weights, const float *restrict gradients, float *restrict squares,
                         float *restrict means, float *restrict momenta, size_t count, ftc_rmsprop_settings s) {
    for (size_t i = 0; i < count; i++) {
        float gradient = gradients[i] + s.decay * weights[i];
        float square = s.alpha * squares[i] + (1.0f - s.alpha) * gradient * gradient;
        squares[i] = square;
        if (means) {
            float mean = s.alpha * means[i] + (1.0f - s.alpha) * gradient;
            means[i] = mean;
            // Of gradients that hardly change, rounding can make the variance negative.
            square = larger(square - mean * mean, 0.0f);
        }
        float step = gradient / (__builtin_elementwise_sqrt(square) + s.epsilon);
        if (momenta)
            momenta[i] = step = s.momentum * momenta[i] + step;
        weights[i] -= s.rate * step;
    }
}

KERNEL void rmsprop(float *weights, const float *gradients, float *squares, float *means, float *momenta, size_t count,
                    ftc_rmsprop_settings s) {
    if (means && momenta)
        rmsprop_loop(weights, gradients, squares, means, momenta, count, s);
    else if (means)
        rmsprop_loop(weights, gradients, squares, means, NULL, count, s);
    else if (momenta)
        rmsprop_loop(weights, gradients, squares, NULL, momenta, count, s);
    else
        rmsprop_loop(weights, gradients, squares, NULL, NULL, count, s);
}

DISPATCH(void, rmsprop,
         (float *weights, const float *gradients, float *squares, float *means, float *momenta, size_t count,
          ftc_rmsprop_settings s),
         (weights, gradients, squares, means, momenta, count, s))

KERNEL void adagrad(float *restrict weights, const float *restrict gradients, float *restrict sums, size_t count,
                    ftc_adagrad_settings s) {
    for (size_t i = 0; i < count; i++) {
        float gradient = gradients[i] + s.decay * weights[i];
        float sum = sums[i] + gradient * gradient;
        sums[i] = sum;
        weights[i] -= s.size * gradient / (__builtin_elementwise_sqrt(sum) + s.epsilon);
    }
}

DISPATCH(void, adagrad, (float *weights, const float *gradients, float *sums, size_t count, ftc_adagrad_settings s),
         (weights, gradients, sums, count, s))

KERNEL void adadelta(float *restrict weights, const float *restrict gradients, float *restrict squares,
                     float *restrict deltas, size_t count, ftc_adadelta_settings s) {
    for (size_t i = 0; i < count; i++) {
        float gradient = gradients[i] + s.decay * weights[i];
        float square = s.rho * squares[i] + (1.0f - s.rho) * gradient * gradient;
        float delta = __builtin_elementwise_sqrt(deltas[i] + s.epsilon) /
                      __builtin_elementwise_sqrt(square + s.epsilon) * gradient;
        squares[i] = square;
        deltas[i] = s.rho * deltas[i] + (1.0f - s.rho) * delta * delta;
        weights[i] -= s.rate * delta;
    }
}

DISPATCH(void, adadelta,
         (float *weights, const float *gradients, float *squares, float *deltas, size_t count,
          ftc_adadelta_settings s),
         (weights, gradients, squares, deltas, count, s))

KERNEL void rprop(float *restrict weights, const float *restrict gradients, float *restrict previous,
                  float *restrict sizes, size_t count, ftc_rprop_settings s) {
    for (size_t i = 0; i < count; i++) {
        float agreement = gradients[i] * previous[i];
        float factor = agreement > 0.0f ? s.growth : agreement < 0.0f ? s.shrinkage : 1.0f;
        float size = smaller(larger(sizes[i] * factor, s.smallest), s.largest);
        float gradient = agreement < 0.0f ? 0.0f : gradients[i];
        sizes[i] = size;
        previous[i] = gradient;
        weights[i] -= gradient > 0.0f ? size : gradient < 0.0f ? -size : 0.0f;
    }
}

DISPATCH(void, rprop,
         (float *weights, const float *gradients, float *previous, float *sizes, size_t count, ftc_rprop_settings s),
         (weights, gradients, previous, sizes, count, s))

KERNEL double sum_of_squares(const float *values, size_t count) {
    // The same lanes at every level, so that the order of the additions is, too.
    enum { LANES = 16 };
    double lanes[LANES] = {0};
    size_t whole = count - count % LANES;
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t lane = 0; lane < LANES; lane++)
            lanes[lane] += (double)values[i + lane] * (double)values[i + lane];
    double total = 0;
    for (size_t i = whole; i < count; i++)
        total += (double)values[i] * (double)values[i];
    for (size_t lane = 0; lane < LANES; lane++)
        total += lanes[lane];
    return total;
}

DISPATCH(double, sum_of_squares, (const float *values, size_t count), (values, count))

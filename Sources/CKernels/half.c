#include "CKernels.h"

#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

static float f32_from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint32_t bits_from_f32(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float widen(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
    uint32_t exponent = (half >> 10) & 0x1Fu, mantissa = half & 0x3FFu;
    if (exponent == 0x1F) return f32_from_bits(sign | 0x7F800000u | (mantissa << 13) | (mantissa ? 0x400000u : 0));
    if (exponent) return f32_from_bits(sign | ((exponent + 112) << 23) | (mantissa << 13));
    float magnitude = (float)mantissa * 0x1p-24f;  // zero and subnormals are exact multiples of 2^-24
    return sign ? -magnitude : magnitude;
}

static uint16_t narrow(float value) {
    uint32_t bits = bits_from_f32(value), sign = (bits >> 16) & 0x8000u, magnitude = bits & 0x7FFFFFFFu;
    if (magnitude > 0x7F800000u) return (uint16_t)(sign | 0x7E00u | ((magnitude >> 13) & 0x3FFu));
    if (magnitude >= 0x477FF000u) return (uint16_t)(sign | 0x7C00u);  // 65520 and more round to infinity
    if (magnitude < 0x38800000u) {
        // Below 2^-14 the result is subnormal; adding 0.5 lets the float unit round to a multiple of 2^-24.
        uint32_t rounded = bits_from_f32(f32_from_bits(magnitude) + 0.5f) - 0x3F000000u;
        return (uint16_t)(sign | rounded);
    }
    uint32_t even = (magnitude >> 13) & 1u;
    return (uint16_t)(sign | ((magnitude - 0x38000000u + 0xFFFu + even) >> 13));
}

static void widen_portable(const uint16_t *source, float *target, size_t count) {
    for (size_t i = 0; i < count; i++) target[i] = widen(source[i]);
}

static size_t narrow_portable(const float *source, uint16_t *target, size_t count) {
    size_t bad = 0;
    for (size_t i = 0; i < count; i++) {
        target[i] = narrow(source[i]);
        bad += (target[i] & 0x7C00u) == 0x7C00u;
    }
    return bad;
}

#if defined(__x86_64__)
__attribute__((target("avx,avx2,fma,f16c"))) static void widen_avx2(const uint16_t *source, float *target, size_t count) {
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        _mm256_storeu_ps(target + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(source + i))));
    widen_portable(source + i, target + i, count - i);
}

__attribute__((target("avx,avx2,fma,f16c"))) static size_t narrow_avx2(const float *source, uint16_t *target,
                                                                        size_t count) {
    size_t i = 0, bad = 0;
    const __m128i exponent = _mm_set1_epi16(0x7C00);
    for (; i + 8 <= count; i += 8) {
        __m128i half = _mm256_cvtps_ph(_mm256_loadu_ps(source + i), _MM_FROUND_TO_NEAREST_INT);
        _mm_storeu_si128((__m128i *)(target + i), half);
        __m128i infinite = _mm_cmpeq_epi16(_mm_and_si128(half, exponent), exponent);
        bad += (size_t)__builtin_popcount((unsigned)_mm_movemask_epi8(infinite)) / 2;
    }
    return bad + narrow_portable(source + i, target + i, count - i);
}

__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq"))) static void widen_avx512(const uint16_t *source,
                                                                                        float *target, size_t count) {
    size_t i = 0;
    for (; i + 16 <= count; i += 16)
        _mm512_storeu_ps(target + i, _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(source + i))));
    widen_portable(source + i, target + i, count - i);
}

__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq"))) static size_t narrow_avx512(const float *source,
                                                                                           uint16_t *target,
                                                                                           size_t count) {
    size_t i = 0, bad = 0;
    const __m256i exponent = _mm256_set1_epi16(0x7C00);
    for (; i + 16 <= count; i += 16) {
        __m256i half = _mm512_cvtps_ph(_mm512_loadu_ps(source + i), _MM_FROUND_TO_NEAREST_INT);
        _mm256_storeu_si256((__m256i *)(target + i), half);
        __mmask16 infinite = _mm256_cmpeq_epi16_mask(_mm256_and_si256(half, exponent), exponent);
        bad += (size_t)__builtin_popcount(infinite);
    }
    return bad + narrow_portable(source + i, target + i, count - i);
}
#endif

void ftc_f16_to_f32(const uint16_t *source, float *target, size_t count) {
#if defined(__x86_64__)
    switch (ftc_current_level()) {
    case FTC_LEVEL_AVX512_VBMI2:
    case FTC_LEVEL_AVX512: widen_avx512(source, target, count); return;
    case FTC_LEVEL_AVX2: widen_avx2(source, target, count); return;
    default: break;
    }
#endif
    widen_portable(source, target, count);
}

size_t ftc_f32_to_f16(const float *source, uint16_t *target, size_t count) {
#if defined(__x86_64__)
    switch (ftc_current_level()) {
    case FTC_LEVEL_AVX512_VBMI2:
    case FTC_LEVEL_AVX512: return narrow_avx512(source, target, count);
    case FTC_LEVEL_AVX2: return narrow_avx2(source, target, count);
    default: break;
    }
#endif
    return narrow_portable(source, target, count);
}

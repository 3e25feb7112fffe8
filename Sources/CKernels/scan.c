#include "CKernels.h"

#include "levels.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Inner products of one query with many rows. A search scores what can be among the nearest once more in a fixed order, so
// sums here may be in any.

static void f16_dots_portable(const uint16_t *rows, size_t count, size_t dimension, const float *query, float *scores) {
    enum { BLOCK = 64 };
    for (size_t row = 0; row < count; row++, rows += dimension) {
        float sum = 0, values[BLOCK];
        for (size_t start = 0; start < dimension; start += BLOCK) {
            size_t length = dimension - start < BLOCK ? dimension - start : BLOCK;
            ftc_f16_to_f32(rows + start, values, length);
            for (size_t i = 0; i < length; i++) sum += values[i] * query[start + i];
        }
        scores[row] = sum;
    }
}

#if defined(__x86_64__)
__attribute__((target("avx,avx2,fma,f16c"))) static void f16_dots_avx2(const uint16_t *rows, size_t count,
                                                                        size_t dimension, const float *query,
                                                                        float *scores) {
    for (size_t row = 0; row < count; row++, rows += dimension) {
        __m256 first = _mm256_setzero_ps(), second = _mm256_setzero_ps();
        size_t i = 0;
        for (; i + 16 <= dimension; i += 16) {
            __m256i halves = _mm256_loadu_si256((const __m256i *)(rows + i));
            first = _mm256_fmadd_ps(_mm256_cvtph_ps(_mm256_castsi256_si128(halves)), _mm256_loadu_ps(query + i), first);
            second = _mm256_fmadd_ps(_mm256_cvtph_ps(_mm256_extracti128_si256(halves, 1)),
                                     _mm256_loadu_ps(query + i + 8), second);
        }
        first = _mm256_add_ps(first, second);
        float lanes[8], rest;
        _mm256_storeu_ps(lanes, first);
        f16_dots_portable(rows + i, 1, dimension - i, query + i, &rest);
        for (int lane = 0; lane < 8; lane++) rest += lanes[lane];
        scores[row] = rest;
    }
}

__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq"))) static void f16_dots_avx512(
    const uint16_t *rows, size_t count, size_t dimension, const float *query, float *scores) {
    __mmask16 last = (__mmask16)((1u << (dimension % 16)) - 1);
    for (size_t row = 0; row < count; row++, rows += dimension) {
        __m512 sums[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};
        size_t i = 0;
        for (; i + 64 <= dimension; i += 64)
            for (size_t part = 0; part < 4; part++) {
                __m256i halves = _mm256_loadu_si256((const __m256i *)(rows + i + 16 * part));
                sums[part] = _mm512_fmadd_ps(_mm512_cvtph_ps(halves), _mm512_loadu_ps(query + i + 16 * part), sums[part]);
            }
        for (; i + 16 <= dimension; i += 16)
            sums[0] = _mm512_fmadd_ps(_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(rows + i))),
                                      _mm512_loadu_ps(query + i), sums[0]);
        if (last)
            sums[1] = _mm512_fmadd_ps(_mm512_cvtph_ps(_mm256_maskz_loadu_epi16(last, rows + i)),
                                      _mm512_maskz_loadu_ps(last, query + i), sums[1]);
        scores[row] = _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(sums[0], sums[1]), _mm512_add_ps(sums[2], sums[3])));
    }
}
#endif

void ftc_f16_dots(const uint16_t *rows, size_t count, size_t dimension, const float *query, float *scores) {
#if defined(__x86_64__)
    switch (ftc_current_level()) {
    case FTC_LEVEL_AVX512_VBMI2:
    case FTC_LEVEL_AVX512: f16_dots_avx512(rows, count, dimension, query, scores); return;
    case FTC_LEVEL_AVX2: f16_dots_avx2(rows, count, dimension, query, scores); return;
    default: break;
    }
#endif
    f16_dots_portable(rows, count, dimension, query, scores);
}

static float f16_dot_portable(const uint16_t *row, const float *query, size_t dimension) {
    float score;
    f16_dots_portable(row, 1, dimension, query, &score);
    return score;
}

static float f16_pair_dot_portable(const uint16_t *left, const uint16_t *right, size_t dimension) {
    enum { BLOCK = 64 };
    float values[BLOCK], sum = 0;
    for (size_t start = 0; start < dimension; start += BLOCK) {
        size_t length = dimension - start < BLOCK ? dimension - start : BLOCK;
        ftc_f16_to_f32(right + start, values, length);
        sum += f16_dot_portable(left + start, values, length);
    }
    return sum;
}

#if defined(__x86_64__)
__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq"))) static float f16_dot_avx512(const uint16_t *row,
                                                                                          const float *query,
                                                                                          size_t dimension) {
    float score;
    f16_dots_avx512(row, 1, dimension, query, &score);
    return score;
}

__attribute__((target("avx,avx2,fma,f16c"))) static float f16_dot_avx2(const uint16_t *row, const float *query,
                                                                       size_t dimension) {
    float score;
    f16_dots_avx2(row, 1, dimension, query, &score);
    return score;
}

__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq"))) static float f16_pair_dot_avx512(const uint16_t *left,
                                                                                               const uint16_t *right,
                                                                                               size_t dimension) {
    __m512 even = _mm512_setzero_ps(), odd = _mm512_setzero_ps();
    size_t i = 0;
    for (; i + 32 <= dimension; i += 32) {
        even = _mm512_fmadd_ps(_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(left + i))),
                               _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(right + i))), even);
        odd = _mm512_fmadd_ps(_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(left + i + 16))),
                              _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(right + i + 16))), odd);
    }
    for (; i < dimension; i += 16) {
        __mmask16 rest = dimension - i < 16 ? (__mmask16)((1u << (dimension - i)) - 1) : 0xFFFF;
        even = _mm512_fmadd_ps(_mm512_cvtph_ps(_mm256_maskz_loadu_epi16(rest, left + i)),
                               _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(rest, right + i)), even);
    }
    return _mm512_reduce_add_ps(_mm512_add_ps(even, odd));
}

__attribute__((target("avx,avx2,fma,f16c"))) static float f16_pair_dot_avx2(const uint16_t *left, const uint16_t *right,
                                                                            size_t dimension) {
    __m256 sum = _mm256_setzero_ps();
    size_t i = 0;
    for (; i + 8 <= dimension; i += 8)
        sum = _mm256_fmadd_ps(_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(left + i))),
                              _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(right + i))), sum);
    float lanes[8], rest = f16_pair_dot_portable(left + i, right + i, dimension - i);
    _mm256_storeu_ps(lanes, sum);
    for (int lane = 0; lane < 8; lane++) rest += lanes[lane];
    return rest;
}
#endif

ftc_f16_dot ftc_fastest_f16_dot(void) {
#if defined(__x86_64__)
    if (ftc_current_level() >= FTC_LEVEL_AVX512) return f16_dot_avx512;
    if (ftc_current_level() >= FTC_LEVEL_AVX2) return f16_dot_avx2;
#endif
    return f16_dot_portable;
}

ftc_f16_pair_dot ftc_fastest_f16_pair_dot(void) {
#if defined(__x86_64__)
    if (ftc_current_level() >= FTC_LEVEL_AVX512) return f16_pair_dot_avx512;
    if (ftc_current_level() >= FTC_LEVEL_AVX2) return f16_pair_dot_avx2;
#endif
    return f16_pair_dot_portable;
}

// Sums over lanes, which the compiler vectorizes as they are.
KERNEL void f32_dots(const float *rows, size_t count, size_t dimension, const float *query, float *scores) {
    enum { LANES = 64 };
    for (size_t row = 0; row < count; row++, rows += dimension) {
        float sums[LANES] = {0}, sum = 0;
        size_t i = 0;
        for (; i + LANES <= dimension; i += LANES)
            for (size_t lane = 0; lane < LANES; lane++) sums[lane] += rows[i + lane] * query[i + lane];
        for (; i < dimension; i++) sum += rows[i] * query[i];
        for (size_t lane = 0; lane < LANES; lane++) sum += sums[lane];
        scores[row] = sum;
    }
}
DISPATCH(void, f32_dots, (const float *rows, size_t count, size_t dimension, const float *query, float *scores),
         (rows, count, dimension, query, scores))

KERNEL void u8_dots_plain(const uint8_t *rows, size_t count, size_t dimension, const int8_t *query, int32_t *dots) {
    for (size_t row = 0; row < count; row++, rows += dimension) {
        int32_t sum = 0;
        for (size_t i = 0; i < dimension; i++) sum += (int32_t)rows[i] * query[i];
        dots[row] = sum;
    }
}
DISPATCH(void, u8_dots_plain, (const uint8_t *rows, size_t count, size_t dimension, const int8_t *query, int32_t *dots),
         (rows, count, dimension, query, dots))

#if defined(__x86_64__)
__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"))) static void u8_dots_vnni(
    const uint8_t *rows, size_t count, size_t dimension, const int8_t *query, int32_t *dots) {
    __mmask64 last = dimension % 64 ? (1ull << (dimension % 64)) - 1 : 0;
    for (size_t row = 0; row < count; row++, rows += dimension) {
        __m512i even = _mm512_setzero_si512(), odd = _mm512_setzero_si512();
        size_t i = 0;
        for (; i + 128 <= dimension; i += 128) {
            even = _mm512_dpbusd_epi32(even, _mm512_loadu_si512(rows + i), _mm512_loadu_si512(query + i));
            odd = _mm512_dpbusd_epi32(odd, _mm512_loadu_si512(rows + i + 64), _mm512_loadu_si512(query + i + 64));
        }
        for (; i + 64 <= dimension; i += 64)
            even = _mm512_dpbusd_epi32(even, _mm512_loadu_si512(rows + i), _mm512_loadu_si512(query + i));
        if (last)
            odd = _mm512_dpbusd_epi32(odd, _mm512_maskz_loadu_epi8(last, rows + i), _mm512_maskz_loadu_epi8(last, query + i));
        dots[row] = _mm512_reduce_add_epi32(_mm512_add_epi32(even, odd));
    }
}
#endif

void ftc_u8_dots(const uint8_t *rows, size_t count, size_t dimension, const int8_t *query, int32_t *dots) {
#if defined(__x86_64__)
    if (ftc_current_level() >= FTC_LEVEL_AVX512 && __builtin_cpu_supports("avx512vnni")) {
        u8_dots_vnni(rows, count, dimension, query, dots);
        return;
    }
#endif
    ftc_u8_dots_plain(rows, count, dimension, query, dots);
}

#if defined(__x86_64__)
__attribute__((target("avx512f"))) static size_t reaching_avx512(const float *scores, const float *cutoffs, size_t count,
                                                                 uint32_t *positions) {
    size_t found = 0, i = 0;
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    for (; i + 16 <= count; i += 16) {
        __mmask16 mask = _mm512_cmp_ps_mask(_mm512_loadu_ps(scores + i), _mm512_loadu_ps(cutoffs + i), _CMP_NLT_UQ);
        if (!mask) continue;
        _mm512_mask_compressstoreu_epi32(positions + found, mask, _mm512_add_epi32(lanes, _mm512_set1_epi32((int)i)));
        found += (size_t)__builtin_popcount(mask);
    }
    for (; i < count; i++)
        if (!(scores[i] < cutoffs[i])) positions[found++] = (uint32_t)i;
    return found;
}
#endif

size_t ftc_reaching(const float *scores, const float *cutoffs, size_t count, uint32_t *positions) {
#if defined(__x86_64__)
    if (ftc_current_level() >= FTC_LEVEL_AVX512) return reaching_avx512(scores, cutoffs, count, positions);
#endif
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        if (!(scores[i] < cutoffs[i])) positions[found++] = (uint32_t)i;
    return found;
}

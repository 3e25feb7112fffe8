// Bitmaps that say where values go: taking out and putting back zeros, splitting and merging bytes.
#include "CKernels.h"

#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))

INLINE size_t least(size_t left, size_t right) { return left < right ? left : right; }

INLINE unsigned bit_at(const uint8_t *bitmap, size_t index) { return (bitmap[index / 8] >> (index % 8)) & 1u; }

// MARK: - Portable twins; `width` is a constant wherever these are called

static size_t bit_count_portable(const uint8_t *bitmap, size_t count) {
    size_t total = 0, byte = 0;
    for (; byte + 8 <= count / 8; byte += 8) {
        uint64_t word;
        memcpy(&word, bitmap + byte, sizeof word);
        total += (size_t)__builtin_popcountll(word);
    }
    for (; byte < count / 8; byte++) total += (size_t)__builtin_popcount(bitmap[byte]);
    if (count % 8) total += (size_t)__builtin_popcount(bitmap[byte] & ((1u << (count % 8)) - 1u));
    return total;
}

INLINE size_t zero_mask_portable(const uint8_t *values, size_t count, size_t width, uint8_t *bitmap, uint8_t *packed) {
    static const uint8_t zero[4] = {0};
    size_t kept = 0;
    memset(bitmap, 0, (count + 7) / 8);
    for (size_t i = 0; i < count; i++) {
        unsigned bit = memcmp(values + i * width, zero, width) != 0;
        bitmap[i / 8] |= (uint8_t)(bit << (i % 8));
        memcpy(packed + kept * width, values + i * width, width);  // kept <= i: within the room of `count` values
        kept += bit;
    }
    return kept;
}

INLINE void expand_portable(const uint8_t *bitmap, const uint8_t *packed, size_t packed_count, size_t width,
                            uint8_t *values, size_t count) {
    size_t taken = 0, i = 0;
    for (; i < count && taken < packed_count; i++) {
        uint32_t value = 0;
        unsigned bit = bit_at(bitmap, i);
        memcpy(&value, packed + taken * width, width);
        value &= 0u - bit;
        memcpy(values + i * width, &value, width);
        taken += bit;
    }
    memset(values + i * width, 0, (count - i) * width);
}

static size_t at_least_portable(const uint8_t *bytes, size_t count, uint8_t bound, uint8_t *bitmap) {
    size_t ones = 0;
    memset(bitmap, 0, (count + 7) / 8);
    for (size_t i = 0; i < count; i++) {
        unsigned bit = bytes[i] >= bound;
        bitmap[i / 8] |= (uint8_t)(bit << (i % 8));
        ones += bit;
    }
    return ones;
}

static void split_portable(const uint8_t *bitmap, const uint8_t *bytes, size_t count, uint8_t *zeros, uint8_t *ones) {
    for (size_t i = 0; i < count; i++) {
        unsigned bit = bit_at(bitmap, i);
        *(bit ? ones : zeros) = bytes[i];
        ones += bit;
        zeros += 1 - bit;
    }
}

static void merge_portable(const uint8_t *bitmap, const uint8_t *zeros, const uint8_t *ones, uint8_t *bytes,
                           size_t count) {
    for (size_t i = 0; i < count; i++) {
        unsigned bit = bit_at(bitmap, i);
        bytes[i] = *(bit ? ones : zeros);
        ones += bit;
        zeros += 1 - bit;
    }
}

// MARK: - BMI2: 8 bytes at a time

#if defined(__x86_64__)
#define BMI2 __attribute__((target("bmi2,popcnt")))

// Whole values of `width` bytes, all bits 1 where the bit of `bits` is, for the 8 / width lowest bits.
INLINE BMI2 uint64_t spread(unsigned bits, size_t width) {
    const uint64_t lowest = width == 1 ? 0x0101010101010101u : width == 2 ? 0x0001000100010001u : 0x0000000100000001u;
    return _pdep_u64(bits, lowest) * (width == 1 ? 0xFFu : width == 2 ? 0xFFFFu : 0xFFFFFFFFu);
}

INLINE uint64_t load_word(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

INLINE BMI2 void expand_bmi2(const uint8_t *bitmap, const uint8_t *packed, size_t packed_count, size_t width,
                             uint8_t *values, size_t count) {
    const size_t lanes = 8 / width;
    size_t taken = 0, i = 0;
    for (; i + 8 <= count && taken + 8 <= packed_count; i += 8) {
        unsigned bits = bitmap[i / 8];
        for (size_t lane = 0; lane < 8; lane += lanes, bits >>= lanes) {
            uint64_t mask = spread(bits, width);
            uint64_t word = _pdep_u64(load_word(packed + taken * width), mask);
            memcpy(values + (i + lane) * width, &word, sizeof word);
            taken += (size_t)__builtin_popcount(bits & ((1u << lanes) - 1u));
        }
    }
    expand_portable(bitmap + i / 8, packed + taken * width, packed_count - taken, width, values + i * width, count - i);
}

BMI2 static void split_bmi2(const uint8_t *bitmap, const uint8_t *bytes, size_t count, uint8_t *zeros, uint8_t *ones,
                            size_t one_count) {
    const size_t zero_count = count - one_count;
    size_t to_zeros = 0, to_ones = 0, i = 0;
    for (; i + 8 <= count && to_zeros + 8 <= zero_count && to_ones + 8 <= one_count; i += 8) {
        uint64_t mask = spread(bitmap[i / 8], 1), word = load_word(bytes + i);
        uint64_t zero_word = _pext_u64(word, ~mask), one_word = _pext_u64(word, mask);
        memcpy(zeros + to_zeros, &zero_word, sizeof zero_word);
        memcpy(ones + to_ones, &one_word, sizeof one_word);
        size_t taken = (size_t)__builtin_popcount(bitmap[i / 8]);
        to_ones += taken;
        to_zeros += 8 - taken;
    }
    split_portable(bitmap + i / 8, bytes + i, count - i, zeros + to_zeros, ones + to_ones);
}

BMI2 static void merge_bmi2(const uint8_t *bitmap, const uint8_t *zeros, const uint8_t *ones, size_t one_count,
                            uint8_t *bytes, size_t count) {
    const size_t zero_count = count - one_count;
    size_t from_zeros = 0, from_ones = 0, i = 0;
    for (; i + 8 <= count && from_zeros + 8 <= zero_count && from_ones + 8 <= one_count; i += 8) {
        uint64_t mask = spread(bitmap[i / 8], 1);
        uint64_t word = _pdep_u64(load_word(zeros + from_zeros), ~mask) | _pdep_u64(load_word(ones + from_ones), mask);
        memcpy(bytes + i, &word, sizeof word);
        size_t taken = (size_t)__builtin_popcount(bitmap[i / 8]);
        from_ones += taken;
        from_zeros += 8 - taken;
    }
    merge_portable(bitmap + i / 8, zeros + from_zeros, ones + from_ones, bytes + i, count - i);
}

BMI2 static void expand_by_width_bmi2(const uint8_t *bitmap, const void *packed, size_t packed_count, size_t width,
                                      void *values, size_t count) {
    if (width == 1) expand_bmi2(bitmap, packed, packed_count, 1, values, count);
    else if (width == 2) expand_bmi2(bitmap, packed, packed_count, 2, values, count);
    else expand_bmi2(bitmap, packed, packed_count, 4, values, count);
}

// AMD's processors before Zen 3 have BMI2's pdep and pext in microcode, slower than the portable loops.
static int has_fast_bmi2(void) {
    return ftc_current_level() >= FTC_LEVEL_AVX2 && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") &&
           !__builtin_cpu_is("amdfam17h") && !__builtin_cpu_is("amdfam15h");
}
#endif

// MARK: - AVX-512 with VBMI2: 64 bytes at a time

#if defined(__x86_64__)
#define VBMI2 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi2,popcnt")))

// The lowest `count` bits, for count 0...64.
INLINE VBMI2 uint64_t low_bits(size_t count) { return count >= 64 ? ~0ull : (1ull << count) - 1; }

INLINE VBMI2 size_t ones_in(uint64_t mask) { return (size_t)__builtin_popcountll(mask); }

INLINE VBMI2 uint64_t load_bits(const uint8_t *bitmap, size_t bytes) {
    uint64_t bits = 0;
    memcpy(&bits, bitmap, bytes);
    return bits;
}

INLINE VBMI2 __m512i load_first(const uint8_t *bytes, size_t count) {
    return _mm512_maskz_loadu_epi8(low_bits(count), bytes);
}

INLINE VBMI2 void store_first(uint8_t *bytes, size_t count, __m512i vector) {
    _mm512_mask_storeu_epi8(bytes, low_bits(count), vector);
}

INLINE VBMI2 uint64_t nonzero(__m512i vector, size_t width) {
    if (width == 1) return _mm512_test_epi8_mask(vector, vector);
    if (width == 2) return _mm512_test_epi16_mask(vector, vector);
    return _mm512_test_epi32_mask(vector, vector);
}

// Compressing in a register and storing it whole: compressing to memory is slow on Zen 4.
INLINE VBMI2 __m512i compress(uint64_t mask, __m512i vector, size_t width) {
    if (width == 1) return _mm512_maskz_compress_epi8(mask, vector);
    if (width == 2) return _mm512_maskz_compress_epi16((__mmask32)mask, vector);
    return _mm512_maskz_compress_epi32((__mmask16)mask, vector);
}

INLINE VBMI2 __m512i expand(uint64_t mask, __m512i vector, size_t width) {
    if (width == 1) return _mm512_maskz_expand_epi8(mask, vector);
    if (width == 2) return _mm512_maskz_expand_epi16((__mmask32)mask, vector);
    return _mm512_maskz_expand_epi32((__mmask16)mask, vector);
}

VBMI2 static size_t bit_count_vbmi2(const uint8_t *bitmap, size_t count) {
    size_t total = 0, byte = 0;
    for (; byte + 8 <= count / 8; byte += 8) total += ones_in(load_bits(bitmap + byte, 8));
    size_t rest = count - byte * 8;
    return total + ones_in(load_bits(bitmap + byte, (rest + 7) / 8) & low_bits(rest));
}

INLINE VBMI2 size_t zero_mask_vbmi2(const uint8_t *values, size_t count, size_t width, uint8_t *bitmap,
                                    uint8_t *packed) {
    const size_t lanes = 64 / width;
    size_t kept = 0, i = 0;
    for (; i + lanes <= count; i += lanes) {
        __m512i vector = _mm512_loadu_si512(values + i * width);
        uint64_t mask = nonzero(vector, width);
        memcpy(bitmap + i / 8, &mask, lanes / 8);
        _mm512_storeu_si512(packed + kept * width, compress(mask, vector, width));
        kept += ones_in(mask);
    }
    if (i == count) return kept;
    size_t rest = count - i;
    __m512i vector = load_first(values + i * width, rest * width);
    uint64_t mask = nonzero(vector, width);
    memcpy(bitmap + i / 8, &mask, (rest + 7) / 8);
    store_first(packed + kept * width, rest * width, compress(mask, vector, width));
    return kept + ones_in(mask);
}

INLINE VBMI2 void expand_vbmi2(const uint8_t *bitmap, const uint8_t *packed, size_t packed_count, size_t width,
                               uint8_t *values, size_t count) {
    const size_t lanes = 64 / width;
    size_t taken = 0, i = 0;
    for (; i + lanes <= count && taken + lanes <= packed_count; i += lanes) {
        uint64_t mask = load_bits(bitmap + i / 8, lanes / 8);
        __m512i vector = _mm512_loadu_si512(packed + taken * width);
        _mm512_storeu_si512(values + i * width, expand(mask, vector, width));
        taken += ones_in(mask);
    }
    for (; i < count; i += lanes) {  // where a whole vector would reach past a buffer
        size_t rest = least(lanes, count - i), left = least(lanes, packed_count - taken);
        uint64_t mask = load_bits(bitmap + i / 8, (rest + 7) / 8) & low_bits(rest);
        __m512i vector = load_first(packed + taken * width, left * width);
        store_first(values + i * width, rest * width, expand(mask, vector, width));
        taken += least(ones_in(mask), left);
    }
}

VBMI2 static size_t at_least_vbmi2(const uint8_t *bytes, size_t count, uint8_t bound, uint8_t *bitmap) {
    const __m512i bounds = _mm512_set1_epi8((char)bound);
    size_t ones = 0, i = 0;
    for (; i + 64 <= count; i += 64) {
        uint64_t mask = _mm512_cmpge_epu8_mask(_mm512_loadu_si512(bytes + i), bounds);
        memcpy(bitmap + i / 8, &mask, 8);
        ones += ones_in(mask);
    }
    size_t rest = count - i;
    uint64_t mask = _mm512_cmpge_epu8_mask(load_first(bytes + i, rest), bounds) & low_bits(rest);
    memcpy(bitmap + i / 8, &mask, (rest + 7) / 8);
    return ones + ones_in(mask);
}

VBMI2 static void split_vbmi2(const uint8_t *bitmap, const uint8_t *bytes, size_t count, uint8_t *zeros, uint8_t *ones,
                              size_t one_count) {
    const size_t zero_count = count - one_count;
    size_t to_zeros = 0, to_ones = 0, i = 0;
    for (; i + 64 <= count && to_zeros + 64 <= zero_count && to_ones + 64 <= one_count; i += 64) {
        uint64_t mask = load_bits(bitmap + i / 8, 8);
        __m512i vector = _mm512_loadu_si512(bytes + i);
        _mm512_storeu_si512(zeros + to_zeros, compress(~mask, vector, 1));
        _mm512_storeu_si512(ones + to_ones, compress(mask, vector, 1));
        size_t taken = ones_in(mask);
        to_ones += taken;
        to_zeros += 64 - taken;
    }
    for (; i < count; i += 64) {  // where a whole vector would reach past a buffer
        size_t rest = least(64, count - i);
        size_t zeros_left = least(64, zero_count - to_zeros), ones_left = least(64, one_count - to_ones);
        uint64_t mask = load_bits(bitmap + i / 8, (rest + 7) / 8) & low_bits(rest);
        __m512i vector = load_first(bytes + i, rest);
        store_first(zeros + to_zeros, zeros_left, compress(~mask, vector, 1));
        store_first(ones + to_ones, ones_left, compress(mask, vector, 1));
        size_t taken = ones_in(mask);
        to_ones += least(taken, ones_left);
        to_zeros += least(rest - taken, zeros_left);
    }
}

VBMI2 static void merge_vbmi2(const uint8_t *bitmap, const uint8_t *zeros, const uint8_t *ones, size_t one_count,
                              uint8_t *bytes, size_t count) {
    const size_t zero_count = count - one_count;
    size_t from_zeros = 0, from_ones = 0, i = 0;
    for (; i + 64 <= count && from_zeros + 64 <= zero_count && from_ones + 64 <= one_count; i += 64) {
        uint64_t mask = load_bits(bitmap + i / 8, 8);
        __m512i merged = _mm512_maskz_expand_epi8(~mask, _mm512_loadu_si512(zeros + from_zeros));
        merged = _mm512_mask_expand_epi8(merged, mask, _mm512_loadu_si512(ones + from_ones));
        _mm512_storeu_si512(bytes + i, merged);
        size_t taken = ones_in(mask);
        from_ones += taken;
        from_zeros += 64 - taken;
    }
    for (; i < count; i += 64) {
        size_t rest = least(64, count - i);
        size_t zeros_left = least(64, zero_count - from_zeros), ones_left = least(64, one_count - from_ones);
        uint64_t mask = load_bits(bitmap + i / 8, (rest + 7) / 8) & low_bits(rest);
        __m512i merged = _mm512_maskz_expand_epi8(~mask, load_first(zeros + from_zeros, zeros_left));
        merged = _mm512_mask_expand_epi8(merged, mask, load_first(ones + from_ones, ones_left));
        store_first(bytes + i, rest, merged);
        size_t taken = ones_in(mask);
        from_ones += least(taken, ones_left);
        from_zeros += least(rest - taken, zeros_left);
    }
}

#define VBMI2_IF_POSSIBLE(CALL)                                                                                        \
    if (ftc_current_level() >= FTC_LEVEL_AVX512_VBMI2) { CALL; }
#define BMI2_IF_POSSIBLE(CALL)                                                                                         \
    if (has_fast_bmi2()) { CALL; }
#else
#define VBMI2_IF_POSSIBLE(CALL)
#define BMI2_IF_POSSIBLE(CALL)
#endif

// MARK: - Dispatch

#if defined(__x86_64__)
VBMI2 static size_t zero_mask_by_width_vbmi2(const void *values, size_t count, size_t width, uint8_t *bitmap,
                                             void *packed) {
    if (width == 1) return zero_mask_vbmi2(values, count, 1, bitmap, packed);
    if (width == 2) return zero_mask_vbmi2(values, count, 2, bitmap, packed);
    return zero_mask_vbmi2(values, count, 4, bitmap, packed);
}

VBMI2 static void expand_by_width_vbmi2(const uint8_t *bitmap, const void *packed, size_t packed_count, size_t width,
                                        void *values, size_t count) {
    if (width == 1) expand_vbmi2(bitmap, packed, packed_count, 1, values, count);
    else if (width == 2) expand_vbmi2(bitmap, packed, packed_count, 2, values, count);
    else expand_vbmi2(bitmap, packed, packed_count, 4, values, count);
}
#endif

size_t ftc_bit_count(const uint8_t *bitmap, size_t count) {
    VBMI2_IF_POSSIBLE(return bit_count_vbmi2(bitmap, count))
    return bit_count_portable(bitmap, count);
}

size_t ftc_zero_mask(const void *values, size_t count, size_t width, uint8_t *bitmap, void *packed) {
    VBMI2_IF_POSSIBLE(return zero_mask_by_width_vbmi2(values, count, width, bitmap, packed))
    if (width == 1) return zero_mask_portable(values, count, 1, bitmap, packed);
    if (width == 2) return zero_mask_portable(values, count, 2, bitmap, packed);
    return zero_mask_portable(values, count, 4, bitmap, packed);
}

void ftc_expand(const uint8_t *bitmap, const void *packed, size_t packed_count, size_t width, void *values,
                size_t count) {
    VBMI2_IF_POSSIBLE(expand_by_width_vbmi2(bitmap, packed, packed_count, width, values, count); return)
    BMI2_IF_POSSIBLE(expand_by_width_bmi2(bitmap, packed, packed_count, width, values, count); return)
    if (width == 1) expand_portable(bitmap, packed, packed_count, 1, values, count);
    else if (width == 2) expand_portable(bitmap, packed, packed_count, 2, values, count);
    else expand_portable(bitmap, packed, packed_count, 4, values, count);
}

size_t ftc_at_least(const uint8_t *bytes, size_t count, uint8_t bound, uint8_t *bitmap) {
    VBMI2_IF_POSSIBLE(return at_least_vbmi2(bytes, count, bound, bitmap))
    return at_least_portable(bytes, count, bound, bitmap);
}

void ftc_split(const uint8_t *bitmap, const uint8_t *bytes, size_t count, uint8_t *zeros, uint8_t *ones,
               size_t one_count) {
    VBMI2_IF_POSSIBLE(split_vbmi2(bitmap, bytes, count, zeros, ones, one_count); return)
    BMI2_IF_POSSIBLE(split_bmi2(bitmap, bytes, count, zeros, ones, one_count); return)
    split_portable(bitmap, bytes, count, zeros, ones);
}

void ftc_merge(const uint8_t *bitmap, const uint8_t *zeros, const uint8_t *ones, size_t one_count, uint8_t *bytes,
               size_t count) {
    VBMI2_IF_POSSIBLE(merge_vbmi2(bitmap, zeros, ones, one_count, bytes, count); return)
    BMI2_IF_POSSIBLE(merge_bmi2(bitmap, zeros, ones, one_count, bytes, count); return)
    (void)one_count;
    merge_portable(bitmap, zeros, ones, bytes, count);
}

#include "CKernels.h"

#include <stdatomic.h>

static atomic_int forced_level = FTC_LEVEL_AVX512_VBMI2;

static ftc_level processor_level(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq")) {
        if (__builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("popcnt"))
            return FTC_LEVEL_AVX512_VBMI2;
        return FTC_LEVEL_AVX512;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c"))
        return FTC_LEVEL_AVX2;
#endif
    return FTC_LEVEL_PORTABLE;
}

ftc_level ftc_current_level(void) {
    ftc_level best = processor_level();
    int forced = atomic_load_explicit(&forced_level, memory_order_relaxed);
    return forced < (int)best ? (ftc_level)forced : best;
}

void ftc_force_level(ftc_level level) { atomic_store_explicit(&forced_level, (int)level, memory_order_relaxed); }

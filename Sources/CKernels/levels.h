#ifndef FINETUNER_CACHE_LEVELS_H
#define FINETUNER_CACHE_LEVELS_H

#include "CKernels.h"

// KERNEL marks a body that is written once in plain C; DISPATCH compiles it for every level, where the compiler
// vectorizes it to what the level allows, and defines ftc_NAME, which calls the best.
// Bodies sit under `#pragma STDC FP_CONTRACT OFF`: no fused multiply-add, so that every level gives the same bits.
// Square roots are __builtin_elementwise_sqrt: sqrtf keeps errno, which stops vectorization.
#define KERNEL static inline __attribute__((always_inline))

#if defined(__x86_64__)
#define DISPATCH(RESULT, NAME, PARAMETERS, ARGUMENTS)                                                                  \
    __attribute__((target("avx2"))) static RESULT NAME##_avx2 PARAMETERS { return NAME ARGUMENTS; }                    \
    __attribute__((target("avx512f"))) static RESULT NAME##_avx512 PARAMETERS { return NAME ARGUMENTS; }               \
    RESULT ftc_##NAME PARAMETERS {                                                                                     \
        switch (ftc_current_level()) {                                                                                 \
        case FTC_LEVEL_AVX512_VBMI2:                                                                                   \
        case FTC_LEVEL_AVX512: return NAME##_avx512 ARGUMENTS;                                                         \
        case FTC_LEVEL_AVX2: return NAME##_avx2 ARGUMENTS;                                                             \
        default: return NAME ARGUMENTS;                                                                                \
        }                                                                                                              \
    }
#else
#define DISPATCH(RESULT, NAME, PARAMETERS, ARGUMENTS)                                                                  \
    RESULT ftc_##NAME PARAMETERS { return NAME ARGUMENTS; }
#endif

#endif

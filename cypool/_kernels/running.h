/* Windows of `taps` along a row of integers, each from the one before it: a tap comes in, another goes out. What
 * neighbours gain is added up within a vector, by doubling; sums wrap around. In AVX2, SSE2 and NEON, and one by one
 * for all else. */
#ifndef CYPOOL_RUNNING_H
#define CYPOOL_RUNNING_H

#include <stddef.h>
#include <stdint.h>

#if defined(__AVX2__)
#include <immintrin.h>

typedef __m256i gains;
enum { GAINS_16 = 16, GAINS_32 = 8, GAINS_64 = 4 };

static inline gains load_gains(const void *row) { return _mm256_loadu_si256((const __m256i *)row); }
static inline void store_gains(void *row, gains v) { _mm256_storeu_si256((__m256i *)row, v); }
static inline gains all_gains_16(uint16_t value) { return _mm256_set1_epi16((short)value); }
static inline gains all_gains_32(uint32_t value) { return _mm256_set1_epi32((int)value); }
static inline gains all_gains_64(uint64_t value) { return _mm256_set1_epi64x((long long)value); }
static inline gains plus_16(gains a, gains b) { return _mm256_add_epi16(a, b); }
static inline gains plus_32(gains a, gains b) { return _mm256_add_epi32(a, b); }
static inline gains plus_64(gains a, gains b) { return _mm256_add_epi64(a, b); }
static inline gains minus_16(gains a, gains b) { return _mm256_sub_epi16(a, b); }
static inline gains minus_32(gains a, gains b) { return _mm256_sub_epi32(a, b); }
static inline gains minus_64(gains a, gains b) { return _mm256_sub_epi64(a, b); }
/* The last number of the lower half, for all of the upper one. */
static inline gains upwards(gains v, gains last) { return _mm256_permute2x128_si256(last, v, 0x08); }
static inline gains half_last_16(gains v) { return _mm256_shuffle_epi8(v, _mm256_set1_epi16(0x0f0e)); }
static inline gains added_up_16(gains v)
{
    v = plus_16(v, _mm256_slli_si256(v, 2));
    v = plus_16(v, _mm256_slli_si256(v, 4));
    v = plus_16(v, _mm256_slli_si256(v, 8));
    return plus_16(v, upwards(v, half_last_16(v)));
}
static inline gains added_up_32(gains v)
{
    v = plus_32(v, _mm256_slli_si256(v, 4));
    v = plus_32(v, _mm256_slli_si256(v, 8));
    return plus_32(v, upwards(v, _mm256_shuffle_epi32(v, 0xff)));
}
static inline gains added_up_64(gains v)
{
    v = plus_64(v, _mm256_slli_si256(v, 8));
    return plus_64(v, upwards(v, _mm256_shuffle_epi32(v, 0xee)));
}
static inline gains last_16(gains v) { return _mm256_permute4x64_epi64(half_last_16(v), 0xff); }
static inline gains last_32(gains v) { return _mm256_permutevar8x32_epi32(v, _mm256_set1_epi32(7)); }
static inline gains last_64(gains v) { return _mm256_permute4x64_epi64(v, 0xff); }

#elif defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>

typedef __m128i gains;
enum { GAINS_16 = 8, GAINS_32 = 4, GAINS_64 = 2 };

static inline gains load_gains(const void *row) { return _mm_loadu_si128((const __m128i *)row); }
static inline void store_gains(void *row, gains v) { _mm_storeu_si128((__m128i *)row, v); }
static inline gains all_gains_16(uint16_t value) { return _mm_set1_epi16((short)value); }
static inline gains all_gains_32(uint32_t value) { return _mm_set1_epi32((int)value); }
static inline gains all_gains_64(uint64_t value) { return _mm_set1_epi64x((long long)value); }
static inline gains plus_16(gains a, gains b) { return _mm_add_epi16(a, b); }
static inline gains plus_32(gains a, gains b) { return _mm_add_epi32(a, b); }
static inline gains plus_64(gains a, gains b) { return _mm_add_epi64(a, b); }
static inline gains minus_16(gains a, gains b) { return _mm_sub_epi16(a, b); }
static inline gains minus_32(gains a, gains b) { return _mm_sub_epi32(a, b); }
static inline gains minus_64(gains a, gains b) { return _mm_sub_epi64(a, b); }
static inline gains added_up_16(gains v)
{
    v = plus_16(v, _mm_slli_si128(v, 2));
    v = plus_16(v, _mm_slli_si128(v, 4));
    return plus_16(v, _mm_slli_si128(v, 8));
}
static inline gains added_up_32(gains v)
{
    v = plus_32(v, _mm_slli_si128(v, 4));
    return plus_32(v, _mm_slli_si128(v, 8));
}
static inline gains added_up_64(gains v) { return plus_64(v, _mm_slli_si128(v, 8)); }
static inline gains last_16(gains v) { return _mm_shuffle_epi32(_mm_shufflehi_epi16(v, 0xff), 0xff); }
static inline gains last_32(gains v) { return _mm_shuffle_epi32(v, 0xff); }
static inline gains last_64(gains v) { return _mm_shuffle_epi32(v, 0xee); }

#elif defined(__aarch64__) && defined(__ARM_NEON)
#include <arm_neon.h>

typedef uint32x4_t gains;
enum { GAINS_16 = 8, GAINS_32 = 4, GAINS_64 = 2 };

static inline uint16x8_t short_gains(gains v) { return vreinterpretq_u16_u32(v); }
static inline gains of_short_gains(uint16x8_t v) { return vreinterpretq_u32_u16(v); }
static inline uint64x2_t wide_gains(gains v) { return vreinterpretq_u64_u32(v); }
static inline gains narrow_gains(uint64x2_t v) { return vreinterpretq_u32_u64(v); }
static inline gains load_gains(const void *row) { return vld1q_u32((const uint32_t *)row); }
static inline void store_gains(void *row, gains v) { vst1q_u32((uint32_t *)row, v); }
static inline gains all_gains_16(uint16_t value) { return of_short_gains(vdupq_n_u16(value)); }
static inline gains all_gains_32(uint32_t value) { return vdupq_n_u32(value); }
static inline gains all_gains_64(uint64_t value) { return narrow_gains(vdupq_n_u64(value)); }
static inline gains plus_16(gains a, gains b) { return of_short_gains(vaddq_u16(short_gains(a), short_gains(b))); }
static inline gains plus_32(gains a, gains b) { return vaddq_u32(a, b); }
static inline gains plus_64(gains a, gains b) { return narrow_gains(vaddq_u64(wide_gains(a), wide_gains(b))); }
static inline gains minus_16(gains a, gains b) { return of_short_gains(vsubq_u16(short_gains(a), short_gains(b))); }
static inline gains minus_32(gains a, gains b) { return vsubq_u32(a, b); }
static inline gains minus_64(gains a, gains b) { return narrow_gains(vsubq_u64(wide_gains(a), wide_gains(b))); }
static inline gains added_up_16(gains v)
{
    v = plus_16(v, of_short_gains(vextq_u16(vdupq_n_u16(0), short_gains(v), 7)));
    v = plus_16(v, vextq_u32(vdupq_n_u32(0), v, 3));
    return plus_16(v, vextq_u32(vdupq_n_u32(0), v, 2));
}
static inline gains added_up_32(gains v)
{
    v = plus_32(v, vextq_u32(vdupq_n_u32(0), v, 3));
    return plus_32(v, vextq_u32(vdupq_n_u32(0), v, 2));
}
static inline gains added_up_64(gains v) { return plus_64(v, vextq_u32(vdupq_n_u32(0), v, 2)); }
static inline gains last_16(gains v) { return of_short_gains(vdupq_laneq_u16(short_gains(v), 7)); }
static inline gains last_32(gains v) { return vdupq_laneq_u32(v, 3); }
static inline gains last_64(gains v) { return narrow_gains(vdupq_laneq_u64(wide_gains(v), 1)); }

#else

enum { GAINS_16 = 0, GAINS_32 = 0, GAINS_64 = 0 };

#endif

#define CYPOOL_RUNNING(bits)                                                                                         \
    static inline void running_##bits(uint##bits##_t *out, const uint##bits##_t *row, ptrdiff_t taps, ptrdiff_t n)   \
    {                                                                                                                \
        const uint##bits##_t *coming = row + taps - 1;                                                               \
        uint##bits##_t sum = 0;                                                                                      \
        ptrdiff_t i;                                                                                                 \
        for (i = 0; i < taps; i++)                                                                                   \
            sum = (uint##bits##_t)(sum + row[i]);                                                                    \
        out[0] = sum;                                                                                                \
        i = 1;                                                                                                       \
        CYPOOL_RUN_VECTORS(bits)                                                                                     \
        for (; i < n; i++)                                                                                           \
            out[i] = (uint##bits##_t)(out[i - 1] + coming[i] - row[i - 1]);                                          \
    }

#if defined(__AVX2__) || defined(__SSE2__) || defined(_M_X64) || (defined(__aarch64__) && defined(__ARM_NEON))
#define CYPOOL_RUN_VECTORS(bits)                                                                                     \
    gains before = all_gains_##bits(sum);                                                                            \
    for (; i + GAINS_##bits <= n; i += GAINS_##bits) {                                                               \
        const gains v = added_up_##bits(minus_##bits(load_gains(coming + i), load_gains(row + i - 1)));              \
        store_gains(out + i, plus_##bits(before, v));                                                                \
        before = plus_##bits(before, last_##bits(v));                                                                \
    }
#else
#define CYPOOL_RUN_VECTORS(bits)
#endif

CYPOOL_RUNNING(16)
CYPOOL_RUNNING(32)
CYPOOL_RUNNING(64)

#endif

/* Vectors of floats from 16-bit ones, and back: as numbers.h has them for one number, but for NaNs, of which there is one
 * kind. In AVX2 and NEON; elsewhere there are none, and HALVES is 0. */
#ifndef CYPOOL_HALVES_H
#define CYPOOL_HALVES_H

#include "numbers.h"
#include "vectors.h"

#if defined(__AVX2__) && defined(CYPOOL_F16C)

enum { HALVES = 1 };

CYPOOL_LOCAL floats of_halves(const char *row) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)row)); }
CYPOOL_LOCAL floats of_bfloats(const char *row)
{
    const __m256i bits = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)row));
    return _mm256_castsi256_ps(_mm256_slli_epi32(bits, 16));
}
CYPOOL_LOCAL void to_halves(char *row, floats v)
{
    _mm_storeu_si128((__m128i *)row, _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}
CYPOOL_LOCAL void to_bfloats(char *row, floats v)
{
    const __m256i bits = _mm256_castps_si256(v);
    const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    const __m256i rounded = _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff)));
    const __m256i high = _mm256_srli_epi32(rounded, 16);
    _mm_storeu_si128((__m128i *)row, _mm_packus_epi32(_mm256_castsi256_si128(high), _mm256_extracti128_si256(high, 1)));
}

#elif defined(CYPOOL_NEON)

enum { HALVES = 1 };

CYPOOL_LOCAL floats of_halves(const char *row)
{
    return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16((const uint16_t *)row)));
}
CYPOOL_LOCAL floats of_bfloats(const char *row)
{
    return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16((const uint16_t *)row), 16));
}
CYPOOL_LOCAL void to_halves(char *row, floats v)
{
    vst1_u16((uint16_t *)row, vreinterpret_u16_f16(vcvt_f16_f32(v)));
}
CYPOOL_LOCAL void to_bfloats(char *row, floats v)
{
    const uint32x4_t bits = vreinterpretq_u32_f32(v);
    const uint32x4_t odd = vandq_u32(vshrq_n_u32(bits, 16), vdupq_n_u32(1));
    vst1_u16((uint16_t *)row, vshrn_n_u32(vaddq_u32(bits, vaddq_u32(odd, vdupq_n_u32(0x7fff))), 16));
}

#else

enum { HALVES = 0 };

#define of_halves(row) ((void)(row), all_32(0))
#define of_bfloats(row) ((void)(row), all_32(0))
#define to_halves(row, v) ((void)(row), (void)(v))
#define to_bfloats(row, v) ((void)(row), (void)(v))

#endif

#endif

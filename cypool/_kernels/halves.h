/* Vectors of floats from 16-bit ones, and back: as numbers.h has them for one number, but for NaNs, of which there is one
 * kind. In AVX2, SSE2 and NEON, and one by one for all else. */
#ifndef CYPOOL_HALVES_H
#define CYPOOL_HALVES_H

#include "numbers.h"
#include "vectors.h"

#if defined(__AVX2__) && defined(CYPOOL_F16C)

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

#elif defined(__SSE2__) || defined(_M_X64)

/* As in numbers.h; of four at once. */
CYPOOL_LOCAL floats of_halves(const char *row)
{
    const __m128i halves = _mm_unpacklo_epi16(_mm_loadl_epi64((const __m128i *)row), _mm_setzero_si128());
    const __m128i magnitude = _mm_and_si128(halves, _mm_set1_epi32(0x7fff));
    const __m128i sign = _mm_slli_epi32(_mm_xor_si128(halves, magnitude), 16);
    const __m128i special = _mm_and_si128(_mm_cmpgt_epi32(magnitude, _mm_set1_epi32(0x7bff)), _mm_set1_epi32(0x7f800000));
    const __m128i is_subnormal = _mm_cmplt_epi32(magnitude, _mm_set1_epi32(0x0400));
    const __m128i half_and = _mm_add_epi32(magnitude, _mm_set1_epi32(0x3f000000));
    const __m128i subnormal = _mm_castps_si128(_mm_sub_ps(_mm_castsi128_ps(half_and), _mm_set1_ps(0.5f)));
    const __m128i normal = _mm_add_epi32(_mm_slli_epi32(magnitude, 13), _mm_set1_epi32(0x38000000));
    const __m128i value = _mm_or_si128(_mm_and_si128(is_subnormal, subnormal), _mm_andnot_si128(is_subnormal, normal));
    return _mm_castsi128_ps(_mm_or_si128(value, _mm_or_si128(sign, special)));
}
CYPOOL_LOCAL floats of_bfloats(const char *row)
{
    return _mm_castsi128_ps(_mm_unpacklo_epi16(_mm_setzero_si128(), _mm_loadl_epi64((const __m128i *)row)));
}
/* The lower halves of four numbers. */
CYPOOL_LOCAL void store_lower(char *row, __m128i v)
{
    v = _mm_srai_epi32(_mm_slli_epi32(v, 16), 16);
    _mm_storel_epi64((__m128i *)row, _mm_packs_epi32(v, v));
}
CYPOOL_LOCAL __m128i selected(__m128i which, __m128i a, __m128i b)
{
    return _mm_or_si128(_mm_and_si128(which, a), _mm_andnot_si128(which, b));
}
CYPOOL_LOCAL void to_halves(char *row, floats v)
{
    const __m128i bits = _mm_castps_si128(v), magnitude = _mm_and_si128(bits, _mm_set1_epi32(0x7fffffff));
    const __m128i sign = _mm_srli_epi32(_mm_xor_si128(bits, magnitude), 16);
    const __m128i odd = _mm_and_si128(_mm_srli_epi32(magnitude, 13), _mm_set1_epi32(1));
    const __m128i rebased = _mm_add_epi32(magnitude, _mm_set1_epi32((int)0xc8000fffu));
    const __m128i normal = _mm_srli_epi32(_mm_add_epi32(rebased, odd), 13);
    const floats raised = _mm_add_ps(_mm_castsi128_ps(magnitude), _mm_set1_ps(0.5f));
    const __m128i subnormal = _mm_sub_epi32(_mm_castps_si128(raised), _mm_set1_epi32(0x3f000000));
    const __m128i nan = _mm_and_si128(_mm_cmpgt_epi32(magnitude, _mm_set1_epi32(0x7f800000)), _mm_set1_epi32(0x200));
    const __m128i special = _mm_or_si128(nan, _mm_set1_epi32(0x7c00));
    __m128i half = selected(_mm_cmplt_epi32(magnitude, _mm_set1_epi32(0x38800000)), subnormal, normal);
    half = selected(_mm_cmpgt_epi32(magnitude, _mm_set1_epi32(0x477fffff)), special, half);
    store_lower(row, _mm_or_si128(half, sign));
}
CYPOOL_LOCAL void to_bfloats(char *row, floats v)
{
    const __m128i bits = _mm_castps_si128(v);
    const __m128i odd = _mm_and_si128(_mm_srli_epi32(bits, 16), _mm_set1_epi32(1));
    store_lower(row, _mm_srli_epi32(_mm_add_epi32(bits, _mm_add_epi32(odd, _mm_set1_epi32(0x7fff))), 16));
}

#else

CYPOOL_LOCAL uint16_t bits_at(const char *row, int i)
{
    uint16_t bits;
    memcpy(&bits, row + 2 * i, 2);
    return bits;
}
CYPOOL_LOCAL floats of_halves(const char *row)
{
    float values[LANES_32];
    for (int i = 0; i < LANES_32; i++)
        values[i] = half_to_float(bits_at(row, i));
    return load_32((const char *)values);
}
CYPOOL_LOCAL floats of_bfloats(const char *row)
{
    float values[LANES_32];
    for (int i = 0; i < LANES_32; i++)
        values[i] = bfloat_to_float(bits_at(row, i));
    return load_32((const char *)values);
}
CYPOOL_LOCAL void to_halves(char *row, floats v)
{
    float values[LANES_32];
    uint16_t halves[LANES_32];
    store_32((char *)values, v);
    for (int i = 0; i < LANES_32; i++)
        halves[i] = float_to_half(values[i]);
    memcpy(row, halves, sizeof(halves));
}
CYPOOL_LOCAL void to_bfloats(char *row, floats v)
{
    float values[LANES_32];
    uint16_t halves[LANES_32];
    store_32((char *)values, v);
    for (int i = 0; i < LANES_32; i++)
        halves[i] = float_to_bfloat(values[i]);
    memcpy(row, halves, sizeof(halves));
}

#endif

#endif

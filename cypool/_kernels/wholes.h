/* Vectors of small integers: for means of windows whose number of taps is a power of two, and for long windows of
 * bytes. In AVX2, SSE2 and NEON; elsewhere there are none, and WHOLE_BYTES is 0.
 *
 * order_of_16() brings floats in the order of integers, and is its own inverse; pairs_greater() gives the greater
 * ones of neighbours, of two vectors one.
 *
 * pair_sums() adds neighbours, which makes half as many sums of twice the width; halved() adds neighbours of two
 * vectors of sums; rounded() divides by 1 << shift, half to even; packed() makes two vectors of such means one of
 * elements.
 *
 * load_widened() takes half as many bytes as a vector has, as numbers of 16 bits; at_most_16() counts such numbers that
 * are not greater than a bound. All are less than 2^15.
 *
 * load_pixels() takes as many pixels of three bytes as PIXELS says, and puts those of two pixels that belong together
 * side by side; store_pixels() takes half as many, of which there are two bytes too many behind each second one. There
 * are none where PIXELS is 0. */
#ifndef CYPOOL_WHOLES_H
#define CYPOOL_WHOLES_H

#include <stdint.h>
#include <string.h>

#define CYPOOL_WHOLE static inline

#if defined(__AVX2__)
#include <immintrin.h>

typedef __m256i wholes;
enum { WHOLE_BYTES = 32 };

CYPOOL_WHOLE wholes load_wholes(const char *row) { return _mm256_loadu_si256((const __m256i *)row); }
CYPOOL_WHOLE void store_wholes(char *row, wholes v) { _mm256_storeu_si256((__m256i *)row, v); }
CYPOOL_WHOLE wholes all_u8(char value) { return _mm256_set1_epi8(value); }
CYPOOL_WHOLE wholes greater_u8(wholes a, wholes b) { return _mm256_max_epu8(a, b); }
CYPOOL_WHOLE wholes less_u8(wholes a, wholes b) { return _mm256_min_epu8(a, b); }
CYPOOL_WHOLE wholes ordered(wholes v) { return _mm256_permute4x64_epi64(v, 0xd8); }

CYPOOL_WHOLE wholes pair_sums_u8(wholes v) { return _mm256_maddubs_epi16(v, _mm256_set1_epi8(1)); }
CYPOOL_WHOLE wholes pair_sums_i8(wholes v) { return _mm256_maddubs_epi16(_mm256_set1_epi8(1), v); }
CYPOOL_WHOLE wholes pair_sums_i16(wholes v) { return _mm256_madd_epi16(v, _mm256_set1_epi16(1)); }
CYPOOL_WHOLE wholes pair_sums_u16(wholes v)
{
    return _mm256_add_epi32(_mm256_and_si256(v, _mm256_set1_epi32(0xffff)), _mm256_srli_epi32(v, 16));
}
CYPOOL_WHOLE wholes sum_16(wholes a, wholes b) { return _mm256_add_epi16(a, b); }
CYPOOL_WHOLE wholes sum_of_32(wholes a, wholes b) { return _mm256_add_epi32(a, b); }
CYPOOL_WHOLE wholes halved_16(wholes a, wholes b)
{
    return ordered(_mm256_packs_epi32(pair_sums_i16(a), pair_sums_i16(b)));
}
CYPOOL_WHOLE wholes halved_of_32(wholes a, wholes b) { return ordered(_mm256_hadd_epi32(a, b)); }
CYPOOL_WHOLE wholes rounded_16(wholes sum, int shift)
{
    const __m128i by = _mm_cvtsi32_si128(shift);
    const wholes odd = _mm256_and_si256(_mm256_srl_epi16(sum, by), _mm256_set1_epi16(1));
    const wholes half = _mm256_set1_epi16((short)((1 << shift) / 2 - 1));
    return _mm256_sra_epi16(_mm256_add_epi16(sum, _mm256_add_epi16(odd, half)), by);
}
CYPOOL_WHOLE wholes rounded_of_32(wholes sum, int shift)
{
    const __m128i by = _mm_cvtsi32_si128(shift);
    const wholes odd = _mm256_and_si256(_mm256_srl_epi32(sum, by), _mm256_set1_epi32(1));
    const wholes half = _mm256_set1_epi32((1 << shift) / 2 - 1);
    return _mm256_sra_epi32(_mm256_add_epi32(sum, _mm256_add_epi32(odd, half)), by);
}
CYPOOL_WHOLE wholes all_16(int16_t value) { return _mm256_set1_epi16(value); }
CYPOOL_WHOLE wholes either_bits(wholes a, wholes b) { return _mm256_xor_si256(a, b); }
CYPOOL_WHOLE wholes order_of_16(wholes v)
{
    return _mm256_xor_si256(v, _mm256_srli_epi16(_mm256_srai_epi16(v, 15), 1));
}
CYPOOL_WHOLE wholes difference_16(wholes a, wholes b) { return _mm256_sub_epi16(a, b); }
CYPOOL_WHOLE wholes greater_i16(wholes a, wholes b) { return _mm256_max_epi16(a, b); }
CYPOOL_WHOLE wholes pair_greater_i16(wholes v)
{
    return _mm256_srai_epi32(_mm256_max_epi16(v, _mm256_slli_epi32(v, 16)), 16);
}
CYPOOL_WHOLE wholes pairs_greater_i16(wholes a, wholes b)
{
    return ordered(_mm256_packs_epi32(pair_greater_i16(a), pair_greater_i16(b)));
}
CYPOOL_WHOLE wholes packed_u8(wholes a, wholes b) { return ordered(_mm256_packus_epi16(a, b)); }
CYPOOL_WHOLE wholes packed_i8(wholes a, wholes b) { return ordered(_mm256_packs_epi16(a, b)); }
CYPOOL_WHOLE wholes packed_u16(wholes a, wholes b) { return ordered(_mm256_packus_epi32(a, b)); }
CYPOOL_WHOLE wholes packed_i16(wholes a, wholes b) { return ordered(_mm256_packs_epi32(a, b)); }

CYPOOL_WHOLE wholes sum_8(wholes a, wholes b) { return _mm256_add_epi8(a, b); }
CYPOOL_WHOLE wholes difference_8(wholes a, wholes b) { return _mm256_sub_epi8(a, b); }
CYPOOL_WHOLE wholes load_widened(const char *row)
{
    return _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)row));
}
CYPOOL_WHOLE int at_most_16(wholes v, int bound)
{
    const wholes greater = _mm256_cmpgt_epi16(v, _mm256_set1_epi16((short)bound));
    return 16 - _mm_popcnt_u32((unsigned)_mm256_movemask_epi8(greater)) / 2;
}

#define CYPOOL_PIXELS 1
enum { PIXELS = 8 };
CYPOOL_WHOLE wholes load_pixels(const char *row)
{
    /* Nothing is read beyond the eight pixels. */
    const wholes order = _mm256_setr_epi8(0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11, -1, -1, -1, -1,
                                          4, 7, 5, 8, 6, 9, 10, 13, 11, 14, 12, 15, -1, -1, -1, -1);
    const __m128i low = _mm_loadu_si128((const __m128i *)row), high = _mm_loadu_si128((const __m128i *)(row + 8));
    return _mm256_shuffle_epi8(_mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1), order);
}
CYPOOL_WHOLE void store_pixels(char *row, wholes v)
{
    const __m128i order = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, -1, -1, -1, -1);
    const __m128i bytes = _mm_shuffle_epi8(_mm256_castsi256_si128(v), order);
    const int last = _mm_extract_epi32(bytes, 2);
    _mm_storel_epi64((__m128i *)row, bytes);
    memcpy(row + 8, &last, 4);
}

#elif defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>

typedef __m128i wholes;
enum { WHOLE_BYTES = 16 };

CYPOOL_WHOLE wholes load_wholes(const char *row) { return _mm_loadu_si128((const __m128i *)row); }
CYPOOL_WHOLE void store_wholes(char *row, wholes v) { _mm_storeu_si128((__m128i *)row, v); }
CYPOOL_WHOLE wholes all_u8(char value) { return _mm_set1_epi8(value); }
CYPOOL_WHOLE wholes greater_u8(wholes a, wholes b) { return _mm_max_epu8(a, b); }
CYPOOL_WHOLE wholes less_u8(wholes a, wholes b) { return _mm_min_epu8(a, b); }

CYPOOL_WHOLE wholes pair_sums_u8(wholes v)
{
    return _mm_add_epi16(_mm_and_si128(v, _mm_set1_epi16(0xff)), _mm_srli_epi16(v, 8));
}
CYPOOL_WHOLE wholes pair_sums_i8(wholes v)
{
    return _mm_add_epi16(_mm_srai_epi16(_mm_slli_epi16(v, 8), 8), _mm_srai_epi16(v, 8));
}
CYPOOL_WHOLE wholes pair_sums_i16(wholes v) { return _mm_madd_epi16(v, _mm_set1_epi16(1)); }
CYPOOL_WHOLE wholes pair_sums_u16(wholes v)
{
    return _mm_add_epi32(_mm_and_si128(v, _mm_set1_epi32(0xffff)), _mm_srli_epi32(v, 16));
}
CYPOOL_WHOLE wholes sum_16(wholes a, wholes b) { return _mm_add_epi16(a, b); }
CYPOOL_WHOLE wholes all_16(int16_t value) { return _mm_set1_epi16(value); }
CYPOOL_WHOLE wholes either_bits(wholes a, wholes b) { return _mm_xor_si128(a, b); }
CYPOOL_WHOLE wholes order_of_16(wholes v)
{
    return _mm_xor_si128(v, _mm_srli_epi16(_mm_srai_epi16(v, 15), 1));
}
CYPOOL_WHOLE wholes difference_16(wholes a, wholes b) { return _mm_sub_epi16(a, b); }
CYPOOL_WHOLE wholes greater_i16(wholes a, wholes b) { return _mm_max_epi16(a, b); }
CYPOOL_WHOLE wholes pair_greater_i16(wholes v)
{
    return _mm_srai_epi32(_mm_max_epi16(v, _mm_slli_epi32(v, 16)), 16);
}
CYPOOL_WHOLE wholes pairs_greater_i16(wholes a, wholes b)
{
    return _mm_packs_epi32(pair_greater_i16(a), pair_greater_i16(b));
}
CYPOOL_WHOLE wholes sum_of_32(wholes a, wholes b) { return _mm_add_epi32(a, b); }
CYPOOL_WHOLE wholes halved_16(wholes a, wholes b) { return _mm_packs_epi32(pair_sums_i16(a), pair_sums_i16(b)); }
CYPOOL_WHOLE wholes halved_of_32(wholes a, wholes b)
{
    const __m128 first = _mm_castsi128_ps(a), second = _mm_castsi128_ps(b);
    return _mm_add_epi32(_mm_castps_si128(_mm_shuffle_ps(first, second, 0x88)),
                         _mm_castps_si128(_mm_shuffle_ps(first, second, 0xdd)));
}
CYPOOL_WHOLE wholes rounded_16(wholes sum, int shift)
{
    const __m128i by = _mm_cvtsi32_si128(shift);
    const wholes odd = _mm_and_si128(_mm_srl_epi16(sum, by), _mm_set1_epi16(1));
    const wholes half = _mm_set1_epi16((short)((1 << shift) / 2 - 1));
    return _mm_sra_epi16(_mm_add_epi16(sum, _mm_add_epi16(odd, half)), by);
}
CYPOOL_WHOLE wholes rounded_of_32(wholes sum, int shift)
{
    const __m128i by = _mm_cvtsi32_si128(shift);
    const wholes odd = _mm_and_si128(_mm_srl_epi32(sum, by), _mm_set1_epi32(1));
    const wholes half = _mm_set1_epi32((1 << shift) / 2 - 1);
    return _mm_sra_epi32(_mm_add_epi32(sum, _mm_add_epi32(odd, half)), by);
}
CYPOOL_WHOLE wholes packed_u8(wholes a, wholes b) { return _mm_packus_epi16(a, b); }
CYPOOL_WHOLE wholes packed_i8(wholes a, wholes b) { return _mm_packs_epi16(a, b); }
CYPOOL_WHOLE wholes packed_i16(wholes a, wholes b) { return _mm_packs_epi32(a, b); }
CYPOOL_WHOLE wholes sum_8(wholes a, wholes b) { return _mm_add_epi8(a, b); }
CYPOOL_WHOLE wholes difference_8(wholes a, wholes b) { return _mm_sub_epi8(a, b); }
CYPOOL_WHOLE wholes load_widened(const char *row)
{
    return _mm_unpacklo_epi8(_mm_loadl_epi64((const __m128i *)row), _mm_setzero_si128());
}
CYPOOL_WHOLE int at_most_16(wholes v, int bound)
{
    const wholes greater = _mm_cmpgt_epi16(v, _mm_set1_epi16((short)bound));
    const wholes sums = _mm_sad_epu8(_mm_and_si128(greater, _mm_set1_epi16(1)), _mm_setzero_si128());
    return 8 - _mm_cvtsi128_si32(_mm_add_epi16(sums, _mm_srli_si128(sums, 8)));
}
CYPOOL_WHOLE wholes packed_u16(wholes a, wholes b)
{
    /* There is no such instruction yet. Signs are extended, so that nothing is clipped. */
    return _mm_packs_epi32(_mm_srai_epi32(_mm_slli_epi32(a, 16), 16), _mm_srai_epi32(_mm_slli_epi32(b, 16), 16));
}

#elif defined(__aarch64__) && defined(__ARM_NEON)
#include <arm_neon.h>

typedef uint8x16_t wholes;
enum { WHOLE_BYTES = 16 };

CYPOOL_WHOLE wholes load_wholes(const char *row) { return vld1q_u8((const uint8_t *)row); }
CYPOOL_WHOLE void store_wholes(char *row, wholes v) { vst1q_u8((uint8_t *)row, v); }

CYPOOL_WHOLE wholes all_u8(char value) { return vdupq_n_u8((uint8_t)value); }
CYPOOL_WHOLE wholes greater_u8(wholes a, wholes b) { return vmaxq_u8(a, b); }
CYPOOL_WHOLE wholes less_u8(wholes a, wholes b) { return vminq_u8(a, b); }

CYPOOL_WHOLE int16x8_t by_16(wholes v) { return vreinterpretq_s16_u8(v); }
CYPOOL_WHOLE int32x4_t by_32(wholes v) { return vreinterpretq_s32_u8(v); }
CYPOOL_WHOLE wholes of_16(int16x8_t v) { return vreinterpretq_u8_s16(v); }
CYPOOL_WHOLE wholes of_32(int32x4_t v) { return vreinterpretq_u8_s32(v); }

CYPOOL_WHOLE wholes pair_sums_u8(wholes v) { return vreinterpretq_u8_u16(vpaddlq_u8(v)); }
CYPOOL_WHOLE wholes pair_sums_i8(wholes v) { return of_16(vpaddlq_s8(vreinterpretq_s8_u8(v))); }
CYPOOL_WHOLE wholes pair_sums_u16(wholes v) { return vreinterpretq_u8_u32(vpaddlq_u16(vreinterpretq_u16_u8(v))); }
CYPOOL_WHOLE wholes pair_sums_i16(wholes v) { return of_32(vpaddlq_s16(by_16(v))); }
CYPOOL_WHOLE wholes sum_16(wholes a, wholes b) { return of_16(vaddq_s16(by_16(a), by_16(b))); }
CYPOOL_WHOLE wholes all_16(int16_t value) { return of_16(vdupq_n_s16(value)); }
CYPOOL_WHOLE wholes either_bits(wholes a, wholes b) { return veorq_u8(a, b); }
CYPOOL_WHOLE wholes order_of_16(wholes v)
{
    return veorq_u8(v, vreinterpretq_u8_u16(vshrq_n_u16(vreinterpretq_u16_s16(vshrq_n_s16(by_16(v), 15)), 1)));
}
CYPOOL_WHOLE wholes difference_16(wholes a, wholes b) { return of_16(vsubq_s16(by_16(a), by_16(b))); }
CYPOOL_WHOLE wholes greater_i16(wholes a, wholes b) { return of_16(vmaxq_s16(by_16(a), by_16(b))); }
CYPOOL_WHOLE wholes pairs_greater_i16(wholes a, wholes b) { return of_16(vpmaxq_s16(by_16(a), by_16(b))); }
CYPOOL_WHOLE wholes sum_of_32(wholes a, wholes b) { return of_32(vaddq_s32(by_32(a), by_32(b))); }
CYPOOL_WHOLE wholes halved_16(wholes a, wholes b) { return of_16(vpaddq_s16(by_16(a), by_16(b))); }
CYPOOL_WHOLE wholes halved_of_32(wholes a, wholes b) { return of_32(vpaddq_s32(by_32(a), by_32(b))); }
CYPOOL_WHOLE wholes rounded_16(wholes sum, int shift)
{
    const int16x8_t by = vdupq_n_s16((int16_t)-shift);
    const int16x8_t odd = vandq_s16(vshlq_s16(by_16(sum), by), vdupq_n_s16(1));
    const int16x8_t half = vdupq_n_s16((int16_t)((1 << shift) / 2 - 1));
    return of_16(vshlq_s16(vaddq_s16(by_16(sum), vaddq_s16(odd, half)), by));
}
CYPOOL_WHOLE wholes rounded_of_32(wholes sum, int shift)
{
    const int32x4_t by = vdupq_n_s32(-shift);
    const int32x4_t odd = vandq_s32(vshlq_s32(by_32(sum), by), vdupq_n_s32(1));
    const int32x4_t half = vdupq_n_s32((1 << shift) / 2 - 1);
    return of_32(vshlq_s32(vaddq_s32(by_32(sum), vaddq_s32(odd, half)), by));
}
CYPOOL_WHOLE wholes packed_u8(wholes a, wholes b)
{
    return vcombine_u8(vmovn_u16(vreinterpretq_u16_u8(a)), vmovn_u16(vreinterpretq_u16_u8(b)));
}
CYPOOL_WHOLE wholes packed_i8(wholes a, wholes b) { return packed_u8(a, b); }
CYPOOL_WHOLE wholes packed_u16(wholes a, wholes b)
{
    return of_16(vcombine_s16(vmovn_s32(by_32(a)), vmovn_s32(by_32(b))));
}
CYPOOL_WHOLE wholes packed_i16(wholes a, wholes b) { return packed_u16(a, b); }
CYPOOL_WHOLE wholes sum_8(wholes a, wholes b) { return vaddq_u8(a, b); }
CYPOOL_WHOLE wholes difference_8(wholes a, wholes b) { return vsubq_u8(a, b); }
CYPOOL_WHOLE wholes load_widened(const char *row)
{
    return vreinterpretq_u8_u16(vmovl_u8(vld1_u8((const uint8_t *)row)));
}
CYPOOL_WHOLE int at_most_16(wholes v, int bound)
{
    return 8 - vaddvq_u16(vshrq_n_u16(vcgtq_s16(by_16(v), vdupq_n_s16((int16_t)bound)), 15));
}

#else

typedef char wholes;
enum { WHOLE_BYTES = 0 };

#define load_wholes(row) (*(row))
#define store_wholes(row, v) ((void)(row), (void)(v))
#define all_u8(value) (value)
#define greater_u8(a, b) (a)
#define less_u8(a, b) (a)
#define pair_sums_u8(v) (v)
#define pair_sums_i8(v) (v)
#define pair_sums_u16(v) (v)
#define pair_sums_i16(v) (v)
#define sum_16(a, b) (a)
#define all_16(value) ((char)(value))
#define either_bits(a, b) (a)
#define order_of_16(v) (v)
#define difference_16(a, b) (a)
#define greater_i16(a, b) (a)
#define pairs_greater_i16(a, b) (a)
#define sum_of_32(a, b) (a)
#define halved_16(a, b) (a)
#define halved_of_32(a, b) (a)
#define rounded_16(sum, shift) (sum)
#define rounded_of_32(sum, shift) (sum)
#define packed_u8(a, b) (a)
#define packed_i8(a, b) (a)
#define packed_u16(a, b) (a)
#define packed_i16(a, b) (a)
#define sum_8(a, b) (a)
#define difference_8(a, b) (a)
#define load_widened(row) (*(row))
#define at_most_16(v, bound) ((void)(v), (void)(bound), 0)

#endif

#ifndef CYPOOL_PIXELS
enum { PIXELS = 0 };
#define load_pixels(row) load_wholes(row)
#define store_pixels(row, v) store_wholes(row, v)
#endif

#endif

/* Which of two numbers is to stand, in vectors of floats and of doubles, and the places that they come from.
 *
 * beating() and undercutting() tell where the first is to stand instead of the second: where it is greater, or less, or
 * the first NaN; exceeding() where it is greater as an integer. chosen() then takes its second argument there, and
 * elsewhere the third. Places are integers of as many bits in the lanes of a vector: `step` apart from lane to lane; or
 * the same in all lanes, and somewhat more in the first. They are stored as 64 bits, on a base; flipped() inverts the
 * bits of integers. In AVX-512, AVX2, SSE2 and NEON, and as plain C for all else. */
#ifndef CYPOOL_CHOICES_H
#define CYPOOL_CHOICES_H

#include "vectors.h"

#if defined(__AVX2__)

#ifdef __AVX512VL__
typedef __mmask8 choices, wide_choices;
CYPOOL_LOCAL choices beating_32(floats b, floats a)
{
    return _mm256_mask_cmp_ps_mask(_mm256_cmp_ps_mask(a, a, _CMP_ORD_Q), b, a, _CMP_NLE_UQ);
}
CYPOOL_LOCAL choices undercutting_32(floats b, floats a)
{
    return _mm256_mask_cmp_ps_mask(_mm256_cmp_ps_mask(a, a, _CMP_ORD_Q), b, a, _CMP_NGE_UQ);
}
CYPOOL_LOCAL floats chosen_32(choices which, floats a, floats b) { return _mm256_mask_blend_ps(which, b, a); }
CYPOOL_LOCAL wide_choices beating_64(doubles b, doubles a)
{
    return _mm256_mask_cmp_pd_mask(_mm256_cmp_pd_mask(a, a, _CMP_ORD_Q), b, a, _CMP_NLE_UQ);
}
CYPOOL_LOCAL wide_choices undercutting_64(doubles b, doubles a)
{
    return _mm256_mask_cmp_pd_mask(_mm256_cmp_pd_mask(a, a, _CMP_ORD_Q), b, a, _CMP_NGE_UQ);
}
CYPOOL_LOCAL wide_choices exceeding_64(doubles b, doubles a)
{
    return _mm256_cmpgt_epi64_mask(_mm256_castpd_si256(b), _mm256_castpd_si256(a));
}
CYPOOL_LOCAL doubles chosen_64(wide_choices which, doubles a, doubles b) { return _mm256_mask_blend_pd(which, b, a); }
#else
typedef floats choices;
typedef doubles wide_choices;
CYPOOL_LOCAL choices beating_32(floats b, floats a)
{
    return _mm256_and_ps(_mm256_cmp_ps(b, a, _CMP_NLE_UQ), _mm256_cmp_ps(a, a, _CMP_ORD_Q));
}
CYPOOL_LOCAL choices undercutting_32(floats b, floats a)
{
    return _mm256_and_ps(_mm256_cmp_ps(b, a, _CMP_NGE_UQ), _mm256_cmp_ps(a, a, _CMP_ORD_Q));
}
CYPOOL_LOCAL floats chosen_32(choices which, floats a, floats b) { return _mm256_blendv_ps(b, a, which); }
CYPOOL_LOCAL wide_choices beating_64(doubles b, doubles a)
{
    return _mm256_and_pd(_mm256_cmp_pd(b, a, _CMP_NLE_UQ), _mm256_cmp_pd(a, a, _CMP_ORD_Q));
}
CYPOOL_LOCAL wide_choices undercutting_64(doubles b, doubles a)
{
    return _mm256_and_pd(_mm256_cmp_pd(b, a, _CMP_NGE_UQ), _mm256_cmp_pd(a, a, _CMP_ORD_Q));
}
CYPOOL_LOCAL wide_choices exceeding_64(doubles b, doubles a)
{
    return _mm256_castsi256_pd(_mm256_cmpgt_epi64(_mm256_castpd_si256(b), _mm256_castpd_si256(a)));
}
CYPOOL_LOCAL doubles chosen_64(wide_choices which, doubles a, doubles b) { return _mm256_blendv_pd(b, a, which); }
#endif
CYPOOL_LOCAL doubles flipped_64(doubles v, int64_t flip)
{
    return _mm256_xor_pd(v, _mm256_castsi256_pd(_mm256_set1_epi64x(flip)));
}
CYPOOL_LOCAL floats places_32(int32_t step)
{
    return _mm256_castsi256_ps(_mm256_mullo_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), _mm256_set1_epi32(step)));
}
CYPOOL_LOCAL floats first_place_32(int32_t value, int32_t more)
{
    const __m256i first = _mm256_setr_epi32(more, 0, 0, 0, 0, 0, 0, 0);
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_set1_epi32(value), first));
}
CYPOOL_LOCAL floats sum_of_places_32(floats a, floats b)
{
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(a), _mm256_castps_si256(b)));
}
CYPOOL_LOCAL void store_places_32(int64_t *out, floats places, int64_t base)
{
    const __m256i v = _mm256_castps_si256(places), all = _mm256_set1_epi64x(base);
    const __m256i low = _mm256_cvtepi32_epi64(_mm256_castsi256_si128(v));
    const __m256i high = _mm256_cvtepi32_epi64(_mm256_extracti128_si256(v, 1));
    _mm256_storeu_si256((__m256i *)out, _mm256_add_epi64(low, all));
    _mm256_storeu_si256((__m256i *)out + 1, _mm256_add_epi64(high, all));
}
CYPOOL_LOCAL doubles places_64(int64_t step)
{
    return _mm256_castsi256_pd(_mm256_setr_epi64x(0, step, 2 * step, 3 * step));
}
CYPOOL_LOCAL doubles first_place_64(int64_t value, int64_t more)
{
    return _mm256_castsi256_pd(_mm256_add_epi64(_mm256_set1_epi64x(value), _mm256_setr_epi64x(more, 0, 0, 0)));
}
CYPOOL_LOCAL doubles sum_of_places_64(doubles a, doubles b)
{
    return _mm256_castsi256_pd(_mm256_add_epi64(_mm256_castpd_si256(a), _mm256_castpd_si256(b)));
}
CYPOOL_LOCAL void store_places_64(int64_t *out, doubles places, int64_t base)
{
    _mm256_storeu_si256((__m256i *)out, _mm256_add_epi64(_mm256_castpd_si256(places), _mm256_set1_epi64x(base)));
}

#elif defined(__SSE2__) || defined(_M_X64)

typedef floats choices;
typedef doubles wide_choices;
CYPOOL_LOCAL choices beating_32(floats b, floats a) { return _mm_and_ps(_mm_cmpnle_ps(b, a), _mm_cmpord_ps(a, a)); }
CYPOOL_LOCAL choices undercutting_32(floats b, floats a)
{
    return _mm_and_ps(_mm_cmpnge_ps(b, a), _mm_cmpord_ps(a, a));
}
CYPOOL_LOCAL floats chosen_32(choices which, floats a, floats b)
{
    return _mm_or_ps(_mm_and_ps(which, a), _mm_andnot_ps(which, b));
}
CYPOOL_LOCAL floats places_32(int32_t step)
{
    return _mm_castsi128_ps(_mm_setr_epi32(0, step, 2 * step, 3 * step));
}
CYPOOL_LOCAL floats first_place_32(int32_t value, int32_t more)
{
    return _mm_castsi128_ps(_mm_add_epi32(_mm_set1_epi32(value), _mm_setr_epi32(more, 0, 0, 0)));
}
CYPOOL_LOCAL floats sum_of_places_32(floats a, floats b)
{
    return _mm_castsi128_ps(_mm_add_epi32(_mm_castps_si128(a), _mm_castps_si128(b)));
}
CYPOOL_LOCAL void store_places_32(int64_t *out, floats places, int64_t base)
{
    /* No place is negative. */
    const __m128i v = _mm_castps_si128(places), all = _mm_set1_epi64x(base), zero = _mm_setzero_si128();
    _mm_storeu_si128((__m128i *)out, _mm_add_epi64(_mm_unpacklo_epi32(v, zero), all));
    _mm_storeu_si128((__m128i *)out + 1, _mm_add_epi64(_mm_unpackhi_epi32(v, zero), all));
}
CYPOOL_LOCAL wide_choices beating_64(doubles b, doubles a)
{
    return _mm_and_pd(_mm_cmpnle_pd(b, a), _mm_cmpord_pd(a, a));
}
CYPOOL_LOCAL wide_choices undercutting_64(doubles b, doubles a)
{
    return _mm_and_pd(_mm_cmpnge_pd(b, a), _mm_cmpord_pd(a, a));
}
CYPOOL_LOCAL wide_choices exceeding_64(doubles b, doubles a)
{
    /* By the high halves; where these are equal, the high half of a difference is the sign of that of the low ones. */
    const __m128i v = _mm_castpd_si128(a), w = _mm_castpd_si128(b);
    const __m128i by_low = _mm_and_si128(_mm_cmpeq_epi32(v, w), _mm_sub_epi64(v, w));
    const __m128i high = _mm_or_si128(by_low, _mm_cmpgt_epi32(w, v));
    return _mm_castsi128_pd(_mm_shuffle_epi32(high, _MM_SHUFFLE(3, 3, 1, 1)));
}
CYPOOL_LOCAL doubles flipped_64(doubles v, int64_t flip)
{
    return _mm_xor_pd(v, _mm_castsi128_pd(_mm_set1_epi64x(flip)));
}
CYPOOL_LOCAL doubles chosen_64(wide_choices which, doubles a, doubles b)
{
    return _mm_or_pd(_mm_and_pd(which, a), _mm_andnot_pd(which, b));
}
CYPOOL_LOCAL doubles places_64(int64_t step) { return _mm_castsi128_pd(_mm_set_epi64x(step, 0)); }
CYPOOL_LOCAL doubles first_place_64(int64_t value, int64_t more)
{
    return _mm_castsi128_pd(_mm_set_epi64x(value, value + more));
}
CYPOOL_LOCAL doubles sum_of_places_64(doubles a, doubles b)
{
    return _mm_castsi128_pd(_mm_add_epi64(_mm_castpd_si128(a), _mm_castpd_si128(b)));
}
CYPOOL_LOCAL void store_places_64(int64_t *out, doubles places, int64_t base)
{
    _mm_storeu_si128((__m128i *)out, _mm_add_epi64(_mm_castpd_si128(places), _mm_set1_epi64x(base)));
}

#elif defined(__aarch64__) && defined(__ARM_NEON)

typedef floats choices;
typedef doubles wide_choices;
CYPOOL_LOCAL choices beating_32(floats b, floats a)
{
    return vreinterpretq_f32_u32(vandq_u32(vmvnq_u32(vcleq_f32(b, a)), vceqq_f32(a, a)));
}
CYPOOL_LOCAL choices undercutting_32(floats b, floats a)
{
    return vreinterpretq_f32_u32(vandq_u32(vmvnq_u32(vcgeq_f32(b, a)), vceqq_f32(a, a)));
}
CYPOOL_LOCAL floats chosen_32(choices which, floats a, floats b)
{
    return vbslq_f32(vreinterpretq_u32_f32(which), a, b);
}
CYPOOL_LOCAL floats places_32(int32_t step)
{
    const int32_t each[4] = {0, step, 2 * step, 3 * step};
    return vreinterpretq_f32_s32(vld1q_s32(each));
}
CYPOOL_LOCAL floats first_place_32(int32_t value, int32_t more)
{
    return vreinterpretq_f32_s32(vsetq_lane_s32(value + more, vdupq_n_s32(value), 0));
}
CYPOOL_LOCAL floats sum_of_places_32(floats a, floats b)
{
    return vreinterpretq_f32_s32(vaddq_s32(vreinterpretq_s32_f32(a), vreinterpretq_s32_f32(b)));
}
CYPOOL_LOCAL void store_places_32(int64_t *out, floats places, int64_t base)
{
    const int32x4_t v = vreinterpretq_s32_f32(places);
    vst1q_s64(out, vaddw_s32(vdupq_n_s64(base), vget_low_s32(v)));
    vst1q_s64(out + 2, vaddw_high_s32(vdupq_n_s64(base), v));
}
CYPOOL_LOCAL uint64x2_t not_64(uint64x2_t v) { return veorq_u64(v, vdupq_n_u64(UINT64_MAX)); }
CYPOOL_LOCAL wide_choices beating_64(doubles b, doubles a)
{
    return vreinterpretq_f64_u64(vandq_u64(not_64(vcleq_f64(b, a)), vceqq_f64(a, a)));
}
CYPOOL_LOCAL wide_choices undercutting_64(doubles b, doubles a)
{
    return vreinterpretq_f64_u64(vandq_u64(not_64(vcgeq_f64(b, a)), vceqq_f64(a, a)));
}
CYPOOL_LOCAL wide_choices exceeding_64(doubles b, doubles a)
{
    return vreinterpretq_f64_u64(vcgtq_s64(vreinterpretq_s64_f64(b), vreinterpretq_s64_f64(a)));
}
CYPOOL_LOCAL doubles flipped_64(doubles v, int64_t flip)
{
    return vreinterpretq_f64_s64(veorq_s64(vreinterpretq_s64_f64(v), vdupq_n_s64(flip)));
}
CYPOOL_LOCAL doubles chosen_64(wide_choices which, doubles a, doubles b)
{
    return vbslq_f64(vreinterpretq_u64_f64(which), a, b);
}
CYPOOL_LOCAL doubles places_64(int64_t step)
{
    return vreinterpretq_f64_s64(vsetq_lane_s64(0, vdupq_n_s64(step), 0));
}
CYPOOL_LOCAL doubles first_place_64(int64_t value, int64_t more)
{
    return vreinterpretq_f64_s64(vsetq_lane_s64(value + more, vdupq_n_s64(value), 0));
}
CYPOOL_LOCAL doubles sum_of_places_64(doubles a, doubles b)
{
    return vreinterpretq_f64_s64(vaddq_s64(vreinterpretq_s64_f64(a), vreinterpretq_s64_f64(b)));
}
CYPOOL_LOCAL void store_places_64(int64_t *out, doubles places, int64_t base)
{
    vst1q_s64(out, vaddq_s64(vreinterpretq_s64_f64(places), vdupq_n_s64(base)));
}

#else

#define CYPOOL_CHOICES(type, which, bits) \
    typedef type which; \
    CYPOOL_LOCAL type of_places_##bits(int##bits##_t a, int##bits##_t b) \
    { type v; memcpy(&v.at[0], &a, sizeof a); memcpy(&v.at[1], &b, sizeof b); return v; } \
    CYPOOL_LOCAL int##bits##_t place_of_##bits(type v, int lane) \
    { int##bits##_t place; memcpy(&place, &v.at[lane], sizeof place); return place; } \
    CYPOOL_LOCAL which beating_##bits(type b, type a) \
    { return of_places_##bits(!(b.at[0] <= a.at[0]) && a.at[0] == a.at[0], \
                              !(b.at[1] <= a.at[1]) && a.at[1] == a.at[1]); } \
    CYPOOL_LOCAL which undercutting_##bits(type b, type a) \
    { return of_places_##bits(!(b.at[0] >= a.at[0]) && a.at[0] == a.at[0], \
                              !(b.at[1] >= a.at[1]) && a.at[1] == a.at[1]); } \
    CYPOOL_LOCAL type chosen_##bits(which by, type a, type b) \
    { return of_places_##bits(place_of_##bits(by, 0) ? place_of_##bits(a, 0) : place_of_##bits(b, 0), \
                              place_of_##bits(by, 1) ? place_of_##bits(a, 1) : place_of_##bits(b, 1)); } \
    CYPOOL_LOCAL type places_##bits(int##bits##_t step) { return of_places_##bits(0, step); } \
    CYPOOL_LOCAL type first_place_##bits(int##bits##_t value, int##bits##_t more) \
    { return of_places_##bits(value + more, value); } \
    CYPOOL_LOCAL type sum_of_places_##bits(type a, type b) \
    { return of_places_##bits(place_of_##bits(a, 0) + place_of_##bits(b, 0), \
                              place_of_##bits(a, 1) + place_of_##bits(b, 1)); } \
    CYPOOL_LOCAL void store_places_##bits(int64_t *out, type places, int64_t base) \
    { out[0] = base + place_of_##bits(places, 0); out[1] = base + place_of_##bits(places, 1); }

CYPOOL_CHOICES(floats, choices, 32)
CYPOOL_CHOICES(doubles, wide_choices, 64)
CYPOOL_LOCAL wide_choices exceeding_64(doubles b, doubles a)
{
    return of_places_64(place_of_64(b, 0) > place_of_64(a, 0), place_of_64(b, 1) > place_of_64(a, 1));
}
CYPOOL_LOCAL doubles flipped_64(doubles v, int64_t flip)
{
    return of_places_64(place_of_64(v, 0) ^ flip, place_of_64(v, 1) ^ flip);
}

#endif
#endif

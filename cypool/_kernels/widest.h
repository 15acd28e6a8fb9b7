/* Vectors of 64 bytes, which AVX-512 has, by the names of vectors.h, for kernels that are compiled with CYPOOL_WIDEST;
 * and what masks and permutations give besides.
 *
 * first_lanes() is the mask of so many lanes. some() loads the lanes of a mask, and leaves others as they are given; nothing is read for those. taken() gives lanes
 * of two vectors, by their numbers; numbers_from() numbers them from one on. with_nan() adds the lanes to a
 * mask in which one of two vectors has a NaN. */
#ifndef CYPOOL_WIDEST_H
#define CYPOOL_WIDEST_H

#include <immintrin.h>

typedef __m512 floats;
typedef __m512d doubles;
typedef __m512i lane_numbers;
typedef __mmask16 lane_mask;
enum { LANES_32 = 16, LANES_64 = 8 };

CYPOOL_LOCAL lane_mask first_lanes(ptrdiff_t n)
{
    const int some = n < 0 ? 0 : n > LANES_32 ? LANES_32 : (int)n;
    return (lane_mask)((1u << some) - 1);
}

CYPOOL_LOCAL floats load_32(const char *row) { return _mm512_loadu_ps((const float *)row); }
CYPOOL_LOCAL floats load_one_32(const char *row) { return _mm512_set1_ps(*(const float *)row); }
CYPOOL_LOCAL floats some_32(const char *row, lane_mask mask, floats others)
{
    return _mm512_mask_loadu_ps(others, mask, (const float *)row);
}
CYPOOL_LOCAL void store_32(char *row, floats v) { _mm512_storeu_ps((float *)row, v); }
CYPOOL_LOCAL void store_one_32(char *row, floats v) { _mm_store_ss((float *)row, _mm512_castps512_ps128(v)); }
CYPOOL_LOCAL void store_some_32(char *row, lane_mask mask, floats v)
{
    _mm512_mask_storeu_ps((float *)row, mask, v);
}
CYPOOL_LOCAL void stream_32(char *row, floats v)
{
    if (((uintptr_t)row & 63) == 0) {
        _mm512_stream_ps((float *)row, v);
    } else {
        _mm_stream_ps((float *)row, _mm512_castps512_ps128(v));
        _mm_stream_ps((float *)row + 4, _mm512_extractf32x4_ps(v, 1));
        _mm_stream_ps((float *)row + 8, _mm512_extractf32x4_ps(v, 2));
        _mm_stream_ps((float *)row + 12, _mm512_extractf32x4_ps(v, 3));
    }
}
CYPOOL_LOCAL floats greater_32(floats a, floats b) { return _mm512_max_ps(b, a); }
CYPOOL_LOCAL floats less_32(floats a, floats b) { return _mm512_min_ps(b, a); }
CYPOOL_LOCAL floats greatest_32(floats a, floats b)
{
    return _mm512_mask_max_ps(b, _mm512_cmp_ps_mask(b, b, _CMP_ORD_Q), b, a);
}
CYPOOL_LOCAL floats least_32(floats a, floats b)
{
    return _mm512_mask_min_ps(b, _mm512_cmp_ps_mask(b, b, _CMP_ORD_Q), b, a);
}
CYPOOL_LOCAL floats sum_32(floats a, floats b) { return _mm512_add_ps(a, b); }
CYPOOL_LOCAL floats all_32(float value) { return _mm512_set1_ps(value); }
CYPOOL_LOCAL floats product_32(floats a, floats b) { return _mm512_mul_ps(a, b); }
CYPOOL_LOCAL floats quotient_32(floats a, floats b) { return _mm512_div_ps(a, b); }
CYPOOL_LOCAL floats unless_nan_32(floats v, floats tested, floats other)
{
    return _mm512_mask_mov_ps(v, _mm512_cmp_ps_mask(tested, tested, _CMP_UNORD_Q), other);
}
CYPOOL_LOCAL floats noted_32(floats seen, floats a, floats b)
{
    return _mm512_mask_mov_ps(seen, _mm512_cmp_ps_mask(a, b, _CMP_UNORD_Q), _mm512_set1_ps(NAN));
}
CYPOOL_LOCAL lane_mask with_nan_32(lane_mask seen, floats a, floats b)
{
    return _kor_mask16(seen, _mm512_cmp_ps_mask(a, b, _CMP_UNORD_Q));
}
CYPOOL_LOCAL int has_nan_32(floats v) { return _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q) != 0; }
CYPOOL_LOCAL lane_numbers numbers_32(const int32_t *numbers) { return _mm512_loadu_si512(numbers); }
CYPOOL_LOCAL lane_numbers numbers_from_32(int first)
{
    const __m512i each = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    return _mm512_add_epi32(each, _mm512_set1_epi32(first));
}
CYPOOL_LOCAL floats taken_32(floats a, floats b, lane_numbers numbers)
{
    return _mm512_permutex2var_ps(a, numbers, b);
}
/* The same of lanes from one to four on, in order: no register holds numbers, and none is overwritten. */
#define CYPOOL_BEHIND_32(n) \
    _mm512_castsi512_ps(_mm512_alignr_epi32(_mm512_castps_si512(b), _mm512_castps_si512(a), n))
CYPOOL_LOCAL floats behind_32(floats a, floats b, int n)
{
    return n == 1 ? CYPOOL_BEHIND_32(1) : n == 2 ? CYPOOL_BEHIND_32(2) : n == 3 ? CYPOOL_BEHIND_32(3) : CYPOOL_BEHIND_32(4);
}

CYPOOL_LOCAL floats evens_32(floats a, floats b) { return _mm512_shuffle_ps(a, b, 0x88); }
CYPOOL_LOCAL floats odds_32(floats a, floats b) { return _mm512_shuffle_ps(a, b, 0xdd); }
CYPOOL_LOCAL doubles in_order_64(doubles v)
{
    return _mm512_permutexvar_pd(_mm512_set_epi64(7, 5, 3, 1, 6, 4, 2, 0), v);
}
CYPOOL_LOCAL floats in_order_32(floats v) { return _mm512_castpd_ps(in_order_64(_mm512_castps_pd(v))); }
CYPOOL_LOCAL floats shifted_32(floats before, floats v) { return taken_32(before, v, numbers_from_32(LANES_32 - 1)); }
CYPOOL_LOCAL floats advanced_32(floats v, floats after) { return taken_32(v, after, numbers_from_32(1)); }

CYPOOL_LOCAL doubles load_64(const char *row) { return _mm512_loadu_pd((const double *)row); }
CYPOOL_LOCAL doubles load_one_64(const char *row) { return _mm512_set1_pd(*(const double *)row); }
CYPOOL_LOCAL doubles some_64(const char *row, lane_mask mask, doubles others)
{
    return _mm512_mask_loadu_pd(others, (__mmask8)mask, (const double *)row);
}
CYPOOL_LOCAL void store_64(char *row, doubles v) { _mm512_storeu_pd((double *)row, v); }
CYPOOL_LOCAL void store_one_64(char *row, doubles v) { _mm_store_sd((double *)row, _mm512_castpd512_pd128(v)); }
CYPOOL_LOCAL void store_some_64(char *row, lane_mask mask, doubles v)
{
    _mm512_mask_storeu_pd((double *)row, (__mmask8)mask, v);
}
CYPOOL_LOCAL void stream_64(char *row, doubles v) { stream_32(row, _mm512_castpd_ps(v)); }
CYPOOL_LOCAL doubles greater_64(doubles a, doubles b) { return _mm512_max_pd(b, a); }
CYPOOL_LOCAL doubles less_64(doubles a, doubles b) { return _mm512_min_pd(b, a); }
CYPOOL_LOCAL doubles greatest_64(doubles a, doubles b)
{
    return _mm512_mask_max_pd(b, _mm512_cmp_pd_mask(b, b, _CMP_ORD_Q), b, a);
}
CYPOOL_LOCAL doubles least_64(doubles a, doubles b)
{
    return _mm512_mask_min_pd(b, _mm512_cmp_pd_mask(b, b, _CMP_ORD_Q), b, a);
}
CYPOOL_LOCAL doubles sum_64(doubles a, doubles b) { return _mm512_add_pd(a, b); }
CYPOOL_LOCAL doubles all_64(double value) { return _mm512_set1_pd(value); }
CYPOOL_LOCAL doubles product_64(doubles a, doubles b) { return _mm512_mul_pd(a, b); }
CYPOOL_LOCAL doubles quotient_64(doubles a, doubles b) { return _mm512_div_pd(a, b); }
CYPOOL_LOCAL doubles unless_nan_64(doubles v, doubles tested, doubles other)
{
    return _mm512_mask_mov_pd(v, _mm512_cmp_pd_mask(tested, tested, _CMP_UNORD_Q), other);
}
CYPOOL_LOCAL doubles noted_64(doubles seen, doubles a, doubles b)
{
    return _mm512_mask_mov_pd(seen, _mm512_cmp_pd_mask(a, b, _CMP_UNORD_Q), _mm512_set1_pd(NAN));
}
CYPOOL_LOCAL lane_mask with_nan_64(lane_mask seen, doubles a, doubles b)
{
    return _kor_mask16(seen, _mm512_cmp_pd_mask(a, b, _CMP_UNORD_Q));
}
CYPOOL_LOCAL int has_nan_64(doubles v) { return _mm512_cmp_pd_mask(v, v, _CMP_UNORD_Q) != 0; }
CYPOOL_LOCAL lane_numbers numbers_from_64(int first)
{
    return _mm512_add_epi64(_mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0), _mm512_set1_epi64(first));
}
CYPOOL_LOCAL doubles taken_64(doubles a, doubles b, lane_numbers numbers)
{
    return _mm512_permutex2var_pd(a, numbers, b);
}
#define CYPOOL_BEHIND_64(n) \
    _mm512_castsi512_pd(_mm512_alignr_epi64(_mm512_castpd_si512(b), _mm512_castpd_si512(a), n))
CYPOOL_LOCAL doubles behind_64(doubles a, doubles b, int n)
{
    return n == 1 ? CYPOOL_BEHIND_64(1) : n == 2 ? CYPOOL_BEHIND_64(2) : n == 3 ? CYPOOL_BEHIND_64(3) : CYPOOL_BEHIND_64(4);
}

CYPOOL_LOCAL doubles evens_64(doubles a, doubles b) { return _mm512_unpacklo_pd(a, b); }
CYPOOL_LOCAL doubles odds_64(doubles a, doubles b) { return _mm512_unpackhi_pd(a, b); }
CYPOOL_LOCAL doubles shifted_64(doubles before, doubles v) { return taken_64(before, v, numbers_from_64(LANES_64 - 1)); }
CYPOOL_LOCAL doubles advanced_64(doubles v, doubles after) { return taken_64(v, after, numbers_from_64(1)); }

#endif

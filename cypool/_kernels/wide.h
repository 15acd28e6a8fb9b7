/* Vectors of 16 floats, which AVX-512 has.
 *
 * greater_wide() and less_wide() give NaN where one of their arguments is, and of equal ones the first. some_wide()
 * loads the lanes of a mask, and leaves others as they are given; nothing is read for those. taken_wide() gives lanes of
 * two vectors, by their numbers. */
#ifndef CYPOOL_WIDE_H
#define CYPOOL_WIDE_H

#include <immintrin.h>
#include <math.h>
#include <stdint.h>

enum { WIDE_LANES = 16 };
typedef __m512 wides;
typedef __m512i wide_places;

static inline wides load_wide(const char *row) { return _mm512_loadu_ps((const float *)row); }
static inline wides some_wide(const char *row, int mask, wides others)
{
    return _mm512_mask_loadu_ps(others, (__mmask16)mask, (const float *)row);
}
static inline void store_some_wide(char *row, int mask, wides v)
{
    _mm512_mask_storeu_ps((float *)row, (__mmask16)mask, v);
}
static inline wides all_wide(float value) { return _mm512_set1_ps(value); }
static inline wides greater_wide(wides a, wides b)
{
    return _mm512_mask_max_ps(b, _mm512_cmp_ps_mask(b, b, _CMP_ORD_Q), b, a);
}
static inline wides less_wide(wides a, wides b)
{
    return _mm512_mask_min_ps(b, _mm512_cmp_ps_mask(b, b, _CMP_ORD_Q), b, a);
}
static inline wides sum_wide(wides a, wides b) { return _mm512_add_ps(a, b); }
static inline wides product_wide(wides a, wides b) { return _mm512_mul_ps(a, b); }
static inline wides quotient_wide(wides a, wides b) { return _mm512_div_ps(a, b); }
static inline wides one_nan_wide(wides v)
{
    return _mm512_mask_mov_ps(v, _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q), _mm512_set1_ps(NAN));
}
static inline wide_places places_wide(const int32_t *places) { return _mm512_loadu_si512(places); }
static inline wides taken_wide(wides a, wides b, wide_places places) { return _mm512_permutex2var_ps(a, places, b); }

#endif

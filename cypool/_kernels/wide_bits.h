/* Vectors of 64 bytes, which AVX-512 has, of elements of any type: what is the same for all of them, by their bytes.
 *
 * some_bits() loads so many bytes, and nothing behind them; store_some_bits() writes as many. picked_16() and
 * picked_32() give lanes of 16 or 32 bits of two vectors, by numbers: where_16() and where_32() give those of what is so
 * many bytes behind the first. */
#ifndef CYPOOL_WIDE_BITS_H
#define CYPOOL_WIDE_BITS_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

typedef __m512i wide_bits;
typedef uint16_t nan_mask;
enum { WIDE_BYTES = 64 };

static inline __mmask64 some_bytes(ptrdiff_t n)
{
    return n >= 64 ? ~(__mmask64)0 : n <= 0 ? 0 : ((__mmask64)1 << n) - 1;
}
static inline wide_bits load_bits(const char *row) { return _mm512_loadu_si512(row); }
static inline wide_bits some_bits(const char *row, ptrdiff_t n)
{
    return _mm512_maskz_loadu_epi8(some_bytes(n), row);
}
static inline void store_bits(char *row, wide_bits v) { _mm512_storeu_si512(row, v); }
static inline void store_some_bits(char *row, ptrdiff_t n, wide_bits v)
{
    _mm512_mask_storeu_epi8(row, some_bytes(n), v);
}
static inline wide_bits where_16(ptrdiff_t n)
{
    const __m512i each = _mm512_cvtepu8_epi16(_mm256_set_epi8(
        31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
    return _mm512_add_epi16(each, _mm512_set1_epi16((short)((size_t)n / 2)));
}
static inline wide_bits where_32(ptrdiff_t n)
{
    const __m512i each = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    return _mm512_add_epi32(each, _mm512_set1_epi32((int)((size_t)n / 4)));
}
static inline wide_bits picked_16(wide_bits a, wide_bits b, wide_bits where) { return _mm512_permutex2var_epi16(a, where, b); }
static inline wide_bits picked_32(wide_bits a, wide_bits b, wide_bits where) { return _mm512_permutex2var_epi32(a, where, b); }

/* What stays of two taps: of equal ones, as zeros of floats can be, the first. A NaN stays in kept_ alone. */
#define CYPOOL_TAPS(name, best) static inline wide_bits name(wide_bits a, wide_bits b) { return best(a, b); }
CYPOOL_TAPS(greater_i1, _mm512_max_epi8)
CYPOOL_TAPS(greater_u1, _mm512_max_epu8)
CYPOOL_TAPS(greater_i2, _mm512_max_epi16)
CYPOOL_TAPS(greater_u2, _mm512_max_epu16)
CYPOOL_TAPS(greater_i4, _mm512_max_epi32)
CYPOOL_TAPS(greater_u4, _mm512_max_epu32)
CYPOOL_TAPS(less_i1, _mm512_min_epi8)
CYPOOL_TAPS(less_u1, _mm512_min_epu8)
CYPOOL_TAPS(less_i2, _mm512_min_epi16)
CYPOOL_TAPS(less_u2, _mm512_min_epu16)
CYPOOL_TAPS(less_i4, _mm512_min_epi32)
CYPOOL_TAPS(less_u4, _mm512_min_epu32)

#define CYPOOL_FLOATS(suffix, best) \
    _mm512_cast##suffix##_si512(best(_mm512_castsi512_##suffix(b), _mm512_castsi512_##suffix(a)))
#define CYPOOL_KEPT(suffix, best) \
    _mm512_cast##suffix##_si512(best(_mm512_castsi512_##suffix(b), \
        _mm512_cmp_##suffix##_mask(_mm512_castsi512_##suffix(b), _mm512_castsi512_##suffix(b), _CMP_ORD_Q), \
        _mm512_castsi512_##suffix(b), _mm512_castsi512_##suffix(a)))
static inline wide_bits greater_f4(wide_bits a, wide_bits b) { return CYPOOL_FLOATS(ps, _mm512_max_ps); }
static inline wide_bits greater_f8(wide_bits a, wide_bits b) { return CYPOOL_FLOATS(pd, _mm512_max_pd); }
static inline wide_bits less_f4(wide_bits a, wide_bits b) { return CYPOOL_FLOATS(ps, _mm512_min_ps); }
static inline wide_bits less_f8(wide_bits a, wide_bits b) { return CYPOOL_FLOATS(pd, _mm512_min_pd); }
static inline wide_bits kept_greater_f4(wide_bits a, wide_bits b) { return CYPOOL_KEPT(ps, _mm512_mask_max_ps); }
static inline wide_bits kept_greater_f8(wide_bits a, wide_bits b) { return CYPOOL_KEPT(pd, _mm512_mask_max_pd); }
static inline wide_bits kept_less_f4(wide_bits a, wide_bits b) { return CYPOOL_KEPT(ps, _mm512_mask_min_ps); }
static inline wide_bits kept_less_f8(wide_bits a, wide_bits b) { return CYPOOL_KEPT(pd, _mm512_mask_min_pd); }
static inline nan_mask nans_f4(wide_bits v)
{
    return _mm512_cmp_ps_mask(_mm512_castsi512_ps(v), _mm512_castsi512_ps(v), _CMP_UNORD_Q);
}
static inline nan_mask nans_f8(wide_bits v)
{
    return _mm512_cmp_pd_mask(_mm512_castsi512_pd(v), _mm512_castsi512_pd(v), _CMP_UNORD_Q);
}

#endif

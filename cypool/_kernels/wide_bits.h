/* Vectors of 64 bytes, which AVX-512 has, of elements of any type: what is the same for all of them, by their bytes.
 *
 * some_bits() loads so many bytes, and nothing behind them; store_some_bits() writes as many. behind_16() and
 * behind_32() give lanes of 16 or 32 bits of two vectors, by numbers. levels_of() gives these for each of the levels by
 * which windows become wider, by so many taps, twice as many, and so on, and at last by what is left; those that stay as
 * wide make up three, four or six, which loops are for. */
#ifndef CYPOOL_WIDE_BITS_H
#define CYPOOL_WIDE_BITS_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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
static inline wide_bits bits_between(const char *row, ptrdiff_t first, ptrdiff_t end, wide_bits others)
{
    return _mm512_mask_loadu_epi8(others, some_bytes(end) & ~some_bytes(first), row);
}
static inline wide_bits all_1(const char *element) { return _mm512_set1_epi8(*element); }
static inline wide_bits all_2(const char *element) { int16_t v; memcpy(&v, element, 2); return _mm512_set1_epi16(v); }
static inline wide_bits all_4(const char *element) { int32_t v; memcpy(&v, element, 4); return _mm512_set1_epi32(v); }
static inline wide_bits all_8(const char *element) { int64_t v; memcpy(&v, element, 8); return _mm512_set1_epi64(v); }
static inline void store_bits(char *row, wide_bits v) { _mm512_storeu_si512(row, v); }
static inline void store_some_bits(char *row, ptrdiff_t n, wide_bits v)
{
    _mm512_mask_storeu_epi8(row, some_bytes(n), v);
}
/* Once for all types, and not in a loop: so not where it is used. */
static int levels_of(wide_bits *at, ptrdiff_t width, ptrdiff_t by, ptrdiff_t taps, ptrdiff_t step, int narrow)
{
    const __m512i words = _mm512_cvtepu8_epi16(_mm256_set_epi8(
        31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
    const __m512i doubles = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    int n = 0;
    for (int i = 0; i < 6; i++)
        at[i] = narrow ? words : doubles;
    for (; width < taps; width += by, by *= 2, n++) {
        by = by < taps - width ? by : taps - width;
        at[n] = narrow ? _mm512_add_epi16(words, _mm512_set1_epi16((short)(by * step / 2)))
                       : _mm512_add_epi32(doubles, _mm512_set1_epi32((int)(by * step / 4)));
    }
    return n <= 3 ? 3 : n == 4 ? 4 : 6;
}
static inline wide_bits behind_16(wide_bits a, wide_bits b, wide_bits where) { return _mm512_permutex2var_epi16(a, where, b); }
static inline wide_bits behind_32(wide_bits a, wide_bits b, wide_bits where) { return _mm512_permutex2var_epi32(a, where, b); }

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

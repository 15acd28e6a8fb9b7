/* Squares of elements turned, rows to columns: out[j][i] = in[i][j], as many each way as SQUARE_ says. Bits are moved,
 * whatever they are of. */
#ifndef CYPOOL_TURNS_H
#define CYPOOL_TURNS_H

#include "vectors.h"

#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>

CYPOOL_LOCAL __m128i half_load(const char *row) { return _mm_loadl_epi64((const __m128i *)row); }

CYPOOL_LOCAL void half_store(char *row, __m128i v) { _mm_storel_epi64((__m128i *)row, v); }

/* The second half of a vector. */
CYPOOL_LOCAL void half_store_high(char *row, __m128i v)
{
    _mm_storeh_pd((double *)row, _mm_castsi128_pd(v));
}

CYPOOL_LOCAL void turn_square_8(char *out, ptrdiff_t out_step, const char *in, ptrdiff_t step)
{
    __m128i pairs[4], fours[4];
    for (int i = 0; i < 4; i++)
        pairs[i] = _mm_unpacklo_epi8(half_load(in + 2 * i * step), half_load(in + (2 * i + 1) * step));
    for (int i = 0; i < 2; i++) {
        fours[2 * i] = _mm_unpacklo_epi16(pairs[2 * i], pairs[2 * i + 1]);
        fours[2 * i + 1] = _mm_unpackhi_epi16(pairs[2 * i], pairs[2 * i + 1]);
    }
    for (int i = 0; i < 2; i++) {
        const __m128i low = _mm_unpacklo_epi32(fours[i], fours[i + 2]);
        const __m128i high = _mm_unpackhi_epi32(fours[i], fours[i + 2]);
        half_store(out + 4 * i * out_step, low);
        half_store_high(out + (4 * i + 1) * out_step, low);
        half_store(out + (4 * i + 2) * out_step, high);
        half_store_high(out + (4 * i + 3) * out_step, high);
    }
}

CYPOOL_LOCAL void turn_square_16(char *out, ptrdiff_t out_step, const char *in, ptrdiff_t step)
{
    __m128i a[8], b[8];
    for (int i = 0; i < 8; i++)
        a[i] = _mm_loadu_si128((const __m128i *)(in + i * step));
    for (int i = 0; i < 4; i++) {
        b[2 * i] = _mm_unpacklo_epi16(a[i], a[i + 4]);
        b[2 * i + 1] = _mm_unpackhi_epi16(a[i], a[i + 4]);
    }
    for (int i = 0; i < 4; i++) {
        a[2 * i] = _mm_unpacklo_epi16(b[i], b[i + 4]);
        a[2 * i + 1] = _mm_unpackhi_epi16(b[i], b[i + 4]);
    }
    for (int i = 0; i < 4; i++) {
        _mm_storeu_si128((__m128i *)(out + 2 * i * out_step), _mm_unpacklo_epi16(a[i], a[i + 4]));
        _mm_storeu_si128((__m128i *)(out + (2 * i + 1) * out_step), _mm_unpackhi_epi16(a[i], a[i + 4]));
    }
}

CYPOOL_LOCAL void turn_square_64(char *out, ptrdiff_t out_step, const char *in, ptrdiff_t step)
{
    for (int i = 0; i < 4; i += 2)
        for (int j = 0; j < 4; j += 2) {
            const __m128d a = _mm_loadu_pd((const double *)(in + i * step + 8 * j));
            const __m128d b = _mm_loadu_pd((const double *)(in + (i + 1) * step + 8 * j));
            _mm_storeu_pd((double *)(out + j * out_step + 8 * i), _mm_unpacklo_pd(a, b));
            _mm_storeu_pd((double *)(out + (j + 1) * out_step + 8 * i), _mm_unpackhi_pd(a, b));
        }
}

#else

#define CYPOOL_TURN_SQUARE(bits, side)                                                                            \
    CYPOOL_LOCAL void turn_square_##bits(char *out, ptrdiff_t out_step, const char *in, ptrdiff_t step)           \
    {                                                                                                             \
        for (int i = 0; i < side; i++)                                                                            \
            for (int j = 0; j < side; j++)                                                                        \
                memcpy(out + j * out_step + i * (bits / 8), in + i * step + j * (bits / 8), bits / 8);            \
    }
CYPOOL_TURN_SQUARE(8, 8)
CYPOOL_TURN_SQUARE(16, 8)
CYPOOL_TURN_SQUARE(64, 4)

#endif

enum { SQUARE_8 = 8, SQUARE_16 = 8, SQUARE_32 = LANES_32, SQUARE_64 = 4 };

#endif

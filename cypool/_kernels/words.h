/* Vectors of 64 bytes of whole numbers of 16 or 32 bits, which AVX-512 has, from elements of 8 or 16: each function has
 * the lane's bits in its name, and the element's, or their names.
 *
 * some() loads the elements of a mask, and leaves others as they are given; nothing is read for those. taken() gives
 * lanes of two vectors, by their numbers; numbers_from() numbers them from one on. */
#ifndef CYPOOL_WORDS_H
#define CYPOOL_WORDS_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

typedef __m512i words;
typedef uint32_t word_mask;
typedef uint64_t byte_mask;

static inline word_mask first_words(ptrdiff_t n) { return n <= 0 ? 0 : n >= 32 ? 0xffffffffu : (1u << n) - 1; }

static inline byte_mask first_bytes(ptrdiff_t n)
{
    return n <= 0 ? 0 : n >= 64 ? ~(byte_mask)0 : ((byte_mask)1 << n) - 1;
}

static inline words some_8(const char *row, byte_mask mask, words others)
{
    return _mm512_mask_loadu_epi8(others, mask, row);
}
static inline words evens_u8(words bytes) { return _mm512_and_si512(bytes, _mm512_set1_epi16(0xff)); }
static inline words odds_u8(words bytes) { return _mm512_srli_epi16(bytes, 8); }
static inline words evens_i8(words bytes) { return _mm512_srai_epi16(_mm512_slli_epi16(bytes, 8), 8); }
static inline words odds_i8(words bytes) { return _mm512_srai_epi16(bytes, 8); }
/* Bytes from numbers of 16 bits, by turns. */
static inline words woven_8(words evens, words odds)
{
    return _mm512_mask_blend_epi8(0xaaaaaaaaaaaaaaaau, evens, _mm512_slli_epi16(odds, 8));
}
static inline void store_bytes(char *row, byte_mask mask, words v) { _mm512_mask_storeu_epi8(row, mask, v); }
static inline words some_u8(const char *row, word_mask mask, words others)
{
    return _mm512_mask_cvtepu8_epi16(others, mask, _mm256_maskz_loadu_epi8(mask, row));
}
static inline words some_i8(const char *row, word_mask mask, words others)
{
    return _mm512_mask_cvtepi8_epi16(others, mask, _mm256_maskz_loadu_epi8(mask, row));
}
static inline words some_16(const char *row, word_mask mask, words others)
{
    return _mm512_mask_loadu_epi16(others, mask, row);
}
static inline words some_u16_as_32(const char *row, word_mask mask, words others)
{
    const __mmask16 wanted = (__mmask16)mask;
    return _mm512_mask_cvtepu16_epi32(others, wanted, _mm256_maskz_loadu_epi16(wanted, row));
}
static inline words some_i16_as_32(const char *row, word_mask mask, words others)
{
    const __mmask16 wanted = (__mmask16)mask;
    return _mm512_mask_cvtepi16_epi32(others, wanted, _mm256_maskz_loadu_epi16(wanted, row));
}
static inline void store_some_8(char *row, word_mask mask, words v)
{
    _mm256_mask_storeu_epi8(row, mask, _mm512_cvtepi16_epi8(v));
}
static inline void store_some_16(char *row, word_mask mask, words v) { _mm512_mask_storeu_epi16(row, mask, v); }
static inline void store_some_w32(char *row, word_mask mask, words v)
{
    _mm512_mask_storeu_epi32(row, (__mmask16)mask, v);
}
static inline words all_8(int value) { return _mm512_set1_epi8((char)value); }
static inline words all_16(int value) { return _mm512_set1_epi16((short)value); }
static inline words all_w32(int value) { return _mm512_set1_epi32(value); }
static inline words greater_u8(words a, words b) { return _mm512_max_epu8(a, b); }
static inline words greater_i8(words a, words b) { return _mm512_max_epi8(a, b); }
static inline words less_u8(words a, words b) { return _mm512_min_epu8(a, b); }
static inline words less_i8(words a, words b) { return _mm512_min_epi8(a, b); }
static inline words greater_u16(words a, words b) { return _mm512_max_epu16(a, b); }
static inline words greater_i16(words a, words b) { return _mm512_max_epi16(a, b); }
static inline words less_u16(words a, words b) { return _mm512_min_epu16(a, b); }
static inline words less_i16(words a, words b) { return _mm512_min_epi16(a, b); }
static inline words sum_16(words a, words b) { return _mm512_add_epi16(a, b); }
static inline words sum_w32(words a, words b) { return _mm512_add_epi32(a, b); }
/* The high half of a product with what is added to, shifted. */
static inline words mean_16(words v, uint16_t added, uint16_t factor, int shift)
{
    const words product = _mm512_mulhi_epu16(_mm512_add_epi16(v, all_16((short)added)), all_16((short)factor));
    return _mm512_srl_epi16(product, _mm_cvtsi32_si128(shift));
}
static inline words numbers_from_16(int first)
{
    const __m512i each = _mm512_cvtepu8_epi16(_mm256_set_epi8(
        31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
    return _mm512_add_epi16(each, _mm512_set1_epi16((short)first));
}
static inline words numbers_from_w32(int first)
{
    const __m512i each = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    return _mm512_add_epi32(each, _mm512_set1_epi32(first));
}
static inline words taken_16(words a, words b, words numbers) { return _mm512_permutex2var_epi16(a, numbers, b); }
static inline words taken_w32(words a, words b, words numbers) { return _mm512_permutex2var_epi32(a, numbers, b); }

#endif

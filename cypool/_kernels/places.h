/* Values where integers say, in vectors of floats and of doubles: integers of as many bits, in the lanes of a vector.
 *
 * indices() loads as many indices as a vector has lanes. same() has all bits of the lanes that hold the same integer,
 * joined() those of two; kept() is its second argument there, and 0 elsewhere; tallied() counts such lanes downwards.
 * zipped_low() has the elements of the first halves of two vectors by turns, zipped_high() those of the second halves.
 * take() adds the values where a label is, and tallies it.
 * In AVX-512, AVX2, SSE2 and NEON, and as plain C for all else. */
#ifndef CYPOOL_PLACES_H
#define CYPOOL_PLACES_H

#include "vectors.h"

#if defined(__AVX512VL__) && defined(CYPOOL_WIDEST)
#include "wide_places.h"

#else
#include "choices.h"

#define CYPOOL_PLACES(vector, bits, to, from, equal, or, and, add) \
    CYPOOL_LOCAL vector same_##bits(vector a, vector b) { return to(equal(from(a), from(b))); } \
    CYPOOL_LOCAL vector joined_##bits(vector a, vector b) { return to(or(from(a), from(b))); } \
    CYPOOL_LOCAL vector kept_##bits(vector which, vector v) { return to(and(from(which), from(v))); } \
    CYPOOL_LOCAL vector tallied_##bits(vector total, vector which) { return to(add(from(total), from(which))); }

#if defined(__AVX2__)

CYPOOL_PLACES(floats, 32, _mm256_castsi256_ps, _mm256_castps_si256, _mm256_cmpeq_epi32, _mm256_or_si256,
              _mm256_and_si256, _mm256_add_epi32)
CYPOOL_PLACES(doubles, 64, _mm256_castsi256_pd, _mm256_castpd_si256, _mm256_cmpeq_epi64, _mm256_or_si256,
              _mm256_and_si256, _mm256_add_epi64)
CYPOOL_LOCAL floats zipped_low_32(floats a, floats b)
{
    return _mm256_permute2f128_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b), 0x20);
}
CYPOOL_LOCAL floats zipped_high_32(floats a, floats b)
{
    return _mm256_permute2f128_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b), 0x31);
}
CYPOOL_LOCAL doubles zipped_low_64(doubles a, doubles b)
{
    return _mm256_permute2f128_pd(_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b), 0x20);
}
CYPOOL_LOCAL doubles zipped_high_64(doubles a, doubles b)
{
    return _mm256_permute2f128_pd(_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b), 0x31);
}

#elif defined(__SSE2__) || defined(_M_X64)

CYPOOL_LOCAL __m128i equal_64(__m128i a, __m128i b)
{
    const __m128i halves = _mm_cmpeq_epi32(a, b);
    return _mm_and_si128(halves, _mm_shuffle_epi32(halves, 0xb1));
}
CYPOOL_PLACES(floats, 32, _mm_castsi128_ps, _mm_castps_si128, _mm_cmpeq_epi32, _mm_or_si128, _mm_and_si128,
              _mm_add_epi32)
CYPOOL_PLACES(doubles, 64, _mm_castsi128_pd, _mm_castpd_si128, equal_64, _mm_or_si128, _mm_and_si128, _mm_add_epi64)
CYPOOL_LOCAL floats zipped_low_32(floats a, floats b) { return _mm_unpacklo_ps(a, b); }
CYPOOL_LOCAL floats zipped_high_32(floats a, floats b) { return _mm_unpackhi_ps(a, b); }
CYPOOL_LOCAL doubles zipped_low_64(doubles a, doubles b) { return _mm_unpacklo_pd(a, b); }
CYPOOL_LOCAL doubles zipped_high_64(doubles a, doubles b) { return _mm_unpackhi_pd(a, b); }

#elif defined(__aarch64__) && defined(__ARM_NEON)

CYPOOL_PLACES(floats, 32, vreinterpretq_f32_u32, vreinterpretq_u32_f32, vceqq_u32, vorrq_u32, vandq_u32, vaddq_u32)
CYPOOL_PLACES(doubles, 64, vreinterpretq_f64_u64, vreinterpretq_u64_f64, vceqq_u64, vorrq_u64, vandq_u64, vaddq_u64)
CYPOOL_LOCAL floats zipped_low_32(floats a, floats b) { return vzip1q_f32(a, b); }
CYPOOL_LOCAL floats zipped_high_32(floats a, floats b) { return vzip2q_f32(a, b); }
CYPOOL_LOCAL doubles zipped_low_64(doubles a, doubles b) { return vzip1q_f64(a, b); }
CYPOOL_LOCAL doubles zipped_high_64(doubles a, doubles b) { return vzip2q_f64(a, b); }

#else

#define CYPOOL_PLAIN_PLACES(type, bits) \
    CYPOOL_LOCAL type same_##bits(type a, type b) \
    { return of_places_##bits(-(place_of_##bits(a, 0) == place_of_##bits(b, 0)), \
                              -(place_of_##bits(a, 1) == place_of_##bits(b, 1))); } \
    CYPOOL_LOCAL type joined_##bits(type a, type b) \
    { return of_places_##bits(place_of_##bits(a, 0) | place_of_##bits(b, 0), \
                              place_of_##bits(a, 1) | place_of_##bits(b, 1)); } \
    CYPOOL_LOCAL type kept_##bits(type which, type v) \
    { return of_places_##bits(place_of_##bits(which, 0) & place_of_##bits(v, 0), \
                              place_of_##bits(which, 1) & place_of_##bits(v, 1)); } \
    CYPOOL_LOCAL type tallied_##bits(type total, type which) { return sum_of_places_##bits(total, which); } \
    CYPOOL_LOCAL type zipped_low_##bits(type a, type b) { return pair_##bits(a.at[0], b.at[0]); } \
    CYPOOL_LOCAL type zipped_high_##bits(type a, type b) { return pair_##bits(a.at[1], b.at[1]); }

CYPOOL_PLAIN_PLACES(floats, 32)
CYPOOL_PLAIN_PLACES(doubles, 64)

#endif

#define CYPOOL_TAKE(vector, bits) \
    CYPOOL_LOCAL void take_##bits(vector *sum, vector *count, vector label, vector labels, vector v) \
    { \
        const vector which = same_##bits(labels, label); \
        *sum = sum_##bits(*sum, kept_##bits(which, v)); \
        *count = tallied_##bits(*count, which); \
    }

CYPOOL_TAKE(floats, 32)
CYPOOL_TAKE(doubles, 64)

#endif

/* All bits of the first n lanes, of 16 or of 8 at most. */
static const int32_t cypool_firsts_32[32] = {
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
static const int64_t cypool_firsts_64[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
CYPOOL_LOCAL floats firsts_32(ptrdiff_t n) { return load_32((const char *)(cypool_firsts_32 + 16 - n)); }
CYPOOL_LOCAL doubles firsts_64(ptrdiff_t n) { return load_64((const char *)(cypool_firsts_64 + 8 - n)); }

/* Indices have 64 bits. Those of a vector's lanes; those that go into as many, and the bits that any of them has. */
CYPOOL_LOCAL floats indices_32(const int64_t *at)
{
#if defined(__AVX2__) || defined(__SSE2__) || defined(_M_X64) || (defined(__aarch64__) && defined(__ARM_NEON))
    return in_order_32(evens_32(load_32((const char *)at), load_32((const char *)(at + LANES_64))));
#else
    return of_places_32((int32_t)at[0], (int32_t)at[1]);
#endif
}
CYPOOL_LOCAL doubles indices_64(const int64_t *at) { return load_64((const char *)at); }
CYPOOL_LOCAL doubles bits_of_32(doubles bits, const int64_t *at)
{
    for (int i = 0; i < LANES_32; i += LANES_64)
        bits = joined_64(bits, load_64((const char *)(at + i)));
    return bits;
}
CYPOOL_LOCAL doubles bits_of_64(doubles bits, const int64_t *at) { return joined_64(bits, load_64((const char *)at)); }

/* Whether numbers that have those bits may be negative, or beyond 32 bits. */
CYPOOL_LOCAL int any_far(doubles bits)
{
    uint64_t each[LANES_64], all = 0;
    memcpy(each, &bits, sizeof each);
    for (int i = 0; i < LANES_64; i++)
        all |= each[i];
    return all >> 31 != 0;
}

/* The sum of the lanes. */
CYPOOL_LOCAL int64_t total_32(floats v)
{
    int32_t each[LANES_32];
    int64_t total = 0;
    memcpy(each, &v, sizeof each);
    for (int i = 0; i < LANES_32; i++)
        total += each[i];
    return total;
}
CYPOOL_LOCAL int64_t total_64(doubles v)
{
    int64_t each[LANES_64], total = 0;
    memcpy(each, &v, sizeof each);
    for (int i = 0; i < LANES_64; i++)
        total += each[i];
    return total;
}

#endif

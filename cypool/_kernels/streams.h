/* Stores that leave the cache alone: for what is larger than the cache and will not be read soon. A line is written
 * without being read before, which is a third of the traffic of a copy. Plain stores where there are none, or where the
 * place is not aligned to 16 bytes. */
#ifndef CYPOOL_STREAMS_H
#define CYPOOL_STREAMS_H

#include "vectors.h"

#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>

static inline void stream_bytes(char *out, const char *block, size_t n)
{
    if (((uintptr_t)out | n) & 15) {
        memcpy(out, block, n);
        return;
    }
    for (size_t i = 0; i < n; i += 16)
        _mm_stream_si128((__m128i *)(out + i), _mm_loadu_si128((const __m128i *)(block + i)));
}

/* Of vectors, to places that are aligned to 16 bytes. */
#  if defined(__AVX512VL__) && defined(CYPOOL_WIDEST)
/* Those are there. */
#  elif defined(__AVX2__)
static inline void stream_32(char *out, floats v)
{
    if (((uintptr_t)out & 31) == 0) {
        _mm256_stream_ps((float *)out, v);
    } else {
        _mm_stream_ps((float *)out, _mm256_castps256_ps128(v));
        _mm_stream_ps((float *)out + 4, _mm256_extractf128_ps(v, 1));
    }
}
static inline void stream_64(char *out, doubles v) { stream_32(out, _mm256_castpd_ps(v)); }
#  else
static inline void stream_32(char *out, floats v) { _mm_stream_ps((float *)out, v); }
static inline void stream_64(char *out, doubles v) { _mm_stream_pd((double *)out, v); }
#  endif

/* Such stores are not ordered with others: after them, before another thread reads. */
static inline void end_streams(void) { _mm_sfence(); }

#else

static inline void stream_bytes(char *out, const char *block, size_t n) { memcpy(out, block, n); }
static inline void stream_32(char *out, floats v) { store_32(out, v); }
static inline void stream_64(char *out, doubles v) { store_64(out, v); }
static inline void end_streams(void) { }

#endif
#endif

/* Vectors of floats and of doubles, by name: what compilers do not make of a loop by themselves, the splitting of a row
 * into the elements at even and at odd places. In AVX2, SSE2 and NEON, and as plain C for all else; a copy for AVX-512
 * takes those of AVX2, but for files that want its widest ones.
 *
 * evens() and odds() of two vectors give their elements in an order of their own, in which two of them still match;
 * in_order() puts that right. shifted() gives the last element of one vector and all but the last of another,
 * advanced() all but the first of one and the first of another. unless_nan() gives its first argument, or the third
 * where the second is NaN; noted() its first, or NaN where one of the others is. A NaN is not outside of any range,
 * whose lowest and highest number any_outside() is given. transpose() makes columns of as many
 * rows as a vector has lanes, and moves bits, whatever they are of; fours() takes four elements of each such row, and
 * gives four columns. */
#ifndef CYPOOL_VECTORS_H
#define CYPOOL_VECTORS_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CYPOOL_LOCAL static inline

#if defined(__AVX512VL__) && defined(CYPOOL_WIDEST)
#include "widest.h"

#elif defined(__AVX2__)
#include <immintrin.h>

typedef __m256 floats;
typedef __m256d doubles;
enum { LANES_32 = 8, LANES_64 = 4 };

CYPOOL_LOCAL floats load_32(const char *row) { return _mm256_loadu_ps((const float *)row); }
CYPOOL_LOCAL floats load_one_32(const char *row) { return _mm256_broadcast_ss((const float *)row); }
CYPOOL_LOCAL void store_32(char *row, floats v) { _mm256_storeu_ps((float *)row, v); }
CYPOOL_LOCAL void store_one_32(char *row, floats v) { _mm_store_ss((float *)row, _mm256_castps256_ps128(v)); }
CYPOOL_LOCAL floats greater_32(floats a, floats b) { return _mm256_max_ps(b, a); }
CYPOOL_LOCAL floats less_32(floats a, floats b) { return _mm256_min_ps(b, a); }
CYPOOL_LOCAL floats sum_32(floats a, floats b) { return _mm256_add_ps(a, b); }
CYPOOL_LOCAL floats all_32(float value) { return _mm256_set1_ps(value); }
CYPOOL_LOCAL floats product_32(floats a, floats b) { return _mm256_mul_ps(a, b); }
CYPOOL_LOCAL floats quotient_32(floats a, floats b) { return _mm256_div_ps(a, b); }
CYPOOL_LOCAL floats unless_nan_32(floats v, floats tested, floats other)
{
    return _mm256_blendv_ps(v, other, _mm256_cmp_ps(tested, tested, _CMP_UNORD_Q));
}
CYPOOL_LOCAL floats noted_32(floats seen, floats a, floats b)
{
    return _mm256_or_ps(seen, _mm256_cmp_ps(a, b, _CMP_UNORD_Q));
}
CYPOOL_LOCAL floats magnitude_32(floats v) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), v); }
CYPOOL_LOCAL floats root_32(floats v) { return _mm256_sqrt_ps(v); }
CYPOOL_LOCAL floats one_if_zero_32(floats v)
{
    return _mm256_and_ps(_mm256_cmp_ps(v, _mm256_setzero_ps(), _CMP_EQ_OQ), _mm256_set1_ps(1));
}
CYPOOL_LOCAL int any_outside_32(floats v, float low, float high)
{
    return _mm256_movemask_ps(_mm256_or_ps(_mm256_cmp_ps(v, _mm256_set1_ps(low), _CMP_LT_OQ),
                                           _mm256_cmp_ps(v, _mm256_set1_ps(high), _CMP_GT_OQ))) != 0;
}
CYPOOL_LOCAL int has_nan_32(floats v) { return _mm256_movemask_ps(_mm256_cmp_ps(v, v, _CMP_UNORD_Q)) != 0; }
CYPOOL_LOCAL floats evens_32(floats a, floats b) { return _mm256_shuffle_ps(a, b, 0x88); }
CYPOOL_LOCAL floats odds_32(floats a, floats b) { return _mm256_shuffle_ps(a, b, 0xdd); }
CYPOOL_LOCAL floats in_order_32(floats v)
{
    return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(v), 0xd8));
}
CYPOOL_LOCAL floats shifted_32(floats before, floats v)
{
    const __m256i low = _mm256_castps_si256(_mm256_permute2f128_ps(before, v, 0x21));
    return _mm256_castsi256_ps(_mm256_alignr_epi8(_mm256_castps_si256(v), low, 12));
}
CYPOOL_LOCAL floats advanced_32(floats v, floats after)
{
    const __m256i high = _mm256_castps_si256(_mm256_permute2f128_ps(v, after, 0x21));
    return _mm256_castsi256_ps(_mm256_alignr_epi8(high, _mm256_castps_si256(v), 4));
}

/* Of rows four apart, four elements each are loaded as one vector, so that none need to change between halves. */
CYPOOL_LOCAL void fours_32(floats *columns, const char *in, ptrdiff_t step)
{
    floats a[4], b[4];
    for (int i = 0; i < 4; i++) {
        const floats low = _mm256_castps128_ps256(_mm_loadu_ps((const float *)(in + i * step)));
        a[i] = _mm256_insertf128_ps(low, _mm_loadu_ps((const float *)(in + (i + 4) * step)), 1);
    }
    for (int i = 0; i < 4; i += 2) {
        b[i] = _mm256_unpacklo_ps(a[i], a[i + 1]);
        b[i + 1] = _mm256_unpackhi_ps(a[i], a[i + 1]);
    }
    for (int i = 0; i < 2; i++) {
        columns[2 * i] = _mm256_shuffle_ps(b[i], b[i + 2], 0x44);
        columns[2 * i + 1] = _mm256_shuffle_ps(b[i], b[i + 2], 0xee);
    }
}
CYPOOL_LOCAL void transpose_32(char *out, ptrdiff_t out_step, const char *in, ptrdiff_t step)
{
    for (int half = 0; half < 2; half++) {
        floats columns[4];
        fours_32(columns, in + 16 * half, step);
        for (int i = 0; i < 4; i++)
            store_32(out + (4 * half + i) * out_step, columns[i]);
    }
}

CYPOOL_LOCAL doubles load_64(const char *row) { return _mm256_loadu_pd((const double *)row); }
CYPOOL_LOCAL doubles load_one_64(const char *row) { return _mm256_broadcast_sd((const double *)row); }
CYPOOL_LOCAL void store_64(char *row, doubles v) { _mm256_storeu_pd((double *)row, v); }
CYPOOL_LOCAL void store_one_64(char *row, doubles v) { _mm_store_sd((double *)row, _mm256_castpd256_pd128(v)); }
CYPOOL_LOCAL doubles greater_64(doubles a, doubles b) { return _mm256_max_pd(b, a); }
CYPOOL_LOCAL doubles less_64(doubles a, doubles b) { return _mm256_min_pd(b, a); }
CYPOOL_LOCAL doubles sum_64(doubles a, doubles b) { return _mm256_add_pd(a, b); }
CYPOOL_LOCAL doubles all_64(double value) { return _mm256_set1_pd(value); }
CYPOOL_LOCAL doubles product_64(doubles a, doubles b) { return _mm256_mul_pd(a, b); }
CYPOOL_LOCAL doubles quotient_64(doubles a, doubles b) { return _mm256_div_pd(a, b); }
CYPOOL_LOCAL doubles unless_nan_64(doubles v, doubles tested, doubles other)
{
    return _mm256_blendv_pd(v, other, _mm256_cmp_pd(tested, tested, _CMP_UNORD_Q));
}
CYPOOL_LOCAL doubles noted_64(doubles seen, doubles a, doubles b)
{
    return _mm256_or_pd(seen, _mm256_cmp_pd(a, b, _CMP_UNORD_Q));
}
CYPOOL_LOCAL int has_nan_64(doubles v) { return _mm256_movemask_pd(_mm256_cmp_pd(v, v, _CMP_UNORD_Q)) != 0; }
CYPOOL_LOCAL doubles evens_64(doubles a, doubles b) { return _mm256_unpacklo_pd(a, b); }
CYPOOL_LOCAL doubles odds_64(doubles a, doubles b) { return _mm256_unpackhi_pd(a, b); }
CYPOOL_LOCAL doubles in_order_64(doubles v) { return _mm256_permute4x64_pd(v, 0xd8); }
CYPOOL_LOCAL doubles shifted_64(doubles before, doubles v)
{
    return _mm256_shuffle_pd(_mm256_permute2f128_pd(before, v, 0x21), v, 0x5);
}
CYPOOL_LOCAL doubles advanced_64(doubles v, doubles after)
{
    return _mm256_shuffle_pd(v, _mm256_permute2f128_pd(v, after, 0x21), 0x5);
}
CYPOOL_LOCAL void fours_64(doubles *columns, const char *in, ptrdiff_t step)
{
    for (int half = 0; half < 2; half++) {
        doubles a[2];
        for (int i = 0; i < 2; i++) {
            const doubles low = _mm256_castpd128_pd256(_mm_loadu_pd((const double *)(in + i * step) + 2 * half));
            a[i] = _mm256_insertf128_pd(low, _mm_loadu_pd((const double *)(in + (i + 2) * step) + 2 * half), 1);
        }
        columns[2 * half] = _mm256_unpacklo_pd(a[0], a[1]);
        columns[2 * half + 1] = _mm256_unpackhi_pd(a[0], a[1]);
    }
}

#elif defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>

typedef __m128 floats;
typedef __m128d doubles;
enum { LANES_32 = 4, LANES_64 = 2 };

CYPOOL_LOCAL floats load_32(const char *row) { return _mm_loadu_ps((const float *)row); }
CYPOOL_LOCAL floats load_one_32(const char *row) { return _mm_load1_ps((const float *)row); }
CYPOOL_LOCAL void store_32(char *row, floats v) { _mm_storeu_ps((float *)row, v); }
CYPOOL_LOCAL void store_one_32(char *row, floats v) { _mm_store_ss((float *)row, v); }
CYPOOL_LOCAL floats greater_32(floats a, floats b) { return _mm_max_ps(b, a); }
CYPOOL_LOCAL floats less_32(floats a, floats b) { return _mm_min_ps(b, a); }
CYPOOL_LOCAL floats sum_32(floats a, floats b) { return _mm_add_ps(a, b); }
CYPOOL_LOCAL floats all_32(float value) { return _mm_set1_ps(value); }
CYPOOL_LOCAL floats product_32(floats a, floats b) { return _mm_mul_ps(a, b); }
CYPOOL_LOCAL floats quotient_32(floats a, floats b) { return _mm_div_ps(a, b); }
CYPOOL_LOCAL floats unless_nan_32(floats v, floats tested, floats other)
{
    const floats nan = _mm_cmpunord_ps(tested, tested);
    return _mm_or_ps(_mm_and_ps(nan, other), _mm_andnot_ps(nan, v));
}
CYPOOL_LOCAL floats noted_32(floats seen, floats a, floats b) { return _mm_or_ps(seen, _mm_cmpunord_ps(a, b)); }
CYPOOL_LOCAL floats magnitude_32(floats v) { return _mm_andnot_ps(_mm_set1_ps(-0.0f), v); }
CYPOOL_LOCAL floats root_32(floats v) { return _mm_sqrt_ps(v); }
CYPOOL_LOCAL floats one_if_zero_32(floats v)
{
    return _mm_and_ps(_mm_cmpeq_ps(v, _mm_setzero_ps()), _mm_set1_ps(1));
}
CYPOOL_LOCAL int any_outside_32(floats v, float low, float high)
{
    return _mm_movemask_ps(_mm_or_ps(_mm_cmplt_ps(v, _mm_set1_ps(low)), _mm_cmpgt_ps(v, _mm_set1_ps(high)))) != 0;
}
CYPOOL_LOCAL int has_nan_32(floats v) { return _mm_movemask_ps(_mm_cmpunord_ps(v, v)) != 0; }
CYPOOL_LOCAL floats evens_32(floats a, floats b) { return _mm_shuffle_ps(a, b, 0x88); }
CYPOOL_LOCAL floats odds_32(floats a, floats b) { return _mm_shuffle_ps(a, b, 0xdd); }
CYPOOL_LOCAL floats in_order_32(floats v) { return v; }
CYPOOL_LOCAL floats shifted_32(floats before, floats v)
{
    return _mm_shuffle_ps(_mm_shuffle_ps(before, v, 0x0f), v, 0x98);
}
CYPOOL_LOCAL floats advanced_32(floats v, floats after)
{
    return _mm_shuffle_ps(v, _mm_shuffle_ps(v, after, 0x0f), 0x89);
}

CYPOOL_LOCAL void fours_32(floats *columns, const char *in, ptrdiff_t step)
{
    floats a = load_32(in), b = load_32(in + step), c = load_32(in + 2 * step), d = load_32(in + 3 * step);
    _MM_TRANSPOSE4_PS(a, b, c, d);
    columns[0] = a;
    columns[1] = b;
    columns[2] = c;
    columns[3] = d;
}
CYPOOL_LOCAL void transpose_32(char *out, ptrdiff_t out_step, const char *in, ptrdiff_t step)
{
    floats columns[4];
    fours_32(columns, in, step);
    for (int i = 0; i < 4; i++)
        store_32(out + i * out_step, columns[i]);
}

CYPOOL_LOCAL doubles load_64(const char *row) { return _mm_loadu_pd((const double *)row); }
CYPOOL_LOCAL doubles load_one_64(const char *row) { return _mm_load1_pd((const double *)row); }
CYPOOL_LOCAL void store_64(char *row, doubles v) { _mm_storeu_pd((double *)row, v); }
CYPOOL_LOCAL void store_one_64(char *row, doubles v) { _mm_store_sd((double *)row, v); }
CYPOOL_LOCAL doubles greater_64(doubles a, doubles b) { return _mm_max_pd(b, a); }
CYPOOL_LOCAL doubles less_64(doubles a, doubles b) { return _mm_min_pd(b, a); }
CYPOOL_LOCAL doubles sum_64(doubles a, doubles b) { return _mm_add_pd(a, b); }
CYPOOL_LOCAL doubles all_64(double value) { return _mm_set1_pd(value); }
CYPOOL_LOCAL doubles product_64(doubles a, doubles b) { return _mm_mul_pd(a, b); }
CYPOOL_LOCAL doubles quotient_64(doubles a, doubles b) { return _mm_div_pd(a, b); }
CYPOOL_LOCAL doubles unless_nan_64(doubles v, doubles tested, doubles other)
{
    const doubles nan = _mm_cmpunord_pd(tested, tested);
    return _mm_or_pd(_mm_and_pd(nan, other), _mm_andnot_pd(nan, v));
}
CYPOOL_LOCAL doubles noted_64(doubles seen, doubles a, doubles b) { return _mm_or_pd(seen, _mm_cmpunord_pd(a, b)); }
CYPOOL_LOCAL int has_nan_64(doubles v) { return _mm_movemask_pd(_mm_cmpunord_pd(v, v)) != 0; }
CYPOOL_LOCAL doubles evens_64(doubles a, doubles b) { return _mm_unpacklo_pd(a, b); }
CYPOOL_LOCAL doubles odds_64(doubles a, doubles b) { return _mm_unpackhi_pd(a, b); }
CYPOOL_LOCAL doubles in_order_64(doubles v) { return v; }
CYPOOL_LOCAL doubles shifted_64(doubles before, doubles v) { return _mm_shuffle_pd(before, v, 1); }
CYPOOL_LOCAL doubles advanced_64(doubles v, doubles after) { return _mm_shuffle_pd(v, after, 1); }

#elif defined(__aarch64__) && defined(__ARM_NEON)
#include <arm_neon.h>

typedef float32x4_t floats;
typedef float64x2_t doubles;
enum { LANES_32 = 4, LANES_64 = 2 };

CYPOOL_LOCAL floats load_32(const char *row) { return vld1q_f32((const float *)row); }
CYPOOL_LOCAL floats load_one_32(const char *row) { return vld1q_dup_f32((const float *)row); }
CYPOOL_LOCAL void store_32(char *row, floats v) { vst1q_f32((float *)row, v); }
CYPOOL_LOCAL void store_one_32(char *row, floats v) { vst1q_lane_f32((float *)row, v, 0); }
CYPOOL_LOCAL floats greater_32(floats a, floats b) { return vbslq_f32(vcgtq_f32(b, a), b, a); }
CYPOOL_LOCAL floats less_32(floats a, floats b) { return vbslq_f32(vcltq_f32(b, a), b, a); }
CYPOOL_LOCAL floats sum_32(floats a, floats b) { return vaddq_f32(a, b); }
CYPOOL_LOCAL floats all_32(float value) { return vdupq_n_f32(value); }
CYPOOL_LOCAL floats product_32(floats a, floats b) { return vmulq_f32(a, b); }
CYPOOL_LOCAL floats quotient_32(floats a, floats b) { return vdivq_f32(a, b); }
CYPOOL_LOCAL floats unless_nan_32(floats v, floats tested, floats other)
{
    return vbslq_f32(vceqq_f32(tested, tested), v, other);
}
CYPOOL_LOCAL floats noted_32(floats seen, floats a, floats b)
{
    const uint32x4_t numbers = vandq_u32(vceqq_f32(a, a), vceqq_f32(b, b));
    return vreinterpretq_f32_u32(vornq_u32(vreinterpretq_u32_f32(seen), numbers));
}
CYPOOL_LOCAL floats magnitude_32(floats v) { return vabsq_f32(v); }
CYPOOL_LOCAL floats root_32(floats v) { return vsqrtq_f32(v); }
CYPOOL_LOCAL floats one_if_zero_32(floats v)
{
    return vreinterpretq_f32_u32(vandq_u32(vceqzq_f32(v), vreinterpretq_u32_f32(vdupq_n_f32(1))));
}
CYPOOL_LOCAL int any_outside_32(floats v, float low, float high)
{
    return vmaxvq_u32(vorrq_u32(vcltq_f32(v, vdupq_n_f32(low)), vcgtq_f32(v, vdupq_n_f32(high)))) != 0;
}
CYPOOL_LOCAL int has_nan_32(floats v) { return vminvq_u32(vceqq_f32(v, v)) == 0; }
CYPOOL_LOCAL floats evens_32(floats a, floats b) { return vuzp1q_f32(a, b); }
CYPOOL_LOCAL floats odds_32(floats a, floats b) { return vuzp2q_f32(a, b); }
CYPOOL_LOCAL floats in_order_32(floats v) { return v; }
CYPOOL_LOCAL floats shifted_32(floats before, floats v) { return vextq_f32(before, v, 3); }
CYPOOL_LOCAL floats advanced_32(floats v, floats after) { return vextq_f32(v, after, 1); }

CYPOOL_LOCAL void fours_32(floats *columns, const char *in, ptrdiff_t step)
{
    const floats a = load_32(in), b = load_32(in + step), c = load_32(in + 2 * step), d = load_32(in + 3 * step);
    const floats low = vzip1q_f32(a, c), high = vzip2q_f32(a, c), second_low = vzip1q_f32(b, d);
    const floats second_high = vzip2q_f32(b, d);
    columns[0] = vzip1q_f32(low, second_low);
    columns[1] = vzip2q_f32(low, second_low);
    columns[2] = vzip1q_f32(high, second_high);
    columns[3] = vzip2q_f32(high, second_high);
}
CYPOOL_LOCAL void transpose_32(char *out, ptrdiff_t out_step, const char *in, ptrdiff_t step)
{
    floats columns[4];
    fours_32(columns, in, step);
    for (int i = 0; i < 4; i++)
        store_32(out + i * out_step, columns[i]);
}

CYPOOL_LOCAL doubles load_64(const char *row) { return vld1q_f64((const double *)row); }
CYPOOL_LOCAL doubles load_one_64(const char *row) { return vld1q_dup_f64((const double *)row); }
CYPOOL_LOCAL void store_64(char *row, doubles v) { vst1q_f64((double *)row, v); }
CYPOOL_LOCAL void store_one_64(char *row, doubles v) { vst1q_lane_f64((double *)row, v, 0); }
CYPOOL_LOCAL doubles greater_64(doubles a, doubles b) { return vbslq_f64(vcgtq_f64(b, a), b, a); }
CYPOOL_LOCAL doubles less_64(doubles a, doubles b) { return vbslq_f64(vcltq_f64(b, a), b, a); }
CYPOOL_LOCAL doubles sum_64(doubles a, doubles b) { return vaddq_f64(a, b); }
CYPOOL_LOCAL doubles all_64(double value) { return vdupq_n_f64(value); }
CYPOOL_LOCAL doubles product_64(doubles a, doubles b) { return vmulq_f64(a, b); }
CYPOOL_LOCAL doubles quotient_64(doubles a, doubles b) { return vdivq_f64(a, b); }
CYPOOL_LOCAL doubles unless_nan_64(doubles v, doubles tested, doubles other)
{
    return vbslq_f64(vceqq_f64(tested, tested), v, other);
}
CYPOOL_LOCAL doubles noted_64(doubles seen, doubles a, doubles b)
{
    const uint64x2_t numbers = vandq_u64(vceqq_f64(a, a), vceqq_f64(b, b));
    return vreinterpretq_f64_u64(vornq_u64(vreinterpretq_u64_f64(seen), numbers));
}
CYPOOL_LOCAL int has_nan_64(doubles v)
{
    return vminvq_u32(vreinterpretq_u32_u64(vceqq_f64(v, v))) == 0;
}
CYPOOL_LOCAL doubles evens_64(doubles a, doubles b) { return vuzp1q_f64(a, b); }
CYPOOL_LOCAL doubles odds_64(doubles a, doubles b) { return vuzp2q_f64(a, b); }
CYPOOL_LOCAL doubles in_order_64(doubles v) { return v; }
CYPOOL_LOCAL doubles shifted_64(doubles before, doubles v) { return vextq_f64(before, v, 1); }
CYPOOL_LOCAL doubles advanced_64(doubles v, doubles after) { return vextq_f64(v, after, 1); }

#else

/* Two of each, in plain C. */
typedef struct { float at[2]; } floats;
typedef struct { double at[2]; } doubles;
enum { LANES_32 = 2, LANES_64 = 2 };

#define CYPOOL_PAIR(type, element, bits) \
    CYPOOL_LOCAL type pair_##bits(element a, element b) { type v; v.at[0] = a; v.at[1] = b; return v; } \
    CYPOOL_LOCAL type load_##bits(const char *row) { type v; memcpy(v.at, row, sizeof v.at); return v; } \
    CYPOOL_LOCAL type load_one_##bits(const char *row) \
    { element x; memcpy(&x, row, sizeof x); return pair_##bits(x, x); } \
    CYPOOL_LOCAL void store_##bits(char *row, type v) { memcpy(row, v.at, sizeof v.at); } \
    CYPOOL_LOCAL void store_one_##bits(char *row, type v) { memcpy(row, v.at, sizeof v.at[0]); } \
    CYPOOL_LOCAL element greater_one_##bits(element a, element b) { return b > a ? b : a; } \
    CYPOOL_LOCAL element less_one_##bits(element a, element b) { return b < a ? b : a; } \
    CYPOOL_LOCAL element unless_nan_one_##bits(element v, element tested, element other) \
    { return tested != tested ? other : v; } \
    CYPOOL_LOCAL type greater_##bits(type a, type b) \
    { return pair_##bits(greater_one_##bits(a.at[0], b.at[0]), greater_one_##bits(a.at[1], b.at[1])); } \
    CYPOOL_LOCAL type less_##bits(type a, type b) \
    { return pair_##bits(less_one_##bits(a.at[0], b.at[0]), less_one_##bits(a.at[1], b.at[1])); } \
    CYPOOL_LOCAL type unless_nan_##bits(type v, type tested, type other) \
    { return pair_##bits(unless_nan_one_##bits(v.at[0], tested.at[0], other.at[0]), \
                         unless_nan_one_##bits(v.at[1], tested.at[1], other.at[1])); } \
    CYPOOL_LOCAL type noted_##bits(type seen, type a, type b) \
    { return unless_nan_##bits(unless_nan_##bits(seen, a, a), b, b); } \
    CYPOOL_LOCAL int has_nan_##bits(type v) { return v.at[0] != v.at[0] || v.at[1] != v.at[1]; } \
    CYPOOL_LOCAL type all_##bits(element value) { return pair_##bits(value, value); } \
    CYPOOL_LOCAL type product_##bits(type a, type b) { return pair_##bits(a.at[0] * b.at[0], a.at[1] * b.at[1]); } \
    CYPOOL_LOCAL type quotient_##bits(type a, type b) { return pair_##bits(a.at[0] / b.at[0], a.at[1] / b.at[1]); } \
    CYPOOL_LOCAL type sum_##bits(type a, type b) { return pair_##bits(a.at[0] + b.at[0], a.at[1] + b.at[1]); } \
    CYPOOL_LOCAL type evens_##bits(type a, type b) { return pair_##bits(a.at[0], b.at[0]); } \
    CYPOOL_LOCAL type odds_##bits(type a, type b) { return pair_##bits(a.at[1], b.at[1]); } \
    CYPOOL_LOCAL type in_order_##bits(type v) { return v; } \
    CYPOOL_LOCAL type shifted_##bits(type before, type v) { return pair_##bits(before.at[1], v.at[0]); } \
    CYPOOL_LOCAL type advanced_##bits(type v, type after) { return pair_##bits(v.at[1], after.at[0]); }

CYPOOL_PAIR(floats, float, 32)
CYPOOL_PAIR(doubles, double, 64)

CYPOOL_LOCAL floats magnitude_32(floats v) { return pair_32(fabsf(v.at[0]), fabsf(v.at[1])); }
CYPOOL_LOCAL floats root_32(floats v) { return pair_32(sqrtf(v.at[0]), sqrtf(v.at[1])); }
CYPOOL_LOCAL floats one_if_zero_32(floats v) { return pair_32(v.at[0] == 0, v.at[1] == 0); }
CYPOOL_LOCAL int any_outside_32(floats v, float low, float high)
{
    return v.at[0] < low || v.at[0] > high || v.at[1] < low || v.at[1] > high;
}

CYPOOL_LOCAL void fours_32(floats *columns, const char *in, ptrdiff_t step)
{
    for (int half = 0; half < 2; half++) {
        const floats a = load_32(in + 8 * half), b = load_32(in + step + 8 * half);
        columns[2 * half] = evens_32(a, b);
        columns[2 * half + 1] = odds_32(a, b);
    }
}
CYPOOL_LOCAL void transpose_32(char *out, ptrdiff_t out_step, const char *in, ptrdiff_t step)
{
    for (int i = 0; i < LANES_32; i++)
        for (int j = 0; j < LANES_32; j++)
            memcpy(out + j * out_step + 4 * i, in + i * step + 4 * j, 4);
}

#endif

#if !defined(__AVX2__)
CYPOOL_LOCAL void fours_64(doubles *columns, const char *in, ptrdiff_t step)
{
    for (int half = 0; half < 2; half++) {
        const doubles a = load_64(in + 16 * half), b = load_64(in + step + 16 * half);
        columns[2 * half] = evens_64(a, b);
        columns[2 * half + 1] = odds_64(a, b);
    }
}
#endif

/* The greater or the less of two, of equal ones the first, and NaN where one of them is. */
#if defined(__AVX512VL__) && defined(CYPOOL_WIDEST)
/* Those are there. */
#elif defined(__AVX512VL__)
CYPOOL_LOCAL floats greatest_32(floats a, floats b)
{
    return _mm256_mask_max_ps(b, _mm256_cmp_ps_mask(b, b, _CMP_ORD_Q), b, a);
}
CYPOOL_LOCAL floats least_32(floats a, floats b)
{
    return _mm256_mask_min_ps(b, _mm256_cmp_ps_mask(b, b, _CMP_ORD_Q), b, a);
}
CYPOOL_LOCAL doubles greatest_64(doubles a, doubles b)
{
    return _mm256_mask_max_pd(b, _mm256_cmp_pd_mask(b, b, _CMP_ORD_Q), b, a);
}
CYPOOL_LOCAL doubles least_64(doubles a, doubles b)
{
    return _mm256_mask_min_pd(b, _mm256_cmp_pd_mask(b, b, _CMP_ORD_Q), b, a);
}
#else
CYPOOL_LOCAL floats greatest_32(floats a, floats b) { return unless_nan_32(greater_32(a, b), b, b); }
CYPOOL_LOCAL floats least_32(floats a, floats b) { return unless_nan_32(less_32(a, b), b, b); }
CYPOOL_LOCAL doubles greatest_64(doubles a, doubles b) { return unless_nan_64(greater_64(a, b), b, b); }
CYPOOL_LOCAL doubles least_64(doubles a, doubles b) { return unless_nan_64(less_64(a, b), b, b); }
#endif

/* Fetch a cache line that is to be read soon; it need not be there. */
CYPOOL_LOCAL void fetch(const char *address)
{
#if defined(__GNUC__)
    __builtin_prefetch(address);
#elif defined(__AVX2__) || defined(_M_X64)
    _mm_prefetch(address, _MM_HINT_T0);
#else
    (void)address;
#endif
}

/* GCC drops the call of a function that does nothing else than fetch, since that changes nothing. This keeps it. */
CYPOOL_LOCAL void keep_fetches(void)
{
#if defined(__GNUC__)
    __asm__ volatile("");
#endif
}

#endif

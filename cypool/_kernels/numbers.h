/* What Cython cannot say about numbers: the two 16-bit floats, and the order of floats as integers.
 *
 * Everything here is static inline C (never C++), so that each instruction set's copy of the kernels
 * keeps its own code.  The F16C, the NEON and the plain versions of a conversion give the same bits,
 * NaN payloads included. */
#ifndef CYPOOL_NUMBERS_H
#define CYPOOL_NUMBERS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined(__F16C__) || (defined(_MSC_VER) && defined(__AVX2__))
#  include <immintrin.h>
#  define CYPOOL_F16C 1
#elif defined(__aarch64__) && defined(__ARM_NEON) && defined(__ARM_FP16_FORMAT_IEEE)
#  include <arm_neon.h>
#  define CYPOOL_NEON 1
#endif

typedef struct { uint16_t bits; } half_t;
typedef struct { uint16_t bits; } bfloat_t;

static inline uint32_t float_bits(float value) { uint32_t bits; memcpy(&bits, &value, 4); return bits; }
static inline float bits_float(uint32_t bits) { float value; memcpy(&value, &bits, 4); return value; }
static inline uint64_t double_bits(double value) { uint64_t bits; memcpy(&bits, &value, 8); return bits; }
static inline double bits_double(uint64_t bits) { double value; memcpy(&value, &bits, 8); return value; }

/* IEEE binary16 -> binary32, exact. A subnormal half counts the last bits of 0.5; as the same bits of a float it would be
 * denormal, and slow to multiply. */
static inline float half_to_float(uint16_t half)
{
#ifdef CYPOOL_NEON
    /* The sign by itself: else GCC turns a test for NaN into one of halves, which vectors of ARMv8.0 have not. */
    const uint16_t positive = half & 0x7fffu;
    __fp16 value;
    memcpy(&value, &positive, 2);
    return bits_float(float_bits((float)value) | ((uint32_t)(half & 0x8000u) << 16));
#else
    const uint32_t magnitude = half & 0x7fffu;
    const uint32_t normal = (magnitude << 13) + 0x38000000u;
    const uint32_t subnormal = float_bits(bits_float(0x3f000000u + magnitude) - 0.5f);
    const uint32_t special = 0x7f800000u | (magnitude << 13) | (magnitude > 0x7c00u ? 0x00400000u : 0u);
    const uint32_t bits = magnitude >= 0x7c00u ? special : magnitude < 0x0400u ? subnormal : normal;
    return bits_float(bits | ((uint32_t)(half & 0x8000u) << 16));
#endif
}

/* binary32 -> binary16, to nearest, ties to even. In this form GCC vectorises it for aarch64 too; by __fp16, not. */
static inline uint16_t float_to_half(float value)
{
    const uint32_t bits = float_bits(value), magnitude = bits & 0x7fffffffu;
    const uint32_t normal = (magnitude + 0xc8000fffu + ((magnitude >> 13) & 1u)) >> 13;
    const uint32_t subnormal = float_bits(bits_float(magnitude) + 0.5f) - 0x3f000000u;
    const uint32_t special = magnitude > 0x7f800000u ? 0x7e00u | ((magnitude >> 13) & 0x3ffu) : 0x7c00u;
    const uint32_t half = magnitude >= 0x47800000u ? special : magnitude < 0x38800000u ? subnormal : normal;
    return (uint16_t)(half | ((bits >> 16) & 0x8000u));
}

static inline float bfloat_to_float(uint16_t half) { return bits_float((uint32_t)half << 16); }

static inline uint16_t float_to_bfloat(float value)
{
    const uint32_t bits = float_bits(value);
    const uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    return (uint16_t)((bits & 0x7fffffffu) > 0x7f800000u ? (bits >> 16) | 0x40u : rounded);
}

/* Rows of halves, added up as floats one after the other. No compiler of today turns the scalar loop into F16C by
 * itself. */
static inline void add_halves(float *acc, const uint16_t **rows, ptrdiff_t n_rows, ptrdiff_t n, int fresh)
{
    ptrdiff_t i = 0, r;
#ifdef __AVX512F__
    for (; i + 16 <= n; i += 16) {
        __m512 sum = fresh ? _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(rows[0] + i)))
                           : _mm512_loadu_ps(acc + i);
        for (r = fresh; r < n_rows; r++)
            sum = _mm512_add_ps(sum, _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(rows[r] + i))));
        _mm512_storeu_ps(acc + i, sum);
    }
#endif
#ifdef CYPOOL_F16C
    /* Four vectors a row, so that finding the row costs a quarter. */
    for (; i + 32 <= n; i += 32) {
        __m256 sums[4];
        for (int j = 0; j < 4; j++)
            sums[j] = fresh ? _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(rows[0] + i) + j))
                            : _mm256_loadu_ps(acc + i + 8 * j);
        for (r = fresh; r < n_rows; r++)
            for (int j = 0; j < 4; j++)
                sums[j] = _mm256_add_ps(sums[j], _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(rows[r] + i) + j)));
        for (int j = 0; j < 4; j++)
            _mm256_storeu_ps(acc + i + 8 * j, sums[j]);
    }
    for (; i + 8 <= n; i += 8) {
        __m256 sum = fresh ? _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(rows[0] + i)))
                           : _mm256_loadu_ps(acc + i);
        for (r = fresh; r < n_rows; r++)
            sum = _mm256_add_ps(sum, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(rows[r] + i))));
        _mm256_storeu_ps(acc + i, sum);
    }
#elif defined(CYPOOL_NEON)
    for (; i + 8 <= n; i += 8) {
        float32x4_t low = vdupq_n_f32(0), high = low;
        if (!fresh) {
            low = vld1q_f32(acc + i);
            high = vld1q_f32(acc + i + 4);
        } else {
            const float16x8_t halves = vreinterpretq_f16_u16(vld1q_u16(rows[0] + i));
            low = vcvt_f32_f16(vget_low_f16(halves));
            high = vcvt_high_f32_f16(halves);
        }
        for (r = fresh; r < n_rows; r++) {
            const float16x8_t halves = vreinterpretq_f16_u16(vld1q_u16(rows[r] + i));
            low = vaddq_f32(low, vcvt_f32_f16(vget_low_f16(halves)));
            high = vaddq_f32(high, vcvt_high_f32_f16(halves));
        }
        vst1q_f32(acc + i, low);
        vst1q_f32(acc + i + 4, high);
    }
#else
    for (r = 0; r < n_rows; r++) {
        const uint16_t *row = rows[r];
        if (r == 0 && fresh)
            for (i = 0; i < n; i++)
                acc[i] = half_to_float(row[i]);
        else
            for (i = 0; i < n; i++)
                acc[i] += half_to_float(row[i]);
    }
#endif
    for (; i < n; i++) {
        float sum = fresh ? half_to_float(rows[0][i]) : acc[i];
        for (r = fresh; r < n_rows; r++)
            sum += half_to_float(rows[r][i]);
        acc[i] = sum;
    }
}

/* Sums of pixels of three bytes and their right neighbours, over one or two rows: sums[3 * i + c] is that of
 * a[6 * i + c] + a[6 * i + 3 + c] + b[6 * i + c] + b[6 * i + 3 + c]. A shuffle brings what belongs together side by
 * side, and a product with ones adds it up; what a store writes too much is nothing added, and comes again. */
#ifdef CYPOOL_F16C
static inline __m256i pixel_pairs(const uint8_t *row, int is_signed)
{
    const __m128i order = _mm_setr_epi8(0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11, -1, -1, -1, -1);
    const __m256i ones = _mm256_set1_epi8(1), pixels = _mm256_shuffle_epi8(_mm256_inserti128_si256(
        _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)row)),
        _mm_loadu_si128((const __m128i *)(row + 12)), 1), _mm256_broadcastsi128_si256(order));
    return is_signed ? _mm256_maddubs_epi16(ones, pixels) : _mm256_maddubs_epi16(pixels, ones);
}
#elif defined(CYPOOL_NEON)
static inline uint16x8_t add_neighbours(uint16x8_t sum, uint8x16_t bytes, int is_signed)
{
    return is_signed ? vreinterpretq_u16_s16(vpadalq_s8(vreinterpretq_s16_u16(sum), vreinterpretq_s8_u8(bytes)))
                     : vpadalq_u8(sum, bytes);
}
#endif

static inline void add_pixel_pairs(uint16_t *sums, const uint8_t *a, const uint8_t *b, ptrdiff_t n, int fresh,
                                   int is_signed)
{
    ptrdiff_t i = 0;
#ifdef CYPOOL_F16C
    for (; i + 14 <= n; i += 12) {
        __m256i sum = pixel_pairs(a + 2 * i, is_signed);
        if (b)
            sum = _mm256_add_epi16(sum, pixel_pairs(b + 2 * i, is_signed));
        if (!fresh)
            sum = _mm256_add_epi16(sum, _mm256_inserti128_si256(
                _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)(sums + i))),
                _mm_loadu_si128((const __m128i *)(sums + i + 6)), 1));
        _mm_storeu_si128((__m128i *)(sums + i), _mm256_castsi256_si128(sum));
        _mm_storeu_si128((__m128i *)(sums + i + 6), _mm256_extracti128_si256(sum, 1));
    }
#elif defined(CYPOOL_NEON)
    for (; i + 24 <= n; i += 24) {
        const uint8x16x3_t pixels = vld3q_u8(a + 2 * i), below = b ? vld3q_u8(b + 2 * i) : pixels;
        uint16x8x3_t sum = {{vdupq_n_u16(0), vdupq_n_u16(0), vdupq_n_u16(0)}};
        int c;
        if (!fresh)
            sum = vld3q_u16(sums + i);
        for (c = 0; c < 3; c++) {
            sum.val[c] = add_neighbours(sum.val[c], pixels.val[c], is_signed);
            if (b)
                sum.val[c] = add_neighbours(sum.val[c], below.val[c], is_signed);
        }
        vst3q_u16(sums + i, sum);
    }
#endif
    for (; i < n; i++) {
        const ptrdiff_t at = i / 3 * 6 + i % 3;
        int sum = fresh ? 0 : sums[i];
        sum += is_signed ? (int8_t)a[at] + (int8_t)a[at + 3] : a[at] + a[at + 3];
        if (b)
            sum += is_signed ? (int8_t)b[at] + (int8_t)b[at + 3] : b[at] + b[at + 3];
        sums[i] = (uint16_t)sum;
    }
}

static inline void floats_to_halves(uint16_t *out, const float *in, ptrdiff_t n)
{
    ptrdiff_t i = 0;
#ifdef __AVX512F__
    for (; i + 16 <= n; i += 16)
        _mm256_storeu_si256((__m256i *)(out + i),
                            _mm512_cvtps_ph(_mm512_loadu_ps(in + i), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
#endif
#ifdef CYPOOL_F16C
    for (; i + 8 <= n; i += 8)
        _mm_storeu_si128((__m128i *)(out + i),
                         _mm256_cvtps_ph(_mm256_loadu_ps(in + i), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
#elif defined(CYPOOL_NEON)
    for (; i + 8 <= n; i += 8)
        vst1q_u16(out + i, vreinterpretq_u16_f16(vcvt_high_f16_f32(vcvt_f16_f32(vld1q_f32(in + i)),
                                                                   vld1q_f32(in + i + 4))));
#endif
    for (; i < n; i++)
        out[i] = float_to_half(in[i]);
}

/* The same of bfloats, and back: loops that become vectors, since their rows are known to lie apart. */
#if defined(_MSC_VER)
#define CYPOOL_APART __restrict
#else
#define CYPOOL_APART __restrict__
#endif
static inline void bfloats_to_floats(float *CYPOOL_APART out, const uint16_t *CYPOOL_APART in, ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i++)
        out[i] = bfloat_to_float(in[i]);
}
static inline void floats_to_bfloats(uint16_t *CYPOOL_APART out, const float *CYPOOL_APART in, ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i++)
        out[i] = float_to_bfloat(in[i]);
}

/* The nearest integer of a value below 2^22 in magnitude: adding 1.5 * 2^23 leaves no fraction bits. */
static inline int32_t nearest(float value) { return (int32_t)float_bits(value + 12582912.0f) - 0x4b400000; }

/* A whole number below 2^51 in magnitude as a double, and back, by the bits: AVX2 and SSE2 have no such conversion. */
static inline double near_double(int64_t value)
{
    return bits_double((uint64_t)value + 0x4338000000000000u) - 6755399441055744.0;
}
static inline int64_t near_whole(double value)
{
    return (int64_t)(double_bits(value + 6755399441055744.0) - 0x4338000000000000u);
}

/* total / divisor, half to even, of whole numbers, where that is below 2^20 in magnitude and the divisor below 2^29. A
 * product with the inverse is wrong by less than 2^-32. Rounded to a multiple of 2^-30 it ends in a half where the
 * quotient does, and nowhere else. */
static inline int64_t small_quotient(double total, double inverse)
{
    return near_whole(total * inverse + 6291456.0 - 6291456.0);
}

/* total / divisor, half to even, of whole numbers, the total and four times the divisor's square below 2^51 in
 * magnitude: in doubles, which hold all that is in between. */
static inline double near_quotient(double total, double divisor, double inverse)
{
    const int64_t nearest_whole = near_whole(total * inverse);
    const double quotient = near_double(nearest_whole);
    const double rest = 2 * (total - quotient * divisor);
    const double most = divisor - near_double(nearest_whole & 1);
    return quotient + (rest > most ? 1.0 : 0.0) - (rest < -most ? 1.0 : 0.0);
}

/* The high half of a product; compilers know it as one instruction. */
static inline uint16_t high_product(uint16_t a, uint16_t b) { return (uint16_t)(((uint32_t)a * b) >> 16); }

/* The second of two floats where `second` is true, else the first. On aarch64 by a mask of bits: there GCC turns nested
 * selections of floats into three times as many comparisons and masks. */
static inline float either_32(int second, float a, float b)
{
#ifdef CYPOOL_NEON
    const uint32_t mask = second ? 0xffffffffu : 0u;
    return bits_float((float_bits(b) & mask) | (float_bits(a) & ~mask));
#else
    return second ? b : a;
#endif
}

static inline double either_64(int second, double a, double b)
{
#ifdef CYPOOL_NEON
    const uint64_t mask = second ? ~(uint64_t)0 : 0u;
    return bits_double((double_bits(b) & mask) | (double_bits(a) & ~mask));
#else
    return second ? b : a;
#endif
}

/* The value, or NaN where `nan` is true: an OR of bits, since a selection costs as much as a comparison. */
static inline float marked_32(float value, int nan) { return bits_float(float_bits(value) | (nan ? 0xffffffffu : 0u)); }
static inline double marked_64(double value, int nan)
{
    return bits_double(double_bits(value) | (nan ? ~(uint64_t)0 : 0u));
}

/* The bits of a NaN that no result is: one that is to be found another way. */
#define CYPOOL_MARK 0x7ff8000000000001u

/* The power of two that a positive number is reached by in less than a doubling: at least the least normal one. */
static inline double power_of_two_below(double value)
{
    const uint64_t bits = double_bits(value) & 0x7ff0000000000000u;
    return bits_double(bits < 0x0010000000000000u ? 0x0010000000000000u : bits > 0x7fe0000000000000u
                       ? 0x7fe0000000000000u : bits);
}

/* Whether one of two is NaN, by one comparison. */
#if defined(__GNUC__) || defined(__clang__)
#  define CYPOOL_UNORDERED(a, b) __builtin_isunordered(a, b)
#else
#  define CYPOOL_UNORDERED(a, b) (((a) != (a)) | ((b) != (b)))
#endif
static inline int unordered_32(float a, float b) { return CYPOOL_UNORDERED(a, b); }
static inline int unordered_64(double a, double b) { return CYPOOL_UNORDERED(a, b); }

/* Signed integers in the order of the floats with the same bits:
 * -NaN < -inf < ... < -0 < +0 < ... < +inf < +NaN.  The map is its own inverse. */
static inline int16_t order_16(int16_t bits) { return (int16_t)(bits ^ ((bits >> 15) & 0x7fff)); }
static inline int32_t order_32(int32_t bits) { return bits ^ ((bits >> 31) & 0x7fffffff); }
static inline int64_t order_64(int64_t bits) { return bits ^ ((bits >> 63) & INT64_MAX); }

static inline uint16_t swap_16(uint16_t v) { return (uint16_t)((v >> 8) | (v << 8)); }
static inline uint32_t swap_32(uint32_t v)
{
    return (v >> 24) | ((v >> 8) & 0xff00u) | ((v << 8) & 0xff0000u) | (v << 24);
}
static inline uint64_t swap_64(uint64_t v)
{
    return ((uint64_t)swap_32((uint32_t)v) << 32) | swap_32((uint32_t)(v >> 32));
}

#endif

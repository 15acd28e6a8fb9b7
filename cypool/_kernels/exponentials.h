/* Exponentials and logarithms for sums of exponentials, in a form that compilers make vectors of; those of C libraries
 * are calls, 11 ns each, and differ in their last bits. Both are within two units of the last place. */
#ifndef CYPOOL_EXPONENTIALS_H
#define CYPOOL_EXPONENTIALS_H

#include <math.h>

#include "numbers.h"

/* What is not inlined is not made a vector of. */
#if defined(__GNUC__) || defined(__clang__)
#  define CYPOOL_INLINE static inline __attribute__((always_inline))
#else
#  define CYPOOL_INLINE static __forceinline
#endif
#define CYPOOL_LN2_HIGH 6.93147180369123816490e-01     /* its product with an exponent is exact */
#define CYPOOL_LN2_LOW 1.90821492927058770002e-10

/* e^x for x <= 0, 0 where that is below the normal numbers, and infinity for what is above 0. */
CYPOOL_INLINE double exponential(double x)
{
    /* x = k ln 2 + r: adding 1.5 * 2^52 leaves the integer k in the low bits. Then the Taylor series, |r| <= 0.35. */
    const double shifted = x * 1.4426950408889634 + 6755399441055744.0, k = shifted - 6755399441055744.0;
    const double r = (x - k * CYPOOL_LN2_HIGH) - k * CYPOOL_LN2_LOW, r2 = r * r;
    const double high = ((r * (1.0 / 6227020800) + 1.0 / 479001600) * r2 + (r * (1.0 / 39916800) + 1.0 / 3628800)) * r2
                        + (r * (1.0 / 362880) + 1.0 / 40320);
    const double low = ((r * (1.0 / 5040) + 1.0 / 720) * r2 + (r * (1.0 / 120) + 1.0 / 24)) * r2
                       + (r * (1.0 / 6) + 0.5);
    const double power = 1.0 + (r + r2 * (low + high * (r2 * r2 * r2)));
    const double value = bits_double(double_bits(power) + (double_bits(shifted) << 52));
    const double normal = x < -708.0 ? 0.0 : value;
    return x <= 0.0 ? normal : x * INFINITY;
}

/* log x for x >= 0. */
CYPOOL_INLINE double logarithm(double x)
{
    /* x = 2^e m, and log m = 2 artanh f with f = (m - 1) / (m + 1), |f| < 0.172. */
    const uint64_t bits = double_bits(x);
    const double m = bits_double((bits & 0xfffffffffffffu) | 0x3ff0000000000000u);
    const double e = bits_double((bits >> 52) | 0x4330000000000000u) - 4503599627371519.0;
    const int large = m > 1.4142135623730951;
    const double mantissa = large ? 0.5 * m : m, exponent = large ? e + 1.0 : e;
    const double f = (mantissa - 1.0) / (mantissa + 1.0), f2 = f * f, f4 = f2 * f2;
    const double odd = (((f4 * (1.0 / 19) + 1.0 / 15) * f4 + 1.0 / 11) * f4 + 1.0 / 7) * f4 + 1.0 / 3;
    const double even = (((f4 * (1.0 / 21) + 1.0 / 17) * f4 + 1.0 / 13) * f4 + 1.0 / 9) * f4 + 1.0 / 5;
    const double series = f2 * (odd + f2 * even);
    const double value = exponent * CYPOOL_LN2_HIGH + (2.0 * f + (2.0 * f * series + exponent * CYPOOL_LN2_LOW));
    const double finite = x > 0.0 ? value : -INFINITY;
    return x < INFINITY && x >= 0.0 ? finite : x;
}

#endif

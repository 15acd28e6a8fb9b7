/* Powers and roots for norms, in a form that compilers make vectors of. */
#ifndef CYPOOL_POWERS_H
#define CYPOOL_POWERS_H

#include <float.h>

#include "exponentials.h"

/* The power of a magnitude, of an order from 1 to 7. One whose order is known costs no more than it has factors. */
CYPOOL_INLINE double raised(double value, int order)
{
    const double size = fabs(value), square = size * size;
    return (order & 1 ? size : 1.0) * (order & 2 ? square : 1.0) * (order & 4 ? square * square : 1.0);
}

/* A power that is 0 for nothing but 0. */
CYPOOL_INLINE double never_lost(double value, double power)
{
    const double size = fabs(value), least = size < DBL_MIN ? size : DBL_MIN;
    return least > power ? least : power;
}

/* x = 2^e m for a number that is neither subnormal nor infinite nor less than 0, m from sqrt(1/2) to sqrt(2). Logarithms
 * are of f = (m - 1) / (m + 1): log m = 2 artanh f, an odd polynomial for |f| < 0.172. Those of 0 mean nothing. */
CYPOOL_INLINE double split_binary(double x, double *e)
{
    const uint64_t one = 0x3ff0000000000000u, bits = double_bits(x);
    const uint64_t moved = bits + (one - 0x3fe6a09e667f3bcdu);
    const double m = bits_double(bits - (moved & 0xfff0000000000000u) + one);
    *e = bits_double((moved >> 52) | 0x4330000000000000u) - 4503599627371519.0;
    return (m - 1.0) / (m + 1.0);
}

/* x = k + r for |x| < 2^31: adding 1.5 * 2^52 leaves the integer k in the low bits. */
CYPOOL_INLINE double split_whole(double x, uint64_t *k)
{
    const double shifted = x + 6755399441055744.0;
    *k = double_bits(shifted) << 52;
    return x - (shifted - 6755399441055744.0);
}

/* A power of x by its logarithm, unless that has none. */
CYPOOL_INLINE double power_unless(double x, double power)
{
    const double finite = x > 0.0 ? power : 0.0;
    return x < INFINITY ? finite : x;
}

/* Polynomials interpolate at Chebyshev nodes.
 *
 * -- good to 2^-33, more than floats need: half the time of what is good to the last bits of a double ---------------- */

CYPOOL_INLINE double rough_log2(double x)
{
    double e;
    const double f = split_binary(x, &e), f2 = f * f, f4 = f2 * f2;
    return e + f * ((2.885390081790118 + f2 * 0.9617966732736392)
                    + f4 * ((0.5770836022893222 + f2 * 0.4116714650590069) + f4 * 0.3407567042788236));
}

/* 2^x for |x| < 1022. */
CYPOOL_INLINE double rough_exp2(double x)
{
    uint64_t k;
    const double r = split_whole(x, &k), r2 = r * r;
    const double low = (0.9999999999595618 + r * 0.6931471805568324)
                       + r2 * (0.24022651213498092 + r * 0.055504109063258665);
    const double high = (0.009618025613318034 + r * 0.0013333478473685416)
                        + r2 * (0.00015469729214118296 + r * 1.5303700711365693e-05);
    return bits_double(double_bits(low + r2 * r2 * high) + k);
}

/* The power of a number that is not negative, nor subnormal; it leaves the range of doubles only where that is 0 or
 * infinite. */
CYPOOL_INLINE double rough_power(double value, double p)
{
    return power_unless(value, rough_exp2(p * rough_log2(value)));
}

/* Orders whose roots are as good: those of lesser ones enlarge the error of a logarithm. */
#define CYPOOL_LEAST_ROUGH 0.01

/* The root of such a number, which may be too large; `inverse` is 1 / p. */
CYPOOL_INLINE double rough_root(double total, double inverse)
{
    const double exponent = rough_log2(total) * inverse, root = rough_exp2(exponent);
    return power_unless(total, exponent > 1021.0 ? INFINITY : root);
}

/* -- good to the last bits of a double ------------------------------------------------------------------------------- */

/* The binary logarithm but for e. */
CYPOOL_INLINE double fine_log2(double x, double *e)
{
    const double f = split_binary(x, e), f2 = f * f, f4 = f2 * f2;
    const double low = (0.961796693925976 + f2 * 0.5770780163541347)
                       + f4 * (0.41219858389845226 + f2 * 0.32059873795647487);
    const double high = (0.262323644151143 + f2 * 0.2211898392818618) + f4 * 0.21087262318280905;
    return f * 2.8853900817779268 + (f * f2) * (low + (f4 * f4) * high);
}

/* 2^x for |x| < 1022. */
CYPOOL_INLINE double fine_exp2(double x)
{
    uint64_t k;
    const double r = split_whole(x, &k), r2 = r * r, r4 = r2 * r2;
    const double low = 0.24022650695910097 + r * 0.0555041086648216
                       + r2 * (0.009618129107606888 + r * 0.0013333558146416936);
    const double high = (0.0001540353044173605 + r * 1.525273382983612e-05)
                        + r2 * (1.321544258792169e-06 + r * 1.0178062445845774e-07)
                        + r4 * (7.072585949269223e-09 + r * 4.4549605981865186e-10);
    return bits_double(double_bits(1.0 + (r * 0.6931471805599453 + r2 * (low + r4 * high))) + k);
}

/* Orders of such powers: those of lesser ones enlarge the error of a logarithm, and of greater ones that of its product.
 * Up to them, what is below the normal numbers counts for nothing beside a number of at least 1. */
#define CYPOOL_LEAST_FINE 0.1
#define CYPOOL_MOST_FINE 256

/* An order, of a power or of a root: so many bits that their product with the exponent of a double is exact, and what
 * they lack. */
typedef struct { double whole, first, rest; } cypool_order;

static inline double first_bits(double p) { return bits_double(double_bits(p) & 0xfffffffffffff800u); }

static inline cypool_order order_of_power(double p)
{
    const cypool_order order = {p, first_bits(p), p - first_bits(p)};
    return order;
}

static inline cypool_order order_of_root(double p)
{
    const double first = first_bits(1.0 / p);
    const cypool_order order = {1.0 / p, first, fma(-first, p, 1.0) / p};
    return order;
}

/* The power of a number of which rough_log2 is one; never 0, and infinity for what is too large. */
CYPOOL_INLINE double normal_power(double value, cypool_order order)
{
    double e;
    uint64_t k;
    const double m = fine_log2(value, &e) * order.whole, whole = e * order.first, exponent = whole + m;
    const double r = split_whole(whole, &k), power = fine_exp2(r + (e * order.rest + m));
    const double large = exponent > 1021.0 ? INFINITY : bits_double(double_bits(power) + k);
    return exponent < -1020.0 ? DBL_MIN : large;
}

/* The power of a magnitude beside which there is a number from 1 to 2, or of a sum of such powers. */
CYPOOL_INLINE double fine_power(double value, cypool_order order)
{
    return power_unless(value, normal_power(value, order));
}

/* The power of any magnitude, but for subnormal ones: infinity, too large for what is done with it, stands for those. */
CYPOOL_INLINE double open_power(double value, cypool_order order)
{
    return power_unless(value, value < DBL_MIN ? INFINITY : normal_power(value, order));
}

/* log x for x >= 0 of any size, subnormal numbers too. */
CYPOOL_INLINE double any_logarithm(double x)
{
    const int subnormal = x < DBL_MIN;
    const double value = logarithm(subnormal ? x * 18014398509481984.0 : x);
    return value - (subnormal ? 54 * (CYPOOL_LN2_HIGH + CYPOOL_LN2_LOW) : 0.0);
}

/* The power of what is not above 1. */
CYPOOL_INLINE double shrunk(double part, double p) { return exponential(p * any_logarithm(part)); }

/* The root of an order from 2 to 7, to a unit or two: with a step of Newton's. */
CYPOOL_INLINE double exact_root(double total, int order)
{
    const double root = rough_root(total, 1.0 / order);
    const double better = root - (root - total / raised(root, order - 1)) / order;
    return (total > 0.0) & (total <= DBL_MAX) ? better : total;
}

#endif

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

/* log x for x >= 0 of any size, subnormal numbers too. */
CYPOOL_INLINE double any_logarithm(double x)
{
    const int subnormal = x < DBL_MIN;
    const double value = logarithm(subnormal ? x * 18014398509481984.0 : x);
    return value - (subnormal ? 54 * (CYPOOL_LN2_HIGH + CYPOOL_LN2_LOW) : 0.0);
}

/* The power of what is not above 1. */
CYPOOL_INLINE double shrunk(double part, double p) { return exponential(p * any_logarithm(part)); }

/* The power of what is not negative: as many units from it as the exponent is far from 0. */
CYPOOL_INLINE double any_power(double value, double p)
{
    const double exponent = p * any_logarithm(value), part = exponential(-fabs(exponent));
    return exponent > 0.0 ? 1.0 / part : part;
}

/* The root of a number that is not negative; as many units from it as the exponent is far from 0. */
CYPOOL_INLINE double rough_root(double total, double p)
{
    const double exponent = any_logarithm(total) / p, part = exponential(-fabs(exponent));
    return exponent > 0.0 ? 1.0 / part : part;
}

/* The root of an order from 2 to 7, to a unit or two: with a step of Newton's. */
CYPOOL_INLINE double exact_root(double total, int order)
{
    const double root = rough_root(total, order);
    const double better = root - (root - total / raised(root, order - 1)) / order;
    return (total > 0.0) & (total <= DBL_MAX) ? better : total;
}

#endif

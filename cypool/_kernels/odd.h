/* Means by odd divisors, which have no ties: the floor of a sum and half of the divisor by the divisor. That is the high
 * half of a product with 2^(16 + shift) / divisor, rounded up; or down, for a sum that is one more (Granlund and
 * Montgomery 1994). Of sums of 16 bits that have room for what is added. */
#ifndef CYPOOL_ODD_H
#define CYPOOL_ODD_H

#include <stdint.h>

typedef struct {
    int usable;
    uint16_t added;
    uint16_t factor;
    int shift;
} odd_divisor_t;

static inline odd_divisor_t odd_divisor(int64_t divisor)
{
    odd_divisor_t how = {0, 0, 0, 0};
    if (divisor < 3 || divisor >= 8192 || divisor % 2 == 0)
        return how;
    while ((int64_t)2 << how.shift < divisor)
        how.shift++;
    const int64_t whole = (int64_t)65536 << how.shift, factor = whole / divisor;
    /* The two miss the whole by less than the divisor together, so that one of them does by half of it at most. */
    const int up = (factor + 1) * divisor - whole <= (int64_t)1 << how.shift;
    how.usable = 1;
    how.factor = (uint16_t)(factor + up);
    how.added = (uint16_t)(divisor / 2 + !up);
    return how;
}

#endif

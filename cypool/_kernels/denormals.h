/* Denormal numbers: a product or a quotient of one, or that is one, may take a processor 150 cycles; sums, comparisons
 * and conversions take no longer than others. Where there are any, these functions divide by way of numbers that are
 * not. */
#ifndef CYPOOL_DENORMALS_H
#define CYPOOL_DENORMALS_H

#include "numbers.h"

/* Whether this thread's arithmetic has met any, of which the processor keeps a note; and the same, which tears it up. */
#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>

/* Denormal operands, and results that had to be rounded to one. */
enum { DENORMALS_NOTED = 0x02 | 0x10 };

static inline int denormals_noted(void) { return (_mm_getcsr() & DENORMALS_NOTED) != 0; }
static inline int met_denormals(void)
{
    const unsigned int state = _mm_getcsr();
    if (!(state & DENORMALS_NOTED))
        return 0;
    _mm_setcsr(state & ~(unsigned int)DENORMALS_NOTED);
    return 1;
}
#else
static inline int denormals_noted(void) { return 0; }
static inline int met_denormals(void) { return 0; }
#endif

/* A double has more than twice a float's bits, so that it does not matter that the quotient is rounded twice. Compilers
 * know that, too, and would divide the floats, were the divisor one. */
static inline float careful_quotient_32(float total, float divisor) { return (float)(total / (2.0 * divisor) * 2.0); }

/* Totals below half of the least normal number are whole multiples of the least number, and so are their quotients,
 * by a whole number: those of their bits. Others are divided as ever. Masks choose between the two, so that no compiler
 * finds that a total may as well be divided before the choice. */
static inline double careful_quotient_64(double total, double divisor)
{
    const uint64_t bits = double_bits(total), sign = bits & 0x8000000000000000u, magnitude = bits ^ sign;
    const uint64_t tiny = magnitude < 0x0008000000000000u && divisor >= 1 ? ~(uint64_t)0 : 0;
    const double whole = near_quotient(near_double((int64_t)(magnitude & tiny)), divisor, 1 / divisor);
    const double other = bits_double(bits & ~tiny) / divisor;
    return bits_double((((uint64_t)near_whole(whole) | sign) & tiny) | double_bits(other));
}

#endif

/* Values where integers say, see places.h, in vectors of 64 bytes: where a lane is taken, a mask says. */
#ifndef CYPOOL_WIDE_PLACES_H
#define CYPOOL_WIDE_PLACES_H

#include "vectors.h"

CYPOOL_LOCAL floats places_32(int32_t step)
{
    return _mm512_castsi512_ps(_mm512_mullo_epi32(numbers_from_32(0), _mm512_set1_epi32(step)));
}
CYPOOL_LOCAL floats first_place_32(int32_t value, int32_t more)
{
    const __m512i all = _mm512_set1_epi32(value);
    return _mm512_castsi512_ps(_mm512_mask_add_epi32(all, 1, all, _mm512_set1_epi32(more)));
}
CYPOOL_LOCAL floats sum_of_places_32(floats a, floats b)
{
    return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(a), _mm512_castps_si512(b)));
}
CYPOOL_LOCAL doubles places_64(int64_t step)
{
    return _mm512_castsi512_pd(_mm512_mullo_epi64(numbers_from_64(0), _mm512_set1_epi64(step)));
}
CYPOOL_LOCAL doubles first_place_64(int64_t value, int64_t more)
{
    const __m512i all = _mm512_set1_epi64(value);
    return _mm512_castsi512_pd(_mm512_mask_add_epi64(all, 1, all, _mm512_set1_epi64(more)));
}
CYPOOL_LOCAL doubles sum_of_places_64(doubles a, doubles b)
{
    return _mm512_castsi512_pd(_mm512_add_epi64(_mm512_castpd_si512(a), _mm512_castpd_si512(b)));
}

CYPOOL_LOCAL floats same_32(floats a, floats b)
{
    return _mm512_castsi512_ps(_mm512_movm_epi32(_mm512_cmpeq_epi32_mask(_mm512_castps_si512(a), _mm512_castps_si512(b))));
}
CYPOOL_LOCAL doubles same_64(doubles a, doubles b)
{
    return _mm512_castsi512_pd(_mm512_movm_epi64(_mm512_cmpeq_epi64_mask(_mm512_castpd_si512(a), _mm512_castpd_si512(b))));
}
CYPOOL_LOCAL floats zipped_low_32(floats a, floats b)
{
    return taken_32(a, b, _mm512_set_epi32(23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0));
}
CYPOOL_LOCAL floats zipped_high_32(floats a, floats b)
{
    return taken_32(a, b, _mm512_set_epi32(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8));
}
CYPOOL_LOCAL doubles zipped_low_64(doubles a, doubles b)
{
    return taken_64(a, b, _mm512_set_epi64(11, 3, 10, 2, 9, 1, 8, 0));
}
CYPOOL_LOCAL doubles zipped_high_64(doubles a, doubles b)
{
    return taken_64(a, b, _mm512_set_epi64(15, 7, 14, 6, 13, 5, 12, 4));
}

CYPOOL_LOCAL floats joined_32(floats a, floats b) { return _mm512_or_ps(a, b); }
CYPOOL_LOCAL doubles joined_64(doubles a, doubles b) { return _mm512_or_pd(a, b); }
CYPOOL_LOCAL floats kept_32(floats which, floats v) { return _mm512_and_ps(which, v); }
CYPOOL_LOCAL doubles kept_64(doubles which, doubles v) { return _mm512_and_pd(which, v); }
CYPOOL_LOCAL floats tallied_32(floats total, floats which) { return sum_of_places_32(total, which); }
CYPOOL_LOCAL doubles tallied_64(doubles total, doubles which) { return sum_of_places_64(total, which); }
CYPOOL_LOCAL void take_32(floats *sum, floats *count, floats label, floats labels, floats v)
{
    const __mmask16 which = _mm512_cmpeq_epi32_mask(_mm512_castps_si512(labels), _mm512_castps_si512(label));
    const __m512i before = _mm512_castps_si512(*count);
    *sum = _mm512_mask_add_ps(*sum, which, *sum, v);
    *count = _mm512_castsi512_ps(_mm512_mask_sub_epi32(before, which, before, _mm512_set1_epi32(1)));
}
CYPOOL_LOCAL void take_64(doubles *sum, doubles *count, doubles label, doubles labels, doubles v)
{
    const __mmask8 which = _mm512_cmpeq_epi64_mask(_mm512_castpd_si512(labels), _mm512_castpd_si512(label));
    const __m512i before = _mm512_castpd_si512(*count);
    *sum = _mm512_mask_add_pd(*sum, which, *sum, v);
    *count = _mm512_castsi512_pd(_mm512_mask_sub_epi64(before, which, before, _mm512_set1_epi64(1)));
}

/* Of indices that lanes hold, some; of others nothing is read. */
CYPOOL_LOCAL floats some_indices_32(const int64_t *at, lane_mask lanes, doubles *bits)
{
    const doubles none = all_64(0), low = some_64((const char *)at, lanes, none);
    const doubles high = some_64((const char *)(at + LANES_64), (lane_mask)(lanes >> LANES_64), none);
    *bits = joined_64(*bits, joined_64(low, high));
    return in_order_32(evens_32(_mm512_castpd_ps(low), _mm512_castpd_ps(high)));
}
/* Places of some lanes, less others; and what the other lanes have instead. */
CYPOOL_LOCAL floats less_place_32(floats places, lane_mask lanes, floats less, floats others)
{
    return _mm512_castsi512_ps(_mm512_mask_sub_epi32(_mm512_castps_si512(others), lanes, _mm512_castps_si512(places),
                                                     _mm512_castps_si512(less)));
}
/* Where one of some lanes has a label, which is counted: values as what they add to 0, or added to a sum. */
CYPOOL_LOCAL lane_mask hits_32(ptrdiff_t *hits, lane_mask lanes, floats label, floats labels)
{
    const lane_mask which = _mm512_mask_cmpeq_epi32_mask(lanes, _mm512_castps_si512(labels), _mm512_castps_si512(label));
    *hits += _mm_popcnt_u32(which);
    return which;
}
CYPOOL_LOCAL floats taken_first_32(ptrdiff_t *hits, lane_mask lanes, floats label, floats labels, floats v)
{
    return _mm512_maskz_add_ps(hits_32(hits, lanes, label, labels), all_32(0), v);
}
CYPOOL_LOCAL floats taken_too_32(floats sum, ptrdiff_t *hits, lane_mask lanes, floats label, floats labels, floats v)
{
    return _mm512_mask_add_ps(sum, hits_32(hits, lanes, label, labels), sum, v);
}

#endif

# Which of two taps wins, whose label goes along: vectors of them, and single ones.

from libc.math cimport NAN
from libc.stdint cimport int64_t
from libc.string cimport memcpy

from cypool._kernels.types cimport Greatest, Least
from cypool._kernels.vectors cimport (
    all_32, all_64, doubles, floats, load, store, sum_32, sum_64, unless_nan_32, unless_nan_64, vector_t,
)

cdef extern from "choices.h" nogil:
    ctypedef struct choices:        # of lanes
        pass
    ctypedef struct wide_choices:
        pass
    choices beating_32(floats b, floats a)
    choices undercutting_32(floats b, floats a)
    floats chosen_32(choices which, floats a, floats b)
    void store_places_32(int64_t *out, floats places, int64_t base)
    wide_choices beating_64(doubles b, doubles a)
    wide_choices undercutting_64(doubles b, doubles a)
    wide_choices exceeding_64(doubles b, doubles a)
    doubles flipped_64(doubles v, int64_t flip)
    doubles chosen_64(wide_choices which, doubles a, doubles b)
    void store_places_64(int64_t *out, doubles places, int64_t base)

# The greatest key: a number with some bits inverted, so that signed order is the one that is wanted.
cdef struct GreatestKey:
    int64_t flip

ctypedef fused extreme_t:
    Greatest
    Least
    GreatestKey


cdef inline void meet(vector_t *best, vector_t *label, vector_t v, vector_t v_label,
                      const extreme_t *rule) noexcept nogil:
    """What stays of two, the first of which comes earlier, is the first."""
    cdef choices wins
    cdef wide_choices wide_wins
    if vector_t is floats:
        wins = beating_32(v, best[0]) if extreme_t is Greatest else undercutting_32(v, best[0])
        best[0] = chosen_32(wins, v, best[0])
        label[0] = chosen_32(wins, v_label, label[0])
    else:
        if extreme_t is GreatestKey:
            wide_wins = exceeding_64(v, best[0])
        else:
            wide_wins = beating_64(v, best[0]) if extreme_t is Greatest else undercutting_64(v, best[0])
        best[0] = chosen_64(wide_wins, v, best[0])
        label[0] = chosen_64(wide_wins, v_label, label[0])


cdef inline vector_t taps_at(const char *at, bint one, const vector_t *kind, const extreme_t *rule) noexcept nogil:
    if extreme_t is GreatestKey and vector_t is doubles:
        return flipped_64(load(at, one, kind), rule.flip)
    else:
        return load(at, one, kind)


cdef inline double one_nan(const extreme_t *rule) noexcept nogil:
    return NAN if extreme_t is Greatest else -NAN


cdef inline vector_t plain(vector_t v, const extreme_t *rule) noexcept nogil:
    """Values with one zero and one NaN, as keys.pyx has them: ties of which the first stays."""
    if extreme_t is GreatestKey and vector_t is doubles:
        return flipped_64(v, rule.flip)
    elif vector_t is floats:
        v = sum_32(v, all_32(0))
        return unless_nan_32(v, v, all_32(<float>one_nan(rule)))
    else:
        v = sum_64(v, all_64(0))
        return unless_nan_64(v, v, all_64(one_nan(rule)))


cdef inline void put(char *out, int64_t *labels, vector_t best, vector_t label, int64_t base,
                     const extreme_t *rule) noexcept nogil:
    """Results, and their labels on a base."""
    store(out, plain(best, rule), False)
    if vector_t is floats:
        store_places_32(labels, label, base)
    else:
        store_places_64(labels, label, base)


cdef inline bint wins(const char *at, const char *over, const vector_t *kind, const extreme_t *rule) noexcept nogil:
    """Whether an element stands instead of an earlier one."""
    cdef double value, other
    cdef int64_t key, other_key
    if extreme_t is GreatestKey:
        memcpy(&key, at, 8)
        memcpy(&other_key, over, 8)
        return (key ^ rule.flip) > (other_key ^ rule.flip)
    else:
        value = (<const float *>at)[0] if vector_t is floats else (<const double *>at)[0]
        other = (<const float *>over)[0] if vector_t is floats else (<const double *>over)[0]
        return other == other and not (value <= other if extreme_t is Greatest else value >= other)


cdef inline void put_one(char *out, const char *best, const vector_t *kind, const extreme_t *rule) noexcept nogil:
    """As plain()."""
    cdef double value
    if extreme_t is GreatestKey:
        memcpy(out, best, 8)
    else:
        value = (<const float *>best)[0] if vector_t is floats else (<const double *>best)[0]
        value = one_nan(rule) if value != value else value + 0
        if vector_t is floats:
            (<float *>out)[0] = <float>value
        else:
            (<double *>out)[0] = value

"""Maxima and minima of small windows of floats and of integers of 64 bits, with the place that each comes from: from
the input's rows straight to the output and its indices.

As direct.pyx does without places. A vector of taps comes with one of their labels, and what wins takes its label along.
Taps meet in row-major order and only a greater one beats an earlier one, so that of equal taps the first stays; so does
the first NaN, which beats all numbers. Integers go as the bits of doubles, and in keys, whose greatest wins.
"""

from libc.math cimport NAN
from libc.stdint cimport int64_t
from libc.string cimport memcpy

from cypool._kernels.ahead cimport Ahead, fetch_lines, fetch_rows, next_rows, rows_ahead
from cypool._kernels.labels cimport place, places, sum_of_places
from cypool._kernels.types cimport Direct, Greatest, Least, winners_t
from cypool._kernels.vectors cimport (
    advanced, all_32, all_64, doubles, evens, floats, lanes, load, odds, shifted, size, store, sum_32, sum_64,
    unless_nan_32, unless_nan_64, vector_t,
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

# Rows of a window, and what their labels are more than that of the first; by value, so that they stay in registers.
cdef struct Rows:
    const char *a
    const char *b
    const char *c
    const char *d
    int64_t labels[4]


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


cdef inline void of_row(vector_t *best, vector_t *labels, const char *at, int64_t label, int64_t tap, Py_ssize_t taps,
                        Py_ssize_t stride, bint first, bint last, const extreme_t *rule) noexcept nogil:
    """A row's taps of a vector of windows that are side by side.

    Where the `first` window lacks its first tap, or the `last` one its last, the tap beside it comes twice.
    """
    cdef Py_ssize_t width = lanes(best) * size(best), step = size(best)
    cdef vector_t a, b, odd
    if stride == 2:
        a = taps_at(at + (taps - 2) * step, False, best, rule)
        b = taps_at(at + (taps - 2) * step + width, False, best, rule)
        odd = odds(a, b)
        best[0] = evens(a, b)
        labels[0] = place(label + (taps - 2) * tap, 0, best)
        if taps == 3:
            a = best[0]
            b = labels[0]
            best[0] = shifted(taps_at(at + (step if first else 0), True, best, rule), odd)
            labels[0] = place(label, tap if first else 0, best)
            meet(best, labels, a, b, rule)
        meet(best, labels, odd, place(label + (taps - 1) * tap, 0, best), rule)
        return
    a = taps_at(at + step, False, best, rule)
    if first:
        best[0] = shifted(taps_at(at + step, True, best, rule), a)
        labels[0] = place(label, tap, best)
    else:
        best[0] = taps_at(at, False, best, rule)
        labels[0] = place(label, 0, best)
    meet(best, labels, a, place(label + tap, 0, best), rule)
    b = advanced(a, taps_at(at + width, True, best, rule)) if last else taps_at(at + 2 * step, False, best, rule)
    meet(best, labels, b, place(label + 2 * tap, 0, best), rule)


cdef inline void of_neighbours(vector_t *best, vector_t *labels, const char *at, int64_t label, int64_t tap,
                               Py_ssize_t taps, Py_ssize_t step, const extreme_t *rule) noexcept nogil:
    """A row's taps of windows of neighbours that are pooled alike."""
    best[0] = taps_at(at, False, best, rule)
    labels[0] = place(label, 0, best)
    if taps > 1:
        meet(best, labels, taps_at(at + step, False, best, rule), place(label + tap, 0, best), rule)
    if taps > 2:
        meet(best, labels, taps_at(at + 2 * step, False, best, rule), place(label + 2 * tap, 0, best), rule)
    if taps > 3:
        meet(best, labels, taps_at(at + 3 * step, False, best, rule), place(label + 3 * tap, 0, best), rule)


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


cdef inline void run_singles(char *out, int64_t *labels, Rows rows, Py_ssize_t n_rows, Py_ssize_t channel,
                             const Direct *how, const vector_t *kind, const extreme_t *rule) noexcept nogil:
    """Fewer outputs than a vector has lanes, as at the ends of rows; of one channel where those are so few."""
    cdef const char *starts[4]
    cdef Py_ssize_t j, r, t, first, step = max(how.inner, <Py_ssize_t>1)
    cdef int64_t label = 0
    cdef const char *at
    cdef const char *best = rows.a
    starts[0], starts[1], starts[2], starts[3] = rows.a, rows.b, rows.c, rows.d
    for j in range(how.n):
        first = how.lacks_first and j == 0
        for r in range(n_rows):
            for t in range(first, how.taps - (how.lacks_last and j == how.n - 1)):
                at = starts[r] + j * how.output_step + t * how.tap_step + channel * size(kind)
                if (r == 0 and t == first) or wins(at, best, kind, rule):
                    best = at
                    label = rows.labels[r] + t * how.tap_label
        put_one(out + (j * step + channel) * size(kind), best, kind, rule)
        labels[j * step + channel] = how.label + j * how.output_label + label


cdef inline void run_row(char *out, int64_t *labels, Rows rows, Py_ssize_t n_rows, Py_ssize_t taps, Py_ssize_t stride,
                         Ahead ahead, const Direct *how, const vector_t *kind, const extreme_t *rule) noexcept nogil:
    """A row of outputs. The last vector begins early enough to end with it."""
    cdef Py_ssize_t i = 0, at, step = size(kind)
    cdef int64_t tap = how.tap_label
    cdef bint first, last
    cdef vector_t best, label, next_best, next_label, lanes_apart = places(how.output_label, kind)
    while i < how.n:
        i = min(i, how.n - lanes(kind))
        at = i * stride * step
        first = how.lacks_first and i == 0
        last = how.lacks_last and i + lanes(kind) == how.n
        fetch_rows(ahead, n_rows, at, stride * lanes(kind) * step)
        of_row(&best, &label, rows.a + at, rows.labels[0], tap, taps, stride, first, last, rule)
        if n_rows > 1:
            of_row(&next_best, &next_label, rows.b + at, rows.labels[1], tap, taps, stride, first, last, rule)
            meet(&best, &label, next_best, next_label, rule)
        if n_rows > 2:
            of_row(&next_best, &next_label, rows.c + at, rows.labels[2], tap, taps, stride, first, last, rule)
            meet(&best, &label, next_best, next_label, rule)
        if n_rows > 3:
            of_row(&next_best, &next_label, rows.d + at, rows.labels[3], tap, taps, stride, first, last, rule)
            meet(&best, &label, next_best, next_label, rule)
        put(out + i * step, labels + i, best, sum_of_places(label, lanes_apart), how.label + i * how.output_label,
            rule)
        i += lanes(kind)


cdef inline void run_inner(char *out, int64_t *labels, Rows rows, Py_ssize_t n_rows, Py_ssize_t taps, Ahead ahead,
                           const Direct *how, const vector_t *kind, const extreme_t *rule) noexcept nogil:
    """A row of outputs of some neighbours each."""
    cdef Py_ssize_t j, c, at, step = how.tap_step
    cdef int64_t tap = how.tap_label
    cdef vector_t best, label, next_best, next_label
    for j in range(how.n):
        if ahead.n_rows == 1 and n_rows > 1:
            fetch_lines(ahead.first + j * how.output_step, how.output_step)
        c = 0
        while c < how.inner:
            c = min(c, how.inner - lanes(kind))
            at = j * how.output_step + c * size(kind)
            of_neighbours(&best, &label, rows.a + at, rows.labels[0], tap, taps, step, rule)
            if n_rows > 1:
                of_neighbours(&next_best, &next_label, rows.b + at, rows.labels[1], tap, taps, step, rule)
                meet(&best, &label, next_best, next_label, rule)
            if n_rows > 2:
                of_neighbours(&next_best, &next_label, rows.c + at, rows.labels[2], tap, taps, step, rule)
                meet(&best, &label, next_best, next_label, rule)
            if n_rows > 3:
                of_neighbours(&next_best, &next_label, rows.d + at, rows.labels[3], tap, taps, step, rule)
                meet(&best, &label, next_best, next_label, rule)
            put(out + c * size(kind), labels + c, best, label, how.label + j * how.output_label, rule)
            c += lanes(kind)
        out += how.inner * size(kind)
        labels += how.inner


cdef inline void run_rows(char *out, Py_ssize_t out_step, char *labels, Py_ssize_t label_step, Rows rows,
                          Py_ssize_t n_rows, Py_ssize_t row_step, Py_ssize_t n_out_rows, Py_ssize_t taps,
                          Py_ssize_t stride, const Direct *how, const vector_t *kind,
                          const extreme_t *rule) noexcept nogil:
    cdef Py_ssize_t _i, channel
    cdef Ahead ahead = rows_ahead(rows.a, rows.b, rows.c, rows.d, n_rows, how)
    cdef Direct here = how[0]
    for _i in range(n_out_rows):
        if taps == 0:
            for channel in range(max(how.inner, <Py_ssize_t>1)):
                run_singles(out, <int64_t *>labels, rows, n_rows, channel, &here, kind, rule)
        elif stride == 0:
            run_inner(out, <int64_t *>labels, rows, n_rows, taps, ahead, &here, kind, rule)
        else:
            run_row(out, <int64_t *>labels, rows, n_rows, taps, stride, ahead, &here, kind, rule)
        out += out_step
        labels += label_step
        here.label += how.row_label
        ahead = next_rows(ahead, row_step)
        rows.a += row_step
        rows.b += row_step
        rows.c += row_step
        rows.d += row_step


cdef inline void by_taps(char *out, Py_ssize_t out_step, char *labels, Py_ssize_t label_step, Rows rows,
                         Py_ssize_t n_rows, Py_ssize_t row_step, Py_ssize_t n_out_rows, const Direct *how,
                         const vector_t *kind, const extreme_t *rule) noexcept nogil:
    """A loop for each kind of windows, in which the compiler knows their taps."""
    if (how.inner if how.inner > 0 else how.n) < lanes(kind):
        run_rows(out, out_step, labels, label_step, rows, n_rows, row_step, n_out_rows, 0, 0, how, kind, rule)
    elif how.inner > 0 and how.taps == 1:
        run_rows(out, out_step, labels, label_step, rows, n_rows, row_step, n_out_rows, 1, 0, how, kind, rule)
    elif how.inner > 0 and how.taps == 2:
        run_rows(out, out_step, labels, label_step, rows, n_rows, row_step, n_out_rows, 2, 0, how, kind, rule)
    elif how.inner > 0 and how.taps == 3:
        run_rows(out, out_step, labels, label_step, rows, n_rows, row_step, n_out_rows, 3, 0, how, kind, rule)
    elif how.inner > 0:
        run_rows(out, out_step, labels, label_step, rows, n_rows, row_step, n_out_rows, 4, 0, how, kind, rule)
    elif how.stride == 1:
        run_rows(out, out_step, labels, label_step, rows, n_rows, row_step, n_out_rows, 3, 1, how, kind, rule)
    elif how.taps == 2:
        run_rows(out, out_step, labels, label_step, rows, n_rows, row_step, n_out_rows, 2, 2, how, kind, rule)
    else:
        run_rows(out, out_step, labels, label_step, rows, n_rows, row_step, n_out_rows, 3, 2, how, kind, rule)


cdef void winners(char *out, Py_ssize_t out_step, char *labels, Py_ssize_t label_step, const char **window_rows,
                  const int64_t *row_labels, Py_ssize_t n_rows, Py_ssize_t row_step, Py_ssize_t n_out_rows,
                  const Direct *how, const vector_t *kind, const extreme_t *rule) noexcept nogil:
    """As direct() in direct.pyx: n_out_rows rows of windows, of up to four rows, whose labels are given."""
    cdef Rows rows
    cdef Py_ssize_t r
    cdef extreme_t given
    if extreme_t is GreatestKey:
        given.flip = how.flip
        rule = &given
    rows.a = window_rows[0]
    rows.b = window_rows[1 if n_rows > 1 else 0]
    rows.c = window_rows[2 if n_rows > 2 else 0]
    rows.d = window_rows[3 if n_rows > 3 else 0]
    for r in range(n_rows):
        rows.labels[r] = row_labels[r] - row_labels[0]
    if n_rows == 1:
        by_taps(out, out_step, labels, label_step, rows, 1, row_step, n_out_rows, how, kind, rule)
    elif n_rows == 2:
        by_taps(out, out_step, labels, label_step, rows, 2, row_step, n_out_rows, how, kind, rule)
    elif n_rows == 3:
        by_taps(out, out_step, labels, label_step, rows, 3, row_step, n_out_rows, how, kind, rule)
    else:
        by_taps(out, out_step, labels, label_step, rows, 4, row_step, n_out_rows, how, kind, rule)


# Addresses by rule and element.
WINNERS = {
    ("max", "f4"): <size_t><void *><winners_t>winners[floats, Greatest],
    ("max", "f8"): <size_t><void *><winners_t>winners[doubles, Greatest],
    ("max", "i8"): <size_t><void *><winners_t>winners[doubles, GreatestKey],
    ("min", "f4"): <size_t><void *><winners_t>winners[floats, Least],
    ("min", "f8"): <size_t><void *><winners_t>winners[doubles, Least],
}

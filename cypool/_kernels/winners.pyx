"""Maxima and minima of small windows of float32, with the place that each comes from: from the input's rows straight to
the output and its indices.

As direct.pyx does without places. A vector of taps comes with one of their labels, and what wins takes its label along.
Taps meet in row-major order and only a greater one beats an earlier one, so that of equal taps the first stays; so does
the first NaN, which beats all numbers.
"""

from libc.math cimport NAN
from libc.stdint cimport int32_t, int64_t

from cypool._kernels.ahead cimport Ahead, fetch_lines, fetch_rows, next_rows, rows_ahead
from cypool._kernels.types cimport Direct, Greatest, Least, winners_t
from cypool._kernels.vectors cimport (
    LANES_32, advanced_32, all_32, beating_32, choices, chosen_32, evens_32, first_place_32, floats, in_order_32,
    load_32, load_one_32, odds_32, places_32, shifted_32, store_32, store_places_32, sum_32, sum_of_places_32,
    undercutting_32, unless_nan_32,
)

ctypedef fused extreme_t:
    Greatest
    Least

cdef enum:
    SIZE = 4                # bytes of an element

# Rows of a window, and what their labels are more than that of the first; by value, so that they stay in registers.
cdef struct Rows:
    const char *a
    const char *b
    const char *c
    const char *d
    int32_t labels[4]

cdef struct Best:
    floats value
    floats label


cdef inline Best tap_of(floats value, floats label) noexcept nogil:
    cdef Best best
    best.value = value
    best.label = label
    return best


cdef inline Best met(Best a, Best b, const extreme_t *rule) noexcept nogil:
    """What stays of two, the first of which comes earlier."""
    cdef choices wins = beating_32(b.value, a.value) if extreme_t is Greatest else undercutting_32(b.value, a.value)
    a.value = chosen_32(wins, b.value, a.value)
    a.label = chosen_32(wins, b.label, a.label)
    return a


cdef inline float one_nan(const extreme_t *rule) noexcept nogil:
    return <float>NAN if extreme_t is Greatest else <float>-NAN


cdef inline floats plain(floats v, const extreme_t *rule) noexcept nogil:
    """Values with one zero and one NaN, as keys.pyx has them: ties of which the first stays."""
    v = sum_32(v, all_32(0))
    return unless_nan_32(v, v, all_32(one_nan(rule)))


cdef inline Best of_row(const char *at, int32_t label, int32_t tap, Py_ssize_t taps, Py_ssize_t stride, bint first,
                        bint last, const extreme_t *rule) noexcept nogil:
    """A row's taps of a vector of windows that are side by side.

    Where the `first` window lacks its first tap, or the `last` one its last, the tap beside it comes twice.
    """
    cdef Py_ssize_t width = LANES_32 * SIZE
    cdef floats a, b, odd
    cdef Best best
    if stride == 2:
        a = load_32(at + (taps - 2) * SIZE)
        b = load_32(at + (taps - 2) * SIZE + width)
        odd = in_order_32(odds_32(a, b))
        best = tap_of(in_order_32(evens_32(a, b)), first_place_32(label + (taps - 2) * tap, 0))
        if taps == 3:
            best = met(tap_of(shifted_32(load_one_32(at + (SIZE if first else 0)), odd),
                              first_place_32(label, tap if first else 0)), best, rule)
        return met(best, tap_of(odd, first_place_32(label + (taps - 1) * tap, 0)), rule)
    a = load_32(at + SIZE)
    if first:
        best = tap_of(shifted_32(load_one_32(at + SIZE), a), first_place_32(label, tap))
    else:
        best = tap_of(load_32(at), first_place_32(label, 0))
    best = met(best, tap_of(a, first_place_32(label + tap, 0)), rule)
    b = advanced_32(a, load_one_32(at + width)) if last else load_32(at + 2 * SIZE)
    return met(best, tap_of(b, first_place_32(label + 2 * tap, 0)), rule)


cdef inline Best of_neighbours(const char *at, int32_t label, int32_t tap, Py_ssize_t taps, Py_ssize_t step,
                               const extreme_t *rule) noexcept nogil:
    """A row's taps of windows of neighbours that are pooled alike."""
    cdef Best best = tap_of(load_32(at), first_place_32(label, 0))
    if taps > 1:
        best = met(best, tap_of(load_32(at + step), first_place_32(label + tap, 0)), rule)
    if taps > 2:
        best = met(best, tap_of(load_32(at + 2 * step), first_place_32(label + 2 * tap, 0)), rule)
    if taps > 3:
        best = met(best, tap_of(load_32(at + 3 * step), first_place_32(label + 3 * tap, 0)), rule)
    return best


cdef inline void run_singles(float *out, int64_t *labels, Rows rows, Py_ssize_t n_rows, Py_ssize_t channel,
                             const Direct *how, const extreme_t *rule) noexcept nogil:
    """Fewer outputs than a vector has lanes, as at the ends of rows; of one channel where those are so few."""
    cdef const char *starts[4]
    cdef Py_ssize_t j, r, t, first, step = max(how.inner, <Py_ssize_t>1)
    cdef float best = 0, value
    cdef int64_t label = 0
    cdef const char *at
    starts[0], starts[1], starts[2], starts[3] = rows.a, rows.b, rows.c, rows.d
    for j in range(how.n):
        first = how.lacks_first and j == 0
        for r in range(n_rows):
            for t in range(first, how.taps - (how.lacks_last and j == how.n - 1)):
                at = starts[r] + j * how.output_step + t * how.tap_step + channel * SIZE
                value = (<const float *>at)[0]
                if (r == 0 and t == first) or (best == best and not (
                        value <= best if extreme_t is Greatest else value >= best)):
                    best = value
                    label = rows.labels[r] + t * how.tap_label
        out[j * step + channel] = one_nan(rule) if best != best else best + 0
        labels[j * step + channel] = how.label + j * how.output_label + label


cdef inline void run_row(char *out, int64_t *labels, Rows rows, Py_ssize_t n_rows, Py_ssize_t taps, Py_ssize_t stride,
                         Ahead ahead, const Direct *how, const extreme_t *rule) noexcept nogil:
    """A row of outputs. The last vector begins early enough to end with it."""
    cdef Py_ssize_t i = 0, at
    cdef int32_t tap = <int32_t>how.tap_label
    cdef floats places = places_32(<int32_t>how.output_label)
    cdef bint first, last
    cdef Best best
    while i < how.n:
        i = min(i, how.n - LANES_32)
        at = i * stride * SIZE
        first = how.lacks_first and i == 0
        last = how.lacks_last and i + LANES_32 == how.n
        fetch_rows(ahead, n_rows, at, stride * LANES_32 * SIZE)
        best = of_row(rows.a + at, rows.labels[0], tap, taps, stride, first, last, rule)
        if n_rows > 1:
            best = met(best, of_row(rows.b + at, rows.labels[1], tap, taps, stride, first, last, rule), rule)
        if n_rows > 2:
            best = met(best, of_row(rows.c + at, rows.labels[2], tap, taps, stride, first, last, rule), rule)
        if n_rows > 3:
            best = met(best, of_row(rows.d + at, rows.labels[3], tap, taps, stride, first, last, rule), rule)
        store_32(out + i * SIZE, plain(best.value, rule))
        store_places_32(labels + i, sum_of_places_32(best.label, places), how.label + i * how.output_label)
        i += LANES_32


cdef inline void run_inner(char *out, int64_t *labels, Rows rows, Py_ssize_t n_rows, Py_ssize_t taps, Ahead ahead,
                           const Direct *how, const extreme_t *rule) noexcept nogil:
    """A row of outputs of some neighbours each."""
    cdef Py_ssize_t j, c, at, step = how.tap_step
    cdef int32_t tap = <int32_t>how.tap_label
    cdef Best best
    for j in range(how.n):
        if ahead.n_rows == 1 and n_rows > 1:
            fetch_lines(ahead.first + j * how.output_step, how.output_step)
        c = 0
        while c < how.inner:
            c = min(c, how.inner - LANES_32)
            at = j * how.output_step + c * SIZE
            best = of_neighbours(rows.a + at, rows.labels[0], tap, taps, step, rule)
            if n_rows > 1:
                best = met(best, of_neighbours(rows.b + at, rows.labels[1], tap, taps, step, rule), rule)
            if n_rows > 2:
                best = met(best, of_neighbours(rows.c + at, rows.labels[2], tap, taps, step, rule), rule)
            if n_rows > 3:
                best = met(best, of_neighbours(rows.d + at, rows.labels[3], tap, taps, step, rule), rule)
            store_32(out + c * SIZE, plain(best.value, rule))
            store_places_32(labels + c, best.label, how.label + j * how.output_label)
            c += LANES_32
        out += how.inner * SIZE
        labels += how.inner


cdef inline void run_rows(char *out, Py_ssize_t out_step, char *labels, Py_ssize_t label_step, Rows rows,
                          Py_ssize_t n_rows, Py_ssize_t row_step, Py_ssize_t n_out_rows, Py_ssize_t taps,
                          Py_ssize_t stride, const Direct *how, const extreme_t *rule) noexcept nogil:
    cdef Py_ssize_t _i, channel
    cdef Ahead ahead = rows_ahead(rows.a, rows.b, rows.c, rows.d, n_rows, how)
    cdef Direct here = how[0]
    for _i in range(n_out_rows):
        if taps == 0:
            for channel in range(max(how.inner, <Py_ssize_t>1)):
                run_singles(<float *>out, <int64_t *>labels, rows, n_rows, channel, &here, rule)
        elif stride == 0:
            run_inner(out, <int64_t *>labels, rows, n_rows, taps, ahead, &here, rule)
        else:
            run_row(out, <int64_t *>labels, rows, n_rows, taps, stride, ahead, &here, rule)
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
                         const extreme_t *rule) noexcept nogil:
    """A loop for each kind of windows, in which the compiler knows their taps."""
    if (how.inner if how.inner > 0 else how.n) < LANES_32:
        run_rows(out, out_step, labels, label_step, rows, n_rows, row_step, n_out_rows, 0, 0, how, rule)
    elif how.inner > 0 and how.taps == 1:
        run_rows(out, out_step, labels, label_step, rows, n_rows, row_step, n_out_rows, 1, 0, how, rule)
    elif how.inner > 0 and how.taps == 2:
        run_rows(out, out_step, labels, label_step, rows, n_rows, row_step, n_out_rows, 2, 0, how, rule)
    elif how.inner > 0 and how.taps == 3:
        run_rows(out, out_step, labels, label_step, rows, n_rows, row_step, n_out_rows, 3, 0, how, rule)
    elif how.inner > 0:
        run_rows(out, out_step, labels, label_step, rows, n_rows, row_step, n_out_rows, 4, 0, how, rule)
    elif how.stride == 1:
        run_rows(out, out_step, labels, label_step, rows, n_rows, row_step, n_out_rows, 3, 1, how, rule)
    elif how.taps == 2:
        run_rows(out, out_step, labels, label_step, rows, n_rows, row_step, n_out_rows, 2, 2, how, rule)
    else:
        run_rows(out, out_step, labels, label_step, rows, n_rows, row_step, n_out_rows, 3, 2, how, rule)


cdef void winners(char *out, Py_ssize_t out_step, char *labels, Py_ssize_t label_step, const char **window_rows,
                  const int64_t *row_labels, Py_ssize_t n_rows, Py_ssize_t row_step, Py_ssize_t n_out_rows,
                  const Direct *how, const extreme_t *rule) noexcept nogil:
    """As direct() in direct.pyx: n_out_rows rows of windows, of up to four rows, whose labels are given."""
    cdef Rows rows
    cdef Py_ssize_t r
    rows.a = window_rows[0]
    rows.b = window_rows[1 if n_rows > 1 else 0]
    rows.c = window_rows[2 if n_rows > 2 else 0]
    rows.d = window_rows[3 if n_rows > 3 else 0]
    for r in range(n_rows):
        rows.labels[r] = <int32_t>(row_labels[r] - row_labels[0])
    if n_rows == 1:
        by_taps(out, out_step, labels, label_step, rows, 1, row_step, n_out_rows, how, rule)
    elif n_rows == 2:
        by_taps(out, out_step, labels, label_step, rows, 2, row_step, n_out_rows, how, rule)
    elif n_rows == 3:
        by_taps(out, out_step, labels, label_step, rows, 3, row_step, n_out_rows, how, rule)
    else:
        by_taps(out, out_step, labels, label_step, rows, 4, row_step, n_out_rows, how, rule)


# Addresses by rule.
WINNERS = {
    "max": <size_t><void *><winners_t>winners[Greatest],
    "min": <size_t><void *><winners_t>winners[Least],
}

"""Maxima and minima of floats and of integers of 64 bits, with the place that each comes from: of small windows, and of
any of neighbours that are pooled alike, from the input's rows straight to the output and its indices.

As direct.pyx does without places. A vector of taps comes with one of their labels, and what wins takes its label along.
Taps meet in row-major order and only a greater one beats an earlier one, so that of equal taps the first stays; so does
the first NaN, which beats all numbers. Integers go as the bits of doubles, and in keys, whose greatest wins.
"""

from libc.stdint cimport int64_t

from cypool._kernels.ahead cimport Ahead, fetch_lines, fetch_rows, next_rows, rows_ahead
from cypool._kernels.contests cimport GreatestKey, extreme_t, meet, put, put_one, taps_at, wins
from cypool._kernels.labels cimport place, places, sum_of_places
from cypool._kernels.types cimport Direct, Greatest, Least, winners_t
from cypool._kernels.vectors cimport advanced, doubles, evens, floats, lanes, odds, shifted, size, vector_t

# Rows of a window, and what their labels are more than that of the first; by value, so that they stay in registers.
cdef struct Rows:
    const char *a
    const char *b
    const char *c
    const char *d
    int64_t labels[4]


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


cdef void run_singles(char *out, int64_t *labels, const char **rows, const int64_t *row_labels, Py_ssize_t n_rows,
                      Py_ssize_t begin, Py_ssize_t channel, const Direct *how, const vector_t *kind,
                      const extreme_t *rule) noexcept nogil:
    """Fewer outputs than a vector has lanes, as at the ends of rows; of one channel where those are so few. Their first
    taps are so many bytes on in all rows."""
    cdef Py_ssize_t j, r, t, first, step = max(how.inner, <Py_ssize_t>1)
    cdef int64_t label = 0
    cdef const char *at
    cdef const char *best = rows[0] + begin
    for j in range(how.n):
        first = how.lacks_first and j == 0
        for r in range(n_rows):
            for t in range(first, how.taps - (how.lacks_last and j == how.n - 1)):
                at = rows[r] + begin + j * how.output_step + t * how.tap_step + channel * size(kind)
                if (r == 0 and t == first) or wins(at, best, kind, rule):
                    best = at
                    label = row_labels[r] - row_labels[0] + t * how.tap_label
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
        if how.ahead != 0 and ahead.n_rows == 1 and n_rows > 1:
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
    cdef Py_ssize_t _i
    cdef Ahead ahead = rows_ahead(rows.a, rows.b, rows.c, rows.d, n_rows, how)
    cdef Direct here = how[0]
    for _i in range(n_out_rows):
        if stride == 0:
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
    if how.inner > 0 and how.taps == 1:
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


cdef inline void many_neighbours(char *out, int64_t *labels, const char **rows, const int64_t *row_labels,
                                 Py_ssize_t n_rows, Py_ssize_t at, int64_t apart, const Direct *how,
                                 const vector_t *kind, const extreme_t *rule) noexcept nogil:
    """Four vectors of windows of any taps, a label apart from lane to lane: what one waits for, the others do."""
    cdef Py_ssize_t width = lanes(kind) * size(kind), r, t
    cdef int64_t base = how.label, step = apart * lanes(kind)
    cdef vector_t a, b, c, d, label, a_label, b_label, c_label, d_label
    cdef const char *tap = rows[0] + at
    a = taps_at(tap, False, kind, rule)
    b = taps_at(tap + width, False, kind, rule)
    c = taps_at(tap + 2 * width, False, kind, rule)
    d = taps_at(tap + 3 * width, False, kind, rule)
    a_label = b_label = c_label = d_label = label = place(0, 0, kind)
    for r in range(n_rows):
        for t in range(how.taps):
            tap = rows[r] + at + t * how.tap_step
            label = place(row_labels[r] - row_labels[0] + t * how.tap_label, 0, kind)
            meet(&a, &a_label, taps_at(tap, False, kind, rule), label, rule)
            meet(&b, &b_label, taps_at(tap + width, False, kind, rule), label, rule)
            meet(&c, &c_label, taps_at(tap + 2 * width, False, kind, rule), label, rule)
            meet(&d, &d_label, taps_at(tap + 3 * width, False, kind, rule), label, rule)
    label = places(apart, kind)
    put(out, labels, a, sum_of_places(a_label, label), base, rule)
    put(out + width, labels + lanes(kind), b, sum_of_places(b_label, label), base + step, rule)
    put(out + 2 * width, labels + 2 * lanes(kind), c, sum_of_places(c_label, label), base + 2 * step, rule)
    put(out + 3 * width, labels + 3 * lanes(kind), d, sum_of_places(d_label, label), base + 3 * step, rule)


cdef inline void some_neighbours(char *out, int64_t *labels, const char **rows, const int64_t *row_labels,
                                 Py_ssize_t n_rows, Py_ssize_t at, int64_t apart, const Direct *how,
                                 const vector_t *kind, const extreme_t *rule) noexcept nogil:
    """A vector of them."""
    cdef Py_ssize_t r, t
    cdef vector_t best = taps_at(rows[0] + at, False, kind, rule), label = place(0, 0, kind)
    for r in range(n_rows):
        for t in range(how.taps):
            meet(&best, &label, taps_at(rows[r] + at + t * how.tap_step, False, kind, rule),
                 place(row_labels[r] - row_labels[0] + t * how.tap_label, 0, kind), rule)
    put(out, labels, best, sum_of_places(label, places(apart, kind)), how.label, rule)


cdef void run_many(char *out, Py_ssize_t out_step, char *labels, Py_ssize_t label_step, const char **rows,
                   const int64_t *row_labels, Py_ssize_t n_rows, Py_ssize_t row_step, Py_ssize_t n_out_rows,
                   const Direct *how, const vector_t *kind, const extreme_t *rule) noexcept nogil:
    """Windows of any taps: of neighbours that are pooled alike, or at stride 1, which are neighbours themselves; and of
    either fewer than a vector has lanes."""
    cdef Py_ssize_t n = how.inner if how.inner > 0 else how.n, groups = how.n if how.inner > 0 else 1
    cdef int64_t apart = 0 if how.inner > 0 else how.output_label
    cdef Py_ssize_t i, j, c, at, step = size(kind)
    cdef Direct here = how[0]
    cdef char *results
    cdef int64_t *indices
    here.n = how.n // groups
    for i in range(n_out_rows):
        for j in range(groups):
            here.label = how.label + i * how.row_label + j * how.output_label
            results = out + i * out_step + j * n * step
            indices = <int64_t *>(labels + i * label_step) + j * n
            at = i * row_step + j * how.output_step
            c = 0
            if n < lanes(kind):
                while c < max(how.inner, <Py_ssize_t>1):
                    run_singles(results, indices, rows, row_labels, n_rows, at, c, &here, kind, rule)
                    c += 1
                continue
            while c < n:
                c = min(c, n - lanes(kind))
                here.label = how.label + i * how.row_label + j * how.output_label + c * apart
                if c + 4 * lanes(kind) <= n:
                    many_neighbours(results + c * step, indices + c, rows, row_labels, n_rows, at + c * step, apart,
                                    &here, kind, rule)
                    c += 4 * lanes(kind)
                else:
                    some_neighbours(results + c * step, indices + c, rows, row_labels, n_rows, at + c * step, apart,
                                    &here, kind, rule)
                    c += lanes(kind)


cdef void winners(char *out, Py_ssize_t out_step, char *labels, Py_ssize_t label_step, const char **window_rows,
                  const int64_t *row_labels, Py_ssize_t n_rows, Py_ssize_t row_step, Py_ssize_t n_out_rows,
                  const Direct *how, const vector_t *kind, const extreme_t *rule) noexcept nogil:
    """As direct() in direct.pyx: n_out_rows rows of windows, of rows whose labels are given."""
    cdef Rows rows
    cdef Py_ssize_t r
    cdef extreme_t given
    if extreme_t is GreatestKey:
        given.flip = how.flip
        rule = &given
    if (n_rows > 4 or how.taps > 4 or (how.inner == 0 and how.stride == 1 and how.taps != 3)
            or (how.inner if how.inner > 0 else how.n) < lanes(kind)):
        run_many(out, out_step, labels, label_step, window_rows, row_labels, n_rows, row_step, n_out_rows, how, kind,
                 rule)
        return
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

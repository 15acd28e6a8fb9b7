"""Sums and means of 16-bit floats over small windows, where channels come last: from the input straight to the output.

Taps are converted to float32 where they are added, and meet in the order in which passes over rows let them meet.
"""

from libc.math cimport NAN
from libc.stdint cimport uint16_t

from cypool._kernels.ahead cimport fetch_neighbours
from cypool._kernels.types cimport Direct, Division, bfloat_t, direct_t, half_t
from cypool._kernels.vectors cimport LANES_32, divided, floats, load_32, store_32, sum_32

cdef extern from "halves.h" nogil:
    floats of_halves(const char *row)
    floats of_bfloats(const char *row)
    void to_halves(char *row, floats v)
    void to_bfloats(char *row, floats v)

cdef extern from "numbers.h" nogil:
    float half_to_float(uint16_t bits)
    float bfloat_to_float(uint16_t bits)
    uint16_t float_to_half(float value)
    uint16_t float_to_bfloat(float value)

cdef enum:
    HALF = 2                # bytes
    SOME = 256              # neighbours

ctypedef fused short_t:
    half_t
    bfloat_t


cdef inline floats converted(const char *row, const short_t *kind) noexcept nogil:
    return of_halves(row) if short_t is half_t else of_bfloats(row)


cdef inline floats column(const char **rows, Py_ssize_t n_rows, Py_ssize_t at, const short_t *kind) noexcept nogil:
    """Neighbours of the window's rows, added up one after the other."""
    cdef floats sums = converted(rows[0] + at, kind)
    if n_rows > 1:
        sums = sum_32(sums, converted(rows[1] + at, kind))
    if n_rows > 2:
        sums = sum_32(sums, converted(rows[2] + at, kind))
    if n_rows > 3:
        sums = sum_32(sums, converted(rows[3] + at, kind))
    return sums


cdef inline floats across(const char **rows, Py_ssize_t n_rows, Py_ssize_t taps, Py_ssize_t at, Py_ssize_t step,
                          floats first, floats *last, const short_t *kind) noexcept nogil:
    """A window's columns, the first of which is given; `last` becomes the last one."""
    cdef floats sums = first
    if taps == 1:
        return sums
    last[0] = column(rows, n_rows, at + (taps - 1) * step, kind)
    if taps == 3:
        sums = sum_32(sums, column(rows, n_rows, at + step, kind))
    if taps == 4:
        sums = sum_32(sums, column(rows, n_rows, at + step, kind))
        return sum_32(sums, sum_32(column(rows, n_rows, at + 2 * step, kind), last[0]))
    return sum_32(sums, last[0])


cdef inline void run_row(char *out, const char **rows, Py_ssize_t n_rows, Py_ssize_t taps, const Direct *how,
                         const short_t *kind) noexcept nogil:
    """A row of outputs, some neighbours of all of them after the other; the last vector of neighbours begins early
    enough to end with them. A column that is a window's last and the next one's first is added up once, but for that
    last vector, whose columns are mostly the next window's already."""
    cdef float columns[SOME]
    cdef bint known, shares = taps == 3 and how.output_step == 2 * how.tap_step
    cdef Py_ssize_t begin = 0, end, j, c, at
    cdef floats v, last
    while begin < how.inner:
        begin = max(<Py_ssize_t>0, min(begin, how.inner - LANES_32))
        end = min(how.inner, begin + SOME)
        for j in range(how.n):
            if how.ahead != 0:
                fetch_neighbours(rows, n_rows, j * how.output_step + begin * HALF, (end - begin) * HALF, how)
            c = begin
            while c < end:
                known = shares and j > 0 and c + LANES_32 <= end
                c = min(c, end - LANES_32)
                at = j * how.output_step + c * HALF
                if known:
                    v = load_32(<const char *>(columns + c - begin))
                else:
                    v = column(rows, n_rows, at, kind)
                v = across(rows, n_rows, taps, at, how.tap_step, v, &last, kind)
                if shares:
                    store_32(<char *>(columns + c - begin), last)
                v = divided(v, how.divisors + 4 * j if how.divisors != NULL else NULL, True, how)
                at = (j * how.inner + c) * HALF
                if short_t is half_t:
                    to_halves(out + at, v)
                else:
                    to_bfloats(out + at, v)
                c += LANES_32
        begin = end


cdef inline float single(const char **rows, Py_ssize_t n_rows, Py_ssize_t at, const short_t *kind) noexcept nogil:
    """One element of a column."""
    cdef float total = 0, tap
    cdef Py_ssize_t r
    for r in range(n_rows):
        if short_t is half_t:
            tap = half_to_float((<const uint16_t *>(rows[r] + at))[0])
        else:
            tap = bfloat_to_float((<const uint16_t *>(rows[r] + at))[0])
        total = tap if r == 0 else total + tap
    return total


cdef inline void run_few(char *out, const char **rows, Py_ssize_t n_rows, const Direct *how,
                         const short_t *kind) noexcept nogil:
    """A row of outputs of fewer neighbours than a vector has lanes: what a tile of very many may leave."""
    cdef Py_ssize_t j, c, t, at
    cdef float columns[4]
    cdef float total
    for j in range(how.n):
        for c in range(how.inner):
            at = j * how.output_step + c * HALF
            for t in range(how.taps):
                columns[t] = single(rows, n_rows, at + t * how.tap_step, kind)
            total = columns[0]
            if how.taps > 1:
                total += columns[1]
            if how.taps == 3:
                total += columns[2]
            elif how.taps == 4:
                total += columns[2] + columns[3]
            if how.division == Division.PRODUCT:
                total *= <float>how.factor
            elif how.division == Division.QUOTIENT:
                total /= <float>how.divisor
            elif how.division == Division.QUOTIENTS:
                total /= (<const float *>how.divisors)[j]
            total = total if total == total else <float>NAN
            if short_t is half_t:
                (<uint16_t *>(out + c * HALF))[0] = float_to_half(total)
            else:
                (<uint16_t *>(out + c * HALF))[0] = float_to_bfloat(total)
        out += how.inner * HALF


cdef void short_means(char *out, Py_ssize_t out_step, const char **window_rows, Py_ssize_t n_rows, Py_ssize_t row_step,
                      Py_ssize_t n_out_rows, const Direct *shared, const short_t *kind,
                      const void *rule) noexcept nogil:
    """n_out_rows rows of windows, as direct() in direct.pyx takes them."""
    cdef const char *rows[4]
    cdef Py_ssize_t _i, r
    how = shared[0]
    for r in range(4):
        rows[r] = window_rows[min(r, n_rows - 1)]
    for _i in range(n_out_rows):
        # The compiler knows the taps of the commonest windows.
        if how.inner < LANES_32:
            run_few(out, rows, n_rows, &how, kind)
        elif n_rows == 3 and how.taps == 3:
            run_row(out, rows, 3, 3, &how, kind)
        elif n_rows == 2 and how.taps == 2:
            run_row(out, rows, 2, 2, &how, kind)
        else:
            run_row(out, rows, n_rows, how.taps, &how, kind)
        out += out_step
        for r in range(4):
            rows[r] += row_step
        if how.divisors != NULL:
            how.divisors += how.divisors_step


# Addresses by element.
SHORT_MEANS = {
    "f2": <size_t><void *><direct_t>short_means[half_t],
    "bf2": <size_t><void *><direct_t>short_means[bfloat_t],
}

"""Maxima and minima of blocks of 16-bit numbers: windows of two or four taps a row that lie side by side, from the
input's rows straight to the output.

The order is that of integers with a sign: an exclusive or turns unsigned ones, and those whose least is sought, into
such; floats become keys, see keys.pyx.
"""

from libc.stdint cimport int16_t

from cypool._kernels.ahead cimport Ahead, fetch_rows, next_rows, rows_ahead
from cypool._kernels.types cimport Direct, direct_t

cdef extern from "numbers.h" nogil:
    int16_t order_16(int16_t bits)

cdef extern from "wholes.h" nogil:
    ctypedef struct wholes:
        pass
    Py_ssize_t WHOLE_BYTES
    wholes load_wholes(const char *row)
    void store_wholes(char *row, wholes v)
    wholes all_16(int16_t value)
    wholes either_bits(wholes a, wholes b)
    wholes order_of_16(wholes v)
    wholes sum_16(wholes a, wholes b)
    wholes difference_16(wholes a, wholes b)
    wholes greater_i16(wholes a, wholes b)
    wholes pairs_greater_i16(wholes a, wholes b)

cdef struct Whole:
    char unused

cdef struct Real:
    char unused

ctypedef fused number_t:
    Whole
    Real

cdef enum:
    SIZE = 2                # bytes of an element


# By value, so that all of it stays in registers.
cdef struct Blocks:
    const char *a
    const char *b
    const char *c
    const char *d
    wholes flip
    wholes bias


cdef inline wholes key(const char *row, Blocks blocks, const number_t *kind) noexcept nogil:
    if number_t is Real:
        return sum_16(either_bits(order_of_16(load_wholes(row)), blocks.flip), blocks.bias)
    else:
        return either_bits(load_wholes(row), blocks.flip)


cdef inline wholes column(Blocks blocks, Py_ssize_t n_rows, Py_ssize_t at, const number_t *kind) noexcept nogil:
    """The greatest keys of the window's rows."""
    cdef wholes result = key(blocks.a + at, blocks, kind)
    if n_rows > 1:
        result = greater_i16(result, key(blocks.b + at, blocks, kind))
    if n_rows > 2:
        result = greater_i16(result, key(blocks.c + at, blocks, kind))
        result = greater_i16(result, key(blocks.d + at, blocks, kind))
    return result


cdef inline wholes of_pairs(Blocks blocks, Py_ssize_t n_rows, Py_ssize_t at, const number_t *kind) noexcept nogil:
    return pairs_greater_i16(column(blocks, n_rows, at, kind), column(blocks, n_rows, at + WHOLE_BYTES, kind))


cdef inline void run_few(int16_t *out, Blocks blocks, Py_ssize_t n_rows, Py_ssize_t taps, const Direct *how,
                         const number_t *kind) noexcept nogil:
    """A row of fewer outputs than a vector holds."""
    cdef const char *rows[4]
    cdef int16_t flip = <int16_t>how.flip, bias = <int16_t>how.bias, best, value
    cdef Py_ssize_t i, r, t
    rows[0], rows[1], rows[2], rows[3] = blocks.a, blocks.b, blocks.c, blocks.d
    for i in range(how.n):
        best = -32768
        for r in range(n_rows):
            for t in range(taps):
                value = (<const int16_t *>rows[r])[i * taps + t]
                if number_t is Real:
                    value = order_16(value)
                value = <int16_t>((value ^ flip) + bias)
                best = value if value > best else best
        best = <int16_t>((<int16_t>(best - bias)) ^ flip)
        if number_t is Real:
            best = order_16(best)
        out[i] = best


cdef inline void run_row(char *out, Blocks blocks, Py_ssize_t n_rows, Py_ssize_t taps, Ahead ahead, const Direct *how,
                         const number_t *kind) noexcept nogil:
    """A row of outputs. The last vector begins early enough to end with it."""
    cdef Py_ssize_t lanes = WHOLE_BYTES // SIZE, i = 0, at
    cdef wholes result
    if how.n < lanes:
        run_few(<int16_t *>out, blocks, n_rows, taps, how, kind)
        return
    while i < how.n:
        i = min(i, how.n - lanes)
        at = i * taps * SIZE
        fetch_rows(ahead, n_rows, at, taps * WHOLE_BYTES)
        result = of_pairs(blocks, n_rows, at, kind)
        if taps == 4:
            result = pairs_greater_i16(result, of_pairs(blocks, n_rows, at + 2 * WHOLE_BYTES, kind))
        if number_t is Real:
            result = order_of_16(either_bits(difference_16(result, blocks.bias), blocks.flip))
        else:
            result = either_bits(result, blocks.flip)
        store_wholes(out + i * SIZE, result)
        i += lanes


cdef inline void run_rows(char *out, Py_ssize_t out_step, Blocks blocks, Py_ssize_t n_rows, Py_ssize_t row_step,
                          Py_ssize_t n_out_rows, Py_ssize_t taps, const Direct *how,
                          const number_t *kind) noexcept nogil:
    cdef Py_ssize_t _i
    cdef Ahead ahead = rows_ahead(blocks.a, blocks.b, blocks.c, blocks.d, n_rows, how)
    cdef Direct here = how[0]
    for _i in range(n_out_rows):
        run_row(out, blocks, n_rows, taps, ahead, &here, kind)
        out += out_step
        ahead = next_rows(ahead, row_step)
        blocks.a += row_step
        blocks.b += row_step
        blocks.c += row_step
        blocks.d += row_step


cdef inline void by_taps(char *out, Py_ssize_t out_step, Blocks blocks, Py_ssize_t n_rows, Py_ssize_t row_step,
                         Py_ssize_t n_out_rows, const Direct *how, const number_t *kind) noexcept nogil:
    if how.taps == 2:
        run_rows(out, out_step, blocks, n_rows, row_step, n_out_rows, 2, how, kind)
    else:
        run_rows(out, out_step, blocks, n_rows, row_step, n_out_rows, 4, how, kind)


cdef void block_maxima(char *out, Py_ssize_t out_step, const char **rows, Py_ssize_t n_rows, Py_ssize_t row_step,
                       Py_ssize_t n_out_rows, const Direct *how, const number_t *kind, const void *rule) noexcept nogil:
    """As direct() in direct.pyx, for blocks without a border, of one row, two or four."""
    cdef Blocks blocks
    blocks.a = rows[0]
    blocks.b = rows[1 if n_rows > 1 else 0]
    blocks.c = rows[2 if n_rows > 2 else 0]
    blocks.d = rows[3 if n_rows > 3 else 0]
    blocks.flip = all_16(<int16_t>how.flip)
    blocks.bias = all_16(<int16_t>how.bias)
    if n_rows == 1:
        by_taps(out, out_step, blocks, 1, row_step, n_out_rows, how, kind)
    elif n_rows == 2:
        by_taps(out, out_step, blocks, 2, row_step, n_out_rows, how, kind)
    else:
        by_taps(out, out_step, blocks, 4, row_step, n_out_rows, how, kind)


# Addresses by what the elements are.
BLOCK_MAXIMA = {} if WHOLE_BYTES == 0 else {
    "integers": <size_t><void *><direct_t>block_maxima[Whole],
    "floats": <size_t><void *><direct_t>block_maxima[Real],
}

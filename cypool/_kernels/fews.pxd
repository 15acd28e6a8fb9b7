# Windows of less than eight taps along a row, whose taps meet as in combine.pyx: many at once, a vector for each tap,
# or each by itself.

from cypool._kernels.types cimport rule_t
from cypool._kernels.vectors cimport (
    evens, floats, fours_32, fours_64, lanes, load, merge, odds, size, store, vector_t,
)


cdef inline void merge_singly(char *acc, const char *row, Py_ssize_t taps, Py_ssize_t step, const vector_t *kind,
                              const rule_t *rule) noexcept nogil:
    """A window of one tap or more, `step` bytes apart: the first four by twos, then one after the other."""
    cdef vector_t v = load(row, True, kind)
    cdef Py_ssize_t t, done = 1
    if taps > 1:
        v = merge(v, load(row + step, True, kind), rule)
        done = 2
    if taps > 3:
        v = merge(v, merge(load(row + 2 * step, True, kind), load(row + 3 * step, True, kind), rule), rule)
        done = 4
    for t in range(done, taps):
        v = merge(v, load(row + t * step, True, kind), rule)
    store(acc, v, True)


cdef inline void fours(vector_t *columns, const char *rows, Py_ssize_t step) noexcept nogil:
    """Four elements of as many rows as a vector has lanes, `step` bytes apart: a vector for each place."""
    if vector_t is floats:
        fours_32(columns, rows, step)
    else:
        fours_64(columns, rows, step)


cdef inline vector_t last_of(const vector_t *columns, Py_ssize_t n, vector_t v, bint fresh,
                             const rule_t *rule) noexcept nogil:
    """The last one to three of four columns joined to v, or by themselves."""
    if n == 1:
        return columns[3] if fresh else merge(v, columns[3], rule)
    if n == 2:
        v = columns[2] if fresh else merge(v, columns[2], rule)
        return merge(v, columns[3], rule)
    v = columns[1] if fresh else merge(v, columns[1], rule)
    return merge(merge(v, columns[2], rule), columns[3], rule)


cdef inline void fold_few(char *acc, const char *row, Py_ssize_t taps, Py_ssize_t stride, bint last,
                          const vector_t *kind, const rule_t *rule) noexcept nogil:
    """As many windows as a vector has lanes. Of those with less than four taps, what comes behind them is read as well;
    if they are the last ones, what comes before."""
    cdef vector_t columns[4]
    cdef vector_t v
    if last and taps < 4:
        fours(columns, row - (4 - taps) * size(kind), stride)
        store(acc, last_of(columns, taps, columns[0], True, rule), False)
        return
    fours(columns, row, stride)
    v = columns[0]
    if taps > 1:
        v = merge(v, columns[1], rule)
    if taps == 3:
        v = merge(v, columns[2], rule)
    elif taps > 3:
        v = merge(v, merge(columns[2], columns[3], rule), rule)
    if taps > 4:
        fours(columns, row + (taps - 4) * size(kind), stride)
        v = last_of(columns, taps - 4, v, False, rule)
    store(acc, v, False)


cdef inline void fold_fews(char *acc, const char *row, Py_ssize_t taps, Py_ssize_t n, Py_ssize_t stride,
                           const vector_t *kind, const rule_t *rule) noexcept nogil:
    """More windows than a vector has lanes, three elements apart or more. The last ones begin early enough to end with
    the row."""
    cdef Py_ssize_t w = 0
    while w + lanes(kind) < n:
        fold_few(acc + w * size(kind), row + w * stride, taps, stride, False, kind, rule)
        w += lanes(kind)
    w = n - lanes(kind)
    fold_few(acc + w * size(kind), row + w * stride, taps, stride, True, kind, rule)


cdef inline void every_other(char *out, const char *row, Py_ssize_t n, const vector_t *kind) noexcept nogil:
    """More elements than a vector has lanes. The last ones are read with what lies before each."""
    cdef Py_ssize_t i = 0, width = lanes(kind) * size(kind)
    cdef const char *last = row + (2 * n - 1) * size(kind) - 2 * width
    while i + lanes(kind) < n:
        store(out + i * size(kind), evens(load(row, False, kind), load(row + width, False, kind)), False)
        row += 2 * width
        i += lanes(kind)
    store(out + (n - lanes(kind)) * size(kind), odds(load(last, False, kind), load(last + width, False, kind)), False)

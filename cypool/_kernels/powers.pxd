# Sums of powers of doubles, for norms of whole orders, and the rows that they are of.

from cypool._kernels.types cimport MAX_PIECE

cdef extern from "powers.h" nogil:
    double raised(double value, int order)

cdef enum:
    MOST_PRODUCTS = 6           # norms of whole orders up to this are of products

# Of which order a norm is, the usual ones apart.
cdef struct First:
    char unused

cdef struct Second:
    char unused

cdef struct Other:
    char unused

ctypedef fused order_t:
    First
    Second
    Other

ctypedef void (*widen_t)(double *out, const char *row, Py_ssize_t n) noexcept nogil


# Rows of n taps, and what makes them doubles; NULL where they are.
cdef struct Taps:
    const char **rows
    Py_ssize_t n_rows
    Py_ssize_t n
    widen_t widen


cdef inline const double *wide(const Taps *taps, Py_ssize_t r, double *scratch) noexcept nogil:
    """A row as doubles: itself, or in scratch."""
    if taps.widen == NULL:
        return <const double *>taps.rows[r]
    taps.widen(scratch, taps.rows[r], taps.n)
    return scratch


cdef inline int whole_order(double p) noexcept nogil:
    """The order of a norm that is of products, or 0."""
    return <int>p if 1 <= p <= MOST_PRODUCTS and p == <int>p else 0


cdef inline double power(double value, int whole, const order_t *order) noexcept nogil:
    if order_t is First:
        return raised(value, 1)
    elif order_t is Second:
        return raised(value, 2)
    else:
        return raised(value, whole)


cdef inline void add_powers(double *totals, const Taps *taps, bint fresh, int whole,
                            const order_t *order) noexcept nogil:
    """Sums of powers that need neither a scale nor a count."""
    cdef double a_wide[MAX_PIECE]
    cdef double b_wide[MAX_PIECE]
    cdef double c_wide[MAX_PIECE]
    cdef double d_wide[MAX_PIECE]
    cdef const double *a
    cdef const double *b
    cdef const double *c
    cdef const double *d
    cdef Py_ssize_t n_rows = taps.n_rows, n = taps.n, i, r = 0
    if fresh:
        a = wide(taps, 0, a_wide)
        if n_rows == 1:
            for i in range(n):
                totals[i] = power(a[i], whole, order)
            return
        b = wide(taps, 1, b_wide)
        for i in range(n):
            totals[i] = power(a[i], whole, order) + power(b[i], whole, order)
        r = 2
    while r + 3 < n_rows:
        a = wide(taps, r, a_wide)
        b = wide(taps, r + 1, b_wide)
        c = wide(taps, r + 2, c_wide)
        d = wide(taps, r + 3, d_wide)
        for i in range(n):
            totals[i] += ((power(a[i], whole, order) + power(b[i], whole, order))
                          + (power(c[i], whole, order) + power(d[i], whole, order)))
        r += 4
    while r < n_rows:
        a = wide(taps, r, a_wide)
        for i in range(n):
            totals[i] += power(a[i], whole, order)
        r += 1


cdef inline bint trusted(double total) noexcept nogil:
    """Whether a sum of products is as good as one of scaled taps: none of these has overflown, nor has one that matters
    lost bits. A sum that is NaN is."""
    return not (total < 1e-250 or total > 1e300)


cdef inline bint all_trusted(const double *totals, Py_ssize_t n) noexcept nogil:
    cdef bint outside = False
    cdef Py_ssize_t i
    for i in range(n):
        outside |= (totals[i] < 1e-250) | (totals[i] > 1e300)
    return not outside

# Sums of powers that are products, or another kernel's (powers.pyx), the rows that they are of, and their roots: norms.

from libc.math cimport INFINITY, fabs, pow, sqrt
from libc.stdint cimport uint64_t
from libc.string cimport memcpy

from cypool._kernels.doubles cimport number_t, put, separate_t, widened
from cypool._kernels.types cimport MAX_PIECE, Finishing, Loading

cdef extern from "numbers.h" nogil:
    double bits_double(uint64_t bits)
    uint64_t MARK "CYPOOL_MARK"

cdef extern from "powers.h" nogil:
    double raised(double value, int order)
    double never_lost(double value, double power)
    double exact_root(double total, int order)

cdef enum:
    MAX_ROWS = 16               # whose powers are added up at once
    MOST_PRODUCTS = 6           # norms of whole orders up to this are of products

# Of which order a norm is, the usual ones apart.
cdef struct First:
    char unused

cdef struct Second:
    char unused

cdef struct Half:
    char unused

cdef struct Other:
    char unused

ctypedef fused order_t:
    First
    Second
    Half
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
        return never_lost(value, raised(value, 2))
    elif order_t is Half:
        return sqrt(fabs(value))
    else:
        return never_lost(value, raised(value, whole))


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


cdef inline void add_any_powers(double *totals, const Taps *taps, bint fresh, int whole) noexcept nogil:
    """Those of a whole order, or if that is 0 of order 1/2."""
    if whole == 0:
        add_powers(totals, taps, fresh, 0, <Half *>NULL)
    elif whole == 1:
        add_powers(totals, taps, fresh, 1, <First *>NULL)
    elif whole == 2:
        add_powers(totals, taps, fresh, 2, <Second *>NULL)
    else:
        add_powers(totals, taps, fresh, whole, <Other *>NULL)


cdef inline bint trusted(double total) noexcept nogil:
    """Whether a sum of products is as good as one of scaled taps: none of these has overflown, nor has one that matters
    lost bits. A sum that is NaN is."""
    return not (total < 1e-250 or total > 1e300)


cdef inline bint within_roots(double root) noexcept nogil:
    """Whether a root is not one that fine_power may take for too large or too small. One that is NaN is."""
    return not (root < 1e-300 or root > 1e300)


cdef inline bint all_trusted(const double *totals, Py_ssize_t n) noexcept nogil:
    cdef bint outside = False
    cdef Py_ssize_t i
    for i in range(n):
        outside |= (totals[i] < 1e-250) | (totals[i] > 1e300)
    return not outside


# Sums that need no scale, as accumulators that any walk adds up.

cdef inline void load_power_rows(double *acc, const Taps *taps, bint fresh,
                                 const Loading *how) noexcept nogil:
    """Sums of powers that need no scale."""
    cdef double scratch[MAX_PIECE]
    cdef double powers[MAX_PIECE]
    cdef Py_ssize_t n = taps.n, r, i
    if how.powers == NULL:
        add_any_powers(acc, taps, fresh, whole_order(how.parameter))
        return
    if fresh:
        how.powers(acc, wide(taps, 0, scratch), n, how.parameter)
    for r in range(fresh, taps.n_rows):
        how.powers(powers, wide(taps, r, scratch), n, how.parameter)
        for i in range(n):
            acc[i] += powers[i]


cdef inline void load_powers(double *acc, const number_t **rows, Py_ssize_t n_rows, Py_ssize_t n, bint fresh,
                             const Loading *how) noexcept nogil:
    """Rows of any length, whose powers are accumulators."""
    cdef const char *at[MAX_ROWS]
    cdef Taps taps
    cdef Py_ssize_t first = 0, done, r
    taps.rows, taps.widen = at, NULL
    if number_t is not double:
        taps.widen = <widen_t>widened[number_t]
    while first < n_rows:
        taps.n_rows = min(n_rows - first, <Py_ssize_t>MAX_ROWS)
        done = 0
        while done < n:
            taps.n = min(n - done, <Py_ssize_t>MAX_PIECE)
            for r in range(taps.n_rows):
                at[r] = <const char *>(rows[first + r] + done)
            load_power_rows(acc + done, &taps, fresh and first == 0, how)
            done += taps.n
        first += taps.n_rows


cdef inline void take_roots(separate_t roots, const double *totals, Py_ssize_t n, const Finishing *how) noexcept nogil:
    """Roots of sums of powers."""
    cdef double p = how.parameter
    cdef int whole = whole_order(p)
    cdef Py_ssize_t i
    if p == 1 or p == INFINITY:
        memcpy(roots, totals, <size_t>n * sizeof(double))
    elif p == 2:
        for i in range(n):
            roots[i] = sqrt(totals[i])
    elif p == 0.5:
        for i in range(n):
            roots[i] = totals[i] * totals[i]
    elif how.roots != NULL:
        how.roots(roots, totals, n, p)
    elif whole:
        for i in range(n):
            roots[i] = exact_root(totals[i], whole)
    else:
        for i in range(n):
            roots[i] = pow(totals[i], 1 / p)


cdef inline void finish_open_powers(double *out, char *labels, const double *acc, const char *acc2, Py_ssize_t n,
                                    const Finishing *how) noexcept nogil:
    """Roots of sums of powers of doubles. Those that are not trusted get a mark: they are to be found another way."""
    cdef double roots[MAX_PIECE]
    cdef Py_ssize_t done = 0, some, i
    cdef double total, root
    while done < n:
        some = min(n - done, <Py_ssize_t>MAX_PIECE)
        take_roots(roots, acc + done, some, how)
        for i in range(some):
            total = acc[done + i]
            put(&root, roots[i])
            # Roots have less room than sums at either end.
            out[done + i] = root if (trusted(total) & within_roots(root)) | (total == 0) else bits_double(MARK)
        done += some

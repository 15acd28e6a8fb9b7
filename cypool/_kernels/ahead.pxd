# What later windows read is fetched while windows are made, in the order of memory.
#
# The rows of a window are walked side by side, but where they lie in one page a processor does not foresee that: with
# rows of 512 to 4096 bytes beyond the cache, means of 2x2 bytes took twice to two and a half times as long as with rows
# that are fetched one after the other.

from cypool._kernels.types cimport Direct

cdef extern from "vectors.h" nogil:
    void fetch(const char *address)
    void keep_fetches()


# Where the rows begin that are to be fetched, and how many of them follow each other; by value, so that all of it stays
# in registers. Windows of four rows have them in two places: of two planes, or the first two and the last two.
cdef struct Ahead:
    const char *first
    const char *second
    Py_ssize_t n_rows


cdef inline const char *chosen(const char *a, const char *b, const char *c, const char *d, Py_ssize_t i) noexcept nogil:
    return a if i == 0 else b if i == 1 else c if i == 2 else d


cdef inline Ahead rows_ahead(const char *a, const char *b, const char *c, const char *d, Py_ssize_t n_rows,
                             const Direct *how) noexcept nogil:
    """For windows of up to four rows, of which only those are fetched that the row of windows before has not read."""
    cdef Ahead ahead
    cdef Py_ssize_t i = how.plane_rows - how.fresh_rows
    ahead.first = chosen(a, b, c, d, i) + how.ahead
    ahead.second = chosen(a, b, c, d, i + min(how.plane_rows, <Py_ssize_t>2)) + how.ahead
    ahead.n_rows = min(how.fresh_rows, <Py_ssize_t>2) if n_rows == 4 else how.fresh_rows
    return ahead


cdef inline Ahead next_rows(Ahead ahead, Py_ssize_t row_step) noexcept nogil:
    ahead.first += row_step
    ahead.second += row_step
    return ahead


cdef inline void fetch_lines(const char *row, Py_ssize_t n_bytes) noexcept nogil:
    cdef Py_ssize_t line
    for line in range(0, n_bytes, 64):      # bytes of a line of the cache
        fetch(row + line)


cdef inline void fetch_rows(Ahead ahead, Py_ssize_t n_rows, Py_ssize_t begin, Py_ssize_t n_bytes) noexcept nogil:
    """As much as windows of n_rows rows read that take n_bytes of each, from `begin` on. How much that is the compiler
    should know: it is two rows, as nearly always, where there are two or more."""
    cdef Py_ssize_t times = 1 if n_rows == 1 else 2
    fetch_lines(ahead.first + ahead.n_rows * begin, times * n_bytes)
    if n_rows == 4:
        fetch_lines(ahead.second + ahead.n_rows * begin, times * n_bytes)


cdef inline void fetch_neighbours(const char **rows, Py_ssize_t n_rows, Py_ssize_t at, Py_ssize_t n_bytes,
                                  const Direct *how) noexcept nogil:
    """For windows of neighbours `at` some bytes of their rows: n_bytes of each tap that those before have not read."""
    cdef Py_ssize_t r, t
    keep_fetches()
    for r in range(n_rows):
        if r % how.plane_rows >= how.plane_rows - how.fresh_rows:
            for t in range(max(<Py_ssize_t>0, how.taps - how.stride), how.taps):
                fetch_lines(rows[r] + at + t * how.tap_step + how.ahead, n_bytes)

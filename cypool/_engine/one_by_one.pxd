# Values to where indices say, one by one: each is met in its turn, and added to what is there, or put.

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memset

from cypool._engine.scatter cimport Dim, Planes, Work

cdef enum:
    CLEAR_BYTES = 32768              # cleared at once, so that what is added next finds it in cache

ctypedef fused value_t:
    float
    double
    uint8_t
    uint16_t
    uint32_t
    uint64_t


cdef inline void clear(const Planes *planes, Work *work, uint64_t wanted, Py_ssize_t itemsize) noexcept nogil:
    """Clear the planes up to position `wanted`, and somewhat further."""
    cdef Py_ssize_t run = work.n_tiled * itemsize
    cdef uint64_t position
    cdef uint64_t end = min(planes.plane_size, max(wanted, work.cleared + <uint64_t>(CLEAR_BYTES // planes.unit)))
    if run == planes.unit:
        memset(work.target + work.cleared * <uint64_t>planes.unit, 0, <size_t>((end - work.cleared) * <uint64_t>run))
    else:
        for position in range(work.cleared, end):
            memset(work.target + position * <uint64_t>planes.unit, 0, <size_t>run)
    work.cleared = end


cdef inline bint find_place(const Planes *planes, Work *work, uint64_t index, Py_ssize_t itemsize,
                            Py_ssize_t *offset) noexcept nogil:
    """Bytes from the planes' corner to position `index`; False if it is outside. For what is not simply cleared."""
    cdef int axis
    if index >= planes.plane_size:
        work.inside = False
        return False
    if planes.unit:
        if index >= work.cleared:
            clear(planes, work, index + 1, itemsize)
        offset[0] = <Py_ssize_t>index * planes.unit
        return True
    offset[0] = 0
    for axis in range(planes.n_pooled - 1, -1, -1):
        offset[0] += <Py_ssize_t>(index % <uint64_t>planes.lengths[axis]) * planes.pooled[axis].target
        index //= <uint64_t>planes.lengths[axis]
    return True


cdef inline void to_place(char *target, const char *value, const value_t *kind) noexcept nogil:
    if value_t is float or value_t is double:
        (<value_t *>target)[0] += (<const value_t *>value)[0]
    else:
        (<value_t *>target)[0] = (<const value_t *>value)[0]


cdef inline uint64_t index_at(const char *i, Py_ssize_t j, Py_ssize_t step) noexcept nogil:
    return <uint64_t>(<const int64_t *>(i + j * step))[0]


cdef inline Py_ssize_t to_cleared(char *target, const char *v, const char *i, Py_ssize_t n, Py_ssize_t value_step,
                                  Py_ssize_t index_step, Py_ssize_t target_step, Py_ssize_t unit, uint64_t cleared,
                                  const value_t *kind) noexcept nogil:
    """Values to what has been cleared, up to the first that goes elsewhere; gives its number. A loop of its own, which
    leaves registers enough."""
    cdef Py_ssize_t j = 0
    cdef uint64_t a, b, c, d
    while j + 4 <= n:
        a, b = index_at(i, 0, index_step), index_at(i, 1, index_step)
        c, d = index_at(i, 2, index_step), index_at(i, 3, index_step)
        if a >= cleared or b >= cleared or c >= cleared or d >= cleared:
            break
        to_place(target + <Py_ssize_t>a * unit, v, kind)
        to_place(target + target_step + <Py_ssize_t>b * unit, v + value_step, kind)
        to_place(target + 2 * target_step + <Py_ssize_t>c * unit, v + 2 * value_step, kind)
        to_place(target + 3 * target_step + <Py_ssize_t>d * unit, v + 3 * value_step, kind)
        target += 4 * target_step
        v += 4 * value_step
        i += 4 * index_step
        j += 4
    while j < n:
        a = index_at(i, 0, index_step)
        if a >= cleared:
            break
        to_place(target + <Py_ssize_t>a * unit, v, kind)
        target += target_step
        v += value_step
        i += index_step
        j += 1
    return j


cdef inline void scatter_apart(const Planes *planes, Work *work, char *target, const char *v, const char *i,
                               Py_ssize_t n, Py_ssize_t value_step, Py_ssize_t index_step, Py_ssize_t target_step,
                               Py_ssize_t unit, const value_t *kind) noexcept nogil:
    """Scatter n values that lie value_step bytes apart, the first of them to the plane at `target`; the planes of two
    neighbours are target_step bytes apart, and two indices `unit` bytes, as planes.unit says."""
    cdef Py_ssize_t j = 0, offset
    while True:
        j += to_cleared(target + j * target_step, v + j * value_step, i + j * index_step, n - j, value_step,
                        index_step, target_step, unit, work.cleared if planes.unit else 0, kind)
        if j >= n:
            return
        if find_place(planes, work, <uint64_t>(<const int64_t *>(i + j * index_step))[0], sizeof(value_t), &offset):
            to_place(target + j * target_step + offset, v + j * value_step, kind)
        j += 1


cdef inline void scatter_row(const Planes *planes, Work *work, char *target, const char *v, const char *i, Py_ssize_t n,
                             const Dim *step, Py_ssize_t target_step, const value_t *kind) noexcept nogil:
    """The same of what `step` says, mostly neighbours: a loop that knows its steps has registers enough."""
    cdef bint neighbours = step.value == sizeof(value_t) and step.index == sizeof(int64_t)
    if neighbours and target_step == 0 and planes.unit == sizeof(value_t):
        # No multiplication: an address that comes late keeps what follows waiting.
        scatter_apart(planes, work, target, v, i, n, sizeof(value_t), sizeof(int64_t), 0, sizeof(value_t), kind)
    elif neighbours and target_step == sizeof(value_t):
        scatter_apart(planes, work, target, v, i, n, sizeof(value_t), sizeof(int64_t), sizeof(value_t), planes.unit,
                      kind)
    else:
        scatter_apart(planes, work, target, v, i, n, step.value, step.index, target_step, planes.unit, kind)


cdef inline Py_ssize_t rows_to_cleared(char *target, const char *v, const char *i, const Dim *run, Py_ssize_t n,
                                       Py_ssize_t n_rows, Py_ssize_t unit, uint64_t cleared,
                                       const value_t *kind) noexcept nogil:
    """Rows of n neighbours to what has been cleared; gives how many elements went before the first that goes elsewhere.
    The same as to_cleared() for each row, which takes as long as some values besides."""
    cdef Py_ssize_t size = sizeof(value_t), r, j
    cdef uint64_t a, b, c, d
    for r in range(n_rows):
        j = 0
        while j + 4 <= n:
            a, b = index_at(i, j, sizeof(int64_t)), index_at(i, j + 1, sizeof(int64_t))
            c, d = index_at(i, j + 2, sizeof(int64_t)), index_at(i, j + 3, sizeof(int64_t))
            if a >= cleared or b >= cleared or c >= cleared or d >= cleared:
                return r * n + j
            to_place(target + j * size + <Py_ssize_t>a * unit, v + j * size, kind)
            to_place(target + (j + 1) * size + <Py_ssize_t>b * unit, v + (j + 1) * size, kind)
            to_place(target + (j + 2) * size + <Py_ssize_t>c * unit, v + (j + 2) * size, kind)
            to_place(target + (j + 3) * size + <Py_ssize_t>d * unit, v + (j + 3) * size, kind)
            j += 4
        while j < n:
            a = index_at(i, j, sizeof(int64_t))
            if a >= cleared:
                return r * n + j
            to_place(target + j * size + <Py_ssize_t>a * unit, v + j * size, kind)
            j += 1
        v += run.value
        i += run.index
    return n_rows * n


cdef inline void scatter_rows(const Planes *planes, Work *work, const char *v, const char *i, const Dim *run,
                              const value_t *kind) noexcept nogil:
    """Scatter windows that have neighbours, row by row."""
    cdef const Dim *inner = &planes.inner
    cdef Py_ssize_t n = work.n_tiled, done = 0, row, first
    cdef bint side_by_side = (planes.unit > 0 and inner.value == inner.target == <Py_ssize_t>sizeof(value_t)
                              and inner.index == <Py_ssize_t>sizeof(int64_t))
    while done < run.size * n:
        row, first = done // n, 0
        if side_by_side:
            done += rows_to_cleared(work.target, v + row * run.value, i + row * run.index, run, n, run.size - row,
                                    planes.unit, work.cleared, kind)
            row, first = done // n, done % n
            if row == run.size:
                return
        scatter_row(planes, work, work.target + first * inner.target, v + row * run.value + first * inner.value,
                    i + row * run.index + first * inner.index, n - first, inner, inner.target, kind)
        done = (row + 1) * n

# Gradients of maxima of overlapping windows on small planes, one after the other: see wide_collects.pyx.

from libc.stdint cimport int64_t
from libc.string cimport memset

from cypool._engine.collecting cimport spans_of
from cypool._engine.scatter cimport Planes, Work
from cypool._kernels.types cimport SmallPlanes, Strays


cdef inline bint collect_small(const Planes *planes, Work *work, const char *v, const char *i) noexcept nogil:
    """Fill planes that follow each other; False if an index points out of its window, and all has to be done again."""
    cdef SmallPlanes how
    cdef Strays strays
    cdef Py_ssize_t n = work.n_tiled if planes.end_to_end else 1
    memset(&strays, 0, sizeof(Strays))
    how.column, how.row = spans_of(planes, 0), spans_of(planes, 1)
    how.value_step, how.index_step = planes.tiled.value, planes.tiled.index
    how.target_step = planes.tiled.target
    planes.collect_small(work.target, v, <const int64_t *>i, n, &how, &strays)
    return not strays.outside and strays.hits == n * how.column.n * how.row.n

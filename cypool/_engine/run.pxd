cimport numpy as cnp

from cypool._engine.job cimport Axis, Job


# See slabs.py. There are several volumes in a slab, or blocks of planes of the plan before.
cdef struct Slabs:
    Py_ssize_t n_volumes
    Py_ssize_t volumes
    Py_ssize_t volume_bytes
    Py_ssize_t n_planes
    Py_ssize_t blocks
    Py_ssize_t plane_bytes


cdef class Plan:
    cdef Job job
    cdef Plan within                # what is done with planes side by side, or None
    cdef Plan before                # what makes its input, a slab at a time; or None
    cdef public Plan unbounded      # runs where a number is not within this one's bounds; or None
    cdef Slabs slabs
    cdef readonly Py_ssize_t slab_bytes
    cdef list tables                # keeps the windows' arrays alive
    cdef readonly double cost       # about how many ns one thread needs
    cdef readonly Py_ssize_t scratch_size
    cdef readonly Py_ssize_t table_bytes

    cdef int pool_slabs(self, const char *data, char *results, bint in_use, int n_threads, char *slab,
                        char *scratch)
    cdef read_steps(self, object numbers)
    cdef read_slabs(self, object numbers)
    cdef read_axis(self, Axis *axis, object numbers)
    cdef read_reducer(self, object reducer)
    cdef int pool(self, cnp.ndarray x, cnp.ndarray out, cnp.ndarray labels, cnp.ndarray samples, bint in_use,
                  int n_threads) except -1

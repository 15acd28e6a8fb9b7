cimport numpy as cnp

from cypool._engine.job cimport Axis, Job


cdef class Plan:
    cdef Job job
    cdef list tables                # keeps the windows' arrays alive
    cdef readonly double cost       # about how many ns one thread needs
    cdef readonly Py_ssize_t scratch_size
    cdef readonly Py_ssize_t table_bytes

    cdef read_axis(self, Axis *axis, object numbers)
    cdef read_reducer(self, object reducer)
    cdef int pool(self, cnp.ndarray x, cnp.ndarray out, cnp.ndarray labels, int n_threads) except -1

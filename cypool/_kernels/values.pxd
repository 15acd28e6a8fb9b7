# What windows' states come to, as doubles, some at a time, before they become results of any type.

from libc.math cimport NAN, exp, fabs, log, sqrt

from cypool._kernels.doubles cimport put, result_t, separate_t
from cypool._kernels.products cimport take_roots
from cypool._kernels.types cimport MAX_PIECE, Finishing

cdef extern from "exponentials.h" nogil:
    double logarithm(double value)
    double LARGEST "DBL_MAX"

ctypedef void (*values_t)(separate_t values, const double *acc, Py_ssize_t n, const Finishing *how) noexcept nogil


cdef inline void variances(separate_t values, const double *acc, Py_ssize_t n, const Finishing *how) noexcept nogil:
    cdef const double *totals = acc + 2 * how.pitch
    cdef double correction = how.parameter
    cdef Py_ssize_t i
    for i in range(n):
        values[i] = totals[i] / (acc[i] - correction) if acc[i] > correction else NAN


cdef inline void deviations(separate_t values, const double *acc, Py_ssize_t n, const Finishing *how) noexcept nogil:
    cdef Py_ssize_t i
    variances(values, acc, n, how)
    for i in range(n):
        values[i] = sqrt(values[i])


cdef inline void norms(separate_t values, const double *acc, Py_ssize_t n, const Finishing *how) noexcept nogil:
    cdef const double *scales = acc + how.pitch
    cdef const double *totals = acc + 2 * how.pitch
    cdef Py_ssize_t i
    cdef double value
    take_roots(values, totals, n, how)
    if how.unscaled:
        return
    for i in range(n):
        value = values[i] * scales[i]
        if value > LARGEST and totals[i] <= LARGEST:
            # A norm of small order is a large power, which a small scale may bring back.
            value = exp(log(totals[i]) / how.parameter + log(scales[i]))
        values[i] = value if acc[i] > 0 else NAN


cdef inline void smooth_maxima(separate_t values, const double *acc, Py_ssize_t n, const Finishing *how) noexcept nogil:
    cdef const double *greatest = acc + how.pitch
    cdef const double *totals = acc + 2 * how.pitch
    cdef double value, side = 1 if how.parameter > 0 else -1
    cdef Py_ssize_t i
    for i in range(n):
        value = greatest[i] + logarithm(totals[i]) / fabs(how.parameter)
        values[i] = value * side if acc[i] > 0 else NAN


cdef inline void finish(result_t *out, const double *acc, Py_ssize_t n, const Finishing *how,
                        values_t values) noexcept nogil:
    cdef double some[MAX_PIECE]
    cdef Py_ssize_t done = 0, part, i
    while done < n:
        part = min(n - done, <Py_ssize_t>MAX_PIECE)
        values(some, acc + done, part, how)
        for i in range(part):
            put(out + done + i, some[i])
        done += part

"""Powers of any order, and roots, of rows of doubles: for norms whose order is not whole.

`rough` ones are as good as floats need, `open` and `fine` ones to the last bits of a double (powers.h). A fine power is
of a part of the greatest tap, from 0 to 2.
"""

from libc.math cimport fabs

from cypool._kernels.types cimport powers_t

cdef extern from "powers.h" nogil:
    ctypedef struct Order "cypool_order":
        pass
    Order order_of_power(double p)
    Order order_of_root(double p)
    double rough_power(double value, double p)
    double rough_root(double total, double inverse)
    double open_power(double value, Order order)
    double fine_power(double value, Order order)
    double LEAST_ROUGH "CYPOOL_LEAST_ROUGH"
    double LEAST_FINE "CYPOOL_LEAST_FINE"
    double MOST_FINE "CYPOOL_MOST_FINE"


# What is done with a row; never filled, a typed NULL chooses.
cdef struct RoughPowers:
    char unused

cdef struct OpenPowers:
    char unused

cdef struct FinePowers:
    char unused

cdef struct RoughRoots:
    char unused

cdef struct FineRoots:
    char unused

ctypedef fused kind_t:
    RoughPowers
    OpenPowers
    FinePowers
    RoughRoots
    FineRoots

cdef enum:
    LANES = 8       # of the widest vector


cdef void each(double *out, const double *row, Py_ssize_t n, double p, const kind_t *kind) noexcept nogil:
    """Powers or roots of a row, which is not the output. The last vector begins early enough to end with it."""
    cdef double some[LANES]
    cdef double inverse = 1 / p
    cdef Order order
    cdef Py_ssize_t lanes = n - n % LANES, i
    cdef const double *values = row
    cdef double *to = out
    order = order_of_root(p) if kind_t is FineRoots else order_of_power(p)
    if n < LANES:
        for i in range(LANES):
            some[i] = row[min(i, n - 1)]
        values, to, lanes = some, some, LANES
    while True:
        # So GCC sees that no lane is left over.
        for i in range(lanes & -LANES):
            if kind_t is RoughPowers:
                to[i] = rough_power(fabs(values[i]), p)
            elif kind_t is OpenPowers:
                to[i] = open_power(fabs(values[i]), order)
            elif kind_t is FinePowers:
                to[i] = fine_power(values[i], order)
            elif kind_t is RoughRoots:
                to[i] = rough_root(values[i], inverse)
            else:
                to[i] = fine_power(values[i], order)
        if n < LANES:
            for i in range(n):
                out[i] = some[i]
            return
        if to + lanes == out + n:
            return
        values, to, lanes = row + n - LANES, out + n - LANES, LANES


# Addresses by how good they are, and the least and the greatest order that they are for.
POWERS = {
    "rough": <size_t><void *><powers_t>each[RoughPowers],
    "open": <size_t><void *><powers_t>each[OpenPowers],
    "fine": <size_t><void *><powers_t>each[FinePowers],
}
ROOTS = {
    "rough": <size_t><void *><powers_t>each[RoughRoots],
    "fine": <size_t><void *><powers_t>each[FineRoots],
}
ORDERS = {"rough": (LEAST_ROUGH, float("inf")), "fine": (LEAST_FINE, MOST_FINE)}

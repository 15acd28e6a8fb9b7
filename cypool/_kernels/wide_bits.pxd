# Vectors of 64 bytes of elements of any type, see wide_bits.h, and windows in them that become wider.

from libc.stdint cimport int8_t, int16_t, int32_t, uint8_t, uint16_t, uint32_t

from cypool._kernels.types cimport Greatest, rule_t

cdef extern from "wide_bits.h" nogil:
    ctypedef struct wide_bits:
        pass
    ctypedef unsigned short nan_mask
    Py_ssize_t WIDE_BYTES
    wide_bits load_bits(const char *row)
    wide_bits some_bits(const char *row, Py_ssize_t n)
    void store_bits(char *row, wide_bits v)
    void store_some_bits(char *row, Py_ssize_t n, wide_bits v)
    wide_bits where_16(Py_ssize_t n)
    wide_bits where_32(Py_ssize_t n)
    wide_bits picked_16(wide_bits a, wide_bits b, wide_bits where)
    wide_bits picked_32(wide_bits a, wide_bits b, wide_bits where)
    wide_bits greater_i1(wide_bits a, wide_bits b)
    wide_bits greater_u1(wide_bits a, wide_bits b)
    wide_bits greater_i2(wide_bits a, wide_bits b)
    wide_bits greater_u2(wide_bits a, wide_bits b)
    wide_bits greater_i4(wide_bits a, wide_bits b)
    wide_bits greater_u4(wide_bits a, wide_bits b)
    wide_bits greater_f4(wide_bits a, wide_bits b)
    wide_bits greater_f8(wide_bits a, wide_bits b)
    wide_bits less_i1(wide_bits a, wide_bits b)
    wide_bits less_u1(wide_bits a, wide_bits b)
    wide_bits less_i2(wide_bits a, wide_bits b)
    wide_bits less_u2(wide_bits a, wide_bits b)
    wide_bits less_i4(wide_bits a, wide_bits b)
    wide_bits less_u4(wide_bits a, wide_bits b)
    wide_bits less_f4(wide_bits a, wide_bits b)
    wide_bits less_f8(wide_bits a, wide_bits b)
    wide_bits kept_greater_f4(wide_bits a, wide_bits b)
    wide_bits kept_greater_f8(wide_bits a, wide_bits b)
    wide_bits kept_less_f4(wide_bits a, wide_bits b)
    wide_bits kept_less_f8(wide_bits a, wide_bits b)
    nan_mask nans_f4(wide_bits v)
    nan_mask nans_f8(wide_bits v)

# Windows that become wider, level by level: vectors that wait for the one behind them, and where in that windows go on.
# By names, so that all of it is in registers.
cdef struct Widening:
    wide_bits a
    wide_bits b
    wide_bits c
    wide_bits d
    wide_bits e
    wide_bits f
    wide_bits at_a
    wide_bits at_b
    wide_bits at_c
    wide_bits at_d
    wide_bits at_e
    wide_bits at_f

ctypedef fused element_t:
    int8_t
    uint8_t
    int16_t
    uint16_t
    int32_t
    uint32_t
    float
    double


cdef inline wide_bits greatest(wide_bits a, wide_bits b, bint numbers, const element_t *kind) noexcept nogil:
    if element_t is int8_t:
        return greater_i1(a, b)
    elif element_t is uint8_t:
        return greater_u1(a, b)
    elif element_t is int16_t:
        return greater_i2(a, b)
    elif element_t is uint16_t:
        return greater_u2(a, b)
    elif element_t is int32_t:
        return greater_i4(a, b)
    elif element_t is uint32_t:
        return greater_u4(a, b)
    elif element_t is float:
        return greater_f4(a, b) if numbers else kept_greater_f4(a, b)
    else:
        return greater_f8(a, b) if numbers else kept_greater_f8(a, b)


cdef inline wide_bits least(wide_bits a, wide_bits b, bint numbers, const element_t *kind) noexcept nogil:
    if element_t is int8_t:
        return less_i1(a, b)
    elif element_t is uint8_t:
        return less_u1(a, b)
    elif element_t is int16_t:
        return less_i2(a, b)
    elif element_t is uint16_t:
        return less_u2(a, b)
    elif element_t is int32_t:
        return less_i4(a, b)
    elif element_t is uint32_t:
        return less_u4(a, b)
    elif element_t is float:
        return less_f4(a, b) if numbers else kept_less_f4(a, b)
    else:
        return less_f8(a, b) if numbers else kept_less_f8(a, b)


cdef inline wide_bits met(wide_bits a, wide_bits b, bint numbers, const element_t *kind,
                          const rule_t *rule) noexcept nogil:
    return greatest(a, b, numbers, kind) if rule_t is Greatest else least(a, b, numbers, kind)


cdef inline nan_mask nans(wide_bits v, const element_t *kind) noexcept nogil:
    if element_t is float:
        return nans_f4(v)
    elif element_t is double:
        return nans_f8(v)
    else:
        return 0


cdef inline wide_bits wider(wide_bits *waiting, wide_bits v, wide_bits at, bint numbers, const element_t *kind,
                            const rule_t *rule) noexcept nogil:
    """Wider windows of the vector that waits, for which v is, behind it; that waits now."""
    cdef wide_bits a = waiting[0]
    waiting[0] = v
    return met(a, picked_16(a, v, at) if sizeof(element_t) <= 2 else picked_32(a, v, at), numbers, kind, rule)


cdef inline wide_bits where(Py_ssize_t n, const element_t *kind) noexcept nogil:
    return where_16(n) if sizeof(element_t) <= 2 else where_32(n)


cdef inline Widening widening_of(const Py_ssize_t *wider_by, int n_levels, Py_ssize_t step,
                                 const element_t *kind) noexcept nogil:
    """Levels by which windows, `step` bytes apart, become so many taps wider, as many as there are loops for."""
    cdef Widening w
    w.a = w.b = w.c = w.d = w.e = w.f = some_bits(NULL, 0)
    w.at_a = where(wider_by[0] * step, kind)
    w.at_b = where(wider_by[1] * step, kind)
    w.at_c = where(wider_by[2] * step, kind)
    w.at_d = where(wider_by[3] * step, kind) if n_levels > 3 else w.a
    w.at_e = where(wider_by[4] * step, kind) if n_levels > 4 else w.a
    w.at_f = where(wider_by[5] * step, kind) if n_levels > 4 else w.a
    return w


cdef inline wide_bits widened(Widening *w, wide_bits v, int n_levels, bint numbers, const element_t *kind,
                              const rule_t *rule) noexcept nogil:
    """The windows of the vector that came as many before v as there are levels, a number that the compiler knows."""
    v = wider(&w.a, v, w.at_a, numbers, kind, rule)
    v = wider(&w.b, v, w.at_b, numbers, kind, rule)
    v = wider(&w.c, v, w.at_c, numbers, kind, rule)
    if n_levels > 3:
        v = wider(&w.d, v, w.at_d, numbers, kind, rule)
    if n_levels > 4:
        v = wider(&w.e, v, w.at_e, numbers, kind, rule)
        v = wider(&w.f, v, w.at_f, numbers, kind, rule)
    return v

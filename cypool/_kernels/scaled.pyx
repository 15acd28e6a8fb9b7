"""Sums whose taps have weights: windows that cut through elements, as area averaging by any factor has them.

Along every axis but the row, a weight belongs to a whole row of the input; along the row, to a position of a table.
"""

from libc.math cimport rint
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

from cypool._kernels.squares cimport lie_down, stand_up
from cypool._kernels.types cimport Blending, Finishing, Loading, bfloat_t, blend_t, finish_t, half_t, load_t
from cypool._kernels.vectors cimport (
    LANES_32, LANES_64, MOST_LANES, all_32, all_64, doubles, floats, load_32, load_64, product_32, product_64, store_32,
    store_64, sum_32, sum_64,
)

cdef extern from "numbers.h" nogil:
    float half_to_float(uint16_t half)
    float bfloat_to_float(uint16_t half)
    int32_t nearest(float value)
    int64_t small_quotient(double total, double inverse)

cdef enum:
    LONG = 8                # elements of an inner axis that are worth a loop of their own
    PLACES = 512            # elements of rows that stand as columns, and of results
    RESULTS = 128
    SMALL_DIVISOR = 1 << 29     # below it, quotients of 16 bits need no division

ctypedef fused number_t:
    int8_t
    uint8_t
    int16_t
    uint16_t
    int32_t
    uint32_t
    int64_t
    uint64_t
    float
    double
    half_t
    bfloat_t

# Integers are summed modulo 2^64.
ctypedef fused sum_t:
    uint64_t
    float
    double

ctypedef fused float_t:
    float
    double

ctypedef fused result_t:
    int8_t
    uint8_t
    int16_t
    uint16_t
    int32_t
    uint32_t
    int64_t
    float
    double


cdef inline sum_t number(number_t value, const sum_t *kind) noexcept nogil:
    if number_t is half_t:
        return <sum_t>half_to_float(value.bits)
    elif number_t is bfloat_t:
        return <sum_t>bfloat_to_float(value.bits)
    elif sum_t is uint64_t and (number_t is int8_t or number_t is int16_t or number_t is int32_t):
        return <sum_t><int64_t>value
    else:
        return <sum_t>value


cdef void load(sum_t *acc, const number_t **rows, Py_ssize_t n_rows, Py_ssize_t n, bint fresh,
               const Loading *how) noexcept nogil:
    """acc[i] is the sum of how.scales[r] * rows[r][i]."""
    cdef const number_t *a
    cdef const number_t *b
    cdef sum_t p, q
    cdef Py_ssize_t i, r = 0
    if fresh:
        a = rows[0]
        p = <sum_t>how.scales[0]
        for i in range(n):
            acc[i] = p * number(a[i], <sum_t *>NULL)
        r = 1
    while r + 1 < n_rows:
        a = rows[r]
        b = rows[r + 1]
        p = <sum_t>how.scales[r]
        q = <sum_t>how.scales[r + 1]
        for i in range(n):
            acc[i] += p * number(a[i], <sum_t *>NULL) + q * number(b[i], <sum_t *>NULL)
        r += 2
    if r < n_rows:
        a = rows[r]
        p = <sum_t>how.scales[r]
        for i in range(n):
            acc[i] += p * number(a[i], <sum_t *>NULL)


cdef inline void blend_groups(sum_t *acc, const sum_t *taps, const double *weight, Py_ssize_t count, Py_ssize_t step,
                              Py_ssize_t inner) noexcept nogil:
    """One output of a long inner axis: `count` groups of `inner` elements, `step` elements apart."""
    cdef sum_t scale
    cdef Py_ssize_t t, c
    for c in range(inner):
        acc[c] = 0
    for t in range(count):
        scale = <sum_t>weight[t]
        for c in range(inner):
            acc[c] += scale * taps[t * step + c]


cdef inline void blend_row(double *acc, const double *row, const Blending *how, Py_ssize_t n) noexcept nogil:
    """The outputs of a row in order, each in whole vectors: what they hold beyond it the next output writes again."""
    cdef double last[MOST_LANES]
    cdef Py_ssize_t inner = how.inner, step = how.step * inner
    cdef Py_ssize_t j, c, t
    cdef const double *weight
    cdef const double *taps
    cdef doubles total
    for j in range(n):
        weight = how.weights + j * how.width
        c = 0
        while c < inner:
            taps = row + (how.starts[j] - how.base) * inner + c
            total = all_64(0)
            for t in range(how.counts[j]):
                total = sum_64(total, product_64(all_64(weight[t]), load_64(<const char *>(taps + t * step))))
            if j == n - 1 and c + LANES_64 > inner:
                store_64(<char *>last, total)
                memcpy(acc + c, last, <size_t>(inner - c) * sizeof(double))
            else:
                store_64(<char *>(acc + c), total)
            c += LANES_64
        acc += inner


cdef inline void blend_rows(sum_t *acc, const sum_t *taps, const double *weight, Py_ssize_t count, Py_ssize_t step,
                            Py_ssize_t n_rows, Py_ssize_t pitch, Py_ssize_t acc_pitch) noexcept nogil:
    """One element of an output, of up to four rows at once: a weight serves all of them, and none waits for itself."""
    cdef const sum_t *second = taps + pitch
    cdef const sum_t *third = taps + 2 * pitch
    cdef const sum_t *fourth = taps + 3 * pitch
    cdef sum_t scale, a = 0, b = 0, c = 0, d = 0
    cdef Py_ssize_t t, i
    if n_rows == 4:
        for t in range(count):
            scale = <sum_t>weight[t]
            a += scale * taps[t * step]
            b += scale * second[t * step]
            c += scale * third[t * step]
            d += scale * fourth[t * step]
        acc[0] = a
        acc[acc_pitch] = b
        acc[2 * acc_pitch] = c
        acc[3 * acc_pitch] = d
        return
    for t in range(n_rows):
        a = 0
        for i in range(count):
            a += <sum_t>weight[i] * taps[t * pitch + i * step]
        acc[t * acc_pitch] = a


cdef inline Py_ssize_t reached(const Blending *how, Py_ssize_t begin, Py_ssize_t n) noexcept nogil:
    """How many outputs from `begin` on read no more than so many places, and have no more results, than there is room
    for."""
    cdef Py_ssize_t j = begin, first = how.starts[begin], end
    while j < n and (j + 1 - begin) * how.inner <= RESULTS:
        end = how.starts[j] + how.counts[j] * how.step
        if how.starts[j] < first or (end - first) * how.inner > PLACES - MOST_LANES:
            break
        j += 1
    return j - begin


cdef inline Py_ssize_t blend_columns(float *acc, const float *rows, const Blending *how, Py_ssize_t begin,
                                     Py_ssize_t n) noexcept nogil:
    """Some outputs from `begin` on, of as many rows as a vector has lanes; gives their number. None where too few
    would be taken at once.

    A weight then serves a vector, and each tap is a load.
    """
    cdef float columns[(PLACES + MOST_LANES) * MOST_LANES]
    cdef float results[RESULTS * MOST_LANES]
    cdef Py_ssize_t size = sizeof(float), inner = how.inner, step = how.step * how.inner * LANES_32
    cdef Py_ssize_t some = reached(how, begin, n)
    cdef Py_ssize_t first, end = 0, j, t, c
    cdef const double *weight
    cdef const float *taps
    cdef floats total
    if some * inner < LANES_32:
        return 0
    for j in range(begin, begin + some):
        end = max(end, how.starts[j] + (how.counts[j] - 1) * how.step + 1)
    first = (how.starts[begin] - how.base) * inner
    # The last places of a row come with some before them.
    first = max(min(first, how.pitch - LANES_32), <Py_ssize_t>0)
    stand_up(columns, <const char *>(rows + first), how.pitch * size,
             max((end - how.base) * inner - first, <Py_ssize_t>LANES_32))
    for j in range(some):
        weight = how.weights + (begin + j) * how.width
        for c in range(inner):
            taps = columns + ((how.starts[begin + j] - how.base) * inner + c - first) * LANES_32
            total = all_32(0)
            for t in range(how.counts[begin + j]):
                total = sum_32(total, product_32(all_32(<float>weight[t]), load_32(<const char *>(taps + t * step))))
            store_32(<char *>(results + (j * inner + c) * LANES_32), total)
    lie_down(<char *>(acc + begin * inner), how.acc_pitch * size, results, some * inner)
    return some


cdef inline bint stand(float *acc, const float *rows, const Blending *how, Py_ssize_t n) noexcept nogil:
    """All n outputs of as many rows as a vector has lanes, if columns serve for them."""
    cdef Py_ssize_t done = 0, some
    cdef bint last = False
    if how.pitch < LANES_32 or n < LANES_32:
        return False
    while done < n and not last:
        # The last ones, if they are too few by themselves, come with some before them.
        last = (n - done) * how.inner < LANES_32
        if last:
            done = n - LANES_32
        some = blend_columns(acc, rows, how, done, n)
        if some == 0:
            return False
        done += some
    return done == n


cdef void blend(sum_t *acc, const sum_t *rows, const Blending *how, Py_ssize_t n) noexcept nogil:
    """n outputs of each row: the weighted sum of counts[j] groups, of a row that starts at position `base`."""
    cdef Py_ssize_t inner = how.inner, step = how.step * how.inner
    cdef Py_ssize_t j, r, c, some
    cdef const sum_t *taps
    cdef const double *weight
    if sum_t is double and inner > 1:
        for r in range(how.n_rows):
            blend_row(acc + r * how.acc_pitch, rows + r * how.pitch, how, n)
        return
    r = 0
    while r < how.n_rows:
        if sum_t is float and inner < LONG and how.n_rows - r >= LANES_32:
            if stand(acc + r * how.acc_pitch, rows + r * how.pitch, how, n):
                r += LANES_32
                continue
        some = min(<Py_ssize_t>4, how.n_rows - r)
        for j in range(n):
            taps = rows + r * how.pitch + (how.starts[j] - how.base) * inner
            weight = how.weights + j * how.width
            if inner >= LONG:
                for c in range(some):
                    blend_groups(acc + (r + c) * how.acc_pitch + j * inner, taps + c * how.pitch, weight, how.counts[j],
                                 step, inner)
            else:
                for c in range(inner):
                    blend_rows(acc + r * how.acc_pitch + j * inner + c, taps + c, weight, how.counts[j], step, some,
                               how.pitch, how.acc_pitch)
        r += some


cdef inline void finish_as(result_t *out, float_t value) noexcept nogil:
    if result_t is float or result_t is double:
        out[0] = <result_t>value
    elif float_t is float:
        # Below 2^22, as reducers.py sees to.
        out[0] = <result_t>nearest(value)
    else:
        out[0] = <result_t><int64_t>rint(value)


cdef void finish(result_t *out, char *labels, const float_t *acc, const char *acc2, Py_ssize_t n,
                 const Finishing *how) noexcept nogil:
    """Whole sums in floats become means; rounding is to even."""
    cdef float_t divisor = <float_t>how.divisor
    cdef float_t inverse = 1 / divisor
    cdef Py_ssize_t i
    if float_t is double and (result_t is int8_t or result_t is uint8_t or result_t is int16_t or result_t is uint16_t):
        if divisor < SMALL_DIVISOR:
            for i in range(n):
                out[i] = <result_t>small_quotient(acc[i], inverse)
            return
    for i in range(n):
        finish_as(out + i, acc[i] / divisor)


cdef size_t loads(load_t function):
    return <size_t><void *>function


cdef size_t finishes(finish_t function):
    return <size_t><void *>function


cdef size_t blends(blend_t function):
    return <size_t><void *>function


# Addresses by element and sum.
LOADS = {
    ("i1", "u8"): loads(<load_t>load[uint64_t, int8_t]),
    ("u1", "u8"): loads(<load_t>load[uint64_t, uint8_t]),
    ("i2", "u8"): loads(<load_t>load[uint64_t, int16_t]),
    ("u2", "u8"): loads(<load_t>load[uint64_t, uint16_t]),
    ("i4", "u8"): loads(<load_t>load[uint64_t, int32_t]),
    ("u4", "u8"): loads(<load_t>load[uint64_t, uint32_t]),
    ("i8", "u8"): loads(<load_t>load[uint64_t, int64_t]),
    ("u8", "u8"): loads(<load_t>load[uint64_t, uint64_t]),
    ("i1", "f4"): loads(<load_t>load[float, int8_t]),
    ("i1", "f8"): loads(<load_t>load[double, int8_t]),
    ("u1", "f4"): loads(<load_t>load[float, uint8_t]),
    ("u1", "f8"): loads(<load_t>load[double, uint8_t]),
    ("i2", "f4"): loads(<load_t>load[float, int16_t]),
    ("i2", "f8"): loads(<load_t>load[double, int16_t]),
    ("u2", "f4"): loads(<load_t>load[float, uint16_t]),
    ("u2", "f8"): loads(<load_t>load[double, uint16_t]),
    ("i4", "f4"): loads(<load_t>load[float, int32_t]),
    ("i4", "f8"): loads(<load_t>load[double, int32_t]),
    ("u4", "f4"): loads(<load_t>load[float, uint32_t]),
    ("u4", "f8"): loads(<load_t>load[double, uint32_t]),
    ("f2", "f4"): loads(<load_t>load[float, half_t]),
    ("bf2", "f4"): loads(<load_t>load[float, bfloat_t]),
    ("f4", "f4"): loads(<load_t>load[float, float]),
    ("f2", "f8"): loads(<load_t>load[double, half_t]),
    ("bf2", "f8"): loads(<load_t>load[double, bfloat_t]),
    ("f4", "f8"): loads(<load_t>load[double, float]),
    ("f8", "f8"): loads(<load_t>load[double, double]),
}
FINISHES = {
    ("f4", "i1"): finishes(<finish_t>finish[int8_t, float]),
    ("f4", "u1"): finishes(<finish_t>finish[uint8_t, float]),
    ("f4", "i2"): finishes(<finish_t>finish[int16_t, float]),
    ("f4", "u2"): finishes(<finish_t>finish[uint16_t, float]),
    ("f4", "i4"): finishes(<finish_t>finish[int32_t, float]),
    ("f4", "u4"): finishes(<finish_t>finish[uint32_t, float]),
    ("f4", "i8"): finishes(<finish_t>finish[int64_t, float]),
    ("f4", "f4"): finishes(<finish_t>finish[float, float]),
    ("f8", "i1"): finishes(<finish_t>finish[int8_t, double]),
    ("f8", "u1"): finishes(<finish_t>finish[uint8_t, double]),
    ("f8", "i2"): finishes(<finish_t>finish[int16_t, double]),
    ("f8", "u2"): finishes(<finish_t>finish[uint16_t, double]),
    ("f8", "i4"): finishes(<finish_t>finish[int32_t, double]),
    ("f8", "u4"): finishes(<finish_t>finish[uint32_t, double]),
    ("f8", "i8"): finishes(<finish_t>finish[int64_t, double]),
    ("f8", "f4"): finishes(<finish_t>finish[float, double]),
    ("f8", "f8"): finishes(<finish_t>finish[double, double]),
}
BLENDS = {
    "u8": blends(<blend_t>blend[uint64_t]),
    "f4": blends(<blend_t>blend[float]),
    "f8": blends(<blend_t>blend[double]),
}

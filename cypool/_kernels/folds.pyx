"""Long windows along a row, each by itself, in vectors: global averages and maxima, and whatever is wide and far apart.

A window keeps eight running results in registers, one of 2 KiB or more as many as LONG_STEP bytes have; those of as
many windows as a vector has lanes are halved together until there is one result for each.

Of longer runs, maxima and minima of any numbers, whose order does not matter, keep as many as registers hold; sums keep
SUM_BYTES of them.
"""

from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

from cypool._kernels.ahead cimport fetch_lines
from cypool._kernels.fews cimport every_other, fold_fews, merge_singly
from cypool._kernels.types cimport Greatest, Least, Sum, fold_t, integer_t, reduce_t, rule_t, table_t
from cypool._kernels.vectors cimport (
    all_32, all_64, doubles, floats, halved, lanes, load, merge, shifted, size, store, vector_t,
)

cdef extern from "math.h" nogil:
    const float INFINITY

cdef extern from "numbers.h" nogil:
    bint unordered_32(float a, float b)
    bint unordered_64(double a, double b)

cdef enum:
    RUNNING = 128       # running results of a run, at most
    FETCHED = 8192      # bytes ahead of a window that are fetched meanwhile,
    FORESEEN = 2048     # unless windows lie more than as many apart
    LONG_WINDOW = 2048  # bytes of a window that has more than eight running results: as many as
    LONG_STEP = 128     # so many bytes have
    SUM_BYTES = 128     # of sums of a run that stand side by side,
    SUM_LANES = 32      # or as many at most,
    SUM_ROWS = 64       # each of so many elements, before sums are added up by twos,
    SUMS = 48           # so many times at most

# What a run may be of, where the order of taps does not matter.
ctypedef fused element_t:
    integer_t
    float
    double

ctypedef fused real_t:
    float
    double

ctypedef fused extreme_t:
    Greatest
    Least


cdef inline vector_t nothing(const vector_t *kind, const rule_t *rule) noexcept nogil:
    """What changes no tap that it meets."""
    if vector_t is floats:
        return all_32(-0.0 if rule_t is Sum else -INFINITY if rule_t is Greatest else INFINITY)
    else:
        return all_64(-0.0 if rule_t is Sum else -INFINITY if rule_t is Greatest else INFINITY)


cdef inline vector_t first_alone(vector_t v, vector_t others) noexcept nogil:
    """An element that all lanes have, in the first lane alone."""
    return shifted(v, others)


cdef inline vector_t tail(vector_t v, const char *at, Py_ssize_t taps, const vector_t *kind,
                          const rule_t *rule) noexcept nogil:
    """With what is left of a window's taps, by eights."""
    cdef Py_ssize_t _i
    for _i in range(taps % 8):
        v = merge(v, first_alone(load(at, True, kind), nothing(kind, rule)), rule)
        at += size(kind)
    return v


cdef inline vector_t partly_from(vector_t a, vector_t b, vector_t c, vector_t d, const char *at, const char *end,
                                 Py_ssize_t taps, const vector_t *kind, const rule_t *rule) noexcept nogil:
    """A window's eight running results, with what is left of it from `at` on, halved to as many as a vector has lanes.

    No eight taps begin at `end` or later.
    """
    cdef Py_ssize_t width = lanes(kind) * size(kind)
    while at < end:
        a = merge(a, load(at, False, kind), rule)
        if lanes(kind) <= 4:
            b = merge(b, load(at + width, False, kind), rule)
        if lanes(kind) <= 2:
            c = merge(c, load(at + 2 * width, False, kind), rule)
            d = merge(d, load(at + 3 * width, False, kind), rule)
        at += 8 * size(kind)
    a = tail(a, at, taps, kind, rule)
    if lanes(kind) <= 4:
        a = halved(a, b, rule)
    if lanes(kind) <= 2:
        a = halved(a, halved(c, d, rule), rule)
    return a


cdef inline vector_t partly(const char *window, Py_ssize_t taps, const vector_t *kind,
                            const rule_t *rule) noexcept nogil:
    """One window of eight taps or more, as many results as a vector has lanes."""
    cdef Py_ssize_t width = lanes(kind) * size(kind)
    cdef vector_t a, b, c, d
    a = load(window, False, kind)
    if lanes(kind) <= 4:
        b = load(window + width, False, kind)
    if lanes(kind) <= 2:
        c = load(window + 2 * width, False, kind)
        d = load(window + 3 * width, False, kind)
    return partly_from(a, b, c, d, window + 8 * size(kind), window + (taps - 7) * size(kind), taps, kind, rule)


cdef inline vector_t streamed(const char *window, Py_ssize_t taps, Py_ssize_t ahead, const vector_t *kind,
                              const rule_t *rule) noexcept nogil:
    """The same of a long one, by as many running results as LONG_STEP bytes have, which are halved to eight; what lies
    so many bytes ahead is fetched meanwhile, unless that is 0."""
    cdef Py_ssize_t width = lanes(kind) * size(kind)
    cdef const char *at = window
    cdef const char *end = window + taps * size(kind) // LONG_STEP * LONG_STEP
    cdef bint eight = width < LONG_STEP // 4
    cdef vector_t a, b, c, d, e, f, g, h
    a = load(at, False, kind)
    b = load(at + width, False, kind)
    c = load(at + 2 * width, False, kind)
    d = load(at + 3 * width, False, kind)
    if eight:
        e = load(at + 4 * width, False, kind)
        f = load(at + 5 * width, False, kind)
        g = load(at + 6 * width, False, kind)
        h = load(at + 7 * width, False, kind)
    at += LONG_STEP
    while at < end:
        if ahead:
            fetch_lines(at + ahead, LONG_STEP)
        a = merge(a, load(at, False, kind), rule)
        b = merge(b, load(at + width, False, kind), rule)
        c = merge(c, load(at + 2 * width, False, kind), rule)
        d = merge(d, load(at + 3 * width, False, kind), rule)
        if eight:
            e = merge(e, load(at + 4 * width, False, kind), rule)
            f = merge(f, load(at + 5 * width, False, kind), rule)
            g = merge(g, load(at + 6 * width, False, kind), rule)
            h = merge(h, load(at + 7 * width, False, kind), rule)
        at += LONG_STEP
    if eight:
        a, b, c, d = merge(a, e, rule), merge(b, f, rule), merge(c, g, rule), merge(d, h, rule)
    if lanes(kind) > 2:
        a, b = merge(a, c, rule), merge(b, d, rule)
    if lanes(kind) > 4:
        a = merge(a, b, rule)
    return partly_from(a, b, c, d, at, window + (taps - 7) * size(kind), taps, kind, rule)


cdef inline const char *fetched(const char *at, Py_ssize_t ahead, Py_ssize_t n_bytes) noexcept nogil:
    """What is to be fetched next."""
    if ahead:
        fetch_lines(at, n_bytes)
    return at + n_bytes


cdef inline vector_t four_windows(const char *row, Py_ssize_t taps, Py_ssize_t stride, Py_ssize_t ahead,
                                  const vector_t *kind, const rule_t *rule) noexcept nogil:
    """Four windows by turns, halved twice, where a vector has eight lanes: a step of one takes as long as four.

    By turns they are read in no order that a processor foresees, so what lies that far ahead is fetched in order.
    """
    cdef const char *later = row + ahead
    cdef const char *at = row + 8 * size(kind)
    cdef Py_ssize_t _i
    cdef vector_t a = load(row, False, kind), b = load(row + stride, False, kind)
    cdef vector_t c = load(row + 2 * stride, False, kind), d = load(row + 3 * stride, False, kind)
    later = fetched(later, ahead, 4 * stride - (taps // 8 - 1) * 32 * size(kind))
    for _i in range(8, taps - 7, 8):
        later = fetched(later, ahead, 32 * size(kind))
        a = merge(a, load(at, False, kind), rule)
        b = merge(b, load(at + stride, False, kind), rule)
        c = merge(c, load(at + 2 * stride, False, kind), rule)
        d = merge(d, load(at + 3 * stride, False, kind), rule)
        at += 8 * size(kind)
    a = halved(tail(a, at, taps, kind, rule), tail(b, at + stride, taps, kind, rule), rule)
    c = halved(tail(c, at + 2 * stride, taps, kind, rule), tail(d, at + 3 * stride, taps, kind, rule), rule)
    return halved(a, c, rule)


cdef inline vector_t two_windows(const char *row, Py_ssize_t taps, Py_ssize_t stride, Py_ssize_t ahead,
                                 const vector_t *kind, const rule_t *rule) noexcept nogil:
    """The same of two windows, halved once, where it has four."""
    cdef const char *later = row + ahead
    cdef Py_ssize_t width = 4 * size(kind)
    cdef const char *at = row + 8 * size(kind)
    cdef Py_ssize_t _i
    cdef vector_t a = load(row, False, kind), b = load(row + width, False, kind)
    cdef vector_t c = load(row + stride, False, kind), d = load(row + stride + width, False, kind)
    later = fetched(later, ahead, 2 * stride - (taps // 8 - 1) * 16 * size(kind))
    for _i in range(8, taps - 7, 8):
        later = fetched(later, ahead, 16 * size(kind))
        a = merge(a, load(at, False, kind), rule)
        b = merge(b, load(at + width, False, kind), rule)
        c = merge(c, load(at + stride, False, kind), rule)
        d = merge(d, load(at + stride + width, False, kind), rule)
        at += 8 * size(kind)
    a = halved(tail(a, at, taps, kind, rule), b, rule)
    return halved(a, halved(tail(c, at + stride, taps, kind, rule), d, rule), rule)


cdef inline void fold_some(char *acc, const char *row, Py_ssize_t taps, Py_ssize_t stride, Py_ssize_t run_ahead,
                           const vector_t *kind, const rule_t *rule) noexcept nogil:
    """As many windows as a vector has lanes, `stride` bytes apart."""
    cdef vector_t v
    cdef vector_t each[8]
    cdef Py_ssize_t i, n = lanes(kind)
    cdef Py_ssize_t ahead = FETCHED if stride <= FORESEEN else 0
    if taps * size(kind) >= LONG_WINDOW:
        for i in range(n):
            each[i] = streamed(row + i * stride, taps, run_ahead, kind, rule)
        while n > 1:
            n //= 2
            for i in range(n):
                each[i] = halved(each[2 * i], each[2 * i + 1], rule)
        v = each[0]
    elif lanes(kind) >= 8:
        v = halved(four_windows(row, taps, stride, ahead, kind, rule),
                   four_windows(row + 4 * stride, taps, stride, ahead, kind, rule), rule)
    elif lanes(kind) >= 4:
        v = halved(two_windows(row, taps, stride, ahead, kind, rule),
                   two_windows(row + 2 * stride, taps, stride, ahead, kind, rule), rule)
    else:
        v = halved(partly(row, taps, kind, rule), partly(row + stride, taps, kind, rule), rule)
    store(acc, v, False)


cdef void fold_one(char *acc, const char *row, Py_ssize_t taps, Py_ssize_t ahead, const vector_t *kind,
                   const rule_t *rule) noexcept nogil:
    cdef vector_t v
    if taps * size(kind) >= LONG_WINDOW:
        v = streamed(row, taps, ahead, kind, rule)
    else:
        v = partly(row, taps, kind, rule)
    if lanes(kind) >= 8:
        v = halved(v, v, rule)
    if lanes(kind) >= 4:
        v = halved(v, v, rule)
    store(acc, halved(v, v, rule), True)


cdef void fold(vector_t *accs, const char *row, Py_ssize_t taps, Py_ssize_t step, Py_ssize_t n, Py_ssize_t stride,
               Py_ssize_t ahead, const rule_t *rule) noexcept nogil:
    """Reduce n windows that lie along a row, `stride` elements apart, to one accumulator each; what lies `ahead` bytes
    behind long ones is fetched, unless that is 0."""
    cdef const vector_t *kind = accs
    cdef char *acc = <char *>accs
    cdef Py_ssize_t w = 0
    stride *= size(kind)
    step *= size(kind)
    if taps == 1 and stride == 2 * size(kind) and n > lanes(kind):
        every_other(acc, row, n, kind)
        return
    if step == size(kind) and n > lanes(kind) and taps < 8 and stride >= 3 * size(kind):
        if taps == 1:
            # A loop of its own: the compiler leaves out what single elements do not need.
            fold_fews(acc, row, 1, n, stride, kind, rule)
        else:
            fold_fews(acc, row, taps, n, stride, kind, rule)
        return
    if taps < 8 or step != size(kind):
        for w in range(n):
            merge_singly(acc + w * size(kind), row + w * stride, taps, step, kind, rule)
        return
    while w < n:
        if w + lanes(kind) <= n or (w + 1 < n >= lanes(kind) and taps * size(kind) < LONG_WINDOW):
            # The last ones begin early enough to end with the row, unless it is one, or each takes its time.
            w = min(w, n - lanes(kind))
            fold_some(acc + w * size(kind), row + w * stride, taps, stride, ahead, kind, rule)
            w += lanes(kind)
        else:
            fold_one(acc + w * size(kind), row + w * stride, taps, ahead, kind, rule)
            w += 1


cdef void fold_table(vector_t *accs, const char *row, const Py_ssize_t *starts, const Py_ssize_t *counts,
                     Py_ssize_t step, Py_ssize_t n, const char *identity, const rule_t *rule) noexcept nogil:
    """Reduce the n windows of a table: counts[j] taps from row[starts[j]] on, `step` apart; of none, the identity."""
    cdef const vector_t *kind = accs
    cdef char *acc = <char *>accs
    cdef Py_ssize_t j
    for j in range(n):
        if counts[j] >= 8 and step == 1:
            fold_one(acc, row + starts[j] * size(kind), counts[j], 0, kind, rule)
        elif counts[j] > 0:
            merge_singly(acc, row + starts[j] * size(kind), counts[j], step * size(kind), kind, rule)
        else:
            memcpy(acc, identity, <size_t>size(kind))
        acc += size(kind)


cdef inline element_t best_of(element_t a, element_t b, const extreme_t *rule) noexcept nogil:
    """What stays of two elements, blind to NaN."""
    if extreme_t is Greatest:
        return b if b > a else a
    else:
        return b if b < a else a


cdef inline element_t first_nan(const element_t *row, Py_ssize_t step) noexcept nogil:
    while row[0] == row[0]:
        row += step
    return row[0]


cdef void reduce(element_t *acc, const element_t *row, Py_ssize_t n_elements, Py_ssize_t inner, Py_ssize_t ahead,
                 const extreme_t *rule) noexcept nogil:
    """What stays of each inner element of a run of LEAST_RUN bytes or more, which are at least twice what is kept:
    of NaNs the first."""
    cdef element_t running[RUNNING]
    cdef int32_t seen_32[RUNNING]
    cdef int64_t seen_64[RUNNING]
    # 128 bytes, or 32 elements: loops of fewer are unrolled before they can become vectors.
    cdef Py_ssize_t n = 32 if sizeof(element_t) > 4 else 128 // sizeof(element_t)
    cdef Py_ssize_t done = n, i
    for i in range(n):
        running[i] = row[i]
        if element_t is float:
            seen_32[i] = unordered_32(row[i], row[i])
        elif element_t is double:
            seen_64[i] = unordered_64(row[i], row[i])
    while done < n_elements:
        # The last ones are taken a second time.
        done = min(done, n_elements - 2 * n)
        if ahead:
            fetch_lines(<const char *>(row + done) + ahead, 2 * n * <Py_ssize_t>sizeof(element_t))
        for i in range(n):
            running[i] = best_of(running[i], best_of(row[done + i], row[done + n + i], rule), rule)
            if element_t is float:
                seen_32[i] |= unordered_32(row[done + i], row[done + n + i])
            elif element_t is double:
                seen_64[i] |= unordered_64(row[done + i], row[done + n + i])
        done += 2 * n
    while n > inner:
        n //= 2
        for i in range(n):
            running[i] = best_of(running[i], running[n + i], rule)
            if element_t is float:
                seen_32[i] |= seen_32[n + i]
            elif element_t is double:
                seen_64[i] |= seen_64[n + i]
    for i in range(n):
        if element_t is float:
            acc[i] = first_nan(row + i, inner) if seen_32[i] else running[i]
        elif element_t is double:
            acc[i] = first_nan(row + i, inner) if seen_64[i] else running[i]
        else:
            acc[i] = running[i]


cdef inline void add_rows(real_t *total, const real_t *rows, Py_ssize_t n_rows, Py_ssize_t n,
                          Py_ssize_t ahead) noexcept nogil:
    """Rows of n elements, added up one after the other."""
    cdef real_t running[SUM_LANES]
    cdef Py_ssize_t r, i
    for i in range(n):
        running[i] = rows[i]
    for r in range(1, n_rows):
        if ahead:
            fetch_lines(<const char *>(rows + r * n) + ahead, SUM_BYTES)
        for i in range(n):
            running[i] += rows[r * n + i]
    for i in range(n):
        total[i] = running[i]


cdef void add_up(real_t *acc, const real_t *row, Py_ssize_t n_elements, Py_ssize_t inner, Py_ssize_t ahead,
                 const Sum *rule) noexcept nogil:
    """The sums of a run of LEAST_RUN bytes or more: sums of parts, which are added by twos, and these by twos, too."""
    cdef real_t total[SUM_LANES]
    cdef real_t sums[SUMS][SUM_LANES]
    cdef Py_ssize_t n = SUM_BYTES // sizeof(real_t)
    cdef Py_ssize_t n_rows = n_elements // n
    cdef Py_ssize_t parts = (n_rows + SUM_ROWS - 1) // SUM_ROWS, part, i
    cdef int level = 0
    for part in range(parts):
        add_rows(total, row + part * SUM_ROWS * n, min(<Py_ssize_t>SUM_ROWS, n_rows - part * SUM_ROWS), n,
                 ahead)
        # As one counts: a sum of 2^level parts is kept where the number of parts so far has that bit.
        level = 0
        while part >> level & 1:
            for i in range(n):
                total[i] += sums[level][i]
            level += 1
        for i in range(n):
            sums[level][i] = total[i]
    # The last one that was kept is of the lowest bit.
    level += 1
    while parts >> level:
        if parts >> level & 1:
            for i in range(n):
                total[i] += sums[level][i]
        level += 1
    for i in range(n_elements % n):
        total[i] += row[n_rows * n + i]
    while n > inner:
        n //= 2
        for i in range(n):
            total[i] += total[n + i]
    for i in range(n):
        acc[i] = total[i]


cdef tuple both(fold_t fold, table_t table):
    return <size_t><void *>fold, <size_t><void *>table


# Addresses by rule and accumulator.
RUNS = {
    ("max", "i1"): <size_t><void *><reduce_t>reduce[int8_t, Greatest],
    ("max", "u1"): <size_t><void *><reduce_t>reduce[uint8_t, Greatest],
    ("max", "i2"): <size_t><void *><reduce_t>reduce[int16_t, Greatest],
    ("max", "u2"): <size_t><void *><reduce_t>reduce[uint16_t, Greatest],
    ("max", "i4"): <size_t><void *><reduce_t>reduce[int32_t, Greatest],
    ("max", "u4"): <size_t><void *><reduce_t>reduce[uint32_t, Greatest],
    ("max", "i8"): <size_t><void *><reduce_t>reduce[int64_t, Greatest],
    ("max", "u8"): <size_t><void *><reduce_t>reduce[uint64_t, Greatest],
    ("max", "f4"): <size_t><void *><reduce_t>reduce[float, Greatest],
    ("max", "f8"): <size_t><void *><reduce_t>reduce[double, Greatest],
    ("min", "i1"): <size_t><void *><reduce_t>reduce[int8_t, Least],
    ("min", "u1"): <size_t><void *><reduce_t>reduce[uint8_t, Least],
    ("min", "i2"): <size_t><void *><reduce_t>reduce[int16_t, Least],
    ("min", "u2"): <size_t><void *><reduce_t>reduce[uint16_t, Least],
    ("min", "i4"): <size_t><void *><reduce_t>reduce[int32_t, Least],
    ("min", "u4"): <size_t><void *><reduce_t>reduce[uint32_t, Least],
    ("min", "i8"): <size_t><void *><reduce_t>reduce[int64_t, Least],
    ("min", "u8"): <size_t><void *><reduce_t>reduce[uint64_t, Least],
    ("min", "f4"): <size_t><void *><reduce_t>reduce[float, Least],
    ("min", "f8"): <size_t><void *><reduce_t>reduce[double, Least],
    ("sum", "f4"): <size_t><void *><reduce_t>add_up[float],
    ("sum", "f8"): <size_t><void *><reduce_t>add_up[double],
}
FOLDS = {
    ("max", "f4"): both(<fold_t>fold[floats, Greatest], <table_t>fold_table[floats, Greatest]),
    ("max", "f8"): both(<fold_t>fold[doubles, Greatest], <table_t>fold_table[doubles, Greatest]),
    ("min", "f4"): both(<fold_t>fold[floats, Least], <table_t>fold_table[floats, Least]),
    ("min", "f8"): both(<fold_t>fold[doubles, Least], <table_t>fold_table[doubles, Least]),
    ("sum", "f4"): both(<fold_t>fold[floats, Sum], <table_t>fold_table[floats, Sum]),
    ("sum", "f8"): both(<fold_t>fold[doubles, Sum], <table_t>fold_table[doubles, Sum]),
}

"""Rows of accumulators, combined element by element: the loop that all of pooling comes down to.

`acc[i] = rule(rows[0][i], rows[1][i], ...)`, where the rows are whole rows of the input (a vertical pass) or one row
at several offsets (a horizontal pass).  The order in which taps meet depends on the number of rows alone (which
payload of several NaNs a maximum keeps, on how many come at once), so that the same bits come out on every
instruction set.
"""

from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

from cypool._kernels.types cimport Greatest, Least, Sum, Winner, combine_t, fold_t, halve_t, mend_t, rule_t, table_t

cdef extern from "numbers.h" nogil:
    float either_32(bint second, float a, float b)
    double either_64(bint second, double a, double b)
    float marked_32(float value, bint nan)
    double marked_64(double value, bint nan)
    bint unordered_32(float a, float b)
    bint unordered_64(double a, double b)


ctypedef fused acc_t:
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
    Winner


cdef inline acc_t either(bint second, acc_t a, acc_t b) noexcept nogil:
    if acc_t is float:
        return either_32(second, a, b)
    elif acc_t is double:
        return either_64(second, a, b)
    else:
        return b if second else a


cdef inline acc_t best(acc_t a, acc_t b, const rule_t *rule) noexcept nogil:
    """What stays of two taps, blind to NaN: a where they do not compare."""
    cdef bint second
    if acc_t is Winner:
        # Equal values: the smaller label, whatever the order in which taps are met.
        second = (b.key > a.key) | ((b.key == a.key) & (b.label < a.label))
        return Winner(b.key if second else a.key, b.label if second else a.label)
    elif rule_t is Sum:
        return a + b
    elif rule_t is Greatest:
        return either(b > a, a, b)
    else:
        return either(b < a, a, b)


cdef inline acc_t marked(acc_t value, bint nan, const rule_t *rule) noexcept nogil:
    """The value, or NaN."""
    if acc_t is float and rule_t is not Sum:
        return marked_32(value, nan)
    elif acc_t is double and rule_t is not Sum:
        return marked_64(value, nan)
    else:
        return value


cdef inline bint unordered(acc_t a, acc_t b, const rule_t *rule) noexcept nogil:
    """Whether one of two taps is a NaN that has to be marked; a sum sees to its own."""
    if acc_t is float and rule_t is not Sum:
        return unordered_32(a, b)
    elif acc_t is double and rule_t is not Sum:
        return unordered_64(a, b)
    else:
        return False


cdef inline acc_t merge(acc_t a, acc_t b, const rule_t *rule) noexcept nogil:
    """What stays of two taps. A NaN stays; of equal taps, the first."""
    cdef acc_t result = best(a, b, rule)
    if (acc_t is float or acc_t is double) and rule_t is not Sum:
        return either(b != b, result, b)
    else:
        return result


cdef inline acc_t merge_one(acc_t a, acc_t b, const rule_t *rule) noexcept nogil:
    """The same in code that does not become vectors, where a selection is the shorter way."""
    cdef acc_t result
    if (acc_t is float or acc_t is double) and rule_t is not Sum:
        if rule_t is Greatest:
            result = b if b > a else a
        else:
            result = b if b < a else a
        return b if b != b else result
    else:
        return merge(a, b, rule)


# Taps that join others: NaN by one comparison for two of them, and one mark for all. From six rows on this takes three
# quarters of the time of merge(); below that, the comparisons with memory cost more than they save. Sums take them one
# after the other, so that it is all the same how many come at once.

cdef inline acc_t join2(acc_t acc, acc_t a, acc_t b, const rule_t *rule) noexcept nogil:
    """Two more taps: a NaN in acc stays, since best() gives its first where they do not compare."""
    if rule_t is Sum:
        return best(best(acc, a, rule), b, rule)
    else:
        return marked(best(acc, best(a, b, rule), rule), unordered(a, b, rule), rule)


cdef inline acc_t join4(acc_t acc, acc_t a, acc_t b, acc_t c, acc_t d, const rule_t *rule) noexcept nogil:
    if rule_t is Sum:
        return best(best(best(best(acc, a, rule), b, rule), c, rule), d, rule)
    else:
        return marked(best(acc, best(best(a, b, rule), best(c, d, rule), rule), rule),
                      unordered(a, b, rule) | unordered(c, d, rule), rule)


cdef void combine(acc_t *acc, const acc_t **rows, Py_ssize_t n_rows, Py_ssize_t n, bint fresh,
                  const rule_t *rule) noexcept nogil:
    """Combine rows into acc, which holds earlier rows unless it is fresh.

    Up to four rows a loop, of sums of floats up to six: with more, and tests for NaN, registers run out before the load
    ports do.
    """
    cdef const acc_t *a = rows[0]
    cdef const acc_t *b
    cdef const acc_t *c
    cdef const acc_t *d
    cdef const acc_t *e
    cdef const acc_t *f
    cdef Py_ssize_t i, done
    if not fresh:
        done = 0
    elif n_rows == 1:
        memcpy(acc, a, <size_t>n * sizeof(acc_t))
        done = 1
    elif n_rows == 2:
        b = rows[1]
        for i in range(n):
            acc[i] = merge(a[i], b[i], rule)
        done = 2
    elif n_rows == 3:
        b = rows[1]
        c = rows[2]
        for i in range(n):
            acc[i] = merge(merge(a[i], b[i], rule), c[i], rule)
        done = 3
    elif rule_t is Sum and (acc_t is float or acc_t is double) and n_rows > 4:
        b = rows[1]
        c = rows[2]
        d = rows[3]
        e = rows[4]
        if n_rows == 5:
            for i in range(n):
                acc[i] = (a[i] + b[i]) + (c[i] + d[i]) + e[i]
        else:
            f = rows[5]
            for i in range(n):
                acc[i] = (a[i] + b[i]) + (c[i] + d[i]) + e[i] + f[i]
        done = min(n_rows, <Py_ssize_t>6)
    else:
        b = rows[1]
        c = rows[2]
        d = rows[3]
        for i in range(n):
            acc[i] = merge(merge(a[i], b[i], rule), merge(c[i], d[i], rule), rule)
        done = 4
    while done + 3 < n_rows:
        a = rows[done]
        b = rows[done + 1]
        c = rows[done + 2]
        d = rows[done + 3]
        for i in range(n):
            acc[i] = join4(acc[i], a[i], b[i], c[i], d[i], rule)
        done += 4
    while done + 1 < n_rows:
        a = rows[done]
        b = rows[done + 1]
        for i in range(n):
            acc[i] = join2(acc[i], a[i], b[i], rule)
        done += 2
    if done < n_rows:
        a = rows[done]
        for i in range(n):
            acc[i] = merge(acc[i], a[i], rule)


cdef void fold(acc_t *acc, const acc_t *row, Py_ssize_t taps, Py_ssize_t step, Py_ssize_t n, Py_ssize_t stride,
               Py_ssize_t ahead, const rule_t *rule) noexcept nogil:
    """Reduce n windows that lie along a row, `stride` apart, to one accumulator each.

    Long windows keep eight running results. Those of several windows stand side by side, and halving them three
    times is elementwise again: 7x7 windows take half the time of a reduction window by window. Of floats folds.pyx
    does the same, and is what most calls take.
    """
    cdef acc_t running[8 * 16]
    cdef acc_t halves[4 * 16]
    cdef acc_t *lanes
    cdef acc_t result
    cdef const acc_t *window
    cdef Py_ssize_t i, w, first, some
    cdef int lane
    if taps < 8 or step != 1:
        for w in range(n):
            window = row + w * stride
            result = window[0]
            for i in range(1, taps):
                result = merge_one(result, window[i * step], rule)
            acc[w] = result
        return
    for first in range(0, n, 16):
        some = min(<Py_ssize_t>16, n - first)
        for w in range(some):
            window = row + (first + w) * stride
            lanes = running + 8 * w
            for lane in range(8):
                lanes[lane] = window[lane]
            for i in range(8, taps - 7, 8):
                for lane in range(8):
                    lanes[lane] = merge_one(lanes[lane], window[i + lane], rule)
            for i in range(taps - taps % 8, taps):
                lanes[0] = merge_one(lanes[0], window[i], rule)
        for i in range(4 * some):
            halves[i] = merge(running[2 * i], running[2 * i + 1], rule)
        for i in range(2 * some):
            running[i] = merge(halves[2 * i], halves[2 * i + 1], rule)
        for i in range(some):
            acc[first + i] = merge(running[2 * i], running[2 * i + 1], rule)


cdef void fold_table(acc_t *acc, const acc_t *row, const Py_ssize_t *starts, const Py_ssize_t *counts, Py_ssize_t step,
                     Py_ssize_t n, const acc_t *identity, const rule_t *rule) noexcept nogil:
    """Reduce the n windows of a table: counts[j] taps from row[starts[j]] on, `step` apart; of none, the identity.

    One call for all of them: a call for each took most of the time of fractional and of adaptive windows.
    """
    cdef const acc_t *window
    cdef acc_t result
    cdef Py_ssize_t j, t
    for j in range(n):
        window = row + starts[j]
        if counts[j] >= 8:
            fold(acc + j, window, counts[j], step, 1, 0, 0, rule)
            continue
        result = window[0] if counts[j] > 0 else identity[0]
        for t in range(1, counts[j]):
            result = merge_one(result, window[t * step], rule)
        acc[j] = result


cdef void halve(acc_t *acc, const acc_t *row, Py_ssize_t taps, Py_ssize_t n, const rule_t *rule) noexcept nogil:
    """Windows of two or three taps at stride 2, the commonest of all: de-interleaved in registers.

    On a row in cache this takes half the time of splitting it into phases first.
    """
    cdef Py_ssize_t i
    if taps == 2:
        for i in range(n):
            acc[i] = merge(row[2 * i], row[2 * i + 1], rule)
    else:
        for i in range(n):
            acc[i] = merge(merge(row[2 * i], row[2 * i + 1], rule), row[2 * i + 2], rule)


cdef void mend(acc_t *acc, const acc_t *rows, Py_ssize_t n_rows, Py_ssize_t pitch, Py_ssize_t inner,
               Py_ssize_t output, Py_ssize_t first, Py_ssize_t before, Py_ssize_t taps, Py_ssize_t step,
               const rule_t *rule) noexcept nogil:
    """One output of each row anew: a border's window, of which a pass over all rows at once took too much.

    It has some taps, and lacks `before` taps before them; they meet in the order of combine().
    """
    cdef const acc_t *row
    cdef const acc_t *next_row
    cdef acc_t *mended
    cdef acc_t result
    cdef Py_ssize_t r, c, t
    for r in range(n_rows):
        row = rows + r * pitch + first
        mended = acc + r * pitch + output
        t = 1
        if inner == 1:
            result = row[0]
            while t < taps:
                if before + t == 2 and t + 1 < taps:
                    result = merge_one(result, merge_one(row[t * step], row[(t + 1) * step], rule), rule)
                    t += 2
                else:
                    result = merge_one(result, row[t * step], rule)
                    t += 1
            mended[0] = result
            continue
        memcpy(mended, row, <size_t>inner * sizeof(acc_t))
        while t < taps:
            row += step
            if before + t == 2 and t + 1 < taps:
                next_row = row + step
                for c in range(inner):
                    mended[c] = merge(mended[c], merge(row[c], next_row[c], rule), rule)
                row = next_row
                t += 2
            else:
                for c in range(inner):
                    mended[c] = merge(mended[c], row[c], rule)
                t += 1


cdef tuple all_of(combine_t combine_rows, fold_t fold_window, halve_t halve_row, mend_t mend_border, table_t fold_all):
    return (<size_t><void *>combine_rows, <size_t><void *>fold_window, <size_t><void *>halve_row,
            <size_t><void *>mend_border, <size_t><void *>fold_all)


# Addresses of (combine, fold, halve, mend, fold_table) by rule and accumulator. Folds of floats are in folds.pyx.
COMBINE = {
    ("max", "i1"): all_of(
        <combine_t>combine[int8_t, Greatest], <fold_t>fold[int8_t, Greatest], <halve_t>halve[int8_t, Greatest],
        <mend_t>mend[int8_t, Greatest], <table_t>fold_table[int8_t, Greatest]),
    ("max", "u1"): all_of(
        <combine_t>combine[uint8_t, Greatest], <fold_t>fold[uint8_t, Greatest], <halve_t>halve[uint8_t, Greatest],
        <mend_t>mend[uint8_t, Greatest], <table_t>fold_table[uint8_t, Greatest]),
    ("max", "i2"): all_of(
        <combine_t>combine[int16_t, Greatest], <fold_t>fold[int16_t, Greatest], <halve_t>halve[int16_t, Greatest],
        <mend_t>mend[int16_t, Greatest], <table_t>fold_table[int16_t, Greatest]),
    ("max", "u2"): all_of(
        <combine_t>combine[uint16_t, Greatest], <fold_t>fold[uint16_t, Greatest], <halve_t>halve[uint16_t, Greatest],
        <mend_t>mend[uint16_t, Greatest], <table_t>fold_table[uint16_t, Greatest]),
    ("max", "i4"): all_of(
        <combine_t>combine[int32_t, Greatest], <fold_t>fold[int32_t, Greatest], <halve_t>halve[int32_t, Greatest],
        <mend_t>mend[int32_t, Greatest], <table_t>fold_table[int32_t, Greatest]),
    ("max", "u4"): all_of(
        <combine_t>combine[uint32_t, Greatest], <fold_t>fold[uint32_t, Greatest], <halve_t>halve[uint32_t, Greatest],
        <mend_t>mend[uint32_t, Greatest], <table_t>fold_table[uint32_t, Greatest]),
    ("max", "i8"): all_of(
        <combine_t>combine[int64_t, Greatest], <fold_t>fold[int64_t, Greatest], <halve_t>halve[int64_t, Greatest],
        <mend_t>mend[int64_t, Greatest], <table_t>fold_table[int64_t, Greatest]),
    ("max", "u8"): all_of(
        <combine_t>combine[uint64_t, Greatest], <fold_t>fold[uint64_t, Greatest], <halve_t>halve[uint64_t, Greatest],
        <mend_t>mend[uint64_t, Greatest], <table_t>fold_table[uint64_t, Greatest]),
    ("max", "f4"): all_of(
        <combine_t>combine[float, Greatest], NULL, <halve_t>halve[float, Greatest],
        <mend_t>mend[float, Greatest], NULL),
    ("max", "f8"): all_of(
        <combine_t>combine[double, Greatest], NULL, <halve_t>halve[double, Greatest],
        <mend_t>mend[double, Greatest], NULL),
    ("max", "winner"): all_of(
        <combine_t>combine[Winner, Greatest], <fold_t>fold[Winner, Greatest], <halve_t>halve[Winner, Greatest],
        <mend_t>mend[Winner, Greatest], <table_t>fold_table[Winner, Greatest]),
    ("min", "i1"): all_of(
        <combine_t>combine[int8_t, Least], <fold_t>fold[int8_t, Least], <halve_t>halve[int8_t, Least],
        <mend_t>mend[int8_t, Least], <table_t>fold_table[int8_t, Least]),
    ("min", "u1"): all_of(
        <combine_t>combine[uint8_t, Least], <fold_t>fold[uint8_t, Least], <halve_t>halve[uint8_t, Least],
        <mend_t>mend[uint8_t, Least], <table_t>fold_table[uint8_t, Least]),
    ("min", "i2"): all_of(
        <combine_t>combine[int16_t, Least], <fold_t>fold[int16_t, Least], <halve_t>halve[int16_t, Least],
        <mend_t>mend[int16_t, Least], <table_t>fold_table[int16_t, Least]),
    ("min", "u2"): all_of(
        <combine_t>combine[uint16_t, Least], <fold_t>fold[uint16_t, Least], <halve_t>halve[uint16_t, Least],
        <mend_t>mend[uint16_t, Least], <table_t>fold_table[uint16_t, Least]),
    ("min", "i4"): all_of(
        <combine_t>combine[int32_t, Least], <fold_t>fold[int32_t, Least], <halve_t>halve[int32_t, Least],
        <mend_t>mend[int32_t, Least], <table_t>fold_table[int32_t, Least]),
    ("min", "u4"): all_of(
        <combine_t>combine[uint32_t, Least], <fold_t>fold[uint32_t, Least], <halve_t>halve[uint32_t, Least],
        <mend_t>mend[uint32_t, Least], <table_t>fold_table[uint32_t, Least]),
    ("min", "i8"): all_of(
        <combine_t>combine[int64_t, Least], <fold_t>fold[int64_t, Least], <halve_t>halve[int64_t, Least],
        <mend_t>mend[int64_t, Least], <table_t>fold_table[int64_t, Least]),
    ("min", "u8"): all_of(
        <combine_t>combine[uint64_t, Least], <fold_t>fold[uint64_t, Least], <halve_t>halve[uint64_t, Least],
        <mend_t>mend[uint64_t, Least], <table_t>fold_table[uint64_t, Least]),
    ("min", "f4"): all_of(
        <combine_t>combine[float, Least], NULL, <halve_t>halve[float, Least],
        <mend_t>mend[float, Least], NULL),
    ("min", "f8"): all_of(
        <combine_t>combine[double, Least], NULL, <halve_t>halve[double, Least],
        <mend_t>mend[double, Least], NULL),
    ("sum", "u2"): all_of(
        <combine_t>combine[uint16_t, Sum], <fold_t>fold[uint16_t, Sum], <halve_t>halve[uint16_t, Sum],
        <mend_t>mend[uint16_t, Sum], <table_t>fold_table[uint16_t, Sum]),
    ("sum", "u4"): all_of(
        <combine_t>combine[uint32_t, Sum], <fold_t>fold[uint32_t, Sum], <halve_t>halve[uint32_t, Sum],
        <mend_t>mend[uint32_t, Sum], <table_t>fold_table[uint32_t, Sum]),
    ("sum", "u8"): all_of(
        <combine_t>combine[uint64_t, Sum], <fold_t>fold[uint64_t, Sum], <halve_t>halve[uint64_t, Sum],
        <mend_t>mend[uint64_t, Sum], <table_t>fold_table[uint64_t, Sum]),
    ("sum", "f4"): all_of(
        <combine_t>combine[float, Sum], NULL, <halve_t>halve[float, Sum],
        <mend_t>mend[float, Sum], NULL),
    ("sum", "f8"): all_of(
        <combine_t>combine[double, Sum], NULL, <halve_t>halve[double, Sum],
        <mend_t>mend[double, Sum], NULL),
}

"""Rows that are moved, not computed with: gathered from any strides, scattered to them, split into phases, woven, or
repeated.

An element is known by its size alone. Loads and stores go through memcpy, so that unaligned data is fine; but for rows
that are repeated, which are aligned.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from cypool._kernels.types cimport Repeats, Winner, pack_t, pick_t, repeat_t, split_t, unpack_t, unsigned_t, weave_t


cdef extern from "numbers.h" nogil:
    uint16_t swap_16(uint16_t value)
    uint32_t swap_32(uint32_t value)
    uint64_t swap_64(uint64_t value)

cdef extern from "streams.h" nogil:
    void stream_bytes(char *out, const char *block, size_t n)

cdef extern from "vectors.h" nogil:
    Py_ssize_t LANES_32
    void transpose_32(char *out, Py_ssize_t out_step, const char *rows, Py_ssize_t step)


ctypedef fused moved_t:
    uint8_t
    uint16_t
    uint32_t
    uint64_t
    Winner


cdef inline unsigned_t swapped_bytes(unsigned_t value) noexcept nogil:
    if unsigned_t is uint16_t:
        return swap_16(value)
    elif unsigned_t is uint32_t:
        return swap_32(value)
    elif unsigned_t is uint64_t:
        return swap_64(value)
    else:
        return value


cdef void pack(unsigned_t *row, const char *data, Py_ssize_t n, Py_ssize_t stride, bint swapped) noexcept nogil:
    """row[i] = data[i * stride]. Reversed and every-other rows are common, and a constant stride vectorises."""
    cdef Py_ssize_t i
    cdef Py_ssize_t size = sizeof(unsigned_t)
    if stride == size:
        memcpy(row, data, <size_t>(n * size))
    elif stride == -size:
        for i in range(n):
            memcpy(&row[i], data - i * <Py_ssize_t>sizeof(unsigned_t), sizeof(unsigned_t))
    elif stride == 2 * size:
        for i in range(n):
            memcpy(&row[i], data + 2 * i * <Py_ssize_t>sizeof(unsigned_t), sizeof(unsigned_t))
    else:
        for i in range(n):
            memcpy(&row[i], data + i * stride, sizeof(unsigned_t))
    if swapped:
        for i in range(n):
            row[i] = swapped_bytes(row[i])


cdef void unpack(char *data, const unsigned_t *row, Py_ssize_t n, Py_ssize_t stride, bint swapped) noexcept nogil:
    cdef Py_ssize_t i
    cdef unsigned_t value
    if swapped:
        for i in range(n):
            value = swapped_bytes(row[i])
            memcpy(data + i * stride, &value, sizeof(unsigned_t))
    elif stride == <Py_ssize_t>sizeof(unsigned_t):
        memcpy(data, row, <size_t>n * sizeof(unsigned_t))
    elif stride == -<Py_ssize_t>sizeof(unsigned_t):
        for i in range(n):
            memcpy(data - i * <Py_ssize_t>sizeof(unsigned_t), &row[i], sizeof(unsigned_t))
    else:
        for i in range(n):
            memcpy(data + i * stride, &row[i], sizeof(unsigned_t))


cdef void split(moved_t *phases, Py_ssize_t phase_size, const moved_t *row, Py_ssize_t n_groups, Py_ssize_t stride,
                Py_ssize_t n_phases, Py_ssize_t group) noexcept nogil:
    """De-interleave: phases[p * phase_size + i] = row[i * stride + p], for elements in groups of `group`.

    Windows that are `stride` apart then stand side by side, and the rest of the pass is elementwise.
    """
    cdef Py_ssize_t i, p, c, start, stop, whole
    cdef moved_t *first = phases
    cdef moved_t *second = phases + phase_size
    cdef moved_t *third = phases + 2 * phase_size
    cdef moved_t *fourth = phases + 3 * phase_size
    if group == 1 and stride == 2 and n_phases == 2:
        for i in range(n_groups):
            first[i] = row[2 * i]
            second[i] = row[2 * i + 1]
    elif group == 1 and stride == 3 and n_phases == 3:
        for i in range(n_groups):
            first[i] = row[3 * i]
            second[i] = row[3 * i + 1]
            third[i] = row[3 * i + 2]
    elif group == 1 and stride == 4 and n_phases == 4:
        for i in range(n_groups):
            first[i] = row[4 * i]
            second[i] = row[4 * i + 1]
            third[i] = row[4 * i + 2]
            fourth[i] = row[4 * i + 3]
    elif group == 1 and sizeof(moved_t) == 4 and n_phases >= LANES_32:
        # Squares of a vector's lanes; the last of a group begins early enough to end with it.
        whole = 0
        while whole + LANES_32 <= n_groups:
            p = 0
            while p < n_phases:
                p = min(p, n_phases - LANES_32)
                transpose_32(<char *>(phases + p * phase_size + whole), 4 * phase_size,
                             <const char *>(row + whole * stride + p), 4 * stride)
                p += LANES_32
            whole += LANES_32
        for p in range(n_phases):
            for i in range(whole, n_groups):
                phases[p * phase_size + i] = row[i * stride + p]
    elif group == 1:
        for start in range(0, n_groups, 32):
            stop = min(start + 32, n_groups)
            for p in range(n_phases):
                for i in range(start, stop):
                    phases[p * phase_size + i] = row[i * stride + p]
    else:
        for p in range(n_phases):
            for i in range(n_groups):
                for c in range(group):
                    phases[p * phase_size + group * i + c] = row[group * (i * stride + p) + c]


cdef inline void move(char *out, const char *row, Py_ssize_t n) noexcept nogil:
    """n bytes in pieces of a handy size, the last of which ends where they end: for so few a call costs more."""
    cdef Py_ssize_t part = 0
    if n >= 64:
        while part < n - 64:
            memcpy(out + part, row + part, 64)
            part += 64
        memcpy(out + n - 64, row + n - 64, 64)
    elif n >= 32:
        memcpy(out, row, 32)
        memcpy(out + n - 32, row + n - 32, 32)
    elif n >= 16:
        memcpy(out, row, 16)
        memcpy(out + n - 16, row + n - 16, 16)
    elif n >= 8:
        memcpy(out, row, 8)
        memcpy(out + n - 8, row + n - 8, 8)
    else:
        for part in range(n):
            out[part] = row[part]


cdef void pick(char *out, const char *row, Py_ssize_t n_groups, Py_ssize_t group, Py_ssize_t step) noexcept nogil:
    """Every `step` bytes of a row a group of `group` bytes, side by side.

    A group is moved as if it had the next handy size; what is too much is overwritten by the next group. Only the
    last groups, which would reach beyond the end, are moved exactly.
    """
    cdef Py_ssize_t i = 0
    if group == 4:
        for i in range(n_groups):
            memcpy(out + i * 4, row + i * step, 4)
        return
    if group > 64:
        for i in range(n_groups):
            move(out + i * group, row + i * step, group)
        return
    if group <= 4:
        while (i + 1) * group + 4 <= n_groups * group:
            memcpy(out + i * group, row + i * step, 4)
            i += 1
    elif group <= 8:
        while (i + 1) * group + 8 <= n_groups * group:
            memcpy(out + i * group, row + i * step, 8)
            i += 1
    elif group <= 16:
        while (i + 1) * group + 16 <= n_groups * group:
            memcpy(out + i * group, row + i * step, 16)
            i += 1
    elif group <= 32:
        while (i + 1) * group + 32 <= n_groups * group:
            memcpy(out + i * group, row + i * step, 32)
            i += 1
    else:
        while (i + 1) * group + 64 <= n_groups * group:
            memcpy(out + i * group, row + i * step, 64)
            i += 1
    while i < n_groups:
        memcpy(out + i * group, row + i * step, <size_t>group)
        i += 1


cdef inline void interleave(unsigned_t *out, const unsigned_t **phases, Py_ssize_t n_phases,
                            Py_ssize_t n) noexcept nogil:
    """out[i * n_phases + p] = phases[p][i]."""
    cdef const unsigned_t *first = phases[0]
    cdef const unsigned_t *second = phases[1]
    cdef Py_ssize_t i, p, whole = n // n_phases
    if n_phases == 2:
        for i in range(whole):
            out[2 * i] = first[i]
            out[2 * i + 1] = second[i]
    else:
        for p in range(n_phases):
            first = phases[p]
            for i in range(whole):
                out[i * n_phases + p] = first[i]
    for i in range(whole * n_phases, n):
        out[i] = phases[i % n_phases][i // n_phases]


cdef void weave(char *out, const char **phases, Py_ssize_t n_phases, Py_ssize_t n, Py_ssize_t group,
                Py_ssize_t size) noexcept nogil:
    """The inverse of a split: n groups of elements, by turns from each phase."""
    cdef Py_ssize_t i, p
    if group == 1 and size == 4:
        interleave(<uint32_t *>out, <const uint32_t **>phases, n_phases, n)
    elif group == 1 and size == 8:
        interleave(<uint64_t *>out, <const uint64_t **>phases, n_phases, n)
    else:
        size *= group
        for i in range((n + n_phases - 1) // n_phases):
            for p in range(min(n_phases, n - i * n_phases)):
                memcpy(out + (i * n_phases + p) * size, phases[p] + i * size, <size_t>size)


cdef inline Py_ssize_t repeat_elements(unsigned_t *out, const unsigned_t *row, const Repeats *how) noexcept nogil:
    """Each element several times, and then 0, as long as all of that is needed; gives the elements' number."""
    cdef Py_ssize_t times = how.times, period = how.times + how.gap, n = how.n // period
    cdef Py_ssize_t i, t
    if period == 2 and times == 2:
        for i in range(n):
            out[2 * i] = row[i]
            out[2 * i + 1] = row[i]
    elif times < 4:
        for t in range(times):
            for i in range(n):
                out[i * period + t] = row[i]
        for t in range(times, period):
            for i in range(n):
                out[i * period + t] = 0
    else:
        for i in range(n):
            for t in range(times):
                out[i * period + t] = row[i]
            for t in range(times, period):
                out[i * period + t] = 0
    return n


cdef inline void repeat_row(unsigned_t *out, const unsigned_t *row, const Repeats *how) noexcept nogil:
    cdef Py_ssize_t group = how.group, group_bytes = group * <Py_ssize_t>sizeof(unsigned_t)
    cdef Py_ssize_t period = how.times + how.gap, begin = how.skipped, left = how.n
    cdef Py_ssize_t n, t
    if group == 1 and begin == 0:
        n = repeat_elements(out, row, how)
        out += n * period
        row += n
        left -= n * period
    while left > 0:
        n = max(<Py_ssize_t>0, min(how.times - begin, left))
        if group == 1:
            for t in range(n):
                out[t] = row[0]
        elif how.streamed:
            for t in range(n):
                stream_bytes(<char *>(out + t * group), <const char *>row, <size_t>group_bytes)
        else:
            for t in range(n):
                move(<char *>(out + t * group), <const char *>row, group_bytes)
        out += n * group
        left -= n
        if how.gap:
            n = min(period - max(begin, how.times), left)
            memset(out, 0, <size_t>(n * group_bytes))
            out += n * group
            left -= n
        row += group
        begin = 0
    if how.n_blank:
        memset(out, 0, <size_t>(how.n_blank * group_bytes))


cdef void repeat(char *out, Py_ssize_t out_step, const unsigned_t *rows, Py_ssize_t row_step, Py_ssize_t n_rows,
                 const Repeats *how) noexcept nogil:
    """Each element of a row, or group of neighbours, several times, and the row itself as well: in the order of memory.

    The steps from row to row are of bytes.
    """
    cdef const char *row = <const char *>rows
    cdef Py_ssize_t n_bytes = (how.n + how.n_blank) * <Py_ssize_t>sizeof(unsigned_t)
    # Copies of the first row wait but once until it can be read; less than a vector is made again sooner.
    cdef bint copied = how.group == 1 and (how.times < 4 or n_bytes >= 32)
    cdef Py_ssize_t _r, t
    for _r in range(n_rows):
        for t in range(how.rows):
            if t > 0 and copied:
                memcpy(out, out - t * out_step, <size_t>n_bytes)
            else:
                repeat_row(<unsigned_t *>out, <const unsigned_t *>row, how)
            out += out_step
        row += row_step


cdef tuple addresses(pack_t gather, unpack_t scatter, split_t into_phases, repeat_t repeat_rows):
    return (<size_t><void *>gather, <size_t><void *>scatter, <size_t><void *>into_phases,
            <size_t><void *>repeat_rows)


# Addresses of (pack, unpack, split, repeat) by element size in bytes.
MOVE = {
    1: addresses(<pack_t>pack[uint8_t], <unpack_t>unpack[uint8_t], <split_t>split[uint8_t],
                 <repeat_t>repeat[uint8_t]),
    2: addresses(<pack_t>pack[uint16_t], <unpack_t>unpack[uint16_t], <split_t>split[uint16_t],
                 <repeat_t>repeat[uint16_t]),
    4: addresses(<pack_t>pack[uint32_t], <unpack_t>unpack[uint32_t], <split_t>split[uint32_t],
                 <repeat_t>repeat[uint32_t]),
    8: addresses(<pack_t>pack[uint64_t], <unpack_t>unpack[uint64_t], <split_t>split[uint64_t],
                 <repeat_t>repeat[uint64_t]),
    16: addresses(NULL, NULL, <split_t>split[Winner], NULL),
}

cdef size_t picks(pick_t function):
    return <size_t><void *>function


cdef size_t weaves(weave_t function):
    return <size_t><void *>function


PICK = picks(pick)
WEAVE = weaves(weave)

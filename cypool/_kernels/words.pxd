# Vectors of 64 bytes of small integers, see words.h, and what columns of four rows of windows come to in them.

from libc.stdint cimport int8_t, int16_t, uint8_t, uint16_t, uint32_t, uint64_t

from cypool._kernels.types cimport Greatest, Sum, rule_t

cdef extern from "words.h" nogil:
    ctypedef uint32_t word_mask
    ctypedef struct words:
        pass
    word_mask first_words(Py_ssize_t n)
    ctypedef uint64_t byte_mask
    byte_mask first_bytes(Py_ssize_t n)
    words some_8(const char *row, byte_mask mask, words others)
    words evens_u8(words bytes)
    words odds_u8(words bytes)
    words evens_i8(words bytes)
    words odds_i8(words bytes)
    words woven_8(words evens, words odds)
    void store_bytes(char *row, byte_mask mask, words v)
    words some_u8(const char *row, word_mask mask, words others)
    words some_i8(const char *row, word_mask mask, words others)
    words some_16(const char *row, word_mask mask, words others)
    words some_u16_as_32(const char *row, word_mask mask, words others)
    words some_i16_as_32(const char *row, word_mask mask, words others)
    void store_some_8(char *row, word_mask mask, words v)
    void store_some_16(char *row, word_mask mask, words v)
    void store_some_w32(char *row, word_mask mask, words v)
    words all_8(int value)
    words all_16(int value)
    words all_w32(int value)
    words greater_u8(words a, words b)
    words greater_i8(words a, words b)
    words less_u8(words a, words b)
    words less_i8(words a, words b)
    words greater_u16(words a, words b)
    words greater_i16(words a, words b)
    words less_u16(words a, words b)
    words less_i16(words a, words b)
    words sum_16(words a, words b)
    words sum_w32(words a, words b)
    words mean_16(words v, uint16_t added, uint16_t factor, int shift)
    words numbers_from_16(int first)
    words numbers_from_w32(int first)
    words taken_16(words a, words b, words numbers)
    words taken_w32(words a, words b, words numbers)

# Bytes as they are, and of those without a sign each second one, as numbers of 16 bits.
cdef struct Bytes:
    char unused

cdef struct SignedBytes:
    char unused

cdef struct Evens:
    char unused

cdef struct Odds:
    char unused

ctypedef fused source_t:
    uint8_t
    int8_t
    uint16_t
    int16_t
    Bytes
    SignedBytes
    Evens
    Odds


cdef inline bint doubled(const source_t *kind, const rule_t *rule) noexcept nogil:
    """Whether lanes have 32 bits."""
    return rule_t is Sum and (source_t is uint16_t or source_t is int16_t)


cdef inline words some(const char *row, byte_mask mask, words outside, const source_t *kind,
                       const rule_t *rule) noexcept nogil:
    if source_t is Evens:
        return evens_u8(some_8(row, mask, outside))
    elif source_t is Odds:
        return odds_u8(some_8(row, mask, outside))
    elif source_t is Bytes or source_t is SignedBytes:
        return some_8(row, mask, outside)
    elif source_t is uint8_t:
        return some_u8(row, <word_mask>mask, outside)
    elif source_t is int8_t:
        return some_i8(row, <word_mask>mask, outside)
    elif rule_t is not Sum:
        return some_16(row, <word_mask>mask, outside)
    elif source_t is uint16_t:
        return some_u16_as_32(row, <word_mask>mask, outside)
    else:
        return some_i16_as_32(row, <word_mask>mask, outside)


cdef inline words met(words a, words b, const source_t *kind, const rule_t *rule) noexcept nogil:
    if source_t is Bytes:
        return greater_u8(a, b) if rule_t is Greatest else less_u8(a, b)
    elif source_t is SignedBytes:
        return greater_i8(a, b) if rule_t is Greatest else less_i8(a, b)
    elif rule_t is Sum:
        return sum_w32(a, b) if doubled(kind, rule) else sum_16(a, b)
    elif rule_t is Greatest:
        return greater_u16(a, b) if source_t is uint8_t or source_t is uint16_t else greater_i16(a, b)
    else:
        return less_u16(a, b) if source_t is uint8_t or source_t is uint16_t else less_i16(a, b)


cdef inline words one_column(const char *row, Py_ssize_t row_step, Py_ssize_t n_taps, byte_mask there, words outside,
                             const source_t *kind, const rule_t *rule) noexcept nogil:
    """What one row of windows has of its columns, of so many rows that are there."""
    cdef words result = some(row, there, outside, kind, rule)
    cdef Py_ssize_t t
    for t in range(1, n_taps):
        result = met(result, some(row + t * row_step, there, outside, kind, rule), kind, rule)
    return result


cdef inline void four_columns(words *columns, const char *row, Py_ssize_t row_step, Py_ssize_t taps, byte_mask there,
                              words outside, const source_t *kind, const rule_t *rule) noexcept nogil:
    """The same of four rows of windows, which from four taps on share all but three rows on each side."""
    cdef words a = some(row, there, outside, kind, rule), b = some(row + row_step, there, outside, kind, rule)
    cdef words c = some(row + 2 * row_step, there, outside, kind, rule)
    cdef words shared = some(row + 3 * row_step, there, outside, kind, rule), x, y, z
    cdef const char *last = row + taps * row_step
    cdef Py_ssize_t t
    y = some(last + row_step, there, outside, kind, rule)
    z = some(last + 2 * row_step, there, outside, kind, rule)
    if taps == 1:
        columns[0], columns[1], columns[2], columns[3] = a, b, c, shared
        return
    if taps == 2:
        columns[0], columns[1] = met(a, b, kind, rule), met(b, c, kind, rule)
        columns[2], columns[3] = met(c, shared, kind, rule), met(shared, z, kind, rule)
        return
    if taps == 3:
        b = met(b, c, kind, rule)
        y = met(shared, y, kind, rule)
        columns[0] = met(a, b, kind, rule)
        columns[1] = met(b, shared, kind, rule)
        columns[2] = met(c, y, kind, rule)
        columns[3] = met(y, z, kind, rule)
        return
    x = some(last, there, outside, kind, rule)
    for t in range(4, taps):
        shared = met(shared, some(row + t * row_step, there, outside, kind, rule), kind, rule)
    c = met(c, shared, kind, rule)
    b = met(b, c, kind, rule)
    y = met(x, y, kind, rule)
    columns[0] = met(a, b, kind, rule)
    columns[1] = met(b, x, kind, rule)
    columns[2] = met(c, y, kind, rule)
    columns[3] = met(met(shared, y, kind, rule), z, kind, rule)

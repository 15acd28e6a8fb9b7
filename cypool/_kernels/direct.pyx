"""Small windows from the input's rows straight to the output, all taps of a window in registers.

Windows of up to four rows of floats or doubles: two or three taps wide at stride 2, four at stride 4, three at
stride 1; or, where channels come last, of up to four taps at any stride. They are the commonest of all. No scratch row
is written, and what the next rows need is fetched while these are computed, a line for each that is read. So a call
takes about as long as reading its input, where passes over scratch rows took two to three times that.

Taps meet in the order in which combine.pyx lets them meet: first those of a column, then along the row.
"""

from cypool._kernels.ahead cimport Ahead, fetch_lines, fetch_rows, next_rows, rows_ahead
from cypool._kernels.types cimport Direct, Greatest, Least, Sum, direct_t, rule_t
from cypool._kernels.vectors cimport (
    advanced, divided, doubles, evens, floats, halved, lanes, load, merge, odds, shifted, size, store, stream, vector_t,
)

cdef enum:
    SOME_BYTES = 2048       # of neighbours, whose columns are kept from one window to the next
    FEW = 8                 # vectors of neighbours, of which the last may not be a whole one

# Rows of a window; by value, so that they stay in registers.
cdef struct Rows:
    const char *a
    const char *b
    const char *c
    const char *d


cdef inline vector_t column(Rows rows, Py_ssize_t n_rows, Py_ssize_t at, bint one, const vector_t *kind,
                            const rule_t *rule) noexcept nogil:
    """Neighbours of the window's rows, or one element of them, combined."""
    cdef vector_t a, b, c, d
    a = load(rows.a + at, one, kind)
    if n_rows == 1:
        return a
    b = load(rows.b + at, one, kind)
    if n_rows == 2:
        return merge(a, b, rule)
    c = load(rows.c + at, one, kind)
    if n_rows == 3:
        return merge(merge(a, b, rule), c, rule)
    d = load(rows.d + at, one, kind)
    return merge(merge(a, b, rule), merge(c, d, rule), rule)


cdef inline vector_t of_three(vector_t before, vector_t a, vector_t b, vector_t *last,
                              const rule_t *rule) noexcept nogil:
    """Windows of three at stride 2, of two vectors and what came before them; `last` becomes what comes before the
    next ones."""
    last[0] = odds(a, b)
    return merge(merge(shifted(before, last[0]), evens(a, b), rule), last[0], rule)


cdef inline vector_t amid(vector_t before, vector_t v, vector_t after, const rule_t *rule) noexcept nogil:
    """Windows of three at stride 1, around the elements of v."""
    return merge(merge(shifted(before, v), v, rule), advanced(v, after), rule)


cdef inline void put(char *out, Py_ssize_t at, vector_t v, bint one, Direct how, const rule_t *rule) noexcept nogil:
    """The results `at` bytes behind the row's first."""
    if rule_t is Sum:
        v = divided(v, how.divisors + at if how.divisors != NULL else NULL, one, &how)
    store(out + at, v, one)


cdef inline vector_t single(Rows rows, Py_ssize_t n_rows, Py_ssize_t at, Py_ssize_t taps, const vector_t *kind,
                            const rule_t *rule) noexcept nogil:
    """One window. Four taps meet as halves of halves, as they do in a vector."""
    cdef vector_t result = column(rows, n_rows, at, True, kind, rule)
    cdef Py_ssize_t t
    if taps == 4:
        result = merge(result, column(rows, n_rows, at + size(kind), True, kind, rule), rule)
        result = merge(result, merge(column(rows, n_rows, at + 2 * size(kind), True, kind, rule),
                                     column(rows, n_rows, at + 3 * size(kind), True, kind, rule), rule), rule)
    else:
        for t in range(1, taps):
            result = merge(result, column(rows, n_rows, at + t * size(kind), True, kind, rule), rule)
    return result


cdef inline void run_singles(char *out, Rows rows, Py_ssize_t n_rows, Direct how,
                             const vector_t *kind, const rule_t *rule) noexcept nogil:
    """A row of fewer outputs than a vector holds."""
    cdef Py_ssize_t i, first, taps
    cdef vector_t result
    for i in range(how.n):
        first = 1 if how.lacks_first and i == 0 else 0
        taps = how.taps - first - (1 if how.lacks_last and i == how.n - 1 else 0)
        result = single(rows, n_rows, (i * how.stride + first) * size(kind), taps, kind, rule)
        put(out, i * size(kind), result, True, how, rule)


cdef inline void run_apart(char *out, Rows rows, Py_ssize_t n_rows, Py_ssize_t taps, Py_ssize_t stride,
                           Ahead ahead, Direct how, const vector_t *kind, const rule_t *rule) noexcept nogil:
    """A row of outputs at stride 2 or 4. The last vector begins early enough to end with it."""
    cdef Py_ssize_t width = lanes(kind) * size(kind)
    cdef Py_ssize_t i = 0, at
    cdef vector_t result, before, a, b
    if taps == 3:
        before = load(how.identity, True, kind) if how.lacks_first else column(rows, n_rows, 0, True, kind, rule)
    while i < how.n:
        if i + lanes(kind) > how.n:
            i = how.n - lanes(kind)
            if taps == 3:
                before = column(rows, n_rows, i * stride * size(kind), True, kind, rule)
        at = i * stride * size(kind)
        fetch_rows(ahead, n_rows, at, stride * width)
        if taps == 3:
            at += size(kind)
        a = column(rows, n_rows, at, False, kind, rule)
        if taps == 3 and how.lacks_last and i + lanes(kind) == how.n:
            b = advanced(column(rows, n_rows, at + width - size(kind), False, kind, rule),
                         load(how.identity, True, kind))
        else:
            b = column(rows, n_rows, at + width, False, kind, rule)
        if taps == 2:
            result = halved(a, b, rule)
        elif taps == 3:
            result = of_three(before, a, b, &before, rule)
        else:
            a = halved(a, b, rule)
            b = halved(column(rows, n_rows, at + 2 * width, False, kind, rule),
                       column(rows, n_rows, at + 3 * width, False, kind, rule), rule)
            result = halved(a, b, rule)
        put(out, i * size(kind), result, False, how, rule)
        i += lanes(kind)


cdef inline void run_neighbours(char *out, Rows rows, Py_ssize_t n_rows, Ahead ahead, Direct how,
                                const vector_t *kind, const rule_t *rule) noexcept nogil:
    """A row of outputs of two taps at stride 1."""
    cdef Py_ssize_t i = 0, at
    while i < how.n:
        i = min(i, how.n - lanes(kind))
        at = i * size(kind)
        fetch_rows(ahead, 1, at, lanes(kind) * size(kind))
        put(out, at, merge(column(rows, n_rows, at, False, kind, rule),
                           column(rows, n_rows, at + size(kind), False, kind, rule), rule), False, how, rule)
        i += lanes(kind)


cdef inline void run_side_by_side(char *out, Rows rows, Py_ssize_t n_rows, Ahead ahead, Direct how,
                                  const vector_t *kind, const rule_t *rule) noexcept nogil:
    """A row of outputs of three taps at stride 1: a vector of columns, the one before and the one behind it."""
    cdef Py_ssize_t width = lanes(kind) * size(kind)
    cdef Py_ssize_t i = 0, at, left
    cdef vector_t before, v, after
    before = load(how.identity, True, kind) if how.lacks_first else column(rows, n_rows, 0, True, kind, rule)
    v = column(rows, n_rows, size(kind), False, kind, rule)
    while True:
        at = (i + 1) * size(kind)
        left = how.n - i - lanes(kind)
        fetch_rows(ahead, 1, at, width)
        if left >= lanes(kind):
            after = column(rows, n_rows, at + width, False, kind, rule)
        elif left == 0 and how.lacks_last:
            after = load(how.identity, True, kind)
        else:
            after = column(rows, n_rows, at + width, True, kind, rule)
        put(out, i * size(kind), amid(before, v, after, rule), False, how, rule)
        if left == 0:
            return
        if left >= lanes(kind):
            i += lanes(kind)
            before = v
            v = after
        else:
            i = how.n - lanes(kind)
            before = column(rows, n_rows, i * size(kind), True, kind, rule)
            v = column(rows, n_rows, (i + 1) * size(kind), False, kind, rule)


cdef inline vector_t across(Rows rows, Py_ssize_t n_rows, Py_ssize_t taps, Py_ssize_t at, Py_ssize_t step, bint one,
                            const vector_t *kind, const rule_t *rule) noexcept nogil:
    """Windows of neighbours that are pooled alike."""
    cdef vector_t a, b, c, d
    a = column(rows, n_rows, at, one, kind, rule)
    if taps == 1:
        return a
    b = column(rows, n_rows, at + step, one, kind, rule)
    if taps == 2:
        return merge(a, b, rule)
    c = column(rows, n_rows, at + 2 * step, one, kind, rule)
    if taps == 3:
        return merge(merge(a, b, rule), c, rule)
    d = column(rows, n_rows, at + 3 * step, one, kind, rule)
    return merge(merge(a, b, rule), merge(c, d, rule), rule)


cdef inline void run_inner(char *out, Rows rows, Py_ssize_t n_rows, Py_ssize_t taps, Ahead ahead, Direct how,
                           const vector_t *kind, const rule_t *rule) noexcept nogil:
    """A row of outputs of some neighbours each.

    A processor foresees such long rows, but not a new one among others, and some not even two that are read by turns.
    """
    cdef Py_ssize_t step = lanes(kind) if how.inner >= lanes(kind) else 1
    cdef Py_ssize_t j, c, at
    cdef vector_t v
    for j in range(how.n):
        at = j * how.output_step
        if how.ahead != 0:
            fetch_lines(ahead.first + at, how.output_step)
            if ahead.n_rows == 2 and n_rows > 1:
                fetch_lines(ahead.first + (rows.b - rows.a) + at, how.output_step)
                if n_rows == 4:
                    fetch_lines(ahead.second + at, how.output_step)
                    fetch_lines(ahead.second + (rows.d - rows.c) + at, how.output_step)
        c = 0
        while c < how.inner:
            if step > 1:
                c = min(c, how.inner - step)
                v = across(rows, n_rows, taps, at + c * size(kind), how.tap_step, False, kind, rule)
            else:
                v = across(rows, n_rows, taps, at + c * size(kind), how.tap_step, True, kind, rule)
            if rule_t is Sum:
                v = divided(v, how.divisors + j * size(kind) if how.divisors != NULL else NULL, True, &how)
            if how.streamed and step > 1:
                stream(out + c * size(kind), v)
            else:
                store(out + c * size(kind), v, step == 1)
            c += step
        out += how.inner * size(kind)


cdef inline void shared_windows(char *out, Rows rows, Py_ssize_t n_rows, Py_ssize_t at, bint known, char *older,
                                char *newer, const char *divisors, Direct how, const vector_t *kind,
                                const rule_t *rule) noexcept nogil:
    """A vector of windows of three columns, of which the first two are there if they are known."""
    cdef vector_t first, middle, last
    first = load(older, False, kind) if known else column(rows, n_rows, at, False, kind, rule)
    if known:
        middle = load(newer, False, kind)
    else:
        middle = column(rows, n_rows, at + how.tap_step, False, kind, rule)
    last = column(rows, n_rows, at + 2 * how.tap_step, False, kind, rule)
    if not known:
        store(newer, middle, False)
    store(older, last, False)
    first = merge(merge(first, middle, rule), last, rule)
    if rule_t is Sum:
        first = divided(first, divisors, True, &how)
    if how.streamed:
        stream(out, first)
    else:
        store(out, first, False)


cdef inline void run_sharing(char *out, Rows rows, Py_ssize_t n_rows, Ahead ahead, Direct how, const vector_t *kind,
                             const rule_t *rule) noexcept nogil:
    """The same of three taps at stride 1: columns, which are of three windows, are made once.

    The last vector of neighbours begins early enough to end with them, and is mostly the next window's already: its
    columns are made anew.
    """
    cdef char columns[2 * SOME_BYTES]
    cdef char *older
    cdef char *newer
    cdef const char *divisors = NULL
    cdef Py_ssize_t width = lanes(kind) * size(kind), n_bytes = how.inner * size(kind)
    cdef Py_ssize_t begin = 0, some, whole, j, c, at
    cdef char *row
    while begin < n_bytes:
        begin = max(<Py_ssize_t>0, min(begin, n_bytes - width))
        some = min(n_bytes - begin, <Py_ssize_t>SOME_BYTES)
        whole = some // width * width
        older = columns
        newer = columns + SOME_BYTES
        for j in range(how.n):
            at = j * how.output_step + begin
            row = out + j * n_bytes + begin
            if how.divisors != NULL:
                divisors = how.divisors + j * size(kind)
            if ahead.n_rows == 1 and how.ahead != 0:
                fetch_lines(ahead.first + at, min(how.output_step, some))
            c = 0
            if j == 0:
                while c < whole:
                    shared_windows(row + c, rows, n_rows, at + c, False, older + c, newer + c, divisors, how, kind,
                                   rule)
                    c += width
            else:
                while c < whole:
                    shared_windows(row + c, rows, n_rows, at + c, True, older + c, newer + c, divisors, how, kind,
                                   rule)
                    c += width
            if c < some:
                c = some - width
                shared_windows(row + c, rows, n_rows, at + c, False, older + c, newer + c, divisors, how, kind, rule)
            older, newer = newer, older
        begin += some


cdef inline void run_rows(char *out, Py_ssize_t out_step, Rows rows, Py_ssize_t n_rows, Py_ssize_t row_step,
                          Py_ssize_t n_out_rows, Py_ssize_t taps, Py_ssize_t stride, Direct how, const vector_t *kind,
                          const rule_t *rule) noexcept nogil:
    cdef Py_ssize_t _i
    cdef Ahead ahead = rows_ahead(rows.a, rows.b, rows.c, rows.d, n_rows, &how)
    for _i in range(n_out_rows):
        if stride < 0:
            run_sharing(out, rows, n_rows, ahead, how, kind, rule)
        elif stride == 0 and taps > 0:
            run_inner(out, rows, n_rows, taps, ahead, how, kind, rule)
        elif taps == 0:
            run_singles(out, rows, n_rows, how, kind, rule)
        elif stride == 1 and taps == 2:
            run_neighbours(out, rows, n_rows, ahead, how, kind, rule)
        elif stride == 1:
            run_side_by_side(out, rows, n_rows, ahead, how, kind, rule)
        else:
            run_apart(out, rows, n_rows, taps, stride, ahead, how, kind, rule)
        out += out_step
        ahead = next_rows(ahead, row_step)
        rows.a += row_step
        rows.b += row_step
        rows.c += row_step
        rows.d += row_step
        if how.divisors != NULL:
            how.divisors += how.divisors_step


cdef inline void by_taps(char *out, Py_ssize_t out_step, Rows rows, Py_ssize_t n_rows, Py_ssize_t row_step,
                         Py_ssize_t n_out_rows, Direct how, const vector_t *kind, const rule_t *rule) noexcept nogil:
    """A loop for each kind of windows, in which the compiler knows their taps."""
    if n_rows == 3 and how.taps == 3 and how.output_step == how.tap_step and (
            how.inner >= FEW * lanes(kind) or (how.inner > 0 and how.inner % lanes(kind) == 0)):
        run_rows(out, out_step, rows, n_rows, row_step, n_out_rows, 3, -1, how, kind, rule)
    elif how.inner > 0:
        if how.taps == 1:
            run_rows(out, out_step, rows, n_rows, row_step, n_out_rows, 1, 0, how, kind, rule)
        elif how.taps == 2:
            run_rows(out, out_step, rows, n_rows, row_step, n_out_rows, 2, 0, how, kind, rule)
        elif how.taps == 3:
            run_rows(out, out_step, rows, n_rows, row_step, n_out_rows, 3, 0, how, kind, rule)
        else:
            run_rows(out, out_step, rows, n_rows, row_step, n_out_rows, 4, 0, how, kind, rule)
    elif how.n < lanes(kind):
        run_rows(out, out_step, rows, n_rows, row_step, n_out_rows, 0, 0, how, kind, rule)
    elif how.stride == 1 and how.taps == 2:
        run_rows(out, out_step, rows, n_rows, row_step, n_out_rows, 2, 1, how, kind, rule)
    elif how.stride == 1:
        run_rows(out, out_step, rows, n_rows, row_step, n_out_rows, 3, 1, how, kind, rule)
    elif how.taps == 2:
        run_rows(out, out_step, rows, n_rows, row_step, n_out_rows, 2, 2, how, kind, rule)
    elif how.taps == 3:
        run_rows(out, out_step, rows, n_rows, row_step, n_out_rows, 3, 2, how, kind, rule)
    else:
        run_rows(out, out_step, rows, n_rows, row_step, n_out_rows, 4, 4, how, kind, rule)


cdef void direct(char *out, Py_ssize_t out_step, const char **window_rows, Py_ssize_t n_rows, Py_ssize_t row_step,
                 Py_ssize_t n_out_rows, const Direct *how, const vector_t *kind, const rule_t *rule) noexcept nogil:
    """n_out_rows rows of windows, of up to four rows; those of the first one's first window are given.

    Rows of the output are out_step bytes apart, those of the input move by row_step bytes from one to the next.
    """
    cdef Rows rows
    rows.a = window_rows[0]
    rows.b = window_rows[1 if n_rows > 1 else 0]
    rows.c = window_rows[2 if n_rows > 2 else 0]
    rows.d = window_rows[3 if n_rows > 3 else 0]
    if n_rows == 1:
        by_taps(out, out_step, rows, 1, row_step, n_out_rows, how[0], kind, rule)
    elif n_rows == 2:
        by_taps(out, out_step, rows, 2, row_step, n_out_rows, how[0], kind, rule)
    elif n_rows == 3:
        by_taps(out, out_step, rows, 3, row_step, n_out_rows, how[0], kind, rule)
    else:
        by_taps(out, out_step, rows, 4, row_step, n_out_rows, how[0], kind, rule)


# Addresses by rule and accumulator.
DIRECT = {
    ("max", "f4"): <size_t><void *><direct_t>direct[floats, Greatest],
    ("max", "f8"): <size_t><void *><direct_t>direct[doubles, Greatest],
    ("min", "f4"): <size_t><void *><direct_t>direct[floats, Least],
    ("min", "f8"): <size_t><void *><direct_t>direct[doubles, Least],
    ("sum", "f4"): <size_t><void *><direct_t>direct[floats, Sum],
    ("sum", "f8"): <size_t><void *><direct_t>direct[doubles, Sum],
}

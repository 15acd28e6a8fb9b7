"""Which windows need no passes over scratch rows: those that go straight to the output, those pooled in strips, and
those of a gradient that lie side by side, or on small planes."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING

from cypool import _isa
from cypool._engine.reducers import SIZES
from cypool._engine.run import DIRECT_ROWS, WINNER_ROWS

if TYPE_CHECKING:
    from cypool._engine.reducers import Reducer
    from cypool._engine.view import View

# Windows that go straight from the input to the output: how many taps at which stride, from how many bytes of output a
# row on.
DIRECT_WINDOWS = ((2, 2), (3, 2), (4, 4), (3, 1), (2, 1))
DIRECT_BLOCKS = ((2, 2), (4, 4))
DIRECT_FROM = 32
DIRECT_TAPS = 9             # of inner rows at stride 1: more are fewer in two passes
LABEL_BYTES = 8
# With labels, a tap of passes over rows, and then along them, takes as long as so many of windows that need none. In
# passes windows of more taps cost no more, at stride 1.
ROWS_PASS = 3
TAPS_PASS = 6
LONG_TAPS = 8
NARROW_PASS = 2 / 3         # as many times that where labels and elements are passed as one number,
WIDENED_PASS = 1 / 4, 1 / 2     # and where those, integers or 16-bit floats, would have to become floats first
LEAST_RANKED = 32           # narrow neighbours at least, of which a tap takes as long as so many without a pass,
RANKED_PASS = {1: 1, 2: 1, 4: 0.3}      # of integers of so many bytes,
RANKED_REALS = 0.6          # and of 16-bit floats
MOST_MARKED = 2**31         # places of a plane at most, where they are marked in 32 bits
LEAST_NEIGHBOURS = 64       # bytes of neighbours at least, in windows that share nothing or have few taps, where labels
FEW_TAPS = 28               # are passed apart,
MANY_NEIGHBOURS = 128       # and in others
WIDENED_BYTES = 2**18       # of the floats that a row of windows has at most
FLOAT_BYTES = 4
MOST_LANES = 8              # floats of a vector, on any processor: what is done where does not depend on it

# Planes that are pooled in strips: the taps of square windows that stay in registers, and those of others; bytes of a
# row, and of all rows at once.
STRIPS_SQUARES = (3, 5)
STRIPS_TAPS = range(4, 15)
STRIPS_ROW = 1024
STRIP_BYTES = 32            # of a vector
STRIP_SHIFT = 8             # from tap to tap at most, where what lies outside is shifted in: half of the least vector
STRIPS_BYTES = 65536
# Windows on long rows that need no passes: taps along a column at most, of maxima and of sums, by bytes of an element;
# rows of outputs at least, and so many at once; bytes of one, and of the input's rows in a unit. From so many taps on,
# passes may join some in one loop.
ALONG_TAPS = {False: {1: 8, 2: 17, 4: 17, 8: 17}, True: {1: 12, 2: 8, 4: 5, 8: 5}}
ALONG_MEANS = 17            # of bytes, by odd divisors
ALONG_SUMS = (3, 5)         # of floats, either way
ALONG_FEW = 2               # along a column, where passes are so few
ALONG_FEW_BYTES = range(2, 8)   # that bytes gain with so many along a row, or as means by odd divisors,
ALONG_FEW_FLOATS = 192      # floats by twos, in rows of so many bytes,
ALONG_FEW_SUMS = 2          # and sums as results of no more than so many times their size
ALONG_ROWS = 4
ALONG_AT_ONCE = 4
ALONG_FROM = 16
JOINED_TAPS = 6
ALONG_BYTES = 2**17
ALONG_RESULTS = 2**15       # and of sums of the outputs at once


def goes_direct(view: View, reducer: Reducer, in_size: int) -> bool:
    """Whether windows go straight from the input to the output."""
    row = view.row.windows
    rows = prod(axis.windows.taps for axis in [*view.planes, view.column])
    if not reducer.direct or rows > DIRECT_ROWS or not all(axis.windows.regular for axis in view.pooled):
        return False
    if reducer.direct_blocks and not all(axis.windows.even and axis.windows.whole == (0, axis.windows.n_out)
                                         for axis in view.pooled):
        return False
    if row.phases is not None or (row.taps >= 4 and row.whole != (0, row.n_out)):
        return False            # four taps meet by twos, of which a border has halves
    if view.inner.size > 1:
        if reducer.direct_blocks:
            return (view.inner.size == 3 and reducer.direct_pixels != 0 and row.taps == row.stride == 2
                    and row.dilation == 1)
        few = row.stride > 1 or rows == 1 or rows * row.taps <= DIRECT_TAPS
        return 1 < row.taps <= 4 and few and view.inner.size * in_size >= DIRECT_FROM
    if reducer.direct_inner:
        return False
    windows = DIRECT_BLOCKS if reducer.direct_blocks else DIRECT_WINDOWS
    return (row.taps, row.stride) in windows and row.dilation == 1 and row.n_out * in_size >= DIRECT_FROM


def shares_columns(view: View) -> bool:
    """Whether such windows make columns of neighbours that are pooled alike once for three of them."""
    row, column = view.row.windows, view.column.windows
    return (view.inner.size > 1 and not view.planes and row.taps == column.taps == 3 and row.stride == row.dilation)


def goes_labelled(view: View, reducer: Reducer, in_size: int) -> bool:
    """Whether windows with labels go straight from the input to the output, or from floats that narrower elements of
    the input become first."""
    row, inner = view.row, view.inner
    if not reducer.winners or not (_is_small(view, reducer, in_size) or _neighbours_go(view, reducer, in_size)):
        return False
    if not _labels_in_order(view) or ((row.windows.taps, row.windows.stride) == (2, 1) and inner.size == 1):
        return False
    column = view.column.windows
    if reducer.widths[0] and (column.dilation > 1 or column.stride > max(DIRECT_ROWS, 2 * column.taps)):
        return False
    return (inner.size if inner.size > 1 else row.n_out) >= MOST_LANES


def _is_small(view: View, reducer: Reducer, in_size: int) -> bool:
    """Whether all taps of a window with labels are in registers."""
    return goes_direct(view, replace(reducer, direct=reducer.winners), in_size) and (
        view.inner.size > 1 or view.row.windows.taps < 4)


def goes_ranked(view: View, reducer: Reducer, in_size: int) -> bool:
    """Whether windows of narrow neighbours with labels go straight from the input to the output."""
    if not reducer.ranked or view.inner.size < LEAST_RANKED:
        return False
    if in_size == FLOAT_BYTES and prod(axis.length for axis in view.pooled) >= MOST_MARKED:
        return False
    if reducer.infinity and _is_small(view, reducer, FLOAT_BYTES):
        return False            # as float32 it takes less
    *others, row = (axis.windows for axis in view.pooled)
    rows = prod(each.most_taps for each in others)
    most = (RANKED_REALS if reducer.infinity else RANKED_PASS[in_size]) * _passed_taps(view)
    return (rows <= WINNER_ROWS and rows * row.most_taps <= min(most, _isa.kernels().ranks.MOST_TAPS)
            and not any(each.varied or each.phases is not None for each in (*others, row)) and _labels_in_order(view))


def _labels_in_order(view: View) -> bool:
    """Whether indices lie in memory as they come, and grow from tap to tap: of equal ones the one with the least index
    stays, not the first in memory."""
    labels = [axis.label for axis in view.pooled if axis.length > 1]
    inner = view.inner
    return (labels == sorted(labels, reverse=True) and view.row.label_stride == inner.size * LABEL_BYTES
            and (inner.size == 1 or inner.label_stride == LABEL_BYTES))


def _neighbours_go(view: View, reducer: Reducer, in_size: int) -> bool:
    """Whether windows of neighbours with labels go straight to the output, of more taps and rows than others have."""
    *others, row = (axis.windows for axis in view.pooled)
    rows, taps = prod(each.most_taps for each in others), row.most_taps
    if rows > WINNER_ROWS or any(each.varied or each.phases is not None for each in (*others, row)):
        return False
    passed_as_one = reducer.acc_size == LABEL_BYTES
    alone = row.n_out == 1 or (row.regular and row.taps <= row.stride)
    few = (alone or rows * taps <= FEW_TAPS) and not passed_as_one
    if view.inner.size == 1:
        # Windows that are neighbours themselves.
        return (row.regular and row.stride == row.dilation == 1 and few and row.n_out * in_size >= LEAST_NEIGHBOURS)
    if view.inner.size * in_size < (LEAST_NEIGHBOURS if few else MANY_NEIGHBOURS):
        return False
    reach = (taps - 1) * row.dilation + 1
    if reducer.widths[0] and rows * reach * view.inner.size * FLOAT_BYTES > WIDENED_BYTES:
        return False
    passes = 1.0
    if passed_as_one:
        passes = WIDENED_PASS[reducer.infinity != 0] if reducer.widths[0] else NARROW_PASS
    return rows * taps <= passes * _passed_taps(view)


def _passed_taps(view: View) -> int:
    """As many taps of windows that need no pass take as long as these do in passes."""
    *others, row = (axis.windows for axis in view.pooled)
    rows, taps = prod(each.most_taps for each in others), row.most_taps
    shared = min(rows, LONG_TAPS) if others[-1].stride == 1 and not view.planes else rows
    along = min(taps, LONG_TAPS) if row.stride == 1 else taps
    apart = max(1, row.stride if row.regular else row.length // row.n_out)
    return ROWS_PASS * shared * apart + TAPS_PASS * along


def gathers_direct(view: View) -> bool:
    """Whether the rows of windows that go straight to the output can be gathered first, many outputs' at once."""
    column = view.column.windows
    return view.inner.size == 1 and column.dilation == 1 and column.stride <= DIRECT_ROWS


def goes_in_strips(view: View, reducer: Reducer, in_size: int) -> bool:
    """Whether the plane is pooled in strips: small rows, windows at stride 1."""
    row, column = view.row.windows, view.column.windows
    if not (reducer.strips[0] and view.inner.size == 1 and not view.planes and row.regular and column.regular
            and row.phases is None and row.stride == column.stride == 1):
        return False
    square = row.taps == column.taps and row.taps in STRIPS_SQUARES
    if not (square or (row.taps in STRIPS_TAPS and column.taps in STRIPS_TAPS)):
        return False
    row_bytes = (row.n_out + (row.taps - 1) * row.dilation) * in_size
    return row_bytes <= STRIPS_ROW and 2 * (column.taps - 1) * column.dilation * row_bytes <= STRIPS_BYTES


def goes_along(view: View, reducer: Reducer, in_size: int) -> bool:
    """Whether windows go straight from rows to the output, four rows of them at once: few taps, windows at stride 1, of
    few neighbours that are pooled alike.

    Not where other copies would join more rows of floats at a time, with another kind of NaN.
    """
    kernel, reach = reducer.along
    row, column, inner = view.row.windows, view.column.windows, view.inner.size
    if not kernel or view.planes or not (row.regular and column.regular and row.phases is None
                                         and column.phases is None and row.stride == column.stride == 1):
        return False
    if reducer.acc in ("f4", "f8") and (
            row.taps == JOINED_TAPS or (column.taps >= JOINED_TAPS
                                        and (column.dilation > 1 or column.n_out <= column.taps // 2))):
        return False
    if not reducer.idempotent and reducer.acc in ("f4", "f8") and not (
            row.taps in ALONG_SUMS and column.taps in ALONG_SUMS):
        return False
    odd = _odd_means(view, reducer)
    most = ALONG_MEANS if odd else ALONG_TAPS[not reducer.idempotent][in_size]
    return (row.taps > 1 and (row.taps - 1) * row.dilation * inner <= reach and column.taps <= most
            and (odd or column.taps > ALONG_FEW or _few_pay(view, reducer, in_size))
            and row.n_out * inner * in_size >= ALONG_FROM and (odd or column.n_out >= ALONG_ROWS))


def _few_pay(view: View, reducer: Reducer, in_size: int) -> bool:
    """Whether windows of one row or two go along in less time than in passes."""
    rows, taps = view.column.windows.taps, view.row.windows.taps
    if in_size == 1 and (taps not in ALONG_FEW_BYTES or (reducer.idempotent and rows * taps == 2)):
        return False
    if reducer.acc in ("f4", "f8") and taps == 2 and view.row.n_out * view.inner.size * in_size < ALONG_FEW_FLOATS:
        return False            # these go straight to the output, too
    return reducer.idempotent or SIZES[reducer.result] <= ALONG_FEW_SUMS * in_size


def _odd_means(view: View, reducer: Reducer) -> bool:
    """Whether bytes become means by an odd divisor, a vector of them at once (wide_bytes.pyx)."""
    row = view.row.windows
    return (reducer.along_bytes != 0 and reducer.acc == "u2" and reducer.result == "u1"
            and reducer.cells % 2 == 1 < reducer.cells and all(axis.windows.even for axis in view.pooled)
            and row.taps <= ALONG_MEANS and row.taps % 2 == 1 and row.dilation * view.inner.size % 2 == 1)


def repeats(view: View, reducer: Reducer) -> bool:
    """Whether outputs are elements of the input, each of them several times: gradients of windows side by side, or with
    gaps between them."""
    phases = view.row.windows.phases
    return (len(reducer.loads) == 1 and reducer.finish != 0 and (reducer.in_place or not reducer.plain)
            and phases is not None and phases.times > 0
            and all(axis.windows.most_taps == 1 for axis in [*view.planes, view.column]))


def lanes() -> int:
    """Floats of a vector."""
    return _isa.kernels().planes.LANES


def spreads(view: View, reducer: Reducer, in_size: int) -> bool:
    """Whether planes, that are the outer axis, are small ones with more outputs than inputs, each of no more than two
    inputs along each axis: more would be added up in another order than elsewhere. (Quotients are those of windows
    from a table alone: where rows are woven, a sum of -0.0 is 0.0 beside an end.)"""
    row, column = view.row, view.column
    limits = _isa.kernels().planes
    return (reducer.spread != 0 and (reducer.divisor == 1 or (reducer.divisor > 1 and row.windows.phases is None))
            and not view.planes and view.inner.size == 1
            and max((axis.size for axis in view.outer), default=0) >= MOST_LANES
            and all(axis.windows.table is not None and axis.windows.dilation == 1 and axis.windows.weights is None
                    and not axis.windows.varied and axis.windows.most_taps <= 2
                    and axis.n_out >= axis.length for axis in (row, column))
            and row.in_stride == row.out_stride == in_size and column.in_stride == row.length * in_size
            and MOST_LANES <= row.length * column.length <= limits.PLACES
            and MOST_LANES <= row.n_out <= limits.OUTPUTS)


def needs_no_copy(view: View, in_size: int) -> bool:
    """Whether strips can be of the input itself: windows of 3x3 that reach beyond it by one tap at most, or in the
    widest vectors any whose taps of a row are in two of them."""
    wide = _isa.kernels().wide_strips
    if wide:
        return (view.row.windows.taps - 1) * view.row.windows.dilation <= wide.REACH[in_size]
    return (all(each.taps == 3 and each.origin >= -each.dilation and each.end <= each.length + each.dilation
                for each in (view.column.windows, view.row.windows))
            and min(view.row.n_out, view.row.length) * in_size > STRIP_BYTES
            and view.row.windows.dilation * in_size <= STRIP_SHIFT)

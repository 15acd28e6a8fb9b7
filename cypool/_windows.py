"""Which input positions each output position reads, along one axis.

Arguments come in (a kernel size, a padding, an output size, ...), a `Windows` comes out. Padding, dilation, ceil mode,
"same" and adaptive pooling are nothing but different windows; what comes after does not know them apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import gcd
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cypool._typing import Ends, Positions

# Positions and counts are C integers of 64 bits; half of their range leaves room to add two of them.
LARGEST = 2**62

# Beyond this many outputs an axis is refused, before a table of them is made.
MOST_OUTPUTS = 2**40

# Windows that reach further than this many lengths into the padding are tabulated: their regular form, made of
# mostly padding, would have to be walked.
FAR = 4


# An axis up to so long may be laid end to end with others, for which one window of it gets a stride as long as that.
SPACED = 4096
# Strides up to this have their transposed windows described by phase as well.
MOST_PHASES = 16


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Phases:
    """Windows that repeat every `stride` positions: output p is number i of phase r, for p + before = i * stride + r.

    It reads counts[r] positions, `step` apart, the last of which is i + shifts[r], and none before i - reach; as far
    as they lie in the axis. Where the outputs of a position follow each other and have no other, `times` is their
    number, and a stride above MOST_PHASES needs no more than that; else it is 0.
    """

    before: int
    stride: int
    step: int
    reach: int
    counts: tuple[int, ...]
    shifts: tuple[int, ...]
    times: int

    @property
    def most(self) -> int:
        """Positions that an output reads at most."""
        return max(self.counts, default=1)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Table:
    """For each window the first position inside the axis, the positions inside, and what the divisor counts."""

    starts: Positions
    counts: Positions
    cell_counts: Positions
    draw: Draw | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Draw:
    """Where the starts differ by plane: each comes with samples in [0, 1), of which this axis takes number `sample`.

    A plane's starts are worked out in float32 if `single`, else in float64, and lie near those of the table.
    """

    sample: int
    single: bool


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Windows:
    """The windows along one axis of `length` positions.

    Output i reads `taps` positions from origin + i * stride on, `dilation` apart: those that lie in [0, length).
    Those in [cells_from, cells_to) count in the divisor of an average. Windows without such a rule have a `table`.
    Those of a gradient may have `phases` too, which say the same.
    """

    length: int
    n_out: int
    origin: int
    stride: int
    taps: int
    dilation: int
    cells_from: int
    cells_to: int
    table: Table | None = None
    phases: Phases | None = None
    weights: NDArray[np.float64] | None = None      # of each window's taps, one row for each
    total: int = 1      # what they add up to

    @property
    def regular(self) -> bool:
        return self.table is None

    @property
    def varied(self) -> bool:
        """Whether windows start elsewhere in each plane."""
        return self.table is not None and self.table.draw is not None

    @property
    def end(self) -> int:
        """One past the last tap of the last window, padding included."""
        return self.origin + (self.n_out - 1) * self.stride + (self.taps - 1) * self.dilation + 1

    @property
    def whole(self) -> tuple[int, int]:
        """The range of outputs whose taps all lie in the axis."""
        if not self.regular:
            return 0, 0
        first = max(0, -(self.origin // self.stride))
        last = (self.length - 1 - (self.taps - 1) * self.dilation - self.origin) // self.stride
        return (first, min(self.n_out, last + 1)) if last >= first else (0, 0)

    @property
    def even(self) -> bool:
        """Whether all windows give the same number to the divisor."""
        if self.table is not None:
            return self.n_out == 1 or bool((self.table.cell_counts == self.table.cell_counts[0]).all())
        return self.cells_from <= self.origin and self.end <= self.cells_to

    @property
    def first_cells(self) -> int:
        """What window 0 gives to the divisor."""
        if self.table is not None:
            return int(self.table.cell_counts[0])
        return int(_taps_between(self, 0, self.cells_from, self.cells_to)[1])

    @property
    def most_taps(self) -> int:
        """Taps of the window that has most, in the padding too; of a table those inside."""
        return self.taps if self.table is None else int(self.table.counts.max())

    @property
    def least_taps(self) -> int:
        """The same of the window that has least."""
        return self.taps if self.table is None else int(self.table.counts.min())

    @property
    def most_cells(self) -> int:
        """What a window gives to the divisor at most."""
        return self.taps if self.table is None else int(self.table.cell_counts.max())

    @property
    def identity(self) -> bool:
        """Whether output i is input i."""
        return self.regular and (self.taps, self.stride, self.origin) == (1, 1, 0) and self.n_out == self.length

    @property
    def covers(self) -> bool:
        """Whether there is one window, of all positions."""
        return (self.regular and self.n_out == 1 and self.origin == 0 and self.taps == self.length
                and (self.dilation == 1 or self.taps == 1))

    @property
    def tiles(self) -> bool:
        """Whether the windows stay the same when the axis is one of many, laid end to end."""
        return (self.regular and self.origin == 0 and self.n_out * self.stride == self.length
                and (self.taps - 1) * self.dilation < self.stride and self.even)

    def spaced(self) -> Windows:
        """The same windows; one by itself that lacks no tap at the stride that makes it tile, since it has none."""
        if not (self.regular and self.n_out == 1 and self.origin == 0 and self.end <= self.length <= SPACED
                and self.even):
            return self
        return replace(self, stride=self.length)

    def repeated(self, times: int) -> Windows:
        """The windows of `times` such axes, laid end to end."""
        length = self.length * times
        return replace(self, length=length, n_out=self.n_out * times, cells_from=0, cells_to=length)

    @property
    def overlap(self) -> float:
        """In how many windows a position is, on average, those that reach into the padding with all their taps."""
        taps = self.n_out * self.taps if self.table is None else int(self.table.counts.sum())
        return taps / max(1, self.length)

    def of_rows(self, n: int) -> Windows:
        """The same windows, without dilation, of an axis whose positions are rows of n, each of them whole."""
        table = self.table
        if table is not None:
            table = Table(n * table.starts, n * table.counts, n * table.cell_counts)
        return replace(self, length=n * self.length, origin=n * self.origin, stride=n * self.stride, taps=n * self.taps,
                       cells_from=n * self.cells_from, cells_to=n * self.cells_to, table=table, phases=None)

    def mirrored(self) -> Windows:
        """The windows, which have a rule, of the axis from its end to its start."""
        return replace(self, origin=self.length - self.end, cells_from=self.length - self.cells_to,
                       cells_to=self.length - self.cells_from)

    def transposed(self) -> Windows:
        """For each input position the outputs that read it: the windows of the gradient."""
        if self.table is not None:
            return self._transposed_table(self.table)
        alone = self.spaced()
        if alone.stride != self.stride:
            return alone.transposed()
        step = self.dilation // gcd(self.stride, self.dilation)
        if self.stride == 1:
            # The last tap comes first.
            origin = -self.origin - (self.taps - 1) * self.dilation
            return Windows(self.n_out, self.length, origin, 1, self.taps, self.dilation, 0, self.n_out)
        # Position p, counted from the first tap, is read by outputs p // stride and before, `step` apart.
        positions = np.arange(self.length, dtype=np.intp) - self.origin
        last = np.minimum(positions // self.stride, self.n_out - 1)
        if self.dilation > 1:
            last = last - _steps_back(positions - last * self.stride, self.stride, self.dilation)
        reach = (self.taps - 1) * self.dilation
        first = np.maximum(-((reach - positions) // self.stride), 0)
        counts = np.where(last >= first, (last - first) // step + 1, 0)
        windows = _tabulated(self.n_out, last - (counts - 1) * step, counts, counts, step)
        return replace(windows, phases=_phases(self, step))

    def _transposed_table(self, table: Table) -> Windows:
        """The same of a table without dilation, whose starts and ends never go back."""
        positions = np.arange(self.length, dtype=np.intp)
        first = np.searchsorted(table.starts + table.counts, positions, side="right")
        counts = np.searchsorted(table.starts, positions, side="right") - first
        windows = _tabulated(self.n_out, first, counts, counts)
        if self.weights is None:
            return windows
        outputs = np.minimum(first[:, None] + np.arange(int(counts.max())), self.n_out - 1)
        taps = np.clip(positions[:, None] - table.starts[outputs], 0, self.weights.shape[1] - 1)
        return replace(windows, weights=self.weights[outputs, taps], total=self.total)


def repeated_once(n_out: int) -> Windows:
    """n_out outputs that all read the one position there is."""
    ones = np.ones(n_out, np.intp)
    windows = _tabulated(1, np.zeros(n_out, np.intp), ones, ones)
    return replace(windows, phases=Phases(0, n_out, 1, 0, (1,) * n_out if n_out <= MOST_PHASES else (),
                                          (0,) * n_out if n_out <= MOST_PHASES else (), n_out))


def _phases(windows: Windows, step: int) -> Phases | None:
    """The phases of the transposed windows, if they are not too many."""
    times = windows.taps if windows.taps == 1 or (windows.dilation == 1 and windows.taps <= windows.stride) else 0
    if windows.stride > MOST_PHASES:
        return Phases(-windows.origin, windows.stride, step, 0, (), (), times) if times else None
    taps = [[t for t in range(min(windows.taps, 2 * windows.stride))
             if (t * windows.dilation - r) % windows.stride == 0] for r in range(windows.stride)]
    every = windows.stride // gcd(windows.stride, windows.dilation)
    counts = tuple((windows.taps - 1 - each[0]) // every + 1 if each else 0 for each in taps)
    shifts = tuple((r - each[0] * windows.dilation) // windows.stride if each else 0 for r, each in enumerate(taps))
    reach = max(-shift + (count - 1) * step for shift, count in zip(shifts, counts) if count)
    return Phases(-windows.origin, windows.stride, step, reach, counts, shifts, times)


def _steps_back(remainders: Positions, stride: int, dilation: int) -> Positions:
    """The least b >= 0 for which remainder + b * stride is a multiple of dilation; 2**62 where there is none."""
    divisor = gcd(stride, dilation)
    step = dilation // divisor
    inverse = pow(stride // divisor, -1, step)
    exact = object if step > 2**31 else np.intp
    back = (-(remainders // divisor) % step).astype(exact) * inverse % step
    return np.where(remainders % divisor == 0, back.astype(np.intp), LARGEST)


def _tabulated(length: int, starts: Positions, counts: Positions, cell_counts: Positions, dilation: int = 1) -> Windows:
    first, inside, cells = (np.ascontiguousarray(each, dtype=np.intp) for each in (starts, counts, cell_counts))
    return Windows(length, len(first), 0, 1, 1, dilation, 0, length, Table(first, inside, cells))


def _taps_between(windows: Windows, i: Any, low: int, high: int) -> tuple[Positions, Positions]:
    """First position and number of the taps of window i (a number or an array of them) in [low, high)."""
    start = windows.origin + i * windows.stride
    skipped = np.maximum(-((start - low) // windows.dilation), 0)
    stop = np.minimum(-((start - high) // windows.dilation), windows.taps)
    return start + skipped * windows.dilation, stop - skipped


def pooled(length: int, kernel_size: int, stride: int, padding: Ends, dilation: int, *, ceil_mode: bool = False,
           count_include_pad: bool = True, axis: int = 0) -> Windows:
    """Windows of max, average and other pooling. Source of the sizes: torch.nn.MaxPool1d.

    `padding` is (before, after), "same" or "same_lower". ValueError where no window fits, or one holds no tap.
    """
    span = (kernel_size - 1) * dilation + 1
    if isinstance(padding, str):
        n_out = -(-length // stride)
        missing = max(0, (n_out - 1) * stride + span - length)
        before = (missing + (padding == "same_lower")) // 2
        after = missing - before
    else:
        before, after = padding
        room = length + before + after - span
        n_out = (-(-room // stride) if ceil_mode else room // stride) + 1
        if ceil_mode and (n_out - 1) * stride >= length + before:
            n_out -= 1
        if n_out < 1:
            raise ValueError(
                f"kernel_size must fit in the padded input: along axis {axis} a window spans {span} positions, "
                f"of {length} and padding ({before}, {after})")
    if max(span, length + before + after, kernel_size, stride) > LARGEST:
        raise ValueError(f"kernel_size, stride, padding and dilation must span at most 2**62 positions, along axis "
                         f"{axis} got {kernel_size}, {stride}, ({before}, {after}) and {dilation}")
    _check_outputs(n_out, axis, "kernel_size, stride and padding")
    counted = (-before, length + after) if count_include_pad else (0, length)
    if n_out == 1:
        stride = min(stride, length + before + after)     # no window comes after it
    windows = Windows(length, n_out, -before, stride, kernel_size, dilation if kernel_size > 1 else 1, *counted)
    _check_taps(windows, before, after, axis)
    return windows


def adaptive(length: int, n_out: int, *, axis: int = 0) -> Windows:
    """n_out windows over the whole axis: [floor(i * L / n), ceil((i + 1) * L / n)), as PyTorch has it."""
    _check_outputs(n_out, axis, "output_size")
    if length * n_out > LARGEST:
        raise ValueError(f"output_size times the length must be at most 2**62, along axis {axis} got {n_out} and "
                         f"{length}")
    if length % n_out == 0:
        size = length // n_out
        return Windows(length, n_out, 0, size, size, 1, 0, length)
    edges = np.arange(n_out + 1, dtype=np.intp)
    starts = edges[:-1] * length // n_out
    counts = -(-edges[1:] * length // n_out) - starts
    return _tabulated(length, starts, counts, counts)


def practical(windows: Windows) -> Windows:
    """The same windows, as tables if they reach so far into the padding that walking them would not do."""
    if not windows.regular or windows.taps == 1:
        return windows
    if max(-windows.origin, windows.end - windows.length) <= FAR * (windows.length + 64):
        return windows
    outputs = np.arange(windows.n_out, dtype=np.intp)
    starts, counts = _taps_between(windows, outputs, 0, windows.length)
    cell_counts = _taps_between(windows, outputs, windows.cells_from, windows.cells_to)[1]
    return _tabulated(windows.length, starts, counts, cell_counts, windows.dilation)


def identity(length: int) -> Windows:
    """Output i is input i."""
    return Windows(length, length, 0, 1, 1, 1, 0, length)


def area(length: int, n_out: int, *, axis: int = 0) -> Windows:
    """n_out windows of equal length over the whole axis, which cut through elements where they must.

    In units of 1 / n_out of an element (or more, if the lengths have a divisor in common) all ends are whole.
    """
    _check_outputs(n_out, axis, "output_size")
    divisor = gcd(length, n_out)
    size, unit = length // divisor, n_out // divisor
    if length * n_out > LARGEST or size > 2**52:
        raise ValueError(f"output_size times the length must be at most 2**62, along axis {axis} got {n_out} and "
                         f"{length}")
    if size == 1 and unit == 1:
        return identity(length)
    edges = np.arange(n_out + 1, dtype=np.intp) * size
    starts = edges[:-1] // unit
    counts = -(-edges[1:] // unit) - starts
    elements = (starts[:, None] + np.arange(int(counts.max()))) * unit
    weights = np.minimum(edges[1:, None], elements + unit) - np.maximum(edges[:-1, None], elements)
    weights = np.maximum(weights, 0).astype(np.float64)
    return replace(_tabulated(length, starts, counts, counts), weights=weights, total=size)


def fractional(length: int, n_out: int, kernel_size: int, draw: Draw) -> Windows:
    """Windows of kernel_size that start where a pseudo-random sequence says, another one for each plane.

    The table has those of the sample 0; fractional.pxd has the rule.
    """
    step = (length - kernel_size) / max(n_out - 1, 1)
    starts = np.minimum(np.arange(n_out) * step, length - kernel_size)
    starts[-1] = length - kernel_size
    windows = _tabulated(length, starts, np.full(n_out, kernel_size), np.full(n_out, kernel_size))
    assert windows.table is not None
    return replace(windows, table=replace(windows.table, draw=draw))


def single(windows: Windows) -> Windows:
    """Windows of one tap, output i of input i, which give as much to the divisor as those given."""
    n = windows.n_out
    return _tabulated(n, np.arange(n), np.ones(n, np.intp), cells(windows))


def cells(windows: Windows) -> Positions:
    """What each window gives to the divisor."""
    if windows.table is not None:
        return windows.table.cell_counts
    return _taps_between(windows, np.arange(windows.n_out), windows.cells_from, windows.cells_to)[1]


def _check_outputs(n_out: int, axis: int, what: str) -> None:
    if n_out > MOST_OUTPUTS:
        raise ValueError(f"{what} must give at most 2**40 outputs along axis {axis}, got {n_out}")


def _check_taps(windows: Windows, before: int, after: int, axis: int) -> None:
    """Raise ValueError where a window holds no tap inside the input."""
    last_start = windows.origin + (windows.n_out - 1) * windows.stride
    empty = windows.origin + (windows.taps - 1) * windows.dilation < 0 or last_start >= windows.length
    if not empty and windows.dilation > windows.length and before > 0:
        # Taps further apart than the axis is long may step over it; which ones do repeats after `dilation` windows.
        n = min(windows.n_out, before // windows.stride + 1, windows.dilation)
        for begin in range(0, n, 2**20):
            outputs = np.arange(begin, min(n, begin + 2**20), dtype=np.intp)
            if (_taps_between(windows, outputs, 0, windows.length)[1] < 1).any():
                empty = True
                break
    if empty:
        raise ValueError(
            f"padding must leave every window a tap inside the input: along axis {axis}, padding is ({before}, {after})"
            f" with kernel_size {windows.taps}, stride {windows.stride}, dilation {windows.dilation} and length "
            f"{windows.length}")

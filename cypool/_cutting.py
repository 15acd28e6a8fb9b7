"""The geometry of calls with masks or weights: their windows, and the blocks that their input is gone through in."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from cypool import _pooling, _windows
from cypool._call import Remembered
from cypool._pooling import AXES

if TYPE_CHECKING:
    from typing import TypeAlias

    from cypool._typing import AnyArray, Lengths, Positions, Slices
    from cypool._windows import Windows

    # Slices of x, slices of the output, and the arguments of a pooling call that gives one from the other.
    _Block: TypeAlias = tuple[Slices, Slices, tuple[Any, ...]]

# A megabyte of float64. Larger ones leave the cache, smaller ones spend more on calls.
BLOCK = 2**17


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Geometry:
    """What the sizes of a call come to; `cells` are what each window gives to the divisor, by axis, of averages."""

    windows: dict[int, Windows]
    divisor: int
    shape: Lengths
    omit: bool
    return_indices: bool
    cells: dict[int, Positions]
    blocks: Iterable[_Block]

    @property
    def nbytes(self) -> int:
        """Of the arrays in it, which are as long as the output is; padding may make that long, whatever x is."""
        tables = [each.table for each in self.windows.values() if each.table is not None]
        return (sum(each.nbytes for each in self.cells.values())
                + sum(each.starts.nbytes + each.counts.nbytes + each.cell_counts.nbytes for each in tables))


def geometry_of(op: str, x: AnyArray, sizes: tuple[Any, ...], flags: tuple[Any, ...]) -> Geometry:
    """Of a call with the arguments of `_pooling.pool`; that of a small array, which is one block, is remembered
    if it is small, too."""
    _pooling.check_real(op, x.dtype)
    if x.size > BLOCK:
        made = _pooling.shaped("pooled", x.shape, sizes, flags)
        return Geometry(*made, _cells(op, made[0]), _blocks(x.shape, x.strides, made[0]))
    by_axes = flags[0] is AXES
    return _of_one_block(op, x.shape, by_axes, len(sizes), *sizes, *(flags[1:] if by_axes else flags))


@Remembered
def _of_one_block(op: str, shape: Lengths, by_axes: bool, n_sizes: int, *arguments: Any) -> Geometry:
    sizes, flags = arguments[:n_sizes], (AXES,) * by_axes + arguments[n_sizes:]
    made = _pooling.shaped("pooled", shape, sizes, flags)
    blocks = () if 0 in shape else tuple(_blocks(shape, (1,) * len(shape), made[0]))
    return Geometry(*made, _cells(op, made[0]), blocks)


def _cells(op: str, windows: dict[int, Windows]) -> dict[int, Positions]:
    return cells_of(windows) if op == "avg" else {}


def cells_of(windows: dict[int, Windows]) -> dict[int, Positions]:
    """What each window gives to the divisor, by axis: the product of them counts."""
    cells = {axis: _windows.cells(each) for axis, each in windows.items()}
    _pooling.check_cells(prod(int(each.max()) for each in cells.values()))
    return cells


def _blocks(shape: Lengths, strides: Lengths, windows: dict[int, Windows]) -> Iterator[_Block]:
    """The blocks of an array of that shape and those strides.

    Padding is only at the ends. The axes of the largest strides are cut first.
    """
    steps = _steps(shape, strides, windows)
    spans = [each.n_out if (each := windows.get(a)) else length for a, length in enumerate(shape)]
    kernel, apart, dilation = ([getattr(each, name) for each in windows.values()]
                                for name in ("taps", "stride", "dilation"))
    for starts in itertools.product(*(range(0, span, step) for span, step in zip(spans, steps))):
        source: list[slice] = []
        target: list[slice] = []
        padding: list[tuple[int, int]] = []
        for axis, (start, step, span) in enumerate(zip(starts, steps, spans)):
            stop = min(start + step, span)
            target.append(slice(start, stop))
            if axis in windows:
                each = windows[axis]
                low = each.origin + start * each.stride
                high = low + _reach(each, stop - start)
                source.append(slice(max(0, low), min(each.length, high)))
                padding.append((max(0, -low), max(0, high - each.length)))
            else:
                source.append(slice(start, stop))
        yield (tuple(source), tuple(target),
               (tuple(windows), tuple(kernel), tuple(apart), tuple(padding), tuple(dilation), None))


def _reach(windows: Windows, n_out: int) -> int:
    """Positions from the first tap of a window to the last of the n_out-th one."""
    return (n_out - 1) * windows.stride + (windows.taps - 1) * windows.dilation + 1


def _steps(shape: Lengths, steps_in_memory: Lengths, windows: dict[int, Windows]) -> list[int]:
    """How many outputs a block has along each axis."""
    steps = [each.n_out if (each := windows.get(a)) else length for a, length in enumerate(shape)]
    sizes = list(shape)
    strides = list(map(abs, steps_in_memory))
    pooled = max(strides[a] for a in windows)
    # Rows of neighbours in memory stay whole as long as they can.
    for axis in sorted(range(len(shape)), key=lambda a: (a not in windows and strides[a] < pooled, -strides[a])):
        if prod(sizes) <= BLOCK:
            break
        room = BLOCK // max(1, prod(sizes) // sizes[axis])
        if axis in windows:
            each = windows[axis]
            span = _reach(each, 1)
            # Enough outputs that no more is read twice than once.
            step = max((room - span) // each.stride + 1, -(-span // each.stride))
            steps[axis] = min(steps[axis], step)
            sizes[axis] = min(each.length, _reach(each, steps[axis]))
        else:
            steps[axis] = sizes[axis] = max(1, min(sizes[axis], room))
    return steps

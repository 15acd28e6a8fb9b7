"""What arrays and windows come to: bytes, taps, tiles, and whether elements stand apart."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from cypool._engine.run import MOST_SHIFT

if TYPE_CHECKING:
    from typing import Any

    from cypool._engine.reducers import Reducer
    from cypool._engine.view import View
    from cypool._typing import BothFlags, BothSizes
    from cypool._windows import Windows

# Bytes of accumulators in all rows of a block: two or three such areas stay in a first level cache of 32 KiB.
BLOCK_BYTES = 8192
# Below this many bytes a group of inner elements is too short to be taken by itself.
LONG_GROUP = 256
# Planes of so few bytes, padding included, are pooled at once from this many taps on.
WIDE_TAPS = 5
COSTLY_WIDE_TAPS = 2        # where it is a load that takes long
WIDE_BYTES = 16384


def most_taps(windows: Windows) -> int:
    """Taps inside the input of the window that has most."""
    return min(windows.most_taps, windows.length)


def spec_of(view: View, reducer: Reducer, sizes: BothSizes, offsets: BothSizes, swapped: BothFlags,
            apart: list[bool]) -> dict[str, Any]:
    """What a Plan is made of, but for the way to walk the arrays, and with nothing that only some walks know."""
    return {
        "outer": [axis.dim for axis in view.outer],
        "planes": view.planes,
        "column": view.column,
        "row": view.row,
        "inner": view.inner.dim,
        "reducer": reducer,
        "sizes": (sizes[0], reducer.acc_size, sizes[1]),
        "offsets": offsets,
        "swapped": swapped,
        "gathered": apart[0],
        "scattered": apart[1],
        "labelled": False,
        "uneven": False,
        "finish_first": False,
        "touched": False,
        "streamed": False,
        "row_by_row": False,
        "ahead": 0,
        "fetched": False,
        "bare": False,
        "pieced": False,
        "gathered_rows": 0,
        "chains": (None, None),
        "stack": (0, 0, 0, False, False),
        "slim": None,
        "before": None,
        "within": None,
    }


def apart(view: View, sizes: BothSizes, aligned: BothFlags, swapped: BothFlags) -> list[bool]:
    """Whether rows of the input are to be gathered, and those of the output scattered."""
    result: list[bool] = []
    for size, is_aligned, is_swapped, inner_stride, row_stride, length in (
            (sizes[0], aligned[0], swapped[0], view.inner.in_stride, view.row.in_stride, view.row.windows.length),
            (sizes[1], aligned[1], swapped[1], view.inner.out_stride, view.row.out_stride, view.row.n_out)):
        inner = view.inner.size
        result.append(not (is_aligned and not is_swapped and (inner == 1 or inner_stride == size)
                           and (length == 1 or row_stride == inner * size)))
    return result


def input_bytes(view: View, in_size: int) -> int:
    return view.inner.size * in_size * prod(axis.size for axis in [*view.outer, *view.pooled])


def output_bytes(view: View, out_size: int) -> int:
    n_out = prod(axis.n_out for axis in view.pooled)
    return view.inner.size * out_size * prod(axis.size for axis in view.outer) * n_out


def row_tile_of(row: Windows, positions: int) -> tuple[int, int]:
    """Outputs in a tile of about `positions` input positions, and the positions of the widest tile.

    What two tiles both read is loaded twice, so a tile is some windows long.
    """
    table = row.table
    if table is None:
        reach = (row.taps - 1) * row.dilation + 1
        tile = max(1, (max(positions, min(8 * reach, 8 * positions), 2 * reach) - reach) // row.stride + 1)
        tile = min(tile, row.n_out)
        return tile, (tile - 1) * row.stride + reach
    ends = table.starts + (table.counts - 1) * row.dilation + 1
    tile = max(1, min(row.n_out, positions * row.n_out // row.length))
    span = 1
    for begin in range(0, row.n_out, tile):
        some = slice(begin, begin + tile)
        real = table.counts[some] > 0
        if real.any():
            span = max(span, int(ends[some][real].max() - table.starts[some][real].min()))
    return tile, min(span + 2 * MOST_SHIFT, row.length) if row.varied else span


def row_span(row: Windows) -> int:
    """Positions of a row of scratch for all outputs, padding included."""
    if row.phases is not None:
        return (row.n_out - 1) // row.phases.stride + 2 + row.phases.reach
    return row.end - row.origin if row.regular else row.length


def overlaps(column: Windows, reducer: Reducer) -> bool:
    """Whether windows of a column can share what neighbours have computed."""
    return column.regular and column.dilation == 1 and len(reducer.loads) == 1


def wide_rows(column: Windows, reducer: Reducer) -> int:
    """Rows of scratch of a plane that is pooled at once, with what its windows take beyond it; 0 if that is no gain."""
    least = COSTLY_WIDE_TAPS if reducer.costly else WIDE_TAPS
    if column.stride == 1 and column.taps >= least and overlaps(column, reducer):
        return column.n_out + column.taps
    return 0

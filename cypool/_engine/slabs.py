"""Long windows along an axis of planes: pooled along that axis first, a slab of planes at a time, then within them.

Else each row would be read, and pooled along the other axes, once for each plane of a window. What comes of the planes
of a slab stays in a second or third level cache.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING

from cypool import _windows
from cypool._engine.view import Axis, View, merged_alike, point

if TYPE_CHECKING:
    from cypool._engine.reducers import Reducer
    from cypool._windows import Windows

# From this many taps on, windows along planes are pooled by themselves; of planes that are worth it.
SLAB_TAPS = 3
LEAST_PLANE = 64
# Bytes of accumulators in a slab. It has half of a window's planes at least, if these are no more than so many bytes,
# and else an eighth, within the most that a slab may have: the fewer its planes, the more often they are read.
SLAB_BYTES = 2**21
HALF_BYTES = 2**24
MOST_BYTES = 2**26


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Slabs:
    """The volumes and their planes: how many there are, how many are in a slab, and the bytes of one."""

    n_volumes: int
    volumes: int
    volume_bytes: int
    n_planes: int
    planes: int
    plane_bytes: int


def pays(view: View, reducer: Reducer) -> bool:
    """Whether windows are pooled along the first axis of planes before all else."""
    if not view.planes or len(reducer.loads) > 1 or reducer.blend:
        return False
    along = view.planes[0].windows
    within = view.inner.size * prod(axis.size for axis in view.pooled[1:])
    return (along.regular and along.stride == along.dilation == 1 and min(along.taps, along.n_out) >= SLAB_TAPS
            and LEAST_PLANE <= within <= MOST_BYTES // reducer.acc_size
            and all(is_plain(axis.windows) for axis in view.pooled))


def is_plain(windows: Windows) -> bool:
    """Whether windows have neither weights nor phases, and are the same for all outer planes."""
    return windows.weights is None and windows.phases is None and not windows.varied


def split(view: View, reducer: Reducer) -> tuple[View, View, Slabs]:
    """The view of a first step, along the planes, whose output are accumulators; that of a second one, whose input they
    are; and the slabs of which one is there at a time."""
    along = view.planes[0]
    within = [*view.planes[1:], view.column, view.row, view.inner]
    volumes = [*view.outer, replace(along, size=along.n_out, pooling=None)]
    strides: list[int] = []
    n_bytes = reducer.acc_size
    for axis in reversed([*volumes, *within]):
        strides.insert(0, n_bytes)
        n_bytes *= axis.size
    *volume_strides, plane_bytes = strides[:len(volumes)]
    inner_strides = strides[len(volumes):]

    plain = [Axis(axis.size, axis.in_stride, stride) for axis, stride in zip(within, inner_strides, strict=True)]
    *rest, inner = merged_alike([axis for axis in plain if axis.size > 1])
    outer = [Axis(axis.size, axis.in_stride, stride) for axis, stride in zip(view.outer, volume_strides, strict=True)]
    first = View([*outer, *rest], [], replace(along, out_stride=plane_bytes), point(0), inner)

    *others, column, row, inner = [replace(axis, in_stride=stride)
                                   for axis, stride in zip(within, inner_strides, strict=True)]
    outer = [replace(axis, in_stride=stride) for axis, stride in zip(view.outer, volume_strides, strict=True)]
    plane = Axis(along.n_out, plane_bytes, along.out_stride)
    if reducer.divisor or all(axis.windows.even for axis in view.pooled):
        outer.append(plane)
    else:
        others.insert(0, replace(plane, pooling=_windows.single(along.windows)))
    second = View(outer, others, column, row, inner)

    n_volumes = prod(axis.size for axis in view.outer)
    volume_bytes = plane_bytes * along.n_out
    taps = along.windows.taps
    planes = max(SLAB_BYTES // plane_bytes, min(-(-taps // 2), HALF_BYTES // plane_bytes),
                 min(-(-taps // 8), MOST_BYTES // plane_bytes))
    n_slabs = -(-along.n_out // planes)
    slabs = Slabs(n_volumes, max(1, SLAB_BYTES // volume_bytes), volume_bytes, along.n_out,
                  -(-along.n_out // n_slabs), plane_bytes)
    return first, second, slabs

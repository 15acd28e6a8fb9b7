"""Boxes of an image: the checks of their arguments, and the tables that say what each bin reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cypool import _arguments, _isa, _threads
from cypool._engine import regions, samples

if TYPE_CHECKING:
    from typing import TypeAlias

    from cypool._typing import AnyArray, BoxTables, Indices, Lengths, RegionTask

    # Starts, sizes of a bin, and samples of a bin.
    _Bins: TypeAlias = tuple[AnyArray, AnyArray, Indices]

# Samples that a bin may take along one axis.
_MOST_SAMPLES = 2**20
# Bins along one axis.
_MOST_BINS = 2**20
# About what a bin costs, in a channel.
_BIN_NS = 4.0
# Beyond this a rounded edge is as far outside as can be.
_FAR = 2**30


def checked_image(x: object) -> AnyArray:
    image = _arguments.array("x", x)
    if image.ndim != 4:
        raise ValueError(f"x must have 4 axes, of images, channels, rows and columns, got {image.ndim}")
    return image


def check_floating(name: str, dtype: np.dtype[Any]) -> None:
    if dtype.kind != "f" and not _arguments.is_bfloat(dtype):
        raise TypeError(f"{name} must have a floating dtype, got {dtype}")


def check_mode(mode: object) -> None:
    if not isinstance(mode, str) or mode not in ("avg", "max"):
        raise ValueError(f'mode must be "avg" or "max", got {_arguments.shown(mode)}')


def channels_last(data_format: object) -> bool:
    return _arguments.spatial_axes(2, data_format, 4) == (1, 2)


def spatial(shape: Lengths, last: bool) -> Lengths:
    return shape[1:3] if last else shape[2:]


def lane(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """What an array of that dtype is computed in."""
    if dtype.kind == "f" or _arguments.is_bfloat(dtype):
        return np.dtype("f8" if dtype.itemsize == 8 else "f4")
    return np.dtype("u1") if dtype.kind == "b" else dtype.newbyteorder("=")


def common(image_shape: Lengths, boxes: object, batch_indices: object, output_size: object, last: bool,
           num_threads: Any) -> tuple[Lengths, AnyArray, Indices, Lengths, int | None]:
    """Shape of the bins, and the arguments that all functions here share, in their plain forms."""
    if 0 in spatial(image_shape, last):
        raise ValueError(f"x must not be empty along a spatial axis, got the shape {image_shape}")
    boxes = _arguments.any_array("boxes", boxes)
    if boxes.dtype.kind not in "fiu" and not _arguments.is_bfloat(boxes.dtype):
        raise TypeError(f"boxes must be real numbers, got {boxes.dtype}")
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(f"boxes must have the shape (n, 4), got {boxes.shape}")
    batch_indices = _arguments.any_array("batch_indices", batch_indices)
    if batch_indices.dtype.kind not in "iu" and batch_indices.size:
        raise TypeError(f"batch_indices must be integers, got {batch_indices.dtype}")
    if batch_indices.shape != boxes.shape[:1]:
        raise ValueError(f"batch_indices must have one entry for each of the {len(boxes)} boxes, "
                         f"got the shape {batch_indices.shape}")
    wrong = batch_indices[(batch_indices < 0) | (batch_indices >= image_shape[0])]
    if wrong.size:
        raise ValueError(f"batch_indices must be in [0, {image_shape[0]}), got {wrong[0]}")
    size = _arguments.per_axis("output_size", output_size, 2)
    if max(size) > _MOST_BINS:
        raise ValueError(f"output_size must be at most 2**20 along each axis, got {size}")
    channels = image_shape[3 if last else 1]
    shape = (len(boxes), *size, channels) if last else (len(boxes), channels, *size)
    shape = _arguments.shape("output_size", shape)
    num_threads = None if num_threads is None else _arguments.positive("num_threads", num_threads)
    return shape, boxes, batch_indices.astype(np.int64), size, num_threads


def scaled_boxes(boxes: AnyArray, spatial_scale: object, dtype: np.dtype[Any]) -> AnyArray:
    """Boxes times the scale; x1, y1, x2, y2, all finite."""
    scale = _arguments.finite("spatial_scale", spatial_scale)
    if not scale > 0:
        raise ValueError(f"spatial_scale must be positive, got {scale}")
    with np.errstate(over="ignore", invalid="ignore"):
        scaled: AnyArray = boxes.astype(dtype) * dtype.type(scale)
        good = np.isfinite(scaled).all(axis=1) & np.isfinite(scaled[:, 2:] - scaled[:, :2]).all(axis=1)
    _refuse(boxes, good, f"finite, with edges, scaled, and sizes that {dtype} holds")
    return scaled


def _refuse(boxes: AnyArray, good: Any, what: str) -> None:
    if not good.all():
        wrong = np.flatnonzero(~good)[0]
        raise ValueError(f"boxes must be {what}, got {boxes[wrong].tolist()}")


def geometry_of(boxes: AnyArray, size: Lengths, spatial_scale: object, sampling_ratio: object,
                coordinate_transformation_mode: object, dtype: np.dtype[Any]) -> list[_Bins]:
    """Start, size of a bin, and samples of a bin, each for the boxes along y and along x."""
    modes = ("half_pixel", "output_half_pixel")
    if not isinstance(coordinate_transformation_mode, str) or coordinate_transformation_mode not in modes:
        raise ValueError('coordinate_transformation_mode must be "half_pixel" or "output_half_pixel", '
                         f"got {_arguments.shown(coordinate_transformation_mode)}")
    ratio = _arguments.integer("sampling_ratio", sampling_ratio)
    if not 0 <= ratio <= _MOST_SAMPLES:
        raise ValueError(f"sampling_ratio must be in [0, 2**20], got {ratio}")
    scaled = scaled_boxes(boxes, spatial_scale, dtype)
    half = coordinate_transformation_mode == "half_pixel"
    if half:
        scaled = scaled - dtype.type(0.5)
    result: list[_Bins] = []
    for axis, bins in zip((1, 0), size):
        starts = scaled[:, axis].copy()
        lengths = scaled[:, axis + 2] - starts
        if not half:
            lengths = np.maximum(lengths, dtype.type(1))
        sizes = lengths / dtype.type(bins)
        grids = np.full(len(boxes), ratio, np.int64)
        if not ratio:
            wanted = np.maximum(np.ceil(sizes), 0)
            _refuse(boxes, wanted <= _MOST_SAMPLES, "so small that bins have at most 2**20 samples along an axis "
                    "with sampling_ratio 0")
            grids = wanted.astype(np.int64)
        result.append((starts, sizes, grids))
    return result


def sample_tables(geometry: list[_Bins], chosen: Indices, size: Lengths, lengths: Lengths, averaged: bool) -> BoxTables:
    """What the engine wants to know of the chosen boxes: tables along y and x, and columns."""
    y, x = [samples.table(starts[chosen], sizes[chosen], grids[chosen], bins, length, averaged)
            for (starts, sizes, grids), bins, length in zip(geometry, size, lengths)]
    return y, x, samples.columns_of(x[0], x[1], size[1], lengths[1])


def windows_of(scaled: AnyArray, size: Lengths, lengths: Lengths) -> tuple[list[Indices], list[Indices]]:
    """Starts and stops of the bins of rounded boxes, along y and along x."""
    rounded = np.clip(np.copysign(np.floor(np.abs(scaled.astype("f8")) + 0.5), scaled), -_FAR, _FAR).astype(np.int64)
    starts: list[Indices] = []
    stops: list[Indices] = []
    for axis, bins, length in zip((1, 0), size, lengths):
        first = rounded[:, axis, None]
        box = np.maximum(rounded[:, axis + 2, None] - first + 1, 1)
        step = box.astype("f4") / np.float32(bins)
        i = np.arange(bins + 1, dtype="f4")
        starts.append(np.clip(np.floor(i[:-1] * step).astype(np.int64) + first, 0, length))
        stops.append(np.clip(np.ceil(i[1:] * step).astype(np.int64) + first, 0, length))
    return starts, stops


def ranges(starts: Indices, counts: Indices) -> tuple[Indices, Indices]:
    """The numbers from each start up to that many more, one range after another: first of each, and all (and a 0)."""
    first = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=first[1:])
    shifts: Indices = np.repeat(first[:-1] - starts, counts)
    return first, np.append(np.arange(len(shifts)) - shifts, 0)


def run(task: RegionTask, image: AnyArray, bins: AnyArray, last: bool, tables: BoxTables,
        windows: tuple[Indices, Indices] | tuple[()], batch_indices: Indices, order: Indices, num_threads: int | None,
        source: AnyArray | None = None) -> None:
    """Let the engine fill the bins of the boxes `order` from the image, or for a gradient the image from the bins."""
    groups = np.flatnonzero(np.diff(batch_indices[order], prepend=-1))
    images = batch_indices[order[groups]]
    groups = np.append(groups, len(order)).astype(np.int64)
    channels = image.shape[3 if last else 1]
    height, width = spatial(bins.shape, last)
    cost = len(order) * channels * height * width * _BIN_NS
    n_threads = _threads.worth(cost, num_threads or _threads.get_num_threads())
    units = len(images) * -(-channels // 16)
    # Threads share an image's boxes only where there is too little else to share; in a gradient these add up.
    alone = n_threads == 1 or task in ("spread", "award")
    n_slices = 1 if alone else max(1, min(2 * n_threads // units, len(order)))
    y, x, columns = tables
    computed = lane(image.dtype)
    combine = _isa.kernels().combine.COMBINE["max", f"{computed.kind}{computed.itemsize}"][0]
    regions.run(task, image, image if source is None else source, bins, last, computed.name, y, x, columns, windows,
                groups, images, order.astype(np.int64), combine, n_slices, n_threads)

"""Pooling of boxes of an image to one size: RoI align and RoI max pooling, as detectors use them."""

# Its types are in the stub beside it, so that parameters have none here.
# pyright: standard

import numpy as np

from cypool import _arguments, _isa, _threads
from cypool._docs import documented
from cypool._engine import regions, samples

# Samples that a bin may take along one axis.
_MOST_SAMPLES = 2**20
# Bins along one axis.
_MOST_BINS = 2**20
# Taps that are worked out at once.
_CHUNK = 2**20
# About what a bin costs, in a channel.
_BIN_NS = 4.0
# Beyond this a rounded edge is as far outside as can be.
_FAR = 2**30


@documented
def roi_align(x, boxes, batch_indices, output_size, *, spatial_scale=1.0, sampling_ratio=0, mode="avg",
              coordinate_transformation_mode="half_pixel", data_format="channels_first", out=None, num_threads=None):
    """Average or greatest of bilinear samples in the bins of boxes: RoI align.

    Parameters
    ----------
    {images}
        float16, float32, float64 or bfloat16 (``ml_dtypes``); any strides and byte order.
    {boxes}
    {batch_indices}
    {bins}
    {spatial_scale}
    {sampling_ratio}
    mode : {"avg", "max"}
        What is made of the samples. "max" is ONNX's: the greatest value times its weight in a sample, among the four
        that a sample lies between.
    {coordinates}
    {roi_format}
    {out}
    {num_threads}

    Returns
    -------
    ndarray, shape (n, C, h, w) or (n, h, w, C)
        The dtype of x. Samples more than one element outside of the image are zeros; others are moved to its edge.
        float16 and bfloat16 are computed as float32 and rounded once.

    Raises
    ------
    ValueError, TypeError
        If an argument is wrong, a box is not finite, or it takes more than 2**20 samples a bin along an axis.

    See Also
    --------
    roi_align_backward, roi_max_pool

    Notes
    -----
    A sample reads up to four values, also where the weight is 0; so an infinity there gives NaN. Positions are
    computed in the type of the averages, float32 for float32.

    References
    ----------
    K. He, G. Gkioxari, P. Dollar, R. Girshick, "Mask R-CNN", ICCV 2017. The ONNX operator RoiAlign, opset 16 and 22.

    Examples
    --------
    >>> import numpy as np, cypool
    >>> x = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> cypool.roi_align(x, [[0.5, 0.5, 2.5, 2.5]], [0], 2)
    array([[[[2.5, 3.5],
             [6.5, 7.5]]]])
    """
    x = _image(x)
    _floating("x", x.dtype)
    if mode not in ("avg", "max") if isinstance(mode, str) else True:
        raise ValueError(f'mode must be "avg" or "max", got {_arguments.shown(mode)}')
    last = _channels_last(data_format)
    shape, boxes, batch_indices, size, num_threads = _common(
        x.shape, boxes, batch_indices, output_size, last, num_threads)
    geometry = _geometry(boxes, size, spatial_scale, sampling_ratio, coordinate_transformation_mode,
                         _lane(x.dtype))
    result = _result(x, out, shape)
    lengths = _spatial(x.shape, last)
    rows = max(1, _CHUNK // (sum(lengths) + 3 * sum(size)))
    order = np.argsort(batch_indices, kind="stable")
    if result.size:
        source = _native(x)
        for at in range(0, len(order), rows):
            chosen = order[at : at + rows]
            tables = _tables(geometry, chosen, size, lengths, mode == "avg")
            _run(mode, source, result, last, tables, (), batch_indices, chosen, num_threads)
    return _given(result, out)


@documented
def roi_align_backward(grad_output, boxes, batch_indices, input_shape, *, spatial_scale=1.0, sampling_ratio=0,
                       coordinate_transformation_mode="half_pixel", data_format="channels_first", num_threads=None):
    """Gradient of `roi_align` with mode "avg".

    Parameters
    ----------
    grad_output : ndarray of float, shape (n, C, h, w) or (n, h, w, C)
        Gradient with respect to what the forward call gave.
    {boxes}
    {batch_indices}
    {input_shape}
    {spatial_scale}
    {sampling_ratio}
    {coordinates}
    {roi_format}
    {num_threads}

    Returns
    -------
    ndarray, shape input_shape
        The dtype of grad_output. Of each image and channel one thread adds up the boxes, in their order. It takes 16
        channels of an image in the type of the sums (or 4 of a large one) as memory.

    Raises
    ------
    ValueError, TypeError
        If an argument is wrong, as for `roi_align`.

    References
    ----------
    K. He, G. Gkioxari, P. Dollar, R. Girshick, "Mask R-CNN", ICCV 2017.

    Examples
    --------
    >>> import numpy as np, cypool
    >>> cypool.roi_align_backward(np.ones((1, 1, 1, 1)), [[0.0, 0.0, 2.0, 2.0]], [0], (1, 1, 2, 3))
    array([[[[0.25, 0.25, 0.  ],
             [0.25, 0.25, 0.  ]]]])
    """
    grad_output = _arguments.array("grad_output", grad_output)
    _floating("grad_output", grad_output.dtype)
    input_shape = _arguments.shape("input_shape", input_shape)
    last = _channels_last(data_format)
    if grad_output.ndim != 4 or 0 in _spatial(grad_output.shape, last):
        raise ValueError(f"grad_output must have 4 axes, spatial ones of at least 1, got {grad_output.shape}")
    if len(input_shape) != 4:
        raise ValueError(f"input_shape must have 4 axes, got {input_shape}")
    if 0 in _spatial(input_shape, last):
        raise ValueError(f"input_shape must not be 0 along a spatial axis, got {input_shape}")
    size = _spatial(grad_output.shape, last)
    shape, boxes, batch_indices, size, num_threads = _common(
        input_shape, boxes, batch_indices, size, last, num_threads)
    if grad_output.shape != shape:
        raise ValueError(f"grad_output must have the shape {shape}, got {grad_output.shape}")
    geometry = _geometry(boxes, size, spatial_scale, sampling_ratio, coordinate_transformation_mode,
                         _lane(grad_output.dtype))
    source = _native(grad_output)
    result = np.zeros(input_shape, source.dtype)
    if result.size and source.size:
        order = np.argsort(batch_indices, kind="stable")
        tables = _tables(geometry, order, size, _spatial(input_shape, last), True)
        _run("gradient", result, source, last, tables, (), batch_indices, order, num_threads)
    return result


@documented
def roi_max_pool(x, boxes, batch_indices, output_size, *, spatial_scale=1.0, data_format="channels_first", out=None,
                 num_threads=None):
    """Maximum of each bin of boxes whose edges are rounded to whole elements: RoI max pooling.

    Parameters
    ----------
    {images}
        Any real dtype, strides and byte order.
    {boxes}
        The last element belongs to the box; one that ends before it begins has one element.
    {batch_indices}
    {bins}
    {spatial_scale}
    {roi_format}
    {out}
    {num_threads}

    Returns
    -------
    ndarray, shape (n, C, h, w) or (n, h, w, C)
        The dtype of x. A bin with NaN is NaN; a bin without any element of the image is 0.

    Raises
    ------
    ValueError, TypeError
        If an argument is wrong, or a box is not finite.

    See Also
    --------
    roi_align

    Notes
    -----
    Edges are rounded half away from zero. Bin i of n in a box of length L that begins at s is
    ``[s + floor(i * (L / n)), s + ceil((i + 1) * (L / n)))``, computed in float32, as by ONNX Runtime.

    References
    ----------
    R. Girshick, "Fast R-CNN", ICCV 2015. The ONNX operator MaxRoiPool.

    Examples
    --------
    >>> import numpy as np, cypool
    >>> x = np.arange(16).reshape(1, 1, 4, 4)
    >>> cypool.roi_max_pool(x, [[0, 0, 3, 3]], [0], 2)
    array([[[[ 5,  7],
             [13, 15]]]])
    """
    x = _image(x)
    if x.dtype.kind == "c":
        raise TypeError(f"x must have an order for max, got {x.dtype}")
    last = _channels_last(data_format)
    shape, boxes, batch_indices, size, num_threads = _common(
        x.shape, boxes, batch_indices, output_size, last, num_threads)
    scaled = _scaled(boxes, spatial_scale, np.dtype("f4"))
    result = _result(x, out, shape)
    lengths = _spatial(x.shape, last)
    order = np.argsort(batch_indices, kind="stable")
    rows = max(1, _CHUNK // (sum(lengths) + 3 * sum(size)))
    if result.size:
        source = _native(x)
        for at in range(0, len(order), rows):
            chosen = order[at : at + rows]
            windows, columns = _windows(scaled[chosen], size, lengths)
            _run("pool", source, result, last, ((), (), columns), windows, batch_indices, chosen, num_threads)
    return _given(result, out)


def _image(x):
    x = _arguments.array("x", x)
    if x.ndim != 4:
        raise ValueError(f"x must have 4 axes, of images, channels, rows and columns, got {x.ndim}")
    return x


def _floating(name, dtype):
    if dtype.kind != "f" and not _arguments.is_bfloat(dtype):
        raise TypeError(f"{name} must have a floating dtype, got {dtype}")


def _channels_last(data_format):
    return _arguments.spatial_axes(2, data_format, 4) == (1, 2)


def _spatial(shape, last):
    return shape[1:3] if last else shape[2:]


def _lane(dtype):
    """What an array of that dtype is computed in."""
    if dtype.kind == "f" or _arguments.is_bfloat(dtype):
        return np.dtype("f8" if dtype.itemsize == 8 else "f4")
    return np.dtype("u1") if dtype.kind == "b" else dtype.newbyteorder("=")


def _common(image_shape, boxes, batch_indices, output_size, last, num_threads):
    """Shape of the bins, and the arguments that all functions here share, in their plain forms."""
    if 0 in _spatial(image_shape, last):
        raise ValueError(f"x must not be empty along a spatial axis, got the shape {image_shape}")
    try:
        boxes = np.asarray(boxes)
    except (TypeError, ValueError) as error:
        raise TypeError(f"boxes must be an array, got {_arguments.shown(boxes)}") from error
    if boxes.dtype.kind not in "fiu" and not _arguments.is_bfloat(boxes.dtype):
        raise TypeError(f"boxes must be real numbers, got {boxes.dtype}")
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(f"boxes must have the shape (n, 4), got {boxes.shape}")
    batch_indices = np.asarray(batch_indices)
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


def _scaled(boxes, spatial_scale, dtype):
    """Boxes times the scale; x1, y1, x2, y2, all finite."""
    scale = _arguments.finite("spatial_scale", spatial_scale)
    if not scale > 0:
        raise ValueError(f"spatial_scale must be positive, got {scale}")
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = boxes.astype(dtype) * dtype.type(scale)
        good = np.isfinite(scaled).all(axis=1) & np.isfinite(scaled[:, 2:] - scaled[:, :2]).all(axis=1)
    _refuse(boxes, good, f"finite, with edges, scaled, and sizes that {dtype} holds")
    return scaled


def _refuse(boxes, good, what):
    if not good.all():
        wrong = np.flatnonzero(~good)[0]
        raise ValueError(f"boxes must be {what}, got {boxes[wrong].tolist()}")


def _geometry(boxes, size, spatial_scale, sampling_ratio, coordinate_transformation_mode, dtype):
    """Start, size of a bin, and samples of a bin, each for the boxes along y and along x."""
    modes = ("half_pixel", "output_half_pixel")
    if not isinstance(coordinate_transformation_mode, str) or coordinate_transformation_mode not in modes:
        raise ValueError('coordinate_transformation_mode must be "half_pixel" or "output_half_pixel", '
                         f"got {_arguments.shown(coordinate_transformation_mode)}")
    ratio = _arguments.integer("sampling_ratio", sampling_ratio)
    if not 0 <= ratio <= _MOST_SAMPLES:
        raise ValueError(f"sampling_ratio must be in [0, 2**20], got {ratio}")
    scaled = _scaled(boxes, spatial_scale, dtype)
    half = coordinate_transformation_mode == "half_pixel"
    if half:
        scaled = scaled - dtype.type(0.5)
    result = []
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


def _tables(geometry, chosen, size, lengths, averaged):
    """What the engine wants to know of the chosen boxes: tables along y and x, and columns."""
    y, x = [samples.table(starts[chosen], sizes[chosen], grids[chosen], bins, length, averaged)
            for (starts, sizes, grids), bins, length in zip(geometry, size, lengths)]
    return y, x, samples.columns_of(x[0], x[1], size[1], lengths[1])


def _windows(scaled, size, lengths):
    """Starts and stops of the bins of rounded boxes, and the columns that they reach over."""
    rounded = np.clip(np.copysign(np.floor(np.abs(scaled.astype("f8")) + 0.5), scaled), -_FAR, _FAR).astype(np.int64)
    starts, stops = [], []
    for axis, bins, length in zip((1, 0), size, lengths):
        first = rounded[:, axis, None]
        box = np.maximum(rounded[:, axis + 2, None] - first + 1, 1)
        step = box.astype("f4") / np.float32(bins)
        i = np.arange(bins + 1, dtype="f4")
        starts.append(np.clip(np.floor(i[:-1] * step).astype(np.int64) + first, 0, length))
        stops.append(np.clip(np.ceil(i[1:] * step).astype(np.int64) + first, 0, length))
    left, right = starts[1].min(axis=1), stops[1].max(axis=1)
    counts = np.maximum(right - left, 0)
    first_column = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    columns = np.arange(first_column[-1] + 1) - np.append(np.repeat(first_column[:-1] - left, counts), 0)
    windows = tuple(np.concatenate(each, axis=1) for each in (starts, stops))
    return windows, (first_column, columns, first_column)


def _native(x):
    return np.require(x, x.dtype if x.dtype.kind == "V" else x.dtype.newbyteorder("="), "A")


def _result(x, out, shape):
    """The array that the engine fills: out, if it can."""
    native = x.dtype if x.dtype.kind == "V" else x.dtype.newbyteorder("=")
    if out is not None:
        _arguments.output(out, shape, native)
        # Elements of out that share memory would be written by two threads.
        if out.dtype == native and out.dtype.isnative and out.flags.aligned and not np.may_share_memory(out, x):
            return out
    return np.empty(shape, native)


def _given(result, out):
    if out is None or result is out:
        return result
    np.copyto(out, result, casting="unsafe")
    return out


def _run(task, image, bins, last, tables, windows, batch_indices, order, num_threads):
    groups = np.flatnonzero(np.diff(batch_indices[order], prepend=-1))
    images = batch_indices[order[groups]]
    groups = np.append(groups, len(order)).astype(np.int64)
    channels = image.shape[3 if last else 1]
    height, width = _spatial(bins.shape, last)
    cost = len(order) * channels * height * width * _BIN_NS
    n_threads = _threads.worth(cost, num_threads or _threads.get_num_threads())
    units = len(images) * -(-channels // 16)
    # Threads share an image's boxes only where there is too little else to share; in a gradient these add up.
    n_slices = 1 if n_threads == 1 or task == "gradient" else max(1, min(2 * n_threads // units, len(order)))
    y, x, columns = tables
    lane = _lane(image.dtype)
    combine = _isa.kernels().combine.COMBINE["max", f"{lane.kind}{lane.itemsize}"][0]
    regions.run(task, image, bins, last, lane.name, y, x, columns, windows, groups, images, order.astype(np.int64),
                combine, n_slices, n_threads)

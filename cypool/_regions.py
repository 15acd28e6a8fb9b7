"""Pooling of boxes of an image to one size: RoI align and RoI max pooling, as detectors use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cypool import _arguments, _boxes
from cypool._docs import documented

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from cypool._typing import AnyArray, Coordinates, DataFormat, Int, Integers, Lengths, Mode, Number, Reals, Sizes

# Taps that are worked out at once.
_CHUNK = 2**20


@documented
def roi_align(x: ArrayLike, boxes: Reals, batch_indices: Integers, output_size: Sizes, *, spatial_scale: Number = 1.0,
              sampling_ratio: Int = 0, mode: Mode = "avg", coordinate_transformation_mode: Coordinates = "half_pixel",
              data_format: DataFormat = "channels_first", out: AnyArray | None = None,
              num_threads: Int | None = None) -> AnyArray:
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
    x = _boxes.checked_image(x)
    _boxes.check_floating("x", x.dtype)
    _boxes.check_mode(mode)
    last = _boxes.channels_last(data_format)
    shape, boxes, batch_indices, size, num_threads = _boxes.common(
        x.shape, boxes, batch_indices, output_size, last, num_threads)
    geometry = _boxes.geometry_of(boxes, size, spatial_scale, sampling_ratio, coordinate_transformation_mode,
                         _boxes.lane(x.dtype))
    result = _result(x, out, shape)
    lengths = _boxes.spatial(x.shape, last)
    rows = max(1, _CHUNK // (sum(lengths) + 3 * sum(size)))
    order = np.argsort(batch_indices, kind="stable")
    if result.size:
        source = _native(x)
        for at in range(0, len(order), rows):
            chosen = order[at : at + rows]
            tables = _boxes.sample_tables(geometry, chosen, size, lengths, mode == "avg")
            _boxes.run("max" if mode == "max" else "avg", source, result, last, tables, (), batch_indices, chosen,
                       num_threads)
    return _given(result, out)


@documented
def roi_max_pool(x: ArrayLike, boxes: Reals, batch_indices: Integers, output_size: Sizes, *,
                 spatial_scale: Number = 1.0, data_format: DataFormat = "channels_first", out: AnyArray | None = None,
                 num_threads: Int | None = None) -> AnyArray:
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
    roi_max_pool_backward, roi_align

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
    x = _boxes.checked_image(x)
    if x.dtype.kind == "c":
        raise TypeError(f"x must have an order for max, got {x.dtype}")
    last = _boxes.channels_last(data_format)
    shape, boxes, batch_indices, size, num_threads = _boxes.common(
        x.shape, boxes, batch_indices, output_size, last, num_threads)
    scaled = _boxes.scaled_boxes(boxes, spatial_scale, np.dtype("f4"))
    result = _result(x, out, shape)
    lengths = _boxes.spatial(x.shape, last)
    order = np.argsort(batch_indices, kind="stable")
    rows = max(1, _CHUNK // (sum(lengths) + 3 * sum(size)))
    if result.size:
        source = _native(x)
        for at in range(0, len(order), rows):
            chosen = order[at : at + rows]
            starts, stops = _boxes.windows_of(scaled[chosen], size, lengths)
            left, right = starts[1].min(axis=1), stops[1].max(axis=1)
            first_column, columns = _boxes.ranges(left, np.maximum(right - left, 0))
            windows = np.concatenate(starts, axis=1), np.concatenate(stops, axis=1)
            _boxes.run("pool", source, result, last, ((), (), (first_column, columns, first_column)), windows,
                       batch_indices, chosen, num_threads)
    return _given(result, out)


def _native(x: AnyArray) -> AnyArray:
    return np.require(x, _arguments.native(x.dtype), "A")


def _result(x: AnyArray, out: AnyArray | None, shape: Lengths) -> AnyArray:
    """The array that the engine fills: out, if it can."""
    native = _arguments.native(x.dtype)
    if out is not None:
        _arguments.output(out, shape, native)
        # Elements of out that share memory would be written by two threads.
        if out.dtype == native and out.dtype.isnative and out.flags.aligned and not np.may_share_memory(out, x):
            return out
    return np.empty(shape, native)


def _given(result: AnyArray, out: AnyArray | None) -> AnyArray:
    if out is None or result is out:
        return result
    np.copyto(out, result, casting="unsafe")
    return out

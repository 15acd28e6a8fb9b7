"""Gradients of the pooling of boxes: RoI align, of averages and of maxima, and RoI max pooling."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from cypool import _arguments, _boxes
from cypool._docs import documented

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import ArrayLike

    from cypool._typing import (
        AnyArray,
        BinTable,
        BoxTables,
        Coordinates,
        DataFormat,
        Indices,
        Int,
        Integers,
        Lengths,
        Mode,
        Number,
        Reals,
        RegionTask,
        Shape,
    )


@documented
def roi_align_backward(grad_output: ArrayLike, boxes: Reals, batch_indices: Integers, input_shape: Shape, *,
                       spatial_scale: Number = 1.0, sampling_ratio: Int = 0, mode: Mode = "avg",
                       x: ArrayLike | None = None, coordinate_transformation_mode: Coordinates = "half_pixel",
                       data_format: DataFormat = "channels_first", num_threads: Int | None = None) -> AnyArray:
    """Gradient of `roi_align`.

    Parameters
    ----------
    {grad_bins}
    {boxes}
    {batch_indices}
    {input_shape}
    {spatial_scale}
    {sampling_ratio}
    mode : {"avg", "max"}
        That of the forward call.
    x : array_like, shape input_shape, optional
        What the forward call took. The mode "max" needs it, since it tells who won.
    {coordinates}
    {roi_format}
    {num_threads}

    Returns
    -------
    ndarray, shape input_shape
        The dtype of grad_output. Of averages each input gets its weight in them, of maxima the first that won gets
        the weight by which it did; a zero outside of the image that won gets nothing. Of each image and channel one
        thread adds up the boxes, in their order. It takes 16 channels of an image in the type of the sums (or 4 of a
        large one) as memory, twice for "max".

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
    >>> box, image = [[0.0, 0.0, 2.0, 2.0]], [0]
    >>> cypool.roi_align_backward(np.ones((1, 1, 1, 1)), box, image, (1, 1, 2, 3))
    array([[[[0.25, 0.25, 0.  ],
             [0.25, 0.25, 0.  ]]]])
    >>> x = np.array([[[[3.0, 8.0, 2.0], [5.0, 4.0, 9.0]]]])
    >>> cypool.roi_align_backward(np.ones((1, 1, 1, 1)), box, image, x.shape, mode="max", x=x)
    array([[[[0., 1., 0.],
             [0., 0., 0.]]]])
    """
    _boxes.check_mode(mode)
    grad_output, input_shape = _checked(grad_output, input_shape, data_format)
    if mode == "max" and x is None:
        raise TypeError('x must be given with the mode "max": what the forward call took, got None')
    source, computed = None, grad_output.dtype
    if x is not None:
        x = _boxes.checked_image(x)
        _boxes.check_floating("x", x.dtype)
        if x.shape != input_shape:
            raise ValueError(f"x must have the shape input_shape, {input_shape}, got {x.shape}")
        if mode == "max":
            source, computed = x, _common_dtype(x.dtype, computed)
    last = _boxes.channels_last(data_format)
    boxes, batch_indices, size, num_threads = _matching(grad_output, boxes, batch_indices, input_shape, last,
                                                        num_threads)
    geometry = _boxes.geometry_of(boxes, size, spatial_scale, sampling_ratio, coordinate_transformation_mode,
                                    _boxes.lane(computed))

    def tables(order: Indices) -> BoxTables:
        return _boxes.sample_tables(geometry, order, size, _boxes.spatial(input_shape, last), mode == "avg")

    return _run(grad_output, source, input_shape, last, tables, batch_indices, num_threads)


@documented
def roi_max_pool_backward(grad_output: ArrayLike, x: ArrayLike, boxes: Reals, batch_indices: Integers, *,
                          spatial_scale: Number = 1.0, data_format: DataFormat = "channels_first",
                          num_threads: Int | None = None) -> AnyArray:
    """Gradient of `roi_max_pool`.

    Parameters
    ----------
    {grad_bins}
    {images}
        What the forward call took, of a floating dtype.
    {boxes}
    {batch_indices}
    {spatial_scale}
    {roi_format}
    {num_threads}

    Returns
    -------
    ndarray, the shape of x
        The dtype of grad_output. Each input gets the gradients of those bins that it won; of equal ones the first did.
        Of each image and channel one thread adds up the boxes, in their order.

    Raises
    ------
    ValueError, TypeError
        If an argument is wrong, as for `roi_max_pool`.

    References
    ----------
    R. Girshick, "Fast R-CNN", ICCV 2015.

    Examples
    --------
    >>> import numpy as np, cypool
    >>> x = np.array([[[[3.0, 8.0, 2.0], [5.0, 4.0, 9.0]]]])
    >>> cypool.roi_max_pool_backward(np.ones((1, 1, 1, 1)), x, [[0, 0, 1, 1]], [0])
    array([[[[0., 1., 0.],
             [0., 0., 0.]]]])
    """
    x = _boxes.checked_image(x)
    _boxes.check_floating("x", x.dtype)
    grad_output, input_shape = _checked(grad_output, x.shape, data_format)
    last = _boxes.channels_last(data_format)
    boxes, batch_indices, size, num_threads = _matching(grad_output, boxes, batch_indices, input_shape, last,
                                                        num_threads)
    scaled = _boxes.scaled_boxes(boxes, spatial_scale, np.dtype("f4"))
    lengths = _boxes.spatial(input_shape, last)

    def tables(order: Indices) -> BoxTables:
        starts, stops = _boxes.windows_of(scaled[order], size, lengths)
        y, x = [_window_table(*each) for each in zip(starts, stops)]
        # No list of columns: planes are put together whole.
        none = np.zeros(len(order) + 1, np.int64)
        return y, x, (none, none, none)

    return _run(grad_output, x, input_shape, last, tables, batch_indices, num_threads)


def _checked(grad_output: ArrayLike, input_shape: Shape, data_format: DataFormat) -> tuple[AnyArray, Lengths]:
    """Gradient and shape, of 4 axes."""
    grad_output = _arguments.array("grad_output", grad_output)
    _boxes.check_floating("grad_output", grad_output.dtype)
    input_shape = _arguments.shape("input_shape", input_shape)
    last = _boxes.channels_last(data_format)
    if grad_output.ndim != 4 or 0 in _boxes.spatial(grad_output.shape, last):
        raise ValueError(f"grad_output must have 4 axes, spatial ones of at least 1, got {grad_output.shape}")
    if len(input_shape) != 4:
        raise ValueError(f"input_shape must have 4 axes, got {input_shape}")
    if 0 in _boxes.spatial(input_shape, last):
        raise ValueError(f"input_shape must not be 0 along a spatial axis, got {input_shape}")
    return grad_output, input_shape


def _matching(grad_output: AnyArray, boxes: Reals, batch_indices: Integers, input_shape: Lengths, last: bool,
              num_threads: Int | None) -> tuple[AnyArray, Indices, Lengths, int | None]:
    """Boxes, their images, bins of a box and num_threads, in their plain forms."""
    size = _boxes.spatial(grad_output.shape, last)
    shape, boxes, batch_indices, size, num_threads = _boxes.common(
        input_shape, boxes, batch_indices, size, last, num_threads)
    if grad_output.shape != shape:
        raise ValueError(f"grad_output must have the shape {shape}, got {grad_output.shape}")
    return boxes, batch_indices, size, num_threads


def _common_dtype(a: np.dtype[Any], b: np.dtype[Any]) -> np.dtype[Any]:
    """What holds numbers of both floating dtypes, also where one is bfloat16, which promotes to none of 16 bits."""
    return a if a == b else np.promote_types(_boxes.lane(a), _boxes.lane(b))


def _window_table(starts: Indices, stops: Indices) -> BinTable:
    """Windows of whole elements as samples that lie on these, each of the weight 1."""
    first, index = _boxes.ranges(starts.ravel(), np.maximum(stops - starts, 0).ravel())
    ones = np.ones(len(index))
    return first, index, ones, ones, np.zeros(len(first), np.uint8)


def _run(grad_output: AnyArray, source: AnyArray | None, input_shape: Lengths, last: bool,
         tables: Callable[[Indices], BoxTables], batch_indices: Indices, num_threads: int | None) -> AnyArray:
    """The gradient of averages, or of maxima of `source`."""
    dtype = _arguments.native(grad_output.dtype)
    task: RegionTask = "spread"
    computed = dtype
    if source is not None:
        task, computed = "award", _common_dtype(source.dtype, dtype)
        if prod(_boxes.spatial(input_shape, last)) > 2**31:
            # The winners of float32 are numbered in 32 bits.
            computed = np.dtype(np.float64)
        source = np.require(source, computed, "A")
    result = np.zeros(input_shape, computed)
    if result.size and grad_output.size:
        order = np.argsort(batch_indices, kind="stable")
        _boxes.run(task, result, np.require(grad_output, computed, "A"), last, tables(order), (), batch_indices,
                     order, num_threads, source)
    return result.astype(dtype, copy=False)

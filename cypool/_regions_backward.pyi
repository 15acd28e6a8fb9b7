from typing import overload

from numpy.typing import ArrayLike, NDArray

from cypool._typing import (
    AnyArray,
    Coordinates,
    DataFormat,
    Floating,
    Int,
    Integers,
    Mode,
    Number,
    Reals,
    Shape,
)

@overload
def roi_align_backward(grad_output: NDArray[Floating], boxes: Reals, batch_indices: Integers, input_shape: Shape, *,
                       spatial_scale: Number = 1.0, sampling_ratio: Int = 0, mode: Mode = "avg",
                       x: ArrayLike | None = None, coordinate_transformation_mode: Coordinates = "half_pixel",
                       data_format: DataFormat = "channels_first",
                       num_threads: Int | None = None) -> NDArray[Floating]: ...
@overload
def roi_align_backward(grad_output: ArrayLike, boxes: Reals, batch_indices: Integers, input_shape: Shape, *,
                       spatial_scale: Number = 1.0, sampling_ratio: Int = 0, mode: Mode = "avg",
                       x: ArrayLike | None = None, coordinate_transformation_mode: Coordinates = "half_pixel",
                       data_format: DataFormat = "channels_first", num_threads: Int | None = None) -> AnyArray: ...

@overload
def roi_max_pool_backward(grad_output: NDArray[Floating], x: ArrayLike, boxes: Reals, batch_indices: Integers, *,
                          spatial_scale: Number = 1.0, data_format: DataFormat = "channels_first",
                          num_threads: Int | None = None) -> NDArray[Floating]: ...
@overload
def roi_max_pool_backward(grad_output: ArrayLike, x: ArrayLike, boxes: Reals, batch_indices: Integers, *,
                          spatial_scale: Number = 1.0, data_format: DataFormat = "channels_first",
                          num_threads: Int | None = None) -> AnyArray: ...

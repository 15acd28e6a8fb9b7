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
    Scalar,
    Sizes,
)

@overload
def roi_align(x: NDArray[Floating], boxes: Reals, batch_indices: Integers, output_size: Sizes, *,
              spatial_scale: Number = 1.0, sampling_ratio: Int = 0, mode: Mode = "avg",
              coordinate_transformation_mode: Coordinates = "half_pixel", data_format: DataFormat = "channels_first",
              out: None = None, num_threads: Int | None = None) -> NDArray[Floating]: ...
@overload
def roi_align(x: ArrayLike, boxes: Reals, batch_indices: Integers, output_size: Sizes, *, spatial_scale: Number = 1.0,
              sampling_ratio: Int = 0, mode: Mode = "avg", coordinate_transformation_mode: Coordinates = "half_pixel",
              data_format: DataFormat = "channels_first", out: AnyArray | None = None,
              num_threads: Int | None = None) -> AnyArray: ...

@overload
def roi_max_pool(x: NDArray[Scalar], boxes: Reals, batch_indices: Integers, output_size: Sizes, *,
                 spatial_scale: Number = 1.0, data_format: DataFormat = "channels_first", out: None = None,
                 num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def roi_max_pool(x: ArrayLike, boxes: Reals, batch_indices: Integers, output_size: Sizes, *,
                 spatial_scale: Number = 1.0, data_format: DataFormat = "channels_first", out: AnyArray | None = None,
                 num_threads: Int | None = None) -> AnyArray: ...

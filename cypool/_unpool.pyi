from typing import overload

from numpy.typing import ArrayLike, NDArray

from cypool._typing import AnyArray, DataFormat, Floating, Int, Integers, Scalar, Sides, Sizes

@overload
def max_unpool1d(x: NDArray[Scalar], indices: Integers, kernel_size: Sizes, stride: Sizes | None = None,
                 padding: Sides = 0, *, output_size: Sizes | None = None, data_format: DataFormat = "channels_first",
                 out: None = None, num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def max_unpool1d(x: ArrayLike, indices: Integers, kernel_size: Sizes, stride: Sizes | None = None, padding: Sides = 0,
                 *, output_size: Sizes | None = None, data_format: DataFormat = "channels_first",
                 out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray: ...

@overload
def max_unpool2d(x: NDArray[Scalar], indices: Integers, kernel_size: Sizes, stride: Sizes | None = None,
                 padding: Sides = 0, *, output_size: Sizes | None = None, data_format: DataFormat = "channels_first",
                 out: None = None, num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def max_unpool2d(x: ArrayLike, indices: Integers, kernel_size: Sizes, stride: Sizes | None = None, padding: Sides = 0,
                 *, output_size: Sizes | None = None, data_format: DataFormat = "channels_first",
                 out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray: ...

@overload
def max_unpool3d(x: NDArray[Scalar], indices: Integers, kernel_size: Sizes, stride: Sizes | None = None,
                 padding: Sides = 0, *, output_size: Sizes | None = None, data_format: DataFormat = "channels_first",
                 out: None = None, num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def max_unpool3d(x: ArrayLike, indices: Integers, kernel_size: Sizes, stride: Sizes | None = None, padding: Sides = 0,
                 *, output_size: Sizes | None = None, data_format: DataFormat = "channels_first",
                 out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray: ...

@overload
def max_unpool_backward(grad_output: NDArray[Floating], indices: Integers, *,
                        axis: Sizes | None = None) -> NDArray[Floating]: ...
@overload
def max_unpool_backward(grad_output: ArrayLike, indices: Integers, *, axis: Sizes | None = None) -> AnyArray: ...

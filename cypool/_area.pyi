from typing import overload

from numpy.typing import ArrayLike, DTypeLike, NDArray

from cypool._typing import AnyArray, Asked, Bools, DType, Inexact, Int, NanPolicy, OutputSizes, Scalar, Shape, Sizes

@overload
def area_pool(x: NDArray[Scalar], output_size: OutputSizes, *, axis: Sizes | None = None,
              nan_policy: NanPolicy = "propagate", dtype: None = None, out: None = None,
              num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def area_pool(x: ArrayLike, output_size: OutputSizes, *, axis: Sizes | None = None,
              nan_policy: NanPolicy = "propagate", dtype: DType[Asked], out: None = None,
              num_threads: Int | None = None) -> NDArray[Asked]: ...
@overload
def area_pool(x: ArrayLike, output_size: OutputSizes, *, axis: Sizes | None = None,
              nan_policy: NanPolicy = "propagate", dtype: DTypeLike | None = None, out: AnyArray | None = None,
              num_threads: Int | None = None) -> AnyArray: ...

@overload
def area_pool_backward(grad_output: NDArray[Inexact], input_shape: Shape, output_size: OutputSizes, *,
                       axis: Sizes | None = None, mask: Bools | None = None, out: None = None,
                       num_threads: Int | None = None) -> NDArray[Inexact]: ...
@overload
def area_pool_backward(grad_output: ArrayLike, input_shape: Shape, output_size: OutputSizes, *,
                       axis: Sizes | None = None, mask: Bools | None = None, out: AnyArray | None = None,
                       num_threads: Int | None = None) -> AnyArray: ...

from typing import overload

from numpy.typing import ArrayLike, NDArray

from cypool._typing import (
    AnyArray,
    Bools,
    Flag,
    Floating,
    Inexact,
    Int,
    Integers,
    OutputSizes,
    Padding,
    Reals,
    Shape,
    Sizes,
)

@overload
def max_pool_backward(grad_output: NDArray[Floating], indices: Integers, input_shape: Shape, *,
                      axis: Sizes | None = None, mask: Bools | None = None, out: None = None,
                      num_threads: Int | None = None) -> NDArray[Floating]: ...
@overload
def max_pool_backward(grad_output: ArrayLike, indices: Integers, input_shape: Shape, *, axis: Sizes | None = None,
                      mask: Bools | None = None, out: AnyArray | None = None,
                      num_threads: Int | None = None) -> AnyArray: ...

@overload
def min_pool_backward(grad_output: NDArray[Floating], indices: Integers, input_shape: Shape, *,
                      axis: Sizes | None = None, mask: Bools | None = None, out: None = None,
                      num_threads: Int | None = None) -> NDArray[Floating]: ...
@overload
def min_pool_backward(grad_output: ArrayLike, indices: Integers, input_shape: Shape, *, axis: Sizes | None = None,
                      mask: Bools | None = None, out: AnyArray | None = None,
                      num_threads: Int | None = None) -> AnyArray: ...

@overload
def avg_pool_backward(grad_output: NDArray[Inexact], input_shape: Shape, kernel_size: Sizes,
                      stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1, *,
                      axis: Sizes | None = None, ceil_mode: Flag = False, count_include_pad: Flag = True,
                      divisor_override: Int | None = None, mask: Bools | None = None, weights: Reals | None = None,
                      out: None = None, num_threads: Int | None = None) -> NDArray[Inexact]: ...
@overload
def avg_pool_backward(grad_output: ArrayLike, input_shape: Shape, kernel_size: Sizes, stride: Sizes | None = None,
                      padding: Padding = 0, dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False,
                      count_include_pad: Flag = True, divisor_override: Int | None = None, mask: Bools | None = None,
                      weights: Reals | None = None, out: AnyArray | None = None,
                      num_threads: Int | None = None) -> AnyArray: ...

@overload
def adaptive_avg_pool_backward(grad_output: NDArray[Inexact], input_shape: Shape, output_size: OutputSizes, *,
                               axis: Sizes | None = None, out: None = None,
                               num_threads: Int | None = None) -> NDArray[Inexact]: ...
@overload
def adaptive_avg_pool_backward(grad_output: ArrayLike, input_shape: Shape, output_size: OutputSizes, *,
                               axis: Sizes | None = None, out: AnyArray | None = None,
                               num_threads: Int | None = None) -> AnyArray: ...

@overload
def sum_pool_backward(grad_output: NDArray[Inexact], input_shape: Shape, kernel_size: Sizes,
                      stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1, *,
                      axis: Sizes | None = None, ceil_mode: Flag = False, mask: Bools | None = None,
                      weights: Reals | None = None, out: None = None,
                      num_threads: Int | None = None) -> NDArray[Inexact]: ...
@overload
def sum_pool_backward(grad_output: ArrayLike, input_shape: Shape, kernel_size: Sizes, stride: Sizes | None = None,
                      padding: Padding = 0, dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False,
                      mask: Bools | None = None, weights: Reals | None = None, out: AnyArray | None = None,
                      num_threads: Int | None = None) -> AnyArray: ...

from typing import overload

from numpy.typing import ArrayLike, NDArray

from cypool._typing import AnyArray, Flag, Floating, Int, Number, Padding, Sizes

@overload
def lp_pool_backward(grad_output: NDArray[Floating], x: ArrayLike, norm_type: Number, kernel_size: Sizes,
                     stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1, *,
                     axis: Sizes | None = None, ceil_mode: Flag = False,
                     num_threads: Int | None = None) -> NDArray[Floating]: ...
@overload
def lp_pool_backward(grad_output: ArrayLike, x: ArrayLike, norm_type: Number, kernel_size: Sizes,
                     stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1, *,
                     axis: Sizes | None = None, ceil_mode: Flag = False,
                     num_threads: Int | None = None) -> AnyArray: ...

@overload
def var_pool_backward(grad_output: NDArray[Floating], x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None,
                      padding: Padding = 0, dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False,
                      correction: Number = 0, num_threads: Int | None = None) -> NDArray[Floating]: ...
@overload
def var_pool_backward(grad_output: ArrayLike, x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None,
                      padding: Padding = 0, dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False,
                      correction: Number = 0, num_threads: Int | None = None) -> AnyArray: ...

@overload
def std_pool_backward(grad_output: NDArray[Floating], x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None,
                      padding: Padding = 0, dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False,
                      correction: Number = 0, num_threads: Int | None = None) -> NDArray[Floating]: ...
@overload
def std_pool_backward(grad_output: ArrayLike, x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None,
                      padding: Padding = 0, dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False,
                      correction: Number = 0, num_threads: Int | None = None) -> AnyArray: ...

@overload
def logsumexp_pool_backward(grad_output: NDArray[Floating], x: ArrayLike, kernel_size: Sizes,
                            stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1, *,
                            axis: Sizes | None = None, ceil_mode: Flag = False, sharpness: Number = 1.0,
                            num_threads: Int | None = None) -> NDArray[Floating]: ...
@overload
def logsumexp_pool_backward(grad_output: ArrayLike, x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None,
                            padding: Padding = 0, dilation: Sizes = 1, *, axis: Sizes | None = None,
                            ceil_mode: Flag = False, sharpness: Number = 1.0,
                            num_threads: Int | None = None) -> AnyArray: ...

@overload
def stochastic_pool_backward(grad_output: NDArray[Floating], x: ArrayLike, kernel_size: Sizes,
                             stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1, *,
                             axis: Sizes | None = None, ceil_mode: Flag = False,
                             num_threads: Int | None = None) -> NDArray[Floating]: ...
@overload
def stochastic_pool_backward(grad_output: ArrayLike, x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None,
                             padding: Padding = 0, dilation: Sizes = 1, *, axis: Sizes | None = None,
                             ceil_mode: Flag = False, num_threads: Int | None = None) -> AnyArray: ...

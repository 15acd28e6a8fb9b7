from collections.abc import Sequence
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cypool._typing import (
    AnyArray,
    DataFormat,
    Flag,
    Floating,
    Indices,
    Int,
    Number,
    Padding,
    Random,
    Reals,
    Scalar,
    Sizes,
)

@overload
def fractional_max_pool2d(x: NDArray[Scalar], kernel_size: Sizes, *, output_size: Sizes | None = None,
                          output_ratio: Number | Sequence[Number] | NDArray[np.floating[Any]] | None = None,
                          return_indices: Literal[False] = False, random_samples: Reals | None = None,
                          rng: Random = None, data_format: DataFormat = "channels_first", out: None = None,
                          num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def fractional_max_pool2d(x: NDArray[Scalar], kernel_size: Sizes, *, output_size: Sizes | None = None,
                          output_ratio: Number | Sequence[Number] | NDArray[np.floating[Any]] | None = None,
                          return_indices: Literal[True], random_samples: Reals | None = None, rng: Random = None,
                          data_format: DataFormat = "channels_first", out: None = None,
                          num_threads: Int | None = None) -> tuple[NDArray[Scalar], Indices]: ...
@overload
def fractional_max_pool2d(x: ArrayLike, kernel_size: Sizes, *, output_size: Sizes | None = None,
                          output_ratio: Number | Sequence[Number] | NDArray[np.floating[Any]] | None = None,
                          return_indices: Literal[False] = False, random_samples: Reals | None = None,
                          rng: Random = None, data_format: DataFormat = "channels_first", out: AnyArray | None = None,
                          num_threads: Int | None = None) -> AnyArray: ...
@overload
def fractional_max_pool2d(x: ArrayLike, kernel_size: Sizes, *, output_size: Sizes | None = None,
                          output_ratio: Number | Sequence[Number] | NDArray[np.floating[Any]] | None = None,
                          return_indices: Literal[True], random_samples: Reals | None = None, rng: Random = None,
                          data_format: DataFormat = "channels_first", out: AnyArray | None = None,
                          num_threads: Int | None = None) -> tuple[AnyArray, Indices]: ...
@overload
def fractional_max_pool2d(x: ArrayLike, kernel_size: Sizes, *, output_size: Sizes | None = None,
                          output_ratio: Number | Sequence[Number] | NDArray[np.floating[Any]] | None = None,
                          return_indices: Flag, random_samples: Reals | None = None, rng: Random = None,
                          data_format: DataFormat = "channels_first", out: AnyArray | None = None,
                          num_threads: Int | None = None) -> AnyArray | tuple[AnyArray, Indices]: ...

@overload
def fractional_max_pool3d(x: NDArray[Scalar], kernel_size: Sizes, *, output_size: Sizes | None = None,
                          output_ratio: Number | Sequence[Number] | NDArray[np.floating[Any]] | None = None,
                          return_indices: Literal[False] = False, random_samples: Reals | None = None,
                          rng: Random = None, data_format: DataFormat = "channels_first", out: None = None,
                          num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def fractional_max_pool3d(x: NDArray[Scalar], kernel_size: Sizes, *, output_size: Sizes | None = None,
                          output_ratio: Number | Sequence[Number] | NDArray[np.floating[Any]] | None = None,
                          return_indices: Literal[True], random_samples: Reals | None = None, rng: Random = None,
                          data_format: DataFormat = "channels_first", out: None = None,
                          num_threads: Int | None = None) -> tuple[NDArray[Scalar], Indices]: ...
@overload
def fractional_max_pool3d(x: ArrayLike, kernel_size: Sizes, *, output_size: Sizes | None = None,
                          output_ratio: Number | Sequence[Number] | NDArray[np.floating[Any]] | None = None,
                          return_indices: Literal[False] = False, random_samples: Reals | None = None,
                          rng: Random = None, data_format: DataFormat = "channels_first", out: AnyArray | None = None,
                          num_threads: Int | None = None) -> AnyArray: ...
@overload
def fractional_max_pool3d(x: ArrayLike, kernel_size: Sizes, *, output_size: Sizes | None = None,
                          output_ratio: Number | Sequence[Number] | NDArray[np.floating[Any]] | None = None,
                          return_indices: Literal[True], random_samples: Reals | None = None, rng: Random = None,
                          data_format: DataFormat = "channels_first", out: AnyArray | None = None,
                          num_threads: Int | None = None) -> tuple[AnyArray, Indices]: ...
@overload
def fractional_max_pool3d(x: ArrayLike, kernel_size: Sizes, *, output_size: Sizes | None = None,
                          output_ratio: Number | Sequence[Number] | NDArray[np.floating[Any]] | None = None,
                          return_indices: Flag, random_samples: Reals | None = None, rng: Random = None,
                          data_format: DataFormat = "channels_first", out: AnyArray | None = None,
                          num_threads: Int | None = None) -> AnyArray | tuple[AnyArray, Indices]: ...

@overload
def stochastic_pool(x: NDArray[Floating], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
                    dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False, training: Flag = False,
                    return_indices: Literal[False] = False, rng: Random = None,
                    num_threads: Int | None = None) -> NDArray[Floating]: ...
@overload
def stochastic_pool(x: NDArray[Floating], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
                    dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False, training: Literal[True],
                    return_indices: Literal[True], rng: Random = None,
                    num_threads: Int | None = None) -> tuple[NDArray[Floating], Indices]: ...
@overload
def stochastic_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
                    dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False, training: Flag = False,
                    return_indices: Literal[False] = False, rng: Random = None,
                    num_threads: Int | None = None) -> AnyArray: ...
@overload
def stochastic_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
                    dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False, training: Literal[True],
                    return_indices: Literal[True], rng: Random = None,
                    num_threads: Int | None = None) -> tuple[AnyArray, Indices]: ...
@overload
def stochastic_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
                    dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False, training: Flag = False,
                    return_indices: Flag, rng: Random = None,
                    num_threads: Int | None = None) -> AnyArray | tuple[AnyArray, Indices]: ...

def checked_positive(x: ArrayLike) -> AnyArray: ...

from typing import Literal, overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from cypool._typing import (
    AnyArray,
    Asked,
    Boundary,
    Converting,
    DType,
    Inexact,
    Int,
    Keeping,
    NanPolicy,
    Reduction,
    Scalar,
    Signed,
    Sizes,
    Unsigned,
    Whole,
)

@overload
def block_reduce(x: NDArray[Scalar], block_size: Sizes, func: Keeping = "mean", *, axis: Sizes | None = None,
                 boundary: Boundary = "exact", nan_policy: NanPolicy = "propagate", dtype: None = None,
                 out: None = None, num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def block_reduce(x: NDArray[Inexact], block_size: Sizes, func: Reduction = "mean", *, axis: Sizes | None = None,
                 boundary: Boundary = "exact", nan_policy: NanPolicy = "propagate", dtype: None = None,
                 out: None = None, num_threads: Int | None = None) -> NDArray[Inexact]: ...
@overload
def block_reduce(x: Whole, block_size: Sizes, func: Literal["var", "std"], *, axis: Sizes | None = None,
                 boundary: Boundary = "exact", nan_policy: NanPolicy = "propagate", dtype: None = None,
                 out: None = None, num_threads: Int | None = None) -> NDArray[np.float64]: ...
@overload
def block_reduce(x: Signed, block_size: Sizes, func: Literal["sum"], *, axis: Sizes | None = None,
                 boundary: Boundary = "exact", nan_policy: NanPolicy = "propagate", dtype: None = None,
                 out: None = None, num_threads: Int | None = None) -> NDArray[np.int64]: ...
@overload
def block_reduce(x: Unsigned, block_size: Sizes, func: Literal["sum"], *, axis: Sizes | None = None,
                 boundary: Boundary = "exact", nan_policy: NanPolicy = "propagate", dtype: None = None,
                 out: None = None, num_threads: Int | None = None) -> NDArray[np.uint64]: ...
@overload
def block_reduce(x: ArrayLike, block_size: Sizes, func: Converting = "mean", *, axis: Sizes | None = None,
                 boundary: Boundary = "exact", nan_policy: NanPolicy = "propagate", dtype: DType[Asked],
                 out: None = None, num_threads: Int | None = None) -> NDArray[Asked]: ...
@overload
def block_reduce(x: ArrayLike, block_size: Sizes, func: Reduction = "mean", *, axis: Sizes | None = None,
                 boundary: Boundary = "exact", nan_policy: NanPolicy = "propagate", dtype: None = None,
                 out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray: ...
@overload
def block_reduce(x: ArrayLike, block_size: Sizes, func: Converting = "mean", *, axis: Sizes | None = None,
                 boundary: Boundary = "exact", nan_policy: NanPolicy = "propagate", dtype: DTypeLike | None = None,
                 out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray: ...

@overload
def pyramid(x: NDArray[Scalar], factor: Sizes = 2, *, levels: Int | None = None, func: Keeping = "mean",
            axis: Sizes | None = None, boundary: Literal["partial", "exact", "trim"] = "partial",
            nan_policy: NanPolicy = "propagate", num_threads: Int | None = None) -> list[NDArray[Scalar]]: ...
@overload
def pyramid(x: NDArray[Inexact], factor: Sizes = 2, *, levels: Int | None = None, func: Reduction = "mean",
            axis: Sizes | None = None, boundary: Literal["partial", "exact", "trim"] = "partial",
            nan_policy: NanPolicy = "propagate", num_threads: Int | None = None) -> list[NDArray[Inexact]]: ...
@overload
def pyramid(x: Whole, factor: Sizes = 2, *, levels: Int | None = None, func: Literal["var", "std"],
            axis: Sizes | None = None, boundary: Literal["partial", "exact", "trim"] = "partial",
            nan_policy: NanPolicy = "propagate", num_threads: Int | None = None) -> list[NDArray[np.float64]]: ...
@overload
def pyramid(x: Signed, factor: Sizes = 2, *, levels: Int | None = None, func: Literal["sum"], axis: Sizes | None = None,
            boundary: Literal["partial", "exact", "trim"] = "partial", nan_policy: NanPolicy = "propagate",
            num_threads: Int | None = None) -> list[NDArray[np.int64]]: ...
@overload
def pyramid(x: Unsigned, factor: Sizes = 2, *, levels: Int | None = None, func: Literal["sum"],
            axis: Sizes | None = None, boundary: Literal["partial", "exact", "trim"] = "partial",
            nan_policy: NanPolicy = "propagate", num_threads: Int | None = None) -> list[NDArray[np.uint64]]: ...
@overload
def pyramid(x: ArrayLike, factor: Sizes = 2, *, levels: Int | None = None, func: Reduction = "mean",
            axis: Sizes | None = None, boundary: Literal["partial", "exact", "trim"] = "partial",
            nan_policy: NanPolicy = "propagate", num_threads: Int | None = None) -> list[AnyArray]: ...

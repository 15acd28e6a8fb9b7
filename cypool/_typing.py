"""The types that the stubs and annotations of this package share. Nothing imports it at run time."""

from collections.abc import Sequence
from typing import Any, Literal, SupportsIndex, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

# Dtypes that a function keeps: any, those of sums that keep theirs, those of gradients, and labels.
Scalar = TypeVar("Scalar", bound=np.generic)
Inexact = TypeVar("Inexact", bound=np.inexact[Any])
Floating = TypeVar("Floating", bound=np.floating[Any])
Label = TypeVar("Label", bound=np.integer[Any] | np.bool_)
# The dtype of `dtype=`.
Asked = TypeVar("Asked", bound=np.generic)

AnyArray: TypeAlias = NDArray[Any]
Indices: TypeAlias = NDArray[np.int64]
Masked: TypeAlias = np.ma.MaskedArray[tuple[int, ...], np.dtype[Scalar]]
Signed: TypeAlias = NDArray[np.signedinteger[Any] | np.bool_]
Unsigned: TypeAlias = NDArray[np.unsignedinteger[Any]]
Whole: TypeAlias = NDArray[np.integer[Any] | np.bool_]
DType: TypeAlias = type[Asked] | np.dtype[Asked]
# Of first positions, of windows and of taps.
Positions: TypeAlias = NDArray[np.intp]
# A shape, strides, or other ints for each axis.
Lengths: TypeAlias = tuple[int, ...]
# Of each axis of an array.
Slices: TypeAlias = tuple[slice, ...]

# Bytes, or whether something is so, of the input and of the output.
BothSizes: TypeAlias = tuple[int, int]
BothFlags: TypeAlias = tuple[bool, bool]
# Of a scatter: an axis' size, and its strides of values, of indices and of the target.
Dim: TypeAlias = tuple[int, int, int, int]
# Of windows along an axis: the origin of the first one, stride and taps.
Span: TypeAlias = tuple[int, int, int]

# What bins read along an axis: `first`, `index`, `most`, `least` and `outside` of a Table in regions.pyx.
BinTable: TypeAlias = tuple[Indices, Indices, NDArray[np.float64], NDArray[np.float64], NDArray[np.uint8]]
# Tables of bins along y and x, and the columns that boxes read: where each box's begin, all, and the place of each tap.
BoxTables: TypeAlias = tuple[BinTable | tuple[()], BinTable | tuple[()], tuple[Indices, Indices, Indices]]
RegionTask: TypeAlias = Literal["avg", "max", "pool", "spread", "award"]

# Arguments that are arrays, or nested sequences, of one kind of number.
Bools: TypeAlias = "NDArray[np.bool_] | np.bool_ | bool | Sequence[Bools]"
Integers: TypeAlias = "NDArray[np.integer[Any]] | np.integer[Any] | int | Sequence[Integers]"
Reals: TypeAlias = "NDArray[np.generic] | np.integer[Any] | np.floating[Any] | float | Sequence[Reals]"

Flag: TypeAlias = bool | np.bool_
Number: TypeAlias = float | np.integer[Any] | np.floating[Any]
# An int of any type but bool, which nothing can exclude here.
Int: TypeAlias = SupportsIndex
Shape: TypeAlias = Int | Sequence[Int] | NDArray[np.integer[Any]]
# One int for all pooled axes, or one for each.
Sizes: TypeAlias = Shape
# The same, where None keeps a length.
OutputSizes: TypeAlias = Int | Sequence[Int | None] | NDArray[np.integer[Any]] | None
# One int for both sides of all axes, or for each axis one or a pair (before, after).
Sides: TypeAlias = Int | Sequence[Int | Sequence[Int]] | NDArray[np.integer[Any]]
Padding: TypeAlias = Sides | Literal["valid", "same", "same_lower"]
Random: TypeAlias = np.random.Generator | int | np.integer[Any] | None

# What becomes of a padding: (before, after), or how to find them.
Offsets: TypeAlias = tuple[tuple[int, int], ...]
Ends: TypeAlias = tuple[int, int] | Literal["same", "same_lower"]

DataFormat: TypeAlias = Literal["channels_first", "channels_last"]
NanPolicy: TypeAlias = Literal["propagate", "omit"]
Boundary: TypeAlias = Literal["exact", "trim", "pad", "partial"]
Mode: TypeAlias = Literal["avg", "max"]
Coordinates: TypeAlias = Literal["half_pixel", "output_half_pixel"]
# Reductions of blocks: those that keep the dtype, and those that take `dtype=`.
Keeping: TypeAlias = Literal["mean", "max", "min", "median", "mode"]
Converting: TypeAlias = Literal["mean", "sum", "var", "std"]
Reduction: TypeAlias = Keeping | Converting

"""Checks of arguments: one for each kind, shared by every public function.

Each names the argument, what is required and what was received, and gives the argument in its plain form.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import Any, TypeGuard

    from numpy.typing import DTypeLike

    from cypool._typing import AnyArray, Ends

# Kinds of dtypes that can be pooled; bfloat16 of ml_dtypes has the kind of a raw void.
_KINDS = "biufc"
_SIZES = (1, 2, 4, 8)

_NUMBERS: tuple[type[Any], ...] = (int, float, np.integer, np.floating)

# Paddings that have a name.
_NAMED: dict[str, Ends] = {"valid": (0, 0), "same": "same", "same_lower": "same_lower"}

# As many elements of 16 bytes as 62 bits can address.
MOST_ELEMENTS = 2**58


def is_bfloat(dtype: np.dtype[Any]) -> bool:
    """Whether a dtype is ml_dtypes.bfloat16, which need not be installed."""
    return dtype.kind == "V" and dtype.itemsize == 2 and dtype.type.__name__ == "bfloat16"


def native(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype in this machine's byte order, which bfloat16 always has."""
    return dtype if dtype.kind == "V" else dtype.newbyteorder("=")


def any_array(name: str, value: object) -> AnyArray:
    """Whatever NumPy makes of it."""
    try:
        return np.asarray(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} must be an array, got {shown(value)}") from error


def array(name: str, x: object) -> AnyArray:
    """An array that can be pooled, in NumPy's own class."""
    if isinstance(x, np.ma.MaskedArray):
        raise TypeError(f"{name} must not be a masked array but for max_pool, min_pool, avg_pool and sum_pool, got one "
                        f"of shape {x.shape}")
    x = any_array(name, x)
    if x.ndim == 0:
        raise ValueError(f"{name} must have at least one axis, got a 0-d array")
    pooled_dtype(name, x.dtype)
    return x


def pooled_dtype(name: str, dtype: np.dtype[Any]) -> None:
    size = dtype.itemsize // 2 if dtype.kind == "c" else dtype.itemsize
    numpys = dtype.type.__module__ == "numpy" and dtype.kind in _KINDS and size in _SIZES
    if not numpys and not is_bfloat(dtype):
        raise TypeError(f"{name} must have a dtype of bool, integers, float16 to float64, bfloat16 or complex, "
                        f"got {dtype}")


def shown(value: object) -> str:
    """A value for an error message, cut where it is long."""
    try:
        text = repr(value)
    except RecursionError:
        return f"a {type(value).__name__} that is nested too deep to show"
    return text if len(text) <= 80 else text[:77] + "..."


def integer(name: str, value: Any, what: str = "an int") -> int:
    """An int of any integer type but bool."""
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be {what}, got {value!r}")
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be {what}, got {shown(value)}") from None
    if abs(number) >= 2**63:
        raise ValueError(f"{name} must be below 2**63, got a number of {number.bit_length()} bits")
    return number


def positive(name: str, value: object, what: str = "an int") -> int:
    number = integer(name, value, what)
    if number < 1:
        raise ValueError(f"{name} must be positive, got {number}")
    return number


def number(name: str, value: Any) -> float:
    """A real number as a float."""
    if isinstance(value, bool) or not isinstance(value, _NUMBERS):
        raise TypeError(f"{name} must be a number, got {shown(value)}")
    try:
        return float(value)
    except OverflowError:
        raise ValueError(f"{name} must be a number that a float holds, got {shown(value)}") from None


def norm(value: object) -> float:
    """The order of a norm: above 0, infinity too."""
    order = number("norm_type", value)
    if not order > 0:
        raise ValueError(f"norm_type must be above 0, got {order}")
    return order


def generator(rng: Any) -> np.random.Generator:
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError) as error:
        raise type(error)(f"rng must be a numpy.random.Generator, an int of at least 0 or None, got {shown(rng)}"
                          ) from None


def finite(name: str, value: object) -> float:
    result = number(name, value)
    if not abs(result) < float("inf"):
        raise ValueError(f"{name} must be finite, got {result}")
    return result


def divisor(value: object) -> int:
    """An int that can divide; a negative one too, as in PyTorch."""
    number = integer("divisor_override", value)
    if number == 0:
        raise ValueError("divisor_override must not be zero, got 0")
    if abs(number) > 2**62:
        raise ValueError(f"divisor_override must be at most 2**62, got {number}")
    return number


def _is_sequence(value: object) -> TypeGuard[Sequence[Any]]:
    if isinstance(value, (tuple, list)):
        return True
    if isinstance(value, np.ndarray):
        return value.ndim > 0
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray, memoryview))


def per_axis(name: str, value: object, n_axes: int) -> tuple[int, ...]:
    """A positive int for each pooled axis, from one int or a sequence."""
    if not _is_sequence(value):
        return (positive(name, value, "an int or a sequence of ints"),) * n_axes
    if len(value) != n_axes:
        raise ValueError(f"{name} must have one entry for each of the {n_axes} pooled axes, got {shown(value)}")
    return tuple(positive(name, entry, "an int or a sequence of ints") for entry in value)


def padding(value: object, n_axes: int) -> tuple[Ends, ...]:
    """(before, after) for each pooled axis, or "same" or "same_lower" for each."""
    if isinstance(value, str):
        if value not in _NAMED:
            raise ValueError(f'padding must be ints, "valid", "same" or "same_lower", got {value!r}')
        return (_NAMED[value],) * n_axes
    what = "an int, a sequence of ints or of pairs, or a string"
    if not _is_sequence(value):
        return (_sides(value, what),) * n_axes
    if len(value) != n_axes:
        raise ValueError(f"padding must have one entry for each of the {n_axes} pooled axes, got {shown(value)}")
    return tuple(_sides(entry, what) for entry in value)


def _sides(entry: object, what: str) -> tuple[int, int]:
    if not _is_sequence(entry):
        entry = (entry, entry)
    if len(entry) != 2:
        raise ValueError(f"padding must be an int or a pair (before, after) for each axis, got {shown(entry)}")
    before, after = (integer("padding", side, what) for side in entry)
    if min(before, after) < 0:
        raise ValueError(f"padding must be non-negative, got {shown(entry if before != after else before)}")
    return before, after


def axes(value: object, ndim: int) -> tuple[int, ...]:
    """The pooled axes, each in [0, ndim), in the order given. None means all."""
    if value is None:
        return tuple(range(ndim))
    values = value if _is_sequence(value) else (value,)
    if len(values) == 0:
        raise ValueError("axis must name at least one axis, got ()")
    result: list[int] = []
    for entry in values:
        axis = integer("axis", entry, "an int or a sequence of ints")
        if not -ndim <= axis < ndim:
            raise ValueError(f"axis must be in [{-ndim}, {ndim}) for an array of {ndim} axes, got {axis}")
        result.append(axis % ndim)
    if len(set(result)) < len(result):
        raise ValueError(f"axis must name each axis once, got {shown(value)}")
    return tuple(result)


def spatial_axes(n_spatial: int, data_format: object, ndim: int) -> tuple[int, ...]:
    """The axes of the 1d, 2d and 3d functions."""
    if not isinstance(data_format, str):
        raise ValueError(f'data_format must be "channels_first" or "channels_last", got {shown(data_format)}')
    if data_format == "channels_first":
        needed, stop = n_spatial, ndim
    elif data_format == "channels_last":
        needed, stop = n_spatial + 1, ndim - 1
    else:
        raise ValueError(f'data_format must be "channels_first" or "channels_last", got {data_format!r}')
    if ndim < needed:
        raise ValueError(f"x must have at least {needed} axes with data_format {data_format!r}, got {ndim}")
    return tuple(range(stop - n_spatial, stop))


def flag(name: str, value: object) -> bool:
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False, got {shown(value)}")
    return bool(value)


def omit_nan(nan_policy: object) -> bool:
    if not isinstance(nan_policy, str):
        raise ValueError(f'nan_policy must be "propagate" or "omit", got {shown(nan_policy)}')
    if nan_policy == "propagate":
        return False
    if nan_policy == "omit":
        return True
    raise ValueError(f'nan_policy must be "propagate" or "omit", got {shown(nan_policy)}')


def output_sizes(value: object, lengths: Sequence[int]) -> tuple[int, ...]:
    """A size for each pooled axis; None keeps the length."""
    n_axes = len(lengths)
    values = value if _is_sequence(value) else (value,) * n_axes
    if len(values) != n_axes:
        raise ValueError(f"output_size must have one entry for each of the {n_axes} pooled axes, got {shown(value)}")
    return tuple(length if size is None else positive("output_size", size, "an int, None or a sequence of them")
                 for size, length in zip(values, lengths))


def shape(name: str, value: object) -> tuple[int, ...]:
    """A tuple of non-negative ints."""
    values = value if _is_sequence(value) else (value,)
    sizes = tuple(integer(name, entry, "an int or a sequence of ints") for entry in values)
    if not sizes:
        raise ValueError(f"{name} must have at least one axis, got ()")
    if min(sizes) < 0:
        raise ValueError(f"{name} must be non-negative, got {sizes}")
    if prod(max(size, 1) for size in sizes) > MOST_ELEMENTS:
        raise ValueError(f"{name} must have at most 2**58 elements, got {sizes}")
    return sizes


def result_dtype(dtype: DTypeLike | None, usual: np.dtype[Any], x_dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype of the result: the usual one, or the one asked for if it holds that kind of number."""
    if dtype is None:
        return usual
    try:
        wanted = np.dtype(dtype)
    except TypeError:
        raise TypeError(f"dtype must be a dtype, got {shown(dtype)}") from None
    pooled_dtype("dtype", wanted)
    if not can_cast(usual, wanted):
        raise TypeError(f"dtype must hold {usual} results of {x_dtype} input, got {wanted}")
    return native(wanted)


def can_cast(source: np.dtype[Any], target: np.dtype[Any]) -> bool:
    """NumPy's "same_kind" rule, with bfloat16 as a float."""
    half = np.dtype("f2")
    return np.can_cast(half if is_bfloat(source) else source, half if is_bfloat(target) else target, "same_kind")


def writable(out: object) -> None:
    """Check what may have changed since an earlier call with the same array."""
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out must be a NumPy array, got {shown(out)}")
    if not out.flags.writeable:
        raise ValueError("out must be writable, got a read-only array")


def output(out: AnyArray, out_shape: tuple[int, ...], result: np.dtype[Any]) -> AnyArray:
    """Check `out`."""
    writable(out)
    if out.shape != out_shape:
        raise ValueError(f"out must have the shape {out_shape}, got {out.shape}")
    pooled_dtype("out", out.dtype)
    if not can_cast(result, out.dtype):
        raise TypeError(f"out must have a dtype that {result} casts to, got {out.dtype}")
    return out

"""ONNX's pooling operators, for models that run in ONNX's reference evaluator.

``OPERATORS`` goes to it as ``new_ops``; each class takes what the operator of any opset has, and gives what cypool
does.

>>> from onnx import TensorProto, helper
>>> from onnx.reference import ReferenceEvaluator
>>> import numpy as np, cypool.onnx
>>> node = helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[2], strides=[2])
>>> ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 1, None]) for name in "xy"]
>>> model = helper.make_model(helper.make_graph([node], "pooling", ends[:1], ends[1:]))
>>> evaluator = ReferenceEvaluator(model, new_ops=cypool.onnx.OPERATORS)
>>> evaluator.run(None, {"x": np.array([[[1, 3, 2, 0]]], np.float32)})[0]
array([[[3., 2.]]], dtype=float32)

Source: https://onnx.ai/onnx/operators.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import TYPE_CHECKING, TypedDict, TypeVar

import numpy as np
from onnx.reference.op_run import OpRun

import cypool

if TYPE_CHECKING:
    from typing import Literal, TypeAlias

    from cypool._typing import AnyArray, Coordinates, Indices, Mode

    # An attribute that holds whole numbers.
    _Ints: TypeAlias = Sequence[int] | None
    _Padding: TypeAlias = Literal["valid", "same", "same_lower"]

__all__ = ["OPERATORS"]

_Value = TypeVar("_Value")

_PADDINGS: dict[str, _Padding] = {"VALID": "valid", "SAME_UPPER": "same", "SAME_LOWER": "same_lower"}


class _Arguments(TypedDict):
    """cypool's arguments."""

    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[tuple[int, int], ...] | _Padding
    dilation: tuple[int, ...]
    axis: tuple[int, ...]
    ceil_mode: bool


def _pairs(pads: _Ints, n: int) -> tuple[tuple[int, int], ...]:
    """ONNX has all befores first, then all afters."""
    pads = pads or [0] * 2 * n
    if len(pads) != 2 * n:
        raise ValueError(f"pads must have two entries for each of the {n} spatial axes, got {pads}")
    return tuple(zip(map(int, pads[:n]), map(int, pads[n:])))


def _spatial(x: AnyArray) -> int:
    """The number of spatial axes."""
    if x.ndim < 3:
        raise ValueError(f"x must have axes of batches, of channels and at least one more, got {x.ndim} axes")
    return x.ndim - 2


def _flag(name: str, value: int | None) -> bool:
    if value not in (None, 0, 1):
        raise ValueError(f"{name} must be 0 or 1, got {value}")
    return bool(value)


def _or(value: _Value | None, default: _Value) -> _Value:
    """An attribute that an opset lacks is None; one that is 0 or empty is not the default."""
    return default if value is None else value


def _windows(x: AnyArray, kernel_shape: Sequence[int], strides: _Ints, pads: _Ints, dilations: _Ints,
             auto_pad: str | None, ceil_mode: int | None) -> _Arguments:
    """cypool's arguments for ONNX's attributes; opsets differ only in which of them there are."""
    n = _spatial(x)
    auto_pad = auto_pad or "NOTSET"
    if auto_pad != "NOTSET" and auto_pad not in _PADDINGS:
        raise ValueError(f"auto_pad must be NOTSET, {', '.join(_PADDINGS)}, got {auto_pad}")
    # Exporters write pads of 0 beside auto_pad; others would contradict it.
    if auto_pad != "NOTSET" and any(pads or []):
        raise ValueError(f"pads must be 0 with auto_pad {auto_pad}, got {pads}")
    return {
        "kernel_size": tuple(kernel_shape),
        "stride": tuple(strides or [1] * n),
        "padding": _pairs(pads, n) if auto_pad == "NOTSET" else _PADDINGS[auto_pad],
        "dilation": tuple(dilations or [1] * n),
        "axis": tuple(range(2, x.ndim)),
        "ceil_mode": _flag("ceil_mode", ceil_mode),
    }


class _Operator(OpRun):
    op_domain = ""


class AveragePool(_Operator):
    """Opsets 1 to 22."""

    def _run(self, x: AnyArray, auto_pad: str | None = None, ceil_mode: int | None = None,
             count_include_pad: int | None = None, dilations: _Ints = None, kernel_shape: Sequence[int] = (),
             pads: _Ints = None, strides: _Ints = None) -> tuple[AnyArray]:
        windows = _windows(x, kernel_shape, strides, pads, dilations, auto_pad, ceil_mode)
        return (cypool.avg_pool(x, count_include_pad=_flag("count_include_pad", count_include_pad), **windows),)


class MaxPool(_Operator):
    """Opsets 1 to 22. Indices, where a second output is wanted, are flat over the whole tensor."""

    def _run(self, x: AnyArray, auto_pad: str | None = None, ceil_mode: int | None = None, dilations: _Ints = None,
             kernel_shape: Sequence[int] = (), pads: _Ints = None, storage_order: int | None = None,
             strides: _Ints = None) -> tuple[AnyArray] | tuple[AnyArray, Indices]:
        windows = _windows(x, kernel_shape, strides, pads, dilations, auto_pad, ceil_mode)
        column_major = _flag("storage_order", storage_order)
        # An optional output that is left out may also have an empty name.
        if not any(self.output[1:]):
            return (cypool.max_pool(x, **windows),)
        values, indices = cypool.max_pool(x, return_indices=True, **windows)
        spatial = x.shape[2:]
        if column_major:
            indices = np.ravel_multi_index(np.unravel_index(np.ascontiguousarray(indices), spatial), spatial, order="F")
        return values, indices + _plane_starts(x.shape)


class LpPool(_Operator):
    """Opsets 1 to 22."""

    def _run(self, x: AnyArray, auto_pad: str | None = None, ceil_mode: int | None = None, dilations: _Ints = None,
             kernel_shape: Sequence[int] = (), p: float | None = None, pads: _Ints = None,
             strides: _Ints = None) -> tuple[AnyArray]:
        windows = _windows(x, kernel_shape, strides, pads, dilations, auto_pad, ceil_mode)
        # ONNX's norm is of the values there are. PyTorch, and ONNX's reference, scale a norm that hangs over the end.
        return (cypool.lp_pool(x, _or(p, 2), **windows),)


class GlobalAveragePool(_Operator):
    """Opsets 1 to 22."""

    def _run(self, x: AnyArray) -> tuple[AnyArray]:
        return (cypool.global_avg_pool(x, keepdims=True),)


class GlobalMaxPool(_Operator):
    """Opsets 1 to 22."""

    def _run(self, x: AnyArray) -> tuple[AnyArray]:
        return (cypool.global_max_pool(x, keepdims=True),)


class GlobalLpPool(_Operator):
    """Opsets 1 to 22."""

    def _run(self, x: AnyArray, p: float | None = None) -> tuple[AnyArray]:
        return (cypool.global_lp_pool(x, _or(p, 2), keepdims=True),)


class MaxUnpool(_Operator):
    """Opsets 9 to 22. Indices are flat over a tensor of the size that kernel, strides and pads give."""

    def _run(self, x: AnyArray, indices: Indices, output_shape: Indices | None = None, kernel_shape: Sequence[int] = (),
             pads: _Ints = None, strides: _Ints = None) -> tuple[AnyArray]:
        n = _spatial(x)
        if n > 3:
            raise ValueError(f"x must have 1, 2 or 3 spatial axes, got {n}")
        if len(kernel_shape) != n or len(strides or kernel_shape) != n:
            raise ValueError(f"kernel_shape and strides must have one entry for each of the {n} spatial axes, "
                             f"got {kernel_shape} and {strides}")
        strides = tuple(strides or [1] * n)
        padding = _pairs(pads, n)
        sizes = tuple((length - 1) * s - sum(p) + k
                      for length, k, s, p in zip(x.shape[2:], kernel_shape, strides, padding))
        planes = np.asarray(indices, np.int64) - _plane_starts((*x.shape[:2], *sizes))
        functions: list[Callable[..., AnyArray]] = [cypool.max_unpool1d, cypool.max_unpool2d, cypool.max_unpool3d]
        values = functions[n - 1](x, planes, tuple(kernel_shape), strides, padding)
        if output_shape is None:
            return (values,)
        shape = [int(length) for length in np.ravel(output_shape)]
        if len(shape) != x.ndim or shape[:2] != list(x.shape[:2]) or any(a < b for a, b in zip(shape, values.shape)):
            raise ValueError(f"output_shape must have the batches and channels of x and at least the size {sizes}, "
                             f"got {tuple(shape)}")
        # Indices are not of output_shape: so has it ONNX's node test, whose values stay in the corner.
        result = np.zeros(shape, x.dtype)
        result[tuple(slice(length) for length in values.shape)] = values
        return (result,)


class RoiAlign(_Operator):
    """Opsets 10 to 22; before 16 there was no half pixel."""

    def _run(self, x: AnyArray, rois: AnyArray, batch_indices: Indices,
             coordinate_transformation_mode: Coordinates | None = None, mode: Mode | None = None,
             output_height: int | None = None, output_width: int | None = None, sampling_ratio: int | None = None,
             spatial_scale: float | None = None) -> tuple[AnyArray]:
        # The evaluator fills in the newest opset's default, so that only the node tells whether the mode was given.
        given = any(attribute.name == "coordinate_transformation_mode" for attribute in self.onnx_node.attribute)
        if not given and self.run_params["opsets"].get("", 16) < 16:
            coordinate_transformation_mode = "output_half_pixel"
        return (cypool.roi_align(
            x, rois, batch_indices, (_or(output_height, 1), _or(output_width, 1)),
            spatial_scale=_or(spatial_scale, 1.0), sampling_ratio=_or(sampling_ratio, 0), mode=_or(mode, "avg"),
            coordinate_transformation_mode=_or(coordinate_transformation_mode, "half_pixel")),)


class MaxRoiPool(_Operator):
    """Opsets 1 to 22. A box is its image's number and two corners."""

    def _run(self, x: AnyArray, rois: AnyArray, pooled_shape: Sequence[int] = (),
             spatial_scale: float | None = None) -> tuple[AnyArray]:
        if rois.ndim != 2 or rois.shape[1] != 5:
            raise ValueError(f"rois must have the shape (n, 5), got {rois.shape}")
        numbers = rois[:, 0]
        # int64 would make some image of a NaN or a fraction.
        if not np.all(np.isfinite(numbers) & (numbers == np.floor(numbers))):
            raise ValueError(f"rois must begin with whole numbers of images, got {numbers}")
        return (cypool.roi_max_pool(x, rois[:, 1:], numbers.astype(np.int64), tuple(pooled_shape),
                                    spatial_scale=_or(spatial_scale, 1.0)),)


def _plane_starts(shape: tuple[int, ...]) -> Indices:
    """What ONNX adds to an index of each plane."""
    n, channels, *spatial = shape
    starts = np.arange(n * channels, dtype=np.int64) * prod(spatial)
    return starts.reshape(n, channels, *[1] * len(spatial))


OPERATORS: list[type[OpRun]] = [
    AveragePool, MaxPool, LpPool, GlobalAveragePool, GlobalMaxPool, GlobalLpPool, MaxUnpool, RoiAlign, MaxRoiPool]

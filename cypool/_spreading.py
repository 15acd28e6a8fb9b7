"""Values spread over the windows that they are of: gradients of sums and averages, also of masked or weighted ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cypool import _arguments, _arithmetic, _cutting, _pooling, _weighted
from cypool._functions import sum_pool
from cypool._pooling import AXES

if TYPE_CHECKING:
    from cypool._typing import AnyArray, Lengths


def checked_gradient(grad_output: object) -> AnyArray:
    """A floating gradient; 0 where it is masked, since nothing depends on what is there."""
    if type(grad_output) is np.ndarray and grad_output.ndim and grad_output.dtype.char in "efd":
        return grad_output
    if _weighted.is_masked(grad_output):
        grad_output = grad_output.filled(0)
    grad_output = _arguments.array("grad_output", grad_output)
    if grad_output.dtype.kind not in "fc" and not _arguments.is_bfloat(grad_output.dtype):
        raise TypeError(f"grad_output must have a floating dtype, got {grad_output.dtype}")
    return grad_output


def real_gradient(grad_output: object) -> AnyArray:
    grad_output = checked_gradient(grad_output)
    if grad_output.dtype.kind == "c":
        raise TypeError(f"grad_output must be real, got {grad_output.dtype}")
    return grad_output


def spread(op: str, maker: str, grad_output: object, input_shape: object, axis: Any, geometry: tuple[Any, ...],
           flags: tuple[Any, ...], out: AnyArray | None, num_threads: Any) -> AnyArray:
    """The gradient of a sum or an average, whose windows `maker` makes from `geometry` and `flags`."""
    result: AnyArray = _pooling.pool(op, "transposed", checked_gradient(grad_output),
                                     (axis, op, maker, input_shape, *geometry), (AXES, "propagate", *flags, False),
                                     None, out, num_threads)
    return result


def spread_weighted(op: str, maker: str, grad_output: object, input_shape: object, axis: object,
                    geometry: tuple[Any, ...], mask: object, weights: object, out: AnyArray | None,
                    num_threads: Any) -> AnyArray:
    """The gradient of a sum or an average with a mask, weights, or both.

    It is that of a plain one, of grad_output over what each window was divided by; times the weights, and 0 for what
    was left out. A window that has nothing to divide by has no gradient.
    """
    gradient = checked_gradient(grad_output)
    shape = _pooling.input_lengths(input_shape, gradient.ndim)
    _pooling.check_gradient(gradient.shape, None, maker, shape, axis, *geometry)
    left_out = None if mask is None else _weighted.checked_mask(mask, shape)
    weighing = None if weights is None else _weighted.checked_weights(weights, shape)
    dtype = _arguments.native(gradient.dtype)
    if out is not None:
        _arguments.output(out, shape, dtype)
    wide: np.dtype[Any] = np.dtype(np.float32) if dtype.itemsize == 2 else dtype
    if weighing is not None:
        # As the weights themselves are added up.
        wide = np.dtype(np.complex128 if dtype.kind == "c" else np.float64)
    gradient = gradient.astype(wide)
    if op != "sum":
        divisors = geometry[4] if maker == "pooled" else None
        if divisors is None:
            divisors = _divisors(maker, shape, axis, geometry, left_out, weighing, num_threads)
            divisors = divisors.astype(np.real(gradient).dtype)
            empty = divisors == 0
            if empty.any():
                divisors[empty] = 1
                _arithmetic.put(gradient, empty, 0)
        _arithmetic.divided(gradient, divisors)
    flags: tuple[Any, ...] = ()
    if maker == "pooled":
        op, geometry, flags = "sum", (*geometry[:4], None), (geometry[5], True)
    result = spread(op, maker, gradient, shape, axis, geometry, flags, None, num_threads)
    if weighing is not None:
        for part in _arithmetic.parts(result):
            part *= weighing
    if left_out is not None:
        _arithmetic.put(result, left_out, 0)
    if out is None:
        return result.astype(dtype, copy=False)
    np.copyto(out, result, casting="unsafe")
    return out


def _divisors(maker: str, shape: Lengths, axis: object, geometry: tuple[Any, ...], left_out: AnyArray | None,
              weighing: AnyArray | None, num_threads: Any) -> AnyArray:
    """What an average divides each window by: the weights in it, how many elements count, or which part of an area."""
    if maker == "area":
        assert left_out is not None
        present = (~left_out).astype(np.float64)
        shares: AnyArray = _pooling.pool("area", maker, present, (axis, *geometry), (AXES, "propagate", False), None,
                                         None, num_threads)
        return shares
    options: dict[str, Any] = {"axis": axis, "ceil_mode": geometry[5], "num_threads": num_threads}
    if weighing is not None:
        sums: AnyArray = sum_pool(weighing, *geometry[:4], mask=left_out, dtype=np.float64, **options)
        return sums
    assert left_out is not None
    windows, *_ = _pooling.checked("avg", "pooled", left_out, (axis, *geometry[:4], None),
                                   (AXES, "propagate", *geometry[5:], False))
    masked: AnyArray = sum_pool(left_out, *geometry[:4], **options)
    counts: AnyArray = _weighted.product_of_cells(_cutting.cells_of(windows), len(shape)) - masked
    return counts

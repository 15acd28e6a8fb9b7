"""Gradients of the statistics of `_statistics.py`.

What an input adds to an output's gradient depends on both: it is g * f(x, y) for some f. Where f is a product of what
the input says and what the output says, it is one sum over the outputs, as for `sum_pool_backward`; else windows
are taken in turns in which no two overlap, and f is evaluated where they lie.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from cypool import _arguments
from cypool._docs import documented
from cypool._functions import avg_pool, max_pool, sum_pool
from cypool._gradients import max_pool_backward
from cypool._pooling import window_origins
from cypool._random import checked_positive
from cypool._spreading import real_gradient, spread
from cypool._statistics import checked_sharpness, logsumexp_pool, lp_pool, std_pool

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import ArrayLike, NDArray

    from cypool._typing import AnyArray, Flag, Indices, Int, Number, Padding, Sizes

# Exponents of e that leave float64 room for sums.
_SAFE = 600.0
# Norms between which quotients with them neither overflow nor lose bits, by the dtype of both.
_PLAIN = {np.dtype(np.float32): (1e-15, 1e15), np.dtype(np.float64): (1e-150, 1e150)}


@documented
def lp_pool_backward(grad_output: ArrayLike, x: ArrayLike, norm_type: Number, kernel_size: Sizes,
                     stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1, *,
                     axis: Sizes | None = None, ceil_mode: Flag = False, num_threads: Int | None = None) -> AnyArray:
    """Gradient of `lp_pool`. That of a window of zeros is 0.

    It is computed in float64; if all is float32, the norm is from 1 to 6 and no windows overlap, in float32 from norms
    that are.

    Parameters
    ----------
    {grad_output}
    {forward_x}
    {norm_type}
    {geometry}
    {dilation}
    {axis}
    {ceil_mode}
    {num_threads}

    Returns
    -------
    ndarray, the shape of x
        ``sign(x) * (abs(x) / y) ** (p - 1)`` times grad_output, summed over the outputs y whose window x is in. For
        infinity, only the first of the greatest magnitudes gets it.

    Raises
    ------
    ValueError, TypeError
        If an argument is wrong, or grad_output has not the shape that the forward call gives.

    Examples
    --------
    >>> import numpy as np, cypool
    >>> cypool.lp_pool_backward(np.array([10.0, 1.0]), np.array([3.0, -4.0, 0.0, 0.0]), 2, 2)
    array([ 6., -8.,  0.,  0.])
    """
    p = _arguments.norm(norm_type)
    call = _Call(grad_output, x, kernel_size, stride, padding, dilation, axis, ceil_mode, num_threads)
    if p == np.inf:
        size = np.abs(call.x)
        indices: Indices = call.forward(max_pool, size, return_indices=True)[1]
        call.check(indices)
        result = max_pool_backward(call.gradient, indices, call.given.shape, axis=axis, num_threads=num_threads)
        return call.result(result * np.sign(call.x))
    if call.dtype == call.given.dtype == np.float32 and 1 <= p <= 6 and not call.overlap:
        norms: AnyArray = call.forward(lp_pool, call.given, p)
        call.check(norms)
        if _is_plain(norms, p - 1) and _is_plain(call.output) and (p <= 2 or _is_plain(call.given, p - 1)):
            return _of_plain_norms(call, p, call.output, norms)
    y: AnyArray = call.forward(lp_pool, call.given, p, dtype=np.float64)
    call.check(y)
    if _is_plain(y, p - 1) and _is_plain(call.gradient) and (p <= 2 or _is_plain(call.x, p - 1)):
        return _of_plain_norms(call, p, call.gradient, y)
    # 0 ** (p - 1) is infinite below p = 1; an input of 0 has no slope to either side.
    some = y[(y > 0) & np.isfinite(y)]
    scale = some.max(initial=0) or 1.0

    def slope(x_part: AnyArray, y_part: AnyArray) -> AnyArray:
        with np.errstate(all="ignore"):
            ratio = np.abs(x_part) / y_part
            return np.where((x_part == 0) | (y_part == 0), 0.0, np.sign(x_part) * ratio ** (p - 1))

    if call.overlap and some.size and abs(p - 1) * (np.log(scale) - np.log(some.min())) < _SAFE:
        with np.errstate(all="ignore"):
            weights = np.where(y > 0, call.gradient * (y / scale) ** (1 - p), 0.0)
            powers = np.sign(call.x) * np.abs(call.x / scale) ** (p - 1)
            return call.result(call.spread(weights) * np.where(call.x != 0, powers, 0.0))
    return call.result(call.by_turns(y, slope))


def _is_plain(values: AnyArray, order: float = 1) -> bool:
    """Whether the sizes of all but zeros are so that quotients and products of them, or of such powers of them, stay
    within the dtype."""
    least, greatest = (bound ** (1 / max(1, abs(order))) for bound in _PLAIN[values.dtype])
    sizes = np.abs(values)
    if not sizes.max(initial=0) < greatest:
        return False
    return bool(sizes.min(initial=np.inf) >= least
                or np.count_nonzero(sizes < least) == np.count_nonzero(sizes == 0))


def _of_plain_norms(call: _Call, p: float, gradient: AnyArray, norms: AnyArray) -> AnyArray:
    """Gradient of norms of which nothing on the way overflows: the slope is that of the output, times sign(x), x or
    another power of it."""
    with np.errstate(all="ignore"):
        if p != 1:
            zero = None if norms.min(initial=1) > 0 else norms == 0
            divisors = norms if zero is None else norms + zero
            gradient = gradient / _powers(divisors, p - 1)
            if zero is not None:
                gradient[zero] = 0
        slopes = call.spread(gradient)
        as_given = slopes.dtype == call.given.dtype or (p in (1, 2) and call.given.dtype.kind in "fiu")
        factor = call.given if as_given else call.x
        if p == 1:
            factor = np.sign(factor)
        elif p != 2:
            factor = _signed_powers(factor, p - 1)
        result = slopes if slopes.dtype == call.dtype else np.empty_like(slopes, call.dtype)
        np.multiply(slopes, factor, out=result, casting="unsafe")
    if not call.covers and not np.isfinite(result).all():
        # An infinite or missing input that no window has got nothing.
        result[call.spread(np.ones_like(norms)) == 0] = 0
    return result


def _signed_powers(x: AnyArray, order: float) -> AnyArray:
    """Powers of magnitudes with the signs of x. Those of 0 are 0 even if the order is negative: an input of 0 has no
    slope to either side."""
    sizes = np.abs(x)
    if order == 2:
        return np.multiply(sizes, x, out=sizes)
    if order < 0:
        sizes[sizes == 0] = np.inf
    np.power(sizes, order, out=sizes)
    return np.copysign(sizes, x, out=sizes)


def _powers(values: AnyArray, order: float) -> AnyArray:
    """Powers; a product takes NumPy a third of what a second power does."""
    if order == 1:
        return values
    return values * values if order == 2 else values**order


@documented
def var_pool_backward(grad_output: ArrayLike, x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None,
                      padding: Padding = 0, dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False,
                      correction: Number = 0, num_threads: Int | None = None) -> AnyArray:
    """Gradient of `var_pool`, computed in float64.

    Parameters
    ----------
    {grad_output}
    {forward_x}
    {geometry}
    {dilation}
    {axis}
    {ceil_mode}
    {correction}
    {num_threads}

    Returns
    -------
    ndarray, the shape of x
        ``2 * (x - mean) / (n - correction)`` times grad_output, summed over the outputs whose window x is in.

    Raises
    ------
    ValueError, TypeError
        If an argument is wrong, or grad_output has not the shape that the forward call gives.

    Examples
    --------
    >>> import numpy as np, cypool
    >>> cypool.var_pool_backward(np.array([1.0]), np.array([1.0, 3.0]), 2)
    array([-1.,  1.])
    """
    correction = _arguments.finite("correction", correction)
    call = _Call(grad_output, x, kernel_size, stride, padding, dilation, axis, ceil_mode, num_threads)
    return call.result(_of_variance(call, call.gradient, correction))


@documented
def std_pool_backward(grad_output: ArrayLike, x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None,
                      padding: Padding = 0, dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False,
                      correction: Number = 0, num_threads: Int | None = None) -> AnyArray:
    """Gradient of `std_pool`, computed in float64. That of a window of equal values is 0.

    Parameters
    ----------
    {grad_output}
    {forward_x}
    {geometry}
    {dilation}
    {axis}
    {ceil_mode}
    {correction}
    {num_threads}

    Returns
    -------
    ndarray, the shape of x
        ``(x - mean) / ((n - correction) * std)`` times grad_output, summed over the outputs whose window x is in.

    Raises
    ------
    ValueError, TypeError
        If an argument is wrong, or grad_output has not the shape that the forward call gives.

    Examples
    --------
    >>> import numpy as np, cypool
    >>> cypool.std_pool_backward(np.array([1.0]), np.array([1.0, 3.0]), 2)
    array([-0.5,  0.5])
    """
    correction = _arguments.finite("correction", correction)
    call = _Call(grad_output, x, kernel_size, stride, padding, dilation, axis, ceil_mode, num_threads)
    deviation: AnyArray = call.forward(std_pool, correction=correction)
    call.check(deviation)
    with np.errstate(all="ignore"):
        gradient = np.where(deviation == 0, 0.0, call.gradient / (2 * deviation))
    return call.result(_of_variance(call, gradient, correction))


def _of_variance(call: _Call, gradient: AnyArray, correction: float) -> AnyArray:
    mean: AnyArray = call.forward(avg_pool, count_include_pad=False)
    call.check(mean)
    taps: AnyArray = call.forward(sum_pool, np.ones_like(call.x))
    with np.errstate(all="ignore"):
        weights = np.where(taps > correction, 2 * gradient / (taps - correction), np.nan)
    if not call.overlap:
        return call.by_turns(mean, lambda x_part, mean_part: x_part - mean_part, weights)
    # Distances from a common value, so that little cancels.
    finite = call.x[np.isfinite(call.x)]
    middle = finite.mean() if finite.size else 0.0
    return call.spread(weights) * (call.x - middle) - call.spread(weights * (mean - middle))


@documented
def logsumexp_pool_backward(grad_output: ArrayLike, x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None,
                            padding: Padding = 0, dilation: Sizes = 1, *, axis: Sizes | None = None,
                            ceil_mode: Flag = False, sharpness: Number = 1.0,
                            num_threads: Int | None = None) -> AnyArray:
    """Gradient of `logsumexp_pool`, computed in float64: softmax weights, which never overflow.

    Parameters
    ----------
    {grad_output}
    {forward_x}
    {geometry}
    {dilation}
    {axis}
    {ceil_mode}
    {sharpness}
    {num_threads}

    Returns
    -------
    ndarray, the shape of x
        ``exp(r * (x - y))`` times grad_output, summed over the outputs y whose window x is in.

    Raises
    ------
    ValueError, TypeError
        If an argument is wrong, or grad_output has not the shape that the forward call gives.

    Examples
    --------
    >>> import numpy as np, cypool
    >>> cypool.logsumexp_pool_backward(np.array([4.0]), np.array([1000.0, 1000.0]), 2)
    array([2., 2.])
    """
    sharpness = checked_sharpness(sharpness)
    call = _Call(grad_output, x, kernel_size, stride, padding, dilation, axis, ceil_mode, num_threads)
    y: AnyArray = call.forward(logsumexp_pool, sharpness=sharpness)
    call.check(y)
    with np.errstate(all="ignore"):
        reach = abs(sharpness) * np.ptp(y) if y.size else 0.0
        if call.overlap and reach < _SAFE:
            top = y.max() if sharpness > 0 else y.min()
            result = call.spread(call.gradient * np.exp(sharpness * (top - y))) * np.exp(sharpness * (call.x - top))
            return call.result(result)
        return call.result(call.by_turns(y, lambda x_part, y_part: np.exp(sharpness * (x_part - y_part))))


@documented
def stochastic_pool_backward(grad_output: ArrayLike, x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None,
                             padding: Padding = 0, dilation: Sizes = 1, *, axis: Sizes | None = None,
                             ceil_mode: Flag = False, num_threads: Int | None = None) -> AnyArray:
    """Gradient of `stochastic_pool` without training. With training, `max_pool_backward` gives it from the indices.

    Parameters
    ----------
    {grad_output}
    {forward_x}
    {geometry}
    {dilation}
    {axis}
    {ceil_mode}
    {num_threads}

    Returns
    -------
    ndarray, the shape of x
        ``(2 * x - y) / sum(x)`` times grad_output, summed over the outputs y whose window x is in; nothing from a
        window of zeros.

    Raises
    ------
    ValueError, TypeError
        If an argument is wrong, or grad_output has not the shape that the forward call gives.

    Examples
    --------
    >>> import numpy as np, cypool
    >>> cypool.stochastic_pool_backward(np.array([8.0]), np.array([1.0, 3.0]), 2)
    array([-1.,  7.])
    """
    call = _Call(grad_output, checked_positive(x), kernel_size, stride, padding, dilation, axis, ceil_mode, num_threads)
    total: AnyArray = call.forward(sum_pool)
    call.check(total)
    safe = np.where(total == 0, 1.0, total)
    weights = np.where(total == 0, 0.0, call.gradient / safe)
    mean: AnyArray = call.forward(sum_pool, call.x * call.x) / safe
    return call.result(2 * call.x * call.spread(weights) - call.spread(weights * mean))


class _Call:
    """A gradient's arguments, as float64, and the sums over windows that it is made of."""

    def __init__(self, grad_output: ArrayLike, x: ArrayLike, kernel_size: Sizes, stride: Sizes | None, padding: Padding,
                 dilation: Sizes, axis: Sizes | None, ceil_mode: Flag, num_threads: Int | None) -> None:
        gradient = real_gradient(grad_output)
        x = _arguments.array("x", x)
        if x.dtype.kind == "c":
            raise TypeError(f"x must be real, got {x.dtype}")
        if gradient.ndim != x.ndim:
            raise ValueError(f"grad_output must have the shape that pooling gives, of {x.ndim} axes, got "
                             f"{gradient.shape}")
        self.dtype, self.output, self.given = gradient.dtype, gradient, x
        self.arguments = (kernel_size, stride, padding, dilation)
        self.options = {"axis": axis, "ceil_mode": ceil_mode, "num_threads": num_threads}
        self.axes = _arguments.axes(axis, x.ndim)

    @cached_property
    def gradient(self) -> NDArray[np.float64]:
        return self.output.astype(np.float64)

    @cached_property
    def x(self) -> NDArray[np.float64]:
        return self.given.astype(np.float64)

    def forward(self, function: Callable[..., Any], *values: Any, **options: Any) -> Any:
        """What a pooling function gives for x, or for another array of its shape."""
        first = () if values and isinstance(values[0], np.ndarray) else (self.x,)
        return function(*first, *values, *self.arguments, **self.options, **options)

    def check(self, y: AnyArray) -> None:
        if self.output.shape != y.shape:
            raise ValueError(f"grad_output must have the shape that pooling gives, {y.shape}, got "
                             f"{self.output.shape}")

    def spread(self, values: AnyArray) -> AnyArray:
        """To each input the sum of the values of those outputs whose window it is in."""
        return spread("sum", "pooled", values, self.given.shape, self.options["axis"],
                      (*self.arguments, None), (self.options["ceil_mode"], True), None, self.options["num_threads"])

    @property
    def turns(self) -> list[int]:
        """For each pooled axis, the least number of turns in which no two windows of one turn overlap."""
        n = len(self.axes)
        kernel_size = _arguments.per_axis("kernel_size", self.arguments[0], n)
        stride = kernel_size if self.arguments[1] is None else _arguments.per_axis("stride", self.arguments[1], n)
        dilation = _arguments.per_axis("dilation", self.arguments[3], n)
        spans = [min((k - 1) * d + 1, self.given.shape[a]) for k, d, a in zip(kernel_size, dilation, self.axes)]
        return [min(-(-span // s), self.output.shape[a]) for span, s, a in zip(spans, stride, self.axes)]

    @property
    def overlap(self) -> bool:
        return max(self.turns) > 1

    @property
    def covers(self) -> bool:
        """Whether each input is in a window."""
        kernel_size, stride, padding, dilation = self.arguments
        _, windows, _ = window_origins(self.given.shape, self.options["axis"], kernel_size, stride, padding, dilation,
                                       self.options["ceil_mode"])
        return all(each.dilation == 1 and each.stride <= each.taps and each.origin <= 0 and each.end >= each.length
                   for each in windows)

    def by_turns(self, y: AnyArray, slope: Callable[[AnyArray, AnyArray], AnyArray],
                 gradient: AnyArray | None = None) -> AnyArray:
        """The sum over outputs of their gradient times slope(x, y)."""
        gradient = self.gradient if gradient is None else gradient
        result = np.zeros_like(self.x)
        turns = self.turns
        for turn in np.ndindex(*turns):
            slices = [slice(None)] * self.given.ndim
            for a, first, step in zip(self.axes, turn, turns):
                slices[a] = slice(first, None, step)
            mine = tuple(slices)
            if not y[mine].size:
                continue
            here, values, others = (np.zeros_like(y) for _ in range(3))
            here[mine], values[mine], others[mine] = 1, gradient[mine], y[mine]
            inside = self.spread(here) > 0
            with np.errstate(all="ignore"):
                part = self.spread(values) * slope(self.x, self.spread(others))
            result[inside] += part[inside]
        return result

    def result(self, values: AnyArray) -> AnyArray:
        return values.astype(self.dtype)

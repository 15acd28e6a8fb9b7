"""Pooling with chance in it: fractional windows, and winners drawn in proportion to their value."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from cypool import _arguments, _pooling
from cypool._call import Remembered
from cypool._docs import SIZES, documented
from cypool._functions import max_pool, sum_pool
from cypool._pooling import AXES
from cypool._scattering import gathered

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from numpy.typing import ArrayLike, NDArray

    from cypool._typing import AnyArray, DataFormat, Flag, Indices, Int, Lengths, Number, Padding, Random, Reals, Sizes


def _fractional(n: int) -> Callable[..., AnyArray | tuple[AnyArray, Indices]]:
    """fractional_max_pool2d and its like."""
    def function(x: ArrayLike, kernel_size: Sizes, *, output_size: Sizes | None = None,
                 output_ratio: Number | Sequence[Number] | NDArray[np.floating[Any]] | None = None,
                 return_indices: Flag = False, random_samples: Reals | None = None, rng: Random = None,
                 data_format: DataFormat = "channels_first", out: AnyArray | None = None,
                 num_threads: Int | None = None) -> AnyArray | tuple[AnyArray, Indices]:
        x = _arguments.array("x", x)
        if x.dtype.kind == "c":
            raise TypeError(f"x must be real for max, got {x.dtype}")
        lead, shape, sizes, there, back = _fractional_call(n, x.shape, data_format, kernel_size, output_size,
                                                           output_ratio)
        if out is not None:
            _arguments.output(out, shape, x.dtype)
        # Windows differ by plane, so planes come first.
        planes = np.ascontiguousarray(x if there is None else x.transpose(there))
        if 1 in planes.shape:
            planes = planes.ravel().reshape(planes.shape)   # axes of one element may have any stride
        target = out if out is None or there is None else out.transpose(there)
        single = x.dtype.itemsize < 8
        samples = _samples(random_samples, rng, lead, n, single=single)
        result = _pooling.pool("max", "fractional", planes, sizes, (AXES, "propagate", single, return_indices), None,
                               target, num_threads, samples=samples)
        values, indices = result if isinstance(result, tuple) else (result, None)
        if back is not None:
            values = values.transpose(back)
            indices = None if indices is None else indices.transpose(back)
        values = values if out is None else out
        return values if indices is None else (values, indices)

    function.__name__ = function.__qualname__ = f"fractional_max_pool{n}d"
    function.__module__ = "cypool"
    shape, result = [(1, 1) + (size,) * n for size in (9, 6)]
    first = "the height's, and the width's before it" if n == 2 else "the depth's, the height's and the width's"
    function.__doc__ = f"""\
The greatest value of windows whose starts are pseudo-random, {n}-D: shrinking by any factor.

    Parameters
    ----------
    {{x}}
    kernel_size : int or sequence of int
        Taps of a window: one number for all spatial axes or one for each.
    output_size : int or sequence of int, optional
        Outputs along each spatial axis; at most ``length - kernel_size + 1``.
    output_ratio : float or sequence of float, optional
        Their number as a part of the length, above 0 and below 1. One of the two is needed.
    {{return_indices}}
    random_samples : array_like of float, shape (N, C, {n}), optional
        In [0, 1), for each plane and axis, as PyTorch takes them: {first}. Axes of length 1 are repeated.
    rng : numpy.random.Generator, int or None
        Draws the samples where none are given; an int is a seed.
    {{data_format}}
    {{out}}
    {{num_threads}}

    Returns
    -------
    {{values}}
    {{indices}}

    Raises
    ------
    {{raises}}

    References
    ----------
    B. Graham, "Fractional max-pooling", 2014. The windows are those of ``torch.nn.functional.fractional_max_pool{n}d``.

    Examples
    --------
    >>> import numpy as np, cypool
    >>> cypool.fractional_max_pool{n}d(np.zeros({shape}), 2, output_ratio=0.7, rng=0).shape
    {result}
    """
    return documented(n=n, sizes=SIZES[n], dtype_of="x")(function)


@Remembered
def _fractional_call(n: int, shape: Lengths, data_format: DataFormat, kernel_size: Sizes, output_size: Sizes | None,
                     output_ratio: Number | Sequence[Number] | NDArray[np.floating[Any]] | None,
                     ) -> tuple[Lengths, Lengths, tuple[Lengths, ...], Lengths | None, Lengths | None]:
    """Lengths of the axes that are not pooled, the output's shape, what the windows are made of where planes come
    first; and the order of axes in which they do, with the way back, or None where they do."""
    axes = _arguments.spatial_axes(n, data_format, len(shape))
    kernel_size = _arguments.per_axis("kernel_size", kernel_size, n)
    sizes = _fractional_sizes([shape[a] for a in axes], kernel_size, output_size, output_ratio)
    of_axes = dict(zip(axes, sizes))
    lead = tuple(length for a, length in enumerate(shape) if a not in axes)
    last = tuple(range(len(lead), len(shape)))
    # PyTorch has the width's sample first in two dimensions, but the depth's in three.
    columns = (1, 0) if n == 2 else tuple(range(n))
    there = (*(a for a in range(len(shape)) if a not in axes), *axes)
    back = tuple(sorted(range(len(shape)), key=lambda a: there[a]))
    moved = axes != last
    return (lead, tuple(of_axes.get(a, length) for a, length in enumerate(shape)), (last, kernel_size, sizes, columns),
            there if moved else None, back if moved else None)


def _fractional_sizes(lengths: Sequence[int], kernel_size: Lengths, output_size: Sizes | None,
                      output_ratio: Number | Sequence[Number] | NDArray[np.floating[Any]] | None) -> Lengths:
    n = len(lengths)
    if (output_size is None) == (output_ratio is None):
        raise ValueError(f"output_size or output_ratio must be given, and not both, got "
                         f"{_arguments.shown(output_size)} and {_arguments.shown(output_ratio)}")
    if output_size is None:
        ratios = (output_ratio if isinstance(output_ratio, (tuple, list))
                  or (isinstance(output_ratio, np.ndarray) and output_ratio.ndim) else (output_ratio,) * n)
        if len(ratios) != n:
            raise ValueError(f"output_ratio must have one entry for each of the {n} spatial axes, got "
                             f"{_arguments.shown(output_ratio)}")
        ratios = [_arguments.number("output_ratio", ratio) for ratio in ratios]
        for ratio in ratios:
            if not 0 < ratio < 1:
                raise ValueError(f"output_ratio must be above 0 and below 1, got {ratio}")
        sizes = tuple(int(length * ratio) for length, ratio in zip(lengths, ratios))
        name = "output_ratio"
    else:
        sizes, name = _arguments.per_axis("output_size", output_size, n), "output_size"
    for length, size, k in zip(lengths, sizes, kernel_size):
        if size < 1 or size + k - 1 > length:
            raise ValueError(f"{name} must give at least 1 output, and at most length - kernel_size + 1, got {size} "
                             f"for a length of {length} and kernel_size {k}")
    return sizes


def _samples(samples: Reals | None, rng: Random, lead: Lengths, n: int, *, single: bool) -> NDArray[np.float64]:
    """A sample for each plane and axis; if `single`, those that are drawn are float32."""
    n_planes = prod(lead)
    if samples is None:
        drawn = _arguments.generator(rng).random((n_planes, n), np.float32 if single else np.float64)
        return drawn.astype(np.float64, copy=False)
    given = _arguments.any_array("random_samples", samples)
    if given.dtype.kind != "f":
        raise TypeError(f"random_samples must be floats, got {given.dtype}")
    wanted = (*([1] * (2 - len(lead))), *lead, n)
    if given.shape != wanted:
        try:
            given = np.broadcast_to(given, wanted)
        except ValueError:
            raise ValueError(f"random_samples must have the shape {wanted}, or lengths of 1 in it, got "
                             f"{given.shape}") from None
    return np.ascontiguousarray(given.reshape(n_planes, n), np.float64)


fractional_max_pool2d, fractional_max_pool3d = map(_fractional, (2, 3))


@documented(dtype_of="x")
def stochastic_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
                    dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False, training: Flag = False,
                    return_indices: Flag = False, rng: Random = None,
                    num_threads: Int | None = None) -> AnyArray | tuple[AnyArray, Indices]:
    """Draw a value of each window with a probability in proportion to it; or give the mean of all such draws.

    Parameters
    ----------
    x : array_like of float
        None below 0 and none NaN, as after a rectifier.
    {geometry}
        It is never drawn.
    {dilation}
    {axis}
    {ceil_mode}
    training : bool, default False
        Whether to draw. If not, the result is what draws give on average: ``sum(x ** 2) / sum(x)``.
    {return_indices}
        Only with training; `max_pool_backward` takes them for the gradient.
    rng : numpy.random.Generator, int or None
        Draws; an int is a seed. Windows that overlap share their draws' noise: each is drawn in proportion, but not
        independently of the others.
    {num_threads}

    Returns
    -------
    {values}
        A window of zeros gives 0.
    {indices}

    Raises
    ------
    {raises}

    References
    ----------
    M. Zeiler, R. Fergus, "Stochastic pooling for regularization of deep convolutional neural networks", ICLR 2013.

    Examples
    --------
    >>> import numpy as np, cypool
    >>> x = np.array([1.0, 3.0, 0.0, 2.0])
    >>> cypool.stochastic_pool(x, 2)
    array([2.5, 2. ])
    >>> cypool.stochastic_pool(x, 2, training=True, rng=0)
    array([3., 2.])
    """
    x = checked_positive(x)
    training = _arguments.flag("training", training)
    return_indices = _arguments.flag("return_indices", return_indices)
    options: dict[str, Any] = {"axis": axis, "ceil_mode": ceil_mode, "num_threads": num_threads}
    geometry = (kernel_size, stride, padding, dilation)
    if not training:
        if return_indices:
            raise ValueError("return_indices must be False without training, since nothing is drawn, got True")
        wide = x.astype(np.float64)
        with np.errstate(all="ignore"):
            total = sum_pool(wide, *geometry, **options)
            result = sum_pool(wide * wide, *geometry, **options) / total
        return np.where(total == 0, 0.0, result).astype(x.dtype)
    # The first of several clocks with rates x to ring is x with a probability in proportion to it.
    noise = _arguments.generator(rng).standard_exponential(x.shape)
    indices = max_pool(x / noise, *geometry, return_indices=True, **options)[1]
    values = gathered(x, indices, _arguments.axes(axis, x.ndim))
    return (values, indices) if return_indices else values


def checked_positive(x: ArrayLike) -> AnyArray:
    x = _arguments.array("x", x)
    if x.dtype.kind != "f" and not _arguments.is_bfloat(x.dtype):
        raise TypeError(f"x must be floats, got {x.dtype}")
    if x.size and not (x >= 0).all():
        raise ValueError(f"x must not be negative or NaN, got {x[~(x >= 0)][0]}")
    return x

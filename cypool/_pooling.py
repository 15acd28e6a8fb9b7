"""What a pooling call needs besides its arrays: the checks of its arguments, its windows, its dtypes, its plan.

`pool` is the way that all public functions take. It comes here only for calls unlike earlier ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate
from math import prod
from operator import mul
from typing import TYPE_CHECKING, Any

import numpy as np

from cypool import _arguments, _windows
from cypool._call import AXES as AXES
from cypool._call import Calls, Prepared, Remembered
from cypool._engine import reducers, statistics
from cypool._engine.plan import make_plan
from cypool._engine.tilings import run_taps
from cypool._engine.view import Axis, canonical
from cypool._layouts import Divisors, empty_like, strides_like

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import DTypeLike

    from cypool._engine.run import Plan
    from cypool._typing import AnyArray, Lengths
    from cypool._windows import Windows

    # What a maker gives: windows, and the divisor of averages or 0.
    _Made: TypeAlias = tuple[list[Windows], int]

_INT64 = np.dtype(np.int64)
# The numbers that gradients of float64, complex64 and complex128 are divided by; all others by float32.
_DIVISORS = {"d": "f8", "F": "f4", "D": "f8"}


def _prepare(op: str, maker: str, x: AnyArray, sizes: tuple[Any, ...], flags: tuple[Any, ...], dtype: DTypeLike | None,
             out: AnyArray | None, parameter: float | None) -> Prepared:
    """Check all arguments and plan the call.

    `sizes` starts with the axes, or with the number of spatial ones; `flags` starts with the data_format (or AXES)
    and nan_policy and ends with return_indices. The rest of both goes to the maker of windows.
    """
    divisors = None
    if maker == "transposed":
        op, x, sizes, dtype, divisors = _prepare_gradient(op, x, sizes, flags)
    windows, divisor, shape, omit, return_indices = checked(op, maker, x, sizes, flags)
    windows = {axis: _windows.practical(each) for axis, each in windows.items()}
    usual = usual_dtype(op, x.dtype)
    final = _arguments.result_dtype(dtype, usual, x.dtype)
    element = reducers.element_name(x.dtype)
    native = _native_dtype(reducers.result_names(op, element), usual, final, x.dtype)
    strides, label_strides = (strides_like(x, shape, size) for size in (native.itemsize, 8))
    direct = False
    target = strides, True, False
    if out is not None:
        _arguments.output(out, shape, final)
        direct = _same_number(out.dtype, native) and final == native
        if direct:
            target = out.strides, out.flags.aligned, not out.dtype.isnative
    plan = sound = None
    if 0 not in shape:
        open_sums = statistics.has_open_sums(op, element, reducers.element_name(native), parameter, omit=omit)
        plan = _plan(op, x, windows, element, native, omit, divisor, return_indices, target, label_strides,
                     parameter, open_sums=open_sums)
        if open_sums:
            sound = _plan(op, x, windows, element, native, omit, divisor, return_indices, (strides, True, False),
                          label_strides, parameter)
    clipped = op in ("avg", "area") and x.dtype.kind in "biu" and final.kind in "iu" and final != native
    return Prepared(plan, native, native if native == final else final, shape, strides, label_strides,
                    direct=direct, labelled=return_indices, clipped=clipped, sound=sound, divisors=divisors)


def _prepare_gradient(op: str, gradient: AnyArray, sizes: tuple[Any, ...], flags: tuple[Any, ...]) -> tuple[
        str, AnyArray, tuple[Any, ...], np.dtype[Any] | None, Divisors | None]:
    """Check a gradient's shape. Where each element has its own divisor, what is pooled are quotients: the same for
    them, of which an array of their layout is given."""
    axis, _, maker, input_shape, *geometry = sizes
    _, _, *more, _ = flags
    shape = input_lengths(input_shape, gradient.ndim)
    number = _DIVISORS.get(gradient.dtype.char, "f4") if op == "avg" else None
    cells = check_gradient(gradient.shape, number, maker, shape, axis, *geometry, *more)
    if cells is None:
        return op, gradient, (axis, op, maker, shape, *geometry), None, None
    native = _arguments.native(gradient.dtype)
    halves = native.itemsize == 2       # divided, and then summed, as float32
    quotients = empty_like(gradient, gradient.shape, np.dtype(np.float32) if halves else native)
    return ("sum", quotients, (axis, "sum", maker, shape, *geometry), native if halves else None,
            Divisors(cells, quotients))


def checked(op: str, maker: str, x: AnyArray, sizes: tuple[Any, ...],
            flags: tuple[Any, ...]) -> tuple[dict[int, Windows], int, Lengths, bool, bool]:
    """Check x, sizes and flags: windows by axis, divisor, shape of the result, omit and return_indices."""
    _arguments.array("x", x)
    check_real(op, x.dtype)
    return shaped(maker, x.shape, sizes, flags)


def check_real(op: str, dtype: np.dtype[Any]) -> None:
    if dtype.kind == "c" and op not in ("sum", "avg", "area"):
        raise TypeError(f"x must be real for {op}, got {dtype}")
    if op == "mode" and dtype.kind not in "biu":
        raise TypeError(f"x must have integers or bools for mode, got {dtype}")


def shaped(maker: str, lengths: Lengths, sizes: tuple[Any, ...],
           flags: tuple[Any, ...]) -> tuple[dict[int, Windows], int, Lengths, bool, bool]:
    """The same of an array of those lengths, whatever it has."""
    axis, *of_windows = sizes
    data_format, nan_policy, *more, return_indices = flags
    omit = _arguments.omit_nan(nan_policy)
    return_indices = _arguments.flag("return_indices", return_indices)
    n_axes = len(lengths)
    axes = _arguments.axes(axis, n_axes) if data_format is AXES else _arguments.spatial_axes(axis, data_format, n_axes)
    for pooled in axes:
        if lengths[pooled] == 0:
            raise ValueError(f"x must not be empty along a pooled axis, got length 0 along axis {pooled}")
    made, divisor = _MAKERS[maker]([lengths[a] for a in axes], axes, *of_windows, *more)
    windows = dict(sorted(zip(axes, made), key=lambda pair: pair[0]))
    shape = tuple(windows[a].n_out if a in windows else length for a, length in enumerate(lengths))
    if prod(max(n, 1) for n in shape) > _arguments.MOST_ELEMENTS:
        what = "output_size" if maker == "adaptive" else "kernel_size, stride and padding"
        raise ValueError(f"{what} must give an output of at most 2**58 elements, got the shape {shape}")
    return windows, divisor, shape, omit, return_indices


calls = Calls(_prepare)
pool = calls.pool
forget = calls.forget


def _plan(op: str, x: AnyArray, windows: dict[int, Windows], element: str, native: np.dtype[Any], omit: bool,
          divisor: int, labelled: bool, target: tuple[Lengths, bool, bool], label_strides: Lengths,
          parameter: float | None, *, open_sums: bool = False) -> Plan:
    """The plan of a call; `target` is strides, aligned and byte-swapped of the output."""
    out_strides, out_aligned, out_swapped = target
    lengths = [each.length for each in windows.values()]
    # Taps whose sums or labels are to be told apart.
    taps = prod(min(each.most_taps, each.length) for each in windows.values())
    cells = prod(each.first_cells for each in windows.values())
    most_cells = prod(each.most_cells for each in windows.values())
    check_cells(most_cells)
    if op in ("max", "min"):
        reducer = reducers.extremum(op, element, omit=omit, labels=prod(lengths) if labelled else 0)
    elif op in reducers.ORDERS:
        reducer = statistics.order(op, element, omit=omit, taps=taps)
    elif op == "area":
        cells = prod(each.total for each in windows.values())
        if x.dtype.kind not in "biu":
            windows = {a: each if each.weights is None else replace(each, weights=each.weights / each.total)
                       for a, each in windows.items()}
        reducer = reducers.area(element, reducers.element_name(native), omit=omit, cells=cells,
                                complex_pairs=x.dtype.kind == "c")
    elif op in reducers.MOMENTS:
        nearest = min(range(x.ndim), key=lambda axis: (x.shape[axis] == 1, abs(x.strides[axis])))
        overlap = any(each.regular and each.stride < each.taps for each in windows.values())
        reducer = statistics.moment(op, element, reducers.element_name(native), omit=omit, parameter=parameter or 0.0,
                                  taps=taps, shared=overlap and nearest in windows, open_sums=open_sums)
    else:
        reducer = reducers.total(op, element, reducers.element_name(native), omit=omit, taps=taps, cells=cells,
                                 most_cells=most_cells, divisor=divisor, complex_pairs=x.dtype.kind == "c")
    labels = dict(zip(windows, [*accumulate(lengths[:0:-1], mul, initial=1)][::-1])) if labelled else {}
    axes = [Axis(length, x.strides[a], out_strides[a], label_strides[a] if labelled else 0, windows.get(a),
                 labels.get(a, 0))
            for a, length in enumerate(x.shape)]
    sizes = (x.dtype.itemsize, native.itemsize)
    offsets = (0, 0)
    backward = [axis for axis in axes if axis.in_stride == -sizes[0] and _turns(op, axis)]
    if len(backward) == 1 and not labelled and x.size:
        # Rows are read forward, whichever way they lie in memory; results, which are fewer, go the other way.
        offsets = backward[0].turn()
    if x.dtype.kind == "c":
        sizes = (sizes[0] // 2, sizes[1] // 2)
        axes.append(Axis(2, *sizes, pair=True))
    view = canonical(axes, element_sizes=sizes, merge_outer=not labelled,
                     run_taps=run_taps(reducer))
    return make_plan(view, reducer, sizes=sizes, aligned=(x.flags.aligned, out_aligned),
                     swapped=(not x.dtype.isnative, out_swapped), labelled=labelled, offsets=offsets)


def _turns(op: str, axis: Axis) -> bool:
    """Whether an axis may be walked from its end: taps are not added, or but two. Of equal zeros, or of NaNs, another
    one may stay, as in other orders of memory."""
    windows = axis.pooling
    if windows is None:
        return True
    return (windows.regular and windows.weights is None
            and (op in ("max", "min", *reducers.ORDERS) or (op in ("avg", "sum") and windows.taps <= 2)))


def check_cells(cells: int) -> None:
    if cells > _windows.LARGEST:
        raise ValueError(f"kernel_size must give a window at most 2**62 taps, got {cells}")


# -- geometry --------------------------------------------------------------------------------------------------------

def _pooled_windows(lengths: Sequence[int], axes: Lengths, kernel_size: object, stride: object, padding: object,
                    dilation: object, divisor_override: object, ceil_mode: object,
                    count_include_pad: object = True) -> _Made:
    n_axes = len(axes)
    kernel_sizes = _arguments.per_axis("kernel_size", kernel_size, n_axes)
    strides = kernel_sizes if stride is None else _arguments.per_axis("stride", stride, n_axes)
    paddings = _arguments.padding(padding, n_axes)
    dilations = _arguments.per_axis("dilation", dilation, n_axes)
    ceil_mode = _arguments.flag("ceil_mode", ceil_mode)
    count_include_pad = _arguments.flag("count_include_pad", count_include_pad)
    divisor = 0 if divisor_override is None else _arguments.divisor(divisor_override)
    windows = [_windows.pooled(length, k, s, p, d, ceil_mode=ceil_mode, count_include_pad=count_include_pad, axis=axis)
               for length, k, s, p, d, axis in zip(lengths, kernel_sizes, strides, paddings, dilations, axes)]
    return windows, divisor


def _adaptive_windows(lengths: Sequence[int], axes: Lengths, output_size: object) -> _Made:
    sizes = _arguments.output_sizes(output_size, lengths)
    return [_windows.adaptive(length, size, axis=axis) for length, size, axis in zip(lengths, sizes, axes)], 0


def _fractional_windows(lengths: Sequence[int], axes: Lengths, kernel_size: Lengths, output_size: Lengths,
                        columns: Lengths, single: bool) -> _Made:
    """Windows whose axes take the samples of those columns, in float32 if `single`."""
    return [_windows.fractional(length, size, k, _windows.Draw(column, single))
            for length, size, k, column in zip(lengths, output_size, kernel_size, columns)], 0


def _area_windows(lengths: Sequence[int], axes: Lengths, output_size: object) -> _Made:
    sizes = _arguments.output_sizes(output_size, lengths)
    windows = [_windows.area(length, size, axis=axis) for length, size, axis in zip(lengths, sizes, axes)]
    check_cells(prod(each.total for each in windows))
    return windows, 0


def _transposed_windows(lengths: Sequence[int], axes: Lengths, op: str, maker: str, input_shape: Lengths,
                        *geometry: Any) -> _Made:
    """Windows of a gradient: for each input position the outputs that read it."""
    windows, divisor = _MAKERS[maker]([input_shape[axis] for axis in axes], axes, *geometry)
    if op == "avg" and not divisor:
        divisor = prod(each.first_cells for each in windows)
        check_cells(divisor)
    return [each.transposed() for each in windows], divisor


@Remembered
def input_lengths(input_shape: object, ndim: int) -> Lengths:
    """The shape that a gradient is to have."""
    shape = _arguments.shape("input_shape", input_shape)
    if len(shape) != ndim:
        raise ValueError(f"input_shape must have the {ndim} axes of grad_output, got {shape}")
    return shape


@Remembered
def check_gradient(shape: Lengths, number: str | None, maker: str, input_shape: Lengths, axis: object,
                   *geometry: Any) -> AnyArray | None:
    """Check a gradient's shape; gives the divisors, to be broadcast, as such numbers, or None where there is but one or
    none are wanted."""
    axes = _arguments.axes(axis, len(input_shape))
    for pooled in axes:
        if input_shape[pooled] == 0:
            raise ValueError(f"input_shape must not be 0 along a pooled axis, got {input_shape}")
    windows, divisor = _MAKERS[maker]([input_shape[a] for a in axes], axes, *geometry)
    expected = list(input_shape)
    for pooled, each in zip(axes, windows):
        expected[pooled] = each.n_out
    if tuple(expected) != shape:
        raise ValueError(f"grad_output must have the shape that pooling gives, {tuple(expected)}, got {shape}")
    if number is None or divisor or all(each.even for each in windows):
        return None
    cells = np.ones((1,) * len(shape))
    for pooled, each in zip(axes, windows):
        of_axis = _windows.cells(each)[: 1 if each.even else None]
        cells = cells * of_axis.reshape([-1 if a == pooled else 1 for a in range(len(shape))])
    cells = cells.astype(number)
    cells.flags.writeable = False
    return cells


def window_origins(input_shape: object, axis: object, kernel_size: object, stride: object, padding: object,
                   dilation: object, ceil_mode: object) -> tuple[Lengths, tuple[Windows, ...], Lengths]:
    """Pooled axes in their order in memory, their regular windows, and the shape that pooling gives."""
    lengths = _arguments.shape("input_shape", input_shape)
    axes = _arguments.axes(axis, len(lengths))
    if any(lengths[a] == 0 for a in axes):
        raise ValueError(f"input_shape must not be 0 along a pooled axis, got {lengths}")
    made, _ = _pooled_windows([lengths[a] for a in axes], axes, kernel_size, stride, padding, dilation, None, ceil_mode)
    windows = dict(sorted(zip(axes, made), key=lambda pair: pair[0]))
    shape = tuple(windows[a].n_out if a in windows else length for a, length in enumerate(lengths))
    return tuple(windows), tuple(windows.values()), shape


_MAKERS: dict[str, Callable[..., _Made]] = {
    "pooled": _pooled_windows,
    "adaptive": _adaptive_windows,
    "fractional": _fractional_windows,
    "area": _area_windows,
    "transposed": _transposed_windows,
}


# -- dtypes -------------------------------------------------------------------------------------------------------

def usual_dtype(op: str, x_dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype of the result unless another one is asked for."""
    if op == "sum" and x_dtype.kind in "bi":
        return _INT64
    if op == "sum" and x_dtype.kind == "u":
        return np.dtype(np.uint64)
    if op in reducers.MOMENTS and x_dtype.kind in "biu":
        return np.dtype(np.float64)
    return _arguments.native(x_dtype)


def _native_dtype(names: tuple[str, ...], usual: np.dtype[Any], final: np.dtype[Any],
                  x_dtype: np.dtype[Any]) -> np.dtype[Any]:
    """What the kernels can write, of those names, that is nearest to the wanted dtype."""
    name = reducers.element_name(final)
    if name not in names or (final.kind == "c") != (x_dtype.kind == "c"):
        # Whole numbers of another type are cast from the widest whole numbers, floats from the widest floats that
        # are summed.
        floating = final.kind in "fc" or _arguments.is_bfloat(final)
        wanted = ("f4" if names[0] in ("f2", "bf2", "f4") and name in ("f2", "bf2") else "f8") if floating else "i8"
        name = wanted if wanted in names else names[0]
    if name == reducers.element_name(usual):
        return usual
    if name == "bf2":
        return final
    return np.dtype(f"c{2 * int(name[1:])}" if x_dtype.kind == "c" else name)


def _same_number(a: np.dtype[Any], b: np.dtype[Any]) -> bool:
    """Whether two dtypes differ in byte order at most."""
    return a == b or (a.kind == b.kind != "V" and a.itemsize == b.itemsize)

"""The way of a pooling call from its arguments to its result, shared by all public functions.

What depends on nothing but the arguments and on x's shape, strides and dtype is prepared once and cached, so that a
call like an earlier one goes straight to the loops.
"""

from functools import lru_cache
from itertools import accumulate
from math import prod
from operator import mul
from typing import NamedTuple

import numpy as np

from cypool import _arguments, _threads, _windows
from cypool._engine import reducers
from cypool._engine.plan import Axis, canonical, make_plan

# Plans take about 16 KiB each.
_CACHED = 256

_INT64 = np.dtype(np.int64)

# In the place of a data_format, for functions that name their axes.
AXES = object()


class Prepared(NamedTuple):
    """What a call needs besides its arrays."""

    plan: object            # None where the output is empty
    shape: tuple
    native: np.dtype        # what the plan writes
    dtype: np.dtype         # what the caller gets
    order: tuple | None     # axes from the outermost in memory to the innermost, None for C order


def pool(op, x, where, geometry, *, nan_policy="propagate", return_indices=False, dtype=None, out=None,
         num_threads=None):
    """Pool x by op: "max", "min", "sum" or "avg".

    `where` is (axis, AXES) or (number of spatial axes, data_format). `geometry` names a maker of windows in this module
    and holds its arguments. The rest is as in the public functions.
    """
    if x.__class__ is not np.ndarray:
        x = _arguments.array("x", x)
    if num_threads is not None:
        num_threads = _arguments.num_threads("num_threads", num_threads)
    if out is not None:
        return _pool_into(op, x, where, geometry, nan_policy, return_indices, dtype, out, num_threads)
    prepared = _prepared(op, x, where, geometry, nan_policy, return_indices, dtype, None)
    out = _new_array(prepared, prepared.native)
    labels = _new_array(prepared, _INT64) if return_indices else None
    if prepared.plan is not None:
        prepared.plan.run(x, out, labels, _threads.for_call(prepared.plan, num_threads))
    if prepared.dtype is not prepared.native:
        out = out.astype(prepared.dtype)
    return (out, labels) if return_indices else out


def _pool_into(op, x, where, geometry, nan_policy, return_indices, dtype, out, num_threads):
    """Pool into an array of the caller's; by way of a new one if it overlaps x or has another dtype."""
    expected = _prepared(op, x, where, geometry, nan_policy, return_indices, dtype, None)
    _arguments.output(out, expected.shape, expected.dtype)
    labels = _new_array(expected, _INT64) if return_indices else None
    direct = _same_number(out.dtype, expected.native) and expected.dtype == expected.native
    if expected.plan is None:
        pass
    elif direct and not np.may_share_memory(x, out):
        layout = (out.strides, out.flags.aligned, not out.dtype.isnative)
        prepared = _prepared(op, x, where, geometry, nan_policy, return_indices, dtype, layout)
        prepared.plan.run(x, out, labels, _threads.for_call(prepared.plan, num_threads))
    else:
        results = _new_array(expected, expected.native)
        expected.plan.run(x, results, labels, _threads.for_call(expected.plan, num_threads))
        np.copyto(out, results.astype(expected.dtype, copy=False), casting="unsafe")
    return (out, labels) if return_indices else out


def _prepared(op, x, where, geometry, nan_policy, return_indices, dtype, layout):
    arguments = (op, x.shape, x.strides, x.dtype, x.flags.aligned, nan_policy, return_indices, dtype, layout, *where)
    try:
        return _prepare(*arguments, *map(_frozen, geometry))
    except (_Unkeyed, TypeError):
        # Not hashable, or equal to other arguments without being the same: the checks say what is wrong, if
        # anything is.
        return _prepare.__wrapped__(*arguments, *geometry)


class _Unkeyed(Exception):
    """An argument that must not be looked up."""


def _frozen(value):
    """A sequence of ints, or of pairs of ints, as a tuple that can be looked up. Scalars are told apart by type."""
    if value.__class__ is int or value is None or value.__class__ is bool:
        return value
    if isinstance(value, (tuple, list)) or isinstance(value, np.ndarray) and value.ndim:
        for entry in value:
            if entry.__class__ is bool or isinstance(entry, (float, np.bool_, np.floating)):
                raise _Unkeyed
        return tuple(map(_frozen, value))
    if isinstance(value, np.integer):
        return int(value)
    return value


@lru_cache(_CACHED, typed=True)
def _prepare(op, shape, strides, x_dtype, aligned, nan_policy, return_indices, dtype, layout, axis, data_format,
             *geometry):
    """Check all arguments and plan the call. `layout` is (strides, aligned, byte-swapped) of the caller's output."""
    omit = _arguments.omit_nan(nan_policy)
    _arguments.flag("return_indices", return_indices)
    _arguments.pooled_dtype("x", x_dtype)
    if not shape:
        raise ValueError("x must have at least one axis, got a 0-d array")
    if data_format is AXES:
        axes = _arguments.axes(axis, len(shape))
    else:
        axes = _arguments.spatial_axes(axis, data_format, len(shape))
    for pooled in axes:
        if shape[pooled] == 0:
            raise ValueError(f"x must not be empty along a pooled axis, got length 0 along axis {pooled}")
    if op in ("max", "min") and x_dtype.kind == "c":
        raise TypeError(f"x must have an order for max and min, got {x_dtype}")

    make_windows, *arguments = geometry
    windows, divisor = _MAKERS[make_windows]([shape[a] for a in axes], axes, *arguments)
    windows = dict(sorted(zip(axes, map(_windows.practical, windows))))
    out_shape = tuple(windows[a].n_out if a in windows else length for a, length in enumerate(shape))
    if prod(max(n, 1) for n in out_shape) > _arguments.MOST_ELEMENTS:
        raise ValueError(f"the output must have at most 2**58 elements, got the shape {out_shape}")
    usual = _usual_dtype(op, x_dtype)
    final = _arguments.result_dtype(dtype, usual, x_dtype)
    element = reducers.element_name(x_dtype)
    native = _native_dtype(reducers.result_names(op, element), usual, final, x_dtype)
    order = _memory_order(shape, strides)
    plan = None
    if 0 not in out_shape:
        out_strides = layout[0] if layout else _strides(out_shape, order, native.itemsize)
        out_aligned, out_swapped = layout[1:] if layout else (True, False)
        plan = _plan(op, shape, strides, windows, element, x_dtype, native, omit, divisor, return_indices,
                     out_strides, _strides(out_shape, order, 8), (aligned, out_aligned),
                     (not x_dtype.isnative, out_swapped))
    return Prepared(plan, out_shape, native, native if native == final else final, order)


def forget():
    """Drop all plans that are cached, since they hold functions of the current copy of the kernels."""
    _prepare.cache_clear()


def _plan(op, shape, strides, windows, element, x_dtype, native, omit, divisor, labelled, out_strides, label_strides,
          aligned, swapped):
    lengths = [each.length for each in windows.values()]
    # Taps whose sums or labels are to be told apart.
    taps = prod(min(each.taps if each.regular else int(each.counts.max()), each.length) for each in windows.values())
    cells = prod(each.first_cells for each in windows.values())
    most_cells = prod(each.taps if each.regular else int(each.cell_counts.max()) for each in windows.values())
    if most_cells > _windows.LARGEST:
        raise ValueError(f"kernel_size must give a window at most 2**62 taps, got {most_cells}")
    if op in ("max", "min"):
        reducer = reducers.extremum(op, element, omit=omit, labels=prod(lengths) if labelled else 0)
    else:
        reducer = reducers.total(op, element, reducers.element_name(native), omit=omit, taps=taps, cells=cells,
                                 most_cells=most_cells, divisor=divisor, complex_pairs=x_dtype.kind == "c")
    labels = dict(zip(windows, [*accumulate(lengths[:0:-1], mul, initial=1)][::-1])) if labelled else {}
    axes = [Axis(length, strides[a], out_strides[a], label_strides[a], windows.get(a), labels.get(a, 0))
            for a, length in enumerate(shape)]
    sizes = (x_dtype.itemsize, native.itemsize)
    if x_dtype.kind == "c":
        sizes = tuple(size // 2 for size in sizes)
        axes.append(Axis(2, *sizes))
    view = canonical(axes, element_sizes=sizes, merge_outer=not labelled)
    return make_plan(view, reducer, sizes=sizes, aligned=aligned, swapped=swapped, labelled=labelled)


# -- geometry --------------------------------------------------------------------------------------------------------

def _pooled_windows(lengths, axes, kernel_size, stride, padding, dilation, ceil_mode, count_include_pad=True,
                    divisor_override=None):
    n_axes = len(axes)
    kernel_size = _arguments.per_axis("kernel_size", kernel_size, n_axes)
    stride = kernel_size if stride is None else _arguments.per_axis("stride", stride, n_axes)
    padding = _arguments.padding(padding, n_axes)
    dilation = _arguments.per_axis("dilation", dilation, n_axes)
    ceil_mode = _arguments.flag("ceil_mode", ceil_mode)
    count_include_pad = _arguments.flag("count_include_pad", count_include_pad)
    divisor = 0 if divisor_override is None else _arguments.positive("divisor_override", divisor_override)
    if divisor > _windows.LARGEST:
        raise ValueError(f"divisor_override must be at most 2**62, got {divisor}")
    windows = [_windows.pooled(*each, ceil_mode=ceil_mode, count_include_pad=count_include_pad, axis=axis)
               for *each, axis in zip(lengths, kernel_size, stride, padding, dilation, axes)]
    return windows, divisor


def _adaptive_windows(lengths, axes, output_size):
    sizes = _arguments.output_sizes(output_size, lengths)
    return [_windows.adaptive(length, size, axis=axis) for length, size, axis in zip(lengths, sizes, axes)], 0


def _transposed_windows(lengths, axes, op, *geometry):
    """Windows of a gradient: for each input position the outputs that read it. The last entry is the input's shape."""
    *geometry, (_, *input_shape) = geometry
    windows, divisor = _pooled_windows([input_shape[axis] for axis in axes], axes, *geometry)
    if op == "avg" and not divisor:
        divisor = prod(each.first_cells for each in windows)
    return [each.transposed() for each in windows], divisor


def check_gradient(shape, input_shape, axis, geometry):
    """Check a gradient's shape; gives the divisors along each pooled axis, or None where there is but one."""
    _, _, *geometry = geometry
    axes = _arguments.axes(axis, len(input_shape))
    for pooled in axes:
        if input_shape[pooled] == 0:
            raise ValueError(f"input_shape must not be 0 along a pooled axis, got {input_shape}")
    windows, divisor = _pooled_windows([input_shape[a] for a in axes], axes, *geometry)
    expected = list(input_shape)
    for pooled, each in zip(axes, windows):
        expected[pooled] = each.n_out
    if tuple(expected) != shape:
        raise ValueError(f"grad_output must have the shape that pooling gives, {tuple(expected)}, got {shape}")
    if divisor or all(each.even for each in windows):
        return None
    return [_windows.cells(each).reshape([-1 if a == pooled else 1 for a in range(len(shape))])
            for pooled, each in zip(axes, windows)]


_MAKERS = {"pooled": _pooled_windows, "adaptive": _adaptive_windows, "transposed": _transposed_windows}


# -- dtypes and memory -----------------------------------------------------------------------------------------------

def _usual_dtype(op, x_dtype):
    """The dtype of the result unless another one is asked for."""
    if op == "sum" and x_dtype.kind in "bi":
        return _INT64
    if op == "sum" and x_dtype.kind == "u":
        return np.dtype(np.uint64)
    return x_dtype if x_dtype.kind == "V" else x_dtype.newbyteorder("=")


def _native_dtype(names, usual, final, x_dtype):
    """What the kernels can write, of those names, that is nearest to the wanted dtype."""
    name = reducers.element_name(final)
    if name not in names or (final.kind == "c") != (x_dtype.kind == "c"):
        # Rounding twice is no worse than once where the first result is the wider one.
        name = "f8" if "f8" in names and final.kind in "fc" and name not in ("f2", "bf2") else names[0]
        name = "f4" if "f4" in names and name == names[0] and name in ("f2", "bf2") else name
    if name == reducers.element_name(usual):
        return usual
    if name == "bf2":
        return final
    return np.dtype(f"c{2 * int(name[1:])}" if x_dtype.kind == "c" else name)


def _same_number(a, b):
    """Whether two dtypes differ in byte order at most."""
    return a == b or (a.kind == b.kind != "V" and a.itemsize == b.itemsize)


def _memory_order(shape, strides):
    """Axes sorted by stride, as NumPy's "K" order has them; None if that is C order."""
    apparent = list(map(abs, strides))
    for axis in range(len(shape) - 2, -1, -1):
        if shape[axis] == 1:
            apparent[axis] = max(apparent[axis + 1] * shape[axis + 1], apparent[axis + 1])
    order = tuple(sorted(range(len(shape)), key=lambda axis: -apparent[axis]))
    return None if order == tuple(range(len(shape))) else order


def _strides(shape, order, itemsize):
    """Strides of a contiguous array in that order."""
    strides = [0] * len(shape)
    for axis in reversed(order or range(len(shape))):
        strides[axis] = itemsize
        itemsize *= shape[axis]
    return tuple(strides)


def _new_array(prepared, dtype):
    if prepared.order is None:
        return np.empty(prepared.shape, dtype)
    array = np.empty([prepared.shape[axis] for axis in prepared.order], dtype)
    return array.transpose(sorted(range(array.ndim), key=prepared.order.__getitem__))

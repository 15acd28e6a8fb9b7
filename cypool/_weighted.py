"""Pooling of what a mask leaves, and of weighted elements.

It is made from plain pooling: of the array with something harmless in the place of what is left out, and of the mask
or the weights. So that no copy of the whole input is needed, that is done for some planes, or some rows of
outputs, at a time.
"""

from math import prod

import numpy as np

from cypool import _arguments
from cypool._pooling import AXES, memory_layout, pool, pooled_windows

# About as many bytes of the input at a time.
CHUNK_BYTES = 2**20


def is_masked(x):
    return isinstance(x, np.ma.MaskedArray)


def pooled(op, x, geometry, *, axis, ceil_mode, nan_policy, mask=None, weights=None, count_include_pad=True,
           divisor_override=None, return_indices=False, dtype=None, out=None, num_threads=None):
    """max, min, avg or sum of x, with a mask or weights; a masked array if x is one."""
    masked = is_masked(x)
    array = _arguments.array("x", np.ma.getdata(x))
    if op in ("max", "min") and array.dtype.kind == "c":
        raise TypeError(f"x must be real for {op}, got {array.dtype}")
    if _arguments.flag("return_indices", return_indices):
        raise ValueError("return_indices must be False where elements are left out or weighted, got True")
    left_out = _mask(mask, array.shape)
    if masked:
        left_out = np.logical_or(left_out, np.ma.getmaskarray(x))
    weights = None if weights is None else _weights(weights, array.shape)
    call = _Call(op, array, geometry, axis, ceil_mode, _arguments.omit_nan(nan_policy), count_include_pad,
                 divisor_override, num_threads)
    usual = _usual(op, array.dtype, weights is not None)
    final = _arguments.result_dtype(dtype, usual, array.dtype)
    if out is not None:
        _arguments.output(out, call.shape, final)
    result = memory_layout(array, call.shape, final)
    empty = np.empty(call.shape, bool)
    for inside, outputs, padding in call.chunks():
        some = None if weights is None else weights[inside].astype(np.float64)
        values, nothing = call.run(array[inside], left_out[inside], some, padding, outputs, final)
        result[outputs], empty[outputs] = values, nothing
    result[empty] = np.nan if final.kind in "fcV" else 0
    if out is not None:
        out[...] = result
        result = out
    if not masked:
        return result
    return np.ma.MaskedArray(result, mask=empty, fill_value=x.fill_value if final == array.dtype else None)


def _usual(op, dtype, weighted):
    if weighted and dtype.kind in "biu":
        return np.dtype(np.float64)
    if op == "sum" and dtype.kind in "biu":
        return np.dtype(np.uint64 if dtype.kind == "u" else np.int64)
    return dtype if dtype.kind == "V" else dtype.newbyteorder("=")


def _mask(mask, shape):
    mask = np.asarray(False if mask is None else mask)
    if mask.dtype != bool:
        raise TypeError(f"mask must be bools, True where an element is left out, got {mask.dtype}")
    return _broadcast("mask", mask, shape)


def _weights(weights, shape):
    weights = np.asarray(weights)
    if weights.dtype.kind not in "biuf" and not _arguments.is_bfloat(weights.dtype):
        raise TypeError(f"weights must be real numbers, got {weights.dtype}")
    if not np.isfinite(weights).all():
        raise ValueError(f"weights must be finite, got {weights[~np.isfinite(weights)].flat[0]}")
    return _broadcast("weights", weights, shape)


def _broadcast(name, array, shape):
    try:
        return np.broadcast_to(array, shape)
    except ValueError:
        raise ValueError(f"{name} must broadcast to the shape of x, {shape}, got {array.shape}") from None


class _Call:
    """The windows of a call, in chunks, and what to do with one."""

    def __init__(self, op, x, geometry, axis, ceil_mode, omit, count_include_pad, divisor_override, num_threads):
        self.op, self.omit, self.num_threads, self.x = op, omit, num_threads, x
        self.axes = _arguments.axes(axis, x.ndim)
        for a in self.axes:
            if x.shape[a] == 0:
                raise ValueError(f"x must not be empty along a pooled axis, got length 0 along axis {a}")
        windows, self.divisor = pooled_windows([x.shape[a] for a in self.axes], self.axes, *geometry,
                                               divisor_override, ceil_mode, count_include_pad)
        self.windows = dict(zip(self.axes, windows))
        shape = tuple(self.windows[a].n_out if a in self.windows else n for a, n in enumerate(x.shape))
        if prod(max(n, 1) for n in shape) > _arguments.MOST_ELEMENTS:
            raise ValueError(f"kernel_size, stride and padding must give an output of at most 2**58 elements, got "
                             f"the shape {shape}")
        self.shape = shape

    def chunks(self):
        """(part of the input, part of the output, padding of each pooled axis), over all of the output."""
        ndim, x = self.x.ndim, self.x
        plain = [a for a in range(ndim) if a not in self.axes and x.shape[a] > 1]
        along = max(plain or self.axes, key=lambda a: (abs(x.strides[a]), -a))
        n_out = self.shape[along]
        each = self.windows.get(along)
        step = x.nbytes // max(n_out, 1)
        step = max(1, CHUNK_BYTES // max(step, 1))
        for first in range(0, n_out, step):
            last = min(first + step, n_out)
            outputs = [slice(None)] * ndim
            outputs[along] = slice(first, last)
            inside = list(outputs)
            padding = {a: _sides(w, 0, w.n_out) for a, w in self.windows.items()}
            if each is not None:
                padding[along] = _sides(each, first, last)
                start = each.origin + first * each.stride
                stop = each.origin + (last - 1) * each.stride + (each.taps - 1) * each.dilation + 1
                inside[along] = slice(max(0, start), min(stop, each.length))
            yield tuple(inside), tuple(outputs), tuple(padding[a] for a in self.axes)

    def pool(self, op, x, padding, dtype=None, nan_policy="propagate"):
        windows = [self.windows[a] for a in self.axes]
        sizes = (self.axes, tuple(w.taps for w in windows), tuple(w.stride for w in windows), padding,
                 tuple(w.dilation for w in windows), None)
        flags = (AXES, nan_policy, False, True, False) if op == "sum" else (AXES, nan_policy, False, False)
        return pool(op, "pooled", x, sizes, flags, dtype, None, self.num_threads)

    def run(self, x, left_out, weights, padding, outputs, final):
        """Values of a chunk, and where nothing was left."""
        if self.omit and x.dtype.kind in "fcV":
            left_out = left_out | np.isnan(x)
        if weights is not None:
            left_out = left_out | (weights == 0)
        nothing = ~self.pool("max", ~left_out, padding)
        if self.op in ("max", "min"):
            return self.pool(self.op, np.where(left_out, _worst(self.op, x.dtype), x), padding), nothing
        divisor = 1
        if self.op == "avg":
            divisor = self.divisor or self.cells(outputs) - self.pool("sum", left_out, padding)
        kind = x.dtype.kind
        with np.errstate(all="ignore"):
            if weights is not None:
                wide = x.astype(np.complex128 if kind == "c" else np.float64)
                total = self.pool("sum", np.where(left_out, 0, wide * weights), padding)
                if self.op == "avg" and not self.divisor:
                    divisor = self.pool("sum", np.where(left_out, 0.0, weights), padding)
                    divisor = np.where(divisor == 0, np.nan, divisor)
                return _cast(total / divisor, final), nothing
            if kind not in "biu":
                wide = np.where(left_out, 0, x.astype(np.complex128 if kind == "c" else np.float64))
                return (self.pool("sum", wide, padding) / divisor).astype(final), nothing
            kept = np.where(left_out, x.dtype.type(0), x)
            if self.op == "sum":
                return self.pool("sum", kept, padding).astype(final), nothing
            return _integer_means(self.exact_sums(kept, padding), divisor, final), nothing

    def cells(self, outputs):
        """What the divisor of each window counts, masks apart."""
        result = np.int64(1)
        for a, each in self.windows.items():
            i = np.arange(each.n_out, dtype=np.int64)[outputs[a]]
            start = each.origin + i * each.stride
            skipped = np.maximum(-((start - each.cells_from) // each.dilation), 0)
            stop = np.minimum(-((start - each.cells_to) // each.dilation), each.taps)
            result = result * (stop - skipped).reshape([-1 if b == a else 1 for b in range(len(self.shape))])
        return result

    def exact_sums(self, x, padding):
        if x.dtype.itemsize < 8:
            return self.pool("sum", x, padding).astype(np.int64)
        high, low = x >> x.dtype.type(32), x & x.dtype.type(2**32 - 1)
        return (self.pool("sum", high, padding).astype(object) * 2**32 + self.pool("sum", low, padding).astype(object))


def _sides(windows, first, last):
    """Padding before and after for outputs [first, last)."""
    start = windows.origin + first * windows.stride
    stop = windows.origin + (last - 1) * windows.stride + (windows.taps - 1) * windows.dilation + 1
    return max(0, -start), max(0, stop - windows.length)


def _worst(op, dtype):
    """What never wins."""
    if dtype.kind in "fV":
        return dtype.type(-np.inf if op == "max" else np.inf)
    if dtype.kind == "b":
        return op == "min"
    info = np.iinfo(dtype)
    return dtype.type(info.min if op == "max" else info.max)


def _integer_means(sums, divisor, final):
    """Rounded half to even; exact, as sums are."""
    divisor = np.where(divisor == 0, 1, divisor)    # where nothing is left
    if final.kind not in "biu":
        return (sums / divisor).astype(final)
    sums, divisor = np.where(divisor < 0, -sums, sums), np.abs(divisor)
    whole = sums // divisor
    rest = 2 * (sums - whole * divisor)
    whole = whole + ((rest > divisor) | ((rest == divisor) & (whole % 2 == 1)))
    return _cast(whole, final)


def _cast(values, final):
    """Values as whole numbers of the dtype nearest to them, where it has only such."""
    if final.kind not in "biu":
        return values.astype(final)
    low, high = (0, 1) if final.kind == "b" else (np.iinfo(final).min, np.iinfo(final).max)
    return np.clip(values, low, high).astype(final)

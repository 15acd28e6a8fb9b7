"""Pooling where elements are left out, by a mask or in a masked array, or have weights.

It is made of plain pooling calls: elements that are left out are replaced by what never wins or adds nothing, and a
pooling of ranks tells what each window has left. The replaced copies would be as large as x, so x is gone through in
blocks of about BLOCK elements, each with the positions that its outputs read: at least those of one window.
"""

import itertools
import sys
from math import prod

import numpy as np

from cypool import _arguments, _pooling, _windows
from cypool._pooling import AXES

# A megabyte of float64. Larger ones leave the cache, smaller ones spend more on calls.
BLOCK = 2**17

# What an element is to its window. A window's greatest rank, and where it is first, say what it has left.
LEFT_OUT, OMITTED, COUNTED = 0, 1, 2

_INT64 = np.dtype(np.int64)
_LOW_HALF = 2**32 - 1


def is_masked(x):
    """Whether x is a masked array; numpy.ma is not imported for the sake of the answer."""
    return "numpy.ma" in sys.modules and isinstance(x, np.ma.MaskedArray)


def pool(op, x, sizes, flags, mask, weights, dtype=None, out=None, num_threads=None):
    """Pool x, by the arguments of `_pooling.pool`, with a mask, weights, or both, or a masked array as x."""
    if num_threads is not None:
        num_threads = _arguments.positive("num_threads", num_threads)
    masked = is_masked(x)
    masks = [np.broadcast_to(np.ma.getmask(x), x.shape)] if masked and np.ma.getmask(x) is not np.ma.nomask else []
    data = _arguments.array("x", np.ma.getdata(x) if masked else x)
    windows, divisor, shape, omit, return_indices = _pooling.checked(op, "pooled", data, sizes, flags)
    if mask is not None:
        masks.append(_mask(mask, data.shape))
    if weights is not None:
        weights = _weights(weights, data.shape)
    usual = _pooling.usual_dtype(op, data.dtype)
    if weights is not None and data.dtype.kind in "biu":
        usual = np.dtype(np.float64)
    final = _arguments.result_dtype(dtype, usual, data.dtype)
    cells = _cells(windows) if op == "avg" else None
    if out is not None:
        _arguments.output(out, shape, final)

    order = _pooling.memory_order(data.shape, data.strides)
    read = [data, *masks, *([] if weights is None else [weights])]
    apart = out is None or any(np.may_share_memory(out, each) for each in read)
    results = _empty(shape, final, order) if apart else np.asarray(out)
    indices = _empty(shape, _INT64, order) if return_indices else None
    nothing = np.zeros(shape, bool) if (masked if out is None else is_masked(out)) else None
    if 0 not in shape:
        # Where a sum is infinite or beyond the dtype, the result says so.
        with np.errstate(all="ignore"):
            for source, target, geometry in _blocks(data, windows):
                block = _Block(data, masks, weights, source, geometry, omit=omit, labelled=return_indices,
                               num_threads=num_threads)
                if op in ("max", "min"):
                    values, labels = block.extremum(op)
                    if labels is not None:
                        indices[target] = _in_whole(labels, source, data.shape, windows)
                elif op == "sum":
                    values = block.sum(final)
                else:
                    values = block.mean(final, divisor, {axis: each[target[axis]] for axis, each in cells.items()})
                results[target] = values.astype(final, copy=False)
                if nothing is not None and block.ranks is not None:
                    nothing[target] = block.ranks == LEFT_OUT
    if out is None:
        results = _masked(results, nothing, x) if masked else results
    else:
        if apart:
            np.asarray(out)[...] = results
        if nothing is not None:
            out.mask = nothing
        results = out
    return (results, indices) if return_indices else results


# -- arguments and results -------------------------------------------------------------------------------------------

def _mask(mask, shape):
    mask = _array("mask", mask)
    if mask.dtype != bool:
        raise TypeError(f"mask must have the dtype bool, True where an element is left out, got {mask.dtype}")
    return _broadcast("mask", mask, shape)


def _weights(weights, shape):
    weights = _array("weights", weights)
    if weights.dtype.kind == "c":
        raise TypeError(f"weights must be real, got {weights.dtype}")
    _arguments.pooled_dtype("weights", weights.dtype)
    # The extremes are NaN where any weight is, and take no memory.
    for extreme in (weights.min(), weights.max()) if weights.size else ():
        if not np.isfinite(extreme):
            raise ValueError(f"weights must be finite, got {extreme}")
    return _broadcast("weights", weights, shape)


def _array(name, value):
    try:
        return np.asarray(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} must be an array, got {_arguments.shown(value)}") from error


def _broadcast(name, array, shape):
    try:
        return np.broadcast_to(array, shape)
    except ValueError:
        raise ValueError(f"{name} must broadcast to the shape of x, {shape}, got the shape {array.shape}") from None


def _empty(shape, dtype, order):
    """A new array in that memory order."""
    order = order or range(len(shape))
    return np.empty([shape[axis] for axis in order], dtype).transpose(np.argsort(order))


def _masked(results, nothing, x):
    """A masked array with x's fill value, which a dtype of another library has no way to keep."""
    if "V" in (results.dtype.kind, x.dtype.kind):
        return np.ma.MaskedArray(results, nothing)
    with np.errstate(all="ignore"):
        return np.ma.MaskedArray(results, nothing, fill_value=np.asarray(x.fill_value).astype(results.dtype))


# -- blocks ----------------------------------------------------------------------------------------------------------

def _blocks(x, windows):
    """Yield (slices of x, slices of the output, arguments of a pooling call that gives one from the other).

    Padding is only at the ends. The axes of the largest strides are cut first.
    """
    steps = _steps(x, windows)
    spans = [each.n_out if (each := windows.get(a)) else length for a, length in enumerate(x.shape)]
    kernel, stride, dilation = ([getattr(each, name) for each in windows.values()]
                                for name in ("taps", "stride", "dilation"))
    for starts in itertools.product(*(range(0, span, step) for span, step in zip(spans, steps))):
        source, target, padding = [], [], []
        for axis, (start, step, span) in enumerate(zip(starts, steps, spans)):
            stop = min(start + step, span)
            target.append(slice(start, stop))
            if axis in windows:
                each = windows[axis]
                low = each.origin + start * each.stride
                high = low + _reach(each, stop - start)
                source.append(slice(max(0, low), min(each.length, high)))
                padding.append((max(0, -low), max(0, high - each.length)))
            else:
                source.append(slice(start, stop))
        yield (tuple(source), tuple(target),
               (tuple(windows), tuple(kernel), tuple(stride), tuple(padding), tuple(dilation), None))


def _reach(windows, n_out):
    """Positions from the first tap of a window to the last of the n_out-th one."""
    return (n_out - 1) * windows.stride + (windows.taps - 1) * windows.dilation + 1


def _steps(x, windows):
    """How many outputs a block has along each axis."""
    steps = [each.n_out if (each := windows.get(a)) else length for a, length in enumerate(x.shape)]
    sizes = list(x.shape)
    strides = list(map(abs, x.strides))
    pooled = max(strides[a] for a in windows)
    # Rows of neighbours in memory stay whole as long as they can.
    for axis in sorted(range(x.ndim), key=lambda a: (a not in windows and strides[a] < pooled, -strides[a])):
        if prod(sizes) <= BLOCK:
            break
        room = BLOCK // max(1, prod(sizes) // sizes[axis])
        if axis in windows:
            each = windows[axis]
            span = _reach(each, 1)
            # Enough outputs that no more is read twice than once.
            step = max((room - span) // each.stride + 1, -(-span // each.stride))
            steps[axis] = min(steps[axis], step)
            sizes[axis] = min(each.length, _reach(each, steps[axis]))
        else:
            steps[axis] = sizes[axis] = max(1, min(sizes[axis], room))
    return steps


def _in_whole(labels, source, shape, windows):
    """Indices in a block's pooled axes as those in x's."""
    lengths = [shape[a] for a in windows]
    parts = [source[a].stop - source[a].start for a in windows]
    if parts == lengths:
        return labels
    positions = np.unravel_index(labels, parts)
    return np.ravel_multi_index([each + source[a].start for a, each in zip(windows, positions)], lengths)


def _cells(windows):
    """What each window gives to the divisor, by axis: the product of them counts."""
    cells = {axis: _windows.cells(each) for axis, each in windows.items()}
    _pooling.check_cells(prod(int(each.max()) for each in cells.values()))
    return cells


class _Block:
    """A part of x, and what its windows have left."""

    def __init__(self, x, masks, weights, source, geometry, *, omit, labelled, num_threads):
        self.x = x[source]
        self.native = x.dtype if x.dtype.kind == "V" else x.dtype.newbyteorder("=")
        self.weights = None if weights is None else weights[source]
        self.geometry = geometry
        self.labelled = labelled
        self.num_threads = num_threads
        # Elements that do not count; each window's greatest rank, and where it is first. None where all count.
        self.left = self.ranks = self.first = None
        omit = omit and x.dtype.kind not in "biu"
        if masks or omit:
            self.left = np.zeros_like(self.x, bool)
            for mask in masks:
                self.left |= mask[source]
            ranks = COUNTED * (~self.left).view(np.uint8)
            if omit:
                omitted = np.isnan(self.x) & ~self.left
                self.left |= omitted
                ranks -= omitted.view(np.uint8)
            self.ranks = self.pool("max", ranks, labelled=labelled)
            if labelled:
                self.ranks, self.first = self.ranks

    def pool(self, op, values, *, dtype=None, labelled=False):
        return _pooling.pool(op, "pooled", values, self.geometry, (AXES, "propagate", False, labelled), dtype, None,
                             self.num_threads)

    def replaced(self, values, dtype, value=0):
        """A copy with that value in the place of elements that do not count."""
        copy = np.array(values, dtype, order="K", subok=False)
        if self.left is not None:
            _put(copy, self.left, value)
        return copy

    def extremum(self, op):
        """Values, and indices in the block or None."""
        identity = _identity(op, self.native)
        if self.ranks is None:
            values = self.pool(op, self.x, labelled=self.labelled)
            return values if self.labelled else (values, None)
        values = self.pool(op, self.replaced(self.x, self.native, identity), labelled=self.labelled)
        labels = None
        if self.labelled:
            # The identity may have been found in an element that does not count.
            values, labels = values
            np.copyto(labels, self.first, where=(self.ranks < COUNTED) | (values == np.array(identity, self.native)))
        values[self.ranks < COUNTED] = _empty_value(self.native)
        return values, labels

    def sum(self, final):
        if self.weights is None and self.native.kind in "biu":
            return self.pool("sum", self.replaced(self.x, self.native), dtype=final)
        total = self.total()
        if self.ranks is not None:
            total[self.ranks == OMITTED] = _empty_value(total.dtype)
        return total

    def mean(self, final, divisor, cells):
        """Means, by `divisor` or what counts of `cells`; by weights if there are any."""
        if self.weights is not None:
            weight = divisor or self.pool("sum", self.replaced(self.weights, np.float64))
            values = _divided(self.total(), weight)
            if not divisor:
                values[weight == 0] = _empty_value(values.dtype)
        else:
            count = divisor or self.count(cells)
            values = self.whole_mean(final, count) if self.native.kind in "biu" else _divided(self.total(), count)
        if self.ranks is not None:
            values[self.ranks < COUNTED] = _empty_value(values.dtype)
        return values

    def total(self):
        """Sums of floats, with the weights if there are any."""
        wide = np.dtype(np.complex128 if self.native.kind == "c" else np.float64)
        x = np.array(self.x, wide, order="K")
        if self.weights is not None:
            for part in _parts(x):
                part *= self.weights
        if self.left is not None:
            _put(x, self.left, 0)
        return self.pool("sum", x)

    def count(self, cells):
        """How many elements of each window count, and taps in the padding if `cells` has them."""
        count = np.ones((), np.int64)
        for axis, each in cells.items():
            count = count * each.reshape([-1 if a == axis else 1 for a in range(self.x.ndim)])
        return count if self.left is None else count - self.pool("sum", self.left)

    def whole_mean(self, final, count):
        """Means of integers."""
        negative = isinstance(count, int) and count < 0
        # A window of which nothing counts gets its value later.
        count = np.maximum(np.abs(count), 1)
        x = self.replaced(self.x, self.native)
        if self.native.itemsize < 8:
            high, low = None, self.pool("sum", x).astype(np.int64)
        else:
            # Sums of halves do not overflow.
            high = self.pool("sum", (x >> 32).astype(np.int64))
            low = self.pool("sum", (x & np.array(_LOW_HALF, x.dtype)).astype(np.int64))
        if negative:
            high, low = None if high is None else -high, -low
        if final.kind not in "biu":
            total = low.astype(np.float64)
            if high is not None:
                high += low >> 32
                total = high * 2.0**32 + (low & _LOW_HALF)
            return (total / count).astype(final)
        lowest, highest = (0, 1) if final.kind == "b" else (np.iinfo(final).min, np.iinfo(final).max)
        if high is None:
            values = np.clip(_quotient(low, count), lowest, min(highest, 2**63 - 1))
        elif count.max() < 2**31:
            values = _quotient_of_halves(high, low, count, lowest, highest)
        else:
            total = high.astype(object) * 2**32 + low.astype(object)
            values = np.minimum(np.maximum(_quotient(total, count.astype(object)), lowest), highest)
        return values.astype(final)


# -- arithmetic ------------------------------------------------------------------------------------------------------

def _put(array, where, value):
    """array[where] = value, four times as fast: by bits, where a copy under a mask takes a branch for each element."""
    value = np.array(value, array.dtype)
    if array.dtype.kind == "c":
        np.copyto(array, value, where=where)
        return
    bits = np.dtype(f"i{array.itemsize}")
    kept = np.subtract(where.view(np.int8), 1, dtype=bits)
    words = array.view(bits)
    words &= kept
    if value.view(bits):
        words |= ~kept & value.view(bits)


def _identity(op, dtype):
    """What never wins."""
    if dtype.kind == "b":
        return op == "min"
    if dtype.kind in "iu":
        return np.iinfo(dtype).min if op == "max" else np.iinfo(dtype).max
    return -np.inf if op == "max" else np.inf


def _empty_value(dtype):
    """The result of a window that has nothing."""
    if dtype.kind in "biu":
        return 0
    return complex(np.nan, np.nan) if dtype.kind == "c" else np.nan


def _parts(values):
    """The real and imaginary parts: a product or quotient of complex numbers would mix infinities."""
    return (values.real, values.imag) if values.dtype.kind == "c" else (values,)


def _divided(total, divisor):
    for part in _parts(total):
        part /= divisor
    return total


def _quotient(total, count):
    """Whole numbers divided and rounded half to even; count is positive."""
    quotient = total // count
    twice = 2 * (total - quotient * count)
    return quotient + ((twice > count) | ((twice == count) & (quotient & 1 == 1)))


def _quotient_of_halves(high, low, count, lowest, highest):
    """The same of high * 2**32 + low, for counts below 2**31, clipped."""
    high += low >> 32
    upper, rest = np.divmod(high, count)
    lower = _quotient((rest << 32) + (low & _LOW_HALF), count)
    # The tie above looks at the lower half, which has the quotient's last bit. A carry makes it 2**32.
    upper += lower >> 32
    lower &= _LOW_HALF
    signed = np.clip(upper, lowest >> 32, highest >> 32)
    wide = np.int64 if lowest < 0 or highest < 2**63 else np.uint64
    values = ((signed << 32) | lower).astype(np.int64).view(wide)
    values[upper < lowest >> 32] = lowest
    values[upper > highest >> 32] = highest
    return np.clip(values, wide(lowest), wide(highest))

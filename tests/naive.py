"""Pooling in plain NumPy, one window at a time: slow, and meant to be obviously right.

`windows` says which positions each output reads along one axis; everything else is a loop over outputs that takes
those positions and reduces them. Nothing here knows cypool.
"""

import itertools
from fractions import Fraction

import numpy as np


def windows(length, kernel_size, stride, padding, dilation, ceil_mode):
    """For each output a list of positions, with None for taps in the padding, and nothing for taps beyond it."""
    span = (kernel_size - 1) * dilation + 1
    if padding in ("same", "same_lower"):
        n_out = -(-length // stride)
        missing = max(0, (n_out - 1) * stride + span - length)
        small, large = missing // 2, missing - missing // 2
        before, after = (small, large) if padding == "same" else (large, small)
    else:
        before, after = padding
        steps = Fraction(length + before + after - span, stride)
        n_out = (-(-steps.numerator // steps.denominator) if ceil_mode else steps.numerator // steps.denominator) + 1
        if ceil_mode and (n_out - 1) * stride >= length + before:
            n_out -= 1
    result = []
    for i in range(n_out):
        taps = [i * stride - before + t * dilation for t in range(kernel_size)]
        result.append([p if 0 <= p < length else None for p in taps if p < length + after])
    return result


def adaptive_windows(length, n_out):
    """For each of n_out outputs a list of positions."""
    return [list(range(i * length // n_out, -(-(i + 1) * length // n_out))) for i in range(n_out)]


def each_window(x, tables):
    """Yield (output index, flat positions inside x, number of taps) of every window; tables is {axis: windows}."""
    axes = sorted(tables)
    spans = [range(len(tables[a])) if a in tables else range(x.shape[a]) for a in range(x.ndim)]
    for index in itertools.product(*spans):
        lists = [tables[a][index[a]] for a in axes]
        taps = list(itertools.product(*lists))
        real = [tap for tap in taps if None not in tap]
        cells = []
        for tap in real:
            position = list(index)
            for a, p in zip(axes, tap):
                position[a] = p
            cells.append(tuple(position))
        yield index, cells, len(taps)


def out_shape(x, tables):
    return tuple(len(tables[a]) if a in tables else x.shape[a] for a in range(x.ndim))


def is_nan(value):
    return value != value


def extremum(x, tables, op, *, omit=False):
    """Values, and flat indices over the pooled axes."""
    values = np.empty(out_shape(x, tables), x.dtype.newbyteorder("=") if x.dtype.kind != "V" else x.dtype)
    indices = np.empty(values.shape, np.int64)
    axes = sorted(tables)
    lengths = [x.shape[a] for a in axes]
    for index, cells, _ in each_window(x, tables):
        best = None
        for cell in cells:
            value = x[cell]
            if best is None or better(value, x[best], op, omit):
                best = cell
        values[index] = x[best]
        indices[index] = np.ravel_multi_index([best[a] for a in axes], lengths)
    return values, indices


def better(value, best, op, omit):
    """Whether a later value replaces an earlier one: never on a tie, and two NaNs are a tie."""
    if is_nan(value):
        return not omit and not is_nan(best)
    if is_nan(best):
        return omit
    return value > best if op == "max" else value < best


def total(x, tables, *, mean, count_include_pad=True, divisor_override=None, omit=False, dtype=None):
    """Sums, or means: exact for integers, in float64 for floats."""
    kind = x.dtype.kind
    exact = kind in "biu"
    result = np.empty(out_shape(x, tables), object if exact else (np.complex128 if kind == "c" else np.float64))
    for index, cells, n_taps in each_window(x, tables):
        numbers = [x[cell] for cell in cells]
        divisor = n_taps if count_include_pad else len(cells)
        if omit:
            present = [number for number in numbers if not is_nan(number)]
            divisor -= len(numbers) - len(present)
            if not present:
                result[index] = np.nan
                continue
            numbers = present
        divisor = (divisor_override or divisor) if mean else 1
        if exact:
            result[index] = Fraction(sum(int(number) for number in numbers), divisor)
        elif kind == "c":
            result[index] = sum(complex(number) for number in numbers) / divisor
        else:
            result[index] = sum(float(number) for number in numbers) / divisor
    return rounded(result, x, mean, dtype) if exact else result


def rounded(fractions, x, mean, dtype):
    """Fractions as the dtype that pooling gives: half to even, clipped to what the dtype holds."""
    if not mean:
        wide = np.uint64 if x.dtype.kind == "u" else np.int64
        wrapped = [int(f) % 2**64 for f in fractions.flat]
        sums = np.array(wrapped, np.uint64).view(wide).reshape(fractions.shape)
        return sums if dtype is None else sums.astype(dtype)
    target = np.dtype(dtype or x.dtype).newbyteorder("=")
    if target.kind == "f":
        return np.array([float(f) for f in fractions.flat]).astype(target).reshape(fractions.shape)
    low, high = (0, 1) if target.kind == "b" else (np.iinfo(target).min, np.iinfo(target).max)
    whole = [min(max(round(f), low), high) for f in fractions.flat]
    return np.array(whole, object).astype(target).reshape(fractions.shape)


def statistic(x, tables, op, parameter=None, *, omit=False):
    """Medians and modes in x's dtype (medians of floats in float64); variances, norms and the like in float64."""
    exact = op in ("median", "mode") and x.dtype.kind in "biu"
    result = np.empty(out_shape(x, tables), x.dtype.newbyteorder("=") if exact else np.float64)
    for index, cells, _ in each_window(x, tables):
        taps = np.array([x[cell] for cell in cells])
        if not exact:
            taps = taps.astype(np.float64)
            if omit:
                taps = taps[~np.isnan(taps)]
            if np.isnan(taps).any() or not taps.size:
                result[index] = np.nan
                continue
        result[index] = STATISTICS[op](taps, parameter)
    return result


def median(taps, _):
    taps = np.sort(taps)
    lower, upper = taps[(len(taps) - 1) // 2], taps[len(taps) // 2]
    return lower if taps.dtype.kind in "biu" else (lower + upper) / 2


def mode(taps, _):
    labels, counts = np.unique(taps, return_counts=True)
    return labels[np.argmax(counts)]


def variance(taps, correction):
    n = len(taps) - correction
    return ((taps - taps.mean()) ** 2).sum() / n if n > 0 else np.nan


def norm(taps, p):
    sizes = np.abs(taps)
    if p == np.inf or sizes.max() in (0, np.inf):
        return sizes.max()
    return sizes.max() * ((sizes / sizes.max()) ** p).sum() ** (1 / p)


def log_sum_exp(taps, sharpness):
    top = (taps * sharpness).max()
    if np.isinf(top):
        return top / sharpness
    return (top + np.log(np.exp(taps * sharpness - top).sum())) / sharpness


STATISTICS = {"median": median, "mode": mode, "var": variance,
              "std": lambda taps, correction: np.sqrt(variance(taps, correction)), "lp": norm,
              "logsumexp": log_sum_exp}


def sum_backward(gradient, input_shape, tables, *, mean=False, count_include_pad=True, divisor_override=None):
    """Each output's gradient, divided if it is that of a mean, to every input of its window."""
    result = np.zeros(input_shape, np.complex128 if gradient.dtype.kind == "c" else np.float64)
    for index, cells, n_taps in each_window(result, tables):
        divisor = (divisor_override or (n_taps if count_include_pad else len(cells))) if mean else 1
        for cell in cells:
            result[cell] += gradient[index] / divisor
    return result


def extremum_backward(gradient, indices, input_shape, axes):
    """Each output's gradient to the input that its index names."""
    axes = sorted(axes)
    result = np.zeros(input_shape, gradient.dtype)
    lengths = [input_shape[a] for a in axes]
    for index in np.ndindex(*gradient.shape):
        cell = list(index)
        for a, p in zip(axes, np.unravel_index(indices[index], lengths)):
            cell[a] = p
        result[tuple(cell)] += gradient[index]
    return result


def article_max_pooling(x, pool_size):
    """The article's function: a double loop over a (height, width, channels) array."""
    ph, pw = pool_size
    out = np.empty((x.shape[0] // ph, x.shape[1] // pw, x.shape[2]), x.dtype)
    for h in range(out.shape[0]):
        for w in range(out.shape[1]):
            out[h, w] = np.amax(x[h * ph:(h + 1) * ph, w * pw:(w + 1) * pw], axis=(0, 1))
    return out


def article_average_pooling(x, pool_size):
    """The same with the mean."""
    ph, pw = pool_size
    out = np.empty((x.shape[0] // ph, x.shape[1] // pw, x.shape[2]), x.dtype)
    for h in range(out.shape[0]):
        for w in range(out.shape[1]):
            out[h, w] = np.mean(x[h * ph:(h + 1) * ph, w * pw:(w + 1) * pw], axis=(0, 1))
    return out

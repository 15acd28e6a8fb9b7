"""Hypothesis strategies: arrays in every layout and dtype, and arguments that have at least one window."""

import numpy as np
from extra_dtypes import BFLOAT16
from hypothesis import strategies as st

INTEGERS = ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"]
REALS = ["f2", "f4", "f8", *BFLOAT16]
ORDERED = ["?", *INTEGERS, *REALS]
LAYOUTS = ["C", "F", "transposed", "negative", "every other", "swapped", "unaligned", "read-only", "zero stride"]


@st.composite
def values(draw, shape, dtype):
    """An array with ties, extremes and, for floats, NaN, infinities and both zeros."""
    dtype = np.dtype(dtype)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    if dtype.kind == "b":
        return rng.integers(0, 2, shape).astype(bool)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        if draw(st.booleans()):
            return rng.integers(info.min, info.max, shape, dtype, endpoint=True)
        return rng.choice(np.array([info.min, info.max, 0, 1, info.max - 1], dtype), shape)
    x = rng.normal(size=shape)
    if dtype.kind == "c":
        x = x + 1j * rng.normal(size=shape)
    if draw(st.booleans()):
        x = np.round(x)
    special = draw(st.sampled_from([0, 0, 0.1, 0.6]))
    if special:
        where = rng.random(shape) < special
        x = np.where(where, rng.choice([np.nan, np.inf, -np.inf, 0.0, -0.0], shape), x)
    return np.asarray(x).astype(dtype)


def laid_out(x, layout):
    """The same values in another layout."""
    if layout == "F":
        return np.asfortranarray(x)
    if layout == "transposed" and x.ndim > 1:
        order = np.roll(np.arange(x.ndim), 1)
        return np.ascontiguousarray(x.transpose(order)).transpose(np.argsort(order))
    if layout == "negative":
        backwards = (slice(None, None, -1),) * x.ndim
        return np.ascontiguousarray(x[backwards])[backwards]
    if layout == "every other":
        wide = np.zeros([2 * n for n in x.shape], x.dtype)
        view = wide[(slice(None, None, 2),) * x.ndim]
        view[...] = x
        return view
    if layout == "swapped" and x.dtype.kind != "V":
        return x.astype(x.dtype.newbyteorder())
    if layout == "unaligned":
        raw = np.zeros(x.nbytes + 1, np.uint8)[1:].view(x.dtype).reshape(x.shape)
        raw[...] = x
        return raw
    if layout == "read-only":
        x = x.copy()
        x.flags.writeable = False
    return x


@st.composite
def arrays(draw, dtypes=ORDERED, max_dims=4, max_side=9):
    """An array of 1 to max_dims axes in some layout."""
    ndim = draw(st.integers(1, max_dims))
    sides = max_side if ndim < 4 else min(5, max_side)
    shape = tuple(draw(st.lists(st.integers(1, sides), min_size=ndim, max_size=ndim)))
    if draw(st.integers(0, 5)) == 0:
        # One long axis, so that vectors, tails and tiles are all met.
        shape = (draw(st.integers(1, 3)),) * (ndim > 1) + (draw(st.integers(30, 300)),)
    layout = draw(st.sampled_from(LAYOUTS))
    x = draw(values(shape, draw(st.sampled_from(dtypes))))
    if layout == "zero stride":
        return np.broadcast_to(x, (draw(st.integers(1, 3)), *shape)) if ndim < max_dims else x
    return laid_out(x, layout)


@st.composite
def geometries(draw, x, simple=False):
    """Keyword arguments for pooling x, such that every window has a tap inside."""
    n_axes = draw(st.integers(1, x.ndim))
    axes = draw(st.permutations(range(x.ndim)))[:n_axes]
    kernel, stride, padding, dilation = [], [], [], []
    for axis in axes:
        length = x.shape[axis]
        d = 1 if simple or draw(st.integers(0, 3)) else draw(st.integers(2, 3))
        k = draw(st.integers(1, max(1, min(length + 2, 12 if n_axes > 1 else 40))))
        if d > 1:
            k = min(k, max(1, (length - 1) // d + 1))
        reach = (k - 1) * d + 1
        most = min((k - 1) * d, length - 1, 6) if d == 1 or length > d else 0
        before, after = draw(st.integers(0, most)), draw(st.integers(0, most))
        if d > 1:
            before, after = min(before, d * (k - 1) // 2), min(after, d * (k - 1) // 2)
        while length + before + after < reach:
            k -= 1
            reach = (k - 1) * d + 1
            before, after = min(before, (k - 1) * d), min(after, (k - 1) * d)
        kernel.append(k)
        stride.append(draw(st.integers(1, k + 2)))
        padding.append((before, after))
        dilation.append(d)
    return {"kernel_size": kernel, "stride": stride, "padding": padding, "dilation": dilation, "axis": tuple(axes),
            "ceil_mode": draw(st.booleans())}

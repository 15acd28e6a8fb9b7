"""Maxima and minima of blocks of 16-bit numbers, which meet by pairs."""

import warnings

import numpy as np
import pytest
from extra_dtypes import BFLOAT16

import cypool

WIDTHS = [2, 4, 6, 14, 16, 30, 32, 34, 62, 64, 66, 100]


def numbers(shape, dtype):
    """Numbers of both signs, the least and the greatest, and of floats NaNs of both signs."""
    rng = np.random.default_rng(0)
    if np.dtype(dtype).kind in "iu":
        info = np.iinfo(dtype)
        x = rng.integers(info.min, info.max, shape, dtype, endpoint=True)
        some = rng.random(shape)
        x[some < 0.05], x[some > 0.95] = info.min, info.max
        return x
    x = rng.standard_normal(shape).astype(dtype)
    some = rng.random(shape)
    for value, share in ((np.inf, 0.05), (-np.inf, 0.1), (np.nan, 0.15), (-np.nan, 0.2), (-0.0, 0.25)):
        x[(some < share) & (some > share - 0.05)] = value
    return x


def twin(op, x, kernel, policy):
    """What NumPy gives for blocks of the last axes."""
    wide = x.astype("f8")
    shape, axes = list(x.shape[:-len(kernel)]), []
    for n, k in zip(x.shape[-len(kernel):], kernel):
        shape += [n // k, k]
        axes.append(len(shape) - 1)
    wide = wide[(..., *(slice(n // k * k) for n, k in zip(x.shape[-len(kernel):], kernel)))].reshape(shape)
    pick = getattr(np, ("nan" if policy == "omit" else "") + op)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return pick(wide, tuple(axes))


@pytest.mark.parametrize("kernel", [(2, 2), (4, 4), (1, 2), (3, 2), (2, 2, 2), (1, 4)])
@pytest.mark.parametrize("op", ["max", "min"])
@pytest.mark.parametrize("dtype", ["i2", "u2", "f2", *BFLOAT16])
def test_blocks_of_every_width(isa, dtype, op, kernel):
    axes = tuple(range(-len(kernel), 0))
    for width in WIDTHS:
        x = numbers((3, *(4 * k for k in kernel[:-1]), width * kernel[-1] // 2), dtype)
        for policy in ("propagate", "omit"):
            y = getattr(cypool, f"{op}_pool")(x, kernel, axis=axes, nan_policy=policy)
            assert y.dtype == x.dtype
            np.testing.assert_array_equal(y.astype("f8"), twin(op, x, kernel, policy))


@pytest.mark.parametrize("dtype", ["u2", "f2"])
def test_rows_that_are_gathered_and_outputs_that_are_apart(isa, dtype):
    x = numbers((20, 3, 80), dtype)
    for view in (x[:, :, ::-1], x.transpose(2, 1, 0), x[::2, :, 1:65], x.astype(x.dtype.newbyteorder())):
        np.testing.assert_array_equal(cypool.max_pool(view, 2, axis=(0, 2)).astype("f8"), twin(
            "max", np.moveaxis(view, 1, 0), (2, 2), "propagate").transpose(1, 0, 2))
    out = np.zeros((10, 3, 90), dtype)[:, :, 3:43]
    assert cypool.max_pool(x, 2, axis=(0, 2), out=out) is out
    np.testing.assert_array_equal(out, cypool.max_pool(x, 2, axis=(0, 2)))

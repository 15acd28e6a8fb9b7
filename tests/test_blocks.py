"""Blocks of images and volumes, and whole planes, against NumPy and scikit-image."""

import naive
import numpy as np
import pytest
from extra_dtypes import BFLOAT16

import cypool

DTYPES = ["?", "u1", "i2", "u8", "f2", "f4", "f8", *BFLOAT16]
BOUNDARIES = ["exact", "trim", "pad", "partial"]


def image(shape, dtype):
    rng = np.random.default_rng(0)
    return (rng.normal(size=shape) * 50).astype(dtype) if np.dtype(dtype).kind not in "u?" else rng.integers(
        0, 2 if dtype == "?" else 200, shape).astype(dtype)


def blocks(x, sizes, axes, boundary):
    """The positions of each block, for the naive twin; what is padded is written out as zeros."""
    tables = {}
    for a, size in zip(axes, sizes):
        if boundary == "pad":
            x = np.concatenate([x, np.zeros([-n % size if b == a else n for b, n in enumerate(x.shape)], x.dtype)], a)
        length = x.shape[a] - (x.shape[a] % size if boundary == "trim" else 0)
        tables[a] = [list(range(i, min(i + size, length))) for i in range(0, length, size)]
    return x, tables


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("func", ["mean", "max", "min", "sum"])
@pytest.mark.parametrize(("sizes", "axes"), [((2, 3), (0, 1)), ((3,), (1,)), ((4, 2, 2), (0, 1, 2)), ((9, 1), (1, 0))])
def test_block_reduce_equals_naive(func, boundary, dtype, sizes, axes):
    x = image((6, 8, 4), dtype)
    if boundary == "exact":
        x = image([12, 18, 4], dtype)
    elif boundary == "trim" and 9 in sizes:
        x = image((6, 11, 4), dtype)
    result = cypool.block_reduce(x, sizes, func, axis=axes, boundary=boundary)
    if func != "sum":
        assert result.dtype == x.dtype
    whole, tables = blocks(x, sizes, axes, boundary)
    if func in ("max", "min"):
        expected = naive.extremum(whole, tables, func)[0]
    else:
        expected = naive.total(whole, tables, mean=func == "mean")
    if np.dtype(dtype).kind in "biu" or func in ("max", "min"):
        np.testing.assert_array_equal(result.astype("f8"), np.asarray(expected).astype("f8"))
    else:
        tolerance = {"f4": 1e-5, "f8": 1e-12}.get(dtype, 2e-2)
        np.testing.assert_allclose(result.astype("f8"), expected, rtol=tolerance, atol=tolerance * 50)


@pytest.mark.parametrize("func", ["mean", "max", "min", "sum"])
@pytest.mark.parametrize("sizes", [(2, 2), (3, 5), (30, 30)])
def test_padding_is_that_of_scikit_image(func, sizes):
    measure = pytest.importorskip("skimage.measure")
    x = np.random.default_rng(0).normal(size=(20, 33))
    expected = measure.block_reduce(x, sizes, getattr(np, func))
    np.testing.assert_allclose(cypool.block_reduce(x, sizes, func, boundary="pad"), expected, rtol=1e-12)


@pytest.mark.parametrize("boundary", ["pad", "partial"])
def test_block_reduce_into_an_output(boundary):
    x = image((5, 7), "f4")
    expected = cypool.block_reduce(x, 2, "max", boundary=boundary)
    wide = np.full((6, 8), 7, "f8")
    out = wide[::2, ::2]
    assert cypool.block_reduce(x, 2, "max", boundary=boundary, out=out) is out
    np.testing.assert_array_equal(out, expected)
    assert (wide[1::2] == 7).all()


def test_block_reduce_keeps_nan_of_padded_blocks():
    x = np.array([[1.0, np.nan, -1.0]])
    np.testing.assert_array_equal(cypool.block_reduce(x, 2, "max", boundary="pad", axis=1), [[np.nan, 0]])


@pytest.mark.parametrize("func", ["max", "min", "mean", "sum", "median", "var", "std"])
def test_zeros_of_padded_blocks_are_what_is_left_of_nan(func):
    x = np.array([[1.0, 2.0, np.nan], [np.inf, -np.inf, 4.0]])
    padded = np.array([[1.0, 2.0, np.nan, 0.0], [np.inf, -np.inf, 4.0, 0.0]])
    expected = cypool.block_reduce(padded, (1, 2), func, nan_policy="omit")
    assert expected[0, 1] == 0
    result = cypool.block_reduce(x, (1, 2), func, boundary="pad", nan_policy="omit")
    np.testing.assert_array_equal(result, expected)


def test_one_axis_of_padded_blocks():
    np.testing.assert_array_equal(cypool.block_reduce(np.array([-3, -5, -7]), 2, "max", boundary="pad"), [-3, 0])


@pytest.mark.parametrize("shape", [(2, 3, 7), (2, 3, 5, 6), (1, 4, 3, 2, 5)])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("dtype", ["f4", "f8", "i4"])
def test_global_pooling(shape, keepdims, last, dtype):
    x = image(shape, dtype)
    axes = tuple(range(1, x.ndim - 1)) if last else tuple(range(2, x.ndim))
    options = {"keepdims": keepdims, "data_format": "channels_last" if last else "channels_first"}
    greatest = cypool.global_max_pool(x, **options)
    np.testing.assert_array_equal(greatest, x.max(axes, keepdims=keepdims))
    mean = cypool.global_avg_pool(x, **options)
    expected = x.mean(axes, keepdims=keepdims, dtype="f8")
    if dtype == "i4":
        np.testing.assert_array_equal(mean, np.rint(expected))
    else:
        np.testing.assert_allclose(mean, expected, rtol=1e-5, atol=1e-5)
    for function, result in ((cypool.global_max_pool, greatest), (cypool.global_avg_pool, mean)):
        out = np.empty_like(result)
        assert function(x, out=out, **options) is out
        np.testing.assert_array_equal(out, result)


def test_pyramid_ends_where_no_block_is_left():
    assert [level.shape for level in cypool.pyramid(np.zeros((8, 30)), 3, boundary="trim")] == [(2, 10)]
    assert cypool.pyramid(np.zeros(2), 3, boundary="trim") == []

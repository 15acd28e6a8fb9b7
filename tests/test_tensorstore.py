"""Blocks against TensorStore's downsampling, whose last block holds the cells that exist too."""

import numpy as np
import pytest
from extra_dtypes import BFLOAT16

import cypool

tensorstore = pytest.importorskip("tensorstore")

pytestmark = pytest.mark.usefixtures("isa")

INTEGERS = ["?", *(kind + size for kind in "iu" for size in "1248")]
FLOATS = ["f2", "f4", "f8", *BFLOAT16]
# Shapes that the factor divides, and not; along one, two and three axes; factors beyond the axis and of 1.
GRID = [
    ((6,), (2,)), ((7,), (3,)), ((1,), (4,)), ((300,), (256,)),
    ((6, 8), (2, 2)), ((7, 10), (3, 4)), ((3, 4), (5, 2)), ((33, 70), (2, 2)), ((8, 9), (1, 3)), ((40, 41), (16, 17)),
    ((4, 6, 8), (2, 2, 2)), ((5, 7, 9), (2, 3, 2)), ((5, 7, 9), (1, 2, 4)), ((5, 7, 9), (2, 2, 2)),
    ((9, 9, 9), (3, 3, 3)),
]
# What differs, and why. Each has a test below.
DIFFERENCES = {
    "mean of float32 and float64": "summed in another order: equal to rounding, not bit for bit",
    "median of an even number of floats": "TensorStore takes the lower one, cypool the mean of both, as NumPy does",
    "mode of floats": "cypool refuses it: labels are integers",
    "NaN": "TensorStore's max, min and median compare with <: a NaN is lost, or wins, by where it stands",
    "max and min of zeros": "of -0.0 and 0.0, which are equal, TensorStore takes the first and cypool either",
}


def accepts(func):
    try:
        cypool.block_reduce(np.zeros(2, np.uint8), 2, func)
    except ValueError:
        return False
    return True


def downsampled(x, factors, method):
    return tensorstore.downsample(tensorstore.array(x), factors, method).read().result()


def array(shape, dtype, labels=False):
    rng = np.random.default_rng(sum(shape))
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return rng.integers(0, 2, shape).astype(dtype)
    if labels:
        return rng.integers(0, 4, shape).astype(dtype)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return rng.integers(limits.min, limits.max, shape, dtype, endpoint=True)
    return (rng.normal(size=shape) * 10).astype(dtype)


def check(x, factors, method):
    expected = downsampled(x, factors, method)
    result = cypool.block_reduce(x, factors, method, boundary="partial")
    assert result.dtype == expected.dtype
    if method == "mean" and x.dtype.kind == "f" and x.dtype.itemsize > 2:
        eps = np.finfo(x.dtype).eps
        np.testing.assert_allclose(result, expected, rtol=8 * eps, atol=20 * eps * np.abs(x).max())
    else:
        np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("dtype", INTEGERS + FLOATS)
@pytest.mark.parametrize("method", ["mean", "min", "max"])
def test_mean_min_max(method, dtype):
    for shape, factors in GRID:
        check(array(shape, dtype), factors, method)


@pytest.mark.skipif(not accepts("median"), reason="block_reduce takes no median")
@pytest.mark.parametrize("dtype", INTEGERS + FLOATS)
def test_median(dtype):
    for shape, factors in GRID:
        x = array(shape, dtype)
        if x.dtype.kind in "biu":
            check(x, factors, "median")
            continue
        # The upper median is the lower one of negated values.
        lower, upper = downsampled(x, factors, "median"), -downsampled(-x, factors, "median")
        result = cypool.block_reduce(x, factors, "median", boundary="partial")
        assert result.dtype == lower.dtype
        middle = (lower.astype("f8") / 2 + upper.astype("f8") / 2).astype(x.dtype)
        np.testing.assert_array_equal(result, middle)


@pytest.mark.skipif(not accepts("mode"), reason="block_reduce takes no mode")
@pytest.mark.parametrize("dtype", INTEGERS)
def test_mode(dtype):
    for shape, factors in GRID:
        check(array(shape, dtype, labels=True), factors, "mode")
        # All different, mostly: the least of them.
        check(array(shape, dtype), factors, "mode")


@pytest.mark.parametrize("dtype", ["c8", "c16"])
def test_mean_of_complex(dtype):
    for shape, factors in GRID:
        x = (array(shape, "f8") + 1j * array(shape, "f8")[::-1]).astype(dtype)
        expected = downsampled(x, factors, "mean")
        result = cypool.block_reduce(x, factors, "mean", boundary="partial")
        assert result.dtype == expected.dtype
        np.testing.assert_allclose(result, expected, rtol=1e-12 if dtype == "c16" else 1e-5, atol=1e-5)


def test_differs_in_medians_of_an_even_number_of_floats():
    x = np.array([1.0, 2.0, 4.0, 9.0])
    assert downsampled(x, [4], "median") == [2]
    assert cypool.median_pool(x, 4) == np.median(x) == 3


def test_differs_in_modes_of_floats():
    x = np.array([1.0, 1.0, 0.0])
    assert downsampled(x, [3], "mode") == [1]
    with pytest.raises(TypeError, match="x must have integers or bools for mode, got float64"):
        cypool.mode_pool(x, 3)


@pytest.mark.parametrize("x", [[1, np.nan], [np.nan, 1]])
def test_differs_in_nan(x):
    x = np.array(x)
    for method in ("max", "min"):
        assert downsampled(x, [2], method) == [1]
        assert np.isnan(cypool.block_reduce(x, 2, method))
        assert cypool.block_reduce(x, 2, method, nan_policy="omit") == [1]
    # The NaN wins only where it comes first.
    assert np.isnan(downsampled(x, [2], "median")) == np.isnan(x[0])
    assert np.isnan(cypool.median_pool(x, 2))
    # Means agree.
    assert np.isnan(downsampled(x, [2], "mean"))
    assert np.isnan(cypool.block_reduce(x, 2))


def test_differs_in_signs_of_zero():
    for x in ([-0.0, 0.0], [0.0, -0.0]):
        for method in ("max", "min"):
            np.testing.assert_array_equal(np.signbit(downsampled(np.array(x), [2], method)), np.signbit(x[:1]))
            assert cypool.block_reduce(np.array(x), 2, method) == 0

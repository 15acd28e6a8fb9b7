"""Windows that are long runs of a row, of whole planes most of all: reduced in lanes, pieces of them side by side."""

from fractions import Fraction

import numpy as np
import pytest

import cypool
from cypool._engine import plan

LENGTHS = [plan.RUN_BYTES, plan.LANE_BYTES[1] * 3, 20000, 70001]
DTYPES = ["b1", "u1", "i1", "u2", "i2", "f2", "u4", "i4", "f4", "u8", "i8", "f8"]


def values(shape, dtype):
    rng = np.random.default_rng(int(np.prod(shape)))
    if np.dtype(dtype).kind == "f":
        return rng.standard_normal(shape).astype(dtype)
    return rng.integers(0, 2 if dtype == "b1" else 100, shape).astype(dtype)


def rounded(total, count):
    return round(Fraction(int(total), count))


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_whole_rows(isa, dtype, length):
    x = values((3, length), dtype)
    np.testing.assert_array_equal(cypool.max_pool(x, length, axis=-1)[:, 0], x.max(1))
    np.testing.assert_array_equal(cypool.min_pool(x, length, axis=-1)[:, 0], x.min(1))
    means = cypool.avg_pool(x, length, axis=-1)[:, 0]
    if np.dtype(dtype).kind == "f":
        tolerance = {"f2": 1e-3, "f4": 1e-6, "f8": 1e-14}[dtype]
        np.testing.assert_allclose(means, x.astype("f8").mean(1), rtol=tolerance, atol=tolerance)
    else:
        assert list(means) == [rounded(row.sum(dtype="i8"), length) for row in x]


@pytest.mark.parametrize("place", [0, 1, plan.LANE_BYTES[0] // 4 - 1, 17 * plan.LANE_BYTES[0] // 4 + 3, 69999, 70000])
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_one_tap_decides(isa, dtype, place):
    """The greatest tap, or a NaN, wherever it stands, and what is left when NaNs are omitted."""
    x = values((2, 70001), dtype)
    x[1, place] = 100
    best, where = cypool.max_pool(x, 70001, axis=-1, return_indices=True)
    np.testing.assert_array_equal(best[:, 0], x.max(1))
    np.testing.assert_array_equal(where[:, 0], x.argmax(1))
    x[0, place] = np.nan
    result, where = cypool.max_pool(x, 70001, axis=-1, return_indices=True)
    np.testing.assert_array_equal(result[:, 0], [np.nan, 100])
    assert where[0, 0] == place
    assert np.isnan(cypool.avg_pool(x, 70001, axis=-1)[0, 0])
    np.testing.assert_array_equal(cypool.max_pool(x, 70001, axis=-1, nan_policy="omit")[:, 0], np.nanmax(x, 1))
    mean = cypool.avg_pool(x, 70001, axis=-1, nan_policy="omit")
    np.testing.assert_allclose(mean[:, 0], np.nanmean(x.astype("f8"), 1), rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("x", [
    values((2, 30, 1000), "f4")[:, ::-1, ::-1],
    values((2, 60, 1000), "f4")[:, ::2, ::2],
    values((2, 1000, 30), "f4").swapaxes(1, 2),
    values((2, 30, 1000), ">f4"),
    np.broadcast_to(values((2, 1, 1000), "f4"), (2, 30, 1000)),
], ids=["reversed", "strided", "transposed", "swapped", "broadcast"])
def test_layouts(isa, x):
    best, where = cypool.max_pool(x, x.shape[1:], axis=(1, 2), return_indices=True)
    native = np.ascontiguousarray(x, "f4").reshape(2, -1)
    np.testing.assert_array_equal(best.ravel(), native.max(1))
    np.testing.assert_array_equal(where.ravel(), native.argmax(1))
    means = cypool.avg_pool(x, x.shape[1:], axis=(1, 2)).ravel()
    np.testing.assert_allclose(means, native.mean(1, dtype="f8"), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("stride", [3000, 5000, 7001])
@pytest.mark.parametrize("padding", [0, 1500])
def test_some_windows_of_a_row(isa, stride, padding):
    """That overlap a little, or leave something out, and reach into the padding."""
    x = values((2, 20000), "f4")
    best, where = cypool.max_pool(x, 5000, stride, padding, axis=-1, return_indices=True)
    means = cypool.avg_pool(x, 5000, stride, padding, axis=-1, count_include_pad=False)
    for j in range(best.shape[1]):
        begin = max(0, j * stride - padding)
        window = x[:, begin:j * stride - padding + 5000]
        np.testing.assert_array_equal(best[:, j], window.max(1))
        np.testing.assert_array_equal(where[:, j], begin + window.argmax(1))
        np.testing.assert_allclose(means[:, j], window.mean(1, dtype="f8"), rtol=1e-6, atol=1e-6)


def test_sums_stay_short():
    """A long sum of floats is one of sums, none of which has many taps."""
    x = np.full((1, 2**24), np.float32(0.1))
    assert abs(cypool.avg_pool(x, 2**24, axis=-1)[0, 0] / np.float32(0.1) - 1) < 1e-5

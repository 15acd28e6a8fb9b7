"""Averages over windows that cut through elements."""

from fractions import Fraction

import numpy as np
import pytest
from extra_dtypes import BFLOAT16
from strategies import LAYOUTS, laid_out

import cypool

DTYPES = ["?", "i1", "u1", "i2", "u2", "i4", "u4", "f2", "f4", "f8", *BFLOAT16, "c8"]


def weights(length, n_out):
    """The part of each window that each element is."""
    result = [[max(Fraction(0), min(Fraction(j + 1), Fraction((i + 1) * length, n_out))
                   - max(Fraction(j), Fraction(i * length, n_out))) * Fraction(n_out, length)
               for j in range(length)] for i in range(n_out)]
    return np.array(result, object).reshape(n_out, length)


def naive_area(x, sizes, axes):
    values = np.array([Fraction(int(v)) for v in x.flat], object).reshape(x.shape) if x.dtype.kind in "biu" else (
        x.astype("c16" if x.dtype.kind == "c" else "f8"))
    for axis, size in zip(axes, sizes):
        w = weights(x.shape[axis], size)
        if x.dtype.kind not in "biu":
            w = w.astype("f8")
        values = np.moveaxis(np.tensordot(w, values, (1, axis)), 0, axis)
    if x.dtype.kind in "biu":
        whole = np.array([round(v) for v in values.flat]).reshape(values.shape)
        return whole.astype(x.dtype.newbyteorder("="))
    return values


def image(shape, dtype):
    rng = np.random.default_rng(0)
    if np.dtype(dtype).kind in "biu":
        return rng.integers(0, 2 if dtype == "?" else 100, shape).astype(dtype)
    return (rng.normal(size=shape) + 1).astype(dtype)


CASES = [((10,), (4,), (0,)), ((7, 9), (3, 5), (0, 1)), ((7, 9, 3), (3, 4), (0, 1)),
         ((2, 6, 7, 8), (4, 3, 5), (1, 2, 3)), ((2, 5, 8), (7, 3), (2, 1)),
         ((120, 2), (7,), (0,)), ((3, 60), (59,), (1,)), ((4, 6), (2, 4), (0, 1)),
         ((5, 4, 40), (3,), (0,)), ((6, 5), (6, 2), (0, 1))]


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_area_equals_naive(isa, case, dtype):
    shape, sizes, axes = case
    x = image(shape, dtype)
    expected = naive_area(x, sizes, axes)
    for layout in LAYOUTS[:-1]:
        result = cypool.area_pool(laid_out(x, layout), sizes, axis=axes)
        assert result.dtype == x.dtype
        if x.dtype.kind in "biu":
            np.testing.assert_array_equal(result, expected)
        else:
            tolerance = {2: 1e-2, 4: 1e-5}.get(x.dtype.itemsize, 1e-5 if dtype == "c8" else 1e-12)
            kind = "c16" if dtype == "c8" else "f8"
            np.testing.assert_allclose(result.astype(kind), expected, rtol=tolerance, atol=tolerance)


def test_one_long_axis(isa):
    x = np.random.default_rng(0).normal(size=100_000)
    result = cypool.area_pool(x, 3)
    edges = [0, 33333, 66666, 99999]
    ends = np.array([x[33333] / 3, x[33333] * 2 / 3 + x[66666] * 2 / 3, x[66666] / 3 + x[99999]])
    inner = np.array([x[edges[0]:33333].sum(), x[33334:66666].sum(), x[66667:99999].sum()])
    np.testing.assert_allclose(result, (inner + ends) * 3 / 100_000, rtol=1e-9)


@pytest.mark.parametrize("dtype", ["i8", "u8", "u4"])
def test_integers_whose_products_leave_64_bits(dtype):
    high = np.iinfo(dtype).max
    x = np.full((3000, 7001), high, dtype)
    result = cypool.area_pool(x, (1700, 13))
    assert result.dtype == dtype
    np.testing.assert_allclose(result.astype("f8"), float(high), rtol=1e-12)


def test_infinity_and_nan_stay_in_their_windows():
    x = np.ones(10)
    x[0], x[9] = np.inf, np.nan
    np.testing.assert_array_equal(cypool.area_pool(x, 4), [np.inf, 1, 1, np.nan])
    big = np.full((40, 40), 3e38, "f4")
    np.testing.assert_allclose(cypool.area_pool(big, (17, 13)), 3e38, rtol=1e-5)


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", *BFLOAT16, "c8", "c16"])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_nan_is_left_out(isa, case, dtype, share):
    shape, sizes, axes = case
    x = image(shape, dtype)
    missing = np.random.default_rng(1).random(shape) < share
    x[missing] = np.nan
    if dtype in ("c8", "c16"):
        # One part of a number is enough.
        x.imag[...] = np.where(missing, 1, 2)
    present = naive_area((~missing).astype("f8"), sizes, axes)
    total = naive_area(np.where(missing, 0, x).astype(x.dtype), sizes, axes)
    with np.errstate(all="ignore"):
        expected = np.where(present > 0, total / present, np.nan)
    for layout in LAYOUTS[:-1]:
        result = cypool.area_pool(laid_out(x, layout), sizes, axis=axes, nan_policy="omit")
        assert result.dtype == x.dtype
        tolerance = {2: 1e-2, 4: 1e-5}.get(x.dtype.itemsize, 1e-5 if dtype == "c8" else 1e-12)
        kind = "c16" if dtype in ("c8", "c16") else "f8"
        np.testing.assert_array_equal(np.isnan(result.astype(kind)), np.isnan(expected))
        good = present > 0
        np.testing.assert_allclose(result.astype(kind)[good], expected[good], rtol=tolerance, atol=tolerance)


def test_integers_have_no_nan_to_leave_out():
    x = image((7, 9), "u1")
    np.testing.assert_array_equal(cypool.area_pool(x, (3, 5), nan_policy="omit"), cypool.area_pool(x, (3, 5)))
    with pytest.raises(ValueError, match="nan_policy must be"):
        cypool.area_pool(x, 2, nan_policy="ignore")
    with pytest.raises(ValueError, match="nan_policy must be"):
        cypool.area_pool(np.full((3000, 7001), 9, "i8"), (1700, 13), nan_policy=None)


def test_an_empty_batch_gives_an_empty_result():
    assert cypool.area_pool(np.zeros((0, 5, 7)), (3, 4), axis=(1, 2)).shape == (0, 3, 4)
    assert cypool.area_pool_backward(np.zeros((0, 3, 4)), (0, 5, 7), (3, 4), axis=(1, 2)).shape == (0, 5, 7)
    with pytest.raises(ValueError, match="x must not be empty along a pooled axis"):
        cypool.area_pool(np.zeros((0, 5)), 2)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_area_into_an_output(eager_threads, threads):
    x = image((60, 90, 3), "u1")
    expected = cypool.area_pool(x, (25, 40), axis=(0, 1), num_threads=1)
    out = np.zeros((25, 40, 3), "f4")
    assert cypool.area_pool(x, (25, 40), axis=(0, 1), out=out, num_threads=threads) is out
    np.testing.assert_array_equal(out, expected)


def test_area_equals_that_of_opencv():
    cv = pytest.importorskip("cv2")
    x = np.random.default_rng(0).random((60, 70), np.float32)
    for size in ((23, 31), (59, 69), (60, 11)):
        expected = cv.resize(x, size[::-1], interpolation=cv.INTER_AREA)
        np.testing.assert_allclose(cypool.area_pool(x, size), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_gradient_is_the_transpose(case):
    shape, sizes, axes = case
    rng = np.random.default_rng(0)
    x = rng.normal(size=shape)
    y = cypool.area_pool(x, sizes, axis=axes)
    gradient = rng.normal(size=y.shape)
    back = cypool.area_pool_backward(gradient, shape, sizes, axis=axes)
    other = rng.normal(size=shape)
    np.testing.assert_allclose((back * other).sum(), (gradient * cypool.area_pool(other, sizes, axis=axes)).sum(),
                               rtol=1e-10)
    narrow = cypool.area_pool_backward(gradient.astype("f4"), shape, sizes, axis=axes)
    np.testing.assert_allclose(narrow, back, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_gradient_without_what_was_left_out_is_the_transpose(case):
    shape, sizes, axes = case
    rng = np.random.default_rng(0)
    missing = rng.random(shape) < 0.3
    gradient = rng.normal(size=cypool.area_pool(np.zeros(shape), sizes, axis=axes).shape)
    back = cypool.area_pool_backward(gradient, shape, sizes, axis=axes, mask=missing)
    assert not back[missing].any()
    other = rng.normal(size=shape)
    y = cypool.area_pool(np.where(missing, np.nan, other), sizes, axis=axes, nan_policy="omit")
    np.testing.assert_allclose((back * other).sum(), np.nansum(gradient * y), rtol=1e-10)
    out = np.ones(shape, "f4")
    assert cypool.area_pool_backward(gradient.astype("f4"), shape, sizes, axis=axes, mask=missing, out=out) is out
    np.testing.assert_allclose(out, back, rtol=1e-4, atol=1e-5)
    with pytest.raises(ValueError, match="mask must broadcast"):
        cypool.area_pool_backward(gradient, shape, sizes, axis=axes, mask=np.ones((50, 50), bool))
    with pytest.raises(ValueError, match="grad_output must have the shape"):
        cypool.area_pool_backward(gradient[:1], shape, sizes, axis=axes, mask=missing)


@pytest.mark.parametrize("dtype", ["i8", "u8"])
@pytest.mark.parametrize(("length", "n_out"), [(2, 2), (12, 3), (13, 5), (1009, 17)])
def test_means_of_64_bits_are_exact(dtype, length, n_out):
    info = np.iinfo(dtype)
    x = np.random.default_rng(0).integers(info.min, info.max, (3, length), dtype, endpoint=True)
    x[1], x[2] = info.min, info.max
    values = np.array([Fraction(int(v)) for v in x.flat], object).reshape(x.shape)
    means = np.tensordot(values, weights(length, n_out), (1, 1))
    expected = np.array([[round(v) for v in row] for row in means], dtype)
    np.testing.assert_array_equal(cypool.area_pool(x, n_out, axis=1), expected)
    floats = cypool.area_pool(x, n_out, axis=1, dtype="f8")
    np.testing.assert_allclose(floats, means.astype("f8"), rtol=1e-12, atol=1e3)


def test_means_of_64_bits_over_long_windows_are_exact():
    length = 200_003
    x = np.random.default_rng(0).integers(-2**63, 2**63 - 1, length, endpoint=True)
    half = length // 2
    ends = int(sum(x[:half].tolist())), int(sum(x[half + 1:].tolist()))
    expected = [round(Fraction(2 * end + int(x[half]), length)) for end in ends]
    assert cypool.area_pool(x, 2).tolist() == expected


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2"])
@pytest.mark.parametrize("lengths", [(123, 1002), (3987, 66), (1997, 130), (64, 4098), (70000, 30)])
def test_halves_are_rounded_to_even(isa, dtype, lengths):
    """Means of rows that are alike end in a half for every other pair; next to it where one element differs."""
    high, wide = lengths
    info = np.iinfo(dtype)
    row = np.random.default_rng(0).integers(info.min, info.max, wide, dtype, endpoint=True)
    x = np.tile(row, (high, 1))
    pairs = row.astype("i8").reshape(-1, 2).sum(1)
    down = 3 if high % 3 else 7
    result = cypool.area_pool(x, (down, wide // 2))
    np.testing.assert_array_equal(result, np.tile(np.rint(pairs / 2).astype(dtype), (down, 1)))
    for change in (-1, 1):
        near = x.copy()
        column = np.arange(0, wide, 2)
        changed = near[0, column].astype("i8") + change
        near[0, column] = np.clip(changed, info.min, info.max)
        part = (near[0, column].astype("i8") - x[0, column]) * down / high / 2
        result = cypool.area_pool(near, (down, wide // 2))
        np.testing.assert_array_equal(result[0], np.rint(pairs / 2 + part).astype(dtype))
        np.testing.assert_array_equal(result[1:], np.tile(np.rint(pairs / 2).astype(dtype), (down - 1, 1)))


@pytest.mark.parametrize("dtype", [*DTYPES, "u8"])
@pytest.mark.parametrize("inner", [1, 2, 3, 4, 5, 7, 9])
def test_one_axis_of_many_rows(isa, dtype, inner):
    """Rows that are not pooled are taken some at a time; groups end within vectors, and nothing is written beyond
    `out`."""
    x = image((5, 11, 23, inner), dtype)
    expected = naive_area(x, (9,), (2,))
    around = np.ones((7, 11, 9, inner), x.dtype)
    for threads in (1, 2):
        result = cypool.area_pool(x, 9, axis=2, out=around[1:6], num_threads=threads)
        np.testing.assert_array_equal(around[[0, 6]], np.ones_like(around[:2]))
        if x.dtype.kind in "biu":
            np.testing.assert_array_equal(result, expected)
        else:
            tolerance = 1e-2 if x.dtype.itemsize == 2 else 1e-6
            np.testing.assert_allclose(result.astype("c16"), expected, rtol=tolerance, atol=tolerance)

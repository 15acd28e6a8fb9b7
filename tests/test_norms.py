"""Norms: those of float32 within a few units of rounding of those of doubles, whatever the size of the values; of whole
orders, exact."""

from fractions import Fraction

import numpy as np
import pytest

import cypool

# Powers of ten whose squares are subnormal, vanish or overflow in float32, and some that behave.
SIZES = (-45, -40, -23, -20, -16, -15, -14, -1, 0, 3, 15, 18, 19, 20, 38)


def values(rng, *shape):
    """Numbers of all sizes, zeros among them, and windows of nothing but zeros."""
    x = rng.standard_normal(shape) * 10.0 ** rng.choice(SIZES, shape)
    x[rng.random(shape) < 0.2] = 0
    x[..., : shape[-1] // 3] *= rng.random(shape[:-1] + (1,)) < 0.5
    with np.errstate(over="ignore"):
        return x.astype("f4")


def norm(x, p, k):
    """Norms of k x k windows side by side over the last two axes, rounded once."""
    h, w = (n // k for n in x.shape[-2:])
    taps = np.abs(x[..., :h * k, :w * k].astype("f8")).reshape(*x.shape[:-2], h, k, w, k)
    with np.errstate(over="ignore"):
        return ((taps**p).sum((-3, -1)) ** (1 / p)).astype("f4")


@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("k", [1, 2, 3, 7, 8, 9])
@pytest.mark.parametrize("shape", [(40, 47), (3, 9, 70), (64, 16, 14)])
def test_all_sizes(p, k, shape):
    x = values(np.random.default_rng(k), *shape)
    np.testing.assert_allclose(cypool.lp_pool2d(x[None] if x.ndim == 3 else x[None, None], p, k).reshape(
        norm(x, p, k).shape), norm(x, p, k), rtol=1e-6, atol=3e-45)
    last = np.moveaxis(x.reshape(-1, *shape[-2:]), 0, -1)
    y = cypool.lp_pool2d(last[None], p, k, data_format="channels_last")
    np.testing.assert_allclose(np.moveaxis(y[0], -1, 0).reshape(norm(x, p, k).shape), norm(x, p, k), rtol=1e-6,
                               atol=3e-45)


@pytest.mark.parametrize("p", [1, 2])
def test_a_result_depends_on_its_window_alone(p):
    x = values(np.random.default_rng(0), 1, 8, 16, 64)
    whole = cypool.lp_pool2d(x, p, 2)
    for j in range(0, 64, 2):
        np.testing.assert_array_equal(cypool.lp_pool2d(x[..., j:j + 2], p, 2)[..., 0], whole[..., j // 2])


@pytest.mark.parametrize("p", [1, 2])
def test_what_is_not_finite(p):
    x = np.ones((1, 1, 4, 32), "f4")
    x[..., 0, 1], x[..., 0, 4], x[..., 0, 9], x[..., 2, 9] = np.nan, np.inf, -np.inf, 3e38
    x[..., 1, 10], x[..., 0, 11] = np.inf, np.nan
    y = cypool.lp_pool2d(x, p, 2)
    expected = norm(x[0, 0], p, 2)
    np.testing.assert_array_equal(np.isnan(y[0, 0]), np.isnan(expected))
    np.testing.assert_array_equal(np.isinf(y[0, 0]), np.isinf(expected))
    np.testing.assert_allclose(y[0, 0], expected, rtol=1e-6)
    assert not np.signbit(y).any()


def test_a_long_row_by_itself_and_among_others():
    x = np.random.default_rng(0).standard_normal((1, 1, 50, 40)).astype("f4")
    for row in range(50):
        y = x[:, :, row:row + 1]
        both = cypool.lp_pool2d(np.concatenate([y, y], -1), 2, (1, 40))
        assert cypool.lp_pool2d(y, 2, (1, 40)) == both[..., :1] == both[..., 1:]


def test_windows_of_many_taps_are_summed_in_doubles():
    x = np.full((1, 1, 1000, 1000), 0.1, "f4")
    assert cypool.global_lp_pool(x, 2).item() == pytest.approx(100.0, rel=1e-7)
    assert cypool.lp_pool2d(x, 1, 9)[0, 0, 0, 0] == pytest.approx(8.1, rel=1e-7)


def exact(x, p, k):
    """Norms of k x k windows side by side, of sums that are not rounded."""
    rows = []
    for i in range(0, x.shape[0], k):
        rows.append([])
        for j in range(0, x.shape[1], k):
            total = sum(Fraction(abs(float(each))) ** p for each in x[i:i + k, j:j + k].flat)
            # Of a number about 1, times a power of two.
            e = (total.numerator.bit_length() - total.denominator.bit_length()) // p if total else 0
            rows[-1].append(np.ldexp(float(total / Fraction(2) ** (e * p)) ** (1 / p), e))
    return np.array(rows)


@pytest.mark.parametrize("p", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "u1"])
def test_whole_orders(isa, p, dtype):
    """Where sums of powers leave the range of doubles, alone and amid others; zeros, and what is subnormal."""
    rng = np.random.default_rng(p)
    x = rng.standard_normal((12, 60)) * 100
    if dtype == "f8":
        x[:6] *= 10.0 ** rng.choice([-307, -300, -160, -60, -45, 0, 20, 49, 55, 100, 155, 300], (6, 60))
        x[:, 57:] = rng.integers(0, 9, (12, 3)) * 5e-324
    x[:3, :12] = 0
    x = x.astype(dtype)
    y = cypool.lp_pool(x, p, 3)
    np.testing.assert_allclose(y, exact(x, p, 3), rtol=1e-7 if dtype == "f4" else 3e-15, atol=5e-324)
    for j in range(20):
        np.testing.assert_array_equal(cypool.lp_pool(x[:, 3 * j:3 * j + 3], p, 3), y[:, j:j + 1])


@pytest.mark.parametrize("p", [0.3, 0.9, 1.5, 2.5, 3.7, 7, 40])
@pytest.mark.parametrize("dtype", ["f8", "f4"])
def test_other_orders(isa, p, dtype):
    x = np.random.default_rng(1).standard_normal((12, 60)) * 100
    x[:3, :12] = 0
    x[6:] *= 1e25
    x = x.astype(dtype)
    taps = np.abs(x.astype("f8")).reshape(4, 3, 20, 3)
    largest = np.maximum(taps.max((1, 3), keepdims=True), 1e-300)
    expected = ((taps / largest) ** p).sum((1, 3)) ** (1 / p) * largest[:, 0, :, 0]
    np.testing.assert_allclose(cypool.lp_pool(x, p, 3), expected, rtol=1e-7 if dtype == "f4" else 1e-14)


def test_parts_that_are_subnormal(isa):
    for p in (0.01, 0.001):
        taps = np.array([5e-324, 1.0, 3e-310], np.longdouble)
        expected = (taps ** np.longdouble(p)).sum() ** (1 / np.longdouble(p))
        np.testing.assert_allclose(cypool.lp_pool(taps.astype("f8"), p, 3), [float(expected)], rtol=1e-10)


@pytest.mark.parametrize("p", [0.1, 0.3, 0.5, 0.9, 1, 1.5, 2, 2.5, 3, 5.9, 6])
@pytest.mark.parametrize("k", [2, 3])
def test_doubles_whose_powers_leave_their_range(isa, p, k):
    """Amid others, which are found as if these were not there; into outputs of any layout."""
    rng = np.random.default_rng(k)
    x = rng.standard_normal((3, 40, 41))
    x[0] *= 10.0 ** rng.choice([-300, -60, 0, 0, 0, 60, 300], (40, 41))
    x[0, :9] = rng.integers(0, 3, (9, 41)) * 5e-324
    x[0, 20:30, :9] = 0
    x[0, 32:36, :9] = 3e-308
    x[1, 5, 7], x[1, 20, 20], x[1, 30, 3], x[1, 10, 30] = np.inf, np.nan, 1e-320, 1e305
    size = np.abs(x.astype(np.longdouble))
    taps = np.lib.stride_tricks.sliding_window_view(size, (k, k), (1, 2))
    with np.errstate(over="ignore"):
        expected = ((taps ** np.longdouble(p)).sum((-2, -1)) ** (1 / np.longdouble(p))).astype("f8")
    result = cypool.lp_pool(x, p, k, 1, axis=(1, 2))
    np.testing.assert_allclose(result, expected, rtol=1e-14, atol=5e-324)
    np.testing.assert_array_equal(result[2], cypool.lp_pool(x[2:], p, k, 1, axis=(1, 2))[0])
    np.testing.assert_array_equal(result, cypool.lp_pool(x, p, k, 1, axis=(1, 2), num_threads=2))
    for out in (np.empty(result.shape, ">f8"), np.empty((*result.shape, 2))[..., 1], np.empty(result.shape, order="F"),
                np.empty(8 * result.size + 1, "u1")[1:].view("f8").reshape(result.shape)):
        assert cypool.lp_pool(x, p, k, 1, axis=(1, 2), out=out) is out
        np.testing.assert_array_equal(out, result)
    np.testing.assert_array_equal(cypool.lp_pool(x[:, :-1], p, k, 1, axis=(1, 2), out=x[:, k:, k - 1:]), result[:, :-1])


def test_doubles_whose_powers_leave_their_range_in_a_masked_output():
    out = np.ma.masked_array(np.zeros(2), [True, False])
    cypool.lp_pool(np.array([1e200, 0.0, 3e200, 4e200]), 2, 2, out=out)
    np.testing.assert_allclose(out.data, [1e200, 5e200], rtol=1e-15)


@pytest.mark.parametrize("p", [0.1, 2, 3, 6, 7, 30, 255, 257, 4000])
def test_windows_of_nothing_but_subnormal_numbers(isa, p):
    x = np.array([5e-324, 0.0, 1e-310, 1e-311])
    expected = [5e-324, 1e-310 * (1 + 0.1**p) ** (1 / p)]
    np.testing.assert_allclose(cypool.lp_pool(x, p, 2), expected, rtol=1e-13, atol=1e-323)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i1", "u2", "i4", "i8"])
@pytest.mark.parametrize("p", [0.4, 0.5, 1, 2, 2.5, 3, 5, 6, 6.5])
@pytest.mark.parametrize("k", [2, 4, 5, 9])
def test_windows_that_overlap(isa, dtype, p, k):
    """Powers are added up along one axis and then the other; elements may be the greatest there are, or the least."""
    rng = np.random.default_rng(k)
    x = rng.standard_normal((2, 31, 37)) * 100
    if dtype == "f4":
        x[:, 5:16] = 10.0 ** rng.uniform(-44, 38, (2, 11, 37))
        x[:, 18:, 20:] = 1e-45
    elif dtype == "i8":
        x *= 2.0 ** rng.integers(0, 54, x.shape)
    x[0, :9, :9] = 0
    x = x.astype(dtype)
    taps = np.lib.stride_tricks.sliding_window_view(np.abs(x.astype(np.longdouble)), (k, k), (1, 2))
    expected = (taps ** np.longdouble(p)).sum((-2, -1)) ** (1 / np.longdouble(p))
    tolerance = {"f2": 1e-3, "f4": 2e-7}.get(dtype, 2e-14)
    least = {"f2": 6e-8, "f4": 1.5e-45}.get(dtype, 0)
    with np.errstate(over="ignore"):
        expected = expected.astype(dtype if dtype[0] == "f" else "f8")
    for last in (False, True):
        moved = np.ascontiguousarray(np.moveaxis(x, 0, -1)) if last else x
        result = cypool.lp_pool(moved, p, k, 1, axis=(0, 1) if last else (1, 2))
        result = np.moveaxis(result, -1, 0) if last else result
        np.testing.assert_allclose(result, expected, rtol=tolerance, atol=least)


@pytest.mark.parametrize("p", [1e-17, 1e-12, 1e-6, 0.003, 0.02])
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i4"])
def test_tiny_orders(isa, p, dtype):
    np.testing.assert_allclose(cypool.lp_pool(np.array([5, 0, 0, -3], dtype), p, 2), [5, 3], rtol=1e-6)


@pytest.mark.parametrize("bits", [1, 40, 52])
def test_norms_of_integers_are_good_to_the_last_bits(isa, bits):
    x = np.random.default_rng(0).integers(1, 2**bits, 500, "i8", endpoint=True)
    for p in (0.7, 2.5, 5.3):
        np.testing.assert_allclose(cypool.lp_pool(x, p, 1), x.astype("f8"), rtol=1e-15)

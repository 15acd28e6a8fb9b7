"""Means of denormal numbers, which are divided in a way of their own where there are any: exact, rounded once."""

import numpy as np
import pytest
from extra_dtypes import BFLOAT16

import cypool

BITS = {"f4": 23, "f8": 52}         # of a float, below which numbers are denormal
WAYS = [
    {"kernel_size": 2}, {"kernel_size": 3}, {"kernel_size": 3, "stride": 1},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 3, "stride": 1, "padding": 1, "count_include_pad": False},
    {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False}, {"kernel_size": 5, "stride": 1},
    {"kernel_size": 9, "stride": 1}, {"kernel_size": 7, "stride": 1, "padding": 3, "count_include_pad": False},
    {"kernel_size": 4, "stride": 3}, {"kernel_size": 2, "stride": 1},
    {"kernel_size": 3, "stride": 1, "divisor_override": -7},
    {"kernel_size": 2, "divisor_override": 1}, {"kernel_size": 2, "divisor_override": 12}, {"kernel_size": (20, 37)},
]


def rounded(total, divisor):
    """total / divisor as a whole number, half to even."""
    quotient, rest = divmod(int(total) * (1 if divisor > 0 else -1), abs(divisor))
    return quotient + (2 * rest > abs(divisor) or (2 * rest == abs(divisor) and quotient % 2 == 1))


def means(counts, kernel_size, stride=None, padding=0, count_include_pad=True, divisor_override=None):
    """Of planes of whole numbers, as whole numbers."""
    kernel = np.broadcast_to(kernel_size, 2)
    stride = np.broadcast_to(kernel_size if stride is None else stride, 2)
    inside = np.pad(np.ones(counts.shape[1:], int), padding)
    padded = np.pad(counts, ((0, 0), (padding, padding), (padding, padding)))
    steps = (slice(None, None, stride[0]), slice(None, None, stride[1]))
    totals = np.lib.stride_tricks.sliding_window_view(padded, kernel, axis=(1, 2))[:, *steps].sum((-2, -1))
    taps = np.lib.stride_tricks.sliding_window_view(inside, kernel)[steps].sum((-2, -1))
    if count_include_pad:
        taps = np.full_like(taps, kernel.prod())
    if divisor_override is not None:
        taps = np.full_like(taps, divisor_override)
    return np.array([[rounded(t, d) for t, d in zip(plane.ravel(), taps.ravel(), strict=True)] for plane in totals]
                    ).reshape(totals.shape)


def as_floats(counts, dtype):
    """So many times the least number. A float rounds those beyond its normal ones' first binade."""
    return np.ldexp(np.asarray(counts, dtype), -149 if dtype == "f4" else -1074)


def settle():
    """Let calls forget what they met before."""
    for _ in range(2):
        cypool.avg_pool2d(np.ones((1, 8, 8), "f4"), 3)
        cypool.avg_pool2d(np.ones((1, 8, 8), "f8"), 3)


@pytest.mark.parametrize("largest", [3, 40, 0.1, 0.49, 0.9, 1.6])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("how", WAYS, ids=str)
def test_quotients_are_rounded_once(isa, how, dtype, largest):
    """Up to a few, or up to a share of the least normal number: sums below, about and above it."""
    rng = np.random.default_rng(3)
    n_taps = np.broadcast_to(how["kernel_size"], 2).prod()
    # Sums of all taps stay exact, also where they are more than a float counts one by one.
    unit = 1 if largest >= 3 else 2 ** int(np.ceil(np.log2(n_taps)))
    largest = int(largest if largest >= 3 else largest * 2 ** BITS[dtype] / unit)
    counts = rng.integers(-largest, largest + 1, (3, 20, 37)) * unit
    counts[rng.random(counts.shape) < 0.2] = 0
    counts[1] = abs(counts[1])
    x = as_floats(counts, dtype)
    whole = means(counts, **how)
    if abs(whole).max() > 2 ** (BITS[dtype] + 1):
        return                          # results that are not whole multiples of the least number
    expected = as_floats(whole, dtype)
    for given in (x, x.transpose(1, 2, 0).copy().transpose(2, 0, 1)):
        settle()
        for _ in range(3):              # the first call may not know yet
            result = cypool.avg_pool(given, axis=(1, 2), num_threads=1, **how)
            np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_numbers_of_all_kinds_among_them(isa, dtype):
    rng = np.random.default_rng(4)
    x = (10.0 ** rng.uniform(-330 if dtype == "f8" else -50, 20, (4, 30, 40))).astype(dtype)
    x[:, ::5, ::3] = 0
    x[0, 7, 7], x[1, 8, 9] = np.nan, np.inf
    for kernel, stride in ((2, 2), (3, 1), (3, 2), (8, 1), (13, 1)):
        settle()
        first = cypool.avg_pool(x, kernel, stride, axis=(1, 2))
        again = cypool.avg_pool(x, kernel, stride, axis=(1, 2))
        totals = cypool.sum_pool(x, kernel, stride, axis=(1, 2))
        np.testing.assert_array_equal(first, totals / totals.dtype.type(kernel ** 2))
        np.testing.assert_array_equal(again, first)


@pytest.mark.parametrize("dtype", [np.float16, *BFLOAT16])
def test_narrow_ones(isa, dtype):
    bits = np.random.default_rng(5).integers(0, 0x900, (3, 16, 32)).astype("u2")
    x = bits.view(dtype)
    for kernel, stride in ((2, 2), (3, 1), (3, 2), (7, 1)):
        for given in (x, x.transpose(1, 2, 0).copy().transpose(2, 0, 1)):
            settle()
            totals = cypool.sum_pool(given.astype("f4"), kernel, stride, axis=(1, 2))
            expected = (totals / np.float32(kernel ** 2)).astype(dtype)
            for _ in range(2):
                result = cypool.avg_pool(given, kernel, stride, axis=(1, 2))
                np.testing.assert_array_equal(result.view("u2"), expected.view("u2"))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize(("kernel", "stride"), [(2, 2), (3, 3), (5, 5)])
def test_gradients_of_windows_apart(isa, dtype, kernel, stride):
    counts = np.random.default_rng(6).integers(-2 ** (BITS[dtype] - 2), 2 ** (BITS[dtype] - 2), (2, 6, 9))
    whole = np.array([rounded(c, kernel ** 2) for c in counts.ravel()]).reshape(counts.shape)
    expected = as_floats(whole, dtype).repeat(kernel, 1).repeat(kernel, 2)
    settle()
    for _ in range(2):
        result = cypool.avg_pool_backward(as_floats(counts, dtype), expected.shape, kernel, stride, axis=(1, 2))
        np.testing.assert_array_equal(result, expected)


def test_all_halves_become_floats(isa):
    """Those of subnormal halves are not a product of denormal floats."""
    x = np.arange(1 << 16, dtype="u2").view("f2")
    x = x[~np.isnan(x)]
    np.testing.assert_array_equal(cypool.sum_pool(x, 1, dtype="f4"), x.astype("f4"))
    side_by_side = x[:, None].repeat(8, 1)
    np.testing.assert_array_equal(cypool.avg_pool(side_by_side, (1, 1), axis=(0, 1)), side_by_side)
    np.testing.assert_array_equal(cypool.lp_pool(x[abs(x) < 100], 1, 1, dtype="f4"), abs(x[abs(x) < 100].astype("f4")))

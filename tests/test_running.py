"""Sums and means of integers over windows at stride 1: along a row, each from the one before it."""

import numpy as np
import pytest
from test_direct import numbers

import cypool

SIZES = [*range(1, 12), 15, 16, 17, 18, 23, 24, 25, 31, 32, 33, 34, 63, 64, 65, 66, 130, 9000]


def sums(x, taps, padding):
    padded = np.pad(x.astype("i8"), [(0, 0)] * (x.ndim - 1) + [(padding, padding)])
    totals = np.cumsum(np.concatenate([np.zeros((*x.shape[:-1], 1), "i8"), padded], -1), -1)
    return totals[..., taps:] - totals[..., :-taps]


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "b1"])
@pytest.mark.parametrize("taps", [7, 8, 9, 16, 31, 300])
def test_rows_of_every_length(isa, dtype, taps):
    for n in SIZES:
        x = numbers((2, n + taps - 1), dtype) if dtype != "b1" else numbers((2, n + taps - 1), "u1") > 99
        for padding in (0, taps // 2):
            np.testing.assert_array_equal(cypool.sum_pool(x, taps, 1, padding, axis=1), sums(x, taps, padding))


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "i4"])
def test_planes(isa, dtype):
    """Means by every kind of quotient: of windows of few taps and many, in the padding or not, clipped or not."""
    x = numbers((3, 70, 75), dtype)
    for taps in (7, 9, 15, 16, 17, 31, 64):
        padding = taps // 2
        total = sums(x, taps, padding)
        total = np.moveaxis(sums(np.moveaxis(total, 1, 2), taps, padding), 1, 2)
        ones = sums(np.ones((1, 75), "i8"), taps, padding)
        ones = ones * sums(np.ones((1, 70), "i8"), taps, padding).T
        for options, divisor in (({}, taps * taps), ({"count_include_pad": False}, ones),
                                 ({"divisor_override": 7}, 7), ({"divisor_override": -100}, -100)):
            divisor = np.broadcast_to(divisor, total.shape)
            quotient, rest = np.divmod(np.abs(total), np.abs(divisor))
            up = (2 * rest > np.abs(divisor)) | ((2 * rest == np.abs(divisor)) & (quotient % 2 == 1))
            expected = np.sign(total) * np.sign(divisor) * (quotient + up)
            expected = np.clip(expected, np.iinfo(dtype).min, np.iinfo(dtype).max)
            np.testing.assert_array_equal(cypool.avg_pool(x, taps, 1, padding, axis=(1, 2), **options), expected)


def test_every_mean_of_bytes(isa):
    """All sums that windows of some sizes have: ties, and what is next to them."""
    for rows, taps in ((17, 16), (16, 17), (3, 85), (43, 6), (257, 7)):
        n = rows * taps
        x = np.zeros((n * 255 // 37 + 1, rows, taps), "u1")
        for i, window in enumerate(x):
            total = 37 * i
            window[:] = total // n
            window.ravel()[:total % n] += 1
        total = x.astype("i8").sum((1, 2))
        expected = [round(int(each) / n) for each in total]      # which a double gives exactly
        np.testing.assert_array_equal(cypool.avg_pool(x, (rows, taps), 1, axis=(1, 2))[:, 0, 0], expected)

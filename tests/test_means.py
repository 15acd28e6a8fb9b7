"""Exact means of integers of 32 and of 64 bits: in doubles as far as these hold their sums, else in integers."""

from fractions import Fraction

import numpy as np
import pytest

import cypool


def expected(sums, divisor, dtype):
    limits = np.iinfo(dtype)
    return [min(max(round(Fraction(int(each), divisor)), limits.min), limits.max) for each in sums]


@pytest.mark.parametrize("taps", [1, 2, 3, 4, 9, 25, 1000, 2**18, 2**19 - 1, 2**19, 2**19 + 3])
@pytest.mark.parametrize("dtype", ["i4", "u4"])
def test_sums_to_the_last_bit_of_a_double(isa, dtype, taps):
    """Windows of the greatest and least numbers, and of those whose mean is a tie, or next to it."""
    limits = np.iinfo(dtype)
    rng = np.random.default_rng(taps)
    bases = [limits.max, limits.min, limits.max // 3, 12345, 0, *rng.integers(limits.min, limits.max, 30)]
    x = np.repeat(np.array(bases, dtype), taps).reshape(len(bases), taps)
    for row in x:
        n = rng.integers(0, taps) if taps < 100 else taps // 2 + rng.integers(-1, 2)
        if row[0] < limits.max:
            row[:n] += 1
    sums = x.astype(object).sum(1)
    for divisor in (None, 1, 2, 3, -3, 7, 2**20, 2**24, 2**25 + 1, -(2**40)):
        for result in (dtype, "i8"):
            means = cypool.avg_pool(x, taps, axis=1, divisor_override=divisor, dtype=result)
            assert means[:, 0].tolist() == expected(sums, divisor or taps, result)
    floats = cypool.avg_pool(x, taps, axis=1, dtype="f8")
    np.testing.assert_allclose(floats[:, 0], [float(Fraction(int(each), taps)) for each in sums], rtol=1e-15)


@pytest.mark.parametrize("dtype", ["i4", "u4", "i8", "u8"])
def test_all_quotients_of_small_sums(isa, dtype):
    for divisor in range(1, 80):
        x = np.arange(-300 if dtype[0] == "i" else 0, 300).astype(dtype)[:, None]
        means = cypool.avg_pool(x, 1, axis=1, divisor_override=divisor)
        assert means[:, 0].tolist() == expected(x[:, 0], divisor, dtype)


@pytest.mark.parametrize("dtype", ["i8", "u8"])
@pytest.mark.parametrize("bits", [31, 32, 49, 50, 51, 52, 53, 62])
def test_sums_of_64_bits_about_a_power_of_two(isa, dtype, bits):
    """Ties and their neighbours, of divisors of every kind; alone, and beside what is beyond a double's reach."""
    for sign in (1, -1) if dtype == "i8" else (1,):
        for divisor in (1, 2, 3, -3, 6, 7, 10, 2**20, 2**25 + 1, 2**31 + 1, -(2**40)):
            # A tie is an odd number of halves.
            about = [2**bits, (2**bits // abs(divisor)) * abs(divisor) + abs(divisor) // 2]
            numbers = [sign * (each + more) for each in about for more in (-2, -1, 0, 1, 2)]
            x = np.array(numbers, dtype)[:, None]
            means = cypool.avg_pool(x, 1, axis=1, divisor_override=divisor)
            assert means[:, 0].tolist() == expected(numbers, divisor, dtype)
            sums = np.array([[each, more, -more if dtype == "i8" else 0] for each in numbers for more in (0, 1, 2**33)],
                            dtype)
            means = cypool.avg_pool(sums, 3, axis=1, divisor_override=divisor)
            assert means[:, 0].tolist() == expected(sums.astype(object).sum(1), divisor, dtype)


def test_windows_about_a_single_element(isa):
    """Padding counts in each window's divisor, which differs along both axes."""
    means = cypool.avg_pool(np.ones((1, 1)), 600, 2, 300, ceil_mode=True)
    np.testing.assert_allclose(1 / means, [[360000, 359400], [359400, 358801]], rtol=1e-12)

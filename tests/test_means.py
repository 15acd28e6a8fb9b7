"""Exact means of integers of 32 and of 64 bits: in doubles as far as these hold their sums, else in integers."""

from fractions import Fraction

import numpy as np
import pytest

import cypool
from cypool import _pooling


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


@pytest.mark.parametrize("dtype", ["u1", "u2", "u4", "u8"])
@pytest.mark.parametrize("result", ["i1", "i4", "i8"])
def test_unsigned_numbers_by_a_negative_divisor(isa, dtype, result):
    """With a sign, if the result may have one; of 64 bits, small numbers and large ones."""
    most = int(np.iinfo(dtype).max)
    for numbers in ([4, 8], [0, 1], [100, 200], [most, most], [most, 0]):
        mean = cypool.avg_pool(np.array(numbers, dtype), 2, divisor_override=-3, dtype=result)
        assert mean.tolist() == expected([sum(numbers)], -3, result)
        mean = cypool.avg_pool(np.array(numbers, dtype), 2, dtype=result)
        assert mean.tolist() == expected([sum(numbers)], 2, result)


def test_windows_about_a_single_element(isa):
    """Padding counts in each window's divisor, which differs along both axes."""
    means = cypool.avg_pool(np.ones((1, 1)), 600, 2, 300, ceil_mode=True)
    np.testing.assert_allclose(1 / means, [[360000, 359400], [359400, 358801]], rtol=1e-12)


def exact_means(x, kernel, stride, padding):
    """Of the last two axes, in Python's own integers."""
    ends = [(0, 0)] * (x.ndim - 2) + [(padding, padding)] * 2
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, ends).astype(object), kernel, (-2, -1))
    totals = windows[..., ::stride, ::stride, :, :].sum((-2, -1))
    taps = kernel[0] * kernel[1]
    return np.vectorize(lambda total: round(Fraction(total, taps)), otypes=[object])(totals)


@pytest.mark.parametrize("shape", [(2, 40, 30), (64, 9, 7), (1, 300, 6), (3, 5, 400)])
@pytest.mark.parametrize("dtype", ["i8", "u8"])
def test_one_large_number_among_small_ones(isa, eager_threads, dtype, shape):
    """Wherever it stands, sums of 64 bits overflow, or are beyond a double, if it is summed as the others are."""
    rng = np.random.default_rng(0)
    small = rng.integers(-1000 if dtype == "i8" else 0, 1000, shape).astype(dtype)
    large = [2**63 - 1, 2**52 + 1, 2**46 - 1, *([-(2**63), -(2**46)] if dtype == "i8" else [2**64 - 1])]
    flat = [0, small.size - 1, *rng.integers(0, small.size, 4)]
    for kernel, stride, padding in (((2, 2), 2, 0), ((2, 3), 4, 0), ((3, 3), 1, 1), ((5, 4), 1, 0)):
        for place, number in zip(flat, large * 2, strict=False):
            x = small.copy()
            x.flat[place] = number
            expected = exact_means(x, kernel, stride, padding)
            wide = np.zeros((*shape[:2], 2 * shape[2]), dtype)
            wide[..., ::2] = x
            for same in (x, np.asfortranarray(x), wide[..., ::2], x[:, ::-1].copy()[:, ::-1]):
                for n_threads in (1, 2):
                    means = cypool.avg_pool(same, kernel, stride, padding, axis=(1, 2), num_threads=n_threads)
                    assert means.tolist() == expected.tolist()


@pytest.mark.parametrize("dtype", ["i8", "u8"])
def test_one_large_number_in_a_tile_of_many_channels(isa, dtype):
    """Their positions are apart: each is looked at by itself."""
    x = np.ones((6, 7, 5000), dtype)
    for position in ((2, 6, 4999), (2, 6, 4000), (5, 0, 4100), (0, 3, 0)):
        some = x.copy()
        some[position] = np.iinfo(dtype).max
        for taps in (2, 3):
            means = cypool.avg_pool(some, taps, 1, axis=(0, 1))[..., position[2]]
            exact = exact_means(some[..., position[2]], (taps, taps), 1, 0)
            assert means.tolist() == exact.tolist()


@pytest.mark.parametrize("dtype", ["i8", "u8"])
def test_numbers_at_the_bound(isa, dtype):
    """Windows of nothing but the greatest number that is summed as it is, and of the next."""
    for taps in (1, 2, 3, 4, 7, 8, 63, 64, 65, 1000):
        bound = 2 ** (51 - taps.bit_length())
        numbers = [bound - 1, bound, bound + 1, 2 * bound] + ([-bound, -bound - 1, 1 - bound] if dtype == "i8" else [])
        for number in numbers:
            for more in (0, 1, taps // 2, taps - 1):
                x = np.full(taps, number, dtype)
                x[:more] -= 1
                for divisor in (None, 3, 2**20):
                    mean = cypool.avg_pool(x, taps, divisor_override=divisor)
                    assert mean.tolist() == expected([x.astype(object).sum()], divisor or taps, dtype)


def test_which_means_of_64_bits_take_one_sum():
    def plan(x, kernel, divisor=None):
        flags = (_pooling.AXES, "propagate", False, True, False)
        return _pooling._prepare("avg", "pooled", x, (0, kernel, None, 0, 1, divisor), flags, None, None, None).plan

    x = np.zeros((2**20, 3), "i8")
    assert plan(x, 4).unbounded.cost > plan(x, 4).cost
    assert plan(x[::2], 4).unbounded is not None
    for other in (x.astype(">i8"), np.zeros(x.nbytes + 1, "u1")[1:].view("i8").reshape(x.shape), x.astype("i4")):
        assert plan(other, 4).unbounded is None
    assert plan(x, 2**18).unbounded is not None
    assert plan(x, 2**19).unbounded is None     # too many taps for numbers of 32 bits
    assert plan(x, 4, 2**25).unbounded is None  # a divisor that a double's quotient needs more bits for

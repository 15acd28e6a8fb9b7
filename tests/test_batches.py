"""A batch gives the bits of its parts, whichever way so many planes go."""

from itertools import product

import numpy as np
import pytest

import cypool

OPERATIONS = {
    "max": cypool.max_pool, "avg": lambda x, *args, **options: cypool.avg_pool(
        x, *args, count_include_pad=False, **options),
    "sum": lambda x, *args, **options: cypool.sum_pool(
        x, *args, dtype="f4" if x.dtype == "f2" else None, **options),
    "omit": lambda x, *args, **options: cypool.avg_pool(x, *args, nan_policy="omit", **options),
    "var": cypool.var_pool, "median": cypool.median_pool,
    "indices": lambda x, *args, **options: cypool.max_pool(x, *args, return_indices=True, **options)[1],
    "adaptive": lambda x, size, *args, axis: (
        cypool.adaptive_avg_pool1d, cypool.adaptive_avg_pool2d, cypool.adaptive_avg_pool3d)[len(axis) - 1](x, size),
    "gradient": lambda x, *args, **options: cypool.avg_pool_backward(
        cypool.avg_pool(x, *args, **options), x.shape, *args, **options),
}


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "u1"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_parts_of_a_batch_have_the_same_bits(name, dtype, seed):
    """Windows and planes at random: of one plane and of three, which may go another way, comes what comes of all."""
    if dtype == "u1" and name in ("omit", "var", "gradient"):
        pytest.skip("an integer has no NaN, and these are floats")
    rng = np.random.default_rng(seed)
    rank = int(rng.integers(1, 4))
    axes = tuple(range(1, rank + 1))
    for _ in range(5):
        taps, strides, dilations = (rng.integers(1, most, rank, endpoint=True) for most in (7, 4, 2))
        reach = (taps - 1) * dilations + 1
        padding = rng.integers(0, reach // 2, endpoint=True)
        lengths = np.maximum(rng.integers(1, (60, 18, 8)[rank - 1], rank, endpoint=True), reach)
        # Sums of numbers of one size may hide an order in their rounding.
        spread = 10.0 ** rng.integers(-2, 3, (24, *lengths)) if name != "var" else 10
        x = (rng.normal(0, 5, (24, *lengths)) * spread).astype(dtype) if dtype != "u1" else rng.integers(
            0, 256, (24, *lengths), np.uint8)
        geometry = [list(map(int, each)) for each in (taps, strides, padding, dilations)]
        whole = OPERATIONS[name](x, *geometry, axis=axes)
        for n in (1, 3):
            parts = [OPERATIONS[name](x[i:i + n], *geometry, axis=axes) for i in range(0, 24, n)]
            np.testing.assert_array_equal(np.concatenate(parts), whole)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("taps", [5, 7, 9])
def test_some_planes_have_the_same_bits(dtype, taps):
    """Whether all rows of a plane are in scratch at once does not depend on how many planes there are."""
    rng = np.random.default_rng(0)
    for height, width in product(range(taps, 16, 2), range(taps, 16)):
        shape = 24, height, width
        x = (rng.normal(size=shape) * 10.0 ** rng.integers(-3, 4, shape)).astype(dtype)
        pooled = [cypool.sum_pool(x[:n], taps, 1, taps // 2, axis=(1, 2), dtype="f8" if dtype == "f8" else "f4")
                  for n in (24, 16, 8, 3, 1)]
        for some in pooled[1:]:
            np.testing.assert_array_equal(some, pooled[0][:len(some)])


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_a_plane_alone_has_the_same_bits(dtype):
    """One window of a column, and of a row, goes another way than many of them do, which are merged."""
    rng = np.random.default_rng(0)
    for length in range(4, 40):
        rows = (rng.normal(size=(200, length)) * 10.0 ** rng.integers(-3, 4, (200, length))).astype(dtype)
        whole = cypool.sum_pool(rows, length, axis=1)
        parts = [cypool.sum_pool(row[None], length, axis=1) for row in rows]
        np.testing.assert_array_equal(np.concatenate(parts), whole)
        planes = np.repeat(rows[:, None], 5, 1)
        for taps in (4, 5, 6):
            if taps <= length:
                geometry = (1, taps), (5, 1), (0, taps // 2)
                whole = cypool.sum_pool(planes, *geometry, axis=(1, 2))
                parts = [cypool.sum_pool(plane[None], *geometry, axis=(1, 2)) for plane in planes[:20]]
                np.testing.assert_array_equal(np.concatenate(parts), whole[:20])


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize(("length", "taps", "stride", "padding"), [(160, 158, 6, 22), (90, 80, 3, 40), (190, 99, 2, 0)])
def test_gradients_of_long_windows_have_the_same_bits(dtype, length, taps, stride, padding):
    """Whether rows are woven does not depend on how many there are side by side."""
    rng = np.random.default_rng(0)
    outputs = cypool.sum_pool(np.zeros((84, length)), taps, stride, padding, axis=1).shape
    gradient = (rng.normal(size=outputs) * 10.0 ** rng.integers(-3, 4, outputs)).astype(dtype)
    whole = cypool.sum_pool_backward(gradient, (84, length), taps, stride, padding, axis=1)
    for n in (1, 4):
        parts = [cypool.sum_pool_backward(gradient[i:i + n], (n, length), taps, stride, padding, axis=1)
                 for i in range(0, 84, n)]
        np.testing.assert_array_equal(np.concatenate(parts), whole)

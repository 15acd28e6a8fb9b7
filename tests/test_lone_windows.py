"""One window along an axis has no use for a stride: any gives the same result, in no more memory."""

import numpy as np
import pytest

import cypool

CALLS = {
    "max": cypool.max_pool,
    "indices": lambda *args, **kw: cypool.max_pool(*args, **kw, return_indices=True)[1],
    "avg": cypool.avg_pool,
    "norm": lambda x, *args, **kw: cypool.lp_pool(x, 2, *args, **kw),
    "median": cypool.median_pool,
    "variance": cypool.var_pool,
    "softmax": cypool.logsumexp_pool,
}
# Shape, kernel, padding and axes, of which the last has one window.
PLACES = [((2, 10, 300), 4, 2, (1,)), ((2, 5, 3), (2, 4), (0, 2), (1, 2)), ((2, 7, 3, 100), (2, 3), (1, 0), (1, 2)),
          ((2, 12, 3, 20), (5, 2), (0, 1), (1, 2))]


@pytest.mark.parametrize("stride", [10**6, 2**40, 2**61])
@pytest.mark.parametrize(("shape", "kernel", "padding", "axis"), PLACES)
@pytest.mark.parametrize("dtype", ["f4", "f8", "i2"])
@pytest.mark.parametrize("pool", CALLS.values(), ids=CALLS)
def test_the_stride_of_one_window_changes_nothing(pool, dtype, shape, kernel, padding, axis, stride):
    x = np.random.default_rng(0).integers(1, 9, shape).astype(dtype)
    steps = [shape[axis[-1]] + 9, stride]
    near, far = (pool(x, kernel, (2,) * (len(axis) - 1) + (step,), padding, axis=axis) for step in steps)
    assert near.shape[axis[-1]] == 1
    np.testing.assert_array_equal(far, near)


@pytest.mark.parametrize("distance", [2**30, 2**45, 2**59])
@pytest.mark.parametrize("pool", CALLS.values(), ids=CALLS)
def test_taps_and_windows_may_be_farther_apart_than_any_array_is_long(pool, distance):
    x = np.random.default_rng(0).integers(1, 9, (2, 5, 4, 3)).astype(np.float32)
    # Of three taps, the first window reads the one in the middle here, and the second its first.
    far = pool(x, (3, 2), (distance, 1), ((distance, 2 * distance), (0, 0)), dilation=(distance, 1), axis=(1, 2))
    near = pool(x, (3, 2), (5, 1), ((5, 10), (0, 0)), dilation=(5, 1), axis=(1, 2))
    np.testing.assert_array_equal(far, near)

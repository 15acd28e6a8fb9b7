"""Modes of long windows: of labels near each other, of few labels a window, and of others, which are sorted."""

import numpy as np
import pytest

import cypool

INTEGERS = ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"]


def modes(x, kernel):
    """Of windows side by side along the last two axes: the least of the labels that are there most often."""
    rows, columns = (n // kernel for n in x.shape)
    windows = x[:rows * kernel, :columns * kernel].reshape(rows, kernel, columns, kernel).swapaxes(1, 2)
    result = np.empty((rows, columns), x.dtype)
    for place in np.ndindex(rows, columns):
        labels, counts = np.unique(windows[place], return_counts=True)
        result[place] = labels[counts.argmax()]
    return result


def spread_over(labels, dtype):
    """Numbers from 0 on as labels that are far from each other, over the whole range of a dtype."""
    info = np.iinfo(dtype)
    choice = np.random.default_rng(1).integers(info.min, info.max, labels.max() + 1, dtype, endpoint=True)
    return choice[labels]


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("kernel", [4, 7, 8, 11, 12, 16, 17, 23])
@pytest.mark.parametrize("n_labels", [1, 2, 3, 15, 16, 17, 40, 1000])
def test_random_labels(isa, dtype, kernel, n_labels):
    numbers = np.random.default_rng(kernel).integers(0, n_labels, (2 * kernel, 5 * kernel))
    for x in (spread_over(numbers, dtype), (numbers % 100 + max(-50, np.iinfo(dtype).min)).astype(dtype)):
        np.testing.assert_array_equal(cypool.mode_pool(x, kernel), modes(x, kernel))


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("kernel", [8, 12, 16])
def test_pieces(isa, dtype, kernel):
    numbers = np.random.default_rng(0).integers(0, 60, (9, 23)).repeat(7, 0).repeat(7, 1)
    x = spread_over(numbers, dtype)
    np.testing.assert_array_equal(cypool.mode_pool(x, kernel), modes(x, kernel))


@pytest.mark.parametrize("dtype", INTEGERS)
def test_of_equally_many_the_least(isa, dtype):
    info = np.iinfo(dtype)
    for labels in ([info.max, info.min], [7, 3], [info.max, info.max - 3, info.max - 1]):
        x = np.tile(np.array(labels, dtype), 256 // len(labels) // 2 * 2)
        assert cypool.mode_pool(x, x.size)[0] == min(labels)
        assert cypool.mode_pool(x[::-1], x.size)[0] == min(labels)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_labels_as_far_apart_as_there_are_bins(isa, dtype):
    low = np.iinfo(dtype).min
    for distance in (254, 255, 256, 257):
        if low + distance > np.iinfo(dtype).max:
            continue
        x = np.full((3, 200), low, dtype)
        x[:, 99:] = low + distance
        np.testing.assert_array_equal(cypool.mode_pool(x, 200, axis=1)[:, 0], low + distance)


def test_a_window_with_more_labels_than_its_neighbours(isa):
    x = np.zeros((16, 16 * 40), "u4") + 2**20
    x[:, 160:176] = np.arange(256).reshape(16, 16) * 5000
    x[0, 160] = x[1, 160] = 2**30
    np.testing.assert_array_equal(cypool.mode_pool(x, 16), modes(x, 16))


@pytest.mark.parametrize("dtype", ["u1", "i4", "u8"])
def test_one_long_window(isa, dtype):
    x = np.random.default_rng(0).integers(0, 50, 100003).astype(dtype)
    labels, counts = np.unique(x, return_counts=True)
    assert cypool.mode_pool(x, x.size)[0] == labels[counts.argmax()]

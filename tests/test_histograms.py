"""Medians of large windows of bytes at stride 1, which histograms give that move along."""

import numpy as np
import pytest

import cypool
from cypool import _pooling, _windows
from cypool._engine import stacking

TYPES = ["u1", "i1", "?"]


@pytest.fixture(autouse=True)
def _always(monkeypatch):
    """Also where other ways are faster."""
    monkeypatch.setattr(stacking, "TAP_NS", 1e9)
    monkeypatch.setattr(stacking, "COUNTED_TAPS", 4)
    _pooling.forget()
    yield
    _pooling.forget()


def bytes_of(dtype, *shape, seed=0):
    rng = np.random.default_rng(seed)
    if dtype == "?":
        return rng.random(shape) < 0.5
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    # Half of them extremes, so that ranks fall at the ends of segments.
    x = rng.integers(low, high, shape, dtype, endpoint=True)
    extremes = np.array([low, low + 15, low + 16, 127, high], dtype)
    return np.where(rng.random(shape) < 0.5, x, rng.choice(extremes, shape))


def medians(x, kernel, padding):
    """The lower median of what a window has in the input, along all axes; padding is (before, after) for each."""
    sizes = [n + sum(p) - k + 1 for n, p, k in zip(x.shape, padding, kernel)]
    result = np.empty(sizes, x.dtype)
    for place in np.ndindex(*sizes):
        window = x[tuple(slice(max(0, i - before), max(0, i - before + k))
                         for i, k, (before, _) in zip(place, kernel, padding))]
        result[place] = np.sort(window, None)[(window.size - 1) // 2]
    return result


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize(("kernel", "padding"), [
    ((7, 7), ((0, 0), (0, 0))), ((7, 7), ((3, 3), (3, 3))), ((7, 7), ((2, 4), (3, 1))), ((8, 5), ((3, 4), (2, 2))),
    ((2, 19), ((1, 0), (9, 9))), ((19, 2), ((9, 9), (0, 1))), ((6, 13), ((3, 3), (6, 6))), ((2, 3), ((0, 1), (1, 1))),
    ((4, 1), ((2, 1), (0, 0))),
])
def test_planes(isa, dtype, kernel, padding):
    for shape in ((19, 19), (20, 23), (31, 40)):
        x = bytes_of(dtype, *shape)
        np.testing.assert_array_equal(cypool.median_pool(x, kernel, 1, padding), medians(x, kernel, padding))


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize(("kernel", "padding"), [
    ((3, 5, 5), ((0, 0), (0, 0), (0, 0))), ((7, 2, 3), ((3, 3), (1, 0), (1, 1))),
    ((3, 5, 5), ((1, 1), (2, 2), (2, 2))), ((4, 4, 4), ((2, 1), (1, 2), (2, 2))),
])
def test_volumes(isa, dtype, kernel, padding):
    x = bytes_of(dtype, 7, 9, 11)
    np.testing.assert_array_equal(cypool.median_pool(x, kernel, 1, padding), medians(x, kernel, padding))


@pytest.mark.parametrize("threads", [1, 3])
def test_several_tiles_and_blocks(isa, eager_threads, threads):
    x = bytes_of("u1", 150, 1700)
    result = cypool.median_pool(x, 9, 1, 4, num_threads=threads)
    for rows, columns in ((slice(0, 12), slice(700, 850)), (slice(60, 75), slice(1500, 1700)),
                          (slice(140, 150), slice(0, 50))):
        part = tuple(slice(max(0, each.start - 4), each.stop + 4) for each in (rows, columns))
        inside = tuple(slice(each.start - some.start, each.stop - some.start)
                       for each, some in zip((rows, columns), part))
        expected = medians(x[part], (9, 9), ((4, 4), (4, 4)))[inside]
        np.testing.assert_array_equal(result[rows, columns], expected)


def test_layouts_views_and_outputs(isa):
    x = bytes_of("u1", 2, 40, 50)
    expected = np.stack([medians(each, (7, 9), ((3, 3), (4, 4))) for each in x])
    options = {"axis": (1, 2)}
    for same in (x, np.asfortranarray(x), x.repeat(2, 2)[:, :, ::2], x[:, ::-1, ::-1].copy()[:, ::-1, ::-1],
                 x.transpose(1, 2, 0).copy().transpose(2, 0, 1), x.transpose(0, 2, 1).copy().transpose(0, 2, 1)):
        np.testing.assert_array_equal(cypool.median_pool(same, (7, 9), 1, (3, 4), **options), expected)
    out = np.zeros((2, 80, 120), "u1")[:, ::2, 3:103:2]
    assert cypool.median_pool(x, (7, 9), 1, (3, 4), out=out, **options) is out
    np.testing.assert_array_equal(out, expected)
    rows = np.zeros((2, 40, 60), "u1")[:, :, 5:55]
    cypool.median_pool(x, (7, 9), 1, (3, 4), out=rows, **options)
    np.testing.assert_array_equal(rows, expected)
    again = x.copy()
    cypool.median_pool(again, (7, 9), 1, (3, 4), out=again, **options)
    np.testing.assert_array_equal(again, expected)


def test_windows_of_as_many_taps_as_counts_can_be(isa):
    # 181 * 181 and 255 rows are the most, one row more is too many.
    for kernel in ((181, 181), (182, 181), (255, 2), (256, 2)):
        x = bytes_of("u1", kernel[0] + 6, kernel[1] + 4)
        np.testing.assert_array_equal(cypool.median_pool(x, kernel, 1), medians(x, kernel, ((0, 0), (0, 0))))
        x[:] = 255
        np.testing.assert_array_equal(cypool.median_pool(x, kernel, 1), 255)


@pytest.mark.parametrize("padding", [0, 5])
def test_windows_that_are_nearly_the_input(isa, padding):
    x = bytes_of("i1", 11, 12)
    np.testing.assert_array_equal(cypool.median_pool(x, 11, 1, padding), medians(x, (11, 11), ((padding,) * 2,) * 2))


def test_where_they_are_the_faster_way(monkeypatch):
    monkeypatch.undo()

    def taken(length, taps, planes, row_taps):
        column = _windows.pooled(length, taps, 1, (0, 0), 1)
        return stacking._counting(column, taps * planes, taps * planes * row_taps) is not None

    assert taken(512, 7, 1, 7)
    assert taken(512, 31, 1, 31)
    assert taken(64, 5, 5, 5)
    # They are sorted faster; two rows of outputs need 39 to begin with; each step takes an element of 32 planes.
    assert not taken(512, 6, 1, 6)
    assert not taken(40, 39, 1, 2)
    assert not taken(64, 2, 32, 2)
    # More than a byte counts, in a column.
    assert taken(600, 255, 1, 9)
    assert not taken(600, 256, 1, 9)

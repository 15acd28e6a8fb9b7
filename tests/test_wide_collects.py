"""Gradients of maxima on small planes, collected in the widest vectors, and in cache with channels."""

import numpy as np
import pytest
from test_across import last_page  # noqa: F401
from test_collects import added

import cypool
from cypool import _isa, _scattering, _ways

pytestmark = pytest.mark.skipif(_isa.kernels().wide_collects is None, reason="the copy in use has no such vectors")

# Pooled axes, and padding of windows of 3x3 two apart.
PLANES = [((5, 26), 1), ((28, 28), 1), ((27, 29), 1), ((9, 27), 0), ((30, 31), 0), ((28, 28), ((0, 1), (0, 1))),
          ((6, 32), 1), ((11, 33), ((1, 0), (0, 0))), ((7, 56), 1), ((9, 57), 0), ((4, 62), 1), ((3, 64), 1),
          ((5, 91), 1), ((112, 112), 1)]
CHANNELS = [(48, 3, 2, 1), (64, 3, 2, 0), (70, (2, 3), 2, 1), (50, 2, 1, 0), (300, 3, (2, 1), 1)]


@pytest.fixture(autouse=True)
def however_few(monkeypatch):
    """Values there are: else they would be added one by one."""
    monkeypatch.setattr(_ways, "_FEWEST_VALUES", 256)
    monkeypatch.setattr(_scattering, "laid_out", _ways.laid_out.function)


@pytest.fixture
def ways(monkeypatch):
    """The ways that were taken."""
    taken = []

    def scatter(*args):
        taken.append(args[-4])
        return plain(*args)

    plain = _scattering.scatter
    monkeypatch.setattr(_scattering, "scatter", scatter)
    return taken


def made(shape, axes, *windows):
    """Gradients, and indices with ties."""
    rng = np.random.default_rng(sum(shape))
    y, indices = cypool.max_pool(rng.integers(0, 9, shape).astype("f4"), *windows, axis=axes, return_indices=True)
    return rng.standard_normal(y.shape, "f4"), indices


@pytest.mark.parametrize("n_planes", [1, 2, 45])
@pytest.mark.parametrize("case", PLANES, ids=str)
def test_planes(eager_threads, ways, case, n_planes):
    size, padding = case
    shape = (n_planes, *size)
    gradient, indices = made(shape, (1, 2), 3, 2, padding)
    expected = added(gradient, indices, shape, (1, 2))
    for threads in (1, 2):
        out = np.full(shape, np.nan, "f4")
        cypool.max_pool_backward(gradient, indices, shape, axis=(1, 2), out=out, num_threads=threads)
        np.testing.assert_array_equal(out, expected)
    assert all((way.collect_small != 0) == (gradient.size >= 256) for way in ways)


@pytest.mark.parametrize("case", PLANES[:-1], ids=str)
def test_an_index_beside_its_window(case):
    """Also where a plane has no such place, or it is one of the row below."""
    size, padding = case
    shape = (8, *size)
    gradient, indices = made(shape, (1, 2), 3, 2, padding)
    before = [sides[0] for sides in padding] if isinstance(padding, tuple) else [padding, padding]
    n_rows, n = gradient.shape[1:]
    for row in {0, 1, n_rows - 1}:
        for window in {0, 1, n // 2, n - 2, n - 1}:
            for tap in np.ndindex(5, 5):
                y, x = 2 * row + tap[0] - before[0] - 1, 2 * window + tap[1] - before[1] - 1
                label = y * size[1] + x
                moved = indices.copy()
                moved[5, row, window] = label
                if 0 <= label < size[0] * size[1]:
                    result = cypool.max_pool_backward(gradient, moved, shape, axis=(1, 2))
                    np.testing.assert_array_equal(result, added(gradient, moved, shape, (1, 2)))
                else:
                    with pytest.raises(ValueError, match="indices must be in"):
                        cypool.max_pool_backward(gradient, moved, shape, axis=(1, 2))


@pytest.mark.parametrize("wrong", [-2**31, 2**31, 2**32, 2**40])
def test_indices_beyond_32_bits(wrong):
    gradient, indices = made((8, 28, 28), (1, 2), 3, 2, 1)
    indices[3, 13, 13] += wrong
    with pytest.raises(ValueError, match="indices must be in"):
        cypool.max_pool_backward(gradient, indices, (8, 28, 28), axis=(1, 2))


def test_planes_of_any_bits():
    gradient, indices = made((8, 28, 28), (1, 2), 3, 2, 1)
    gradient[:, ::3] = np.nan
    gradient[:, 1::3] = np.inf
    gradient[:, 2::3] = -0.0
    result = cypool.max_pool_backward(gradient, indices, (8, 28, 28), axis=(1, 2))
    np.testing.assert_array_equal(result, added(gradient, indices, (8, 28, 28), (1, 2)))
    assert not np.signbit(result).any()


@pytest.mark.parametrize("case", PLANES[:4], ids=str)
def test_nothing_is_read_beyond_the_arrays(last_page, case):  # noqa: F811
    shape = (8, *case[0])
    gradient, indices = made(shape, (1, 2), 3, 2, case[1])
    expected = added(gradient, indices, shape, (1, 2))
    np.testing.assert_array_equal(
        cypool.max_pool_backward(last_page(gradient), indices, shape, axis=(1, 2)), expected)
    np.testing.assert_array_equal(
        cypool.max_pool_backward(gradient, last_page(indices), shape, axis=(1, 2)), expected)


@pytest.mark.parametrize("size", [(18, 14), (14, 16), (18, 16)])
def test_more_windows_than_have_room(last_page, ways, size):  # noqa: F811
    """All in their places along an axis, or beyond its end: nothing is written there."""
    shape = (8, 28, 28)
    rng = np.random.default_rng(0)
    places = [np.minimum(2 * np.arange(n) + rng.integers(-1, 2, n), 27).clip(0) for n in size]
    indices = np.broadcast_to(28 * places[0][:, None] + places[1], (8, *size)).copy()
    gradient = rng.standard_normal(indices.shape, "f4")
    out = last_page(np.full(shape, np.nan, "f4"))
    cypool.max_pool_backward(gradient, indices, shape, axis=(1, 2), out=out)
    np.testing.assert_array_equal(out, added(gradient, indices, shape, (1, 2)))
    assert ways[0].collect_small


@pytest.mark.parametrize(("windows", "collects"), [((3, 2, 1), True), ((2, 1), True), (((3, 1), (2, 1)), True),
                                                   ((4, 2), False), ((4, 3), False), (((3, 2), 2), False),
                                                   ((5, 4), False), (((2, 2), (1, 2)), True)], ids=str)
def test_few_values_in_cache_are_added_one_by_one(ways, windows, collects):
    """To look up what each input has takes longer, unless there is about a value for it, or one is looked up for four
    of them."""
    gradient, indices = made((2, 30, 31, 64), (1, 2), *windows)
    cypool.max_pool_backward(gradient, indices, (2, 30, 31, 64), axis=(1, 2))
    assert [way.collect != 0 for way in ways] == [collects]


@pytest.mark.parametrize("case", CHANNELS, ids=str)
def test_channels(eager_threads, ways, case):
    n_channels, *windows = case
    shape = (2, 13, 14, n_channels)
    gradient, indices = made(shape, (1, 2), *windows)
    expected = added(gradient, indices, shape, (1, 2))
    for threads in (1, 2):
        result = cypool.max_pool_backward(gradient, indices, shape, axis=(1, 2), num_threads=threads)
        np.testing.assert_array_equal(result, expected)
    assert any(way.collect for way in ways) == (windows[1] != (2, 1))

"""Gradients of maxima of overlapping windows: what inputs collect is what adding in the order of the outputs gives."""

import numpy as np
import pytest

import cypool
from cypool import _scattering, _ways

# Shapes of pooled axes, windows (kernel, stride, padding), and channels: None means channels first.
CASES = (
    ((41, 52), (3, 2, 1), None), ((40, 53), (3, 2, 1), None), ((9, 113), (3, 2, 0), None), ((30, 64), (3, 2, 0), None),
    ((7, 30), (2, 1, 0), None), ((12, 90), (2, 1, 1), None), ((301,), (3, 2, 1), None), ((95,), (3, 1, 1), None),
    ((40,), (4, 1, 0), None), ((6, 90), ((3, 3), (3, 2), (1, 1)), None),
    ((4, 6, 44), ((1, 3, 3), (1, 2, 2), (0, 1, 1)), None), ((9, 11), (3, 2, 1), 64), ((8, 9), (3, 2, 0), 45),
    ((10, 7), (2, 1, 1), 20), ((30,), (3, 1, 1), 33), ((21,), (5, 2, 2), 24), ((6, 5), ((3, 2), 2, (1, 0)), 300),
    ((4, 6, 5), ((2, 3, 1), (2, 2, 1), (0, 1, 0)), 40),
)


@pytest.fixture(autouse=True)
def all_sizes(monkeypatch):
    """As beyond the cache, and chosen anew for each call, however few values there are for the inputs."""
    monkeypatch.setattr(_ways, "_BEYOND_CACHE", 1)
    monkeypatch.setattr(_ways, "_MOST_INPUTS", 100)
    monkeypatch.setattr(_ways, "_FEWEST_VALUES", 1)
    monkeypatch.setattr(_scattering, "laid_out", _ways.laid_out.function)


@pytest.fixture
def collected(monkeypatch):
    """Whether the last call was told to collect."""
    calls = []

    def scatter(*args):
        calls.append(args[-4].collect != 0)
        return plain(*args)

    plain = _scattering.scatter
    monkeypatch.setattr(_scattering, "scatter", scatter)
    return calls


def made(rng, dtype, shape, windows, channels):
    """Gradients and indices, with ties, of two planes; and the shape of x, and its pooled axes."""
    kernel, stride, padding = windows
    full = (2, *shape) if channels is None else (2, *shape, channels)
    axes = tuple(range(1, 1 + len(shape)))
    x = rng.integers(0, 9, full).astype(dtype)
    y, indices = cypool.max_pool(x, kernel, stride, padding, axis=axes, return_indices=True)
    return rng.standard_normal(y.shape).astype(dtype), indices, full, axes


def added(gradient, indices, shape, axes):
    """One by one, in the order of the outputs."""
    outer = [axis for axis in range(len(shape)) if axis not in axes]
    order = [*outer, *axes]
    n_outer = int(np.prod([shape[axis] for axis in outer]))
    result = np.zeros((n_outer, int(np.prod([shape[axis] for axis in axes]))), gradient.dtype)
    flat = (each.transpose(order).reshape(n_outer, -1) for each in (gradient, indices))
    for row, some, where in zip(result, *flat):
        np.add.at(row, where, some)
    return result.reshape([shape[axis] for axis in order]).transpose(np.argsort(order))


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_inputs_collect_what_is_theirs(isa, collected, dtype, case):
    gradient, indices, shape, axes = made(np.random.default_rng(0), dtype, *case)
    result = cypool.max_pool_backward(gradient, indices, shape, axis=axes)
    np.testing.assert_array_equal(result, added(gradient, indices, shape, axes))
    # Rows of doubles are not collected.
    assert collected == [dtype == "f4" or case[2] is not None]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_one_index_that_belongs_elsewhere(case):
    """Then no window is taken for granted."""
    rng = np.random.default_rng(1)
    gradient, indices, shape, axes = made(rng, "f4", *case)
    size = int(np.prod([shape[axis] for axis in axes]))
    for _ in range(20):
        moved = indices.copy()
        moved.flat[rng.integers(moved.size)] = rng.integers(size)
        result = cypool.max_pool_backward(gradient, moved, shape, axis=axes)
        np.testing.assert_array_equal(result, added(gradient, moved, shape, axes))


@pytest.mark.parametrize("case", [case for case in CASES if case[2] is None], ids=str)
def test_indices_of_the_next_row(isa, case):
    """Windows at the end of a row may have some of its first positions, as far as there is such a row: vectors reach
    there."""
    gradient, indices, shape, axes = made(np.random.default_rng(4), "f4", *case)
    size = int(np.prod([shape[axis] for axis in axes]))
    for by in (1, 2, 3, shape[-1]):
        for window in (-1, -2):
            for rows in (np.s_[:], np.s_[..., -1] if indices.ndim > 2 else np.s_[-1]):
                moved = indices.copy()
                some = moved[..., window]
                some[rows] = some[rows] // shape[-1] * shape[-1] + shape[-1] - 1 + by
                if moved.max() < size:
                    result = cypool.max_pool_backward(gradient, moved, shape, axis=axes)
                    np.testing.assert_array_equal(result, added(gradient, moved, shape, axes))
                else:
                    with pytest.raises(ValueError, match="indices must be in"):
                        cypool.max_pool_backward(gradient, moved, shape, axis=axes)
                    moved = np.minimum(moved, size - 1)
                    result = cypool.max_pool_backward(gradient, moved, shape, axis=axes)
                    np.testing.assert_array_equal(result, added(gradient, moved, shape, axes))


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("wrong", [-1, -2**31, -2**63, 2**31, 2**32, 2**40, 2**63 - 1])
def test_wrong_indices(case, wrong):
    gradient, indices, shape, axes = made(np.random.default_rng(2), "f4", *case)
    size = int(np.prod([shape[axis] for axis in axes]))
    for position in (0, indices.size // 2, indices.size - 1):
        bad = indices.copy()
        bad.flat[position] = wrong if wrong == 2**63 - 1 else bad.flat[position] + wrong
        if not 0 <= bad.flat[position] < size:
            with pytest.raises(ValueError, match="indices must be in"):
                cypool.max_pool_backward(gradient, bad, shape, axis=axes)


def test_gradients_of_any_bits():
    """Infinities and NaN stay where they belong, and nothing becomes -0."""
    gradient, indices, shape, axes = made(np.random.default_rng(3), "f4", *CASES[0])
    gradient[:, ::3] = np.nan
    gradient[:, 1::3] = np.inf
    gradient[:, 2::3] = -0.0
    result = cypool.max_pool_backward(gradient, indices, shape, axis=axes)
    np.testing.assert_array_equal(result, added(gradient, indices, shape, axes))
    assert not np.signbit(result).any()


@pytest.mark.parametrize("width", [112, 113])
@pytest.mark.parametrize("last", [False, True])
def test_outputs_beyond_the_cache(eager_threads, collected, last, width):
    """They are written past it where all rows are aligned."""
    rng = np.random.default_rng(0)
    shape = (3, 112, width, 128) if last else (3, 128, 112, width)
    axes = (1, 2) if last else (2, 3)
    x = rng.standard_normal(shape).astype("f4")
    y, indices = cypool.max_pool(x, 3, 2, 1, axis=axes, return_indices=True)
    gradient = rng.standard_normal(y.shape).astype("f4")
    expected = added(gradient, indices, shape, axes)
    for threads in (1, 2):
        out = np.full(shape, np.nan, "f4")
        cypool.max_pool_backward(gradient, indices, shape, axis=axes, out=out, num_threads=threads)
        np.testing.assert_array_equal(out, expected)
    assert all(collected)


def test_views(collected):
    """Rows that are not neighbours in memory are added one by one."""
    gradient, indices, shape, axes = made(np.random.default_rng(4), "f4", *CASES[0])
    expected = added(gradient, indices, shape, axes)
    wide = np.zeros((*gradient.shape[:-1], 2 * gradient.shape[-1]), "f4")
    wide[..., ::2] = gradient
    np.testing.assert_array_equal(cypool.max_pool_backward(wide[..., ::2], indices, shape, axis=axes), expected)
    out = np.full((2, *shape[1:-1], 2 * shape[-1]), np.nan, "f4")[..., ::2]
    cypool.max_pool_backward(gradient, indices, shape, axis=axes, out=out)
    np.testing.assert_array_equal(out, expected)
    assert not any(collected)


@pytest.mark.parametrize("channels", [2, 3, 4, 5, 7, 8, 9, 16, 23])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_channels_whose_indices_lead_anywhere(dtype, channels):
    """They are added row by row of channels, and what is added to is cleared on the way: the first index that leads
    further may be any channel's. In rows that lie end to end, and in others."""
    rng = np.random.default_rng(channels)
    shape = 2, 90, 80, channels
    for n_out in (5, 11), (30, 40):
        gradient = rng.standard_normal((2, *n_out, channels)).astype(dtype)
        indices = np.sort(rng.integers(0, 7200, gradient.shape), axis=2)
        for step in (0, 3000):
            far = indices.copy()
            far[:, 1::2, ::3, -1] = np.minimum(far[:, 1::2, ::3, -1] + step, 7199)
            expected = added(gradient, far, shape, (1, 2))
            wide = np.zeros((2, *n_out, channels + 3), dtype), np.zeros((2, *n_out, channels + 3), np.int64)
            wide[0][..., :-3], wide[1][..., :-3] = gradient, far
            apart = wide[0][..., :-3], wide[1][..., :-3]
            for values, places in ((gradient, far), apart, (gradient, apart[1])):
                result = cypool.max_pool_backward(values, places, shape, axis=(1, 2))
                np.testing.assert_array_equal(result, expected)

"""Unpooling, and gradients of maxima, whose windows lie side by side: blocks that are written whole, and others."""

from itertools import product

import numpy as np
import pytest

import cypool
from cypool import _scattering, _ways

# Sizes of x's pooled axes, of blocks, and channels: None means channels first.
SHAPES = (((5, 32), (2, 2), None), ((4, 77), (2, 2), None), ((1, 100), (3, 2), None), ((3, 40), (1, 2), None),
          ((3, 4, 35), (2, 2, 2), None), ((64,), (2,), None), ((5, 6), (2, 2), 32), ((4, 3), (3, 3), 50),
          ((2, 2, 3), (2, 2, 2), 64), ((9,), (2,), 300), ((4, 36), (2, 3), None), ((4, 7), (4, 4), 33),
          ((6, 21), (2, 2), None), ((5, 6), (2, 2), 22))


@pytest.fixture(autouse=True)
def short_rows(monkeypatch):
    """As they are written whole where vectors are wider, or other things slower."""
    monkeypatch.setattr(_ways, "_FEWEST_PLACED", 20)
    monkeypatch.setattr(_ways, "_FEWEST_VALUES", 1)
    monkeypatch.setattr(_ways, "_MOST_OF_BLOCK", 2**10)
    monkeypatch.setattr(_scattering, "laid_out", _ways.laid_out.function)


def made(rng, dtype, sizes, blocks, channels):
    """Values and the places in their blocks, for two planes, and the pooled axes."""
    size = tuple(n * b for n, b in zip(sizes, blocks))
    shape = (2, *sizes) if channels is None else (2, *sizes, channels)
    axes = tuple(range(1, 1 + len(sizes)))
    at = np.zeros(shape, np.int64)
    for axis, n, b in zip(axes, sizes, blocks):
        first = np.arange(n).reshape(-1, *[1] * (len(shape) - axis - 1)) * b
        at = at * size[axis - 1] + first + rng.integers(0, b, shape)
    values = (rng.standard_normal(shape) * 50).astype(dtype)
    return values, at, size, axes


def placed(values, indices, size, axes):
    """By one assignment, in which the last of several wins; this is the sum as well where there are no several."""
    outer = [axis for axis in range(values.ndim) if axis not in axes]
    order = [*outer, *axes]
    planes, at = (each.transpose(order).reshape(-1, int(np.prod([values.shape[a] for a in axes])))
                  for each in (values, indices))
    result = np.zeros((planes.shape[0], int(np.prod(size))), values.dtype)
    for row, some, where in zip(result, planes, at):
        for value, place in zip(some, where):
            row[place] = value
    return result.reshape(*[values.shape[a] for a in outer], *size).transpose(np.argsort(order))


def unpooled(values, indices, size, axes, **options):
    function = getattr(cypool, f"max_unpool{len(size)}d")
    last = axes[-1] < values.ndim - 1
    layout = "channels_last" if last else "channels_first"
    if not last:
        values, indices = values[:, None], indices[:, None]
    result = function(values, indices, tuple(s // n for s, n in zip(size, values.shape[1:] if last else
                                                                      values.shape[2:])),
                      data_format=layout, **options)
    return result if last else result[:, 0]


@pytest.mark.parametrize("case", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", ["u1", "i2", "f2", "u4", "f4", "i8", "f8"])
def test_values_go_to_their_places(isa, case, dtype):
    values, indices, size, axes = made(np.random.default_rng(0), dtype, *case)
    expected = placed(values, indices, size, axes)
    if len(size) < 4:
        np.testing.assert_array_equal(unpooled(values, indices, size, axes), expected)
    if np.dtype(dtype).kind == "f":
        shape = expected.shape
        gradient = cypool.max_pool_backward(values, indices, shape, axis=axes)
        np.testing.assert_array_equal(gradient, expected)


@pytest.mark.parametrize("case", SHAPES, ids=str)
def test_one_value_that_belongs_elsewhere(case):
    """Then none of the blocks are taken for granted: values of one place are added, or the last stays."""
    rng = np.random.default_rng(1)
    values, indices, size, axes = made(rng, "f4", *case)
    for _ in range(20):
        moved = indices.copy()
        moved.flat[rng.integers(moved.size)] = rng.integers(np.prod(size))
        np.testing.assert_array_equal(unpooled(values, moved, size, axes), placed(values, moved, size, axes))
        gradient = cypool.max_pool_backward(values, moved, placed(values, moved, size, axes).shape, axis=axes)
        assert gradient.sum(dtype="f8") == pytest.approx(values.sum(dtype="f8"), abs=1e-2)


@pytest.mark.parametrize("case", SHAPES, ids=str)
@pytest.mark.parametrize("wrong", [-1, -2**31, -2**63, 2**31, 2**32, 2**40, 2**63 - 1])
def test_wrong_places(case, wrong):
    rng = np.random.default_rng(2)
    values, indices, size, axes = made(rng, "f4", *case)
    for position in (0, indices.size // 2, indices.size - 1):
        bad = indices.copy()
        bad.flat[position] += wrong if wrong != 2**63 - 1 else wrong - bad.flat[position]
        if 0 <= bad.flat[position] < np.prod(size):
            continue
        with pytest.raises(ValueError, match="indices must be in"):
            unpooled(values, bad, size, axes)
        with pytest.raises(ValueError, match="indices must be in"):
            cypool.max_pool_backward(values, bad, placed(values, indices, size, axes).shape, axis=axes)


@pytest.mark.parametrize("case", SHAPES, ids=str)
@pytest.mark.parametrize("threads", [2, 3, 7])
def test_threads_share_the_blocks_of_a_plane(monkeypatch, eager_threads, case, threads):
    """Where there are fewer planes than threads; all is done again where one value belongs elsewhere."""
    def scatter(*args):
        inside = plain(*args)
        shared.append((args[-3], inside))
        return inside

    plain, shared = _scattering.scatter, []
    monkeypatch.setattr(_scattering, "scatter", scatter)
    rng = np.random.default_rng(3)
    values, indices, size, axes = made(rng, "f4", *case)
    shape = placed(values, indices, size, axes).shape
    sizes, blocks, channels = case
    placing = channels is not None or (blocks[-1] == 2 and len(sizes) > 1)
    n_slabs = min(threads, sizes[0]) if placing else 1
    for n in (1, 2):
        some, places = values[:n], indices[:n]
        shared.clear()
        unpooled(some, places, size, axes, num_threads=threads)
        assert shared == [(n_slabs, True)]      # and nothing was done again
        for _ in range(4):
            expected = placed(some, places, size, axes)
            np.testing.assert_array_equal(unpooled(some, places, size, axes, num_threads=threads), expected)
            gradient = cypool.max_pool_backward(some, places, (n, *shape[1:]), axis=axes, num_threads=threads)
            one = cypool.max_pool_backward(some, places, (n, *shape[1:]), axis=axes, num_threads=1)
            np.testing.assert_array_equal(gradient, one)
            places = places.copy()
            places.flat[rng.integers(places.size)] = rng.integers(np.prod(size))
        places.flat[-1] = np.prod(size)
        with pytest.raises(ValueError, match="indices must be in"):
            unpooled(some, places, size, axes, num_threads=threads)


def test_gradients_are_added_to_zero():
    values = np.full((4, 40), -0.0, "f4")
    indices = np.arange(4)[:, None] * 160 + np.arange(40) * 2
    assert not np.signbit(cypool.max_pool_backward(values, indices, (8, 80))).any()
    assert np.signbit(cypool.max_unpool2d(values[None], indices[None], 2)).sum() == values.size


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("offset", [0, 4, 16, 32])
def test_outputs_beyond_the_cache(eager_threads, last, offset):
    """They are written past it, in pieces of 16 bytes where that is possible."""
    rng = np.random.default_rng(0)
    shape = (1, 540, 340, 48) if last else (22, 1, 400, 1090)
    x = rng.standard_normal(shape).astype("f4")
    layout, axes = ("channels_last", (1, 2)) if last else ("channels_first", (2, 3))
    y, indices = cypool.max_pool2d(x, 2, return_indices=True, data_format=layout)
    memory = np.empty(x.nbytes + 128, np.uint8)
    begin = -memory.ctypes.data % 64 + offset
    out = memory[begin:begin + x.nbytes].view("f4").reshape(shape)
    blocks = np.broadcast_to(y.repeat(2, axes[0]).repeat(2, axes[1]), shape)
    expected = np.where(x == blocks, x, 0)
    for threads in (1, 2):
        out[...] = np.nan
        cypool.max_unpool2d(y, indices, 2, data_format=layout, out=out, num_threads=threads)
        np.testing.assert_array_equal(out, expected)
        out[...] = np.nan
        cypool.max_pool_backward(y, indices, shape, axis=axes, out=out, num_threads=threads)
        np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("order", list(product([1, -1], repeat=2)))
def test_views(order):
    rng = np.random.default_rng(0)
    values, indices, size, axes = made(rng, "f4", (6, 48), (2, 2), None)
    steps = (slice(None), slice(None, None, order[0]), slice(None, None, order[1]))
    mirrored, places = (np.ascontiguousarray(each[steps])[steps] for each in (values, indices))
    np.testing.assert_array_equal(unpooled(mirrored, places, size, axes), placed(values, indices, size, axes))
    wide = np.zeros((2, 12, 192), "f4")
    cypool.max_unpool2d(values[:, None], indices[:, None], 2, out=wide[:, None, :, ::2])
    np.testing.assert_array_equal(wide[:, :, ::2], placed(values, indices, size, axes))
    assert not wide[:, :, 1::2].any()

"""Max unpooling, against its naive twin and PyTorch."""

import numpy as np
import pytest
from strategies import ORDERED, laid_out

import cypool

pytestmark = pytest.mark.usefixtures("isa")


def unpooled(x, indices, shape, axes):
    """Assignment in row-major order, so that the last of equal indices wins."""
    result = np.zeros(shape, x.dtype)
    lengths = [shape[a] for a in axes]
    for index in np.ndindex(*x.shape):
        cell = list(index)
        for a, p in zip(axes, np.unravel_index(indices[index], lengths)):
            cell[a] = p
        result[tuple(cell)] = x[index]
    return result


@pytest.mark.parametrize("dtype", ORDERED)
@pytest.mark.parametrize("layout", ["C", "F", "every other", "swapped", "unaligned"])
@pytest.mark.parametrize("last", [False, True])
def test_equals_naive(dtype, layout, last):
    rng = np.random.default_rng(0)
    x = laid_out((rng.normal(size=(2, 5, 6, 3)) * 20).astype(dtype), layout)
    axes = (1, 2) if last else (2, 3)
    shape = (2, 10, 12, 3) if last else (2, 5, 12, 6)
    # Any indices, and many that are equal.
    indices = rng.integers(0, shape[axes[0]] * shape[axes[1]], x.shape)
    options = {"data_format": "channels_last" if last else "channels_first"}
    expected = unpooled(np.asarray(x), indices, shape, axes)
    result = cypool.max_unpool2d(x, indices, 2, **options)
    np.testing.assert_array_equal(result.astype("f8"), expected.astype("f8"))
    assert result.dtype == np.dtype(dtype)
    for threads in (1, 2):
        out = np.full(shape[::-1], 7, result.dtype).T
        assert cypool.max_unpool2d(x, indices, 2, out=out, num_threads=threads, **options) is out
        np.testing.assert_array_equal(out.astype("f8"), expected.astype("f8"))


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize(("kernel", "stride", "padding"), [(2, None, 0), (3, 2, 1), (3, 2, 0), (3, 4, 1)])
def test_inverts_max_pooling(n, kernel, stride, padding):
    x = np.random.default_rng(0).normal(size=(2, 3) + (13,) * n).astype("f4")
    pool, unpool = (getattr(cypool, f"max_{name}{n}d") for name in ("pool", "unpool"))
    y, indices = pool(x, kernel, stride, padding, return_indices=True)
    back = unpool(y, indices, kernel, stride, padding, output_size=x.shape)
    np.testing.assert_array_equal(back != 0, np.where(back != 0, back == x, False))
    np.testing.assert_array_equal(pool(np.where(back != 0, back, -np.inf), kernel, stride, padding), y)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize(("kernel", "stride", "padding", "extra"), [
    (2, None, 0, None), (2, None, 0, 1), (3, 2, 1, None), (3, 2, 1, 1), ((2,), (3,), (0,), None),
])
def test_equals_pytorch(n, kernel, stride, padding, extra):
    torch = pytest.importorskip("torch")
    each = [value * n if isinstance(value, tuple) else value for value in (kernel, stride, padding)]
    x = torch.randn((2, 3) + (12,) * n, generator=torch.Generator().manual_seed(0))
    y, indices = getattr(torch.nn.functional, f"max_pool{n}d")(x, *each, return_indices=True)
    unpool = getattr(torch.nn.functional, f"max_unpool{n}d")
    try:
        expected = unpool(y, indices, *each)
    except (RuntimeError, ValueError):
        expected = None
    size = None
    if extra is not None and expected is not None:
        size = tuple(length + extra for length in expected.shape[2:])
        expected = unpool(y, indices, *each, output_size=size)
    if expected is None:
        with pytest.raises(ValueError, match="indices must be"):
            getattr(cypool, f"max_unpool{n}d")(y.numpy(), indices.numpy(), *each)
        return
    result = getattr(cypool, f"max_unpool{n}d")(y.numpy(), indices.numpy(), *each, output_size=size)
    np.testing.assert_array_equal(result, expected)


def test_empty():
    assert cypool.max_unpool1d(np.zeros((0, 3)), np.zeros((0, 3), int), 2).shape == (0, 6)

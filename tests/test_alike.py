"""Gradients, and outputs that are more than inputs, of which rows and planes follow each other that are alike: each is
made once and copied. The same as by matrices that say which window has which position."""

import numpy as np
import pytest

import cypool
from cypool import _pooling
from cypool._engine import plan

# (lengths of the input, outputs), with and without planes, of few and many alike; and of none.
SIZES = [((13, 9), (2, 1)), ((30, 17), (4, 3)), ((11, 6, 8), (3, 2, 1)), ((7, 40, 5), (2, 3, 4)),
         ((9, 5, 6, 7), (2, 2, 1, 3)),
         ((70, 6), (5, 6)), ((200, 3), (3, 2)), ((16, 16, 16), (3, 16, 5)), ((12, 33), (5, 33))]
# (kernel, stride, length) along two axes or three: overlapping windows, gaps, and beyond the last window.
WINDOWS = [((5, 3, 23), (3, 2, 12)), ((2, 5, 22), (3, 2, 9)), ((7, 4, 20), (2, 3, 11), (4, 3, 13)),
           ((1, 4, 15), (5, 3, 8), (1, 1, 6)),
           ((4, 4, 18), (5, 4, 21), (3, 1, 7)), ((9, 5, 60), (1, 2, 5))]


def adaptive(length, n_out):
    edges = np.arange(n_out + 1)
    return [(edges[i] * length // n_out, -(-edges[i + 1] * length // n_out)) for i in range(n_out)]


def matrix(windows, length):
    """1 where a window (a row) has a position."""
    positions = np.arange(length)
    return np.array([(positions >= start) & (positions < stop) for start, stop in windows], "f8")


def spread(gradient, matrices, axes):
    for axis, m in zip(axes, matrices):
        gradient = np.moveaxis(np.tensordot(gradient, m, (axis, 0)), -1, axis)
    return gradient


def check(call, gradient, matrices, axes, dtype):
    expected = spread(gradient.astype("f8"), matrices, axes)
    result = call(gradient.astype(dtype))
    assert result.dtype == dtype
    np.testing.assert_allclose(result, expected, rtol=2e-3 if dtype == "f2" else 1e-6, atol=1e-6)
    return result


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("channels", [None, 1, 3, 40, 9000])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_adaptive_gradients(isa, sizes, channels, dtype):
    lengths, outputs = sizes
    if channels == 9000 and np.prod(lengths) > 1000:
        pytest.skip("much of the same")
    batch = 2 if channels == 9000 else 3
    shape = (batch, *lengths) if channels is None else (batch, *lengths, channels)
    axes = tuple(range(1, len(lengths) + 1))
    windows = [adaptive(length, n) for length, n in zip(lengths, outputs)]
    rng = np.random.default_rng(len(lengths))
    gradient = rng.integers(-8, 9, (batch, *outputs, *shape[len(lengths) + 1:]))
    shares = [matrix(each, length) / [[stop - start] for start, stop in each]
              for each, length in zip(windows, lengths)]
    check(lambda g: cypool.adaptive_avg_pool_backward(g, shape, outputs, axis=axes), gradient, shares, axes, dtype)


@pytest.mark.parametrize("op", ["sum", "avg"])
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("channels", [None, 2, 70])
@pytest.mark.parametrize("windows", WINDOWS, ids=str)
def test_gradients_in_any_memory(eager_threads, windows, channels, threads, dtype, op):
    kernel, stride, lengths = zip(*windows)
    axes = tuple(range(1, len(windows) + 1))
    shape = (5, *lengths) if channels is None else (5, *lengths, channels)
    matrices = [matrix([(i * s, i * s + k) for i in range((length - k) // s + 1)], length) / (k if op == "avg" else 1)
                for k, s, length in windows]
    gradient = np.random.default_rng(1).integers(-8, 9, (5, *map(len, matrices), *shape[len(axes) + 1:]))

    def call(g, out=None):
        backward = getattr(cypool, f"{op}_pool_backward")
        return backward(g, shape, kernel, stride, axis=axes, out=out, num_threads=threads)

    result = check(call, gradient, matrices, axes, dtype)
    large = np.full([2 * length for length in shape], 7, dtype)
    out = large[tuple(slice(1, None, 2) for _ in shape)]
    for other in (out, np.full(shape, 7, dtype)[:, ::-1], np.full(shape, 7, dtype, order="F"),
                  np.full(shape, 7, np.dtype(dtype).newbyteorder("S"))):
        call(gradient.astype(dtype), other)
        np.testing.assert_array_equal(other, result)
    out[:] = 7
    assert (large == 7).all()


@pytest.mark.parametrize("op", ["max", "avg"])
@pytest.mark.parametrize("dtype", ["u1", "i4", "f2", "f4", "f8"])
@pytest.mark.parametrize("sizes", [((3, 4), (11, 9)), ((2, 3, 5), (9, 10, 5)), ((4, 2, 2), (4, 7, 9)),
                                   ((1, 6), (8, 7))], ids=str)
def test_more_outputs_than_inputs(isa, sizes, dtype, op):
    lengths, outputs = sizes
    x = np.random.default_rng(2).integers(0, 50, (2, *lengths, 3)).astype(dtype)
    axes = tuple(range(1, len(lengths) + 1))
    pool = getattr(cypool, f"adaptive_{op}_pool{len(lengths)}d")
    result = pool(x, outputs, data_format="channels_last")
    for at in np.ndindex(*outputs):
        window = tuple(slice(*adaptive(length, n)[i]) for length, n, i in zip(lengths, outputs, at))
        of_window = x[:, *window].astype("f8")
        wanted = of_window.max(axes) if op == "max" else of_window.mean(axes)
        if op == "avg" and np.dtype(dtype).kind in "iu":
            wanted = np.rint(wanted)
        np.testing.assert_allclose(result[:, *at].astype("f8"), wanted, rtol=2e-3 if dtype == "f2" else 1e-6)


def test_windows_of_the_same_positions_whose_padding_differs():
    """The last one is cut where the padding ends, so its divisor is another one, and it is not like the others."""
    x = np.arange(1.0, 37.0).reshape(2, 18)
    result = cypool.avg_pool(x, (700, 3), (3, 1), ((600, 690), (0, 0)), axis=(0, 1), ceil_mode=True)
    starts = np.arange(-600, -5, 3)
    counts = np.minimum(starts + 700, 692) - starts
    assert set(counts) == {700, 698}
    np.testing.assert_allclose(result, np.convolve(x.sum(0), np.ones(3), "valid") / (3 * counts[:, None]))


def test_planes_of_the_same_positions_whose_padding_differs():
    """Though rows are alike."""
    x = np.arange(1.0, 25.0).reshape(2, 4, 3)
    result = cypool.avg_pool(x, (700, 700, 2), (3, 1, 1), ((600, 690), (600, 600), (0, 0)), axis=(0, 1, 2),
                             ceil_mode=True)
    starts = np.arange(-600, -5, 3)
    counts = np.minimum(starts + 700, 692) - starts
    rows = np.array([x[:, max(0, j):max(0, j + 700)].sum((0, 1)) for j in range(-600, -600 + result.shape[1])])
    pairs = rows[:, :-1] + rows[:, 1:]
    np.testing.assert_allclose(result, pairs / (1400 * counts[:, None, None]))


def test_rows_that_are_alike_go_so(monkeypatch):
    walks = []

    def tiling_of(*args, **options):
        tiling = plain(*args, **options)
        walks.append(tiling.walk)
        return tiling

    plain = plan.tiling_of
    monkeypatch.setattr(plan, "tiling_of", tiling_of)
    _pooling.forget()
    cypool.avg_pool_backward(np.ones((5, 3, 4)), (17, 13, 9), (5, 5, 3), (3, 4, 2), axis=(0, 1, 2))
    cypool.avg_pool_backward(np.ones((1, 8, 5)), (1, 17, 9), (3, 3), (2, 2), ((0, 0), (1, 1)), axis=(1, 2))
    assert walks == ["alike", "block"]

"""Gradients of windows that lie side by side, or with gaps between them: each input has at most one output, and gets
its share."""

import numpy as np
import pytest

import cypool

# Shape of the input, kernel, padding, gap: windows that fill the axes or not, that begin before them, in rows of few
# elements and of many, in tiles; in one, two and three dimensions.
CASES = [
    ((8,), 2, 0, 0), ((9,), 2, 0, 0), ((1000,), 2, 0, 0), ((1001,), 3, 1, 0), ((70001,), 2, 0, 0), ((64,), 16, 8, 0),
    ((8, 10), 2, 0, 0), ((9, 11), 2, 0, 0), ((9, 11), 3, 1, 0), ((64, 67), 2, 1, 0), ((14, 21), 7, 0, 0),
    ((30, 40), (4, 10), 0, 0), ((7, 7), 7, 0, 0), ((900, 70), 2, 0, 0), ((33, 4), (16, 2), (8, 1), 0),
    ((4, 6, 34), 2, 0, 0), ((5, 7, 9), (2, 3, 2), (1, 1, 0), 0),
    ((17,), 1, 0, 1), ((1000,), 2, 1, 1), ((1003,), 3, 0, 6), ((70001,), 2, 0, 7), ((9, 11), 2, 0, 1),
    ((64, 67), 2, 1, 1), ((30, 40), 1, 0, 1), ((30, 40), (4, 10), (2, 3), (3, 1)), ((40, 31), (2, 3), 0, (0, 4)),
    ((3, 40), (1, 2), 0, (13, 2)), ((5, 7, 9), (2, 3, 2), (1, 1, 0), (1, 0, 2)),
]
CHANNELS = [(*case, channels) for case in CASES for channels in (0, 1, 3, 5, 8, 17, 64)
            if np.prod(case[0]) * channels < 2e5]


def each_axis(n, *numbers):
    return [each if isinstance(each, tuple) else (each,) * n for each in numbers]


def twin(gradient, shape, kernel, padding, divisor, gap=0):
    """Each output's share put at the taps of its window."""
    n = len(shape)
    kernel, padding, gap = each_axis(n, kernel, padding, gap)
    result = np.zeros((*gradient.shape[:-n], *shape), gradient.dtype)
    share = gradient / gradient.dtype.type(divisor)
    for place in np.ndindex(*gradient.shape[-n:]):
        starts = [i * (k + g) - p for i, k, p, g in zip(place, kernel, padding, gap)]
        window = tuple(slice(max(0, start), start + k) for start, k in zip(starts, kernel))
        result[(..., *window)] = share[(..., *place)][(..., *[None] * n)]
    return result


def n_outputs(shape, kernel, padding, gap):
    kernel, padding, gap = each_axis(len(shape), kernel, padding, gap)
    return tuple((length + 2 * p - k) // (k + g) + 1 for length, k, p, g in zip(shape, kernel, padding, gap))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize(("shape", "kernel", "padding", "gap", "channels"), CHANNELS)
def test_each_input_gets_its_share(isa, shape, kernel, padding, gap, channels, dtype):
    """Channels first, or that many of them last."""
    n = len(shape)
    rng = np.random.default_rng(0)
    gradient = rng.normal(size=(2, 2, *n_outputs(shape, kernel, padding, gap))).astype(dtype)
    gradient[rng.random(gradient.shape) < 0.1] = np.nan
    if channels:
        gradient = np.repeat(gradient[:, :1], channels, 1)
        gradient *= rng.random(channels).astype(dtype).reshape(-1, *[1] * n)
    stride = tuple(k + g for k, g in zip(*each_axis(n, kernel, gap)))
    taps = np.prod(np.broadcast_to(kernel, n))
    for op, divisor in (("avg", taps), ("sum", 1)):
        backward = getattr(cypool, f"{op}_pool_backward")
        expected = twin(gradient, shape, kernel, padding, divisor, gap)
        if channels:
            last = np.ascontiguousarray(np.moveaxis(gradient, 1, -1))
            result = backward(last, (2, *shape, channels), kernel, stride, padding, axis=tuple(range(1, n + 1)))
            result = np.moveaxis(result, -1, 1)
        else:
            result = backward(gradient, expected.shape, kernel, stride, padding, axis=tuple(range(2, n + 2)))
        np.testing.assert_allclose(result, expected, rtol=1e-6)
        np.testing.assert_array_equal(result[expected == 0], 0)


def test_windows_that_reach_between_each_other(isa):
    """With dilation each input may still have one output at most, but not in their order."""
    gradient = np.random.default_rng(4).normal(size=(3, 4, 5)).astype("f4")
    expected = np.zeros((7, 8, 5), "f4")
    for i, j in np.ndindex(3, 4):
        for row in (2 * i - 1, 2 * i + 2):
            if row >= 0:
                expected[row, 2 * j : 2 * j + 2] += gradient[i, j] / np.float32(4)
    result = cypool.avg_pool_backward(gradient, (7, 8, 5), 2, 2, ((1, 0), (0, 0)), (3, 1), axis=(0, 1))
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("layout", ["steps", "swapped", "unaligned", "reversed"])
def test_gradients_of_any_layout(isa, layout):
    gradient = np.random.default_rng(1).normal(size=(3, 20, 24)).astype("f4")
    expected = cypool.avg_pool_backward(gradient, (3, 41, 48), 2, axis=(1, 2))
    if layout == "steps":
        other = np.repeat(gradient, 2, -1)[..., ::2]
    elif layout == "swapped":
        other = gradient.astype(gradient.dtype.newbyteorder())
    elif layout == "unaligned":
        other = np.frombuffer(b" " + gradient.tobytes(), np.uint8)[1:].view("f4").reshape(gradient.shape)
    else:
        other = np.ascontiguousarray(gradient[:, :, ::-1])[:, :, ::-1]
    np.testing.assert_array_equal(cypool.avg_pool_backward(other, (3, 41, 48), 2, axis=(1, 2)), expected)
    out = np.empty((3, 41, 96), "f4")[..., ::2]
    assert cypool.avg_pool_backward(gradient, (3, 41, 48), 2, axis=(1, 2), out=out) is out
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("dtype", ["f2", "c8", "c16"])
def test_gradients_of_other_dtypes(isa, dtype):
    rng = np.random.default_rng(2)
    gradient = rng.normal(size=(3, 20, 24)).astype(dtype)
    if dtype[0] == "c":
        gradient += 1j * rng.normal(size=gradient.shape)
    for axis, shape in (((1, 2), (3, 41, 48)), ((0, 1), (6, 41, 24))):
        expected = np.zeros(shape, dtype)
        share = np.repeat(np.repeat(gradient / gradient.dtype.type(4), 2, axis[0]), 2, axis[1])
        expected[tuple(slice(n) for n in share.shape)] = share
        np.testing.assert_array_equal(cypool.avg_pool_backward(gradient, shape, 2, axis=axis), expected)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_share_the_blocks(isa, threads, eager_threads):
    gradient = np.random.default_rng(3).normal(size=(1, 301, 330)).astype("f4")
    expected = twin(gradient, (603, 660), 2, 0, 4)
    result = cypool.avg_pool_backward(gradient, (1, 603, 660), 2, axis=(1, 2), num_threads=threads)
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("channels", [3, 4, 17, 64])
def test_gradients_that_are_larger_than_a_cache(isa, channels, threads):
    # Groups of 16 bytes may go past it, others cannot; the last row and column have no window.
    rows = 2**22 // (513 * channels) + 3
    rows += rows % 2 == 0
    gradient = np.random.default_rng(0).standard_normal((rows // 2, 256, channels)).astype("f4")
    expected = np.zeros((rows, 513, channels), "f4")
    expected[:-1, :-1] = (gradient / 4).repeat(2, 0).repeat(2, 1)
    # Nothing goes past the cache into memory that may not have been in use.
    for out in (None, np.full_like(expected, np.nan)):
        result = cypool.avg_pool_backward(gradient, expected.shape, 2, axis=(0, 1), out=out, num_threads=threads)
        assert result.nbytes >= 2**24
        np.testing.assert_array_equal(result, expected)


def shares(gradient, shape, kernel, stride):
    """Each output's share added to the taps of its window, one by one."""
    result = np.zeros(shape, gradient.dtype)
    share = gradient / gradient.dtype.type(np.prod(kernel))
    for at in np.ndindex(gradient.shape[1:]):
        window = tuple(slice(i * s, i * s + k) for i, s, k in zip(at, stride, kernel, strict=True))
        result[(slice(None), *window)] += share[(slice(None), *at)].reshape(-1, *(1,) * len(kernel))
    return result


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize(("shape", "kernel", "stride"), [
    # Rows that are repeated where columns overlap, in few and many elements, with gaps, and beyond the last window.
    ((35, 28), (18, 14), (17, 14)), ((9, 40), (3, 2), (2, 2)), ((9, 43), (3, 2), (1, 3)), ((7, 90), (4, 17), (3, 20)),
    ((6, 7, 20), (2, 3, 5), (2, 2, 5)), ((6, 7, 66), (2, 3, 33), (1, 4, 33)),
    # More taps than phases are told apart of, along the row and along the column.
    ((200,), (17,), (17,)), ((5000,), (100,), (120,)), ((40, 100), (20, 50), (20, 50)), ((70, 3), (33, 1), (35, 1)),
    # Windows that cover axes: all of them, the last ones, the first.
    ((30,), (30,), (30,)), ((9, 11), (9, 11), (9, 11)), ((5, 6, 7), (5, 6, 7), (5, 6, 7)),
    ((8, 6, 7), (3, 6, 7), (2, 6, 7)), ((8, 6, 7), (8, 6, 3), (8, 6, 2)),
    ((150, 130), (150, 130), (150, 130)), ((9, 8), (7, 8), (7, 8)),
])
def test_long_repeats(isa, dtype, shape, kernel, stride):
    rng = np.random.default_rng(len(shape))
    outputs = [(length - k) // s + 1 for length, k, s in zip(shape, kernel, stride, strict=True)]
    gradient = rng.integers(-64, 64, (3, *outputs)).astype(dtype)
    expected = shares(gradient.astype("f8"), (3, *shape), kernel, stride)
    for first in (True, False):
        x = gradient if first else np.moveaxis(gradient, 0, -1).copy()
        axis = tuple(range(1, len(shape) + 1)) if first else tuple(range(len(shape)))
        result = cypool.avg_pool_backward(x, (3, *shape) if first else (*shape, 3), kernel, stride, axis=axis)
        np.testing.assert_allclose(result if first else np.moveaxis(result, -1, 0), expected,
                                   rtol={"f2": 2e-3, "f4": 1e-6, "f8": 1e-14}[dtype], atol=1e-7)
        back = cypool.sum_pool_backward(x, result.shape, kernel, stride, axis=axis)
        np.testing.assert_array_equal(back if first else np.moveaxis(back, -1, 0),
                                      np.rint(expected * np.prod(kernel)).astype(dtype))


@pytest.mark.parametrize("taps", range(2, 72))
def test_long_columns_of_repeated_rows(taps):
    """Columns at stride 1, in every way that long ones are put together."""
    gradient = np.random.default_rng(taps).integers(-64, 64, (2, 11, 20)).astype("f4")
    for across in ((2, 2), (2, 3), (20, 20)):
        shape = (2, 10 + taps, 19 * across[1] + across[0])
        result = cypool.sum_pool_backward(gradient, shape, (taps, across[0]), (1, across[1]), axis=(1, 2))
        expected = shares(gradient.astype("f8"), shape, (taps, across[0]), (1, across[1])) * taps * across[0]
        np.testing.assert_array_equal(result, np.rint(expected))

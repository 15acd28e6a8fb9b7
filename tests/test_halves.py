"""Means of 16-bit floats over small windows where channels come last: to the bit what comes of float32 sums of columns,
and then of those along the row."""

import functools

import numpy as np
import pytest
from extra_dtypes import BFLOAT16
from test_direct import numbers

import cypool
from cypool import _pooling
from cypool._engine import tilings

GEOMETRIES = [      # taps, stride, padding, dilation
    ((2, 2), (2, 2), (0, 0), (1, 1)), ((3, 3), (2, 2), (1, 1), (1, 1)), ((3, 3), (1, 1), (1, 1), (1, 1)),
    ((3, 3), (2, 2), (0, 0), (2, 2)), ((3, 3), (1, 2), (1, 0), (1, 2)), ((1, 3), (1, 2), (0, 1), (1, 1)),
    ((4, 4), (4, 4), (0, 0), (1, 1)), ((4, 4), (2, 3), (2, 2), (1, 1)), ((2, 4), (1, 1), (1, 2), (1, 1)),
    ((4, 2), (2, 1), (1, 1), (1, 1)), ((3, 2), (3, 2), (1, 1), (1, 1)),
]


def added(columns):
    """Up to four taps along a row, as they meet."""
    if len(columns) == 4:
        return (columns[0] + columns[1]) + (columns[2] + columns[3])
    total = columns[0]
    for each in columns[1:]:
        total = total + each
    return total


def twin(x, taps, stride, padding, dilation, count_include_pad):
    """Window by window; x is height x width x channels."""
    values = x.astype("f4")
    n_out = [(n + 2 * p - d * (k - 1) - 1) // s + 1
             for n, k, s, p, d in zip(x.shape, taps, stride, padding, dilation, strict=False)]
    result = np.empty((*n_out, x.shape[2]), "f4")
    for i, j in np.ndindex(*n_out):
        places = [[p for p in (o * s - q + t * d for t in range(k)) if 0 <= p < n]
                  for o, n, k, s, q, d in zip((i, j), x.shape, taps, stride, padding, dilation, strict=False)]
        columns = []
        for column in places[1]:
            total = values[places[0][0], column]
            for row in places[0][1:]:
                total = total + values[row, column]
            columns.append(total)
        divisor = taps[0] * taps[1] if count_include_pad else len(places[0]) * len(places[1])
        result[i, j] = added(columns) / np.float32(divisor)
    return result.astype(x.dtype)


@pytest.mark.parametrize("channels", [8, 16, 17, 23, 24, 40, 255, 256, 257, 300, 513])
@pytest.mark.parametrize("dtype", [np.float16, *BFLOAT16])
def test_every_window(isa, dtype, channels):
    x = numbers((9, 11, channels), "f4").astype(dtype)
    for taps, stride, padding, dilation in GEOMETRIES if channels < 100 else GEOMETRIES[:3]:
        for whole in (True, False):
            with np.errstate(invalid="ignore", over="ignore"):
                expected = twin(x, taps, stride, padding, dilation, whole)
            result = cypool.avg_pool(x, taps, stride, padding, dilation, axis=(0, 1), count_include_pad=whole)
            np.testing.assert_array_equal(result.astype("f4"), expected.astype("f4"))


@pytest.mark.parametrize("dtype", [np.float16, *BFLOAT16])
@pytest.mark.parametrize("channels", [16, 33, 300])
def test_gradients_whose_windows_may_have_no_tap(isa, dtype, channels):
    """As those of float32, and nothing beside the output."""
    for taps, dilation, padding in ((2, 4, ((0, 1), (0, 1))), (3, 2, ((0, 0), (0, 0))), (2, 3, ((2, 0), (1, 0))),
                                    (4, 2, ((1, 1), (0, 2)))):
        reach = (taps - 1) * dilation
        shape = (5 + reach, 6 + reach, channels)
        n_out = [n + sum(ends) - reach for n, ends in zip(shape, padding, strict=False)]
        gradient = numbers((*n_out, channels), "i1").astype("f4")
        expected = cypool.sum_pool_backward(gradient, shape, taps, 1, padding, dilation=dilation, axis=(0, 1))
        around = np.full((shape[0] + 2, shape[1] + 2, channels + 8), 7, dtype)
        out = around[1:-1, 1:-1, :channels]
        cypool.sum_pool_backward(gradient.astype(dtype), shape, taps, 1, padding, dilation=dilation, axis=(0, 1),
                                 out=out)
        np.testing.assert_array_equal(out.astype("f4"), expected.astype(dtype).astype("f4"))
        out[:] = 7
        assert (around == 7).all()


def test_zeros_have_the_same_sign_in_all_copies(isa):
    """Taps in the padding add nothing, not even a zero."""
    x = np.full((3, 5, 16), -0.0, "f2")
    for taps, stride, padding in (((1, 2), 1, ((0, 0), (0, 1))), ((3, 3), 1, (1, 1)), ((3, 3), 2, (1, 1)),
                                  ((2, 2), 1, (0, 1))):
        assert np.signbit(cypool.sum_pool(x, taps, stride, padding, axis=(0, 1))).all()


@pytest.mark.parametrize("dtype", [np.float16, *BFLOAT16])
def test_tiles_that_leave_few_neighbours(isa, monkeypatch, dtype):
    """Rows are cut where they are long, and the last piece may be shorter than a vector."""
    monkeypatch.setattr(tilings, "ROW_BYTES", 64)
    _pooling.forget()
    for channels in (17, 19, 23, 33):
        x = numbers((6, 7, channels), "f4").astype(dtype)
        for taps, stride, padding, dilation in GEOMETRIES:
            with np.errstate(invalid="ignore", over="ignore"):
                expected = twin(x, taps, stride, padding, dilation, False)
            out = np.zeros((*expected.shape[:2], 2 * channels), dtype)[..., ::2]
            cypool.avg_pool(x, taps, stride, padding, dilation, axis=(0, 1), count_include_pad=False, out=out)
            np.testing.assert_array_equal(out.astype("f4"), expected.astype("f4"))
    monkeypatch.undo()
    _pooling.forget()
    x = np.ones((8, 6, 8193), dtype)
    assert (cypool.avg_pool(x, 2, 2, axis=(0, 1), out=np.zeros((4, 3, 2 * 8193), dtype)[..., ::2]) == 1).all()


@pytest.mark.parametrize("op", ["avg", "sum"])
def test_layouts_and_volumes(isa, op):
    x = numbers((2, 6, 8, 10, 33), "f2", nan=False)
    x[np.isinf(x)] = 2
    pool = functools.partial(getattr(cypool, f"{op}_pool"), axis=(1, 2, 3))
    expected = pool(x.astype("f4"), 2)
    out = np.zeros((2, 3, 4, 5, 66), "f2")[..., ::2]
    for each in (x, x[:, :, ::-1].copy()[:, :, ::-1], np.repeat(x, 2, -1)[..., ::2], x.astype(">f2")):
        result = pool(each, 2)
        np.testing.assert_allclose(result.astype("f4"), expected, rtol=1e-3, atol=1e-3)
        np.testing.assert_array_equal(pool(each, 2, out=out), result)

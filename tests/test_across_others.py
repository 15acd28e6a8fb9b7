"""Volumes, gradients, and planes of which few elements lie in a row, pooled side by side as small planes are."""

import numpy as np
import pytest
from test_across import numbers, twin

import cypool
from cypool._engine import across


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("geometry", [(3, (1, 2, 2), 0), (3, 1, 0), ((3, 5, 4), (1, 2, 2), 0), (3, (1, 1, 4), 1),
                                      (3, 2, 1), (2, 1, 0), ((1, 3, 3), (1, 2, 2), 0)], ids=str)
def test_sums_over_volumes_of_short_rows_have_the_bits_of_their_parts(dtype, geometry):
    """Whether they go side by side or not: some are summed along their depth first."""
    rng = np.random.default_rng(0)
    for shape in ((9, 1, 30, 40, 6), (9, 1, 42, 11, 6), (9, 1, 7, 50, 4)):
        x = (rng.normal(size=shape) * 10.0 ** rng.integers(-3, 4, shape)).astype(dtype)
        for options in ({}, {"dtype": "f4"} if dtype == "f2" else {"dtype": "f8"}):
            whole = cypool.sum_pool(x, *geometry, axis=(2, 3, 4), **options)
            parts = [cypool.sum_pool(x[i : i + 1], *geometry, axis=(2, 3, 4), **options) for i in range(len(x))]
            np.testing.assert_array_equal(whole, np.concatenate(parts))


@pytest.mark.parametrize("axes", [2, 3])
@pytest.mark.parametrize(("kernel", "stride"), [(3, 2), (4, 3), (3, 3), (2, 4)])
def test_gradients_of_large_planes_of_short_rows(taken, axes, kernel, stride):
    shape = (5, 4, 700, 5) if axes == 2 else (5, 4, 40, 31, 5)
    gradient = numbers(cypool.avg_pool(np.zeros(shape), kernel, stride, axis=range(2, 2 + axes)).shape, "f8")
    gradient[~np.isfinite(gradient)] = 1
    result = cypool.avg_pool_backward(gradient, shape, kernel, stride, axis=range(2, 2 + axes))
    assert taken
    # One plane goes another way; so do those whose axis comes last.
    np.testing.assert_array_equal(result[1, 2], cypool.avg_pool_backward(gradient[1, 2], shape[2:], kernel, stride))
    last = cypool.avg_pool_backward(np.moveaxis(gradient, 1, -1).copy(), (5, *shape[2:], 4), kernel, stride,
                                    axis=range(1, 1 + axes))
    np.testing.assert_allclose(np.moveaxis(last, -1, 1), result, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("shape", [(20, 28, 13), (28, 35, 4), (56, 14, 7), (16, 11, 16)], ids=str)
@pytest.mark.parametrize("size", [(4, 3, 1), (12, 9, 2), (2, 2, 3), 3], ids=str)
def test_gradients_of_uneven_windows(taken, shape, size):
    """No bit differs from that of a plane by itself, which goes another way; not even the sign of a zero."""
    gradient = numbers(cypool.adaptive_avg_pool3d(np.zeros((16, 1, *shape)), size).shape, "f8")
    gradient[~np.isfinite(gradient)] = -0.0
    axes = (2, 3, 4)
    result = cypool.adaptive_avg_pool_backward(gradient, (16, 1, *shape), size, axis=axes)
    assert taken
    del taken[:]
    parts = [cypool.adaptive_avg_pool_backward(gradient[i : i + 1], (1, 1, *shape), size, axis=axes) for i in range(16)]
    assert result.tobytes() == np.concatenate(parts).tobytes()
    last = cypool.adaptive_avg_pool_backward(gradient[:, 0, ..., None].copy(), (16, *shape, 1), size, axis=(1, 2, 3))
    np.testing.assert_allclose(last[..., 0], result[:, 0], rtol=1e-14)


@pytest.mark.parametrize("dtype", ["f4", "f8", "f2", "u1", "i2"])
@pytest.mark.parametrize("geometry", [(2, 2, 0), (3, 2, 1), (3, 1, 1), (2, 1, 0)], ids=str)
def test_volumes(isa, taken, geometry, dtype):
    rng = np.random.default_rng(0)
    for size in (2, 3, 4, 6, 7):
        x = rng.integers(0, 50, (3, 7, size, size + 1, size)).astype(dtype)
        last = np.ascontiguousarray(x.transpose(0, 2, 3, 4, 1))
        if size + 2 * geometry[2] < geometry[0]:
            continue
        for op in ("max", "min", "avg", "sum"):
            pool = getattr(cypool, f"{op}_pool")
            expected = pool(last, *geometry, axis=(1, 2, 3)).transpose(0, 4, 1, 2, 3)
            np.testing.assert_allclose(pool(x, *geometry, axis=(2, 3, 4)), expected, rtol=1e-6)
            out = np.zeros(expected.shape, expected.dtype.newbyteorder())
            pool(x.astype(x.dtype.newbyteorder()), *geometry, axis=(2, 3, 4), out=out)
            np.testing.assert_allclose(out, expected, rtol=1e-6)
            shifted = np.frombuffer(b"\0" + x.tobytes(), np.uint8)[1:].view(dtype).reshape(x.shape)
            np.testing.assert_allclose(pool(shifted, *geometry, axis=(2, 3, 4)), expected, rtol=1e-6)
            np.testing.assert_allclose(pool(x[:, ::-1, ::-1, :, ::-1].copy()[:, ::-1, ::-1, :, ::-1], *geometry,
                                            axis=(2, 3, 4)), expected, rtol=1e-6)
        indices = cypool.max_pool(x, *geometry, axis=(2, 3, 4), return_indices=True)[1]
        expected = cypool.max_pool(last, *geometry, axis=(1, 2, 3), return_indices=True)[1]
        np.testing.assert_array_equal(indices, expected.transpose(0, 4, 1, 2, 3))
    assert taken


@pytest.mark.parametrize("geometry", [(2, 2, 0), (3, 2, 1), (3, 1, 1), (5, 2, 2), (7, 7, 0), (3, 3, 0)], ids=str)
@pytest.mark.parametrize("dtype", ["f4", "f8", "f2"])
def test_gradients(isa, taken, dtype, geometry):
    for shape in ((5, 4, 7, 7), (3, 7, 9, 8), (40, 12)):
        axes = tuple(range(2 if len(shape) == 4 else 1, len(shape)))
        rng = np.random.default_rng(0)
        x = rng.normal(size=shape).astype(dtype)
        grad = rng.normal(size=cypool.avg_pool(x, *geometry, axis=axes).shape).astype(dtype)
        order = [0, 2, 3, 1] if len(shape) == 4 else [1, 0]
        back = np.argsort(order)
        result = cypool.avg_pool_backward(grad, shape, *geometry, axis=axes)
        last = np.ascontiguousarray(grad.transpose(order))
        expected = cypool.avg_pool_backward(last, tuple(shape[i] for i in order), *geometry,
                                            axis=(1, 2) if len(shape) == 4 else 0)
        tolerance = {"f2": 2e-3, "f4": 1e-6, "f8": 1e-14}[dtype]
        np.testing.assert_allclose(result, expected.transpose(back), rtol=tolerance, atol=tolerance)
    assert taken


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8", "u1", "i2"])
@pytest.mark.parametrize("case", [((2, 1), (1, 3), 0), ((3, 1), (3, 2), ((1, 1), (0, 0))), ((1, 1), (2, 4), 0)],
                         ids=str)
def test_rows_of_which_some_elements_are_taken(isa, taken, case, dtype):
    x = np.random.default_rng(0).integers(0, 100, (9, 8, 7, 11)).astype(dtype)
    for op in ("max", "sum"):
        expected = twin(op, x.astype("f8"), case)
        np.testing.assert_array_equal(getattr(cypool, f"{op}_pool")(x, *case, axis=(2, 3)), expected)
    pooled, indices = cypool.max_pool(x, *case, axis=(2, 3), return_indices=True)
    np.testing.assert_array_equal(np.take_along_axis(x.reshape(9, 8, 77), indices.reshape(9, 8, -1), 2),
                                  pooled.reshape(9, 8, -1))
    assert len(taken) == 3


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8", "u1", "i2"])
@pytest.mark.parametrize("channels", [2, 3, 5])
def test_few_channels(isa, taken, channels, dtype):
    """Where channels come last; with indices, and where no order of floats matters."""
    x = np.random.default_rng(0).integers(0, 100, (40, 5, 6, channels)).astype(dtype)
    first = np.moveaxis(x, 3, 1)
    cases = (((2, 3), (1, 2), 0), ((3, 2), (2, 2), ((1, 1), (0, 0))), ((1, 3), (1, 2), ((0, 0), (1, 0))),
             ((1, 4), (1, 3), ((0, 0), (0, 1))), ((2, 1), (2, 1), 0))
    for case in cases:
        del taken[:]
        for op in ("max", "min", "sum", "avg"):
            pooled = getattr(cypool, f"{op}_pool")(x, *case, axis=(1, 2))
            expected = twin(op, first.astype("f8"), case)
            if op == "avg" and dtype[0] != "f":
                expected = np.rint(expected)
            np.testing.assert_allclose(np.moveaxis(pooled, 3, 1), expected, rtol=1e-6)
        pooled, indices = cypool.max_pool(x, *case, axis=(1, 2), return_indices=True)
        found = np.take_along_axis(x.reshape(40, 30, channels), indices.reshape(40, -1, channels), 1)
        np.testing.assert_array_equal(found, pooled.reshape(40, -1, channels))
        if case[0][1] == 1:
            continue        # windows that tile a column are merged without indices
        # Without indices those of short rows; of sums of floats, those of few taps along one axis. Of means of 64 bits
        # there are two plans.
        short = pooled.shape[2] * channels * x.itemsize < across.SHORT_OF_INNER
        number = {"i8": 5, "f4": 2, "f8": 2}.get(dtype, 4)
        if dtype[0] == "f" and case[0] == (1, 3):
            number = 4
        assert len(taken) == 1 + short * number


@pytest.mark.parametrize(("dtype", "shape"), [("f4", (12, 18, 20)), ("f8", (11, 14, 18))])
@pytest.mark.parametrize("geometry", [((2, 5, 5), (2, 5, 5)), ((2, 3, 5), (3, 2, 5)), ((1, 4, 3), (2, 2, 2))], ids=str)
def test_gradients_of_volumes(isa, taken, geometry, dtype, shape):
    """Against the same volumes with their channels last."""
    rng = np.random.default_rng(0)
    outputs = [(n - k) // s + 1 for n, k, s in zip(shape, *geometry, strict=True)]
    gradient = rng.normal(size=(9, *outputs)).astype(dtype)
    result = cypool.avg_pool_backward(gradient, (9, *shape), *geometry, axis=(1, 2, 3))
    assert taken
    last = np.ascontiguousarray(np.moveaxis(gradient, 0, 3))
    other = cypool.avg_pool_backward(last, (*shape, 9), *geometry, axis=(0, 1, 2))
    np.testing.assert_allclose(np.moveaxis(other, 3, 0), result, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", ["f4", "f8", "f2"])
@pytest.mark.parametrize("geometry", [((2, 4, 2), (2, 1, 2), (0, 1, 0)), ((3, 5, 3), (3, 1, 1), (0, 2, 1)),
                                      ((3, 4, 5), (3, 2, 5), 0), ((1, 4, 3), (1, 1, 2), 0)], ids=str)
def test_volumes_that_their_windows_tile(isa, taken, geometry, dtype):
    """They are merged along their depth, and cut again to one window each, as many or as few as there are."""
    kernel, stride, padding = geometry
    rng = np.random.default_rng(0)
    shape = 24, 3 * kernel[0], 7, 5
    x = (rng.normal(size=shape) * 10.0 ** rng.integers(-2, 3, shape)).astype(dtype)
    for options in ({}, {"count_include_pad": False}):
        whole = cypool.avg_pool(x, kernel, stride, padding, axis=(1, 2, 3), **options)
        assert taken
        for n in (1, 2, 5):
            some = cypool.avg_pool(x[:n], kernel, stride, padding, axis=(1, 2, 3), **options)
            np.testing.assert_array_equal(some, whole[:n])
        # Channels last go another way.
        other = cypool.avg_pool(np.moveaxis(x, 0, 3).copy(), kernel, stride, padding, axis=(0, 1, 2), **options)
        np.testing.assert_allclose(np.moveaxis(other, 3, 0).astype("f8"), whole.astype("f8"),
                                   rtol=1e-3 if dtype == "f2" else 1e-5, atol=1e-2 if dtype == "f2" else 1e-5)

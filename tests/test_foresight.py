"""What processors are told ahead: nothing of it changes a result, and each make is told what was measured for it."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

import cypool
from cypool import _pooling
from cypool._engine import fetching, foresight, plan, stacking


def twin(x, op, kernel, stride, padding, axis):
    """What NumPy gives, of numbers whose sums are exact."""
    outside = 0 if op == "sum" else -np.inf if op == "max" else np.inf
    if padding:
        x = np.pad(x, [(padding, padding) if a in axis else (0, 0) for a in range(x.ndim)], constant_values=outside)
    windows = sliding_window_view(x, kernel, axis)
    step = [stride[axis.index(a)] if a in axis else 1 for a in range(x.ndim)]
    windows = windows[tuple(slice(None, None, s) for s in step)]
    return getattr(windows, op)(axis=tuple(range(x.ndim, windows.ndim)))


@pytest.fixture(params=[0, 0x19, foresight.ZEN_5, foresight.ZEN_5 + 1], ids=hex)
def make(request, monkeypatch):
    """The family of a processor by AMD, which fetches ahead from the first byte of input on."""
    monkeypatch.setattr(foresight, "amd_family", lambda: request.param)
    monkeypatch.setattr(foresight, "FAR_FROM", 0)
    monkeypatch.setattr(foresight, "RESULTS_FETCH_FROM", 0)
    monkeypatch.setattr(foresight, "TOUCH_FROM", dict.fromkeys(foresight.TOUCH_FROM, 0))
    monkeypatch.setattr(fetching, "SHARED_FROM", 0)
    monkeypatch.setattr(stacking, "FETCH_FROM", 0)
    monkeypatch.setattr(plan, "STREAM_FROM", 0)
    _pooling.forget()
    yield request.param
    _pooling.forget()


def test_each_make_is_told_what_was_measured_for_it(make):
    if make >= foresight.ZEN_5:
        assert foresight.run_ahead(2**24) == foresight.FAR_AHEAD
        assert foresight.turns_ahead(2**24) == foresight.TURNS_AHEAD
        assert foresight.fetches_results(2**24)
    else:
        assert foresight.run_ahead(2**24) in foresight.RUN_AHEAD.values()
        assert foresight.turns_ahead(2**24) == 0
        assert not foresight.fetches_results(2**24)


@pytest.mark.usefixtures("make")
@pytest.mark.parametrize("op", ["max", "min", "sum"])
@pytest.mark.parametrize("dtype", ["f4", "f8", "i2"])
@pytest.mark.parametrize(("shape", "kernel"), [((2, 3, 60, 70), (60, 70)), ((3, 5, 700), (600,)), ((2, 2100), (1024,))])
def test_runs_are_the_same(op, dtype, shape, kernel):
    x = np.random.default_rng(0).integers(-999, 999, shape).astype(dtype)
    axis = tuple(range(x.ndim - len(kernel), x.ndim))
    y = getattr(cypool, op + "_pool")(x, kernel, 1, axis=axis)
    np.testing.assert_array_equal(y, twin(x, op, kernel, (1, 1), 0, axis))


@pytest.mark.usefixtures("make")
@pytest.mark.parametrize("op", ["max", "sum"])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize(("kernel", "stride", "padding"), [
    ((2, 2), (2, 2), 0), ((3, 2), (2, 2), 1), ((4, 2), (4, 2), 0), ((4, 2), (2, 2), 0), ((3, 3), (2, 1), 1),
    ((3, 3), (1, 1), 1), ((1, 2), (2, 2), 0)])
def test_rows_by_turns_are_the_same(op, dtype, kernel, stride, padding):
    x = np.random.default_rng(0).integers(-999, 999, (2, 17, 19, 24)).astype(dtype)
    y = getattr(cypool, op + "_pool")(x, kernel, stride, padding, axis=(1, 2))
    np.testing.assert_array_equal(y, twin(x, op, kernel, stride, padding, (1, 2)))


@pytest.mark.usefixtures("make")
def test_planes_by_turns_are_the_same():
    x = np.random.default_rng(0).standard_normal((2, 8, 10, 12, 24), np.float32)
    y = cypool.max_pool(x, 2, axis=(1, 2, 3))
    np.testing.assert_array_equal(y, twin(x, "max", (2, 2, 2), (2, 2, 2), 0, (1, 2, 3)))


@pytest.mark.usefixtures("make")
@pytest.mark.parametrize("op", ["max", "min", "sum"])
@pytest.mark.parametrize(("dtype", "kernel", "padding"), [
    ("f4", (9, 9), 4), ("f8", (7, 7), 3), ("f4", (31, 8), 0), ("u1", (9, 9), 0), ("i2", (12, 7), 0), ("f8", (7, 1), 0)])
def test_columns_row_by_row_are_the_same(op, dtype, kernel, padding):
    """Where the next row of results goes is fetched: of an output of their own, or of one with gaps."""
    x = np.random.default_rng(0).integers(0, 99, (2, 40, 70)).astype(dtype)
    pool = getattr(cypool, op + "_pool")
    expected = twin(x, op, kernel, (1, 1), padding, (1, 2))
    result = pool(x, kernel, 1, padding, axis=(1, 2))
    np.testing.assert_array_equal(result, expected)
    gaps = np.zeros((*result.shape[:2], 2 * result.shape[2]), result.dtype)
    pool(x, kernel, 1, padding, axis=(1, 2), out=gaps[..., ::2])
    np.testing.assert_array_equal(gaps[..., ::2], expected)
    assert not gaps[..., 1::2].any()


@pytest.mark.usefixtures("make")
@pytest.mark.parametrize("op", ["max", "sum"])
@pytest.mark.parametrize("dtype", ["u1", "i4", "f2", "f8"])
@pytest.mark.parametrize(("shape", "kernel", "stride"), [
    ((3, 20, 700), (2, 2), (2, 2)), ((3, 20, 700), (3, 3), (2, 1)), ((2, 9, 11, 40), (3, 3), (2, 2)),
    ((2, 9, 11, 1100), (3, 2), (1, 2)), ((2, 12, 2600), (2, 1), (2, 1)), ((2, 12, 2600), (5, 1), (1, 1)),
    ((2, 12, 2600), (2, 1), (3, 1)), ((2, 8, 6, 800), (2, 1), (1, 1)), ((1, 12, 30, 600), (4, 1), (4, 1))])
def test_rows_in_pieces_are_the_same(op, dtype, shape, kernel, stride):
    """Also those of many neighbours, which go piece by piece: in planes, along rows, and into every other row."""
    x = np.random.default_rng(0).integers(0, 9, shape).astype(dtype)
    expected = twin(x, op, kernel, stride, 0, (1, 2))
    y = getattr(cypool, op + "_pool")(x, kernel, stride, axis=(1, 2))
    np.testing.assert_array_equal(y, expected)
    out = np.zeros((*expected.shape[:-1], 2, expected.shape[-1]), y.dtype)[..., 1, :]
    getattr(cypool, op + "_pool")(x, kernel, stride, axis=(1, 2), out=out)
    np.testing.assert_array_equal(out, expected)


@pytest.mark.usefixtures("make")
@pytest.mark.parametrize("dtype", ["f4", "f2", "i4"])
@pytest.mark.parametrize("kernel", [(2, 1), (2, 2), (3, 3)])
def test_means_in_pieces_are_the_same(dtype, kernel):
    """With divisors of their own at the borders."""
    x = np.random.default_rng(0).integers(0, 9, (2, 7, 8, 1200)).astype(dtype)
    pooled = {"kernel_size": kernel, "stride": 2, "padding": (1, 0), "axis": (1, 2), "count_include_pad": False}
    y = cypool.avg_pool(x, **pooled)
    parts = [cypool.avg_pool(x[..., c:c + 40], **pooled) for c in range(0, 1200, 40)]
    np.testing.assert_array_equal(y, np.concatenate(parts, axis=-1))


@pytest.mark.usefixtures("make")
@pytest.mark.parametrize("dtype", ["f4", "f8", "i8", "u1"])
@pytest.mark.parametrize(("shape", "kernel", "stride"), [
    ((2, 9, 11, 40), (3, 3), (2, 2)), ((2, 8, 10, 700), (2, 2), (2, 2)), ((1, 12, 30, 300), (4, 5), (4, 4)),
    ((2, 8, 10, 3), (2, 2), (2, 2)), ((2, 8, 10, 96), (3, 2), (1, 3))])
def test_labels_in_pieces_are_the_same(dtype, shape, kernel, stride):
    x = np.random.default_rng(0).integers(0, 99, shape).astype(dtype)
    y, indices = cypool.max_pool(x, kernel, stride, axis=(1, 2), return_indices=True)
    np.testing.assert_array_equal(y, twin(x, "max", kernel, stride, 0, (1, 2)))
    planes = x.reshape(shape[0], -1, shape[-1])
    np.testing.assert_array_equal(np.take_along_axis(planes, indices.reshape(shape[0], -1, shape[-1]), 1), y.reshape(
        shape[0], -1, shape[-1]))
    for c in range(0, shape[-1], 50):
        part = cypool.max_pool(x[..., c:c + 1], kernel, stride, axis=(1, 2), return_indices=True)[1]
        np.testing.assert_array_equal(indices[..., c:c + 1], part)


@pytest.mark.usefixtures("make")
@pytest.mark.parametrize("kernel", [(2, 1), (2, 2), (3, 3)])
def test_taps_at_once_are_the_same(kernel):
    x = np.random.default_rng(0).integers(0, 9, (2, 9, 11, 300)).astype(np.float32)
    expected = twin(x * x, "sum", kernel, (2, 2), 0, (1, 2))
    np.testing.assert_allclose(cypool.lp_pool(x, 2, kernel, 2, axis=(1, 2)), np.sqrt(expected), rtol=1e-6)


@pytest.mark.parametrize(("shape", "kernel", "stride", "by_turns"), [
    ((4, 16, 300), (2, 1), (2, 1), True), ((4, 16, 300), (3, 1), 1, False), ((4, 16, 30), (2, 1), (2, 1), False),
    ((4, 16, 16, 30), (2, 2), 2, True), ((4, 40, 40), (3, 3), 2, True), ((2, 4, 5000), (2, 1), (2, 1), False)])
def test_rows_that_are_not_foreseen_are_fetched(make, shape, kernel, stride, by_turns, monkeypatch):
    told, ahead = [], fetching.rows_ahead
    monkeypatch.setattr(fetching, "rows_ahead", lambda *args: told.append(ahead(*args)) or told[-1])
    cypool.max_pool(np.zeros(shape, np.int32), kernel, stride, axis=(1, 2))
    assert [n_bytes > 0 for n_bytes in told] == [by_turns and make >= foresight.ZEN_5]


@pytest.mark.usefixtures("make")
@pytest.mark.parametrize("dtype", ["f4", "f2", "i4"])
def test_rows_of_any_stride_are_fetched(dtype):
    """Positions that are one place in memory, or go backwards."""
    x = np.random.default_rng(0).integers(0, 9, (2, 1, 10, 700)).astype(dtype)
    shape = 2, 8, 10, 700
    views = [np.broadcast_to(x, shape), np.broadcast_to(x[:, :, :1], shape), x.repeat(8, 1)[:, ::-1, ::-1]]
    for view in views:
        for kernel in [(2, 1), (1, 2), (3, 2)]:
            for op in ["max", "sum"]:
                y = getattr(cypool, op + "_pool")(view, kernel, 2, axis=(1, 2))
                np.testing.assert_array_equal(y, twin(view, op, kernel, (2, 2), 0, (1, 2)))
            y, indices = cypool.max_pool(view, kernel, 2, axis=(1, 2), return_indices=True)
            again = cypool.max_pool(view.copy(), kernel, 2, axis=(1, 2), return_indices=True)
            np.testing.assert_array_equal(y, again[0])
            np.testing.assert_array_equal(indices, again[1])


@pytest.mark.usefixtures("make")
def test_windows_that_share_rows_are_told_ahead_everywhere(monkeypatch):
    """Of whatever size: rows among others, of which each window reads one anew, no processor foresees."""
    told, ahead = [], fetching.direct_ahead
    monkeypatch.setattr(foresight, "FAR_FROM", 2**60)
    monkeypatch.setattr(fetching, "direct_ahead", lambda *args, **kw: told.append(ahead(*args, **kw)) or told[-1])
    cypool.max_pool(np.zeros((2, 9, 11, 64), np.float32), (2, 2), 1, axis=(1, 2))
    cypool.max_pool(np.zeros((2, 9, 11, 64), np.float32), (1, 2), 1, axis=(1, 2))
    assert [n_bytes > 0 for n_bytes in told] == [True, False]


def test_rows_along_an_axis_are_fetched_where_they_take_turns(make, monkeypatch):
    told, ahead = [], fetching.direct_ahead
    monkeypatch.setattr(fetching, "direct_ahead", lambda *args, **kw: told.append(ahead(*args, **kw)) or told[-1])
    for channels, stride in [(64, 2), (64, 1), (1024, 2), (1024, 1)]:
        cypool.max_pool(np.zeros((2, 20, channels), np.float32), 2, stride, axis=1)
    assert [n_bytes > 0 for n_bytes in told] == [make >= foresight.ZEN_5] * 3 + [False]


@pytest.mark.usefixtures("make")
@pytest.mark.parametrize("stride", [9, 10**6, 2**31, 2**61])
@pytest.mark.parametrize("dtype", ["f4", "f2", "i4"])
@pytest.mark.parametrize("kernel", [(1, 2), (2, 1), (2, 2), (3, 3)])
def test_strides_of_any_size_fetch_no_more_than_windows_read(stride, dtype, kernel):
    x = np.random.default_rng(0).integers(0, 9, (2, 8, 8, 1100)).astype(dtype)
    for strides in [(2, stride), (stride, 2), (stride, stride)]:
        y, indices = cypool.max_pool(x, kernel, strides, axis=(1, 2), return_indices=True)
        parts = [cypool.max_pool(x[..., c:c + 1], kernel, strides, axis=(1, 2), return_indices=True) for c in (0, 999)]
        for c, part in zip((0, 999), parts, strict=True):
            np.testing.assert_array_equal(y[..., c:c + 1], part[0])
            np.testing.assert_array_equal(indices[..., c:c + 1], part[1])
        np.testing.assert_array_equal(cypool.max_pool(x, kernel, strides, axis=(1, 2)), y)
        means = cypool.avg_pool(x, kernel, strides, axis=(1, 2))
        np.testing.assert_array_equal(means[..., :40], cypool.avg_pool(x[..., :40], kernel, strides, axis=(1, 2)))

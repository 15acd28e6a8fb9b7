"""Small windows that go straight from the input to the output, on rows of every length around those of vectors."""

import numpy as np
import pytest

import cypool
from cypool import _pooling
from cypool._engine import fetching, shortcuts, tilings

WIDTHS = [*range(4, 42), 64, 65, 127, 131]
FLOATS = ["f4", "f8"]
# Taps and stride along the column and the row, and padding of both ends.
WINDOWS = [((2, 2), (2, 2), 0), ((3, 3), (2, 2), 0), ((3, 3), (2, 2), 1), ((3, 3), (1, 1), 0), ((3, 3), (1, 1), 1),
           ((4, 4), (4, 4), 0), ((1, 4), (1, 4), 0), ((2, 3), (1, 2), 1), ((4, 2), (2, 2), 0), ((4, 3), (3, 1), 1),
           ((2, 2), (3, 2), 1)]


def numbers(shape, dtype, nan=True):
    rng = np.random.default_rng(sum(shape))
    if np.dtype(dtype).kind != "f":
        info = np.iinfo(dtype)
        return rng.integers(info.min, info.max, shape, dtype, endpoint=True)
    x = rng.normal(size=shape).astype(dtype)
    where = rng.random(shape)
    x[where < 0.05] = 0.0
    x[where < 0.02] = -np.inf
    if nan:
        x[where < 0.01] = np.nan
    return x


def twin(op, x, taps, stride, padding, *, count_include_pad=True):
    """What NumPy gives for the last two axes."""
    ends = [(0, 0)] * (x.ndim - 2) + [(padding, padding)] * 2
    blank = {"max": -np.inf, "min": np.inf}.get(op, 0.0)

    def windows(values, blank):
        whole = np.lib.stride_tricks.sliding_window_view(np.pad(values, ends, constant_values=blank), taps, (-2, -1))
        return whole[..., ::stride[0], ::stride[1], :, :]

    if op in ("max", "min"):
        return (np.max if op == "max" else np.min)(windows(x, blank), (-2, -1))
    total = windows(x.astype("f8"), 0.0).sum((-2, -1))
    if op == "sum":
        return total
    return total / (taps[0] * taps[1] if count_include_pad else windows(np.ones(x.shape), 0.0).sum((-2, -1)))


@pytest.mark.parametrize("case", WINDOWS, ids=str)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("op", ["max", "min", "sum", "avg"])
def test_rows_of_every_length(isa, case, dtype, op):
    taps, stride, padding = case
    pool = getattr(cypool, f"{op}_pool")
    for width in WIDTHS:
        for height in (7, 8):
            x = numbers((2, height, width), dtype)
            options = {"axis": (1, 2)}
            if op == "avg":
                options["count_include_pad"] = bool(width % 2)
            counted = {"count_include_pad": options["count_include_pad"]} if op == "avg" else {}
            with np.errstate(invalid="ignore"):
                expected = twin(op, x, taps, stride, padding, **counted)
            result = pool(x, taps, stride, padding, **options)
            assert result.dtype == x.dtype
            if op in ("max", "min"):
                np.testing.assert_array_equal(result, expected)
            else:
                np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("case", WINDOWS, ids=str)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("op", ["max", "avg"])
def test_channels_of_every_number(isa, case, dtype, op):
    taps, stride, padding = case
    pool = getattr(cypool, f"{op}_pool2d")
    for channels in (4, 5, 7, 8, 9, 15, 16, 17, 31, 33):
        x = numbers((2, channels, 6, 9), dtype)
        options = {"count_include_pad": bool(channels % 2)} if op == "avg" else {}
        with np.errstate(invalid="ignore"):
            expected = np.moveaxis(twin(op, x, taps, stride, padding, **options), 1, -1)
        last = np.ascontiguousarray(np.moveaxis(x, 1, -1))
        result = pool(last, taps, stride, padding, data_format="channels_last", **options)
        if op == "max":
            np.testing.assert_array_equal(result, expected)
        else:
            np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("op", ["max", "avg"])
def test_columns_that_neighbouring_windows_share(isa, monkeypatch, dtype, op):
    """At stride 1, of few channels and many, in whole vectors and not, fetched and not."""
    pool = getattr(cypool, f"{op}_pool2d")
    for channels in (8, 12, 24, 32, 65, 100, 250, 255, 256, 257, 512, 513, 520, 1030):
        x = numbers((channels, 7, 6), dtype)
        x[:, 5] = 1e-3
        options = {"count_include_pad": False} if op == "avg" else {}
        with np.errstate(invalid="ignore"):
            expected = np.moveaxis(twin(op, x, (3, 3), (1, 1), 1, **options), 0, -1)
        last = np.ascontiguousarray(np.moveaxis(x, 0, -1))
        for fetches_from in (0, 2**24):
            monkeypatch.setattr(fetching, "SHARED_FROM", fetches_from)
            _pooling.forget()
            result = pool(last, 3, 1, 1, data_format="channels_last", **options)
            if op == "max":
                np.testing.assert_array_equal(result, expected)
            else:
                np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)
    _pooling.forget()


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_volumes(isa, dtype):
    for width in (15, 16, 17, 40):
        x = numbers((2, 5, 6, width), dtype)
        result = cypool.max_pool3d(x, 2)
        halves = twin("max", x, (2, 2), (2, 2), 0)
        np.testing.assert_array_equal(result, np.maximum(halves[:, 0:4:2], halves[:, 1:4:2]))
        last = np.ascontiguousarray(np.moveaxis(x, 0, -1).repeat(5, -1))
        np.testing.assert_array_equal(cypool.max_pool3d(last, 2, data_format="channels_last"),
                                      np.moveaxis(result, 0, -1).repeat(5, -1))


@pytest.mark.parametrize("block", [(2, 2), (1, 2), (4, 2), (2, 4), (4, 4), (1, 4)], ids=str)
@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2"])
def test_means_of_blocks_of_integers(isa, block, dtype):
    for width in [*range(4, 70), 127, 131, 260]:
        if width < block[1]:
            continue
        x = numbers((3, 8, width), dtype)
        x[0], x[1, ::2] = np.iinfo(dtype).max, np.iinfo(dtype).min
        expected = np.rint(twin("avg", x, block, block, 0)).astype(dtype)
        np.testing.assert_array_equal(cypool.block_reduce(x, block, axis=(1, 2), boundary="trim"), expected)


@pytest.mark.parametrize("block", [(2, 2), (1, 2), (4, 2)], ids=str)
@pytest.mark.parametrize("dtype", ["i1", "u1"])
def test_means_of_blocks_of_pixels(isa, block, dtype):
    for width in [*range(2, 40), 131, 260, 12_000]:
        x = numbers((8, width, 3), dtype)
        x[0], x[1, ::2] = np.iinfo(dtype).max, np.iinfo(dtype).min
        expected = np.moveaxis(np.rint(twin("avg", np.moveaxis(x, -1, 0), block, block, 0)), 0, -1).astype(dtype)
        np.testing.assert_array_equal(cypool.block_reduce(x, block, axis=(0, 1), boundary="trim"), expected)
        wide = np.full((expected.shape[0], expected.shape[1] + 2, 3), 7, dtype)
        cypool.block_reduce(x, block, axis=(0, 1), boundary="trim", out=wide[:, 1:-1])
        np.testing.assert_array_equal(wide[:, 1:-1], expected)
        assert (wide[:, [0, -1]] == 7).all()


@pytest.mark.parametrize("dilation", [(1, 2), (2, 1), (2, 3)], ids=str)
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_means_of_integers_apart(isa, channels, dilation):
    x = numbers((9, 40, channels), "u1")
    reach = [d + 1 for d in dilation]
    windows = np.lib.stride_tricks.sliding_window_view(x, reach, (0, 1))[::2, ::2, :, ::dilation[0], ::dilation[1]]
    result = cypool.avg_pool(x, 2, 2, 0, dilation, axis=(0, 1))
    np.testing.assert_array_equal(result, np.rint(windows.mean((-2, -1))).astype("u1"))


@pytest.mark.parametrize("dtype", ["i1", "u2"])
@pytest.mark.parametrize("width", [16_400, 32_790, 70_002])
def test_means_of_blocks_of_long_rows(isa, dtype, width):
    x = numbers((4, width), dtype)
    expected = np.rint(x.reshape(2, 2, -1, 2).mean((1, 3))).astype(dtype)
    np.testing.assert_array_equal(cypool.block_reduce(x, 2), expected)
    wide = np.zeros((2, width), dtype)
    cypool.block_reduce(x, 2, out=wide[:, ::2])
    np.testing.assert_array_equal(wide[:, ::2], expected)
    assert not wide[:, 1::2].any()


@pytest.mark.parametrize("op", ["max", "avg"])
@pytest.mark.parametrize("case", [(2, 2, 0), (3, 2, 1), (3, 1, 1), (4, 4, 0)], ids=str)
def test_long_rows(isa, op, case):
    taps, stride, padding = case
    for width in (16_400, 24_581, 70_003):
        x = numbers((1, 4, width), "f4", nan=False)
        x[~np.isfinite(x)] = 1
        expected = twin(op, x, (taps, taps), (stride, stride), padding)[0]
        wide = np.zeros((expected.shape[0], 2 * expected.shape[1]), "f4")
        pool = getattr(cypool, f"{op}_pool")
        for out in (np.empty(expected.shape, "f4"), wide[:, ::2]):
            pool(x[0], taps, stride, padding, out=out)
            np.testing.assert_allclose(out, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("case", WINDOWS, ids=str)
@pytest.mark.parametrize("tile", [64, 300, 1000])
def test_tiles_of_any_size(isa, monkeypatch, tile, case):
    """Rows, blocks and inner axes in small pieces give what they give as one, and nothing is written beside them."""
    monkeypatch.setattr(tilings, "ROW_BYTES", tile)
    monkeypatch.setattr(tilings, "DIRECT_BYTES", tile)
    monkeypatch.setattr(shortcuts, "STRIPS_BYTES", 4 * tile)
    _pooling.forget()
    taps, stride, padding = case
    for shape in ((2, 9, 67), (1, 8, 130), (17, 6, 9), (65, 7, 8)):
        x = numbers(shape, "f4")
        expected = twin("max", x, taps, stride, padding)
        np.testing.assert_array_equal(cypool.max_pool(x, taps, stride, padding, axis=(1, 2)), expected)
        last = np.ascontiguousarray(np.moveaxis(x, 0, -1))
        wide = np.zeros((*np.moveaxis(expected, 0, -1).shape, 2), "f4")
        cypool.max_pool(last, taps, stride, padding, axis=(0, 1), out=wide[..., 0])
        np.testing.assert_array_equal(wide[..., 0], np.moveaxis(expected, 0, -1))
        assert not wide[..., 1].any()
    if taps == stride and taps[1] > 1:
        x = numbers((2, 8, 260), "u1")
        expected = np.rint(twin("avg", x, taps, stride, 0)).astype("u1")
        wide = np.zeros((*expected.shape, 2), "u1")
        cypool.block_reduce(x, taps, axis=(1, 2), out=wide[..., 0])
        np.testing.assert_array_equal(wide[..., 0], expected)
        assert not wide[..., 1].any()


@pytest.mark.parametrize("dtype", ["u1", "i2"])
def test_means_of_blocks_of_volumes(isa, dtype):
    x = numbers((4, 6, 80), dtype)
    expected = np.rint(x.reshape(2, 2, 3, 2, 40, 2).mean((1, 3, 5))).astype(dtype)
    np.testing.assert_array_equal(cypool.block_reduce(x, 2), expected)


@pytest.mark.parametrize("dtype", ["u1", "f4"])
def test_output_of_other_strides(isa, dtype):
    x = numbers((3, 8, 96), dtype, nan=False)
    expected = cypool.block_reduce(x, 2, axis=(1, 2))
    for view in (np.zeros((3, 8, 96), dtype)[:, ::2, ::2], np.zeros((48, 4, 3), dtype).T,
                 np.zeros((3, 4, 60), dtype)[:, ::-1, 5:53], np.zeros((3, 4, 48), dtype)[..., ::-1]):
        assert cypool.block_reduce(x, 2, axis=(1, 2), out=view) is view
        np.testing.assert_array_equal(view, expected)


@pytest.mark.parametrize("dtype", ["u1", "f4"])
def test_input_of_other_strides(isa, dtype):
    x = numbers((3, 8, 96), dtype, nan=False)
    wide = np.zeros((3, 9, 100), dtype)
    wide[:, 1:, 2:98] = x
    expected = cypool.block_reduce(x, 2, axis=(1, 2))
    np.testing.assert_array_equal(cypool.block_reduce(wide[:, 1:, 2:98], 2, axis=(1, 2)), expected)
    np.testing.assert_array_equal(cypool.block_reduce(x[:, ::-1], 2, axis=(1, 2)), expected[:, ::-1])
    np.testing.assert_array_equal(cypool.block_reduce(x[::2], 2, axis=(1, 2)), expected[::2])


def other_layouts(x):
    """Equal arrays whose rows have to be gathered."""
    yield x[..., ::-1].copy()[..., ::-1]
    yield x[:, ::-1, ::-1].copy()[:, ::-1, ::-1]
    yield np.repeat(x, 2, -1)[..., ::2]
    yield x.astype(x.dtype.newbyteorder())
    unaligned = np.zeros(x.nbytes + 1, "u1")[1:].view(x.dtype).reshape(x.shape)
    unaligned[...] = x
    yield unaligned


@pytest.mark.parametrize("case", WINDOWS, ids=str)
@pytest.mark.parametrize("gathered", [1, 500, 16384])
def test_rows_that_are_gathered(isa, monkeypatch, case, gathered):
    """The bits are those of contiguous rows, however many are gathered at once."""
    monkeypatch.setattr(tilings, "GATHERED_BYTES", gathered)
    _pooling.forget()
    taps, stride, padding = case
    for shape in ((2, 9, 67), (3, 8, 16)):
        x = numbers(shape, "f4", nan=False)
        x[~np.isfinite(x)] = 1
        for pool in (cypool.max_pool, cypool.avg_pool):
            expected = pool(x, taps, stride, padding, axis=(1, 2))
            for same in other_layouts(x):
                result = pool(same, taps, stride, padding, axis=(1, 2))
                np.testing.assert_array_equal(result.astype("f4").view("u4"), expected.view("u4"))


@pytest.mark.usefixtures("eager_threads")
@pytest.mark.parametrize("dtype", ["u1", "f4"])
def test_threads_share_blocks(isa, dtype):
    x = numbers((2000, 200), dtype)
    pool = cypool.block_reduce if dtype == "u1" else cypool.max_pool
    np.testing.assert_array_equal(pool(x, 2, num_threads=5), pool(x, 2, num_threads=1))


# The last piece of such an axis has 3627 elements, one, or seven.
@pytest.mark.parametrize("length", [20_011, 8193, 16_391])
def test_a_long_axis_that_is_pooled_alone(isa, length):
    x = numbers((7, length), "f4")
    np.testing.assert_array_equal(cypool.max_pool(x, 2, axis=0), np.maximum(x[:6:2], x[1:6:2]))
    np.testing.assert_array_equal(cypool.max_pool(x, 3, 2, axis=0),
                                  np.maximum(np.maximum(x[:5:2], x[1:6:2]), x[2:7:2]))


@pytest.mark.parametrize(("taps", "dilation", "shape"), [
    ((2, 3), (4, 1), (5, 40)), ((2, 3), (4, 1), (5, 12, 16)), ((1, 2), (1, 4), (6, 5, 16)),
    ((2, 2), (4, 4), (5, 5, 16)),
], ids=str)
def test_gradients_of_what_no_window_reads(isa, taps, dilation, shape):
    """The gradient's windows there have no tap."""
    n_out = [length - (k - 1) * d for length, k, d in zip(shape, taps, dilation)]
    gradient = numbers((*n_out, *shape[2:]), "f4", nan=False)
    gradient[~np.isfinite(gradient)] = 1
    expected = np.zeros(shape, "f4")
    for i in range(taps[0]):
        for j in range(taps[1]):
            rows, columns = i * dilation[0], j * dilation[1]
            expected[rows:rows + n_out[0], columns:columns + n_out[1]] += gradient
    result = cypool.sum_pool_backward(gradient, shape, taps, 1, 0, dilation, axis=(0, 1))
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("channels", [4, 6, 12, 64])
@pytest.mark.parametrize("op", ["max", "avg"])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_outputs_beyond_the_cache(eager_threads, op, dtype, channels):
    """In channels-last order they are written past it, where each window begins at 16 bytes."""
    x = np.random.default_rng(0).integers(-9, 9, (2, 402, 2**24 // 400 // channels, channels)).astype(dtype)
    taps = x[:, :, :x.shape[2] // 2 * 2].reshape(2, 201, 2, -1, 2, channels)
    expected = taps.max((2, 4)) if op == "max" else taps.sum((2, 4)) / 4
    memory = np.empty(expected.size * x.itemsize + 128, np.uint8)
    for offset in (0, 8, 16, 32):
        begin = -memory.ctypes.data % 64 + offset
        out = memory[begin:begin + expected.size * x.itemsize].view(dtype).reshape(expected.shape)
        for threads in (1, 2):
            out[...] = np.nan
            getattr(cypool, f"{op}_pool2d")(x, 2, data_format="channels_last", out=out, num_threads=threads)
            np.testing.assert_array_equal(out, expected)

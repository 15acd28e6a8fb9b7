"""Indices of small windows of floats and of 64-bit integers, which are found in registers: the same as of those in the
other byte order, which are not. Those of larger windows."""

import numpy as np
import pytest

import cypool

# (kernel, stride, padding, dilation) that go straight to the output, and some that do not.
WINDOWS = [(2, 2, 0, 1), (3, 2, 1, 1), (3, 2, 0, 1), (3, 1, 1, 1), (3, 1, 0, 1), ((1, 3), (1, 2), (0, 1), 1),
           ((2, 3), 2, (1, 1), 1), ((3, 2), (1, 2), (1, 0), 1), (3, 2, 1, 2), (4, 4, 0, 1), ((4, 2), 2, 0, 1)]


def few_values(shape, seed=0, dtype="f4"):
    """Ties, both zeros, infinities and NaN; of integers the extremes, and what differs in one half alone."""
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind in "iu":
        limits = np.iinfo(dtype)
        middle = (limits.max + limits.min + 1) // 2
        values = [limits.min, limits.min + 1, middle - 2**31, middle - 1, middle, middle + 1, middle + 2**31,
                  middle + 2**32, limits.max - 2**32, limits.max]
        return rng.choice(np.array([value for value in values if limits.min <= value <= limits.max], dtype), shape)
    return rng.choice(np.array([-np.inf, -1, -0.0, 0.0, 1, 2, np.inf, np.nan], dtype), shape,
                      p=[0.15, 0.2, 0.15, 0.15, 0.15, 0.1, 0.05, 0.05])


def swapped(x):
    """Of such rows copies are made, whose windows take another way."""
    return x.astype(x.dtype.newbyteorder("S"))


def check(x, *geometry, op="max", **options):
    pool = getattr(cypool, f"{op}_pool")
    values, indices = pool(x, *geometry, return_indices=True, **options)
    expected, places = pool(swapped(x), *geometry, return_indices=True, **options)
    np.testing.assert_array_equal(indices, places)
    np.testing.assert_array_equal(values, expected)
    return values, indices


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8", "u8"])
@pytest.mark.parametrize("op", ["max", "min"])
@pytest.mark.parametrize("window", WINDOWS)
def test_rows_of_every_length(isa, window, op, dtype):
    kernel, stride, padding, dilation = window
    for width in [*range(5, 40), 64, 65, 100]:
        check(few_values((2, 9, width), width, dtype), kernel, stride, padding, dilation, axis=(1, 2), op=op)


@pytest.mark.parametrize("op", ["max", "min"])
@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("channels", [3, 7, 8, 9, 31, 64])
@pytest.mark.parametrize("dtype", ["f4", "f8", "i8", "u8"])
def test_channels_last(isa, window, op, channels, dtype):
    kernel, stride, padding, dilation = window
    check(few_values((2, 9, 11, channels), dtype=dtype), kernel, stride, padding, dilation, axis=(1, 2), op=op)


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8", "u8"])
@pytest.mark.parametrize("layout", ["first", "last"])
@pytest.mark.parametrize("window", [(2, 2, 0), ((1, 3, 3), (1, 2, 2), (0, 1, 1)), ((2, 2, 3), (2, 2, 1), (0, 0, 1))])
def test_planes(isa, layout, window, dtype):
    shape, axes = ((2, 6, 8, 40), (1, 2, 3)) if layout == "first" else ((2, 6, 8, 10, 16), (1, 2, 3))
    check(few_values(shape, dtype=dtype), *window, axis=axes)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("fill", [-np.inf, np.nan, 0.0])
def test_windows_of_one_value_give_their_first_place(isa, fill, dtype):
    x = np.full((1, 2, 17, 40), fill, dtype)
    values, indices = cypool.max_pool2d(x, 3, 2, 1, return_indices=True)
    rows, columns = (np.maximum(2 * np.arange(n) - 1, 0) for n in (9, 20))
    np.testing.assert_array_equal(indices, np.broadcast_to(rows[:, None] * 40 + columns, indices.shape))
    np.testing.assert_array_equal(values, np.full(values.shape, fill))


def test_views_and_outputs_of_any_strides(isa):
    x = few_values((4, 30, 70))
    for view in (x[:, ::2], x[:, :, ::2], x[:, :, ::-1], x.transpose(0, 2, 1), x[1:3, 3:, 5:]):
        check(view, 3, 2, 1, axis=(1, 2))
    out = np.zeros((4, 15, 50), "f4")[..., 5:40]
    values, indices = cypool.max_pool(x, 2, axis=(1, 2), out=out, return_indices=True)
    expected, places = cypool.max_pool(x, 2, axis=(1, 2), return_indices=True)
    assert values is out
    np.testing.assert_array_equal(values, expected)
    np.testing.assert_array_equal(indices, places)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("channels", [2049, 4096, 4097, 4099, 4103, 8195])
def test_tiles_of_channels_that_are_shorter_than_a_vector(isa, channels, dtype):
    x = np.zeros((9, 5, channels), dtype) + np.arange(9, dtype=dtype)[:, None, None]
    for kernel, stride in (((1, 2), 1), ((2, 2), 2)):
        values, indices = cypool.max_pool(x, kernel, stride, axis=(0, 1), return_indices=True, num_threads=1)
        expected, places = cypool.max_pool(swapped(x), kernel, stride, axis=(0, 1), return_indices=True)
        np.testing.assert_array_equal(values, expected)
        np.testing.assert_array_equal(indices, places)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("op", ["max", "min"])
def test_the_bits_of_zeros_and_nans_are_those_of_any_layout(isa, op, dtype):
    x = few_values((6, 3, 8, 40), dtype=dtype)
    x[:3, :, :, ::5] = -np.nan
    pool = getattr(cypool, f"{op}_pool")
    for geometry in ((2, 2), (3, 2, 1), (3, 1, 1)):
        expected, _ = pool(x, *geometry, axis=(2, 3), return_indices=True)
        for other in (np.repeat(x, 2, -1)[..., ::2], np.asfortranarray(x), x.transpose(0, 2, 3, 1).copy().transpose(
                0, 3, 1, 2)):
            values, _ = pool(other, *geometry, axis=(2, 3), return_indices=True)
            np.testing.assert_array_equal(values.view(f"u{x.itemsize}"), expected.view(f"u{x.itemsize}"))


def test_a_gradient_goes_where_the_indices_say():
    x = np.random.default_rng(0).standard_normal((2, 16, 40, 44)).astype("f4")
    values, indices = cypool.max_pool2d(x, 3, 2, 1, return_indices=True)
    np.testing.assert_array_equal(np.take_along_axis(x.reshape(2, 16, -1), indices.reshape(2, 16, -1), -1),
                                  values.reshape(2, 16, -1))


@pytest.mark.parametrize("dtype", ["f8", "i8", "u8"])
@pytest.mark.parametrize("op", ["max", "min"])
@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (2, 2), (3, 1), (5, 1), (5, 2), ((4, 6), (4, 3)), (9, 1),
                                                (40, 7)])
def test_elements_of_64_bits_in_windows_of_any_size(isa, op, kernel, stride, dtype):
    """The first of equal taps in row-major order, whichever order they are met in; longer rows than are met at once."""
    for shape in ((41, 300), (50, 44), (45, 41, 3)):
        x = few_values(shape, len(shape), dtype)
        if dtype == "f8":
            x = np.where(np.isnan(x), 0.5, x)
        ky, kx = np.broadcast_to(kernel, 2)
        sy, sx = np.broadcast_to(stride, 2)
        rows = np.lib.stride_tricks.sliding_window_view(x, (ky, kx), (0, 1))[::sy, ::sx]
        taps = rows.reshape(*rows.shape[:-2], -1)
        first = (np.argmax if op == "max" else np.argmin)(taps, -1)
        at = np.ogrid[tuple(map(slice, first.shape))]
        places = (at[0] * sy + first // kx) * shape[1] + at[1] * sx + first % kx
        values, indices = getattr(cypool, f"{op}_pool")(x, kernel, stride, axis=(0, 1), return_indices=True)
        np.testing.assert_array_equal(indices, places)
        np.testing.assert_array_equal(values, taps.max(-1) if op == "max" else taps.min(-1))


# Windows of neighbours that are of more taps and rows than the small ones, at most 64 rows.
MORE = [(5, 2, 2, 1), (7, 7, 0, 1), ((9, 2), 1, (4, 1), 1), ((2, 13), (2, 3), (0, 6), 1), (4, 3, 1, 2), (5, 1, 2, 1),
        ((1, 8), 4, 0, 1), ((12, 1), 5, 0, 1), (5, 5, 2, 1), ((4, 5), (6, 6), (1, 2), 1), ((3, 5), (7, 5), 0, 1)]


def first_best(x, op, starts, stops, steps=(1, 1)):
    """The places of the winners of windows of the first two axes of x, (outputs, outputs, channels), one by one."""
    order = np.argmax if op == "max" else np.argmin
    places = np.zeros((len(starts[0]), len(starts[1]), x.shape[2]), np.int64)
    for i, j in np.ndindex(places.shape[:2]):
        rows = range(starts[0][i], stops[0][i], steps[0])
        columns = range(starts[1][j], stops[1][j], steps[1])
        taps = x[np.ix_(rows, columns)].reshape(-1, x.shape[2])
        at = order(taps, 0)     # the first NaN, if there is one
        places[i, j] = np.asarray(rows)[at // len(columns)] * x.shape[1] + np.asarray(columns)[at % len(columns)]
    return places


def check_against_one_by_one(x, op, starts, stops, steps, result):
    values, indices = result
    places = first_best(x, op, starts, stops, steps)
    np.testing.assert_array_equal(indices, places)
    expected = np.take_along_axis(x.reshape(-1, x.shape[2]), places.reshape(-1, x.shape[2]), 0).reshape(places.shape)
    np.testing.assert_array_equal(values, expected)


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8", "u8", "f2", "i2", "u1"])
@pytest.mark.parametrize("op", ["max", "min"])
@pytest.mark.parametrize("window", MORE, ids=str)
def test_neighbours_in_windows_of_more_taps(isa, window, op, dtype):
    kernel, stride, padding, dilation = (np.broadcast_to(each, 2) for each in window)
    for shape in ((30, 31, 16), (17, 14, 37), (14, 30, 64)):
        x = few_values(shape, shape[0], dtype)
        outputs = [(n + 2 * p - d * (k - 1) - 1) // s + 1
                   for n, k, s, p, d in zip(shape, kernel, stride, padding, dilation, strict=False)]
        begins = [np.arange(n) * s - p for n, s, p in zip(outputs, stride, padding, strict=True)]
        starts = [np.where(begin < 0, begin % step, begin) for begin, step in zip(begins, dilation, strict=True)]
        stops = [np.minimum(begin + (k - 1) * d + 1, n)
                 for begin, k, d, n in zip(begins, kernel, dilation, shape, strict=False)]
        result = getattr(cypool, f"{op}_pool")(x, *window, axis=(0, 1), return_indices=True)
        check_against_one_by_one(x, op, starts, stops, dilation, result)


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8", "u8", "f2", "i2", "u1"])
@pytest.mark.parametrize("size", [(1, 1), (7, 5), (13, 1), (1, 13), (10, 20)], ids=str)
def test_neighbours_in_uneven_windows(isa, size, dtype):
    for shape in ((30, 31, 16), (61, 23, 37)):
        x = few_values(shape, shape[0], dtype)
        starts = [np.arange(n) * length // n for n, length in zip(size, shape, strict=False)]
        stops = [-(-np.arange(1, n + 1) * length // n) for n, length in zip(size, shape, strict=False)]
        result = cypool.adaptive_max_pool2d(x, size, data_format="channels_last", return_indices=True)
        check_against_one_by_one(x, "max", starts, stops, (1, 1), result)


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8", "f2", "u1"])
@pytest.mark.parametrize("channels", [1025, 2049, 2053, 4100, 9000])
def test_neighbours_in_tiles_that_are_shorter_than_a_vector(isa, channels, dtype):
    x = few_values((11, 6, channels), dtype=dtype)
    for size in (4, 7, 1):
        starts, stops = np.arange(size) * 11 // size, -(-np.arange(1, size + 1) * 11 // size)
        result = cypool.adaptive_max_pool1d(x[:, :1].transpose(1, 0, 2), size, data_format="channels_last",
                                            return_indices=True)
        check_against_one_by_one(x[:, :1], "max", [starts, [0]], [stops, [1]], (1, 1),
                                 [each.transpose(1, 0, 2) for each in result])
    starts, stops = [np.arange(3) * 3, np.arange(2) * 3], [np.arange(3) * 3 + 5, np.arange(2) * 3 + 3]
    result = cypool.max_pool(x, (5, 3), 3, axis=(0, 1), return_indices=True)
    check_against_one_by_one(x, "max", starts, stops, (1, 1), result)


@pytest.mark.parametrize("dtype", ["f8", "i8", "f2", "u1"])
def test_neighbours_in_volumes(isa, dtype):
    x = few_values((9, 8, 7, 24), dtype=dtype)
    for geometry in ((5, 2, 2), (4, 4, 1), ((2, 6, 7), (2, 3, 1), (0, 1, 3)), ((2, 5, 3), (2, 7, 3), (0, 2, 1))):
        values, indices = cypool.max_pool(x, *geometry, axis=(0, 1, 2), return_indices=True)
        single = [cypool.max_pool(x[..., c], *geometry, return_indices=True) for c in range(24)]
        np.testing.assert_array_equal(values, np.stack([value for value, _ in single], -1))
        np.testing.assert_array_equal(indices, np.stack([index for _, index in single], -1))


@pytest.mark.parametrize("dtype", ["f8", "i8", "u8"])
@pytest.mark.parametrize("op", ["max", "min"])
@pytest.mark.parametrize("window", [(5, 1, 2, 1), ((4, 7), (2, 1), (2, 3), 1), ((9, 3), 1, (0, 1), 1), (2, 1, 0, 1),
                                    ((1, 4), (3, 1), 0, 1), ((3, 5), 1, 1, (2, 1))], ids=str)
def test_windows_that_are_neighbours_themselves(isa, window, op, dtype):
    for width in [*range(6, 30), 64, 65, 100]:
        check(few_values((2, 19, width), width, dtype), *window, axis=(1, 2), op=op)

"""Small planes, which are pooled side by side."""

import ctypes
import mmap

import numpy as np
import pytest

import cypool
from cypool import _isa

# Kernel, stride and padding.
WINDOWS = [((2, 2), (2, 2), 0), ((3, 3), (2, 2), 0), ((3, 3), (2, 2), 1), ((3, 3), (2, 2), ((1, 0), (0, 1))),
           ((2, 2), (1, 1), 0), ((2, 2), (1, 1), 1), ((3, 3), (1, 1), 1), ((3, 3), (1, 1), 0),
           ((1, 3), (2, 2), ((0, 0), (1, 1))), ((4, 2), (3, 2), ((2, 2), (1, 1))), ((2, 3), (1, 2), ((1, 1), (0, 0))),
           ((3, 2), (2, 2), ((1, 1), (0, 0)))]


def numbers(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=shape).astype(dtype)
    where = rng.random(shape)
    x[where < 0.05] = -np.inf
    x[where < 0.03] = np.nan
    return x


def twin(op, x, case, *, count_include_pad=True):
    """What NumPy gives for the last two axes."""
    kernel, stride, padding = case
    sides = [(padding, padding)] * 2 if isinstance(padding, int) else list(padding)
    ends = [(0, 0)] * (x.ndim - 2) + sides
    blank = {"max": -np.inf, "min": np.inf}.get(op, 0.0)

    def windows(values, blank):
        whole = np.lib.stride_tricks.sliding_window_view(np.pad(values, ends, constant_values=blank), kernel, (-2, -1))
        return whole[..., ::stride[0], ::stride[1], :, :]

    if op in ("max", "min"):
        return (np.max if op == "max" else np.min)(windows(x, blank), (-2, -1))
    with np.errstate(invalid="ignore"):
        total = windows(x.astype("f8"), 0.0).sum((-2, -1))
    if op == "sum":
        return total
    return total / (kernel[0] * kernel[1] if count_include_pad else windows(np.ones(x.shape), 0.0).sum((-2, -1)))


def check(op, x, case, **options):
    pool = getattr(cypool, f"{op}_pool")
    result = pool(x, *case, axis=(-2, -1), **options)
    expected = twin(op, x, case, **options)
    if op in ("max", "min"):
        np.testing.assert_array_equal(result, expected)
    else:
        np.testing.assert_allclose(result, expected, rtol=2e-5, atol=2e-5)
    # A plane alone goes another way, or the same; its taps meet in the same order.
    alone = pool(x[0, 0], *case, axis=(-2, -1), **options)
    np.testing.assert_array_equal(result[0, 0], alone)
    return result


@pytest.mark.parametrize("case", WINDOWS, ids=str)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("op", ["max", "min", "sum", "avg"])
def test_planes_of_every_size(isa, taken, op, dtype, case):
    for width in range(3, 17):
        for height in (5, 8):
            options = {"count_include_pad": bool(width % 2)} if op == "avg" else {}
            check(op, numbers((5, 4, height, width), dtype, width), case, **options)
    assert taken


@pytest.mark.parametrize("op", ["max", "avg"])
@pytest.mark.parametrize("n", [1, 3, 4, 5, 63, 300])
def test_planes_of_every_number(isa, op, n):
    for case in WINDOWS[:4]:
        check(op, numbers((n, 2, 9, 11), "f4"), case)


@pytest.mark.parametrize("op", ["max", "avg"])
@pytest.mark.parametrize("case", WINDOWS[:8], ids=str)
def test_planes_of_every_layout(isa, taken, op, case):
    x = numbers((7, 6, 8, 6), "f4")
    expected = check(op, x, case)
    wide = np.zeros((7, 6, 8, 12), "f4")
    wide[..., ::2] = x
    tall = np.zeros((7, 6, 16, 6), "f4")
    tall[:, :, ::2] = x
    other = x.transpose(1, 0, 2, 3).copy().transpose(1, 0, 2, 3)
    mirrored = x[:, ::-1, ::-1, ::-1].copy()[:, ::-1, ::-1, ::-1]
    shifted = np.frombuffer(b"\0" + x.tobytes(), np.uint8)[1:].view("f4").reshape(x.shape)
    pool = getattr(cypool, f"{op}_pool")
    for same in (wide[..., ::2], tall[:, :, ::2], other, mirrored, shifted, x.astype(">f4"),
                 x[:, ::-1].copy()[:, ::-1]):
        np.testing.assert_array_equal(pool(same, *case, axis=(2, 3)), expected)
    out = np.zeros((*expected.shape[:3], 2 * expected.shape[3]), "f4")[..., ::2]
    for each in (out, np.zeros_like(expected), np.zeros_like(expected, ">f4"), np.zeros_like(expected, "f8"),
                 np.zeros(expected.shape[::-1], "f4").T):
        pool(x, *case, axis=(2, 3), out=each)
        np.testing.assert_array_equal(each, expected)
    assert taken


@pytest.mark.parametrize("height", [4, 6, 10, 14, 26])
def test_windows_that_divide_a_plane(taken, height):
    """Planes of these are one tall plane, which is cut again."""
    for width in (4, 10, 14):
        for dtype in ("f4", "f8"):
            check("max", numbers((8, 9, height, width), dtype), WINDOWS[0])
            check("avg", numbers((8, 9, height, width), dtype), WINDOWS[0])
    assert taken


@pytest.mark.parametrize("kernel", [(7, 3), (14, 2), (5, 4), (7, 2)], ids=str)
@pytest.mark.parametrize("op", ["max", "avg", "sum"])
def test_tall_windows_that_divide_a_plane(taken, op, kernel):
    """Merged, each row of windows of what was a plane is one by itself."""
    for dtype in ("f4", "f8"):
        check(op, numbers((8, 9, 5 * kernel[0], 8), dtype), (kernel, kernel, 0))
    if op == "sum":
        check(op, np.random.default_rng(0).integers(-1000, 1000, (8, 9, 5 * kernel[0], 8)), (kernel, kernel, 0))
    assert taken


@pytest.mark.parametrize("case", [*WINDOWS, ((2, 3), (3, 4), 0), ((4, 4), (1, 1), 1)], ids=str)
@pytest.mark.parametrize("op", ["max", "avg"])
def test_tall_planes(taken, op, case):
    """Rows of outputs that are shorter than a vector; windows that leave out some of the input."""
    for dtype, height in (("f4", 90), ("f8", 60)):
        check(op, numbers((5, 4, height, 6), dtype), case)
        check(op, numbers((5, 4, 2 * height, 4), dtype), case)
    assert taken


@pytest.mark.parametrize("case", [*WINDOWS[:6], *WINDOWS[8:], ((5, 5), (3, 3), 2), ((7, 2), (3, 1), 0)], ids=str)
@pytest.mark.parametrize("op", ["max", "avg"])
def test_large_planes_of_short_rows(taken, op, case):
    kernel, *_ = case
    # Windows that take rows whole are runs.
    for dtype, shape in (("f4", (5, 4, 2600, 5)), ("f8", (5, 4, 1000, 4 if kernel[1] == 3 else 3))):
        del taken[:]
        check(op, numbers(shape, dtype), case)
        assert taken


def test_threads_do_not_change_anything(eager_threads):
    x = numbers((40, 50, 7, 9), "f4")
    for case in WINDOWS:
        for op in ("max", "sum"):
            pool = getattr(cypool, f"{op}_pool")
            one, two = (pool(x, *case, axis=(2, 3), num_threads=threads) for threads in (1, 2))
            np.testing.assert_array_equal(one.view("u4"), two.view("u4"))


@pytest.fixture
def last_page():
    """A function that copies an array to the end of memory that may be read."""
    libc = ctypes.CDLL(None)
    size, before = mmap.PAGESIZE, 40
    memory = mmap.mmap(-1, (before + 1) * size)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    if not hasattr(libc, "mprotect") or libc.mprotect(ctypes.c_void_p(start + before * size), size, 0):
        pytest.skip("no page can be protected")

    def placed(x):
        copy = np.frombuffer(memory, x.dtype, x.size, before * size - x.nbytes).reshape(x.shape)
        copy.flags.writeable = True
        copy[...] = x
        return copy

    return placed


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("case", WINDOWS, ids=str)
def test_nothing_is_read_beyond_the_input(isa, last_page, case, dtype):
    for width in (3, 4, 5, 7, 8, 13):
        x = numbers((6, 4, 6, width), dtype)
        for op in ("max", "avg"):
            check(op, last_page(x), case)
            check(op, last_page(x)[:, :, ::-1, ::-1], case)


@pytest.mark.parametrize("case", WINDOWS, ids=str)
@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "f2", "?"])
@pytest.mark.parametrize("op", ["max", "min"])
def test_narrow_elements(isa, taken, op, dtype, case):
    rng = np.random.default_rng(0)
    pool = getattr(cypool, f"{op}_pool")
    for width in range(3, 17):
        x = rng.integers(-2**15, 2**15, (9, 4, 8, width))
        x = x > 0 if dtype == "?" else x.astype(dtype) if dtype != "f2" else (x / 7).astype("f2")
        if dtype == "f2":
            x[rng.random(x.shape) < 0.02] = np.nan
            expected = twin(op, x, case)
        else:
            # Of the same order, and with room for what is outside.
            expected = twin(op, x.astype("f8"), case).astype(dtype)
        np.testing.assert_array_equal(pool(x, *case, axis=(2, 3)), expected)
        wide = np.zeros((*x.shape[:3], 2 * width), x.dtype)[..., ::2]
        wide[...] = x
        np.testing.assert_array_equal(pool(wide, *case, axis=(2, 3)), expected)
        if dtype not in ("u1", "i1", "?"):
            swapped = x.astype(x.dtype.newbyteorder())
            out = np.zeros(expected.shape, swapped.dtype)
            pool(swapped, *case, axis=(2, 3), out=out)
            np.testing.assert_array_equal(out, expected)
    assert taken or case[0][0] == 1


@pytest.mark.parametrize("case", WINDOWS[:4], ids=str)
@pytest.mark.parametrize("op", ["max", "min"])
def test_indices_of_narrow_elements(isa, op, case):
    """They are those of the floats."""
    rng = np.random.default_rng(0)
    pool = getattr(cypool, f"{op}_pool")
    for shape in ((3, 2, 9, 20), (2, 3, 8, 41), (2, 11, 9, 16)):
        axes = (1, 2) if shape[3] == 16 else (2, 3)
        for dtype in ("u1", "i1", "u2", "i2", "f2"):
            x = rng.integers(-2**15, 2**15, shape)
            x = (x.astype(dtype) if dtype != "f2" else (x // 1000).astype("f2"))
            values, indices = pool(x, *case, axis=axes, return_indices=True)
            expected = pool(x.astype("f4"), *case, axis=axes, return_indices=True)
            np.testing.assert_array_equal(values, expected[0].astype(dtype))
            np.testing.assert_array_equal(indices, expected[1])
            values, again = pool(x[:, ::-1].copy()[:, ::-1], *case, axis=axes, return_indices=True)
            np.testing.assert_array_equal(again, indices)


@pytest.mark.parametrize("dtype", ["f4", "f8", "f2", "bf16", "u1", "i2"])
@pytest.mark.parametrize("op", ["max", "min", "sum", "avg"])
def test_dilated_columns_and_windows_that_reach_beyond(isa, taken, op, dtype):
    """Against the same planes with their channels last, which go another way."""
    if dtype == "bf16":
        dtype = pytest.importorskip("ml_dtypes").bfloat16
    rng = np.random.default_rng(0)
    pool = getattr(cypool, f"{op}_pool")
    for width in range(4, 15):
        x = rng.integers(0, 50, (3, 6, 9, width)).astype("f4").astype(dtype)
        last = np.ascontiguousarray(x.transpose(0, 2, 3, 1))
        for taps, stride, padding, dilation in ((3, 2, 1, (2, 1)), (2, 2, 0, (3, 1)), (3, 2, 0, 1), (2, 1, 1, (2, 1))):
            for ceil_mode in (False, True):
                geometry = (taps, stride, padding, dilation)
                result = pool(x, *geometry, axis=(2, 3), ceil_mode=ceil_mode)
                expected = pool(last, *geometry, axis=(1, 2), ceil_mode=ceil_mode).transpose(0, 3, 1, 2)
                np.testing.assert_allclose(result.astype("f8"), expected.astype("f8"), rtol=1e-5)
    assert taken


@pytest.mark.parametrize("op", ["max", "min"])
@pytest.mark.parametrize("dtype", ["u1", "i2", "f2", "bf16"])
def test_indices_of_narrow_volumes_and_of_many_channels(isa, dtype, op):
    if dtype == "bf16":
        dtype = pytest.importorskip("ml_dtypes").bfloat16
    rng = np.random.default_rng(0)
    pool = getattr(cypool, f"{op}_pool")
    for shape, axes in (((2, 4, 6, 40), (1, 2, 3)), ((2, 4, 6, 9, 24), (1, 2, 3)), ((1, 5, 6, 9000), (1, 2))):
        x = rng.integers(0, 50, shape).astype("f4").astype(dtype)
        values, indices = pool(x, 2, axis=axes, return_indices=True)
        # Of doubles: another kernel.
        expected = pool(x.astype("f8"), 2, axis=axes, return_indices=True)
        np.testing.assert_array_equal(values.astype("f8"), expected[0])
        np.testing.assert_array_equal(indices, expected[1])


@pytest.mark.parametrize("dtype", ["f4", "f8", "f2", "u1", "i4", "i8"])
@pytest.mark.parametrize("case", [*WINDOWS, ((5, 5), (1, 1), 2), ((4, 4), (2, 2), 1), ((3, 3), (3, 3), 0)], ids=str)
def test_indices(isa, taken, case, dtype):
    """Against the same planes with their channels last, and planes one by one."""
    rng = np.random.default_rng(0)
    for width in range(5, 14):
        x = rng.integers(0, 9, (5, 4, 7, width)).astype(dtype)
        if dtype[0] == "f":
            x[rng.random(x.shape) < 0.02] = np.nan
        values, indices = cypool.max_pool(x, *case, axis=(2, 3), return_indices=True)
        last = np.ascontiguousarray(x.transpose(0, 2, 3, 1))
        expected = cypool.max_pool(last, *case, axis=(1, 2), return_indices=True)
        np.testing.assert_array_equal(values, expected[0].transpose(0, 3, 1, 2))
        np.testing.assert_array_equal(indices, expected[1].transpose(0, 3, 1, 2))
        alone = cypool.max_pool(x[3, 2], *case, return_indices=True)
        np.testing.assert_array_equal(values[3, 2], alone[0])
        np.testing.assert_array_equal(indices[3, 2], alone[1])
        wide = np.zeros((5, 4, 7, 2 * width), dtype)[..., ::2]
        wide[...] = x
        np.testing.assert_array_equal(cypool.max_pool(wide, *case, axis=(2, 3), return_indices=True)[1], indices)
    assert taken


@pytest.mark.parametrize("dtype", ["f4", "f8", "f2", "u1", "i2"])
def test_rows_and_windows_of_tables(isa, taken, dtype):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 50, (40, 33)).astype(dtype)
    for geometry in ((3, 1, 1), (3, 2, 1), (5, 5, 0), (9, 2, 4), (33, 33, 0)):
        for op in ("max", "sum"):
            pool = getattr(cypool, f"{op}_pool")
            np.testing.assert_array_equal(pool(x, *geometry, axis=1), pool(x.T.copy(), *geometry, axis=0).T)
    planes = rng.integers(0, 50, (3, 30, 10, 9)).astype(dtype)
    last = np.ascontiguousarray(planes.transpose(0, 2, 3, 1))
    for size in (7, 4, (3, 8)):
        for pool in (cypool.adaptive_max_pool2d, cypool.adaptive_avg_pool2d):
            expected = pool(last, size, data_format="channels_last").transpose(0, 3, 1, 2)
            np.testing.assert_allclose(pool(planes, size), expected, rtol=1e-3 if dtype == "f2" else 1e-6)
    assert len(taken) == 14     # whole rows are never


@pytest.mark.parametrize("geometry", [(2, 2, 0), (3, 2, 1), (3, 1, 1), (5, 1, 2)], ids=str)
@pytest.mark.parametrize("dtype", ["f4", "f8", "f2", "u1", "u4"])
def test_stacks(isa, taken, dtype, geometry):
    """Operations that need all taps of a window at once."""
    rng = np.random.default_rng(0)
    operations = [cypool.median_pool, cypool.mode_pool]
    if dtype[0] == "f":
        operations = [cypool.median_pool, cypool.var_pool, cypool.logsumexp_pool,
                      lambda x, *args, **options: cypool.lp_pool(x, 2, *args, **options)]
    for height, width in ((7, 8), (5, 20), (12, 11)):
        x = rng.integers(0, 50, (3, 9, height, width)).astype(dtype)
        last = np.ascontiguousarray(x.transpose(0, 2, 3, 1))
        for pool in operations:
            expected = pool(last, *geometry, axis=(1, 2)).transpose(0, 3, 1, 2)
            np.testing.assert_allclose(pool(x, *geometry, axis=(2, 3)), expected, rtol=2e-3 if dtype == "f2" else 1e-5)
    assert taken


@pytest.mark.parametrize("size", [1, 2, 4, 8])
@pytest.mark.parametrize("name", ["baseline", "avx2"])
def test_turns(name, size):
    """Rows as columns, for any numbers of both; nothing is written beside them."""
    if name not in _isa.usable():
        pytest.skip("this processor lacks it")
    place, number = ctypes.c_void_p, ctypes.c_ssize_t
    turn = ctypes.CFUNCTYPE(None, place, number, place, number, number, number)(_isa.load(name).turns.TURNS[size])
    rng = np.random.default_rng(0)
    for n_rows in (1, 3, 4, 7, 8, 9, 17):
        for n in (1, 2, 4, 5, 8, 11, 16, 19):
            rows = rng.integers(0, 256, (n_rows, (n + 3) * size), np.uint8)
            out = np.zeros((n, (n_rows + 2) * size), np.uint8)
            turn(out.ctypes.data, out.strides[0], rows.ctypes.data, rows.strides[0], n_rows, n)
            columns = rows.view(f"V{size}")[:, :n].T
            np.testing.assert_array_equal(out.view(f"V{size}")[:, :n_rows], columns)
            assert not out[:, n_rows * size:].any()

"""One pooled axis of arrays whose other axes do not lie end to end with it: rows, of which some are pooled at once."""

import subprocess
import sys
import textwrap
import tracemalloc

import naive
import numpy as np
import pytest
from extra_dtypes import BFLOAT16

import cypool

DTYPES = ["f2", "f4", "f8", "u1", "i2", "i4", "i8"]
# Kernel size, stride, padding and dilation: of each way along a row, with results as far apart as elements and farther.
WINDOWS = [(2, 2, 0, 1), (3, 2, 1, 1), (3, 1, 0, 1), (3, 1, 1, 1), (3, 3, 0, 1), (3, 3, 1, 1), (4, 4, 0, 1),
           (5, 5, 0, 1), (5, 5, 2, 1), (7, 7, 0, 1), (3, 6, 1, 1), (5, 2, 2, 1), (9, 1, 4, 1), (9, 9, 0, 1),
           (9, 9, 4, 1), (30, 40, 0, 1), (3, 2, 0, 2), (3, 5, 0, 3), (1, 2, 0, 1)]
LENGTH = 131        # no multiple of a stride, so that rows do not go on from one to the next


def whole_numbers(shape, dtype):
    return np.random.default_rng(0).integers(0, 100, shape).astype(dtype)


def layouts(x):
    """The array, and others of the same values that lie elsewhere in memory."""
    wide = np.zeros((*x.shape[:-1], x.shape[-1] + 5), x.dtype)
    wide[..., 3:-2] = x
    return {"end to end": x, "apart": wide[..., 3:-2], "backward": x[::-1, :, ::-1].copy()[::-1, :, ::-1],
            "planes of columns": np.swapaxes(np.swapaxes(x, 0, 1).copy(), 0, 1), "unaligned": unaligned(x)}


def unaligned(x):
    view = np.zeros(x.nbytes + 1, np.uint8)[1:].view(x.dtype).reshape(x.shape)
    view[...] = x
    return view


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("k", "stride", "padding", "dilation"), WINDOWS)
def test_rows_equal_naive(isa, dtype, k, stride, padding, dilation):
    x = whole_numbers((3, 14, LENGTH), dtype)
    tables = {2: naive.windows(LENGTH, k, stride, (padding, padding), dilation, False)}
    greatest, indices = naive.extremum(x, tables, "max")
    means = {counts: naive.total(x, tables, mean=True, count_include_pad=counts) for counts in (False, True)}
    for name, source in layouts(x).items():
        before = source.copy()
        result = cypool.max_pool(source, k, stride, padding, dilation, axis=2)
        np.testing.assert_array_equal(result, greatest, name)
        result = cypool.max_pool(source, k, stride, padding, dilation, axis=2, return_indices=True)
        np.testing.assert_array_equal(result[1], indices, name)
        for counts, expected in means.items():
            result = cypool.avg_pool(source, k, stride, padding, dilation, axis=2, count_include_pad=counts)
            np.testing.assert_allclose(result, expected, rtol=1e-3 if dtype == "f2" else 1e-6, err_msg=name)
        # Rows are read where they are, and results are divided where they stand.
        np.testing.assert_array_equal(source, before, name)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "c8", ">f4", *BFLOAT16])
@pytest.mark.parametrize(("k", "stride", "padding", "dilation"), WINDOWS)
def test_rows_without_their_nan_equal_naive(isa, dtype, k, stride, padding, dilation):
    x = whole_numbers((3, 14, LENGTH), dtype)
    x[np.random.default_rng(1).random(x.shape) < 0.4] = np.nan
    tables = {2: naive.windows(LENGTH, k, stride, (padding, padding), dilation, False)}
    expected = naive.total(x, tables, mean=True, omit=True)
    result = cypool.avg_pool(x, k, stride, padding, dilation, axis=2, nan_policy="omit")
    number = np.complex128 if result.dtype.kind == "c" else np.float64
    rtol = 1e-2 if result.dtype.kind == "V" else 1e-3 if dtype == "f2" else 1e-6
    np.testing.assert_allclose(result.astype(number), expected.astype(number), rtol=rtol)
    if result.dtype.kind != "c":
        least, _ = naive.extremum(x, tables, "min", omit=True)
        result = cypool.min_pool(x, k, stride, padding, dilation, axis=2, nan_policy="omit")
        np.testing.assert_array_equal(result.astype(number), least.astype(number))


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8"])
@pytest.mark.parametrize(("k", "stride", "padding", "dilation"), WINDOWS)
def test_a_row_gives_the_same_bits_alone(isa, dtype, k, stride, padding, dilation):
    x = (np.random.default_rng(0).standard_normal((2, 37, LENGTH)) * 1000).astype(dtype)
    whole = cypool.sum_pool(x, k, stride, padding, dilation, axis=2)
    for part in (np.s_[:1], np.s_[:, :1], np.s_[1:, 5:9]):
        result = cypool.sum_pool(x[part], k, stride, padding, dilation, axis=2)
        np.testing.assert_array_equal(result, whole[part])


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_results_of_rows_go_where_they_are_to(isa, dtype):
    x = whole_numbers((3, 14, LENGTH), dtype)
    for k in (2, 3, 5, 9):
        n = LENGTH // k
        around = np.full((3, 16, n + 2), 7, dtype)
        cypool.avg_pool(x, k, axis=2, out=around[:, 1:-1, 1:-1])
        expected = x[..., : n * k].reshape(3, 14, n, k).mean(-1)
        np.testing.assert_allclose(around[:, 1:-1, 1:-1], expected, rtol=1e-6)
        around[:, 1:-1, 1:-1] = 7
        assert (around == 7).all()


def in_another_process(code):
    """What it prints; where memory is touched that must not be, it dies."""
    result = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr or result.returncode
    return result.stdout.strip()


@pytest.mark.skipif(sys.platform != "linux", reason="forbids pages as Linux does")
def test_of_long_rows_no_more_is_read_than_windows_have():
    assert in_another_process("""
        import ctypes, mmap
        import numpy as np
        import cypool

        page = mmap.PAGESIZE
        row = 16 * page
        protect = ctypes.CDLL(None).mprotect
        protect.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
        for dtype in ("u1", "f2", "f4", "f8"):
            memory = mmap.mmap(-1, 20 * row)
            x = np.frombuffer(memory, dtype).reshape(20, -1)
            x[:, :30] = np.arange(20)[:, None]
            for i in range(20):
                assert protect(x.ctypes.data + i * row + page, row - page, 0) == 0
            for length in (x.shape[1], x.shape[1] - 3):
                for pool in (cypool.max_pool, cypool.avg_pool):
                    assert pool(x[:, :length], 30, length, axis=1)[:, 0].tolist() == list(range(20))
        print("right")
    """) == "right"


@pytest.mark.skipif(sys.platform == "win32", reason="asks Unix for the memory")
def test_windows_that_reach_far_need_no_scratch_as_long():
    taken = in_another_process("""
        import resource
        import numpy as np
        import cypool

        far = 10**7
        x = np.zeros(4 * far + 10001, np.int8)
        cypool.max_pool(x[:100], 5, 5)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert cypool.max_pool(x, 5, 5, 0, far).shape == (2001,)
        print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
    """)
    assert int(taken) < 8


@pytest.mark.parametrize(("shape", "kernel", "stride"), [
    ((2**60,), 1, 2**62), ((2**60,), 3, 2**62), ((2**60,), 3, 2**60), ((2**60,), 3, 2**59), ((2**60,), 1, 2**59),
    ((2**50,), 30, 2**50 - 2), ((5, 2**40), (2, 5), (2, 2**40 - 3)), ((2**40, 3), (2, 3), (2**40, 3)),
    ((2**40, 3), (2, 3), (2**39, 3))])
@pytest.mark.parametrize("pool", [cypool.max_pool, cypool.avg_pool, cypool.median_pool, cypool.var_pool])
def test_windows_far_apart_need_no_scratch_as_long(pool, shape, kernel, stride):
    ones = np.broadcast_to(np.float32(1), shape)
    result = pool(ones, kernel, stride)
    assert result.size <= 2
    assert (result == (pool is not cypool.var_pool)).all()


@pytest.mark.parametrize("pool", [cypool.max_pool, cypool.avg_pool, cypool.median_pool, cypool.var_pool])
@pytest.mark.parametrize(("kernel", "dilation"), [(1, 1), (2, 1), (5, 1), (9, 1), (3, 7), (30, 1)])
@pytest.mark.parametrize("padding", [0, 1])
def test_what_is_between_windows_is_not_read(pool, kernel, dilation, padding):
    """They are as those of an array that has nothing between them, and rows are not copied whole."""
    distance, padding = 20_000, padding * (kernel // 2)
    x = np.random.default_rng(0).standard_normal((3, 8 * distance), np.float32)
    tracemalloc.start()
    pooled = pool(x, (1, kernel), (1, distance), (0, padding), (1, dilation))
    taken = tracemalloc.get_traced_memory()[1] - pooled.nbytes
    tracemalloc.stop()
    assert taken < 2**18
    for i in range(8):
        window = x[:, max(0, i * distance - padding):][:, :(kernel - 1) * dilation + 1 - padding * (i == 0)]
        alone = pool(window, (1, kernel), 1, (0, padding * (i == 0)), (1, dilation))
        np.testing.assert_allclose(pooled[:, i], alone[:, 0], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("channels", range(1, 10))
@pytest.mark.parametrize(("k", "stride", "padding"), [(2, 2, 0), (3, 2, 1), (3, 1, 1)])
def test_gradients_of_few_channels(channels, k, stride, padding):
    """More windows than are scattered at once; those of one channel meet in their order."""
    x = np.random.default_rng(0).standard_normal((2, 39, 40, channels), np.float32)
    values, indices = cypool.max_pool(x, k, stride, padding, axis=(1, 2), return_indices=True)
    gradient = np.random.default_rng(1).standard_normal(values.shape, np.float32)
    expected = naive.extremum_backward(gradient, indices, x.shape, (1, 2))
    result = cypool.max_pool_backward(gradient, indices, x.shape, axis=(1, 2))
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-6)
    # In the order of the outputs: the bits are those of NumPy's sums in that order.
    in_order = np.zeros((2, 39 * 40, channels), np.float32)
    where = np.arange(2)[:, None, None], indices.reshape(2, -1, channels), np.arange(channels)
    np.add.at(in_order, where, gradient.reshape(2, -1, channels))
    np.testing.assert_array_equal(result, in_order.reshape(x.shape))
    out = np.full((2, 39, 40, 2 * channels), 7, np.float32)
    cypool.max_pool_backward(gradient, indices, x.shape, axis=(1, 2), out=out[..., ::2])
    np.testing.assert_array_equal(out[..., ::2], result)
    assert (out[..., 1::2] == 7).all()


@pytest.mark.parametrize("channels", [1, 3, 6, 8])
def test_an_index_outside_is_found_in_any_channel(channels):
    gradient = np.ones((1, 20, 20, channels))
    for wrong in (-1, 1600):
        indices = np.zeros(gradient.shape, np.int64)
        indices[0, 19, 7, channels - 1] = wrong
        with pytest.raises(ValueError, match=rf"indices must be in \[0, 1600\).*got {wrong}"):
            cypool.max_pool_backward(gradient, indices, (1, 40, 40, channels), axis=(1, 2))

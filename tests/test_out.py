"""Results into an array of the caller's, and dtypes that are asked for."""

import numpy as np
import pytest

import cypool

pytestmark = pytest.mark.usefixtures("isa")


def image(dtype="f4", shape=(6, 8)):
    return (np.random.default_rng(0).normal(size=shape) * 50).astype(dtype)


def targets(shape, dtype):
    """Arrays of a shape in many layouts."""
    wide = np.zeros([2 * n for n in shape], dtype)
    yield "C", np.zeros(shape, dtype)
    yield "F", np.zeros(shape, dtype, order="F")
    yield "every other", wide[::2, ::2]
    yield "negative", np.zeros(shape, dtype)[::-1, ::-1]
    yield "swapped", np.zeros(shape, np.dtype(dtype).newbyteorder())
    yield "unaligned", np.zeros(np.prod(shape) * np.dtype(dtype).itemsize + 1, "u1")[1:].view(dtype).reshape(shape)


@pytest.mark.parametrize("dtype", ["u1", "i2", "f2", "f4", "f8", "c8"])
@pytest.mark.parametrize("op", ["max", "avg", "sum"])
def test_out_of_any_layout(op, dtype):
    if op == "max" and dtype == "c8":
        pytest.skip("complex numbers have no order")
    x = image(dtype)
    pool = getattr(cypool, f"{op}_pool")
    expected = pool(x, (2, 3))
    for name, out in targets(expected.shape, expected.dtype):
        assert pool(x, (2, 3), out=out) is out, name
        np.testing.assert_array_equal(out, expected, err_msg=name)


@pytest.mark.parametrize("layout", ["C", "F", "every other", "negative"])
def test_indices_with_out(layout):
    x = image()
    expected, indices = cypool.max_pool(x, 2, return_indices=True)
    out = dict(targets(expected.shape, "f4"))[layout]
    result, found = cypool.max_pool(x, 2, return_indices=True, out=out)
    assert result is out
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_array_equal(found, indices)


@pytest.mark.parametrize(("x_dtype", "out_dtype"), [
    ("f4", "f8"), ("f8", "f4"), ("f4", "f2"), ("u1", "f4"), ("u1", "i8"), ("i2", "f8"), ("f4", "c8"),
])
def test_out_of_another_dtype(x_dtype, out_dtype):
    x = image(x_dtype)
    out = np.zeros((3, 4), out_dtype)
    cypool.max_pool(x, 2, out=out)
    np.testing.assert_array_equal(out, cypool.max_pool(x, 2).astype(out_dtype))


@pytest.mark.parametrize("view", [np.s_[:3, :4], np.s_[3:, 4:], np.s_[::2, ::2], np.s_[2::-1, 3::-1], np.s_[1:4, 2:6]])
@pytest.mark.parametrize("op", ["max", "avg"])
def test_out_may_overlap_the_input(op, view):
    x = image()
    expected = getattr(cypool, f"{op}_pool")(x.copy(), 2)
    out = x[view]
    getattr(cypool, f"{op}_pool")(x, 2, out=out)
    np.testing.assert_array_equal(out, expected)


def test_pooling_in_place():
    x = image()
    expected = cypool.max_pool(x, 3, 1, 1)
    cypool.max_pool(x, 3, 1, 1, out=x)
    np.testing.assert_array_equal(x, expected)


@pytest.mark.parametrize("shape", [(6, 8), (3, 4, 5)])
def test_memory_order_follows_the_input(shape):
    x = image(shape=shape)
    assert cypool.max_pool(x, 1, 2).flags.c_contiguous
    assert cypool.max_pool(np.asfortranarray(x), 1, 2).flags.f_contiguous
    if len(shape) == 3:
        moved = x.transpose(1, 2, 0)
        result, indices = cypool.max_pool(moved, 2, axis=(0, 1), return_indices=True)
        assert result.transpose(2, 0, 1).flags.c_contiguous
        assert indices.transpose(2, 0, 1).flags.c_contiguous


@pytest.mark.parametrize(("x_dtype", "dtype"), [
    ("u1", "f2"), ("u1", "f4"), ("u1", "f8"), ("u1", "i4"), ("u1", "u1"), ("?", "f4"), ("?", "i8"), ("f2", "f4"),
    ("f2", "f8"), ("f4", "f8"), ("f4", "f2"), ("f8", "f4"), ("f8", "f2"), ("i8", "f8"), ("i4", "c8"), ("c8", "c16"),
    ("c16", "c8"), ("f4", "c8"), ("u2", ">f4"),
])
@pytest.mark.parametrize("op", ["avg", "sum"])
def test_dtype_of_the_result(op, x_dtype, dtype):
    x = np.abs(image(x_dtype))if x_dtype[0] != "?" else image() > 0
    x = x.astype(x_dtype)
    result = getattr(cypool, f"{op}_pool")(x, 2, dtype=dtype)
    assert result.dtype == np.dtype(dtype).newbyteorder("=")
    blocks = x.reshape(3, 2, 4, 2).astype("c16" if np.dtype(dtype).kind == "c" else "f8")
    exact = blocks.sum((1, 3)) if op == "sum" else blocks.mean((1, 3))
    exact = exact if np.dtype(dtype).kind in "fc" else np.round(exact)
    if dtype == "u1":
        exact = exact % 256
    np.testing.assert_allclose(result.astype(exact.dtype), exact, rtol=2e-3)


def test_float32_sums_in_float64():
    """dtype= is what is summed in, not only what comes out."""
    x = np.full(2**20, 0.1, "f4")
    result = cypool.sum_pool(x, 2**20, dtype="f8")
    assert result[0] == pytest.approx(float(np.float32(0.1)) * 2**20, rel=1e-12)


@pytest.mark.parametrize("shape", [(0, 4, 4), (2, 0, 4, 4), (0, 0, 4, 4)])
def test_empty_batch(shape):
    x = np.zeros(shape, "f4")
    out = (*shape[:-2], 2, 2)
    assert cypool.max_pool2d(x, 2).shape == out
    values, indices = cypool.max_pool2d(x, 2, return_indices=True)
    assert (values.shape, indices.shape, indices.dtype) == (out, out, np.int64)
    assert cypool.avg_pool2d(x, 2, dtype="f8").dtype == np.float64
    assert cypool.adaptive_avg_pool2d(x, 2).shape == out
    target = np.zeros(out, "f4")
    assert cypool.max_pool2d(x, 2, out=target) is target


def test_array_likes_are_taken():
    assert cypool.max_pool([1, 3, 2, 0], 2).tolist() == [3, 2]
    assert cypool.avg_pool(((1.0, 3.0), (5.0, 7.0)), 2).tolist() == [[4.0]]
    assert type(cypool.max_pool(np.matrix([[1, 2]]), 1)) is np.ndarray


@pytest.mark.parametrize("kernel_size", [1, (1, 3), (3, 1), 3])
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i8"])
def test_the_input_is_not_written(kernel_size, dtype):
    """Not even where a result is a copy of it, in whatever dtype."""
    x = image(dtype)
    before = x.copy()
    for name in ("max_pool", "min_pool", "avg_pool", "sum_pool"):
        for stride in (1, (2, 1), (1, 2)):
            getattr(cypool, name)(x, kernel_size, stride)
            if name in ("avg_pool", "sum_pool"):
                for wanted in ("f4", "f8"):
                    getattr(cypool, name)(x, kernel_size, stride, dtype=wanted)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("op", ["max", "sum", "avg"])
@pytest.mark.parametrize("shape", [(40, 30), (40, 1), (3, 40, 30)])
def test_rows_of_one_output_that_are_apart(isa, op, shape):
    """Each output of a column is as far from the next as a row is long: what lies between stays as it is."""
    x = np.random.default_rng(0).integers(0, 99, shape).astype("f8")
    kernel = (1,) * (len(shape) - 2) + (2, shape[-1])
    expected = getattr(cypool, f"{op}_pool")(x, kernel)
    for step in (2, 3):
        whole = np.full((*expected.shape[:-1], step), -7.0)
        out = whole[..., ::step]
        assert getattr(cypool, f"{op}_pool")(x, kernel, out=out) is out
        np.testing.assert_array_equal(out, expected)
        assert (whole[..., 1:] == -7).all()
    gradient = np.arange(1.0, 19)[:, None]
    for stride, pad in ((17, 8), (5, 1)):
        whole = np.full((19, 2), -7.0)
        out = whole[:, ::2]
        windows = (gradient, (19, 1), (2, 17 if pad > 1 else 3), (1, stride), (0, pad))
        expected = cypool.sum_pool_backward(*windows)
        cypool.sum_pool_backward(*windows, out=out)
        np.testing.assert_array_equal(out, expected)
        assert (whole[:, 1] == -7).all()

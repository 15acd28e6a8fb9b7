"""Gradients equal their naive twins, and differences of the forward calls."""

import itertools

import naive
import numpy as np
import pytest
from extra_dtypes import BFLOAT16
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAYOUTS, arrays, geometries, laid_out
from test_properties import relaxed, tables

import cypool

pytestmark = pytest.mark.usefixtures("isa")


@relaxed
@given(st.data(), st.booleans(), st.booleans(), st.one_of(st.none(), st.integers(1, 9)))
def test_mean_gradient_equals_naive(data, mean, count_include_pad, divisor_override):
    x = data.draw(arrays(["f8"]))
    geometry = data.draw(geometries(x))
    windows = tables(x, geometry)
    gradient = np.random.default_rng(0).normal(size=naive.out_shape(x, windows))
    options = {"count_include_pad": count_include_pad, "divisor_override": divisor_override} if mean else {}
    expected = naive.sum_backward(gradient, x.shape, windows, mean=mean, **options)
    backward = cypool.avg_pool_backward if mean else cypool.sum_pool_backward
    result = backward(gradient, x.shape, **geometry, **options)
    assert result.shape == x.shape
    np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-12)


@relaxed
@given(st.data(), st.sampled_from(["max", "min"]), st.sampled_from(["f4", "f8"]))
def test_extremum_gradient_equals_naive(data, op, dtype):
    x = data.draw(arrays(["f4", "i2"]))
    geometry = data.draw(geometries(x))
    windows = tables(x, geometry)
    _, indices = getattr(cypool, f"{op}_pool")(x, return_indices=True, **geometry)
    gradient = np.random.default_rng(0).normal(size=indices.shape).astype(dtype)
    gradient = np.asfortranarray(gradient) if data.draw(st.booleans()) else gradient
    expected = naive.extremum_backward(gradient, indices, x.shape, list(windows))
    backward = getattr(cypool, f"{op}_pool_backward")
    result = backward(gradient, indices, x.shape, axis=geometry["axis"])
    assert result.dtype == dtype
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)


def test_gradient_of_windows_longer_than_a_scratch_row():
    """With a dilation, some positions are read by no window at all."""
    result = cypool.sum_pool_backward(np.ones(100001, "f4"), (4,), 100000, 2, 199998, 2)
    np.testing.assert_array_equal(result, [100000, 0, 100000, 0])


@pytest.mark.parametrize("shape", [(5, 5), (600, 600)])
def test_half_float_gradient_with_uneven_divisors(shape):
    """Divided and summed as float32, rounded once."""
    options = {"kernel_size": 3, "stride": 1, "padding": 1, "count_include_pad": False}
    gradient = np.random.default_rng(0).normal(size=shape).astype("f2")
    exact = cypool.avg_pool_backward(gradient.astype("f8"), shape, **options)
    result = cypool.avg_pool_backward(gradient, shape, **options)
    assert result.dtype == np.float16
    np.testing.assert_allclose(result, exact, rtol=6e-4, atol=1e-4)
    whole = cypool.avg_pool_backward(np.ones((1, 1), "f2"), (300, 300), 301, 1, ((0, 1), (0, 1)),
                                     count_include_pad=False)
    assert (whole > 0).all()


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "c8", "c16", "bfloat16"])
@pytest.mark.parametrize("name", ["max", "avg", "sum"])
def test_gradient_keeps_the_dtype(dtype, name):
    if name == "max" and dtype[0] == "c":
        pytest.skip("complex numbers have no greatest")
    ml_dtypes = pytest.importorskip("ml_dtypes")
    dtype = ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype
    gradient = np.ones((2, 2), dtype)
    if name == "max":
        result = cypool.max_pool_backward(gradient, np.array([[0, 2], [8, 10]]), (4, 4))
    else:
        result = getattr(cypool, f"{name}_pool_backward")(gradient, (4, 4), 2)
    assert result.dtype == np.dtype(dtype)
    assert complex(result.astype("c16").sum()) == (16 if name == "sum" else 4)


@pytest.mark.parametrize("options", [
    {"kernel_size": 3, "stride": 1, "padding": 1, "count_include_pad": False},
    {"kernel_size": (2, 3), "stride": (2, 1), "ceil_mode": True},
    {"kernel_size": 2, "dilation": 2, "padding": "same"},
    {"kernel_size": 3, "stride": 2, "padding": 1},
])
def test_mean_gradient_is_the_slope(options):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(5, 6))
    gradient = rng.normal(size=cypool.avg_pool(x, **options).shape)
    result = cypool.avg_pool_backward(gradient, x.shape, **options)
    for position in np.ndindex(*x.shape):
        step = np.zeros(x.shape)
        step[position] = 1e-3
        slope = ((cypool.avg_pool(x + step, **options) - cypool.avg_pool(x - step, **options)) * gradient).sum() / 2e-3
        assert result[position] == pytest.approx(slope, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("out_layout", ["C", "F", "strided"])
def test_gradient_into_out(out_layout):
    gradient = np.arange(6.0).reshape(2, 3)
    out = {"C": np.full((4, 6), 9.0), "F": np.full((4, 6), 9.0, order="F"), "strided": np.full((4, 12), 9.0)[:, ::2]}
    expected = np.kron(gradient, np.ones((2, 2)))
    assert cypool.sum_pool_backward(gradient, (4, 6), 2, out=out[out_layout]) is out[out_layout]
    np.testing.assert_array_equal(out[out_layout], expected)
    indices = np.array([[0, 2, 4], [12, 14, 16]])
    assert cypool.max_pool_backward(gradient, indices, (4, 6), out=out[out_layout]) is out[out_layout]
    assert out[out_layout].sum() == gradient.sum()


@pytest.mark.parametrize("memory", list(itertools.permutations(range(4))), ids=str)
def test_gradient_lies_in_memory_as_the_input(memory):
    """Also where axes of one element leave open which order that is, as one window for each row does."""
    for shape, kernel in [((1, 5, 6, 4), (1, 4)), ((1, 5, 6, 4), (6, 2)), ((3, 1, 6, 4), (2, 4)),
                          ((2, 3, 4, 6), (2, 3))]:
        x = np.random.default_rng(0).normal(size=[shape[axis] for axis in memory])
        x = x.transpose([memory.index(axis) for axis in range(4)])
        y, indices = cypool.max_pool(x, kernel, axis=(2, 3), return_indices=True)
        result = cypool.max_pool_backward(y, indices, shape, axis=(2, 3))
        assert result.shape == shape
        np.testing.assert_array_equal(result, np.where(np.repeat(np.repeat(y, kernel[0], 2), kernel[1], 3) == x, x, 0))
        if memory == (0, 2, 3, 1):
            axes = [axis for axis in range(4) if shape[axis] > 1]
            assert [result.strides[axis] for axis in axes] == [x.strides[axis] for axis in axes]


def test_gradient_of_an_empty_batch():
    assert cypool.avg_pool_backward(np.zeros((0, 2)), (0, 4), 2, axis=1).shape == (0, 4)
    assert cypool.max_pool_backward(np.zeros((0, 2)), np.zeros((0, 2), int), (0, 4), axis=1).shape == (0, 4)


def test_overlapping_windows_add_up():
    x = np.array([0.0, 5.0, 0.0])
    _, indices = cypool.max_pool(x, 2, 1, return_indices=True)
    np.testing.assert_array_equal(cypool.max_pool_backward(np.array([1.0, 2.0]), indices, (3,)), [0, 3, 0])


@pytest.mark.parametrize("flip", [np.s_[::-1], np.s_[:, ::-1], np.s_[::-1, ::-1], np.s_[::2, ::-1]])
def test_extremum_gradient_into_a_reversed_output(flip):
    gradient, indices = np.arange(1.0, 7).reshape(2, 3), np.array([[0, 2, 4], [12, 14, 16]])
    out = np.full((8, 6), 9.0)[:4] if flip != np.s_[::2, ::-1] else np.full((8, 6), 9.0)
    out = out[flip]
    cypool.max_pool_backward(gradient, indices, (4, 6), out=out)
    np.testing.assert_array_equal(out, naive.extremum_backward(gradient, indices, (4, 6), (0, 1)))


@pytest.mark.parametrize("threads", [1, 2])
def test_sum_gradient_of_positions_that_no_window_reads(threads):
    """Beyond the last window the gradient is 0, for the second image too, to the sign of zero."""
    ones = np.ones((2, 1, 8500), "f4")
    result = cypool.sum_pool_backward(ones, (2, 2, 17001), 2, 2, axis=(1, 2), num_threads=threads)
    np.testing.assert_array_equal(result[..., -1], 0)
    gradient = np.random.default_rng(0).normal(size=(7, 301, 301)).astype("f4")
    result = cypool.avg_pool_backward(gradient, (7, 301, 603), 2, 2, axis=(2,), divisor_override=-3,
                                      num_threads=threads)
    assert len(np.unique(np.signbit(result[..., -1]))) == 1


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_gradients_in_the_other_byte_order(dtype):
    """They are given in this machine's, whether the divisors of an average differ or not."""
    other = np.ones(3, np.dtype(dtype).newbyteorder())
    shared = [1 / 3, 1 / 3, 1 / 3 + 1 / 4, 1 / 4, 1 / 4, 1 / 4 + 1 / 3, 1 / 3, 1 / 3]
    for result, expected in ((cypool.adaptive_avg_pool_backward(other, (8,), 3), shared),
                             (cypool.adaptive_avg_pool_backward(other, (9,), 3), [1 / 3] * 9),
                             (cypool.max_pool_backward(other, np.array([0, 2, 2]), (5,)), [1, 0, 2, 0, 0]),
                             (cypool.sum_pool_backward(other, (6,), 2), [1] * 6)):
        assert result.dtype == np.dtype(dtype)
        assert result.dtype.isnative
        np.testing.assert_allclose(result, expected, rtol=1e-3)
    swapped = np.zeros(5, other.dtype)
    assert cypool.max_pool_backward(other, np.array([0, 2, 2]), (5,), out=swapped) is swapped
    assert swapped.tolist() == [1, 0, 2, 0, 0]


@pytest.mark.parametrize("dtype", ["f2", *BFLOAT16, "f4", "f8"])
@pytest.mark.parametrize("shape", [(0, 3, 7, 7), (2, 0, 7, 7)])
def test_of_nothing(shape, dtype):
    """A batch of none, or no channels, where divisors differ."""
    gradient = np.zeros((*shape[:2], 4, 4), dtype)
    for g in (gradient, np.asfortranarray(gradient)):
        result = cypool.avg_pool_backward(g, shape, 3, 2, 1, axis=(2, 3), count_include_pad=False)
        assert result.shape == shape
        assert result.dtype == g.dtype
        assert cypool.adaptive_avg_pool_backward(g, shape, 4, axis=(2, 3)).shape == shape
        assert cypool.max_pool_backward(g.astype("f4"), np.zeros(g.shape, int), shape, axis=(2, 3)).shape == shape


def shares(gradient, lengths, sizes):
    """What adaptive averages give to each input along the last two axes, in float64."""
    result = np.zeros((*gradient.shape[:-2], *lengths))
    edges = [[(i * length // n, -(-(i + 1) * length // n)) for i in range(n)] for length, n in zip(lengths, sizes)]
    for (i, rows), (j, columns) in itertools.product(*map(enumerate, edges)):
        cells = (rows[1] - rows[0]) * (columns[1] - columns[0])
        result[..., slice(*rows), slice(*columns)] += gradient[..., i, j, None, None].astype(np.float64) / cells
    return result


@pytest.mark.parametrize("layout", [each for each in LAYOUTS if each != "zero stride"])
@pytest.mark.parametrize("dtype", ["f4", "f8", "f2"])
@pytest.mark.parametrize("n", [1, 3, 900])
def test_divided_gradients_in_any_layout(layout, dtype, n):
    """Few elements are divided where they lie; many, and such as lie otherwise, by NumPy."""
    plain = np.random.default_rng(0).standard_normal((n, 2, 4, 3)).astype(dtype)
    expected = shares(plain, (6, 7), (4, 3))
    for gradient in (plain, np.moveaxis(np.ascontiguousarray(np.moveaxis(plain, 1, -1)), -1, 1)):
        out = np.empty((n, 2, 6, 7), dtype)
        given = laid_out(gradient, layout)
        for result in (cypool.adaptive_avg_pool_backward(given, (n, 2, 6, 7), (4, 3), axis=(2, 3)),
                       cypool.adaptive_avg_pool_backward(given, [n, 2, 6, 7], [4, 3], axis=[2, 3], out=out)):
            assert result.dtype == np.dtype(dtype)
            np.testing.assert_allclose(result, expected, rtol=2e-3 if dtype == "f2" else 1e-6, atol=1e-6)


@pytest.mark.parametrize(("lengths", "sizes"), [((17, 35), (8, 17)), ((5, 17), (4, 16)), ((17, 21), (16, 20)),
                                                ((9, 31), (4, 30)), ((3, 18), (2, 17))])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_many_planes_of_windows_that_share_one_divisor(lengths, sizes, dtype):
    gradient = np.random.default_rng(1).standard_normal((45, *sizes)).astype(dtype)
    gradient[7, 1, 1], gradient[8, 0, 1], gradient[9] = np.nan, np.inf, -0.0
    result = cypool.adaptive_avg_pool_backward(gradient, (45, *lengths), sizes, axis=(1, 2))
    alone = [cypool.adaptive_avg_pool_backward(each, lengths, sizes, axis=(0, 1)) for each in gradient]
    assert result.tobytes() == np.stack(alone).tobytes()
    np.testing.assert_allclose(result, shares(gradient, lengths, sizes), rtol=1e-5, atol=1e-5)

"""Gradients of the pooling of boxes: against central differences, and who wins where values are equal or NaN."""

import numpy as np
import pytest
from strategies import laid_out
from test_regions import ARRAY_LAYOUTS, COORDINATES, FLOATS, last, some, tolerance

import cypool

BINS = (2, 3)

# Each as (forward of x, boxes and their images; backward of the gradient, x, boxes and their images).
GRADIENTS = {
    "avg": (lambda x, boxes, n, **options: cypool.roi_align(x, boxes, n, BINS, **options),
            lambda g, x, boxes, n, **options: cypool.roi_align_backward(g, boxes, n, x.shape, **options)),
    "max": (lambda x, boxes, n, **options: cypool.roi_align(x, boxes, n, BINS, mode="max", **options),
            lambda g, x, boxes, n, **options: cypool.roi_align_backward(g, boxes, n, x.shape, mode="max", x=x,
                                                                         **options)),
    "pool": (lambda x, boxes, n, **options: cypool.roi_max_pool(x, boxes, n, BINS, **options),
             cypool.roi_max_pool_backward),
}


def central_differences(forward, x, grad_output, size):
    result = np.zeros_like(x)
    for index in np.ndindex(*x.shape):
        step = np.zeros_like(x)
        step[index] = size
        result[index] = ((forward(x + step) - forward(x - step)) * grad_output).sum() / (2 * size)
    return result


@pytest.mark.parametrize("name", GRADIENTS)
@pytest.mark.parametrize("coordinates", COORDINATES)
@pytest.mark.parametrize("ratio", [0, 2])
@pytest.mark.parametrize("layout", ["channels_first", "channels_last"])
def test_gradient_equals_central_differences(name, coordinates, ratio, layout):
    forward, backward = GRADIENTS[name]
    rng = np.random.default_rng(0)
    x, boxes, n = some(rng, (2, 2, 5, 6), n=40)
    options = {"spatial_scale": 0.9, "data_format": layout}
    if name != "pool":
        options.update(sampling_ratio=ratio, coordinate_transformation_mode=coordinates)
    if layout == "channels_last":
        x = last(x)
    grad_output = rng.normal(size=forward(x, boxes, n, **options).shape)
    # No step is so long that another value wins.
    expected = central_differences(lambda x: forward(x, boxes, n, **options), x, grad_output, 2.0**-10)
    result = backward(grad_output, x, boxes, n, **options)
    assert np.count_nonzero(result) > 20
    np.testing.assert_allclose(result, expected, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("name", GRADIENTS)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("channels", [1, 20, 48])
def test_other_dtypes_and_threads(eager_threads, name, dtype, channels):
    _, backward = GRADIENTS[name]
    rng = np.random.default_rng(0)
    x, boxes, n = some(rng, (2, channels, 9, 11), n=60)
    # Few different values, so that many are equal; all of them are exact in each dtype.
    x = np.round(x / 4)
    grad_output = rng.integers(-9, 9, (60, channels, *BINS)).astype("f8")
    options = {} if name == "pool" else {"sampling_ratio": 2}
    exact = backward(grad_output, x, boxes, n, **options)
    for threads in (1, 2, 5):
        result = backward(grad_output.astype(dtype), x.astype(dtype), boxes, n, num_threads=threads, **options)
        assert result.dtype == np.dtype(dtype)
        if name == "pool":
            np.testing.assert_array_equal(result.astype("f8"), exact)
        elif name == "avg" or dtype == "f8":
            np.testing.assert_allclose(result.astype("f8"), exact, **tolerance(dtype))
        if threads == 1:
            first = result
        np.testing.assert_array_equal(result, first)


@pytest.mark.parametrize("name", GRADIENTS)
@pytest.mark.parametrize("layout", ARRAY_LAYOUTS)
@pytest.mark.parametrize("channels", [1, 3, 16, 35])
def test_layouts_give_the_same_bits(name, layout, channels):
    forward, backward = GRADIENTS[name]
    rng = np.random.default_rng(0)
    x, boxes, n = some(rng, (2, channels, 9, 11), n=20, dtype="f4")
    grad_output = rng.normal(size=forward(x, boxes, n).shape).astype("f4")
    expected = backward(grad_output, x, boxes, n)
    np.testing.assert_array_equal(backward(laid_out(grad_output, layout), laid_out(x, layout), boxes, n), expected)
    result = backward(laid_out(last(grad_output), layout), laid_out(last(x), layout), boxes, n,
                      data_format="channels_last")
    np.testing.assert_array_equal(result, last(expected))


@pytest.mark.parametrize("name", ["max", "pool"])
def test_the_dtype_of_the_gradient_may_differ_from_that_of_x(name):
    forward, backward = GRADIENTS[name]
    rng = np.random.default_rng(0)
    x, boxes, n = some(rng, n=20)
    grad_output = rng.integers(-9, 9, forward(x, boxes, n).shape)
    expected = backward(grad_output.astype("f8"), x, boxes, n)
    result = backward(grad_output.astype("f4"), x, boxes, n)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, expected, rtol=1e-6, atol=1e-6)
    for narrow in FLOATS:
        for other in FLOATS:
            result = backward(grad_output.astype(narrow), x.astype(other), boxes, n)
            assert result.dtype == np.dtype(narrow)
            exact = backward(grad_output.astype("f8"), x.astype(other).astype("f8"), boxes, n)
            np.testing.assert_allclose(result.astype("f8"), exact, rtol=2e-2, atol=0.2)
    # What float32 cannot tell apart is told apart in float64.
    x = np.array([1, 1 + 1e-12]).reshape(1, 1, 1, 2)
    one = np.ones((1, 1, 1, 1), "f4")
    assert cypool.roi_max_pool_backward(one, x, [[0, 0, 1, 0]], [0]).ravel().tolist() == [0, 1]


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_the_first_wins_a_tie_and_the_first_nan_wins_all(dtype):
    x = np.array([[2, 7, 7], [np.nan, 7, np.nan]], dtype).reshape(1, 1, 2, 3)
    one = np.ones((1, 1, 1, 1), dtype)
    for box, winner in (([0, 0, 2, 0], 1), ([1, 0, 2, 1], 5), ([0, 0, 2, 1], 3), ([1, 0, 1, 1], 1)):
        result = cypool.roi_max_pool_backward(one, x, [box], [0])
        assert result.ravel().tolist() == [float(i == winner) for i in range(6)], box
    lowest = np.full((1, 1, 2, 3), -np.inf, dtype)
    assert cypool.roi_max_pool_backward(one, lowest, [[0, 0, 2, 1]], [0]).ravel().tolist() == [1, 0, 0, 0, 0, 0]


def test_nothing_goes_to_a_bin_outside_or_to_a_zero_beyond_the_image():
    x = np.full((1, 1, 3, 3), -5.0)
    one = np.ones((1, 1, 1, 1))
    assert not cypool.roi_max_pool_backward(one, x, [[50, 50, 60, 60]], [0]).any()
    # Half of the samples lie outside: their zero is greater than any of x.
    box = [[-8.0, 0.0, 3.0, 3.0]]
    assert cypool.roi_align(x, box, [0], 1, mode="max", sampling_ratio=4).item() == 0
    assert not cypool.roi_align_backward(one, box, [0], x.shape, mode="max", x=x, sampling_ratio=4).any()
    assert cypool.roi_align_backward(one, box, [0], x.shape, mode="max", x=-x, sampling_ratio=4).any()


def test_training_follows_the_gradient():
    """A step along the gradient raises the sum of maxima, as it says."""
    rng = np.random.default_rng(0)
    x, boxes, n = some(rng, (1, 3, 20, 20), n=4)
    for forward, backward in GRADIENTS.values():
        y = forward(x, boxes, n)
        gradient = backward(np.ones_like(y), x, boxes, n)
        step = 1e-6
        risen = (forward(x + step * gradient, boxes, n) - y).sum()
        np.testing.assert_allclose(risen, step * (gradient**2).sum(), rtol=1e-5)


@pytest.mark.parametrize("scale", [1.0, 0.3])
@pytest.mark.parametrize("name", ["avg", "output_half_pixel", "pool"])
def test_gradient_equals_torchvisions(name, scale):
    torch = pytest.importorskip("torch")
    ops = pytest.importorskip("torchvision.ops", exc_type=ImportError)
    rng = np.random.default_rng(1)
    x, boxes, n = some(rng, (3, 6, 12, 10), n=80, dtype="f4", wild=6)
    # Inverted boxes have samples from the end to the beginning here, and none there.
    boxes = np.concatenate([np.minimum(boxes[:, :2], boxes[:, 2:]), np.maximum(boxes[:, :2], boxes[:, 2:])], 1)
    tensor = torch.from_numpy(x).requires_grad_()
    rois = torch.from_numpy(np.concatenate([n[:, None], boxes], 1).astype("f4"))
    grad_output = rng.normal(size=(80, 6, 3, 5)).astype("f4")
    if name == "pool":
        y = ops.roi_pool(tensor, rois, (3, 5), scale)
        result = cypool.roi_max_pool_backward(grad_output, x, boxes, n, spatial_scale=scale)
    else:
        y = ops.roi_align(tensor, rois, (3, 5), scale, 2, aligned=name == "avg")
        mode = "half_pixel" if name == "avg" else name
        result = cypool.roi_align_backward(grad_output, boxes, n, x.shape, spatial_scale=scale, sampling_ratio=2,
                                           coordinate_transformation_mode=mode)
    y.backward(torch.from_numpy(grad_output))
    np.testing.assert_allclose(result, tensor.grad.numpy(), rtol=1e-5, atol=2e-5)

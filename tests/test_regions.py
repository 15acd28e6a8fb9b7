"""Pooling of boxes, against naive twins, ONNX's node tests and ONNX Runtime."""

import warnings

import numpy as np
import pytest
from extra_dtypes import BFLOAT16
from strategies import ORDERED, laid_out

import cypool

V, T = ValueError, TypeError
FLOATS = ["f2", "f4", "f8", *BFLOAT16]
COORDINATES = ["half_pixel", "output_half_pixel"]
ARRAY_LAYOUTS = ["C", "F", "transposed", "negative", "every other", "swapped", "unaligned", "read-only"]


def samples(start, size, bins, bin_index, ratio, length):
    """(low, high, weight of low, weight of high) of each sample along one axis, or None where it is outside."""
    one = type(start)(1)
    step = size / one.dtype.type(bins)
    grid = ratio or max(int(np.ceil(step)), 0)
    result = []
    for i in range(grid):
        at = start + one.dtype.type(bin_index) * step + one.dtype.type(i + 0.5) * step / one.dtype.type(grid)
        if at < -1 or at > length:
            result.append(None)
            continue
        at = max(at, one.dtype.type(0))
        low = min(int(at), length - 1)
        high = min(low + 1, length - 1)
        share = at - low if low < length - 1 else one.dtype.type(0)
        result.append((low, high, one - share, share))
    return result


def naive_align(x, boxes, batch_indices, size, scale=1.0, ratio=0, mode="avg", coordinates="half_pixel"):
    """The definition of RoiAlign, channels first, sample by sample."""
    kind = np.dtype("f8" if x.dtype.itemsize == 8 else "f4").type
    wide = x.astype(kind)
    result = np.zeros((len(boxes), x.shape[1], *size), kind)
    for b, (box, n) in enumerate(zip(np.asarray(boxes).astype(kind), batch_indices)):
        x1, y1, x2, y2 = box * kind(scale) - kind(0.5 if coordinates == "half_pixel" else 0)
        height, width = y2 - y1, x2 - x1
        if coordinates != "half_pixel":
            height, width = max(height, kind(1)), max(width, kind(1))
        for i, j in np.ndindex(*size):
            ys = samples(y1, height, size[0], i, ratio, x.shape[2])
            xs = samples(x1, width, size[1], j, ratio, x.shape[3])
            values = []
            for sy in ys:
                for sx in xs:
                    if sy is None or sx is None:
                        values.append(np.zeros((4, x.shape[1]), kind))
                        continue
                    values.append(np.stack([sy[2 + p] * sx[2 + q] * wide[n, :, sy[p], sx[q]]
                                            for p in (0, 1) for q in (0, 1)]))
            if values:
                values = np.stack(values)
                result[b, :, i, j] = values.max((0, 1)) if mode == "max" else values.sum((0, 1)) / kind(len(values))
    return result.astype(x.dtype)


def naive_pool(x, boxes, batch_indices, size, scale=1.0):
    """The definition of MaxRoiPool, channels first."""
    result = np.zeros((len(boxes), x.shape[1], *size), x.dtype)
    for b, n in enumerate(batch_indices):
        scaled = np.asarray(boxes[b]).astype("f4") * np.float32(scale)
        edges = [int(np.clip(np.sign(v) * np.floor(abs(float(v)) + 0.5), -2**30, 2**30)) for v in scaled]
        windows = []
        for axis in (1, 0):
            step = np.float32(max(edges[axis + 2] - edges[axis] + 1, 1)) / np.float32(size[1 - axis])
            length = x.shape[3 - axis]
            windows.append([slice(*np.clip([edges[axis] + int(np.floor(np.float32(i) * step)),
                                            edges[axis] + int(np.ceil(np.float32(i + 1) * step))], 0, length))
                            for i in range(size[1 - axis])])
        for i, j in np.ndindex(*size):
            window = x[n, :, windows[0][i], windows[1][j]].reshape(x.shape[1], -1)
            if window.shape[1]:
                result[b, :, i, j] = window.max(1)
    return result


def some(rng, shape=(2, 5, 9, 11), n=7, dtype="f8", wild=3.0):
    """An image, boxes in and around it, and their images."""
    x = (rng.normal(size=shape) * 20).astype(dtype)
    boxes = rng.uniform(-wild, max(shape[2:]) + wild, (n, 4)).astype("f4")
    return x, boxes, rng.integers(0, shape[0], n)


def last(x):
    return np.ascontiguousarray(np.moveaxis(x, 1, -1))


def tolerance(dtype):
    eps = {"float16": 2e-3, "bfloat16": 1e-2, "float32": 2e-5, "float64": 1e-12}[np.dtype(dtype).name]
    return {"rtol": eps, "atol": 20 * eps}


@pytest.mark.parametrize("coordinates", COORDINATES)
@pytest.mark.parametrize("mode", ["avg", "max"])
@pytest.mark.parametrize("ratio", [0, 1, 2, 3])
@pytest.mark.parametrize("dtype", FLOATS)
def test_align_equals_naive(dtype, ratio, mode, coordinates):
    x, boxes, n = some(np.random.default_rng(ratio), dtype=dtype)
    result = cypool.roi_align(x, boxes, n, (3, 4), spatial_scale=0.75, sampling_ratio=ratio, mode=mode,
                              coordinate_transformation_mode=coordinates)
    expected = naive_align(x, boxes, n, (3, 4), 0.75, ratio, mode, coordinates)
    assert result.dtype == x.dtype
    np.testing.assert_allclose(result.astype("f8"), expected.astype("f8"), **tolerance(dtype))


@pytest.mark.parametrize("dtype", ORDERED)
def test_max_pool_equals_naive(dtype):
    x, boxes, n = some(np.random.default_rng(0), dtype=dtype, n=20)
    result = cypool.roi_max_pool(x, boxes, n, (3, 4), spatial_scale=0.75)
    assert result.dtype == x.dtype
    np.testing.assert_array_equal(result, naive_pool(x, boxes, n, (3, 4), 0.75))


@pytest.mark.parametrize("dtype", ["i8", "u8"])
def test_max_pool_keeps_large_integers(dtype):
    info = np.iinfo(dtype)
    x = np.array([info.min, info.max - 1, info.max, info.max - 2], dtype).reshape(1, 1, 1, 4)
    result = cypool.roi_max_pool(x, [[0, 0, 1, 0], [2, 0, 3, 0], [0, 0, 0, 0]], [0, 0, 0], 1)
    assert result.ravel().tolist() == [info.max - 1, info.max, info.min]


def calls():
    return {
        "avg": lambda x, *rest, **options: cypool.roi_align(x, *rest, 3, **options),
        "max": lambda x, *rest, **options: cypool.roi_align(x, *rest, 3, mode="max", **options),
        "pool": lambda x, *rest, **options: cypool.roi_max_pool(x, *rest, 3, **options),
    }


@pytest.mark.parametrize("name", calls())
@pytest.mark.parametrize("layout", ARRAY_LAYOUTS)
@pytest.mark.parametrize("channels", [1, 3, 5, 16, 35])
def test_layouts_and_threads_give_the_same_bits(eager_threads, name, layout, channels):
    call = calls()[name]
    x, boxes, n = some(np.random.default_rng(0), (2, channels, 9, 11), n=60, dtype="f4")
    expected = call(x, boxes, n, num_threads=1)
    for threads in (1, 2, 5):
        np.testing.assert_array_equal(call(laid_out(x, layout), boxes, n, num_threads=threads), expected)
        result = call(laid_out(last(x), layout), boxes, n, num_threads=threads, data_format="channels_last")
        np.testing.assert_array_equal(result, last(expected))


@pytest.mark.parametrize("name", calls())
def test_planes_put_together_or_row_by_row_give_the_same_bits(name):
    """Many boxes have the plane put together, one does not; nor has a plane that is large."""
    call = calls()[name]
    x, boxes, n = some(np.random.default_rng(0), (1, 20, 300, 300), n=40, dtype="f4")
    whole = call(x, boxes, n, num_threads=1)
    for i in range(len(boxes)):
        np.testing.assert_array_equal(call(x, boxes[i : i + 1], n[i : i + 1]), whole[i : i + 1])
    small = call(x[:, :, :30, :30], boxes[:1] / 12, n[:1])
    np.testing.assert_array_equal(call(x[:, :, :30, :30], np.repeat(boxes[:1] / 12, 99, 0), np.repeat(n[:1], 99))[98:],
                                  small)


@pytest.mark.parametrize("name", calls())
def test_out(name):
    call = calls()[name]
    x, boxes, n = some(np.random.default_rng(0), dtype="f4")
    expected = call(x, boxes, n)
    buffers = [np.zeros(expected.shape, "f4"), np.zeros(expected.shape[::-1], "f4").T, np.zeros(expected.shape, "f8"),
               np.zeros(expected.shape, ">f4"), np.zeros((*expected.shape, 2), "f4")[..., 1]]
    for out in buffers:
        assert call(x, boxes, n, out=out) is out
        np.testing.assert_array_equal(out, expected)
    overlapping = np.concatenate([x.ravel(), np.zeros(expected.size, "f4")])
    view = overlapping[: x.size].reshape(x.shape)
    out = overlapping[9 : 9 + expected.size].reshape(expected.shape)
    assert call(view, boxes, n, out=out) is out
    np.testing.assert_array_equal(out, expected)


def test_no_boxes_and_no_channels():
    x = np.zeros((2, 3, 4, 5), "f4")
    none = np.zeros((0, 4))
    assert cypool.roi_align(x, none, [], (2, 3)).shape == (0, 3, 2, 3)
    assert cypool.roi_align(x, none, [], (2, 3), data_format="channels_last").shape == (0, 2, 3, 5)
    assert cypool.roi_max_pool(x, none, [], 2).shape == (0, 3, 2, 2)
    assert cypool.roi_align(x[:, :0], [[0, 0, 1, 1]], [1], 2).shape == (1, 0, 2, 2)
    assert cypool.roi_max_pool(x[:, :0], [[0, 0, 1, 1]], [1], 2).shape == (1, 0, 2, 2)
    assert cypool.roi_align(x[:0], none, [], 2).shape == (0, 3, 2, 2)
    for gradient in (cypool.roi_align_backward(np.zeros((0, 3, 2, 2)), none, [], x.shape),
                     cypool.roi_align_backward(np.zeros((0, 3, 2, 2)), none, [], x.shape, mode="max", x=x),
                     cypool.roi_max_pool_backward(np.zeros((0, 3, 2, 2)), x, none, [])):
        assert gradient.shape == x.shape
        assert not gradient.any()


def test_nan_stays_in_its_bins():
    x = np.ones((1, 17, 8, 8), "f4")
    x[0, :, 2, 2] = np.nan
    boxes = [[0, 0, 7, 7], [4, 4, 7, 7]]
    for call in calls().values():
        result = call(x, boxes, [0, 0])
        assert np.isnan(result[0, :, 0, 0]).all()
        assert np.isfinite(result[0, :, 2, 2]).all()
        assert np.isfinite(result[1]).all()


def test_wild_boxes_neither_crash_nor_hang():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 5, 7, 6)).astype("f4")
    values = np.array([0, -0.0, 1, -1, 0.5, 5.5, 6, 7, 1e-45, 1e-30, 1e3, -1e3, 1e6, -1e6, 2**24, 1e10, -1e10, 1e30,
                       -1e30, 3e38, -3e38, 1e300, np.inf, -np.inf, np.nan])
    done = 0
    for _ in range(1500):
        boxes = rng.choice(values, (2, 4)) + rng.choice([0, 0, 1], (2, 4)) * rng.normal(size=(2, 4))
        kind = np.float64 if rng.random() < 0.3 else np.float32
        options = {"spatial_scale": rng.choice([1, 1e-30, 1e-3, 0.5, 2, 1e30])}
        size = tuple(rng.integers(1, 5, 2))
        align = {"sampling_ratio": int(rng.choice([0, 0, 1, 2, 100])),
                 "coordinate_transformation_mode": rng.choice(COORDINATES).item()}
        refusals = []
        try:
            for mode in ("avg", "max"):
                result = cypool.roi_align(x.astype(kind), boxes, [0, 2], size, mode=mode, **options, **align)
                assert np.isfinite(result).all()
                assert abs(result).max() <= abs(x).max() * 1.001
                gradient = cypool.roi_align_backward(result, boxes, [0, 2], x.shape, mode=mode, x=x, **options, **align)
                assert np.isfinite(gradient).all()
            done += 1
        except ValueError as error:
            refusals.append(str(error))
        try:
            result = cypool.roi_max_pool(x, boxes, [0, 2], size, **options)
            np.testing.assert_array_equal(result, naive_pool(x, boxes, [0, 2], size, options["spatial_scale"]))
            gradient = cypool.roi_max_pool_backward(np.ones_like(result), x, boxes, [0, 2], **options)
            # A bin is empty where its 0 is none of x.
            assert gradient.sum() == np.count_nonzero(result)
        except ValueError as error:
            refusals.append(str(error))
        assert all("boxes must be" in each for each in refusals), refusals
    assert done > 200


def test_a_large_box_takes_no_time_outside_of_the_image():
    x = np.ones((1, 1, 4, 4), "f4")
    result = cypool.roi_align(np.repeat(x, 16, 1), np.tile([[-9e5, -9e5, 1e6, 1e6]], (300, 1)), np.zeros(300, int), 2)
    assert 0 < result.sum() < 1e-3 * result.size


def session(op, n_inputs, **attributes):
    onnxruntime = pytest.importorskip("onnxruntime")
    onnx = pytest.importorskip("onnx")
    kinds = [onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT, onnx.TensorProto.INT64][:n_inputs]
    inputs = [onnx.helper.make_tensor_value_info(name, kind, None) for name, kind in zip("xbi", kinds)]
    output = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)
    node = onnx.helper.make_node(op, list("xbi"[:n_inputs]), ["y"], **attributes)
    model = onnx.helper.make_model(onnx.helper.make_graph([node], "g", inputs, [output]),
                                   opset_imports=[onnx.helper.make_opsetid("", 16)])
    model.ir_version = 8
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("coordinates", COORDINATES)
@pytest.mark.parametrize("mode", ["avg", "max"])
@pytest.mark.parametrize("ratio", [0, 1, 2, 5])
@pytest.mark.parametrize("scale", [1.0, 0.3])
def test_align_equals_onnx_runtime(coordinates, mode, ratio, scale):
    x, boxes, n = some(np.random.default_rng(1), (3, 6, 12, 10), n=80, dtype="f4", wild=6)
    if ratio == 0 and coordinates == "half_pixel":
        # ONNX Runtime fails for inverted boxes there, with an integer overflow.
        boxes = np.concatenate([np.minimum(boxes[:, :2], boxes[:, 2:]), np.maximum(boxes[:, :2], boxes[:, 2:])], 1)
    runtime = session("RoiAlign", 3, mode=mode, output_height=3, output_width=5, sampling_ratio=ratio,
                      spatial_scale=scale, coordinate_transformation_mode=coordinates)
    expected, = runtime.run(None, {"x": x, "b": boxes, "i": n})
    result = cypool.roi_align(x, boxes, n, (3, 5), spatial_scale=scale, sampling_ratio=ratio, mode=mode,
                              coordinate_transformation_mode=coordinates)
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=2e-5)


@pytest.mark.parametrize("scale", [1.0, 0.3])
def test_max_pool_equals_onnx_runtime(scale):
    x, boxes, n = some(np.random.default_rng(1), (3, 6, 12, 10), n=80, dtype="f4", wild=6)
    runtime = session("MaxRoiPool", 2, pooled_shape=[3, 5], spatial_scale=scale)
    expected, = runtime.run(None, {"x": x, "b": np.concatenate([n[:, None], boxes], 1).astype("f4")})
    np.testing.assert_array_equal(cypool.roi_max_pool(x, boxes, n, (3, 5), spatial_scale=scale), expected)


def test_onnx_node_tests():
    node_tests = pytest.importorskip("onnx.backend.test.case.node")
    from onnx.helper import get_attribute_value

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases = [case for case in node_tests.collect_testcases("RoiAlign") if "roialign" in case.name]
    assert len(cases) >= 3
    for case in cases:
        node = case.model.graph.node[0]
        options = {a.name: get_attribute_value(a) for a in node.attribute}
        options = {name: value.decode() if isinstance(value, bytes) else value for name, value in options.items()}
        size = options.pop("output_height"), options.pop("output_width")
        (x, boxes, n), (expected,) = case.data_sets[0]
        np.testing.assert_allclose(cypool.roi_align(x, boxes, n, size, **options), expected, rtol=1e-3, atol=1e-4)


x = np.zeros((2, 3, 4, 5), "f4")
box, zero = [[0.0, 0.0, 2.0, 2.0]], [0]
grad = np.zeros((1, 3, 2, 2), "f4")


def align(x=x, boxes=box, n=zero, size=2, **options):
    return lambda: cypool.roi_align(x, boxes, n, size, **options)


def pool(x=x, boxes=box, n=zero, size=2, **options):
    return lambda: cypool.roi_max_pool(x, boxes, n, size, **options)


def backward(g=grad, boxes=box, n=zero, shape=x.shape, **options):
    return lambda: cypool.roi_align_backward(g, boxes, n, shape, **options)


def pool_backward(g=grad, x=x, boxes=box, n=zero, **options):
    return lambda: cypool.roi_max_pool_backward(g, x, boxes, n, **options)


CASES = {
    "x int": (align(x.astype("i4")), T, "x must have a floating dtype, got int32"),
    "x complex": (align(x + 0j), T, "x must have a floating dtype, got complex64"),
    "x 3 axes": (align(x[0]), V, "x must have 4 axes, .* got 3"),
    "x without columns": (align(x[..., :0]), V, "x must not be empty"),
    "x without columns for max": (pool(x[..., :0]), V, "x must not be empty"),
    "x object": (pool(x.astype(object)), T, "x must have a dtype"),
    "x complex for max": (pool(x + 0j), T, "x must have an order"),
    "boxes NaN": (align(boxes=[[0, np.nan, 1, 1]]), V, r"boxes must be finite, .* got \[0.0, nan"),
    "boxes inf": (align(boxes=[[0, 0, np.inf, 1]]), V, "boxes must be finite, .* inf"),
    "boxes beyond float32": (align(boxes=[[0, 0, 1e300, 1]]), V, "boxes must be finite, .* 1e[+]300"),
    "boxes of a size beyond float32": (align(boxes=[[-3e38, 0, 3e38, 1]]), V, "boxes must be finite"),
    "boxes beyond by the scale": (pool(spatial_scale=1e38, boxes=[[0, 0, 1e3, 1]]), V, "boxes must be finite"),
    "boxes NaN for max": (pool(boxes=[[0, np.nan, 1, 1]]), V, "boxes must be finite"),
    "boxes too large": (align(boxes=[[0, 0, 1e30, 1]]), V, "boxes must be so small that .* 2[*][*]20"),
    "boxes flat": (align(boxes=[0, 0, 1, 1]), V, r"boxes must have the shape \(n, 4\), got \(4,\)"),
    "boxes of 5": (align(boxes=[[0, 0, 0, 1, 1]]), V, "boxes must have the shape"),
    "boxes str": (align(boxes=[["a", "b", "c", "d"]]), T, "boxes must be real numbers"),
    "boxes complex": (align(boxes=[[1j, 0, 1, 1]]), T, "boxes must be real numbers"),
    "boxes None": (pool(boxes=None), T, "boxes must be real numbers"),
    "boxes ragged": (pool(boxes=[[1], [1, 2]]), T, "boxes must be an array"),
    "index negative": (align(n=[-1]), V, r"batch_indices must be in \[0, 2\), got -1"),
    "index too large": (pool(n=[2]), V, r"batch_indices must be in \[0, 2\), got 2"),
    "index uint64": (pool(n=np.array([2**64 - 1], "u8")), V, "batch_indices must be in .* got 18446744073709551615"),
    "index float": (align(n=[0.0]), T, "batch_indices must be integers, got float64"),
    "index count": (align(n=[0, 0]), V, "batch_indices must have one entry for each of the 1 boxes"),
    "index without images": (align(x[:0]), V, "batch_indices must be in"),
    "size 0": (align(size=0), V, "output_size must be positive, got 0"),
    "size negative": (pool(size=(2, -1)), V, "output_size must be positive, got -1"),
    "size huge": (align(size=2**40), V, "output_size must be at most 2[*][*]20"),
    "size enormous": (align(size=2**70), V, "output_size must be below"),
    "size product": (align(boxes=np.tile(box, (2**18, 1)), n=np.zeros(2**18, int), size=2**20), V, "output_size must"),
    "size float": (align(size=2.0), T, "output_size .* got 2.0"),
    "size of 3": (align(size=(2, 2, 2)), V, "output_size must have one entry"),
    "scale 0": (align(spatial_scale=0), V, "spatial_scale must be positive, got 0"),
    "scale negative": (pool(spatial_scale=-1.0), V, "spatial_scale must be positive, got -1"),
    "scale NaN": (pool(spatial_scale=float("nan")), V, "spatial_scale must be finite, got nan"),
    "scale str": (pool(spatial_scale="1"), T, "spatial_scale must be a number"),
    "ratio negative": (align(sampling_ratio=-1), V, "sampling_ratio must be in .* got -1"),
    "ratio huge": (align(sampling_ratio=2**40), V, "sampling_ratio must be in"),
    "ratio float": (align(sampling_ratio=2.0), T, "sampling_ratio must be an int, got 2.0"),
    "mode": (align(mode="mean"), V, 'mode must be "avg" or "max", got \'mean\''),
    "mode None": (align(mode=None), V, "mode must be .* got None"),
    "coordinates": (align(coordinate_transformation_mode="asymmetric"), V, "coordinate_transformation_mode must be"),
    "data_format": (align(data_format="NCHW"), V, "data_format must be"),
    "threads": (align(num_threads=0), V, "num_threads must be positive"),
    "out shape": (align(out=np.zeros((1, 3, 2, 3), "f4")), V, "out must have the shape"),
    "out int": (align(out=np.zeros((1, 3, 2, 2), "i4")), T, "out must have a dtype"),
    "out list": (pool(out=[1]), T, "out must be a NumPy array"),
    "gradient int": (backward(grad.astype("i4")), T, "grad_output must have a floating dtype, got int32"),
    "gradient axes": (backward(grad[0]), V, "grad_output must have 4 axes"),
    "gradient without bins": (backward(grad[..., :0]), V, "grad_output must have 4 axes, spatial ones of at least 1"),
    "gradient channels": (backward(grad[:, :2]), V, r"grad_output must have the shape \(1, 3, 2, 2\)"),
    "gradient boxes": (backward(boxes=box * 2, n=[0, 0]), V, "grad_output must have the shape"),
    "gradient index": (backward(n=[5]), V, "batch_indices must be in"),
    "input_shape axes": (backward(shape=(3, 4, 5)), V, "input_shape must have 4 axes"),
    "input_shape 0": (backward(shape=(2, 3, 0, 5)), V, "input_shape must not be 0"),
    "gradient mode": (backward(mode="mean"), V, 'mode must be "avg" or "max", got \'mean\''),
    "gradient of max without x": (backward(mode="max"), T, 'x must be given with the mode "max": .* got None'),
    "gradient of max of int": (backward(mode="max", x=x.astype("i4")), T, "x must have a floating dtype, got int32"),
    "gradient of max of another shape": (backward(mode="max", x=x[:1]), V, "x must have the shape input_shape"),
    "gradient for max int": (pool_backward(x=x.astype("i4")), T, "x must have a floating dtype, got int32"),
    "gradient for max complex": (pool_backward(x=x + 0j), T, "x must have a floating dtype, got complex64"),
    "gradient for max 3 axes": (pool_backward(x=x[0]), V, "x must have 4 axes"),
    "gradient for max without rows": (pool_backward(x=x[:, :, :0]), V, "input_shape must not be 0"),
    "gradient for max shape": (pool_backward(grad[:, :2]), V, r"grad_output must have the shape \(1, 3, 2, 2\)"),
    "gradient for max complex grad": (pool_backward(grad + 0j), T, "grad_output must have a floating dtype"),
    "gradient for max index": (pool_backward(n=[5]), V, "batch_indices must be in"),
    "gradient for max boxes": (pool_backward(boxes=[[0, np.nan, 1, 1]]), V, "boxes must be finite"),
    "gradient for max scale": (pool_backward(spatial_scale=0), V, "spatial_scale must be positive"),
    "gradient for max threads": (pool_backward(num_threads=-1), V, "num_threads must be positive"),
}


@pytest.mark.parametrize("name", CASES)
def test_wrong_call_says_what_is_wrong(name):
    call, error, message = CASES[name]
    with pytest.raises(error, match=message):
        call()

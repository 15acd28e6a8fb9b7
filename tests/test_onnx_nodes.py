"""ONNX's own node tests for the pooling operators, run by its reference evaluator with cypool's operators.

The onnx wheel ships them with their expected outputs.
"""

import doctest
import warnings

import numpy as np
import pytest

import cypool

onnx = pytest.importorskip("onnx")
node_tests = pytest.importorskip("onnx.backend.test.case.node")

from onnx import TensorProto, helper  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402

import cypool.onnx  # noqa: E402

# The node tests have no GlobalLpPool and no MaxRoiPool.
OPERATORS = {"MaxPool", "AveragePool", "LpPool", "GlobalMaxPool", "GlobalAveragePool", "MaxUnpool", "RoiAlign"}


def collect():
    """Name -> case."""
    with warnings.catch_warnings():
        # The generators of other operators overflow on purpose.
        warnings.simplefilter("ignore")
        cases = node_tests.collect_testcases(None)
    return {case.name: case for case in cases
            if len(case.model.graph.node) == 1 and case.model.graph.node[0].op_type in OPERATORS}


CASES = collect()


@pytest.fixture
def calls(monkeypatch):
    """How often cypool's operators ran, by name."""
    counts = {}
    for operator in cypool.onnx.OPERATORS:
        def counted(self, *args, _run=operator._run, _name=operator.__name__, **options):
            counts[_name] = counts.get(_name, 0) + 1
            return _run(self, *args, **options)

        counted.__wrapped__ = operator._run     # the evaluator reads the signature
        monkeypatch.setattr(operator, "_run", counted)
    return counts


@pytest.mark.parametrize("name", CASES)
def test_node(isa, calls, name):
    case = CASES[name]
    evaluator = ReferenceEvaluator(case.model, new_ops=cypool.onnx.OPERATORS)
    inputs, outputs = case.data_sets[0]
    names = [each.name for each in case.model.graph.input]
    results = evaluator.run(None, dict(zip(names, inputs)))
    assert calls == {case.model.graph.node[0].op_type: 1}
    assert len(results) == len(outputs)
    for result, expected in zip(results, outputs):
        assert result.dtype == expected.dtype
        assert result.shape == expected.shape
        np.testing.assert_allclose(result, expected, rtol=case.rtol, atol=case.atol)


def test_all_operators_are_met():
    assert {case.model.graph.node[0].op_type for case in CASES.values()} == OPERATORS
    assert len(CASES) >= 50


def model_of(nodes, inputs, opset, outputs=("y",)):
    ends = [helper.make_tensor_value_info(name, kind, None) for name, kind in inputs.items()]
    results = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
    return helper.make_model(helper.make_graph(nodes, "pooling", ends, results),
                             opset_imports=[helper.make_opsetid("", opset)])


def run(operator, inputs, opset, **attributes):
    kinds = {name: helper.np_dtype_to_tensor_dtype(value.dtype) for name, value in inputs.items()}
    model = model_of([helper.make_node(operator, list(inputs), ["y"], **attributes)], kinds, opset)
    return ReferenceEvaluator(model, new_ops=cypool.onnx.OPERATORS).run(None, inputs)[0]


@pytest.mark.parametrize("opset", [1, 2, 7, 8, 10, 11, 12, 18, 19, 22])
@pytest.mark.parametrize("operator", ["MaxPool", "AveragePool", "LpPool", "GlobalMaxPool", "GlobalAveragePool",
                                      "GlobalLpPool"])
def test_every_opset(calls, operator, opset):
    x = np.random.default_rng(0).normal(size=(2, 3, 9, 8)).astype("f4")
    attributes = {} if "Global" in operator else {"kernel_shape": [3, 2], "strides": [2, 2], "pads": [1, 0, 1, 1]}
    model = model_of([helper.make_node(operator, ["x"], ["y"], **attributes)], {"x": TensorProto.FLOAT}, opset)
    (result,) = ReferenceEvaluator(model, new_ops=cypool.onnx.OPERATORS).run(None, {"x": x})
    windows = {"kernel_size": (3, 2), "stride": 2, "padding": ((1, 1), (0, 1)), "axis": (2, 3)}
    expected = {
        "MaxPool": lambda: cypool.max_pool(x, **windows),
        "AveragePool": lambda: cypool.avg_pool(x, count_include_pad=False, **windows),
        "LpPool": lambda: cypool.lp_pool(x, 2, **windows),
        "GlobalMaxPool": lambda: x.max((2, 3), keepdims=True),
        "GlobalAveragePool": lambda: x.mean((2, 3), keepdims=True),
        "GlobalLpPool": lambda: np.sqrt((x * x).sum((2, 3), keepdims=True)),
    }[operator]()
    np.testing.assert_allclose(result, expected, rtol=1e-5)
    assert calls == {operator: 1}


def test_a_network_runs_with_cypool(calls):
    rng = np.random.default_rng(0)
    x, weights = rng.normal(size=(1, 2, 10, 10)).astype("f4"), rng.normal(size=(4, 2, 3, 3)).astype("f4")
    nodes = [helper.make_node("Conv", ["x", "w"], ["a"], kernel_shape=[3, 3]), helper.make_node("Relu", ["a"], ["b"]),
             helper.make_node("MaxPool", ["b"], ["c"], kernel_shape=[2, 2], strides=[2, 2]),
             helper.make_node("GlobalAveragePool", ["c"], ["y"])]
    model = model_of(nodes, {"x": TensorProto.FLOAT, "w": TensorProto.FLOAT}, 18)
    expected = ReferenceEvaluator(model).run(None, {"x": x, "w": weights})[0]
    assert calls == {}
    result = ReferenceEvaluator(model, new_ops=cypool.onnx.OPERATORS).run(None, {"x": x, "w": weights})[0]
    assert calls == {"MaxPool": 1, "GlobalAveragePool": 1}
    np.testing.assert_allclose(result, expected, rtol=1e-5)


@pytest.mark.parametrize("opset", [10, 15, 16, 22])
def test_roi_align_had_no_half_pixel_at_first(opset):
    x = np.random.default_rng(0).random((1, 2, 8, 8), np.float32)
    boxes, batch = np.array([[1.0, 1, 6, 5]], "f4"), np.array([0])
    node = helper.make_node("RoiAlign", ["x", "b", "i"], ["y"], output_height=2, output_width=2, sampling_ratio=2)
    model = model_of([node], {"x": TensorProto.FLOAT, "b": TensorProto.FLOAT, "i": TensorProto.INT64}, opset)
    (result,) = ReferenceEvaluator(model, new_ops=cypool.onnx.OPERATORS).run(None, {"x": x, "b": boxes, "i": batch})
    mode = "half_pixel" if opset >= 16 else "output_half_pixel"
    expected = cypool.roi_align(x, boxes, batch, 2, sampling_ratio=2, coordinate_transformation_mode=mode)
    np.testing.assert_array_equal(result, expected)


def test_max_roi_pool(calls):
    x = np.arange(32, dtype="f4").reshape(1, 2, 4, 4)
    node = helper.make_node("MaxRoiPool", ["x", "r"], ["y"], pooled_shape=[2, 2], spatial_scale=1.0)
    model = model_of([node], {"x": TensorProto.FLOAT, "r": TensorProto.FLOAT}, 18)
    (result,) = ReferenceEvaluator(model, new_ops=cypool.onnx.OPERATORS).run(
        None, {"x": x, "r": np.array([[0, 0, 0, 3, 3]], "f4")})
    np.testing.assert_array_equal(result, [[[[5, 7], [13, 15]], [[21, 23], [29, 31]]]])
    assert calls == {"MaxRoiPool": 1}


@pytest.mark.parametrize("mode", ["half_pixel", "output_half_pixel"])
@pytest.mark.parametrize("opset", [10, 22])
def test_a_mode_that_is_given_counts_in_any_opset(opset, mode):
    x = np.random.default_rng(0).random((1, 2, 8, 8), np.float32)
    boxes, batch = np.array([[1.0, 1, 6, 5]], "f4"), np.array([0])
    result = run("RoiAlign", {"x": x, "b": boxes, "i": batch}, opset, coordinate_transformation_mode=mode)
    np.testing.assert_array_equal(result, cypool.roi_align(x, boxes, batch, 1, coordinate_transformation_mode=mode))


@pytest.mark.parametrize("opset", [9, 11, 22])
@pytest.mark.parametrize("spatial", [(6,), (6, 4), (4, 2, 6)])
def test_max_unpool_takes_the_indices_of_max_pool(calls, spatial, opset):
    x = np.random.default_rng(0).normal(size=(2, 3, *spatial)).astype("f4")
    windows = {"kernel_shape": [2] * len(spatial), "strides": [2] * len(spatial)}
    nodes = [helper.make_node("MaxPool", ["x"], ["v", "i"], **windows),
             helper.make_node("MaxUnpool", ["v", "i"], ["y"], **windows)]
    model = model_of(nodes, {"x": TensorProto.FLOAT}, opset)
    (result,) = ReferenceEvaluator(model, new_ops=cypool.onnx.OPERATORS).run(None, {"x": x})
    np.testing.assert_array_equal(result[result != 0], x[result != 0])
    assert np.count_nonzero(result) == x.size // 2 ** len(spatial)
    assert calls == {"MaxPool": 1, "MaxUnpool": 1}


def test_norms_over_the_end_are_not_scaled():
    x = np.array([[[3, 4, 5, 6, 7]]], "f4")
    result = run("LpPool", {"x": x}, 18, kernel_shape=[2], strides=[2], ceil_mode=1)
    np.testing.assert_allclose(result, [[[5, np.sqrt(61), 7]]], rtol=1e-6)


def test_max_pool_without_a_name_for_indices():
    node = helper.make_node("MaxPool", ["x"], ["y", ""], kernel_shape=[2])
    evaluator = ReferenceEvaluator(model_of([node], {"x": TensorProto.FLOAT}, 18), new_ops=cypool.onnx.OPERATORS)
    np.testing.assert_array_equal(evaluator.run(None, {"x": np.array([[[1, 3, 2]]], "f4")})[0], [[[3, 3]]])


IMAGE = np.zeros((1, 1, 4, 4), "f4")
LINE = np.zeros((1, 1, 5), "f4")
BOXES = {"x": IMAGE, "b": np.array([[0, 0, 3, 3]], "f4"), "i": np.array([0])}
UNPOOLED = {"x": np.ones((1, 1, 2, 2), "f4"), "i": np.array([[[[5, 7], [13, 15]]]])}
TWO = {"kernel_shape": [2, 2], "strides": [2, 2]}


@pytest.mark.parametrize(("operator", "inputs", "attributes", "message"), [
    ("MaxPool", {"x": LINE}, {"kernel_shape": [0]}, "kernel_size must be positive"),
    ("MaxPool", {"x": LINE}, {"kernel_shape": [2], "strides": [0]}, "stride must be positive"),
    ("MaxPool", {"x": LINE}, {"kernel_shape": [2], "auto_pad": "SAME"}, "auto_pad must be"),
    ("MaxPool", {"x": LINE}, {"kernel_shape": [2], "auto_pad": "VALID", "pads": [1, 1]}, "pads must be 0 with"),
    ("MaxPool", {"x": LINE}, {"kernel_shape": [2], "pads": [1]}, "pads must have two entries"),
    ("MaxPool", {"x": LINE}, {"kernel_shape": [2, 2]}, "kernel_size must have one entry"),
    ("MaxPool", {"x": LINE}, {"kernel_shape": [2], "storage_order": 2}, "storage_order must be 0 or 1"),
    ("MaxPool", {"x": LINE}, {"kernel_shape": [2], "ceil_mode": 2}, "ceil_mode must be 0 or 1"),
    ("MaxPool", {"x": LINE[0]}, {"kernel_shape": [2]}, "x must have axes"),
    ("AveragePool", {"x": LINE}, {"kernel_shape": [2], "count_include_pad": 2}, "count_include_pad must be 0 or 1"),
    ("LpPool", {"x": LINE}, {"kernel_shape": [2], "p": 0}, "norm_type must be above 0"),
    ("RoiAlign", BOXES, {"output_height": 0}, "output_size must"),
    ("RoiAlign", BOXES, {"mode": ""}, "mode must be"),
    ("RoiAlign", BOXES, {"coordinate_transformation_mode": "pixel"}, "coordinate_transformation_mode must be"),
    ("MaxRoiPool", {"x": IMAGE, "r": np.zeros((1, 4), "f4")}, {"pooled_shape": [1, 1]}, r"shape \(n, 5\)"),
    ("MaxRoiPool", {"x": IMAGE, "r": np.full((1, 5), 0.5, "f4")}, {"pooled_shape": [1, 1]}, "whole numbers"),
    ("MaxUnpool", UNPOOLED, {"kernel_shape": [2]}, "kernel_shape and strides must have one entry"),
    ("MaxUnpool", {**UNPOOLED, "s": np.array([1, 1, 3, 3])}, TWO, "output_shape must have"),
    ("MaxUnpool", {**UNPOOLED, "s": np.array([1, 1, 4])}, TWO, "output_shape must have"),
    ("MaxUnpool", {"x": np.ones((1,) * 6, "f4"), "i": np.zeros((1,) * 6, int)}, {"kernel_shape": [1] * 4},
     "1, 2 or 3 spatial axes"),
])
@pytest.mark.parametrize("opset", [11, 22])
def test_wrong_attributes_are_errors(operator, inputs, attributes, message, opset):
    with pytest.raises(ValueError, match=message):
        run(operator, inputs, opset, **attributes)


def test_the_example_runs():
    results = doctest.testmod(cypool.onnx)
    assert results.attempted > 0
    assert results.failed == 0

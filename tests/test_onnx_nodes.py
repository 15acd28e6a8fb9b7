"""ONNX's own node tests for the pooling operators, which the onnx wheel ships with their expected outputs.

onnx.reference is known to be wrong for AveragePool in ceil mode with an overhang of 2 or more; the node tests that
are run here do not hit that.
"""

import warnings

import numpy as np
import pytest

import cypool

node_tests = pytest.importorskip("onnx.backend.test.case.node")

OPERATORS = {"MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool"}


def collect():
    """Name -> (operator, attributes, input arrays, output arrays, tolerances)."""
    from onnx.helper import get_attribute_value

    with warnings.catch_warnings():
        # The generators of other operators overflow on purpose.
        warnings.simplefilter("ignore")
        cases = node_tests.collect_testcases(None)
    result = {}
    for case in cases:
        node = case.model.graph.node[0]
        if len(case.model.graph.node) == 1 and node.op_type in OPERATORS:
            attributes = {a.name: get_attribute_value(a) for a in node.attribute}
            result[case.name] = (node.op_type, attributes, *case.data_sets[0], case.rtol, case.atol)
    return result


CASES = collect()


def pool(operator, attributes, x):
    """The operator as a cypool call."""
    n = x.ndim - 2
    if operator == "GlobalMaxPool":
        return [cypool.max_pool(x, x.shape[2:], axis=range_of(n))]
    if operator == "GlobalAveragePool":
        return [cypool.avg_pool(x, x.shape[2:], axis=range_of(n))]
    padding = attributes.get("auto_pad", b"NOTSET").decode()
    pads = attributes.get("pads", [0] * 2 * n)
    padding = {"NOTSET": tuple(zip(pads[:n], pads[n:])), "VALID": "valid", "SAME_UPPER": "same",
               "SAME_LOWER": "same_lower"}[padding]
    arguments = {
        "kernel_size": attributes["kernel_shape"],
        "stride": attributes.get("strides", [1] * n),
        "padding": padding,
        "dilation": attributes.get("dilations", [1] * n),
        "axis": range_of(n),
        "ceil_mode": bool(attributes.get("ceil_mode", 0)),
    }
    if operator == "MaxPool":
        values, indices = cypool.max_pool(x, return_indices=True, **arguments)
        planes = np.arange(x.shape[0] * x.shape[1]).reshape(x.shape[0], x.shape[1], *[1] * n) * np.prod(x.shape[2:])
        if attributes.get("storage_order", 0):
            positions = np.unravel_index(indices, x.shape[2:])
            indices = np.ravel_multi_index(positions, x.shape[2:], order="F")
        return [values, indices + planes]
    return [cypool.avg_pool(x, count_include_pad=bool(attributes.get("count_include_pad", 0)), **arguments)]


def range_of(n):
    return tuple(range(2, 2 + n))


@pytest.mark.parametrize("name", CASES)
def test_node(isa, name):
    operator, attributes, inputs, outputs, rtol, atol = CASES[name]
    results = pool(operator, attributes, inputs[0])
    for result, expected in zip(results, outputs):
        assert result.dtype == expected.dtype
        np.testing.assert_allclose(result, expected, rtol=rtol, atol=atol)


def test_all_operators_are_met():
    assert {operator for operator, *_ in CASES.values()} == OPERATORS
    assert len(CASES) >= 40

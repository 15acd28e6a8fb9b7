"""Indices in few bytes, and back."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import REALS, arrays, geometries
from test_properties import tables

import cypool


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_indices_come_back(data):
    x = data.draw(arrays(REALS))
    geometry = data.draw(geometries(x))
    tables(x, geometry)
    indices = cypool.max_pool(x, return_indices=True, **geometry)[1]
    offsets = cypool.compact_indices(indices, x.shape, **geometry)
    taps = np.prod(geometry["kernel_size"])
    assert offsets.itemsize == (1 if taps <= 256 else 2)
    assert offsets.max(initial=0) < taps
    np.testing.assert_array_equal(cypool.expand_indices(offsets, x.shape, **geometry), indices)


BAD = {
    "index of another window": (lambda: cypool.compact_indices([3, 1], (4,), 2), ValueError, "indices must be those"),
    "index negative": (lambda: cypool.compact_indices([-1, 2], (4,), 2), ValueError, "indices must be those"),
    "index beyond": (lambda: cypool.compact_indices([0, 6], (4,), 2), ValueError, "indices must be those"),
    "indices of floats": (lambda: cypool.compact_indices([0.0, 2.0], (4,), 2), TypeError, "indices must be integers"),
    "indices of another shape": (lambda: cypool.compact_indices([0], (4,), 2), ValueError,
                                 "indices must have the shape"),
    "offset beyond": (lambda: cypool.expand_indices([0, 2], (4,), 2), ValueError, "offsets must be those"),
    "offset negative": (lambda: cypool.expand_indices([0, -1], (4,), 2), ValueError, "offsets must be those"),
    "offset in the padding": (lambda: cypool.expand_indices([0, 1], (3,), 2, 2, 1), ValueError,
                              "offsets must be those"),
    "offsets of floats": (lambda: cypool.expand_indices([0.0], (2,), 2), TypeError, "offsets must be integers"),
    "offsets of another shape": (lambda: cypool.expand_indices([0], (4,), 2), ValueError,
                                 "offsets must have the shape"),
    "input of length 0": (lambda: cypool.expand_indices([0], (0,), 2), ValueError, "input_shape must not be 0"),
}


@pytest.mark.parametrize("name", BAD)
def test_wrong_call_says_what_is_wrong(name):
    call, error, message = BAD[name]
    with pytest.raises(error, match=message):
        call()


def test_indices_of_a_narrow_type():
    indices = np.array([3], np.uint8)
    offsets = cypool.compact_indices(indices, (1000,), 1000)
    assert offsets.tolist() == [3]
    assert cypool.expand_indices(offsets, (1000,), 1000).tolist() == [3]

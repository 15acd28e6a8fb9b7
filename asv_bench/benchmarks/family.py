"""The operations that the grid has no case for: what is drawn, regions, masks, pyramids, and gradients."""

import inspect
from typing import Any, NamedTuple

import numpy as np

import cypool

from .missing import skipped_where_missing


class Call(NamedTuple):
    """A function of cypool by name, and what it is called with."""

    function: str
    arguments: tuple
    options: dict[str, Any]

    def __call__(self, out=None, **options):
        """The result; into `out` where the function can. The last level of a pyramid; the indices of maxima."""
        function = getattr(cypool, self.function)
        indexed = "return_indices" in self.options
        if out is not None and not indexed and "out" in inspect.signature(function).parameters:
            options["out"] = out
        result = function(*self.arguments, **self.options, **options)
        return result if isinstance(result, np.ndarray) else result[-1]

    @property
    def array(self):
        """What is pooled, or the gradient."""
        return self.arguments[0]


def _rng():
    return np.random.default_rng(0)


def _planes(*shape):
    return _rng().standard_normal(shape, np.float32)


def _boxes(n, size):
    corners = _rng().random((n, 2, 2)) * size
    return np.concatenate([corners.min(1), corners.max(1)], 1).astype(np.float32)


def fractional():
    samples = _rng().random((8, 64, 2), np.float32)
    return Call("fractional_max_pool2d", (_planes(8, 64, 56, 56), 2), {"output_ratio": 0.7, "random_samples": samples})


def stochastic():
    return Call("stochastic_pool", (np.abs(_planes(8, 64, 56, 56)), 2), {"axis": (2, 3)})


def indices():
    return Call("max_pool2d", (_planes(1, 64, 112, 112), 3, 2, 1), {"return_indices": True})


def indices_of_channels_last():
    arguments = _planes(1, 112, 112, 64), 3, 2, 1
    return Call("max_pool2d", arguments, {"return_indices": True, "data_format": "channels_last"})


def unpool():
    y, indices = cypool.max_pool2d(_planes(8, 64, 112, 112), 2, return_indices=True)
    return Call("max_unpool2d", (y, indices, 2), {})


def roi_align():
    arguments = _planes(1, 256, 50, 50), _boxes(100, 50), np.zeros(100, int), 7
    return Call("roi_align", arguments, {"sampling_ratio": 2})


def roi_max_pool():
    return Call("roi_max_pool", (_planes(1, 256, 50, 50), _boxes(100, 50), np.zeros(100, int), 7), {})


def roi_max_pool_of_large_planes():
    return Call("roi_max_pool", (_planes(1, 16, 400, 400), _boxes(20, 400), np.zeros(20, int), 7), {})


def masked_average():
    x = _planes(2048, 2048)
    return Call("avg_pool", (x, 2), {"mask": x > 1})


def weighted_average():
    return Call("avg_pool", (_planes(2048, 2048), 2), {"weights": _rng().random(2048, np.float32)})


def pyramid_of_labels():
    return Call("pyramid", (_rng().integers(0, 9, (64, 256, 256), np.uint16),), {"func": "mode", "levels": 3})


def adaptive_gradient():
    gradient = _planes(8, 256, 6, 6)
    return Call("adaptive_avg_pool_backward", (gradient, (8, 256, 28, 28), 6), {"axis": (2, 3)})


def norm_gradient():
    arguments = _planes(1, 64, 56, 56), _planes(1, 64, 112, 112), 2, 2
    return Call("lp_pool_backward", arguments, {"axis": (2, 3)})


def masked_gradient():
    mask = _planes(2048, 2048) > 1
    return Call("avg_pool_backward", (_planes(1024, 1024), mask.shape, 2), {"mask": mask})


def roi_align_gradient():
    arguments = _planes(100, 256, 7, 7), _boxes(100, 50), np.zeros(100, int), (1, 256, 50, 50)
    return Call("roi_align_backward", arguments, {"sampling_ratio": 2})


def roi_max_gradient():
    arguments = _planes(100, 256, 7, 7), _planes(1, 256, 50, 50), _boxes(100, 50), np.zeros(100, int)
    return Call("roi_max_pool_backward", arguments, {})


def area_gradient():
    return Call("area_pool_backward", (_planes(410, 410), (1024, 1024), 410), {})


CALLS = {each.__name__: each for each in (
    fractional, stochastic, indices, indices_of_channels_last, unpool, roi_align, roi_max_pool,
    roi_max_pool_of_large_planes, masked_average, weighted_average, pyramid_of_labels, adaptive_gradient,
    norm_gradient, masked_gradient, roi_align_gradient, roi_max_gradient, area_gradient)}


class Family:
    """One call, on one thread, that makes its output."""

    params = tuple(CALLS)
    param_names = ("operation",)
    version = "3"

    def setup(self, name):
        with skipped_where_missing():
            self.call = CALLS[name]()
            self.call(num_threads=1)

    def time_call(self, name):
        self.call(num_threads=1)

    def peakmem_call(self, name):
        self.call(num_threads=1)

"""Time of the operations that the grid has no case for: what is drawn, regions, masks, pyramids, and gradients."""

import numpy as np

import cypool

from .missing import skipped_where_missing


def _rng():
    return np.random.default_rng(0)


def _planes(*shape):
    return _rng().standard_normal(shape, np.float32)


def _boxes(n, size):
    corners = _rng().random((n, 2, 2)) * size
    return np.concatenate([corners.min(1), corners.max(1)], 1).astype(np.float32)


def _pooled_by(function, x, *arguments, **options):
    """A gradient of the shape that the forward call gives."""
    return _planes(*function(x, *arguments, **options).shape)


def fractional():
    x, samples = _planes(8, 64, 56, 56), _rng().random((8, 64, 2), np.float32)
    return lambda: cypool.fractional_max_pool2d(x, 2, output_ratio=0.7, random_samples=samples, num_threads=1)


def stochastic():
    x = np.abs(_planes(8, 64, 56, 56))
    return lambda: cypool.stochastic_pool(x, 2, axis=(2, 3), num_threads=1)


def unpool():
    y, indices = cypool.max_pool2d(_planes(8, 64, 112, 112), 2, return_indices=True)
    return lambda: cypool.max_unpool2d(y, indices, 2, num_threads=1)


def roi_align():
    x, boxes, images = _planes(1, 256, 50, 50), _boxes(100, 50), np.zeros(100, int)
    return lambda: cypool.roi_align(x, boxes, images, 7, sampling_ratio=2, num_threads=1)


def roi_max_pool():
    x, boxes, images = _planes(1, 256, 50, 50), _boxes(100, 50), np.zeros(100, int)
    return lambda: cypool.roi_max_pool(x, boxes, images, 7, num_threads=1)


def masked_average():
    x = _planes(2048, 2048)
    mask = x > 1
    return lambda: cypool.avg_pool(x, 2, mask=mask, num_threads=1)


def weighted_average():
    x, weights = _planes(2048, 2048), _rng().random(2048)
    return lambda: cypool.avg_pool(x, 2, weights=weights, num_threads=1)


def pyramid_of_labels():
    x = _rng().integers(0, 9, (64, 256, 256), np.uint16)
    return lambda: cypool.pyramid(x, func="mode", num_threads=1)


def adaptive_gradient():
    x = _planes(8, 256, 28, 28)
    gradient = _pooled_by(cypool.adaptive_avg_pool2d, x, 6)
    return lambda: cypool.adaptive_avg_pool_backward(gradient, x.shape, 6, axis=(2, 3), num_threads=1)


def norm_gradient():
    x = _planes(1, 64, 112, 112)
    gradient = _pooled_by(cypool.lp_pool2d, x, 2, 2)
    return lambda: cypool.lp_pool_backward(gradient, x, 2, 2, axis=(2, 3), num_threads=1)


def area_gradient():
    x = _planes(1024, 1024)
    gradient = _pooled_by(cypool.area_pool, x, 410)
    return lambda: cypool.area_pool_backward(gradient, x.shape, 410, num_threads=1)


CALLS = {each.__name__: each for each in (
    fractional, stochastic, unpool, roi_align, roi_max_pool, masked_average, weighted_average, pyramid_of_labels,
    adaptive_gradient, norm_gradient, area_gradient)}


class Family:
    """One call, on one thread, that makes its output."""

    params = tuple(CALLS)
    param_names = ("operation",)
    version = "2"

    def setup(self, name):
        with skipped_where_missing():
            self.call = CALLS[name]()
            self.call()

    def time_call(self, name):
        self.call()

    def peakmem_call(self, name):
        self.call()

"""Time and memory of the grid."""

import numpy as np

import cypool

from .grid import BACKWARD, CASES


class Forward:
    """One call into an array that is there, so that no fresh page is counted; one thread."""

    params = tuple(CASES)
    param_names = ("case",)
    version = "1"

    def setup(self, name):
        case = CASES[name]
        self.x, self.function = case.array(), case.function()
        self.options = {**case.arguments(), "num_threads": 1}
        self.options["out"] = self.function(self.x, **self.options)

    def time_pool(self, name):
        self.function(self.x, **self.options)


class Threads(Forward):
    """The same on two threads."""

    params = ("stem NCHW", "VGG NCHW", "SPP 9", "MNIST", "camera colour avg", "morphology 31 f32")

    def setup(self, name):
        super().setup(name)
        self.options["num_threads"] = 2


class Fresh:
    """A call that makes its output."""

    params = ("tiny 8", "tiny 28", "stem NCHW", "VGG NCHW")
    param_names = ("case",)
    version = "1"

    def setup(self, name):
        case = CASES[name]
        self.x, self.function, self.options = case.array(), case.function(), case.arguments()

    def time_pool(self, name):
        self.function(self.x, **self.options)

    def peakmem_pool(self, name):
        self.function(self.x, **self.options)


class Indices:
    """Max pooling that also says where."""

    params = ("stem NCHW", "VGG NCHW", "stem NHWC")
    param_names = ("case",)
    version = "1"

    def setup(self, name):
        case = CASES[name]
        self.x, self.options = case.array(), case.arguments()

    def time_max(self, name):
        cypool.max_pool(self.x, return_indices=True, num_threads=1, **self.options)


class Backward:
    """The gradient, from a gradient of ones."""

    params = BACKWARD
    param_names = ("case",)
    version = "1"

    def setup(self, name):
        case = CASES[name]
        x, self.options = case.array(), case.arguments()
        self.shape = x.shape
        if case.op == "max":
            y, self.indices = cypool.max_pool(x, return_indices=True, **self.options)
            self.options = {"axis": case.pooled}
        else:
            y, self.indices = cypool.avg_pool(x, **self.options), None
        self.gradient = np.ones_like(y)

    def time_backward(self, name):
        if self.indices is None:
            cypool.avg_pool_backward(self.gradient, self.shape, num_threads=1, **self.options)
        else:
            cypool.max_pool_backward(self.gradient, self.indices, self.shape, num_threads=1, **self.options)

"""How time grows with the window, falls with threads, and does not depend on the numbers."""

import os

import numpy as np

import cypool

from . import pooling

WIDTHS = (3, 5, 9, 15, 31, 63, 101)
THREADS = (1, 2, 4, 8, 16)


def n_cores():
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


class Windows:
    """Square windows at stride 1 over a plane, on one thread. There are a million outputs: 1 ms is 1 ns an output."""

    shape = (1000, 1000)
    params = (("max", "avg"), ("float32", "uint8"), WIDTHS)
    param_names = ("operation", "dtype", "width")
    version = "1"

    def setup(self, operation, dtype, width):
        rng = np.random.default_rng(0)
        if dtype == "uint8":
            self.x = rng.integers(0, 256, self.shape, np.uint8)
        else:
            self.x = rng.standard_normal(self.shape, dtype)
        self.function = getattr(cypool, operation + "_pool")
        self.options = {"kernel_size": width, "stride": 1, "padding": width // 2, "num_threads": 1}
        self.options["out"] = self.function(self.x, **self.options)

    def time_million_outputs(self, operation, dtype, width):
        self.function(self.x, **self.options)


class Lines(Windows):
    """Windows along a single axis."""

    shape = (10**6,)
    params = (("max", "avg"), ("float32", "uint8"), (9, 101))


class Volumes(Windows):
    """Cubes over a volume."""

    shape = (100, 100, 100)
    params = (("max", "avg"), ("float32", "uint8"), (3, 9, 101))


class Numbers:
    """Averages of float32 planes in cache: of ordinary numbers, of denormal ones alone, and with a hundredth of NaN.

    Windows are given as width/stride.
    """

    params = (("ordinary", "denormal", "NaN"), ("2/2", "3/1", "3/2", "9/1"))
    param_names = ("numbers", "window")
    version = "1"

    def setup(self, numbers, window):
        rng = np.random.default_rng(0)
        self.x = rng.random((32, 128, 128), np.float32)
        if numbers == "denormal":
            self.x *= np.float32(1e-39)
        elif numbers == "NaN":
            self.x[rng.random(self.x.shape) < 0.01] = np.nan
        width, stride = map(int, window.split("/"))
        self.options = {"kernel_size": width, "stride": stride, "num_threads": 1}
        self.options["out"] = cypool.avg_pool2d(self.x, **self.options)

    def time_avg_pool2d(self, numbers, window):
        cypool.avg_pool2d(self.x, **self.options)


class Threads(pooling.Forward):
    """The same call on more threads, as far as there are cores."""

    params = (("stem NCHW", "VGG NCHW", "SPP 9", "MNIST", "camera colour avg", "morphology 31 f32"), THREADS)
    param_names = ("case", "threads")

    # Memory is that of one thread and some rows.
    peakmem_pool = None

    def setup(self, name, threads):
        if threads > n_cores():
            raise NotImplementedError(f"{n_cores()} cores")
        super().setup(name)
        self.options["num_threads"] = threads

    def time_pool(self, name, threads):
        self.function(self.x, **self.options)

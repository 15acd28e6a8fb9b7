"""Time, memory, instructions, and how near to a copy: the grid."""

import time

import numpy as np

import cypool

from .callgrind import CALLS, count
from .grid import CASES, GRADIENTS, Gradient
from .missing import skipped_where_missing


class Forward:
    """One call into an array that is there, so that no fresh page is counted; one thread."""

    params = tuple(CASES)
    param_names = ("case",)
    version = "1"

    def setup(self, name):
        case = CASES[name]
        self.x = case.array()
        self.options = {**case.arguments(), "num_threads": 1}
        with skipped_where_missing():
            self.function = case.function()
            self.options["out"] = self.function(self.x, **self.options)

    def time_pool(self, name):
        self.function(self.x, **self.options)

    def peakmem_pool(self, name):
        self.function(self.x, **self.options)


class Floor(Forward):
    """How many copies of as many bytes fit in the time of a call; taken by turns, so that noise meets both."""

    def setup(self, name):
        super().setup(name)
        self.source = np.ones((self.x.nbytes + self.options["out"].nbytes) // 2, np.uint8)
        self.target = np.ones_like(self.source)

    # Not inherited: asv would run them again.
    time_pool = peakmem_pool = None

    def track_copies(self, name):
        calls, copies = [], []
        end = time.perf_counter() + 0.3
        while time.perf_counter() < end or len(calls) < 5:
            begin = time.perf_counter()
            self.function(self.x, **self.options)
            middle = time.perf_counter()
            np.copyto(self.target, self.source)
            calls.append(middle - begin)
            copies.append(time.perf_counter() - middle)
        return float(np.percentile(calls, 25) / np.percentile(copies, 25))

    track_copies.unit = "copies"


class Instructions:
    """Instructions of hot calls: the same on any day."""

    params = tuple(CALLS)
    param_names = ("call",)
    version = "2"

    def setup_cache(self):
        # Never None, which asv would not hand on.
        return count() or {}

    # A simulator on a busy machine.
    setup_cache.timeout = 600

    def setup(self, counts, name):
        if name not in counts:
            raise NotImplementedError("no valgrind, or no such function")

    def track_instructions(self, counts, name):
        return counts[name]

    track_instructions.unit = "instructions"


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
    """The gradient, into an array that is there."""

    params = tuple(GRADIENTS)
    param_names = ("case",)
    version = "2"

    def setup(self, name):
        case = GRADIENTS[name]
        x = case.array()
        self.backward, self.out = Gradient.of(case, x), np.empty_like(x)

    def time_backward(self, name):
        self.backward(out=self.out, num_threads=1)

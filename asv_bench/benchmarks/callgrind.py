"""Instructions of hot calls, as callgrind counts them: the same number on any day and under any load.

    cd asv_bench && python -m benchmarks.callgrind

prints them for the cypool that is imported, as a table or with --json for programs. What counts is a whole call, in
Python and in C, like an earlier one, on one thread. Valgrind has no AVX-512, so the kernels are those of AVX2.
"""

import gc
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import NamedTuple


class Hot(NamedTuple):
    """One call."""

    function: str
    shape: tuple
    dtype: str
    options: dict
    # Then this is called with the gradient, and with the indices if there are some.
    backward: str = ""

    def call(self):
        """The call, or None where this cypool has no such function."""
        import numpy as np

        import cypool

        names = [name for name in (self.function, self.backward) if name]
        if not all(hasattr(cypool, name) for name in names):
            return None
        x = (np.random.default_rng(0).random(self.shape) * 200).astype(self.dtype)
        forward = partial(getattr(cypool, self.function), x, num_threads=1, **self.options)
        if not self.backward:
            return forward
        if "return_indices" not in self.options:
            return partial(getattr(cypool, self.backward), forward(), x.shape, num_threads=1, **self.options)
        y, indices = forward()
        return partial(getattr(cypool, self.backward), y, indices, x.shape, num_threads=1, axis=self.options["axis"])


_THIRD = {"kernel_size": 3, "stride": 2, "padding": 1}
_LAST = {"data_format": "channels_last"}

# Small enough for a simulator, and one for each of the ways through the code that most calls take.
CALLS = {
    "max 2x2, 1x1x8x8": Hot("max_pool2d", (1, 1, 8, 8), "f4", {"kernel_size": 2}),
    "max 2x2, 8x8, any axes": Hot("max_pool", (8, 8), "f4", {"kernel_size": 2}),
    "max 2x2, 16x56x56": Hot("max_pool2d", (16, 56, 56), "f4", {"kernel_size": 2}),
    "max 3x3/2, 16x56x56": Hot("max_pool2d", (16, 56, 56), "f4", _THIRD),
    "max 3x3/2, 64x14x14": Hot("max_pool2d", (64, 14, 14), "f4", _THIRD),
    "max 3x3/2, 56x56x16 NHWC": Hot("max_pool2d", (56, 56, 16), "f4", {**_THIRD, **_LAST}),
    "max 3x3/1, 16x28x28": Hot("max_pool2d", (16, 28, 28), "f4", {**_THIRD, "stride": 1}),
    "max 13x13/1, 16x20x20": Hot("max_pool2d", (16, 20, 20), "f4", {"kernel_size": 13, "stride": 1, "padding": 6}),
    "max 3x3/1, 28x28x16 NHWC": Hot("max_pool2d", (28, 28, 16), "f4", {**_THIRD, "stride": 1, **_LAST}),
    "max 3x3x3/1, 4x16x32x32": Hot("max_pool3d", (4, 16, 32, 32), "f4", {**_THIRD, "stride": 1}),
    "max 2x2x2, 4x16x32x32": Hot("max_pool3d", (4, 16, 32, 32), "f4", {"kernel_size": 2}),
    "max 2x2 with indices, 16x56x56": Hot("max_pool2d", (16, 56, 56), "f4", {
        "kernel_size": 2, "return_indices": True}),
    "max 3x3/2 with indices, 16x56x56": Hot("max_pool2d", (16, 56, 56), "f4", {**_THIRD, "return_indices": True}),
    "max 2x2 uint16, 256x256": Hot("max_pool2d", (256, 256), "u2", {"kernel_size": 2}),
    "avg 2x2, 16x56x56": Hot("avg_pool2d", (16, 56, 56), "f4", {"kernel_size": 2}),
    "avg 15x15/1, 256x256": Hot("avg_pool2d", (256, 256), "f4", {"kernel_size": 15, "stride": 1, "padding": 7}),
    "avg 7x7, 64x7x7": Hot("avg_pool2d", (64, 7, 7), "f4", {"kernel_size": 7}),
    "avg 2x2 uint8, 256x256": Hot("avg_pool2d", (256, 256), "u1", {"kernel_size": 2}),
    "avg 2x2 uint8, 128x128x3": Hot("avg_pool2d", (128, 128, 3), "u1", {"kernel_size": 2, **_LAST}),
    "avg 15x15/1 uint8, 256x256": Hot("avg_pool2d", (256, 256), "u1", {"kernel_size": 15, "stride": 1, "padding": 7}),
    "max 3x3/2 float16, 16x56x56": Hot("max_pool2d", (16, 56, 56), "f2", _THIRD),
    "avg 31x31/1 uint8, 256x256": Hot("avg_pool2d", (256, 256), "u1", {"kernel_size": 31, "stride": 1, "padding": 15}),
    "avg 3x3/2 int32, 16x56x56": Hot("avg_pool2d", (16, 56, 56), "i4", _THIRD),
    "avg 3x3/2 float16, 56x56x16 NHWC": Hot("avg_pool2d", (56, 56, 16), "f2", {**_THIRD, **_LAST}),
    "avg 3x3/2 float16, 16x56x56": Hot("avg_pool2d", (16, 56, 56), "f2", _THIRD),
    "median 3x3 uint8, 126x126": Hot("median_pool", (126, 126), "u1", {"kernel_size": 3}),
    "median 5x5/1 uint8, 128x128": Hot("median_pool", (128, 128), "u1", {"kernel_size": 5, "stride": 1, "padding": 2}),
    "median 15x15/1 uint8, 64x64": Hot("median_pool", (64, 64), "u1", {"kernel_size": 15, "stride": 1, "padding": 7}),
    "mode 8x8x8 uint32, 16x32x32": Hot("mode_pool", (16, 32, 32), "u4", {"kernel_size": 8}),
    "mode 2x2x2 uint32, 16x32x32": Hot("mode_pool", (16, 32, 32), "u4", {"kernel_size": 2}),
    "var 2x2, 16x56x56": Hot("var_pool", (16, 56, 56), "f4", {"kernel_size": 2, "axis": (1, 2)}),
    "lp 2x2, 16x56x56": Hot("lp_pool2d", (16, 56, 56), "f4", {"norm_type": 2, "kernel_size": 2}),
    "logsumexp 2x2, 16x56x56": Hot("logsumexp_pool", (16, 56, 56), "f4", {"kernel_size": 2, "axis": (1, 2)}),
    "adaptive avg 5x5, 16x28x28": Hot("adaptive_avg_pool2d", (16, 28, 28), "f4", {"output_size": 5}),
    "area 256x256 to 100x100": Hot("area_pool", (256, 256), "f4", {"output_size": 100}),
    "max 2x2 backward, 16x56x56": Hot("max_pool", (16, 56, 56), "f4", {
        "kernel_size": 2, "axis": (1, 2), "return_indices": True}, "max_pool_backward"),
    "max 2x2 backward, 4x128x128": Hot("max_pool", (4, 128, 128), "f4", {
        "kernel_size": 2, "axis": (1, 2), "return_indices": True}, "max_pool_backward"),
    "max 2x2 backward, 1x8x8": Hot("max_pool", (1, 8, 8), "f4", {
        "kernel_size": 2, "axis": (1, 2), "return_indices": True}, "max_pool_backward"),
    "max 3x3/2 backward, 8x112x112": Hot("max_pool", (8, 112, 112), "f4", {
        **_THIRD, "axis": (1, 2), "return_indices": True}, "max_pool_backward"),
    "avg 2x2 backward, 16x56x56": Hot("avg_pool", (16, 56, 56), "f4", {"kernel_size": 2, "axis": (1, 2)},
                                      "avg_pool_backward"),
}

# The first call of a kind makes a plan, the second remembers it, and Python needs some to specialise its bytecode.
_WARM_UPS = 10
# A function of the C library that nothing else calls: callgrind writes down what was counted when it is entered. It
# cannot be one that is called by ctypes, whose way into a function hides its name.
_mark, _MARK = os.getppid, "getppid"


def count():
    """{name: instructions} of the CALLS that this cypool has, or None where callgrind is missing."""
    if shutil.which("valgrind") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out")
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", f"--dump-before={_MARK}",
                   sys.executable, __file__, "make the calls"]
        run = subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": "0"}, capture_output=True, text=True)
        if run.returncode != 0:
            raise RuntimeError(f"the calls failed under callgrind:\n{run.stderr[-2000:]}")
        names = run.stdout.splitlines()
        # Part 1 ends at the first mark. Then, for each call: what warms it up, nothing, and the call.
        totals = [_total(out.with_suffix(f".{part}")) for part in range(1, 2 + 3 * len(names))]
        return {name: totals[3 * i + 3] - totals[3 * i + 2] for i, name in enumerate(names)}


def _total(path):
    return int(re.search(r"^totals: (\d+)", path.read_text(), re.MULTILINE).group(1))


def _make_calls():
    calls = {name: hot.call() for name, hot in CALLS.items()}
    gc.disable()
    _mark()
    for name, call in calls.items():
        if call is None:
            continue
        for _ in range(_WARM_UPS):
            call()
        _mark()
        _mark()
        call()
        _mark()
        print(name)


if __name__ == "__main__":
    if "make the calls" in sys.argv:
        _make_calls()
    elif "--json" in sys.argv:
        print(json.dumps(count()))
    else:
        for name, instructions in (count() or {"valgrind is not installed": 0}).items():
            print(f"{name:36} {instructions:>12,}")

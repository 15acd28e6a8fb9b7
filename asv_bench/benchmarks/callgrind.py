"""Instructions of hot calls, as callgrind counts them: the same number on any day and under any load.

    cd asv_bench && python -m benchmarks.callgrind

prints them for the cypool that is imported. What counts is compiled code from its entry on, in a call like an earlier
one, on one thread.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# Small enough for a simulator, and one for each way through the code that has a figure in docs/performance.md.
CALLS = {
    "max 2x2, 1x1x8x8": ("max_pool2d", (1, 1, 8, 8), "f4", {"kernel_size": 2}),
    "max 2x2, 16x56x56": ("max_pool2d", (16, 56, 56), "f4", {"kernel_size": 2}),
    "max 3x3/2, 16x56x56": ("max_pool2d", (16, 56, 56), "f4", {"kernel_size": 3, "stride": 2, "padding": 1}),
    "max 3x3/2, 56x56x16 NHWC": ("max_pool2d", (56, 56, 16), "f4", {
        "kernel_size": 3, "stride": 2, "padding": 1, "data_format": "channels_last"}),
    "max 3x3/1, 16x28x28": ("max_pool2d", (16, 28, 28), "f4", {"kernel_size": 3, "stride": 1, "padding": 1}),
    "max 13x13/1, 16x20x20": ("max_pool2d", (16, 20, 20), "f4", {"kernel_size": 13, "stride": 1, "padding": 6}),
    "max 2x2 with indices, 16x56x56": ("max_pool2d", (16, 56, 56), "f4", {"kernel_size": 2, "return_indices": True}),
    "avg 2x2, 16x56x56": ("avg_pool2d", (16, 56, 56), "f4", {"kernel_size": 2}),
    "avg 15x15/1, 256x256": ("avg_pool2d", (256, 256), "f4", {"kernel_size": 15, "stride": 1, "padding": 7}),
    "avg 7x7, 64x7x7": ("avg_pool2d", (64, 7, 7), "f4", {"kernel_size": 7}),
    "avg 2x2 uint8, 256x256": ("avg_pool2d", (256, 256), "u1", {"kernel_size": 2}),
    "avg 2x2 uint8, 128x128x3": ("avg_pool2d", (128, 128, 3), "u1", {
        "kernel_size": 2, "data_format": "channels_last"}),
    "avg 15x15/1 uint8, 256x256": ("avg_pool2d", (256, 256), "u1", {"kernel_size": 15, "stride": 1, "padding": 7}),
    "max 3x3/2 float16, 16x56x56": ("max_pool2d", (16, 56, 56), "f2", {"kernel_size": 3, "stride": 2, "padding": 1}),
    "avg 3x3/2 float16, 16x56x56": ("avg_pool2d", (16, 56, 56), "f2", {"kernel_size": 3, "stride": 2, "padding": 1}),
}
# The first call of a kind makes a plan, and the second remembers it.
_TIMES = 3


def count():
    """{name: instructions} of all CALLS, or None where callgrind or the name of the entry is missing."""
    import cypool._call

    entry = re.search(rb"__pyx_pw_\w*5Calls_\d*pool", Path(cypool._call.__file__).read_bytes())
    if shutil.which("valgrind") is None or entry is None:
        return None
    entry = entry.group().decode()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out")
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--collect-atstart=no",
                   f"--toggle-collect={entry}", f"--dump-after={entry}", sys.executable, __file__, "make the calls"]
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": "0"}, check=True, capture_output=True)
        return {name: _total(out.with_suffix(f".{_TIMES * (i + 1)}")) for i, name in enumerate(CALLS)}


def _total(path):
    return int(re.search(r"^totals: (\d+)", path.read_text(), re.MULTILINE).group(1))


def _make_calls():
    import numpy as np

    import cypool

    rng = np.random.default_rng(0)
    for function, shape, dtype, options in CALLS.values():
        x = (rng.random(shape) * 200).astype(dtype)
        for _ in range(_TIMES):
            getattr(cypool, function)(x, num_threads=1, **options)


if __name__ == "__main__":
    if sys.argv[1:]:
        _make_calls()
    else:
        for name, instructions in (count() or {"valgrind is not installed": 0}).items():
            print(f"{name:36} {instructions:>12,}")

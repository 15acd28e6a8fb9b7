"""Measure the project's own history: commits evenly spread from the first to the last, each in its own environment.

    pip install ".[bench]" && python asv_bench/history.py --machine cloud-2core

What every commit runs takes about a minute beside its build: instructions of hot calls, copies and peak memory of some
cases, import and size. How time grows with windows and falls with threads is measured on the last commit alone. What
a commit has results for already is not run again. `python asv_bench/dashboard` shows the results.
"""

import argparse
import os
import platform
import tempfile
from pathlib import Path

from asv.commands.run import Run
from asv.config import Config
from asv.machine import Machine, MachineCollection
from asv.repo import get_repo

HERE = Path(__file__).parent
COPIES = (
    "tiny 8", "stem NCHW", "stem NHWC", "VGG NCHW", "GoogLeNet NCHW", "Inception NHWC", "DenseNet NCHW", "global NCHW",
    "SPP 9", "audio avg", "series max f32", "3-D U-Net", "camera grey avg", "camera colour avg", "light sheet avg",
    "binning 4 f32", "morphology 31 f32", "blur 31 f32", "half avg NCHW",
)
MEMORY = ("VGG NCHW", "light sheet avg", "morphology 31 f32")
EVERY_COMMIT = (
    r"^pooling\.Instructions\.", r"^package\.",
    *(rf"^pooling\.Floor\.track_copies\('{case}'\)" for case in COPIES),
    *(rf"^pooling\.Forward\.peakmem_pool\('{case}'\)" for case in MEMORY),
)
# Before it, pyproject.toml named a folder that was not there yet.
FIRST_BUILT = "52622a5"
LAST_COMMIT = (r"^scaling\.",)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--machine", default=f"{platform.machine()}-{os.cpu_count()}core",
                        help="name that the results go by (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=12, help="commits to measure (default: %(default)s)")
    parser.add_argument("--commits", nargs="+", metavar="COMMIT", help="these commits instead")
    options = parser.parse_args()
    # Paths in the configuration start here.
    os.chdir(HERE)
    conf = Config.load()
    repo = get_repo(conf)
    if options.commits:
        commits = [repo.get_hash_from_name(name) for name in options.commits]
    else:
        commits = spread(repo.get_hashes_from_range(f"{FIRST_BUILT}^..HEAD"), options.steps)
    with tempfile.TemporaryDirectory() as folder:
        machines = Path(folder, "machines.json")
        MachineCollection.save(options.machine, described(options.machine), _path=str(machines))
        run = {"conf": conf, "machine": options.machine, "_machine_file": str(machines), "skip_successful": True,
               "show_stderr": True}
        # The last commit first, and first of all commits again: it is built once.
        status = Run.run(range_spec=commits[:1], bench=list(LAST_COMMIT), **run)
        return Run.run(range_spec=commits, bench=list(EVERY_COMMIT), **run) or status


def spread(commits, n):
    """n commits at even distances, the first and the last among them."""
    n = min(n, len(commits))
    return [commits[i * (len(commits) - 1) // max(1, n - 1)] for i in range(n)]


def described(name):
    """What asv keeps of a machine; the system's release is left out, since it may name a provider."""
    return {**Machine.get_defaults(), "machine": name, "os": platform.system()}


if __name__ == "__main__":
    raise SystemExit(main())

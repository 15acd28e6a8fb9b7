"""Small results of a project with a short history, as asv and compare.py would have left them."""

import itertools
import json
import subprocess
from types import SimpleNamespace

from asv.benchmarks import Benchmarks
from asv.results import Results
from asv.util import write_json

SUBJECTS = ("The first", "Faster maxima", "A slip: <b>maxima</b> & more", "Mended")
# A commit that is not in the repository, as in a shallow clone.
UNKNOWN = "f" * 40

CALLS = ("max 2x2", "avg 2x2")
CASES = ("tiny 8", "stem NCHW", "layout [::2, ::-1]")
WIDTHS = (3, 9, 31)
# {benchmark: (type, unit, parameters, [a value for each of the parameters' products] for each commit)}; None: skipped.
BENCHMARKS = {
    "pooling.Instructions.track_instructions": ("track", "instructions", [CALLS], [
        [None, None], [1000, 500], [800, 500], [1200, 501], [800, 501]]),
    "pooling.Floor.track_copies": ("track", "copies", [CASES], [
        [9.0, 3.0, None], [8.0, 2.5, 4.0], [7.0, 2.0, 3.0], [7.5, 2.2, 3.5], [7.0, 1.5, 3.0]]),
    "pooling.Forward.peakmem_pool": ("peakmemory", "bytes", [("VGG NCHW",)], [[6e7], [6e7], [5e7], [5e7], [5e7]]),
    "package.Import.track_over_numpy": ("track", "times", [], [[1.5], [1.5], [1.4], [1.3], [1.25]]),
    "package.Size.track_wheel": ("track", "bytes", [], [[1e6], [1e6], [2e6], [2e6], [2.5e6]]),
    "package.Size.track_installed": ("track", "bytes", [], [[3e6], [3e6], [5e6], [5e6], [6e6]]),
    "scaling.Threads.time_pool": ("time", "seconds", [CASES[:2], (1, 2, 4)], [
        None, None, None, None, [8e-6, 8e-6, None, 4e-4, 2e-4, None]]),
    "scaling.Windows.time_million_outputs": ("time", "seconds", [("max", "avg"), ("float32",), WIDTHS], [
        None, None, None, None, [1e-3, 1.2e-3, 1.5e-3, 2e-3, 2e-3, 2.5e-3]]),
}
COMPARISON = {"machine": "A CPU", "threads": 1, "numpy": "2.0.0", "versions": {"PyTorch": "2.13.0"}, "cases": [
    {"case": "tiny 8", "operation": "max", "dtype": "f4", "layout": "channels first", "shape": [1, 1, 8, 8],
     "bytes": 320, "seconds": {"floor": 1e-7, "cypool": 8e-7, "fresh": 9e-7, "PyTorch": 3e-6}, "differs": {}},
    {"case": "stem NHWC", "operation": "max", "dtype": "f4", "layout": "channels last", "shape": [1, 112, 112, 64],
     "bytes": 4014080, "seconds": {"floor": 2e-4, "cypool": 3e-4, "fresh": 4e-4, "PyTorch": 6e-4, "JAX": 9e-3},
     "differs": {"JAX": "differs by 0.5"}},
    {"case": "blur u8", "operation": "avg", "dtype": "u1", "layout": "all axes pooled", "shape": [2048, 2048],
     "bytes": 8388608, "seconds": {"floor": 4e-4, "cypool": 3e-3, "fresh": 3e-3, "JAX": 1e-3}, "differs": {}},
    {"case": "stem gradient", "operation": "max gradient", "dtype": "f4", "layout": "channels first",
     "shape": [1, 64, 112, 112], "bytes": 4014080, "seconds": {"floor": 2e-4, "cypool": 1e-3, "fresh": 1e-3},
     "differs": {}},
]}


def write(folder):
    """The configuration, and the file of the comparison."""
    hashes = history(folder / "repository")
    config = {"version": 1, "project": "fixture", "project_url": "../index.html", "repo": "repository",
              "dvcs": "git", "branches": ["HEAD"], "results_dir": "results"}
    (folder / "asv.conf.json").write_text(json.dumps(config))
    (folder / "comparison.json").write_text(json.dumps(COMPARISON))
    for name, commits in (("a machine", [UNKNOWN, *hashes]), ("another machine", hashes[:1])):
        machine_results(folder / "results", name, commits)
    write_json(str(folder / "results" / "benchmarks.json"), {name: benchmark(name) for name in BENCHMARKS},
               Benchmarks.api_version)
    return folder / "asv.conf.json", folder / "comparison.json"


def machine_results(results, name, commits):
    """A machine, and a file of results for each commit."""
    machine = {"machine": name, "os": "Linux", "arch": "x86_64", "cpu": "A CPU", "num_cpu": "2", "ram": "8"}
    write_json(str(results / name / "machine.json"), machine, 1)
    for place, commit in enumerate(commits):
        result = Results(machine, {}, commit, 1_700_000_000_000 + 86_400_000 * place, "3.11", "py3.11", {})
        for key, (_, _, parameters, values) in BENCHMARKS.items():
            if values[place]:
                n = len(list(itertools.product(*parameters)))
                result.add_result(benchmark(key), SimpleNamespace(
                    result=[float("nan") if value is None else value for value in values[place]], samples=[None] * n,
                    number=[None] * n, stderr="", errcode=0, profile=None))
        result.save(str(results))


def benchmark(name):
    """What asv keeps of a benchmark; parameters as Python would write them."""
    kind, unit, parameters, _ = BENCHMARKS[name]
    return {"name": name, "type": kind, "unit": unit, "version": "1", "code": "", "timeout": 60.0,
            "params": [[repr(value) for value in each] for each in parameters],
            "param_names": [f"param{i}" for i in range(len(parameters))]}


def history(repository):
    """A repository with one empty commit for each subject; their hashes."""
    repository.mkdir()
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]

    def git(*arguments):
        return subprocess.run(["git", *identity, *arguments], cwd=repository, check=True, capture_output=True,
                              text=True).stdout.strip()

    git("init", "-q")
    hashes = []
    for subject in SUBJECTS:
        git("commit", "-q", "--allow-empty", "-m", subject)
        hashes.append(git("rev-parse", "HEAD"))
    return hashes

"""The whole grid, and its gradients, against every peer that is installed, and the floor: a copy of as many bytes.

    pip install ".[peers]" && python asv_bench/compare.py

Each case checks that the peers give the same numbers before it times them, in one process, interleaved, on as many
threads as --threads says. It prints a table, and writes comparison.json and comparison.png beside it.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import NamedTuple

import numpy as np

HERE = Path(__file__).parent
# A peer that takes longer than this many seconds is timed by its first call alone.
SLOW = 1.5
# Calls that take less than so many seconds are made just before they are timed, too, which also wakes threads.
WARMED = 0.05
# Between calls it is looked for so many seconds, and at most so many times, whether a thread is still busy.
PAUSE = 1e-3
MOST_PAUSES = 200
# Some peers read every tap of every window; with more than this many that takes minutes.
MOST_TAPS = 5e9
sys.path.insert(0, str(HERE))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1, help="threads of cypool and of the peers (default: 1)")
    parser.add_argument("--only", default="", metavar="TEXT", help="only cases whose name contains this")
    parser.add_argument("--quick", action="store_true", help="a few calls a case, to see that it runs")
    parser.add_argument("--output", type=Path, default=HERE / "comparison", help="files to write, without suffix")
    options = parser.parse_args()
    # Before the peers are imported.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(options.threads)
    if hasattr(os, "sched_setaffinity"):
        # Not every peer can be told how many threads to use.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:options.threads])

    from benchmarks.family import CALLS
    from benchmarks.grid import CASES, GRADIENTS
    from cpuinfo import get_cpu_info
    from peers import peers
    from tqdm import tqdm

    import cypool

    cypool.set_num_threads(options.threads)
    found = peers(options.threads)
    print("peers:", ", ".join(peer.name for peer in found) or "none; pip install \".[peers]\"")
    tasks = {name: partial(forward, case) for name, case in CASES.items()}
    tasks |= {f"{name} gradient": partial(backward, case) for name, case in GRADIENTS.items()}
    tasks |= {name.replace("_", " "): partial(beside, name, make) for name, make in CALLS.items()}
    tasks = {name: task for name, task in tasks.items() if options.only.lower() in name.lower()}
    results = [{"case": name, **measured(task(found), options.quick)}
               for name, task in tqdm(tasks.items(), desc="cases", unit="case")]
    print(table(results, [peer.name for peer in found]))
    machine = {"machine": get_cpu_info().get("brand_raw") or platform.machine(), "threads": options.threads,
               "numpy": np.__version__, "versions": versions(found)}
    options.output.with_suffix(".json").write_text(json.dumps({**machine, "cases": results}, indent=1) + "\n")
    if results:
        draw(results, options.output.with_suffix(".png"), options.threads)


def versions(found):
    """Of the peers, by their names; OpenCV's module, for one, comes from several distributions."""
    distributions = packages_distributions()
    return {peer.name: version(distributions[peer.module][0]) for peer in found}


class Task(NamedTuple):
    """What is measured: a call of cypool, and the peers' calls that should give the same."""

    kind: dict[str, object]             # operation, dtype, layout and shape
    call: Callable[..., np.ndarray]
    n_bytes: int                        # of the input
    peer_calls: dict[object, Callable[[], object] | None]
    n_taps: int = 1
    border: int = 0                     # outputs at each end of an axis that peers may make of something else


def forward(case, found):
    """A case of the grid."""
    x = case.array()
    kind = {"operation": case.op, "dtype": case.dtype, "layout": case.layout(), "shape": case.shape}
    peer_calls = {peer: peer.call(case, x) for peer in found if case.op in peer.operations}
    # Medians at borders are of repeated elements, or not.
    border = case.kernel if case.op == "median" and case.stride == 1 else 0
    return Task(kind, partial(case.function(), x, **case.arguments()), x.nbytes, peer_calls, case.n_taps(), border)


def backward(case, found):
    """Its gradient."""
    from benchmarks.grid import Gradient

    x = case.array()
    gradient = Gradient.of(case, x)
    kind = {"operation": f"{case.op} gradient", "dtype": case.dtype, "layout": case.layout(), "shape": case.shape}
    n_bytes = gradient.gradient.nbytes + (0 if gradient.indices is None else gradient.indices.nbytes)
    peer_calls = {peer: peer.gradient(gradient, x) for peer in found if hasattr(peer, "gradient")}
    return Task(kind, gradient, n_bytes, peer_calls, case.n_taps())


def beside(name, make, found):
    """An operation that the grid has no case for."""
    call = make()
    x = call.array
    kind = {"operation": name.replace("_", " "), "dtype": f"{x.dtype.kind}{x.itemsize}",
            "layout": "channels first" if x.ndim == 4 else "all axes pooled", "shape": x.shape}
    peer_calls = {peer: peer.family(name, call) for peer in found if hasattr(peer, "family")}
    return Task(kind, call, sum(each.nbytes for each in call.arguments if isinstance(each, np.ndarray)), peer_calls)


def measured(task, quick):
    """Seconds of the floor, of cypool and of each peer that has the case; and who disagrees."""
    expected, out = task.call(), task.call()
    n_bytes = task.n_bytes + out.nbytes
    source, target = np.ones(n_bytes // 2, np.uint8), np.ones(n_bytes // 2, np.uint8)
    calls = {"floor": lambda: np.copyto(target, source), "cypool": lambda: task.call(out=out), "fresh": task.call}
    differs, slow = {}, {}
    for peer, peer_call in task.peer_calls.items():
        if peer_call is None:
            continue
        if peer.reads_every_tap and out.size * task.n_taps > MOST_TAPS:
            differs[peer.name] = "reads every tap of every window: minutes"
            continue
        try:
            begin = time.perf_counter()
            with np.errstate(invalid="ignore"):
                result = np.asarray(peer_call())
            first = time.perf_counter() - begin
        except Exception as error:  # whatever a library raises for what it does not have
            differs[peer.name] = f"cannot: {str(error).splitlines()[0][:60]}"
            continue
        difference = disagreement(result, expected, task)
        if difference:
            differs[peer.name] = f"differs {difference}"
        if first > SLOW:
            slow[peer.name] = first
        else:
            calls[peer.name] = peer_call
    seconds = {**timed(calls, 0.05 if quick else 0.4), **slow}
    return {**task.kind, "bytes": n_bytes, "seconds": seconds, "differs": differs}


def disagreement(actual, expected, task):
    """What is different about a peer's result, or None."""
    if actual.size != expected.size:
        return f"{actual.size} outputs, not {expected.size}"
    actual = actual.reshape(expected.shape).astype("f8")
    if task.border:
        inside = (slice(task.border, -task.border),) * expected.ndim
        actual, expected = actual[inside], expected[inside]
    error = np.abs(actual - expected.astype("f8"))
    # Windows of which nothing is left are NaN.
    error = error[~(np.isnan(actual) & (expected != expected))].max()
    # Peers round integer means their own way, and 16-bit floats at other places.
    allowed = 1 if expected.dtype in (np.uint8, np.uint16) else {"f2": 2e-2, "bf16": 2e-1}.get(task.kind["dtype"], 1e-3)
    return None if error <= allowed else f"by {error:.3g}"


def timed(calls, budget):
    """The 25th percentile of interleaved runs, in seconds; at least three runs."""
    runs = {name: [] for name in calls}
    # Of short calls as many at once as take a fifth of a millisecond, or the clock would be measured.
    times = {name: min(100, max(1, int(2e-4 / min(once(call, 1) for _ in range(3))))) for name, call in calls.items()}
    left = budget
    rng = np.random.default_rng(0)
    while left > 0 or len(runs["floor"]) < 3:
        # In another order each time: what runs after a floor finds less of its input in the cache than what runs after
        # a peer, and one call does not make up for it.
        for name in rng.permutation(list(calls)):
            call = calls[name]
            wait_for_threads()
            begin = time.perf_counter()
            if not runs[name] or min(runs[name]) < WARMED:
                once(call, times[name] + 2)
            runs[name].append(once(call, times[name]))
            left -= time.perf_counter() - begin
    return {name: float(np.percentile(times, 25)) for name, times in runs.items()}


def wait_for_threads():
    """Return when no thread of this process is busy: some peers' look for work for up to 30 ms after a call, on the
    cores that the next one would need."""
    for _ in range(MOST_PAUSES):
        end = time.perf_counter() + PAUSE
        others = time.process_time() - time.thread_time()
        # Not asleep: a processor that rested is slow for a while.
        while time.perf_counter() < end:
            pass
        if time.process_time() - time.thread_time() - others < PAUSE / 4:
            return


def once(call, times):
    """Seconds of a call, made so many times."""
    begin = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - begin) / times


def table(results, names):
    """Text: time and speed of cypool into an output that is there, that and the time into a fresh one as multiples of
    the floor, and how many times as long as the latter each peer takes: peers make a fresh one, too."""
    lines = [f"{'case':26} {'us':>9} {'GB/s':>6} {'floor x':>8} {'fresh x':>8} "
             + " ".join(f"{name[:11]:>11}" for name in names)]
    for result in results:
        seconds = result["seconds"]
        mine = seconds["cypool"]
        cells = [f"{seconds[name] / seconds['fresh']:10.1f}x" if name in seconds else " " * 11 for name in names]
        marks = " ".join(f"[{name} {how}]" for name, how in result["differs"].items())
        lines.append(f"{result['case']:26} {mine * 1e6:9.1f} {result['bytes'] / mine / 1e9:6.1f} "
                     f"{mine / seconds['floor']:8.2f} {seconds['fresh'] / seconds['floor']:8.2f} "
                     + " ".join(cells) + f" {marks}")
    return "\n".join(lines)


def draw(results, path, threads):
    """A chart: for each case how long cypool and the best peer take, as multiples of a copy."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(9, 1.6 + 0.24 * len(results)), layout="constrained")
    rows = np.arange(len(results))
    for name, color, label in (("fresh", "lightsteelblue", "cypool, into a new array as peers do"),
                               ("cypool", "tab:blue", "cypool, into out=")):
        times = [result["seconds"][name] / result["seconds"]["floor"] for result in results]
        axes.barh(rows, times, color=color, label=label, height=0.7)
    for row, result in zip(rows, results):
        peers = {name: value for name, value in result["seconds"].items() if name not in ("floor", "cypool", "fresh")}
        for name, value in peers.items():
            best = value == min(peers.values())
            axes.plot(value / result["seconds"]["floor"], row, "o" if best else ".", color="tab:orange",
                      alpha=1 if best else 0.35)
            if best:
                axes.annotate(name, (value / result["seconds"]["floor"], row), xytext=(6, -3),
                              textcoords="offset points", fontsize=7)
    axes.plot([], [], "o", color="tab:orange", label="best peer (others small)")
    axes.axvline(1, color="black", linewidth=1, label="a copy of as many bytes")
    axes.set(xscale="log", yticks=rows, yticklabels=[result["case"] for result in results], ylim=(len(results), -1),
             xlabel="time, in copies of as many bytes (left is faster)",
             title=f"Pooling on {threads} thread{'s' if threads > 1 else ''}")
    axes.tick_params(axis="y", labelsize=8)
    axes.legend(loc="lower right", fontsize=8)
    figure.savefig(path, dpi=110)
    plt.close(figure)


if __name__ == "__main__":
    main()

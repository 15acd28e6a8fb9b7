"""What the front page draws, from the results that asv keeps."""

import ast
import itertools
import math
import subprocess

from asv.benchmarks import Benchmarks
from asv.machine import iter_machine_files
from asv.results import iter_results
from asv.util import load_json

# What is drawn over the commits: names of benchmarks, by the metric that they measure.
METRICS = {
    "copies": ("pooling.Floor.track_copies",),
    "instructions": ("pooling.Instructions.track_instructions",),
    "memory": ("pooling.Forward.peakmem_pool",),
    "import": ("package.Import.track_over_numpy",),
    "size": ("package.Size.track_wheel", "package.Size.track_installed"),
}
THREADS = "scaling.Threads.time_pool"
WINDOWS = "scaling.Windows.time_million_outputs"


def subjects(repository):
    """{hash: subject} of HEAD and what it descends from, oldest first."""
    command = ["git", "log", "--date-order", "--reverse", "--format=%H%x09%s", "HEAD"]
    log = subprocess.run(command, cwd=repository, check=True, capture_output=True, text=True).stdout
    return dict(line.split("\t", 1) for line in log.splitlines())


def measured(conf, known):
    """For each machine its description, commits in order, and values of each metric for each of them."""
    benchmarks = Benchmarks.load(conf)
    order = {commit: place for place, commit in enumerate(known)}
    by_machine = {}
    for result in iter_results(conf.results_dir):
        by_machine.setdefault(result.params["machine"], []).append(result)
    machines = []
    for path in sorted(iter_machine_files(conf.results_dir)):
        machine = load_json(path)
        results = by_machine.get(machine["machine"], [])
        # Commits that a shallow clone has not are the oldest, and still have a date.
        results.sort(key=lambda each: (order.get(each.commit_hash, -1), each.date))
        found = histories(results, benchmarks, known)
        if found["commits"]:
            machines.append({**machine, **found})
    return sorted(machines, key=lambda machine: -len(machine["commits"]))


def histories(results, benchmarks, known):
    """One machine's commits and series."""
    tables = {each: {name: values(each, name, benchmarks) for name in each.get_result_keys(benchmarks)}
              for each in results}
    # Where a commit could not be built, asv keeps results without values.
    tables = {each: table for each, table in tables.items() if any(table.values())}
    commits = [{"hash": each.commit_hash, "date": each.date, "subject": known.get(each.commit_hash, "")}
               for each in tables]
    tables = list(tables.values())
    series = {metric: over_commits(tables, names, metric) for metric, names in METRICS.items()}
    return {"commits": commits, "series": series, "threads": newest(tables, THREADS),
            "windows": newest(tables, WINDOWS)}


def values(result, name, benchmarks):
    """{parameters: value} of a benchmark in one commit; without what was skipped or failed."""
    parameters = benchmarks[name]["params"]
    found = result.get_result_value(name, parameters)
    # asv keeps parameters as Python would write them.
    names = [tuple(map(ast.literal_eval, each)) for each in itertools.product(*parameters)]
    return {each: value for each, value in zip(names, found) if value is not None and not math.isnan(value)}


def over_commits(tables, names, metric):
    """[{name, values}], a value for each commit or None; named by parameters, or by what tells benchmarks apart."""
    found = []
    for name in names:
        label = name.rsplit("_", 1)[-1] if len(names) > 1 else metric
        for parameters in dict.fromkeys(itertools.chain(*(table.get(name, {}) for table in tables))):
            found.append({"name": " ".join(map(str, parameters)) or label,
                          "values": [table.get(name, {}).get(parameters) for table in tables]})
    return found


def newest(tables, name):
    """The last commit that has this benchmark, and [parameters, value] of it; or None."""
    for place in range(len(tables) - 1, -1, -1):
        if tables[place].get(name):
            return {"commit": place, "values": [[list(each), value] for each, value in tables[place][name].items()]}
    return None

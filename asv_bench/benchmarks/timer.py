"""Times hot calls for the gate: reads the name of a call from each line of input, and writes seconds."""

import sys
import time

from .callgrind import CALLS

# Seconds that one answer may take.
_BUDGET = 2e-3


def main():
    calls, times = {}, {}
    for line in sys.stdin:
        name = line.rstrip("\n")
        if name not in calls:
            calls[name] = CALLS[name].call()
            times[name] = max(1, int(_BUDGET / min(_seconds(calls[name], 1) for _ in range(10))))
        print(_seconds(calls[name], times[name]), flush=True)


def _seconds(call, times):
    begin = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - begin) / times


if __name__ == "__main__":
    main()

"""How many threads a call uses."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cypool import _arguments
from cypool._openmp import VERSION as OPENMP

if TYPE_CHECKING:
    from cypool._engine.run import Plan
    from cypool._typing import Int

# Work that one thread does in less than this is not worth waking others for: a fork and join of OpenMP's threads
# takes 1 to 3 us when they spin and 10 to 50 us when they sleep.
SERIAL_NS = 50_000

# Where other processes keep the processors busy, a call on several threads waits for the last of them to get its turn,
# which may take ten times as long as the work. After such a call the next one is made on one thread, and if several
# are no better then, the next 3, 7, ... of them.
MOST_RESTS = 255

_rests_left = 0
_rests = 0

_process_setting: int | None = None
_forked = False


def set_num_threads(n: Int | None) -> None:
    """Set how many threads calls of this process use.

    Parameters
    ----------
    n : int or None
        At least 1. None goes back to the environment (CYPOOL_NUM_THREADS, then OMP_NUM_THREADS), and without
        it to the cores that this process may use.

    Raises
    ------
    ValueError, TypeError
        If n is not a positive int.

    Examples
    --------
    >>> import cypool
    >>> cypool.set_num_threads(1)
    >>> cypool.get_num_threads()
    1
    >>> cypool.set_num_threads(None)
    """
    global _process_setting
    _process_setting = None if n is None else _arguments.positive("n", n)


def get_num_threads() -> int:
    """The number of threads that a large call uses, unless it is told otherwise.

    Returns
    -------
    int
        1 where cypool was built without OpenMP, and in a process that was forked.

    Examples
    --------
    >>> import cypool
    >>> cypool.get_num_threads() >= 1
    True
    """
    if _forked or not OPENMP:
        return 1
    return _process_setting or _from_environment() or _cores()


def for_call(plan: Plan, num_threads: int | None) -> int:
    """The number of threads for a call; `num_threads` is its argument, checked."""
    global _rests_left
    if plan.cost < SERIAL_NS:
        return 1
    if num_threads is None and _rests_left > 0:
        _rests_left -= 1
        return 1
    return worth(plan.cost, num_threads or get_num_threads())


def note(held_up: bool) -> None:
    """Take note whether a call on as many threads as seemed right was held up."""
    global _rests, _rests_left
    _rests = min(2 * _rests + 1, MOST_RESTS) if held_up else 0
    _rests_left = _rests


def worth(cost: float, wanted: int) -> int:
    """How many of the wanted threads work of `cost` ns is worth."""
    if cost < SERIAL_NS or _forked or not OPENMP:
        return 1
    # Where a thread cannot be made, libgomp ends the process.
    return min(wanted, int(cost // (SERIAL_NS // 2)), 4 * _cores() + 60)


def _from_environment() -> int | None:
    value = os.environ.get("CYPOOL_NUM_THREADS", "").strip()
    if value:
        if not value.isdecimal() or int(value) == 0:
            raise ValueError(f"CYPOOL_NUM_THREADS must be a positive int, got {value!r}")
        return int(value)
    # Not ours to check, and it may be a list, one number for each level of nesting.
    value = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    return int(value) if value.isdecimal() and int(value) > 0 else None


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _stay_serial() -> None:
    """libgomp's threads do not survive a fork, and its next parallel region in the child would wait for them."""
    global _forked
    _forked = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_stay_serial)

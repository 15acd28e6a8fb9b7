"""Which copy of the kernels runs: the best that this processor and its operating system support.

The environment variable CYPOOL_ISA forces one. A copy that is not there, cannot run here or fails to import is an
ImportError, never a silent fallback. Its modules are imported when they are first needed.
"""

from __future__ import annotations

import os
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, cast

from cypool._cpu import supports

if TYPE_CHECKING:
    from cypool._kernels.tables import Kernels

# From the best to the one that runs everywhere.
_COPIES = ("avx512", "avx2", "baseline")
_MODULES = ("combine", "folds", "direct", "strips", "columns", "means", "keys", "addends", "sums", "moves", "order",
            "few", "medians", "histograms", "norms", "powers", "moments", "scaled", "planes", "winners", "ranks",
            "pairs", "places", "collects", "halves", "widths", "turns")

# Of a copy, modules that another one lends.
_LENT = {("avx512", module): "avx2" for module in (
    "means", "moments", "scaled", "halves", "histograms", "norms", "planes", "ranks", "places", "collects", "widths",
    "turns", "strips", "columns")}

# Modules that one copy alone has; others have None in their place.
_ONLY = {"slim": "avx512", "wide_strips": "avx512", "wide_rows": "avx512", "wide_words": "avx512",
         "wide_bytes": "avx512", "wide_chains": "avx512", "wide_collects": "avx512"}

_current: Kernels


class _Copy:
    """A copy of the kernels; its modules are attributes."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __getattr__(self, module: str) -> Any:
        if module in _ONLY and self.name != _ONLY[module]:
            return None
        if module not in (*_MODULES, *_ONLY):
            raise AttributeError(f"no kernel module {module!r}")
        loaded = import_module(f"cypool._kernels.{_LENT.get((self.name, module), self.name)}.{module}")
        setattr(self, module, loaded)
        return loaded


def usable() -> list[str]:
    """Names of the copies that are in this build and can run here, the best first. None is imported for that."""
    return [name for name in _COPIES if supports(name) and find_spec(f"cypool._kernels.{name}.combine")]


def load(name: str) -> Kernels:
    """A copy of the kernels, after the check that it can run."""
    if name not in _COPIES:
        raise ImportError(f"CYPOOL_ISA must be one of {', '.join(_COPIES)}, got {name!r}")
    if not supports(name):
        raise ImportError(f"CYPOOL_ISA={name!r} cannot be used: this processor or operating system lacks it")
    try:
        import_module(f"cypool._kernels.{name}.combine")
    except ModuleNotFoundError as error:
        raise ImportError(f"CYPOOL_ISA={name!r} cannot be used: this build of cypool has no such copy") from error
    return cast("Kernels", _Copy(name))


def use(name: str) -> None:
    """Make a copy the current one; plans that were made before keep theirs."""
    global _current
    _current = load(name)


def kernels() -> Kernels:
    """The current copy."""
    return _current


def _at_import() -> None:
    forced = os.environ.get("CYPOOL_ISA")
    if forced:
        use(forced)
        return
    names = usable()
    if not names:
        raise ImportError("cypool was built without kernels for this processor")
    use(names[0])


_at_import()

"""What this installation is made of, for bug reports."""

from __future__ import annotations

import platform
from typing import TypedDict

import numpy as np

from cypool import _isa, _openmp, _threads

__version__ = "0.1.0"


class Configuration(TypedDict):
    """What `show_config` gives."""

    cypool: str
    numpy: str
    python: str
    machine: str
    isa: str
    isa_usable: list[str]
    openmp: int | None
    num_threads: int


def show_config() -> Configuration:
    """Print the version, the instruction set in use, OpenMP and the number of threads; give them as a dict.

    Returns
    -------
    dict
        Keys "cypool", "numpy", "python", "machine", "isa" (in use), "isa_usable", "openmp" (the date of the
        standard, or None for a serial build) and "num_threads".

    Examples
    --------
    >>> import cypool
    >>> config = cypool.show_config()  # doctest: +ELLIPSIS
    cypool: ...
    >>> config["isa"] in config["isa_usable"]
    True
    """
    config: Configuration = {
        "cypool": __version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "isa": _isa.kernels().name,
        "isa_usable": _isa.usable(),
        "openmp": _openmp.VERSION or None,
        "num_threads": _threads.get_num_threads(),
    }
    for name, value in config.items():
        print(f"{name}: {', '.join(config['isa_usable']) if name == 'isa_usable' else value}")
    return config

"""Commits from before a function, or an option, existed: their benchmarks are skipped, not failed."""

from contextlib import contextmanager

import cypool


@contextmanager
def skipped_where_missing():
    """asv skips a benchmark whose setup raises NotImplementedError."""
    try:
        yield
    except AttributeError as error:
        if error.obj is not cypool:
            raise
        raise NotImplementedError(f"cypool has no {error.name}") from error
    except TypeError as error:
        if "unexpected keyword argument" not in str(error):
            raise
        raise NotImplementedError(f"cypool's {error}") from error

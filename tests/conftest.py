"""Fixtures: every copy of the kernels that this machine can run, threads and blocks that would not be met otherwise."""

import pytest

from cypool import _cutting, _isa, _pooling
from cypool._engine import across, slim


@pytest.fixture
def eager_threads(monkeypatch):
    """Threads even where they do not pay."""
    monkeypatch.setattr("cypool._threads.worth", lambda cost, wanted: wanted)
    monkeypatch.setattr("cypool._threads.SERIAL_NS", 0)
    monkeypatch.setattr(_pooling.calls, "serial_ns", 0.0)


@pytest.fixture(params=_isa.usable())
def isa(request):
    """Run the test with this copy of the kernels."""
    before = _isa.kernels().name
    _isa.use(request.param)
    _pooling.forget()
    yield request.param
    _isa.use(before)
    _pooling.forget()


@pytest.fixture(params=[1, 7, 60, 2**17])
def block(request, monkeypatch):
    """Masked and weighted calls in blocks of so many elements."""
    monkeypatch.setattr(_cutting, "BLOCK", request.param)
    return request.param


@pytest.fixture
def taken(monkeypatch):
    """The views of planes that are pooled side by side."""
    views = []

    def across_plan(view, *args):
        views.append(view)
        return plain(view, *args)

    monkeypatch.setattr(slim, "goes_slim", lambda *args: False)
    plain = across.across_plan
    monkeypatch.setattr(across, "across_plan", across_plan)
    _pooling.forget()
    return views

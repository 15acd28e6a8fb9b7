"""Fixtures: every copy of the kernels that this machine can run."""

import pytest

from cypool import _isa, _pooling


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

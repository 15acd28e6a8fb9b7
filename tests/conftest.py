"""Fixtures: every copy of the kernels that this machine can run."""

import pytest

from cypool import _isa, _pooling


@pytest.fixture(params=_isa.usable())
def isa(request):
    """Run the test with this copy of the kernels."""
    before = _isa.kernels().name
    _isa.use(request.param)
    _pooling.forget()
    yield request.param
    _isa.use(before)
    _pooling.forget()

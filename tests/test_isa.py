"""Which copy of the kernels runs."""

import os
import subprocess
import sys

import pytest

from cypool import _isa, show_config


def imported(isa):
    """Import cypool with CYPOOL_ISA set; gives what it printed, and its error."""
    code = "import cypool._isa; print(cypool._isa.kernels().name)"
    result = subprocess.run([sys.executable, "-c", code], env={**os.environ, "CYPOOL_ISA": isa}, capture_output=True,
                            text=True, timeout=300)
    return result.stdout.strip(), result.stderr


@pytest.mark.parametrize("name", _isa.usable())
def test_every_copy_can_be_forced(name):
    assert imported(name)[0] == name


def test_an_empty_name_chooses():
    assert imported("")[0] == _isa.usable()[0]


@pytest.mark.parametrize("name", ["sse9", "AVX2", "avx1024", "../baseline"])
def test_an_unknown_copy_is_an_error(name):
    output, error = imported(name)
    assert output == ""
    assert "ImportError: CYPOOL_ISA must be one of" in error
    assert repr(name) in error


def test_a_copy_that_cannot_run_is_not_imported():
    """Its first instruction may be one that the processor does not have."""
    code = ("import sys, types; "
            "sys.modules['cypool._cpu'] = types.SimpleNamespace("
            "supports=lambda name: name == 'baseline', amd_family=lambda: 0); "
            "import cypool._isa; "
            "print(cypool._isa.kernels().name, [m for m in sys.modules if m.startswith('cypool._kernels.avx2.')])")
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert result.stdout.strip() == "baseline []", result.stderr


def test_a_copy_that_cannot_run_is_an_error(monkeypatch):
    monkeypatch.setattr(_isa, "supports", lambda name: False)
    with pytest.raises(ImportError, match="CYPOOL_ISA='avx2' cannot be used: this processor"):
        _isa.load("avx2")


def test_a_copy_that_is_not_built_is_an_error(monkeypatch):
    monkeypatch.setattr(_isa, "_COPIES", ("avx3", "baseline"))
    monkeypatch.setattr(_isa, "supports", lambda name: True)
    with pytest.raises(ImportError, match="CYPOOL_ISA='avx3' cannot be used: this build"):
        _isa.load("avx3")


def test_show_config(capsys):
    config = show_config()
    assert config["isa"] in config["isa_usable"]
    assert config["num_threads"] >= 1
    assert f"isa: {config['isa']}" in capsys.readouterr().out

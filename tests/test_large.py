"""Arrays that a careless size or a careless copy would break: slow, so asked for with CYPOOL_LARGE=1."""

import os
import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.skipif(os.environ.get("CYPOOL_LARGE") != "1", reason="takes gigabytes: set CYPOOL_LARGE=1")


def run(code):
    result = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_extra_memory_of_a_strided_input():
    """Pooling 1 GB of a strided array into out takes less than 16 MB more."""
    printed = run("""
        import resource, numpy as np, cypool
        wide = np.ones((16384, 2 * 16384), "f4")
        x = wide[:, ::2]
        out = np.ones((8192, 8192), "f4")
        for pool in (cypool.max_pool, cypool.avg_pool):
            pool(x[:64], 2, out=out[:32])
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for pool in (cypool.max_pool, cypool.min_pool, cypool.avg_pool):
            pool(x, 2, out=out)
            pool(x.T, 2, out=out)
            pool(x, 3, 2, ((0, 1), (0, 1)), out=out)
        print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
    """)
    assert int(printed) < 16


def test_more_than_2_to_the_32_elements():
    printed = run("""
        import numpy as np, cypool
        x = np.zeros((2**16 + 2, 2**16), "u1")
        x[-1, -1] = 7
        x[-2, -4] = 9
        y = cypool.max_pool(x, 2)
        assert y.shape == (2**15 + 1, 2**15) and y[-1, -1] == 7 and y[-1, -2] == 9 and int((y > 0).sum()) == 2
        y, i = cypool.max_pool(x, (2**16 + 2, 2**16), return_indices=True)
        assert y[0, 0] == 9 and i[0, 0] == 2**16 * 2**16 + 2**16 - 4, i
        total = cypool.sum_pool(x, (2**16 + 2, 2**16))
        assert total[0, 0] == 16
        assert cypool.avg_pool(x, (2**16 + 2, 2**16), dtype="f8")[0, 0] == 16 / x.size
        print("right")
    """)
    assert printed == "right"

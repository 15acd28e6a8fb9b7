"""Pooling of NumPy arrays of any rank, layout, stride and dtype, at the speed of memory.

A call flows one way, through these rooms:

    public functions    _functions, _statistics, _spatial, _global, _random, _blocks, _area, _unpool, _regions,
                        _compact, _gradients, _statistics_backward, _regions_backward
      -> _weighted      only with masks or weights: blocks of x (_cutting), each by several of the calls below
      -> _call          the shared way: a call like an earlier one goes straight to the engine
      -> _pooling       others are prepared: arguments checked (_arguments), dtypes and memory order chosen
      -> _windows       arguments become, for each pooled axis, the positions that each output reads
      -> _engine        the canonical view of the arrays, tiles, scratch, threads
      -> _kernels       typed loops over rows, one copy for each instruction set

Beside the way: layouts of arrays (_layouts), what gradients share (_spreading, _scattering, _ways), boxes (_boxes),
sums under masks (_arithmetic), which copy of the kernels runs (_isa, _cpu), how many threads (_threads, _openmp),
shared descriptions (_docs), and onnx, ONNX's operators made of public functions.

Types: all code has annotations. Public functions of arrays have an overload for each kind of result too, in the stubs
beside their modules, which is what users see; compiled modules have stubs alone. Shared names are in _typing.
"""

from cypool._area import area_pool, area_pool_backward
from cypool._blocks import block_reduce, pyramid
from cypool._compact import compact_indices, expand_indices
from cypool._config import __version__, show_config
from cypool._functions import avg_pool, max_pool, min_pool, sum_pool
from cypool._global import global_avg_pool, global_lp_pool, global_max_pool
from cypool._gradients import (
    adaptive_avg_pool_backward,
    avg_pool_backward,
    max_pool_backward,
    min_pool_backward,
    sum_pool_backward,
)
from cypool._random import fractional_max_pool2d, fractional_max_pool3d, stochastic_pool
from cypool._regions import roi_align, roi_max_pool
from cypool._regions_backward import roi_align_backward, roi_max_pool_backward
from cypool._spatial import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    lp_pool1d,
    lp_pool2d,
    lp_pool3d,
    max_pool1d,
    max_pool2d,
    max_pool3d,
    min_pool1d,
    min_pool2d,
    min_pool3d,
)
from cypool._statistics import logsumexp_pool, lp_pool, median_pool, mode_pool, std_pool, var_pool
from cypool._statistics_backward import (
    logsumexp_pool_backward,
    lp_pool_backward,
    std_pool_backward,
    stochastic_pool_backward,
    var_pool_backward,
)
from cypool._threads import get_num_threads, set_num_threads
from cypool._unpool import max_unpool1d, max_unpool2d, max_unpool3d, max_unpool_backward

__all__ = [
    "__version__",
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_avg_pool_backward",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "area_pool",
    "area_pool_backward",
    "avg_pool",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "avg_pool_backward",
    "block_reduce",
    "compact_indices",
    "expand_indices",
    "fractional_max_pool2d",
    "fractional_max_pool3d",
    "get_num_threads",
    "global_avg_pool",
    "global_lp_pool",
    "global_max_pool",
    "logsumexp_pool",
    "logsumexp_pool_backward",
    "lp_pool",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "lp_pool_backward",
    "max_pool",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "max_pool_backward",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
    "max_unpool_backward",
    "median_pool",
    "min_pool",
    "min_pool1d",
    "min_pool2d",
    "min_pool3d",
    "min_pool_backward",
    "mode_pool",
    "pyramid",
    "roi_align",
    "roi_align_backward",
    "roi_max_pool",
    "roi_max_pool_backward",
    "set_num_threads",
    "show_config",
    "std_pool",
    "std_pool_backward",
    "stochastic_pool",
    "stochastic_pool_backward",
    "sum_pool",
    "sum_pool_backward",
    "var_pool",
    "var_pool_backward",
]

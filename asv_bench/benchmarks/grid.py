"""The benchmark grid: shapes that networks and images really have.

A case is a shape in layout order, a layout whose "P" marks the pooled axes, a dtype, an operation and its windows.
"""

from typing import NamedTuple

import numpy as np

import cypool


class Gradient(NamedTuple):
    """What a gradient takes: a gradient of the output, of the same numbers on every machine, and where maxima were."""

    case: "Case"
    gradient: np.ndarray
    indices: np.ndarray | None
    input_shape: tuple

    @classmethod
    def of(cls, case, x):
        """For the pooling of x."""
        indices = None
        if case.op == "max":
            y, indices = cypool.max_pool(x, return_indices=True, **case.arguments())
        else:
            y = cypool.avg_pool(x, **case.arguments())
        return cls(case, np.random.default_rng(1).standard_normal(y.shape, y.dtype), indices, x.shape)

    def __call__(self, **options):
        """The gradient of the input."""
        if self.indices is None:
            return cypool.avg_pool_backward(self.gradient, self.input_shape, **self.case.arguments(), **options)
        return cypool.max_pool_backward(self.gradient, self.indices, self.input_shape, axis=self.case.pooled, **options)


class Case(NamedTuple):
    """One case of the grid."""

    shape: tuple
    pooled: tuple           # the pooled axes
    dtype: str
    op: str                 # max, avg, sum, avg without padding, or a statistic; see function()
    kernel: object
    stride: object = None
    padding: object = 0
    dilation: int = 1
    view: str = ""          # how the array lies in memory, if not in C order

    def array(self):
        """The input: the same numbers on every machine."""
        rng = np.random.default_rng(0)
        if self.dtype in ("u1", "u2"):
            x = rng.integers(0, np.iinfo(self.dtype).max, self.shape, self.dtype)
        elif self.dtype in ("u4", "u8"):
            # Labels lie in pieces of some elements.
            x = rng.integers(1, 2**30, [-(-n // 5) for n in self.shape], self.dtype)
            for axis, n in enumerate(self.shape):
                x = np.repeat(x, 5, axis).take(range(n), axis)
        else:
            x = rng.standard_normal(self.shape, np.float32).astype(self.numpy_dtype())
        return VIEWS[self.view](x)

    def numpy_dtype(self):
        """The dtype; bfloat16 comes from ml_dtypes."""
        if self.dtype == "bf16":
            import ml_dtypes

            return np.dtype(ml_dtypes.bfloat16)
        return np.dtype(self.dtype)

    def arguments(self):
        """Keyword arguments of the pooling function."""
        if self.op == "area":
            return {"output_size": self.kernel, "axis": self.pooled}
        options = {"kernel_size": self.kernel, "stride": self.stride, "padding": self.padding,
                   "dilation": self.dilation, "axis": self.pooled}
        if self.op == "lp":
            options["norm_type"] = 2
        return {**options, "count_include_pad": False} if self.op == "avg without padding" else options

    def n_taps(self):
        """Taps of a window."""
        if self.op == "area":
            return 1
        return int(np.prod(self.kernel)) ** (1 if isinstance(self.kernel, tuple) else len(self.pooled))

    def layout(self):
        """Where the axes lie that are not pooled."""
        if self.view:
            return "strided"
        if len(self.pooled) == len(self.shape):
            return "all axes pooled"
        return "channels first" if self.pooled[-1] == len(self.shape) - 1 else "channels last"

    def function(self):
        """The pooling function."""
        return getattr(cypool, self.op.split()[0] + "_pool")


def _every_other(x):
    wide = np.zeros((2 * x.shape[0], x.shape[1]), x.dtype)
    view = wide[::2, ::-1]
    view[...] = x
    return view


VIEWS = {
    "": lambda x: x,
    "Fortran": np.asfortranarray,
    "transposed": lambda x: np.ascontiguousarray(x.T).T,
    "[::2, ::-1]": _every_other,
}

NCHW, NHWC = (2, 3), (1, 2)

CASES = {
    "stem NCHW": Case((1, 64, 112, 112), NCHW, "f4", "max", 3, 2, 1),
    "stem NHWC": Case((1, 112, 112, 64), NHWC, "f4", "max", 3, 2, 1),
    "stem batch NCHW": Case((32, 64, 112, 112), NCHW, "f4", "max", 3, 2, 1),
    "VGG NCHW": Case((1, 64, 224, 224), NCHW, "f4", "max", 2),
    "VGG NHWC": Case((8, 224, 224, 64), NHWC, "f4", "max", 2),
    "GoogLeNet NCHW": Case((8, 192, 28, 28), NCHW, "f4", "max", 3, 1, 1),
    "GoogLeNet NHWC": Case((8, 28, 28, 192), NHWC, "f4", "max", 3, 1, 1),
    "Inception NCHW": Case((8, 288, 35, 35), NCHW, "f4", "avg without padding", 3, 1, 1),
    "Inception NHWC": Case((8, 35, 35, 288), NHWC, "f4", "avg without padding", 3, 1, 1),
    "DenseNet NCHW": Case((8, 128, 56, 56), NCHW, "f4", "avg", 2),
    "global NCHW": Case((32, 2048, 7, 7), NCHW, "f4", "avg", 7),
    "global NHWC": Case((32, 7, 7, 2048), NHWC, "f4", "avg", 7),
    "global of large planes max": Case((8, 64, 112, 112), NCHW, "f4", "max", 112),
    "global of large planes avg": Case((8, 64, 112, 112), NCHW, "f4", "avg", 112),
    "SPPF NCHW": Case((1, 256, 20, 20), NCHW, "f4", "max", 5, 1, 2),
    "SPPF NHWC": Case((1, 20, 20, 256), NHWC, "f4", "max", 5, 1, 2),
    "SPP 5": Case((1, 512, 20, 20), NCHW, "f4", "max", 5, 1, 2),
    "SPP 9": Case((1, 512, 20, 20), NCHW, "f4", "max", 9, 1, 4),
    "SPP 13": Case((1, 512, 20, 20), NCHW, "f4", "max", 13, 1, 6),
    "detector": Case((1, 16, 3000, 2000), NCHW, "f4", "max", 3, 2),
    "odd channels max": Case((4, 60, 60, 17), NHWC, "f4", "max", 3, 2, 1),
    "odd channels avg": Case((4, 60, 60, 17), NHWC, "f4", "avg", 3, 2, 1),
    "tiny 8": Case((1, 1, 8, 8), NCHW, "f4", "max", 2),
    "tiny 28": Case((1, 1, 28, 28), NCHW, "f4", "max", 2),
    "CIFAR max NCHW": Case((128, 3, 32, 32), NCHW, "f4", "max", 2),
    "CIFAR max NHWC": Case((128, 32, 32, 3), NHWC, "f4", "max", 2),
    "CIFAR avg NCHW": Case((128, 3, 32, 32), NCHW, "f4", "avg", 2),
    "CIFAR avg NHWC": Case((128, 32, 32, 3), NHWC, "f4", "avg", 2),
    "MNIST": Case((128, 32, 26, 26), NCHW, "f4", "max", 2),
    "small planes max": Case((8, 832, 14, 14), NCHW, "f4", "max", 3, 2, 1),
    "small planes avg": Case((8, 512, 14, 14), NCHW, "f4", "avg", 2),
    "small planes avg 3": Case((8, 512, 7, 7), NCHW, "f4", "avg", 3, 1, 1),
    "tall planes": Case((8, 64, 64, 12), NCHW, "f4", "max", 3, 2, 1),
    "smallest planes": Case((8, 512, 7, 7), NCHW, "f4", "max", 3, 2, 1),
    "small planes half": Case((8, 512, 14, 14), NCHW, "f2", "max", 2),
    "dilated": Case((1, 64, 112, 112), NCHW, "f4", "max", 3, 1, 2, 2),
    "audio max": Case((16, 64, 16000), (2,), "f4", "max", 4),
    "audio avg": Case((16, 64, 16000), (2,), "f4", "avg", 4),
    "series max f32": Case((64, 40960), (1,), "f4", "max", 128, 1),
    "series avg f32": Case((64, 40960), (1,), "f4", "avg", 128, 1),
    "series max f64": Case((64, 40960), (1,), "f8", "max", 128, 1),
    "series avg f64": Case((64, 40960), (1,), "f8", "avg", 128, 1),
    "3-D U-Net": Case((1, 64, 64, 64, 64), (2, 3, 4), "f4", "max", 2),
    "I3D NCDHW": Case((1, 64, 16, 112, 112), (2, 3, 4), "f4", "max", (1, 3, 3), 2, (0, 1, 1)),
    "I3D NDHWC": Case((1, 16, 112, 112, 64), (1, 2, 3), "f4", "max", (1, 3, 3), 2, (0, 1, 1)),
    "camera grey avg": Case((2160, 3840, 1), (0, 1), "u1", "avg", 2),
    "camera grey max": Case((2160, 3840, 1), (0, 1), "u1", "max", 2),
    "camera colour avg": Case((2160, 3840, 3), (0, 1), "u1", "avg", 2),
    "camera colour max": Case((2160, 3840, 3), (0, 1), "u1", "max", 2),
    "EM pyramid avg": Case((100, 1024, 1024), (0, 1, 2), "u1", "avg", (1, 2, 2)),
    "light sheet avg": Case((64, 1024, 1024), (0, 1, 2), "u2", "avg", 2),
    "light sheet max": Case((64, 1024, 1024), (0, 1, 2), "u2", "max", 2),
    "binning 4 u16": Case((4096, 4096), (0, 1), "u2", "avg", 4),
    "binning 3 u16": Case((4096, 4096), (0, 1), "u2", "avg", 3),
    "binning 4 f32": Case((4096, 4096), (0, 1), "f4", "sum", 4),
    "binning 3 f32": Case((4096, 4096), (0, 1), "f4", "sum", 3),
    "morphology 15 u8": Case((2048, 2048), (0, 1), "u1", "max", 15, 1, 7),
    "morphology 31 u8": Case((2048, 2048), (0, 1), "u1", "max", 31, 1, 15),
    "morphology 101 u8": Case((2048, 2048), (0, 1), "u1", "max", 101, 1, 50),
    "morphology 15 f32": Case((2048, 2048), (0, 1), "f4", "max", 15, 1, 7),
    "morphology 31 f32": Case((2048, 2048), (0, 1), "f4", "max", 31, 1, 15),
    "morphology 101 f32": Case((2048, 2048), (0, 1), "f4", "max", 101, 1, 50),
    "blur 15 f32": Case((2048, 2048), (0, 1), "f4", "avg", 15, 1, 7),
    "blur 31 f32": Case((2048, 2048), (0, 1), "f4", "avg", 31, 1, 15),
    "blur 101 f32": Case((2048, 2048), (0, 1), "f4", "avg", 101, 1, 50),
    "blur 15 u8": Case((2048, 2048), (0, 1), "u1", "avg", 15, 1, 7),
    "filter 3 avg u8": Case((1080, 1920), (0, 1), "u1", "avg", 3, 1, 1),
    "filter 5 max u8": Case((1080, 1920), (0, 1), "u1", "max", 5, 1, 2),
    "filter 5 avg colour u8": Case((1080, 1920, 3), (0, 1), "u1", "avg", 5, 1, 2),
    "filter 5 max u16": Case((1080, 1920), (0, 1), "u2", "max", 5, 1, 2),
    "filter 5 max f32": Case((1080, 1920), (0, 1), "f4", "max", 5, 1, 2),
    "filter 5 avg f32": Case((1080, 1920), (0, 1), "f4", "avg", 5, 1, 2),
    "half max NCHW": Case((1, 64, 112, 112), NCHW, "f2", "max", 3, 2, 1),
    "half avg NCHW": Case((1, 64, 112, 112), NCHW, "f2", "avg", 3, 2, 1),
    "half max NHWC": Case((1, 112, 112, 64), NHWC, "f2", "max", 3, 2, 1),
    "half avg NHWC": Case((1, 112, 112, 64), NHWC, "f2", "avg", 3, 2, 1),
    "bfloat max NCHW": Case((1, 64, 112, 112), NCHW, "bf16", "max", 3, 2, 1),
    "bfloat avg NCHW": Case((1, 64, 112, 112), NCHW, "bf16", "avg", 3, 2, 1),
    "layout C": Case((1024, 1024), (0, 1), "f4", "max", 2),
    "layout Fortran max": Case((1024, 1024), (0, 1), "f4", "max", 2, view="Fortran"),
    "layout Fortran avg": Case((1024, 1024), (0, 1), "f4", "avg", 2, view="Fortran"),
    "layout transposed": Case((1024, 1024), (0, 1), "f4", "max", 2, view="transposed"),
    "layout [::2, ::-1]": Case((1024, 1024), (0, 1), "f4", "max", 2, view="[::2, ::-1]"),
}

# Beyond every cache: what is read next has to be on its way in time.
CASES |= {
    "batch NHWC u8": Case((64, 112, 112, 64), NHWC, "u1", "max", 2),
    "batch NHWC half": Case((32, 112, 112, 64), NHWC, "f2", "avg", 2),
    "batch NWC": Case((48, 4096, 64), (1,), "f4", "max", 2),
    "batch of volumes u8": Case((192, 64, 64, 64), (1, 2, 3), "u1", "max", 2),
}

# The operations that look at each tap for themselves, labels first, and windows that cut through elements.
CASES |= {
    "EM labels mode u8": Case((100, 1024, 1024), (0, 1, 2), "u1", "mode", (1, 2, 2)),
    "light sheet mode": Case((64, 1024, 1024), (0, 1, 2), "u2", "mode", 2),
    "labels mode u32": Case((64, 256, 256), (0, 1, 2), "u4", "mode", 2),
    "labels mode u64": Case((64, 256, 256), (0, 1, 2), "u8", "mode", 2),
    "despeckle 3 u8": Case((2046, 2046), (0, 1), "u1", "median", 3),
    "despeckle 3 f32": Case((2046, 2046), (0, 1), "f4", "median", 3),
    "median 5 of 1 u8": Case((1024, 1024), (0, 1), "u1", "median", 5, 1, 2),
    "median 15 of 1 u8": Case((1024, 1024), (0, 1), "u1", "median", 15, 1, 7),
    "variance f32": Case((1, 64, 112, 112), NCHW, "f4", "var", 2),
    "norm NCHW": Case((1, 64, 112, 112), NCHW, "f4", "lp", 2),
    "norm NHWC": Case((1, 112, 112, 64), NHWC, "f4", "lp", 2),
    "global norm": Case((8, 2048, 7, 7), NCHW, "f4", "lp", 7),
    "logsumexp": Case((1, 64, 56, 56), NCHW, "f4", "logsumexp", 2),
    "area grey": Case((2160, 3840), (0, 1), "u1", "area", (900, 1600)),
    "area colour": Case((1080, 1920, 3), (0, 1), "u1", "area", (450, 800)),
    "area f32": Case((2048, 2048), (0, 1), "f4", "area", (819, 819)),
}

# Those whose gradient the grid names, in both layouts.
GRADIENTS = {
    "stem batch NCHW": CASES["stem batch NCHW"],
    "stem batch NHWC": Case((32, 112, 112, 64), NHWC, "f4", "max", 3, 2, 1),
    "VGG NCHW": Case((8, 64, 224, 224), NCHW, "f4", "max", 2),
    "VGG NHWC": CASES["VGG NHWC"],
    "DenseNet NCHW": CASES["DenseNet NCHW"],
    "DenseNet NHWC": Case((8, 56, 56, 128), NHWC, "f4", "avg", 2),
    "small planes NCHW": Case((1, 256, 28, 28), NCHW, "f4", "max", 3, 2, 1),
    "small planes NHWC": Case((1, 28, 28, 256), NHWC, "f4", "max", 3, 2, 1),
    "3-D U-Net NCDHW": CASES["3-D U-Net"],
    "3-D U-Net NDHWC": Case((1, 64, 64, 64, 64), (1, 2, 3), "f4", "max", 2),
}

"""A table of wrong calls: what is called, the error, and what its message has to say. Those of plain pooling are
here, the others in bad_family_inputs.py."""

from functools import partial

import numpy as np
from extra_dtypes import FLOAT8, INT4

import cypool

V, T = ValueError, TypeError


def image(dtype="f4", shape=(4, 6)):
    return np.zeros(shape, dtype)


def read_only(shape):
    array = np.zeros(shape, "f4")
    array.flags.writeable = False
    return array


def endless():
    sizes = [2]
    sizes.append(sizes)
    return (*sizes, 2)


def deep():
    sizes = (2,)
    for _ in range(10**5):
        sizes = (sizes,)
    return sizes


x = image()
nchw = image(shape=(1, 2, 4, 6))

CASES = {
    # kernel_size
    "kernel 0": (lambda: cypool.max_pool(x, 0), V, "kernel_size must be positive, got 0"),
    "kernel -1": (lambda: cypool.max_pool(x, -1), V, "kernel_size must be positive, got -1"),
    "kernel 2.0": (lambda: cypool.max_pool(x, 2.0), T, "kernel_size must be an int or a sequence of ints, got 2.0"),
    "kernel 2.5": (lambda: cypool.avg_pool(x, 2.5), T, "kernel_size .* got 2.5"),
    "kernel NaN": (lambda: cypool.avg_pool(x, float("nan")), T, "kernel_size .* got nan"),
    "kernel None": (lambda: cypool.max_pool(x, None), T, "kernel_size .* got None"),
    "kernel True": (lambda: cypool.max_pool(x, True), T, "kernel_size .* got True"),
    "kernel str": (lambda: cypool.max_pool(x, "2"), T, "kernel_size .* got '2'"),
    "kernel empty": (lambda: cypool.max_pool(x, ()), V, "kernel_size must have one entry for each of the 2"),
    "kernel 3 entries": (lambda: cypool.max_pool(x, (2, 2, 2)), V, r"kernel_size .* got \(2, 2, 2\)"),
    "kernel 1 entry": (lambda: cypool.max_pool2d(x, (2,)), V, r"kernel_size .* 2 pooled axes, got \(2,\)"),
    "kernel zero entry": (lambda: cypool.max_pool(x, (2, 0)), V, "kernel_size must be positive, got 0"),
    "kernel float entry": (lambda: cypool.max_pool(x, (2, 2.0)), T, "kernel_size .* got 2.0"),
    "kernel bool entry": (lambda: cypool.max_pool(x, (2, True)), T, "kernel_size .* got True"),
    "kernel array of floats": (lambda: cypool.max_pool(x, np.array([2.0, 2.0])), T, "kernel_size .* got"),
    "kernel nested": (lambda: cypool.max_pool(x, ((2, 2), (2, 2))), T, "kernel_size .* got"),
    "kernel dict": (lambda: cypool.max_pool(x, {2: 2}), T, "kernel_size .* got"),
    "kernel complex": (lambda: cypool.max_pool(x, 2j), T, "kernel_size .* got 2j"),
    "kernel too large": (lambda: cypool.max_pool(x, 5), V, "kernel_size must fit .* axis 0 .* 5 positions, of 4"),
    "kernel 2**31": (lambda: cypool.max_pool(x, 2**31), V, "kernel_size must fit"),
    "kernel 2**63": (lambda: cypool.max_pool(x, 2**63), V, "kernel_size must be below 2\\*\\*63"),
    "kernel 2**200": (lambda: cypool.sum_pool(x, 2**200), V, "kernel_size must be below 2\\*\\*63"),
    "kernel of 5000 digits": (lambda: cypool.sum_pool(x, 10**5000), V, "kernel_size must be below 2\\*\\*63"),
    "kernel in itself": (lambda: cypool.max_pool(x, endless()), V, "kernel_size must have one entry"),
    "kernel timedelta": (lambda: cypool.max_pool(x, np.timedelta64(2)), T, "kernel_size must be an int"),
    "kernel too deep": (lambda: cypool.max_pool(x, deep()), V, "kernel_size must have one entry"),
    "kernel and padding overflow": (lambda: cypool.avg_pool(x, 2**62, padding=2**62 - 1), V, "2\\*\\*62"),
    "taps overflow": (lambda: cypool.avg_pool(x, 2**40, padding=2**39), V, "taps"),
    # stride
    "stride 0": (lambda: cypool.max_pool(x, 2, 0), V, "stride must be positive, got 0"),
    "stride -2": (lambda: cypool.avg_pool(x, 2, -2), V, "stride must be positive, got -2"),
    "stride 1.5": (lambda: cypool.max_pool(x, 2, 1.5), T, "stride .* got 1.5"),
    "stride str": (lambda: cypool.max_pool(x, 2, "a"), T, "stride .* got 'a'"),
    "stride 3 entries": (lambda: cypool.max_pool(x, 2, (1, 1, 1)), V, r"stride .* got \(1, 1, 1\)"),
    "stride empty": (lambda: cypool.max_pool(x, 2, []), V, r"stride must have one entry for each .* got \[\]"),
    "stride None entry": (lambda: cypool.max_pool(x, 2, (None, 1)), T, "stride .* got None"),
    "stride overflow": (lambda: cypool.max_pool(x, 2, 2**63), V, "stride"),
    # padding
    "padding -1": (lambda: cypool.max_pool(x, 2, padding=-1), V, "padding must be non-negative, got -1"),
    "padding negative side": (lambda: cypool.max_pool(x, 2, padding=((0, -1), (0, 0))), V, r"padding .* got \(0, -1\)"),
    "padding 0.5": (lambda: cypool.max_pool(x, 2, padding=0.5), T, "padding .* got 0.5"),
    "padding None": (lambda: cypool.max_pool(x, 2, padding=None), T, "padding .* got None"),
    "padding word": (lambda: cypool.max_pool(x, 2, padding="reflect"), V, "padding .* got 'reflect'"),
    "padding upper case": (lambda: cypool.max_pool(x, 2, padding="SAME"), V, "padding .* got 'SAME'"),
    "padding bytes": (lambda: cypool.max_pool(x, 2, padding=b"same"), T, "padding .* got b'same'"),
    "padding 3 entries": (lambda: cypool.max_pool(x, 2, padding=(0, 0, 0)), V, r"padding .* got \(0, 0, 0\)"),
    "padding triple": (lambda: cypool.max_pool(x, 2, padding=((0, 0, 0), 0)), V, r"padding .* got \(0, 0, 0\)"),
    "padding flat sides": (lambda: cypool.max_pool(np.zeros(4), 2, padding=(0, 1)), V, r"padding .* got \(0, 1\)"),
    "padding float side": (lambda: cypool.max_pool(x, 2, padding=((0, 1.0), 0)), T, "padding .* got 1.0"),
    "padding bool": (lambda: cypool.max_pool(x, 2, padding=True), T, "padding .* got True"),
    "padding whole window": (lambda: cypool.max_pool(x, 2, padding=2), V, "padding must leave every window a tap"),
    "padding whole window after": (lambda: cypool.avg_pool(x, 2, padding=((0, 2), 0)), V, "padding must leave"),
    "padding whole window, average": (lambda: cypool.avg_pool(x, 1, padding=1), V, "padding must leave"),
    "padding stepped over": (lambda: cypool.max_pool(np.zeros(1), 2, 1, 2, 3), V, "padding must leave"),
    "padding huge": (lambda: cypool.max_pool(x, 2, padding=2**62), V, "2\\*\\*62|padding must leave"),
    "padding 2**100": (lambda: cypool.max_pool(x, 2, padding=2**100), V, "2\\*\\*62|padding"),
    "output huge": (lambda: cypool.max_pool(x, 2**41, 1, 2**41 - 1), V, "padding must give at most"),
    # dilation
    "dilation 0": (lambda: cypool.max_pool(x, 2, dilation=0), V, "dilation must be positive, got 0"),
    "dilation -1": (lambda: cypool.avg_pool(x, 2, dilation=-1), V, "dilation must be positive, got -1"),
    "dilation 1.5": (lambda: cypool.max_pool(x, 2, dilation=1.5), T, "dilation .* got 1.5"),
    "dilation None": (lambda: cypool.max_pool(x, 2, dilation=None), T, "dilation .* got None"),
    "dilation 3 entries": (lambda: cypool.max_pool(x, 2, dilation=(1, 1, 1)), V, r"dilation .* got \(1, 1, 1\)"),
    "dilation too large": (lambda: cypool.max_pool(x, 2, dilation=4), V, "kernel_size must fit .* 5 positions"),
    "dilation overflow": (lambda: cypool.max_pool(x, 3, dilation=2**63), V, "dilation must be below"),
    "dilation huge": (lambda: cypool.max_pool(x, 3, dilation=2**62), V, "kernel_size must fit"),
    # x
    "x object": (lambda: cypool.max_pool(np.array([1, None], object), 1), T, "x must have a dtype .* got object"),
    "x strings": (lambda: cypool.max_pool(np.array(["a", "b"]), 1), T, "x must have a dtype .* got <U1"),
    "x bytes": (lambda: cypool.max_pool(np.array([b"a"]), 1), T, "x must have a dtype"),
    "x structured": (lambda: cypool.avg_pool(np.zeros(3, "i4,f4"), 1), T, "x must have a dtype"),
    "x datetime": (lambda: cypool.max_pool(np.zeros(3, "M8[s]"), 1), T, "x must have a dtype"),
    "x timedelta": (lambda: cypool.sum_pool(np.zeros(3, "m8[s]"), 1), T, "x must have a dtype"),
    "x void": (lambda: cypool.max_pool(np.zeros(3, "V2"), 1), T, "x must have a dtype"),
    "x longdouble": (lambda: cypool.max_pool(np.zeros(3, np.longdouble), 1), T, "x must have a dtype"),
    **{f"x {each.__name__}": (partial(cypool.max_pool, image(each), 2), T, f"x must have .* got {each.__name__}")
       for each in FLOAT8 + INT4},
    "x complex max": (lambda: cypool.max_pool(np.zeros(3, "c8"), 1), T, "x must be real for .* got complex64"),
    "x complex min": (lambda: cypool.min_pool(np.zeros(3, "c16"), 1), T, "x must be real for .* got complex128"),
    "x None": (lambda: cypool.max_pool(None, 1), (V, T), "x must have"),
    "x number": (lambda: cypool.max_pool(3.0, 1), V, "x must have at least one axis, got a 0-d array"),
    "x 0-d": (lambda: cypool.avg_pool(np.array(3.0), 1), V, "x must have at least one axis"),
    "x ragged": (lambda: cypool.max_pool([[1, 2], [3]], 1), T, "x must be an array"),
    "x text": (lambda: cypool.max_pool("abc", 1), (V, T), "x must have"),
    "x dict": (lambda: cypool.max_pool({}, 1), (V, T), "x must have"),
    "x empty axis": (lambda: cypool.max_pool(np.zeros((0, 3)), 1), V, "x must not be empty along a pooled axis"),
    "x all empty": (lambda: cypool.avg_pool(np.zeros(0), 1), V, "x must not be empty"),
    "x empty spatial": (lambda: cypool.max_pool2d(np.zeros((1, 1, 0, 4)), 1), V, "x must not be empty"),
    "x 1-d for 2d": (lambda: cypool.max_pool2d(np.zeros(4), 1), V, "x must have at least 2 axes"),
    "x 2-d for 3d": (lambda: cypool.avg_pool3d(x, 1), V, "x must have at least 3 axes"),
    "x 2-d channels last": (lambda: cypool.max_pool2d(x, 1, data_format="channels_last"), V, "at least 3 axes"),
    # axis
    "axis 2": (lambda: cypool.max_pool(x, 2, axis=2), V, r"axis must be in \[-2, 2\) .* got 2"),
    "axis -3": (lambda: cypool.max_pool(x, 2, axis=-3), V, "axis must be in .* got -3"),
    "axis twice": (lambda: cypool.max_pool(x, 2, axis=(0, 0)), V, r"axis must name each axis once, got \(0, 0\)"),
    "axis twice, negative": (lambda: cypool.max_pool(x, 2, axis=(1, -1)), V, "axis must name each axis once"),
    "axis none": (lambda: cypool.max_pool(x, 2, axis=()), V, "axis must name at least one axis"),
    "axis float": (lambda: cypool.max_pool(x, 2, axis=1.0), T, "axis .* got 1.0"),
    "axis bool": (lambda: cypool.max_pool(x, 2, axis=True), T, "axis .* got True"),
    "axis str": (lambda: cypool.max_pool(x, 2, axis="0"), T, "axis .* got '0'"),
    "axis huge": (lambda: cypool.max_pool(x, 2, axis=2**70), V, "axis must be below"),
    "axis 2**40": (lambda: cypool.max_pool(x, 2, axis=2**40), V, "axis must be in"),
    "axis None entry": (lambda: cypool.max_pool(x, 2, axis=(None,)), T, "axis .* got None"),
    # other arguments
    "data_format": (lambda: cypool.max_pool2d(nchw, 2, data_format="NHWC"), V, "data_format .* got 'NHWC'"),
    "data_format None": (lambda: cypool.max_pool2d(nchw, 2, data_format=None), V, "data_format .* got None"),
    "data_format list": (lambda: cypool.max_pool2d(nchw, 2, data_format=[]), V, r"data_format .* got \[\]"),
    "data_format array": (lambda: cypool.max_pool2d(nchw, 2, data_format=np.array(["a", "b"])), V, "data_format must"),
    "data_format of axes": (lambda: cypool.max_pool2d(nchw, 2, data_format="named axes"), V, "data_format must"),
    "nan_policy array": (lambda: cypool.max_pool(x, 2, nan_policy=np.array(["a", "b"])), V, "nan_policy must"),
    "nan_policy": (lambda: cypool.max_pool(x, 2, nan_policy="raise"), V, "nan_policy .* got 'raise'"),
    "nan_policy list": (lambda: cypool.max_pool(x, 2, nan_policy=["omit"]), V, r"nan_policy .* got \['omit'\]"),
    "ceil_mode 1": (lambda: cypool.max_pool(x, 2, ceil_mode=1), T, "ceil_mode must be True or False, got 1"),
    "ceil_mode str": (lambda: cypool.max_pool(x, 2, ceil_mode="yes"), T, "ceil_mode .* got 'yes'"),
    "return_indices 2": (lambda: cypool.max_pool(x, 2, return_indices=2), T, "return_indices .* got 2"),
    "count_include_pad None": (lambda: cypool.avg_pool(x, 2, count_include_pad=None), T, "count_include_pad .* None"),
    "divisor 0": (lambda: cypool.avg_pool(x, 2, divisor_override=0), V, "divisor_override must not be zero, got 0"),
    "divisor -2**63": (lambda: cypool.avg_pool(x, 2, divisor_override=-2**63), V, "divisor_override must be below"),
    "divisor 1.5": (lambda: cypool.avg_pool(x, 2, divisor_override=1.5), T, "divisor_override .* got 1.5"),
    "divisor huge": (lambda: cypool.avg_pool(x, 2, divisor_override=2**64), V, "divisor_override must be below"),
    "divisor 2**62 + 1": (lambda: cypool.avg_pool(x, 2, divisor_override=2**62 + 1), V, "divisor_override .* at most"),
    "dtype word": (lambda: cypool.avg_pool(x, 2, dtype="nothing"), T, "dtype must be a dtype, got 'nothing'"),
    "dtype object": (lambda: cypool.avg_pool(x, 2, dtype=object), T, "dtype must have a dtype of .* got object"),
    "dtype int of floats": (lambda: cypool.avg_pool(x, 2, dtype=int), T, "dtype must hold float32 results"),
    "dtype unsigned of signed": (lambda: cypool.sum_pool(image("i4"), 2, dtype="u4"), T, "dtype must hold int64"),
    "dtype real of complex": (lambda: cypool.avg_pool(image("c8"), 2, dtype="f4"), T, "dtype must hold complex64"),
    "dtype list": (lambda: cypool.avg_pool(x, 2, dtype=[1]), T, "dtype"),
    "threads 0": (lambda: cypool.max_pool(x, 2, num_threads=0), V, "num_threads must be positive, got 0"),
    "threads -1": (lambda: cypool.avg_pool(x, 2, num_threads=-1), V, "num_threads must be positive, got -1"),
    "threads 1.0": (lambda: cypool.max_pool(x, 2, num_threads=1.0), T, "num_threads must be an int, got 1.0"),
    "threads True": (lambda: cypool.max_pool(x, 2, num_threads=True), T, "num_threads must be an int, got True"),
    "threads str": (lambda: cypool.max_pool(x, 2, num_threads="2"), T, "num_threads .* got '2'"),
    "set threads 0": (lambda: cypool.set_num_threads(0), V, "n must be positive, got 0"),
    "set threads 2.0": (lambda: cypool.set_num_threads(2.0), T, "n must be an int, got 2.0"),
    # out
    "out list": (lambda: cypool.max_pool(x, 2, out=[]), T, "out must be a NumPy array"),
    "out shape": (lambda: cypool.max_pool(x, 2, out=np.zeros((2, 2), "f4")), V, r"out .* \(2, 3\), got \(2, 2\)"),
    "out rank": (lambda: cypool.max_pool(x, 2, out=np.zeros((2, 3, 1), "f4")), V, "out must have the shape"),
    "out read-only": (lambda: cypool.max_pool(x, 2, out=read_only((2, 3))), V, "out must be writable"),
    "out int": (lambda: cypool.max_pool(x, 2, out=np.zeros((2, 3), int)), T, "out .* float32 casts to, got int64"),
    "out bool": (lambda: cypool.sum_pool(image("?"), 2, out=np.zeros((2, 3), bool)), T, "out .* int64 casts to"),
    "out object": (lambda: cypool.max_pool(x, 2, out=np.zeros((2, 3), object)), T, "out .* got object"),
    "out string": (lambda: cypool.max_pool(x, 2, out=np.zeros((2, 3), "U9")), T, "out .* got <U9"),
    "out broadcast": (lambda: cypool.max_pool(x, 2, out=np.broadcast_to(np.zeros(3, "f4"), (2, 3))), V, "out"),
    "out 0-d": (lambda: cypool.max_pool(x, 2, out=np.zeros((), "f4")), V, "out must have the shape"),
}

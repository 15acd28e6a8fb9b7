"""The descriptions that docstrings of public functions share."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar, overload

_Function = TypeVar("_Function", bound=Callable[..., Any])

# The spatial axes of the 1d, 2d and 3d functions.
SIZES = {1: "L", 2: "H, W", 3: "D, H, W"}

_SHARED = {
    "x": """\
x : array_like
    Any rank, strides and byte order. Bool, integers of 8 to 64 bits, float16, float32, float64 or bfloat16
    (``ml_dtypes``){complex}. It is neither copied whole nor written.""",
    "geometry": """\
kernel_size : int or sequence of int
    Taps of a window, in elements: one number for all pooled axes or one for each.
stride : int or sequence of int, optional
    Elements from one window to the next. None means kernel_size.
padding : int, sequence, or str, default 0
    Elements beyond both ends of an axis: an int, one for each pooled axis, or a pair (before, after) for each.
    Or "valid" (none), "same" (as many outputs as ``ceil(length / stride)``, the odd one after) or
    "same_lower" (the odd one before).""",
    "dilation": """\
dilation : int or sequence of int, default 1
    Elements from one tap of a window to the next.""",
    "axis": """\
axis : int or sequence of int, optional
    The pooled axes; arguments with one entry for each follow their order. None means all axes.""",
    "data_format": """\
data_format : {{"channels_first", "channels_last"}}
    Whether the {n} pooled axes come last, ``(..., {sizes})``, or before the channels, ``(..., {sizes}, C)``.""",
    "planes": """\
data_format : {{"channels_first", "channels_last"}}
    Whether the spatial axes come after batch and channels, ``(N, C, ...)``, or between them, ``(N, ..., C)``.
keepdims : bool, default False
    Keep the spatial axes, with length 1.""",
    "output_size": """\
output_size : int, None, or sequence of them
    Outputs along the pooled axes; None keeps the length. Window i of n over a length L is
    ``[floor(i * L / n), ceil((i + 1) * L / n))``.""",
    "ceil_mode": """\
ceil_mode : bool, default False
    Round the number of outputs up, so that the last window may reach beyond the padding. It is dropped where it
    would start there.""",
    "return_indices": """\
return_indices : bool, default False
    Also give where each result was found.""",
    "divisor": """\
count_include_pad : bool, default True
    Whether taps in the padding count. Taps that ceil mode adds beyond it never do.
divisor_override : int, optional
    Divide by this instead.""",
    "correction": """\
correction : float, default 0
    What is taken off the number of taps before the division: 1 for an unbiased estimate.""",
    "norm_type": """\
norm_type : float
    p, above 0: 1 is the sum of magnitudes, 2 the Euclidean norm, infinity the greatest magnitude.""",
    "sharpness": """\
sharpness : float, default 1
    r, not 0: the larger, the nearer to the greatest value; below 0 it is a smooth minimum.""",
    "nan_policy": """\
nan_policy : {{"propagate", "omit"}}
    Whether a NaN makes its windows NaN, or is left out. A window of nothing but NaN is NaN.""",
    "mask": """\
mask : array_like of bool, optional
    True for elements that are left out, as in NumPy's masked arrays; it broadcasts to x. They take no part in any
    result, nor does a NaN among them. A window with nothing left gives NaN; 0 for integers, and for any sum. The
    mask of a masked array as x counts too; the result is then one as well, masked where a window has nothing left
    (a plain array as ``out`` stays one).""",
    "weights": """\
weights : array_like, optional
    Finite real numbers, which broadcast to x: the sum is ``sum(weights * x)``, the mean that divided by
    ``sum(weights)`` (NaN where this is 0) or by a divisor_override, in float64. Padding has no weight. The result
    of integers is then float64. An element of weight 0 still takes part: a NaN stays one.""",
    "dtype": """\
dtype : dtype, optional
    Of the result. {usual}""",
    "out": """\
out : ndarray, optional
    Where the result goes, and what is returned. Of the result's shape, any strides, a dtype that the result
    casts to; it may overlap x.""",
    "num_threads": """\
num_threads : int, optional
    At most this many threads. None follows `set_num_threads`, then the environment variables CYPOOL_NUM_THREADS
    and OMP_NUM_THREADS, then the cores at hand. Results do not depend on it.""",
    "values": """\
ndarray
    The dtype of {dtype_of}, in the memory order of x.""",
    "indices": """\
indices : ndarray of int64
    Only with return_indices: positions of the results, flat over the pooled axes of x (in the order in which x
    has them). Of equal values, and of NaNs, the first has the index.""",
    "raises": """\
ValueError, TypeError
    If an argument is wrong. The message names it, what is required and what was received.""",
    "grad_output": """\
grad_output : ndarray of float or complex
    Gradient with respect to what the forward call gave; of a masked array, what is masked counts as 0.""",
    "forward_x": """\
x : array_like
    What the forward call took, like all arguments that follow.""",
    "input_shape": """\
input_shape : tuple of int
    Shape of the forward call's x.""",
    "mask_gradient": """\
mask : array_like of bool, optional
    That of the forward call, or of its masked array: the gradient of elements that were left out is 0.""",
    "weights_gradient": """\
weights : array_like, optional
    Those of the forward call. A window whose weights add up to 0 has no gradient, but with a divisor_override.""",
    "images": """\
x : array_like, shape (N, C, H, W) or (N, H, W, C)""",
    "grad_bins": """\
grad_output : ndarray of float, shape (n, C, h, w) or (n, h, w, C)
    Gradient with respect to what the forward call gave.""",
    "boxes": """\
boxes : array_like, shape (n, 4)
    Corners x1, y1, x2, y2 of each box, in elements of the image divided by spatial_scale. They may reach outside of
    it; they must be finite.""",
    "batch_indices": """\
batch_indices : array_like of int, shape (n,)
    The image of each box.""",
    "bins": """\
output_size : int or pair of int
    Bins of a box along y and x: (h, w), or one number for both.""",
    "spatial_scale": """\
spatial_scale : float, default 1
    Above 0: boxes are multiplied by it.""",
    "sampling_ratio": """\
sampling_ratio : int, default 0
    Samples of a bin along each axis. 0 means the size of a bin in elements, rounded up.""",
    "coordinates": """\
coordinate_transformation_mode : {{"half_pixel", "output_half_pixel"}}
    Whether the centre of the first element is at 0.5, or at 0; then boxes have at least the size 1. They are
    torchvision's ``aligned=True`` and ``False``.""",
    "roi_format": """\
data_format : {{"channels_first", "channels_last"}}
    Whether channels come before the spatial axes or last.""",
    "out_gradient": """\
out : ndarray, optional
    Where the result goes. After an error over an index it holds nothing of use.""",
}
_DESCRIPTION = re.compile(r"^(?P<indent> *)\{(?P<name>\w+)\}$", re.MULTILINE)


@overload
def documented(function: _Function, **values: str | int) -> _Function: ...
@overload
def documented(function: None = None, **values: str | int) -> Callable[[_Function], _Function]: ...
def documented(function: Callable[..., Any] | None = None, **values: str | int) -> Callable[..., Any]:
    """Fill the shared descriptions into a docstring: each `{name}` on a line of its own."""
    def described(line: re.Match[str]) -> str:
        text = _SHARED[line["name"]].format_map({"complex": "", **values})
        return line["indent"] + text.replace("\n", "\n" + line["indent"])

    def fill(function: _Function) -> _Function:
        function.__doc__ = _DESCRIPTION.sub(described, function.__doc__ or "")
        return function

    return fill if function is None else fill(function)

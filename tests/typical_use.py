"""Typical uses of cypool, for type checkers: `test_typing.py` has them read it, nothing runs it.

Types of results are asserted. Below them are calls that must be errors: a checker that finds none there reports that
the comment beside the line is of no use.
"""

from __future__ import annotations

from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import cypool

Masked = np.ma.MaskedArray[tuple[int, ...], np.dtype[np.float32]]


def any_axes(image: NDArray[np.uint8], batch: NDArray[np.float32], masked: Masked, signal: list[float]) -> None:
    assert_type(cypool.max_pool(image, 2), NDArray[np.uint8])
    assert_type(cypool.min_pool(image, (2, 3), stride=[1, 2], padding="same", axis=(0, -1)), NDArray[np.uint8])
    assert_type(cypool.max_pool(image, np.int64(3), padding=((0, 1), (1, 1))), NDArray[np.uint8])
    assert_type(cypool.max_pool(image, np.array([2, 2]), padding=[1, (0, 1)], ceil_mode=True), NDArray[np.uint8])
    assert_type(cypool.max_pool(signal, 3, nan_policy="omit"), NDArray[Any])
    assert_type(cypool.max_pool(image, 2, mask=image > 7), NDArray[np.uint8])
    assert_type(cypool.max_pool(masked, 2), Masked)
    assert_type(cypool.avg_pool(image, 2), NDArray[np.uint8])
    assert_type(cypool.avg_pool(image, 2, dtype=np.float32), NDArray[np.float32])
    assert_type(cypool.avg_pool(image, 2, dtype=np.dtype(np.float64)), NDArray[np.float64])
    assert_type(cypool.avg_pool(image, 2, dtype="f4"), NDArray[Any])
    assert_type(cypool.avg_pool(batch, 2, weights=[[1.0], [2.0]]), NDArray[Any])
    assert_type(cypool.avg_pool(masked, 2), Masked)
    assert_type(cypool.sum_pool(image, 2), NDArray[np.uint64])
    assert_type(cypool.sum_pool(image > 7, 2), NDArray[np.int64])
    assert_type(cypool.sum_pool(batch, 2, num_threads=1), NDArray[np.float32])
    cypool.max_pool(image, 2, out=np.empty((4, 4), np.uint8))


def indices(image: NDArray[np.uint8], masked: Masked, wanted: bool) -> None:
    assert_type(cypool.max_pool(image, 2, return_indices=False), NDArray[np.uint8])
    assert_type(cypool.max_pool(image, 2, return_indices=True), tuple[NDArray[np.uint8], NDArray[np.int64]])
    assert_type(cypool.max_pool([[1, 2]], 1, return_indices=True), tuple[NDArray[Any], NDArray[np.int64]])
    assert_type(cypool.max_pool(masked, 2, return_indices=True), tuple[Masked, NDArray[np.int64]])
    assert_type(cypool.max_pool(image, 2, return_indices=wanted),
                NDArray[Any] | tuple[NDArray[Any], NDArray[np.int64]])
    values, places = cypool.max_pool2d(image, 2, return_indices=True)
    assert_type(cypool.max_unpool2d(values, places, 2, output_size=image.shape), NDArray[np.uint8])
    small = cypool.compact_indices(places, image.shape, 2)
    assert_type(cypool.expand_indices(small, image.shape, 2), NDArray[np.int64])


def spatial_axes(batch: NDArray[np.float32], volume: NDArray[np.int16]) -> None:
    assert_type(cypool.max_pool2d(batch, 3, stride=2, padding=1), NDArray[np.float32])
    assert_type(cypool.max_pool3d(volume, 2, data_format="channels_last"), NDArray[np.int16])
    assert_type(cypool.avg_pool2d(batch, 3, count_include_pad=False, divisor_override=4), NDArray[np.float32])
    assert_type(cypool.lp_pool1d(volume, np.inf, 2), NDArray[np.float64])
    assert_type(cypool.lp_pool2d(batch, 2, 2), NDArray[np.float32])
    assert_type(cypool.adaptive_max_pool2d(batch, (7, None), return_indices=True),
                tuple[NDArray[np.float32], NDArray[np.int64]])
    assert_type(cypool.adaptive_avg_pool2d(batch, 7), NDArray[np.float32])
    assert_type(cypool.global_avg_pool(batch, keepdims=True), NDArray[np.float32])
    assert_type(cypool.global_lp_pool(volume), NDArray[np.float64])
    assert_type(cypool.fractional_max_pool2d(batch, 2, output_ratio=0.7, rng=np.random.default_rng(0)),
                NDArray[np.float32])


def statistics(labels: NDArray[np.uint64], batch: NDArray[np.float32]) -> None:
    assert_type(cypool.mode_pool(labels, 2), NDArray[np.uint64])
    assert_type(cypool.median_pool(batch, 3, 1, "same"), NDArray[np.float32])
    assert_type(cypool.var_pool(labels, 2, correction=1), NDArray[np.float64])
    assert_type(cypool.std_pool(batch, 2), NDArray[np.float32])
    assert_type(cypool.logsumexp_pool(batch, 2, sharpness=10, dtype=np.float64), NDArray[np.float64])
    assert_type(cypool.stochastic_pool(batch, 2, training=True, return_indices=True, rng=0),
                tuple[NDArray[np.float32], NDArray[np.int64]])


def images(image: NDArray[np.uint8], batch: NDArray[np.float32], boxes: NDArray[np.float64]) -> None:
    assert_type(cypool.block_reduce(image, 2), NDArray[np.uint8])
    assert_type(cypool.block_reduce(image, (2, 2), "median", boundary="trim"), NDArray[np.uint8])
    assert_type(cypool.block_reduce(image, 2, "sum"), NDArray[np.uint64])
    assert_type(cypool.block_reduce(image, 2, "std"), NDArray[np.float64])
    assert_type(cypool.block_reduce(image, 2, "mean", dtype=np.float32), NDArray[np.float32])
    assert_type(cypool.block_reduce(batch, 2, "sum"), NDArray[np.float32])
    assert_type(cypool.pyramid(image, levels=3, func="mode"), list[NDArray[np.uint8]])
    assert_type(cypool.area_pool(image, (180, None), axis=(0, 1)), NDArray[np.uint8])
    assert_type(cypool.roi_align(batch, boxes, [0, 1], 7, spatial_scale=0.25), NDArray[np.float32])
    assert_type(cypool.roi_max_pool(batch, [[0, 0, 3, 3]], [0], (2, 2)), NDArray[np.float32])


def gradients(batch: NDArray[np.float32], gradient: NDArray[np.float32]) -> None:
    places = cypool.max_pool2d(batch, 2, return_indices=True)[1]
    assert_type(cypool.max_pool_backward(gradient, places, batch.shape, axis=(-2, -1)), NDArray[np.float32])
    assert_type(cypool.avg_pool_backward(gradient, batch.shape, 2, axis=(-2, -1)), NDArray[np.float32])
    assert_type(cypool.lp_pool_backward(gradient, batch, 2, 2, axis=(-2, -1)), NDArray[np.float32])
    assert_type(cypool.avg_pool_backward(gradient, batch.shape, 2, mask=np.isnan(batch)), NDArray[np.float32])
    assert_type(cypool.sum_pool_backward(gradient, (4, 6), 2, weights=[[1.0], [2.0]]), NDArray[np.float32])
    box = [[0.0, 0.0, 3.0, 3.0]]
    assert_type(cypool.roi_align_backward(gradient, box, [0], batch.shape), NDArray[np.float32])
    assert_type(cypool.roi_align_backward(gradient, box, [0], batch.shape, mode="max", x=batch), NDArray[np.float32])
    assert_type(cypool.roi_max_pool_backward(gradient, batch, box, [0]), NDArray[np.float32])


def unknown_dtypes(x: NDArray[Any]) -> None:
    assert_type(cypool.max_pool(x, 2), NDArray[Any])
    assert_type(cypool.avg_pool2d(x, 2), NDArray[Any])
    assert_type(cypool.block_reduce(x, 2), NDArray[Any])


def settings() -> None:
    cypool.set_num_threads(None)
    assert_type(cypool.get_num_threads(), int)
    assert_type(cypool.show_config()["isa_usable"], list[str])
    assert_type(cypool.__version__, str)


def errors(image: NDArray[np.uint8], batch: NDArray[np.float32], places: NDArray[np.int64]) -> None:
    cypool.max_pool(image)  # type: ignore[call-overload]
    cypool.max_pool(image, 2.5)  # type: ignore[call-overload]
    cypool.max_pool(image, 2, 2, 0, 1, 0)  # type: ignore[call-overload]
    cypool.max_pool(image, 2, padding="sama")  # type: ignore[arg-type]
    cypool.max_pool(image, 2, padding=0.5)  # type: ignore[call-overload]
    cypool.max_pool(image, 2, nan_policy="raise")  # type: ignore[call-overload]
    cypool.max_pool(image, 2, mask=batch)  # type: ignore[arg-type]
    cypool.max_pool(image, 2, dtype=np.float32)  # type: ignore[call-overload]
    print(cypool.max_pool(image, 2, return_indices=True).shape)  # type: ignore[attr-defined]
    cypool.max_pool(image, 2, axis="0")  # type: ignore[arg-type]
    cypool.avg_pool(image, 2, return_indices=True)  # type: ignore[call-overload]
    cypool.avg_pool(image, 2, divisor_override=2.5)  # type: ignore[call-overload]
    cypool.avg_pool(image, 2, out=[0])  # type: ignore[call-overload]
    cypool.max_pool2d(batch, 2, data_format="NHWC")  # type: ignore[call-overload]
    cypool.max_pool2d(batch, 2, axis=(0, 1))  # type: ignore[call-overload]
    cypool.adaptive_avg_pool2d(batch, "7")  # type: ignore[arg-type]
    cypool.global_max_pool(batch, keepdims=1)  # type: ignore[call-overload]
    cypool.max_unpool2d(batch, places, 2, padding="same")  # type: ignore[arg-type]
    cypool.max_unpool2d(batch, batch, 2)  # type: ignore[arg-type]
    cypool.median_pool(image, 2, dtype=np.float32)  # type: ignore[call-overload]
    cypool.mode_pool(image, 2, nan_policy="omit")  # type: ignore[call-overload]
    cypool.mode_pool(batch, 2)  # type: ignore[type-var]
    cypool.lp_pool(batch, "2", 2)  # type: ignore[call-overload]
    cypool.fractional_max_pool2d(batch, 2, output_ratio=0.5, rng="seed")  # type: ignore[call-overload]
    cypool.block_reduce(image, 2, "average")  # type: ignore[call-overload]
    cypool.block_reduce(image, 2, "max", dtype=np.float32)  # type: ignore[call-overload]
    cypool.block_reduce(image, 2, boundary="wrap")  # type: ignore[call-overload]
    cypool.pyramid(image, boundary="pad")  # type: ignore[call-overload]
    cypool.roi_align(batch, [[0, 0, 1, 1]], [0], 2, mode="min")  # type: ignore[call-overload]
    cypool.roi_align(batch, [[0, 0, 1, 1]], [0.5], 2)  # type: ignore[list-item]
    cypool.roi_align(batch, [[0, 0, 1, 1]], [0], 2, coordinate_transformation_mode="half")  # type: ignore[call-overload]
    cypool.max_pool_backward(batch, places)  # type: ignore[call-overload]
    cypool.expand_indices(places, None, 2)  # type: ignore[arg-type]
    cypool.set_num_threads(1.5)  # type: ignore[arg-type]
    cypool.show_config()["isas"]  # type: ignore[typeddict-item]

"""The layers of a small convolutional network, in NumPy: each turns an array into another, and a gradient back.

Arrays are (batch, height, width, channels). The network is the article's:

    Conv 32 3x3 relu, MaxPool 2, Conv 64 3x3 relu, MaxPool 2, Flatten, Dense 128 relu, Dense 10 softmax
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

import cypool

Floats: TypeAlias = NDArray[np.float32]
Labels: TypeAlias = NDArray[np.integer[Any]]


class Layer(Protocol):
    """What every layer has; `backward` leaves the gradients of the weights in `gradients`."""

    weights: tuple[Floats, ...]
    gradients: tuple[Floats, ...]

    def forward(self, x: Floats) -> Floats: ...

    def backward(self, gradient: Floats) -> Floats: ...


class MaxPool:
    """The greatest value of each window, channel by channel."""

    weights: tuple[Floats, ...] = ()
    gradients: tuple[Floats, ...] = ()
    input_shape: tuple[int, ...]
    indices: NDArray[np.int64]

    def __init__(self, pool_size: int) -> None:
        self.pool_size = pool_size

    def forward(self, x: Floats) -> Floats:
        self.input_shape = x.shape
        y, self.indices = cypool.max_pool(x, self.pool_size, axis=(1, 2), return_indices=True)
        return y

    def backward(self, gradient: Floats) -> Floats:
        return cypool.max_pool_backward(gradient, self.indices, self.input_shape, axis=(1, 2))


class Conv:
    """A convolution with square kernels: each window of the input times a matrix."""

    size: int
    pad: int
    padded: Floats
    rows: Floats

    def __init__(self, channels_in: int, channels_out: int, size: int = 3, *, same: bool,
                 rng: np.random.Generator) -> None:
        self.size, self.pad = size, size // 2 if same else 0
        scale = np.sqrt(2 / (size * size * channels_in))
        self.kernel: Floats = (rng.normal(size=(size * size * channels_in, channels_out)) * scale).astype("f4")
        self.bias: Floats = np.zeros(channels_out, "f4")
        self.weights: tuple[Floats, ...] = (self.kernel, self.bias)
        self.gradients: tuple[Floats, ...] = ()

    def forward(self, x: Floats) -> Floats:
        self.padded = np.pad(x, ((0, 0), (self.pad, self.pad), (self.pad, self.pad), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(self.padded, (self.size, self.size), axis=(1, 2))
        self.rows = windows.transpose(0, 1, 2, 4, 5, 3).reshape(*windows.shape[:3], -1)
        result: Floats = self.rows @ self.kernel + self.bias
        return result

    def backward(self, gradient: Floats) -> Floats:
        rows, gradients = self.rows.reshape(-1, len(self.kernel)), gradient.reshape(-1, len(self.bias))
        self.gradients = (rows.T @ gradients, gradients.sum(0))
        by_tap = (gradient @ self.kernel.T).reshape(*gradient.shape[:3], self.size, self.size, -1)
        height, width = gradient.shape[1:3]
        back = np.zeros_like(self.padded)
        for i in range(self.size):
            for j in range(self.size):
                back[:, i:i + height, j:j + width] += by_tap[:, :, :, i, j]
        return back[:, self.pad:back.shape[1] - self.pad, self.pad:back.shape[2] - self.pad]


class Relu:
    """What is positive."""

    weights: tuple[Floats, ...] = ()
    gradients: tuple[Floats, ...] = ()
    positive: NDArray[np.bool_]

    def forward(self, x: Floats) -> Floats:
        self.positive = x > 0
        return x * self.positive

    def backward(self, gradient: Floats) -> Floats:
        return gradient * self.positive


class Flatten:
    """One row for each image."""

    weights: tuple[Floats, ...] = ()
    gradients: tuple[Floats, ...] = ()
    input_shape: tuple[int, ...]

    def forward(self, x: Floats) -> Floats:
        self.input_shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, gradient: Floats) -> Floats:
        return gradient.reshape(self.input_shape)


class Dense:
    """Every input to every output."""

    def __init__(self, size_in: int, size_out: int, *, rng: np.random.Generator) -> None:
        self.matrix: Floats = (rng.normal(size=(size_in, size_out)) * np.sqrt(2 / size_in)).astype("f4")
        self.bias: Floats = np.zeros(size_out, "f4")
        self.weights: tuple[Floats, ...] = (self.matrix, self.bias)
        self.gradients: tuple[Floats, ...] = ()

    def forward(self, x: Floats) -> Floats:
        self.x = x
        result: Floats = x @ self.matrix + self.bias
        return result

    def backward(self, gradient: Floats) -> Floats:
        self.gradients = (self.x.T @ gradient, gradient.sum(0))
        result: Floats = gradient @ self.matrix.T
        return result


def softmax(scores: Floats) -> Floats:
    """Scores as probabilities."""
    odds: Floats = np.exp(scores - scores.max(1, keepdims=True))
    result: Floats = odds / odds.sum(1, keepdims=True)
    return result


class Network:
    """The article's network for square grey images, with the seconds that each kind of layer takes."""

    def __init__(self, side: int, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        # A small image would be used up by convolutions that shrink it.
        same = side < 16
        conv = [side, side // 2] if same else [side - 2, (side - 2) // 2 - 2]
        self.layers: list[Layer] = [
            Conv(1, 32, same=same, rng=rng),
            Relu(),
            MaxPool(2),
            Conv(32, 64, same=same, rng=rng),
            Relu(),
            MaxPool(2),
            Flatten(),
            Dense((conv[1] // 2) ** 2 * 64, 128, rng=rng),
            Relu(),
            Dense(128, 10, rng=rng),
        ]
        self.weights: list[Floats] = [weight for layer in self.layers for weight in layer.weights]
        self.seconds: defaultdict[tuple[str, str], float] = defaultdict(float)

    def scores(self, images: Floats) -> Floats:
        """One score for each image and digit."""
        for layer in self.layers:
            images = self._timed(layer, layer.forward, images)
        return images

    def gradients(self, images: Floats, labels: Labels) -> list[Floats]:
        """The slope of the cross-entropy for each weight."""
        errors = softmax(self.scores(images))
        errors[np.arange(len(labels)), labels] -= 1
        errors /= len(labels)
        for layer in reversed(self.layers):
            errors = self._timed(layer, layer.backward, errors)
        return [gradient for layer in self.layers if layer.weights for gradient in layer.gradients]

    def feature_maps(self, image: Floats) -> list[Floats]:
        """What goes into each pooling and what comes out of it, for one image."""
        maps: list[Floats] = []
        x = image[None]
        for layer in self.layers:
            before, x = x, layer.forward(x)
            if isinstance(layer, MaxPool):
                maps += [before[0], x[0]]
        return maps

    def _timed(self, layer: Layer, function: Callable[[Floats], Floats], x: Floats) -> Floats:
        begin = time.perf_counter()
        result = function(x)
        self.seconds[type(layer).__name__, function.__name__] += time.perf_counter() - begin
        return result

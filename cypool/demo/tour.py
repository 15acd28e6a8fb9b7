"""The demo: train the network, say what pooling cost, draw the picture."""

from __future__ import annotations

from pathlib import Path

from cypool.demo import digits as data
from cypool.demo.network import Network

# Images on which the article's double loop is timed.
SAMPLE = 50


def run(mnist: str | Path | None, epochs: int | None, picture: str | Path) -> float:
    """Run the demo. `mnist` is a path or None, `epochs` an int or None for what suits the data."""
    digits = data.mnist(mnist) if mnist else data.bundled()
    epochs = epochs or (2 if mnist else 20)
    side = digits.train_images.shape[1]
    print(f"{len(digits.train_labels):,} handwritten digits of {side}x{side} pixels to learn from, "
          f"{len(digits.test_labels):,} held out")
    print("Conv 32 3x3 relu, MaxPool 2, Conv 64 3x3 relu, MaxPool 2, Flatten, Dense 128 relu, Dense 10 softmax")
    network = Network(side)
    seconds = data.train(network, digits, epochs)
    forward, backward = (network.seconds["MaxPool", way] for way in ("forward", "backward"))
    n_pooled = epochs * (len(digits.train_labels) // data.BATCH) * data.BATCH
    right = data.accuracy(network, digits.test_images, digits.test_labels)
    loop = data.double_loop_seconds(network, digits.test_images[:SAMPLE]) * n_pooled
    print(f"held-out accuracy: {right:.1%}")
    print(f"training took {seconds:.1f} s; pooling was {(forward + backward) / seconds:.1%} of it: "
          f"{forward:.2f} s forward, with indices, and {backward:.2f} s backward")
    print(f"forward, the article's double loop would have taken {loop:.1f} s on the same arrays, "
          f"{loop / forward:.0f} times as long (measured on {SAMPLE} images)")

    from cypool.demo.picture import draw

    draw(picture, network, digits.test_images[0], digits.test_labels[0])
    print(f"picture: {Path(picture).resolve()}")
    return right

"""`python -m cypool demo`, `python -m cypool config`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from cypool import show_config


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser("python -m cypool", description="cypool's demo and configuration")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("config", help="show the instruction set in use, OpenMP and versions")
    demo = commands.add_parser("demo", help="train a small network on handwritten digits, pool a photograph, "
                                            "and save a picture of both")
    demo.add_argument("--mnist", metavar="mnist.npz", help="the full MNIST, in the file that Keras saves, instead of "
                                                           "the digits that come with scikit-learn")
    demo.add_argument("--epochs", type=int, help="times to go through the digits (default: 20, for MNIST 2)")
    demo.add_argument("--picture", default="cypool-demo.png", help="where to save the picture (default: %(default)s)")
    options = parser.parse_args(arguments)
    if options.command == "config":
        show_config()
        return
    try:
        from cypool.demo.tour import run
    except ModuleNotFoundError as error:
        sys.exit(f'The demo needs {error.name}: pip install "cypool[demo]"')
    try:
        run(options.mnist, options.epochs, options.picture)
    except (OSError, ValueError) as error:
        sys.exit(f"{parser.prog}: {error}")


if __name__ == "__main__":
    main()

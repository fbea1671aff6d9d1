"""What a prompt can be told, the same for magic and command line."""

from __future__ import annotations

import argparse

from ...config import DEFAULT_MODEL
from .parsing import comma_list

__all__ = ["add_prompt"]


def add_prompt(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``prompt``."""
    parser.add_argument("-m", "--model", default=DEFAULT_MODEL, help=f"default: {DEFAULT_MODEL}")
    parser.add_argument("--system", metavar="TEXT", help="a system instruction")
    parser.add_argument("--temperature", type=float, metavar="T", help="0 to 2")
    parser.add_argument(
        "--files", type=comma_list, default=[], metavar="A,B", help="files that go before the text"
    )
    parser.add_argument(
        "--stores", type=comma_list, default=[], metavar="A,B", help="file search stores that it may search"
    )
    parser.add_argument(
        "--no-stream", dest="is_streaming", action="store_false", help="show the answer when it is whole"
    )

"""The server's process: its options, its one line on stdout, its signals and its end.

Standard library only until :func:`serve` runs, so that a command line can offer
the options without loading a server.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from .runtime import private_folder
from .settings import DEFAULT_PROCESSING_SECONDS, Settings

PROCESSING_SECONDS_VARIABLE = "GEMFILES_OFFLINE_PROCESSING_SECONDS"
_PATIENCE_SECONDS = 8.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def add_arguments(parser: argparse.ArgumentParser, *, default_data: Path | None = None) -> None:
    """Add the server's options to a command line.

    Parameters
    ----------
    parser
        The command that serves.
    default_data
        The data folder of the user's own server, for when ``--data`` is not given: a server
        there is also found by :mod:`.launcher`.  Without it the option is required.
    """
    parser.add_argument("--port", type=_port, default=0, help="port to listen on (default: any free one)")
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=default_data,
        required=default_data is None,
        metavar="DIR",
        help="folder for the files",
    )
    parser.add_argument(
        "--processing-seconds",
        type=_seconds,
        default=None,
        metavar="S",
        help=f"how long a video stays PROCESSING (default: {DEFAULT_PROCESSING_SECONDS:g})",
    )
    parser.add_argument(
        "--idle-minutes",
        type=_seconds,
        default=0.0,
        metavar="M",
        help="stop after M minutes without a request",
    )
    parser.add_argument(
        "--allow-origin", action="append", default=[], metavar="ORIGIN", help="let pages of this origin call"
    )
    parser.add_argument("--control", metavar="TOKEN", help="switch test control on")
    parser.add_argument("--runtime", type=Path, metavar="FILE", help="file through which the server is found")
    parser.set_defaults(default_data=default_data)
    parser.add_argument("-v", "--verbose", action="store_true", help="log requests to stderr")


def serve(argv: Sequence[str] | argparse.Namespace | None = None) -> int:
    """Serve until a signal or idleness ends it; return the exit code.

    Takes a command line, or options that :func:`add_arguments` has parsed.
    """
    if isinstance(argv, argparse.Namespace):
        options = argv
    else:
        parser = argparse.ArgumentParser(prog="gemfiles offline serve", description="The Files API, offline.")
        add_arguments(parser)
        options = parser.parse_args(argv)
    if options.host not in _LOOPBACK:
        print(
            f"Warning: listening on {options.host}: others on the network can reach this server.",
            file=sys.stderr,
        )
    # A server that is started on demand may come while the last one is still ending.
    options.patience_seconds = 0.0 if options.runtime is None else _PATIENCE_SECONDS
    if options.runtime is None and options.data == options.default_data:
        # The user's own folder: who looks for the user's server shall find this one.
        options.runtime = private_folder(options.data.parent) / "server.json"
    from .process import run  # tornado is loaded here and not before

    return run(options, Settings(processing_seconds=_processing_seconds(options)))


def _processing_seconds(options: argparse.Namespace) -> float:
    if options.processing_seconds is not None:
        return float(options.processing_seconds)
    try:
        return _seconds(os.environ[PROCESSING_SECONDS_VARIABLE])
    except (KeyError, argparse.ArgumentTypeError):
        return DEFAULT_PROCESSING_SECONDS


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535")
    return int(text)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds or minutes")
    return value

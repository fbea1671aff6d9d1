"""The verbs and their options, declared once: the magics and the command line parse with these."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from ..client.files import DEFAULT_WAIT_SECONDS
from ..config import DEFAULT_MODEL
from ..errors import InvalidUsage
from ..transfers.reuse import ReusePolicy
from ..transfers.transfer import TransferOptions

__all__ = [
    "CONFIRM",
    "HelpShown",
    "VerbParser",
    "add_info",
    "add_ls",
    "add_offline",
    "add_prompt",
    "add_rm",
    "add_transfer_names",
    "add_transfers",
    "add_upload",
    "add_wait",
    "transfer_options",
]

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


CONFIRM = "Delete {} files? They can't be brought back. [y/N] "


class HelpShown(BaseException):
    """The user asked for help and got it; there is nothing else to do."""


class VerbParser(argparse.ArgumentParser):
    """An argument parser that raises our own errors, suggests the nearest option, and never exits."""

    def __init__(self, *args: object, **options: object) -> None:
        options.setdefault("allow_abbrev", False)
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(*args, **options)  # type: ignore[arg-type]

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse, and complain of what is not known here rather than at the outermost parser."""
        chosen, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return chosen, unknown

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print."""
        text = message[:1].upper() + message[1:]
        raise InvalidUsage(text, hint=self._suggestion(message))

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:  # noqa: ARG002
        """End after help was printed, without ending the process."""
        raise HelpShown

    def _suggestion(self, message: str) -> str:
        unknown = re.search(r"unrecognized arguments: (-\S+)|invalid choice: '([^']*)'", message)
        if unknown:
            close = difflib.get_close_matches(unknown[1] or unknown[2], _words(self), n=1, cutoff=0.5)
            if close:
                return f"Did you mean {close[0]}?"
        return f"See {self.prog} --help."


def add_upload(parser: argparse.ArgumentParser, sources_help: str) -> None:
    """Declare the arguments of ``upload``."""
    parser.add_argument("sources", nargs="+", metavar="SOURCE", help=sources_help)
    parser.add_argument("--name", metavar="TEXT", help="display name, instead of the file's own")
    parser.add_argument("--id", metavar="ID", help="id to ask for: files/ID")
    parser.add_argument("--mime", metavar="TYPE", help="MIME type, instead of recognising it")
    parser.add_argument(
        "--reuse",
        choices=[policy.value for policy in ReusePolicy],
        default=ReusePolicy.AUTO.value,
        help="use a stored file with the same content instead of sending it again: auto (default), "
        "always (even if its type differs or it soon expires), never",
    )
    parser.add_argument(
        "--no-wait", dest="is_waiting", action="store_false", help="do not wait until it is ACTIVE"
    )
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=DEFAULT_WAIT_SECONDS,
        metavar="TIME",
        help="how long to wait for that: 90s, 10m (default), 1h",
    )
    parser.add_argument(
        "-j",
        dest="workers",
        type=positive,
        metavar="N",
        help="uploads at a time; by default few for big files and many for small ones",
    )
    parser.add_argument(
        "-r", dest="is_recursive", action="store_true", help="folders stand for the folders below them too"
    )
    parser.add_argument(
        "--include", action="append", default=[], metavar="GLOB", help="only these files of a folder"
    )
    parser.add_argument(
        "--exclude", action="append", default=[], metavar="GLOB", help="all files of a folder but these"
    )
    parser.add_argument(
        "--force", action="store_true", help="try even what the service is known to refuse for its size"
    )
    parser.add_argument("-q", dest="is_quiet", action="store_true", help="show errors only")


def transfer_options(chosen: argparse.Namespace) -> TransferOptions:
    """Return the options of an upload from its parsed arguments."""
    return TransferOptions(
        display_name=chosen.name,
        id=chosen.id,
        mime_type=chosen.mime,
        is_waiting=chosen.is_waiting,
        timeout_seconds=chosen.timeout,
        workers=chosen.workers,
        is_forced=chosen.force,
        reuse=ReusePolicy(chosen.reuse),
    )


def add_ls(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``ls``."""
    parser.add_argument("pattern", nargs="?", metavar="PATTERN", help="only these, such as *.pdf or video/*")


def add_info(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``info``."""
    parser.add_argument("file", metavar="FILE", help="variable, display name, files/ID or URI")


def add_rm(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``rm``."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="variable, display name, files/ID or URI")
    parser.add_argument("--all", dest="is_all", action="store_true", help="every stored file of this key")
    parser.add_argument("-y", dest="is_sure", action="store_true", help="do not ask")


def add_wait(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``wait``."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="variable, display name, files/ID or URI")
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=DEFAULT_WAIT_SECONDS,
        metavar="TIME",
        help="90s, 10m (default), 1h",
    )


def add_transfers(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``transfers``."""
    parser.add_argument("--all", dest="is_all", action="store_true", help="those that have ended too")


def add_transfer_names(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``pause``, ``resume`` and ``cancel``."""
    parser.add_argument(
        "transfers", nargs="*", metavar="TRANSFER", help="id or name from `transfers`; default: all"
    )


def add_offline(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``offline``."""
    parser.add_argument("action", nargs="?", choices=("status", "start", "stop"), default="status")


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


def _words(parser: argparse.ArgumentParser) -> list[str]:
    """Return all options and verbs that a parser and its verbs know."""
    words: list[str] = []
    for action in parser._actions:
        words += action.option_strings
        for name in action.choices or ():
            words.append(str(name))
            verb = action.choices.get(name) if isinstance(action.choices, dict) else None
            words += _words(verb) if isinstance(verb, argparse.ArgumentParser) else []
    return words


def seconds(text: str) -> float:
    """Read ``90``, ``90s``, ``10m`` or ``1h``."""
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([smh]?)", text.strip().lower())
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 90s, 10m or 1h")
    return float(match[1]) * _UNITS[match[2]]


def positive(text: str) -> int:
    """Read a number from 1 on."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


def comma_list(text: str) -> Sequence[str]:
    """Read ``a, b``."""
    return [item.strip() for item in text.split(",") if item.strip()]

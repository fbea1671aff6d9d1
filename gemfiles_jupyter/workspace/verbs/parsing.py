"""Lines of options: errors of our own, suggestions, times and numbers."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from ...errors import InvalidUsage

__all__ = ["HelpShown", "VerbParser", "comma_list", "positive", "seconds"]

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class HelpShown(BaseException):
    """The user asked for help and got it; there is nothing else to do."""


class VerbParser(argparse.ArgumentParser):
    """An argument parser that raises our own errors, suggests the nearest option, and never exits."""

    def __init__(self, *args: object, **options: object) -> None:
        options.setdefault("allow_abbrev", False)
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.check_words: Callable[[Sequence[str]], None] = _take_any

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse, and complain of what is not known here rather than at the outermost parser.

        `check_words` comes first, for words that not even an error may repeat.
        """
        if args is not None:
            self.check_words(args)
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


def _take_any(words: Sequence[str]) -> None:
    """Take any words, as every verb does that reads no secrets."""


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
    """Read ``90``, ``90s``, ``10m``, ``1h`` or ``2d``."""
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([smhd]?)", text.strip().lower())
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 90s, 10m, 1h or 2d")
    return float(match[1]) * _UNITS[match[2]]


def positive(text: str) -> int:
    """Read a number from 1 on."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


def comma_list(text: str) -> Sequence[str]:
    """Read ``a, b``."""
    return [item.strip() for item in text.split(",") if item.strip()]

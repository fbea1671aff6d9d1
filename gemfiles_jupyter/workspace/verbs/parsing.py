"""Lines of options: errors of our own, suggestions, times and numbers."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

from ...errors import InvalidUsage

__all__ = ["HelpShown", "VerbParser", "comma_list", "positive", "seconds"]

# What verbs are called in other places.
_CALLED_ELSEWHERE = {
    **dict.fromkeys(("list", "dir"), "ls"),
    **dict.fromkeys(("delete", "del", "remove"), "rm"),
    **dict.fromkeys(("get", "show", "describe"), "info"),
    **dict.fromkeys(("storage", "usage", "df"), "quota"),
    "status": "transfers",
    "tokens": "count",
    "login": "key",
    "upload": "%gemupload",
    "prompt": "%gemprompt",
}
_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class HelpShown(BaseException):
    """The user asked for help and got it; there is nothing else to do."""


class VerbParser(argparse.ArgumentParser):
    """An argument parser that raises our own errors, suggests the nearest option, and never exits."""

    def __init__(self, *args: object, **options: object) -> None:
        options.setdefault("allow_abbrev", False)
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(*args, **options)  # type: ignore[arg-type]
        for name in (None, "store"):
            self.register("action", name, _StoreOnce)
        self.check_words: Callable[[Sequence[str]], None] = _take_any
        self.instead_of_words = ""  # what to do with words that have no place here

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

    def all_parsers(self) -> Iterator[VerbParser]:
        """Yield this parser and those of its verbs."""
        yield self
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):
                for parser in action.choices.values():
                    yield from parser.all_parsers()

    def options_with_value(self) -> frozenset[str]:
        """Return the options, of every verb, that the next word is the value of."""
        actions = (action for parser in self.all_parsers() for action in parser._actions)
        return frozenset(name for action in actions if action.nargs != 0 for name in action.option_strings)

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print."""
        unknown = re.search(r"unrecognized arguments: (-\S+)|invalid choice: '([^']*)'", message)
        nearest = self._nearest(unknown[1] or unknown[2]) if unknown else ""
        if message.startswith(("argument VERB", "argument ACTION")) and unknown:
            nearest = _CALLED_ELSEWHERE.get(unknown[2], nearest)
            if nearest:  # then all the others, which are many, are of no interest
                message = re.sub(r" \(choose from .*\)", "", message)
        is_word = message.startswith("unrecognized arguments: ") and not (unknown and unknown[1])
        otherwise = (is_word and self.instead_of_words) or f"See {self.prog} --help."
        hint = f"Did you mean {nearest}?" if nearest else otherwise
        raise InvalidUsage(message[:1].upper() + message[1:], hint=hint)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:  # noqa: ARG002
        """End after help was printed, without ending the process."""
        raise HelpShown

    def _nearest(self, word: str) -> str:
        """Return the option or choice that resembles a word; empty where none does."""
        known = (
            name for action in self._actions for name in (*action.option_strings, *(action.choices or ()))
        )
        return next(iter(difflib.get_close_matches(word, map(str, known), n=1, cutoff=0.6)), "")


class _StoreOnce(argparse._StoreAction):
    """Keeps the value of an argument or option; of two values one would be lost without a word."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, name: Any = None
    ) -> None:
        given = vars(namespace).setdefault("given", set())
        if name and self.dest in given:
            raise argparse.ArgumentError(self, "given twice")
        given.add(self.dest)
        super().__call__(parser, namespace, values, name)


def _take_any(words: Sequence[str]) -> None:
    """Take any words, as every verb does that reads no secrets."""


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

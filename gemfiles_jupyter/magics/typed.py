"""A line that is still being typed: the words before the cursor, the one at it, and how to write a word."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

__all__ = ["Typed", "quoted", "typed"]

_IS_WINDOWS = sys.platform == "win32"
# What a word of a line can't hold as it is.
_SPECIAL = re.compile(r"""([\s'"\\;])""")


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands before the cursor.

    Attributes
    ----------
    words
        Those that are complete, without their quotes.
    fragment
        The one at the cursor as it is written; empty after a space.
    value
        What it says, without quotes.
    quote
        The quote that is open at the cursor.
    """

    words: tuple[str, ...]
    fragment: str
    value: str
    quote: str = ""


def typed(text: str) -> Typed:
    """Read a line up to the cursor, the way that `split` reads a whole one."""
    words: list[str] = []
    value, quote, start = "", "", None
    position = 0
    while position < len(text):
        character = text[position]
        if start is None and not character.isspace():
            start = position
        if character == "\\" and quote != "'" and not _IS_WINDOWS:
            position += 1
            value += text[position : position + 1]
        elif quote:
            quote, value = ("", value) if character == quote else (quote, value + character)
        elif character in "'\"":
            quote = character
        elif not character.isspace():
            value += character
        elif start is not None:
            words.append(value)
            value, start = "", None
        position += 1
    return Typed(tuple(words), "" if start is None else text[start:], value, quote)


def quoted(value: str, quote: str = "", *, is_open: bool = False) -> str:
    """Write a word so that it is read as one.

    Parameters
    ----------
    quote
        The quote that it was begun with.
    is_open
        Leave the quote open, for more is to come: a folder's name.
    """
    if not quote and _SPECIAL.search(value):
        if not _IS_WINDOWS:
            return _SPECIAL.sub(r"\\\1", value)
        quote = '"'
    if quote == '"' and not _IS_WINDOWS:
        value = re.sub(r'(["\\])', r"\\\1", value)
    return quote + value + ("" if is_open else quote)

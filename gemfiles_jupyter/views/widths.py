"""How much room text takes, and how to make it take less."""

from __future__ import annotations

from unicodedata import combining, east_asian_width

__all__ = ["clip", "columns", "short"]

LONGEST_LABEL = 72


def columns(text: str) -> int:
    """Return the columns a text takes on a terminal: Chinese and emoji take two."""
    return sum(map(_columns_of, text))


def clip(text: str, most: int) -> str:
    """Return as much of a text's beginning as fits into some columns."""
    room = most
    for index, char in enumerate(text):
        room -= _columns_of(char)
        if room < 0:
            return text[:index]
    return text


def short(label: str) -> str:
    """Return a name that fits into a line: a long one without its middle, its ending kept."""
    if len(label) <= LONGEST_LABEL:
        return label
    tail = LONGEST_LABEL // 3
    return f"{label[: LONGEST_LABEL - tail - 1]}…{label[-tail:]}"


def _columns_of(char: str) -> int:
    return 0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1

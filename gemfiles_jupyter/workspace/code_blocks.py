"""The code in a model's answer, taken out of its Markdown."""

from __future__ import annotations

import re

from ..safe_text import safe_lines

__all__ = ["code_in"]

_FENCE = re.compile(r"(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<language>[^\s`]*)[^`]*")
_PYTHON = {"", "python", "python3", "py", "ipython", "ipython3"}


def code_in(text: str) -> str:
    """Return the code of an answer as one cell; empty where there is none.

    What is said to be in another language is left out, unless all is. Characters that steer a
    terminal or turn the direction of text are escaped, so that the code is what it looks like.
    """
    blocks = _blocks(text.replace("\r\n", "\n"))
    python = [code for language, code in blocks if language in _PYTHON]
    return safe_lines("\n\n".join(python or [code for _, code in blocks]))


def _blocks(text: str) -> list[tuple[str, str]]:
    """Return language and code of each fenced block; one that is not closed was cut off, and is none."""
    blocks: list[tuple[str, str]] = []
    opened: re.Match[str] | None = None
    lines: list[str] = []
    for line in text.split("\n"):
        match = _FENCE.fullmatch(line)
        if opened is None:
            opened, lines = match, []
        elif match and not match["language"] and match["fence"].startswith(opened["fence"]):
            blocks.append((opened["language"].lower(), "\n".join(lines).strip("\n")))
            opened = None
        else:
            lines.append(line.removeprefix(opened["indent"]))
    return [(language, code) for language, code in blocks if code.strip()]

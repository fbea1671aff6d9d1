"""Turn a prompt with ``{name}`` placeholders into parts: text and files, in the order written."""

from __future__ import annotations

import numbers
import re
from collections.abc import Iterator, Mapping, Sequence

from ..client.models import File
from ..client.prompts import Part

__all__ = ["compose"]

# {{name}} is a literal {name}; {name} is a placeholder if there is such a variable.
_PLACEHOLDER = re.compile(r"\{\{(?P<literal>[^\W\d]\w*)\}\}|\{(?P<name>[^\W\d]\w*)\}")
# The braces of a LaTeX command, a sub- or superscript, are not ours: \frac{a}{b}, x_{i}.
_LATEX_BEFORE = re.compile(r"(\\[A-Za-z]+\*?(\[[^\]]*\])?(\{[^{}]*\})*|[_^])\Z")
# So far back a command is looked for; over the whole of a long prompt it would take minutes.
LOOK_BACK = 200


def compose(text: str, variables: Mapping[str, object]) -> tuple[Part, ...]:
    """Return the parts of a prompt.

    A variable that holds a file (or a list of files) becomes a file part at its place, text and
    numbers become text; everything else in braces is left as it stands.
    """
    parts: list[Part] = []
    for piece in _pieces(text, variables):
        if isinstance(piece, File):
            parts.append(piece)
        elif parts and isinstance(parts[-1], str):
            parts[-1] += piece
        elif piece:
            parts.append(piece)
    trimmed = [part.strip("\n") if isinstance(part, str) else part for part in parts]
    return tuple(part for part in trimmed if part)


def _pieces(text: str, variables: Mapping[str, object]) -> Iterator[str | File]:
    at = 0
    for match in _PLACEHOLDER.finditer(text):
        yield text[at : match.start()]
        at = match.end()
        if match["literal"]:
            yield f"{{{match['literal']}}}"
        elif _LATEX_BEFORE.search(text, max(0, match.start() - LOOK_BACK), match.start()):
            yield match[0]
        else:
            yield from _filled(match[0], variables.get(match["name"]))
    yield text[at:]


def _filled(placeholder: str, value: object) -> Sequence[str | File]:
    if isinstance(value, File):
        return [value]
    if isinstance(value, list) and value and all(isinstance(item, File) for item in value):
        return value
    if isinstance(value, (str, numbers.Number)) and not isinstance(value, bool):
        return [str(value)]
    return [placeholder]

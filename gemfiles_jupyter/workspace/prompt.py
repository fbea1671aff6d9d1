"""Turn a prompt with ``{name}`` placeholders into parts: text and files, in the order written."""

from __future__ import annotations

import numbers
import re
from collections.abc import Iterator, Mapping, Sequence

from ..client.models import File
from ..client.prompts import Clip, Part, file_of
from ..safe_text import safe_text
from .clips import clip_text, read_clip
from .results import held_files

__all__ = ["compose", "labelled", "text_of"]

# {{name}} is a literal {name}; {name} is a placeholder if there is such a variable, and
# {name|start=0:30} is one if that variable holds files.
_BODY = r"(?P<{0}>[^\W\d]\w*)(?:\|(?P<{0}_clip>[^{{}}\n]*))?"
_PLACEHOLDER = re.compile(rf"\{{\{{{_BODY.format('literal')}\}}\}}|\{{{_BODY.format('name')}\}}")
# The braces of a LaTeX command, a sub- or superscript, are not ours: \frac{a}{b}, x_{i}.
_LATEX_BEFORE = re.compile(r"(\\[A-Za-z]+\*?(\[[^\]]*\])?(\{[^{}]*\})*|[_^])\Z")
# So far back a command is looked for; over the whole of a long prompt it would take minutes.
LOOK_BACK = 200
LONGEST_LABEL = 120


def compose(text: str, variables: Mapping[str, object]) -> tuple[Part, ...]:
    """Return the parts of a prompt.

    A variable that holds a file (or a list of files) becomes a file part at its place, text and
    numbers become text; everything else in braces is left as it stands.

    Raises
    ------
    InvalidUsage
        A clip of a file makes no sense.
    """
    parts: list[Part] = []
    for piece in _pieces(text, variables):
        if not isinstance(piece, str):
            parts.append(piece)
        elif parts and isinstance(parts[-1], str):
            parts[-1] += piece
        elif piece:
            parts.append(piece)
    trimmed = [part.strip("\n") if isinstance(part, str) else part for part in parts]
    return tuple(part for part in trimmed if part)


def labelled(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return parts where the name of each file goes before it, so that the model can tell several apart.

    A single file needs no name, and gets none.
    """
    if len({(file.name, _label(part)) for part in parts if (file := file_of(part))}) < 2:
        return tuple(parts)
    named: list[Part] = []
    for part in parts:
        if file_of(part):
            before = named[-1] if named else ""
            runs_on = isinstance(before, str) and before and before[-1] not in " \t\n([{\"'"
            named.append(f"\n{_label(part)}:" if runs_on else f"{_label(part)}:")
        named.append(part)
    return tuple(named)


def text_of(value: object) -> str | None:
    """Return what a variable says within a text: a text or a number; None where it is neither."""
    is_text = isinstance(value, (str, numbers.Number)) and not isinstance(value, bool)
    return str(value) if is_text else None


def _label(part: Part) -> str:
    file = file_of(part)
    name = safe_text(file.label)[:LONGEST_LABEL] if file else ""
    return f"{name} ({clip_text(part)})" if isinstance(part, Clip) else name


def _pieces(text: str, variables: Mapping[str, object]) -> Iterator[str | File | Clip]:
    at = 0
    for match in _PLACEHOLDER.finditer(text):
        yield text[at : match.start()]
        at = match.end()
        if match["literal"]:
            yield match[0][1:-1]
        elif _LATEX_BEFORE.search(text, max(0, match.start() - LOOK_BACK), match.start()):
            yield match[0]
        elif match["name_clip"] is None:
            yield from _filled(match[0], variables.get(match["name"]))
        else:
            yield from _clipped(match[0], match["name_clip"], variables.get(match["name"]))
    yield text[at:]


def _filled(placeholder: str, value: object) -> Sequence[str | File]:
    files = held_files(value)
    if files:
        return files
    text = text_of(value)
    return [placeholder if text is None else text]


def _clipped(placeholder: str, clip: str, value: object) -> Sequence[str | Clip]:
    return [read_clip(file, clip, placeholder) for file in held_files(value)] or [placeholder]

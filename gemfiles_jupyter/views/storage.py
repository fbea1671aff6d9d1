"""What was done with stored files and variables, in lines and small tables."""

from __future__ import annotations

from collections.abc import Sequence

from ..client.models import File
from ..safe_text import safe_text
from .quantities import count_text, moment_text, size_text
from .rows import BAD, GOOD, OFFLINE
from .tables import table
from .view import NO_MATHS, Fragment, View, fragment, lines, monospaced
from .widths import short

__all__ = ["bound_line", "code_view", "kept_line", "lost_line", "removing_view", "tokens_view"]

_DONE = fragment("✓ ", colour=GOOD, is_bold=True)
_NOT = fragment("✗ ", colour=BAD, is_bold=True)


def bound_line(
    variable: str, files: Sequence[File], missing: Sequence[str] = (), *, is_list: bool = False
) -> Fragment:
    """Say what a variable holds now, and which files of its list are not there."""
    if not is_list:
        (file,) = files
        state = "" if file.is_active else "failed" if file.is_failed else "still processing"
        expires = f"expires {moment_text(file.expiration_time)}" if file.expiration_time else ""
        facts = [file.mime_type or "", size_text(file.size_bytes), file.name, state, expires]
        return _DONE + _named(short(file.label), variable) + _facts(facts)
    names = ", ".join(short(file.label) for file in files[:4]) + (", …" if len(files) > 4 else "")
    count = count_text(len(files), "file")
    lost = [f"{len(missing)} missing: {_first(missing)}"] if missing else []
    return _DONE + _named(count, variable) + _facts([names, *lost])


def lost_line(variable: str, missing: Sequence[str]) -> Fragment:
    """Say that what a variable held is not there any more."""
    return _NOT + fragment(variable, is_bold=True) + _facts([_first(missing)])


def kept_line(variable: str, why: str) -> Fragment:
    """Say that a variable was left as it is."""
    return fragment("– ", is_bold=True) + fragment(variable, is_bold=True) + _facts([f"left alone: {why}"])


def removing_view(done: int, count: int) -> View:
    """Show how many of the files are deleted."""
    return lines([fragment(f"deleting {count} files · {done} done")])


def tokens_view(counts: Sequence[tuple[str, int]], model: str, *, is_offline: bool = False) -> View:
    """Show what each takes of a prompt, and all of them."""
    rows = [[short(label), f"{count:,}"] for label, count in counts]
    total = sum(count for _, count in counts)
    facts = [f"{total:,} tokens", model, OFFLINE if is_offline else ""]
    return table(["file or text", "tokens"], rows, " · ".join(filter(None, facts)))


def code_view(code: str) -> View:
    """Show code as it is."""
    safe = "\n".join(map(safe_text, code.split("\n")))
    return View(safe, f"<div {NO_MATHS}>{monospaced(safe)}</div>")


def _first(missing: Sequence[str]) -> str:
    return missing[0] + (f", and {len(missing) - 1} more" if len(missing) > 1 else "")


def _named(label: str, variable: str) -> Fragment:
    return fragment(label, is_bold=True) + fragment(f" → {variable}")


def _facts(facts: Sequence[str]) -> Fragment:
    return fragment("".join(f" · {fact}" for fact in facts if fact))

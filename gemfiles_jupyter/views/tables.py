"""Files as a table, one file as a card of facts."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from datetime import datetime

from ..client.models import File, str_of
from ..safe_text import safe_text
from ..transfers.entries import LIVE, Entry
from .quantities import age_text, clock_text, count_text, lifetime_text, moment_text, size_text
from .view import NO_MATHS, Fragment, View, fragment
from .widths import columns, short

__all__ = ["LONGEST_TABLE", "file_view", "files_view", "table", "transfers_view", "wrapping"]

LONGEST_TABLE = 100

_TABLE = "border-collapse:collapse;margin:0"
_CELL = "padding:2px 14px 2px 0;white-space:nowrap"
_HEAD = ";opacity:.65;font-weight:400"
# Columns of numbers, which stand below each other by their ends.
_NUMBERS = {"files", "frees", "sent", "size", "tokens"}


def files_view(
    files: Sequence[File],
    *,
    now: datetime | None = None,
    variables: Mapping[str, str] | None = None,
    note: str = "",
) -> View:
    """Show files as a table.

    Parameters
    ----------
    now
        The service's time, for the time to live.
    variables
        Variable by file name, for a column that says which variable holds what.
    note
        A line below, such as "offline server".
    """
    held = variables or {}
    head = ["file", "type", "size", "state", "age", "expires in", "name"] + (["variable"] if held else [])
    rows = [
        [
            short(file.label),
            file.mime_type or "",
            size_text(file.size_bytes),
            str_of(file.state),
            age_text(file.age(now)),
            lifetime_text(file.expires_in(now)),
            file.name,
            *([held.get(file.name, "")] if held else []),
        ]
        for file in files[:LONGEST_TABLE]
    ]
    total = sum(file.size_bytes or 0 for file in files)
    count = count_text(len(files), "file")
    shown = f", the first {LONGEST_TABLE} shown" if len(files) > LONGEST_TABLE else ""
    foot = " · ".join(filter(None, [f"{count}, {size_text(total)}{shown}", note]))
    return table(head if rows else [], rows, foot)


def file_view(file: File, *, now: datetime | None = None, variable: str = "", note: str = "") -> View:
    """Show all that is known of one file, and which variable holds it."""
    left = lifetime_text(file.expires_in(now))
    facts = {
        "file": file.label,
        "name": file.name,
        "type": file.mime_type or "",
        "size": size_text(file.size_bytes),
        "duration": clock_text(file.video_seconds),
        "state": str_of(file.state),
        "reason": (file.error.message or "") if file.error else "",
        "created": moment_text(file.create_time),
        "expires": f"{moment_text(file.expiration_time)} ({left})" if left else "",
        "sha256": file.sha256 or "",
        "uri": file.uri or "",
        "variable": variable,
    }
    return table([], [[key, value] for key, value in facts.items() if value], note)


def transfers_view(entries: Sequence[Entry]) -> View:
    """Show transfers of every process as a table."""
    has_errors = any(entry.error for entry in entries)
    head = ["transfer", "file", "size", "sent", "phase", "variable", *(["why"] if has_errors else [])]
    rows = [
        [
            entry.id,
            short(entry.label),
            size_text(entry.size),
            f"{entry.sent / entry.size if entry.size else 1:.0%}".replace("%", " %"),
            _phase(entry),
            entry.variable,
            *([entry.error] if has_errors else []),
        ]
        for entry in entries
    ]
    can_go_on = any(entry.is_resumable for entry in entries)
    foot = "go on with %gemfiles resume" if can_go_on else "" if entries else "No upload is under way."
    return table(head if rows else [], rows, foot)


def _phase(entry: Entry) -> str:
    """Return the phase as it is: a transfer whose worker is gone was interrupted."""
    is_orphan = entry.phase in LIVE and not entry.is_live
    return "interrupted" if is_orphan else entry.phase


def table(head: Sequence[str], rows: Sequence[Sequence[str | Fragment]], foot: str) -> View:
    """Show rows in aligned columns, with a line below."""
    cells = [[cell if isinstance(cell, Fragment) else fragment(cell) for cell in row] for row in rows]
    texts = [*([head] if head else []), *([cell.text for cell in row] for row in cells)]
    widths = [max(map(columns, column)) for column in zip(*texts, strict=True)]
    is_number = [name in _NUMBERS for name in head] or [False] * len(widths)
    body = "".join(_html_row([cell.html for cell in row], "td", is_number) for row in cells)
    named = _html_row([html.escape(name) for name in head], "th", is_number, _HEAD) if head else ""
    top = f"<thead>{named}</thead>" if head else ""
    below = f'<div style="opacity:.65;padding-top:2px">{html.escape(safe_text(foot))}</div>' if foot else ""
    table = f'<table style="{_TABLE}">{top}<tbody>{body}</tbody></table>' if rows else ""
    shown = [_aligned(row, widths, is_number) for row in texts]
    return View(
        "\n".join([*shown, *([safe_text(foot)] if foot else [])]),
        f'<div {NO_MATHS} style="overflow-x:auto">{table}{below}</div>',
    )


def wrapping(text: Fragment | str) -> Fragment:
    """Return a cell that may take several lines, where cells otherwise have one."""
    plain = text if isinstance(text, Fragment) else fragment(text)
    return Fragment(plain.text, f'<span style="white-space:normal">{plain.html}</span>')


def _aligned(row: Sequence[str], widths: Sequence[int], is_number: Sequence[bool]) -> str:
    room = [" " * (width - columns(cell)) for cell, width in zip(row, widths, strict=True)]
    padded = (
        space + cell if is_right else cell + space
        for cell, space, is_right in zip(row, room, is_number, strict=True)
    )
    return "  ".join(padded).rstrip()


def _html_row(row: Sequence[str], tag: str, is_number: Sequence[bool], more: str = "") -> str:
    cells = "".join(
        f'<{tag} style="text-align:{"right" if is_right else "left"};{_CELL}{more}">{cell}</{tag}>'
        for cell, is_right in zip(row, is_number, strict=True)
    )
    return f"<tr>{cells}</tr>"

"""What a saved notebook shows in place of a panel: static, small, without secrets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ..client.models import File
from .quantities import count_text, lifetime_text, moment_text, size_text
from .view import Fragment, View, fragment, lines
from .widths import short

__all__ = ["button_summary", "panel_summary"]

MOST_SHOWN = 8
_TITLE = "Gemini files"


def panel_summary(files: Sequence[File], now: datetime | None) -> View:
    """Return the newest files as they were.

    Parameters
    ----------
    now
        When that was, by the service's clock; None where it is not known.
    """
    rows = [_headline(_TITLE, [*_totals(files, now), moment_text(now) if now else ""])]
    rows += [_row(file, now) for file in files[:MOST_SHOWN]]
    if len(files) > MOST_SHOWN:
        rows.append(fragment(f"… and {len(files) - MOST_SHOWN} more", is_dim=True))
    return lines([*rows, fragment("Run this cell for the live panel.", is_dim=True)])


def button_summary(label: str, files: Sequence[File]) -> View:
    """Return what a button has uploaded."""
    rows = [_headline(label, ["" if files else "nothing uploaded yet"])]
    return lines([*rows, *(_row(file, None) for file in files[:MOST_SHOWN])])


def _totals(files: Sequence[File], now: datetime | None) -> list[str]:
    if now is None:
        return []
    count = count_text(len(files), "file")
    return [count, size_text(sum(file.size_bytes or 0 for file in files)) if files else ""]


def _headline(title: str, facts: Sequence[str]) -> Fragment:
    return fragment(title, is_bold=True) + _facts(facts)


def _row(file: File, now: datetime | None) -> Fragment:
    left = file.expires_in(now) if now else None
    facts = [
        file.mime_type or "",
        size_text(file.size_bytes),
        file.name,
        f"expires in {lifetime_text(left)}" if left else "",
    ]
    return fragment(short(file.label)) + _facts(facts)


def _facts(facts: Sequence[str]) -> Fragment:
    return fragment("".join(f" · {fact}" for fact in facts if fact), is_dim=True)

"""What an upload would do, as a table and as JSON records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from ..transfers.plan import Fate, Planned
from .quantities import count_text, lifetime_text, size_text
from .tables import LONGEST_TABLE, table, wrapping
from .view import Fragment, View
from .widths import short

__all__ = ["plan_records", "plan_view"]

_WOULD_BE = {Fate.SEND: "sent", Fate.RESUME: "resumed", Fate.REUSE: "reused", Fate.REFUSE: "refused"}


def plan_view(
    rows: Sequence[Planned], tokens: Sequence[int | None], *, now: datetime | None = None, note: str = ""
) -> View:
    """Show what would become of each source; of very many, what would be refused comes first.

    Parameters
    ----------
    tokens
        About how many each source takes in a prompt.
    now
        The service's time, for the time that a stored file has to live.
    """
    shown = list(zip(rows, tokens, strict=True))
    if len(shown) > LONGEST_TABLE:
        shown.sort(key=lambda item: item[0].fate is not Fate.REFUSE)
    cells: list[list[str | Fragment]] = [
        [
            short(row.source.label),
            row.mime_type,
            size_text(row.source.size),
            _about(count),
            _WOULD_BE[row.fate],
            wrapping(_why(row, now)),
        ]
        for row, count in shown[:LONGEST_TABLE]
    ]
    foot = [
        f"the first {LONGEST_TABLE} of {len(shown)} shown" if len(shown) > LONGEST_TABLE else "",
        *_totals(rows, tokens),
        "dry run: nothing was sent",
        note,
    ]
    return table(
        ["source", "type", "size", "tokens", "would be", "because"], cells, " · ".join(filter(None, foot))
    )


def plan_records(rows: Sequence[Planned], tokens: Sequence[int | None]) -> Iterator[Mapping[str, object]]:
    """Yield what would become of each source, as it goes into JSON lines."""
    for row, count in zip(rows, tokens, strict=True):
        yield {
            "source": row.source.label,
            "mime_type": row.mime_type,
            "size_bytes": row.source.size,
            "action": row.fate.value,
            "to_send_bytes": row.to_send,
            "tokens": count,
            "name": row.file.name if row.file else None,
            "reason": _why(row, None),
        }


def _why(row: Planned, now: datetime | None) -> str:
    if row.error:
        return str(row.error)
    if row.same_as:
        return f"same content as {short(row.same_as)}"
    if row.file:
        left = lifetime_text(row.file.expires_in(now)) if now else ""
        return f"it is stored as {row.file.name}" + (f", for {left} more" if left else "")
    if row.fate is Fate.RESUME:
        return f"{size_text(row.source.size - row.to_send)} of it arrived before"
    if row.mime_type == "application/octet-stream":
        return "its type is not recognised, so a prompt may refuse it: say it with --mime"
    return "the service does not have it"


def _totals(rows: Sequence[Planned], tokens: Sequence[int | None]) -> Iterator[str]:
    yield count_text(len(rows), "source")
    for fate, words in _WOULD_BE.items():
        count = sum(row.fate is fate for row in rows)
        if count:
            yield f"{count} {words}"
    yield f"{size_text(sum(row.to_send for row in rows))} to send"
    if any(tokens):
        yield f"{_about(sum(count or 0 for count in tokens))} tokens"


def _about(count: int | None) -> str:
    return "" if count is None else f"≈ {count:,}"

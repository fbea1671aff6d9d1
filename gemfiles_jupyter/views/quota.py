"""How full the storage is, what fills it, and when it gets free: bars and tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from .bars import bar
from .quantities import count_text, lifetime_text, size_text
from .tables import table
from .usage import Release, Usage
from .view import NO_MATHS, Fragment, View, fragment, lines
from .widths import short

__all__ = ["quota_view"]

_GIB = 1024**3
_SIDE_BY_SIDE = "display:flex;flex-wrap:wrap;align-items:flex-start;gap:14px 36px;padding:8px 0"


def quota_view(usage: Usage, *, now: datetime | None = None, note: str = "") -> View:
    """Show how full the storage is; charts and tables only where something is stored."""
    count = count_text(usage.count, "file")
    limit = f"{size_text(usage.limit_bytes)} ({usage.limit_bytes // _GIB} GiB)"
    facts = [f"{size_text(usage.used_bytes)} of {limit} used, {_percent(usage.used_share)}", count, note]
    head = lines(
        [
            fragment(" · ".join(filter(None, facts)), is_bold=True),
            bar(usage.used_share)
            + fragment(f" {size_text(max(0, usage.limit_bytes - usage.used_bytes))} free"),
        ]
    )
    if not usage.count:
        return head
    parts = [_kinds(usage), _biggest(usage, now), _releases(usage.releases)]
    return View(
        "\n\n".join(part.text for part in (head, *parts)),
        f'<div {NO_MATHS}>{head.html}<div style="{_SIDE_BY_SIDE}">'
        f"{''.join(part.html for part in parts)}</div></div>",
    )


def _kinds(usage: Usage) -> View:
    most = max(share.size_bytes for share in usage.shares)
    rows: list[list[str | Fragment]] = [
        [
            share.kind,
            size_text(share.size_bytes),
            bar(_part(share.size_bytes, most), has_track=False),
            str(share.count),
        ]
        for share in usage.shares
    ]
    return table(["by type", "size", "", "files"], rows, "")


def _biggest(usage: Usage, now: datetime | None) -> View:
    rows = [
        [short(file.label), size_text(file.size_bytes), lifetime_text(file.expires_in(now)), file.name]
        for file in usage.biggest
    ]
    return table(["biggest", "size", "expires in", "name"], rows, "")


def _releases(releases: Sequence[Release]) -> View:
    most = max(release.size_bytes for release in releases)
    rows: list[list[str | Fragment]] = [
        [
            _hours(release),
            size_text(release.size_bytes),
            bar(_part(release.size_bytes, most), has_track=False),
            str(release.count),
        ]
        for release in releases
        if release.count
    ]
    return table(["expires in", "frees", "", "files"], rows, "")


def _hours(release: Release) -> str:
    if release.until_hours is None:
        return "later"
    return f"{release.from_hours}–{release.until_hours} h"


def _part(size: int, most: int) -> float:
    return size / most if most else 0.0


def _percent(share: float) -> str:
    return f"{share:.1%}".replace("%", " %") if share >= 0.0005 or not share else "under 0.1 %"

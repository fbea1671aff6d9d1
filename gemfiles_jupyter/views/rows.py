"""One transfer as one line, and many as a header with a few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..client.models import File
from ..transfers.entries import Entry
from ..transfers.progress import Phase, Progress
from .bars import bar
from .quantities import clock_text, count_text, moment_text, rate_text, size_text
from .view import Colour, Fragment, View, fragment, lines
from .widths import short

__all__ = [
    "OFFLINE",
    "asked_view",
    "batch_step",
    "batch_view",
    "error_fragment",
    "not_ready_view",
    "removed_view",
    "transfer_view",
    "waiting_view",
]

OFFLINE = "offline server"
ALL_REUSED = "reused, 0 B sent"
LIVE_ROWS = 8

GOOD = Colour("--jp-success-color0", "#388e3c")
BAD = Colour("--jp-error-color1", "#e53935")
# The sign for pause proper is an emoji in most fonts, and shouts.
PAUSE = "‖ "


def transfer_view(progress: Progress, *, variable: str = "", is_offline: bool = False) -> View:
    """Show one transfer: moving while it runs, a single static line once it is over."""
    return lines([_row(progress, variable, is_offline)])


def batch_view(batch: Sequence[Progress], *, variable: str = "", is_offline: bool = False) -> View:
    """Show many transfers: one header line, at most 8 that move, and every failure."""
    if len(batch) == 1:  # the error of a single one is the cell's own
        return transfer_view(batch[0], variable=variable, is_offline=is_offline)
    moving = [item for item in batch if not item.phase.is_over and item.phase is not Phase.QUEUED]
    failed = [item for item in batch if item.phase is Phase.FAILED]
    rows = [_header(batch, variable, is_offline)]
    rows += [error_fragment(item.label, str(item.error)) for item in failed]
    rows += [_row(item, "", False) for item in moving[:LIVE_ROWS]]
    if all(item.phase.is_over for item in batch) and len(batch) <= LIVE_ROWS:
        rows += [_row(item, "", False) for item in batch if item.phase is not Phase.FAILED]
    return lines(rows)


def batch_step(batch: Sequence[Progress]) -> object:
    """Return what changes at each 10 % and each phase: where nothing moves, one line a step."""
    sent, total = sum(item.sent for item in batch), sum(item.total for item in batch)
    return [item.phase for item in batch], (10 * sent // total) if total else 0


def waiting_view(file: File, waited_seconds: float) -> View:
    """Show a file that is being processed."""
    head = fragment(short(file.label), is_bold=True)
    return lines([head + fragment(f"   processing {clock_text(waited_seconds)}")])


def not_ready_view(file: File, waited_seconds: float) -> View:
    """Show a file that was waited for in vain."""
    head = fragment(PAUSE, is_bold=True) + fragment(short(file.label), is_bold=True)
    return lines([head + fragment(f"   not ready after {clock_text(waited_seconds)}")])


def asked_view(entries: Sequence[Entry], verb: str) -> View:
    """Show which transfers were asked to pause or cancel."""
    if not entries:
        return lines([fragment("No upload is under way.")])
    names = ", ".join(short(entry.label) for entry in entries[:LIVE_ROWS])
    more = " …" if len(entries) > LIVE_ROWS else ""
    done = {"pause": "paused", "cancel": "cancelled"}[verb]
    go_on = "; go on with %gemfiles resume" if verb == "pause" else ""
    return lines([fragment("✓ ", colour=GOOD, is_bold=True) + fragment(f"{done} {names}{more}{go_on}")])


def removed_view(
    files: Sequence[File], failed: Sequence[tuple[str, str]] = (), *, is_offline: bool = False
) -> View:
    """Show what was deleted, and what was not and why."""
    place = f" · {OFFLINE}" if is_offline else ""
    count = count_text(len(files), "file")
    names = ", ".join(short(file.label) for file in files[:LIVE_ROWS]) + (
        " …" if len(files) > LIVE_ROWS else ""
    )
    named = f": {names}" if names else ""
    done = fragment("✓ ", colour=GOOD, is_bold=True) + fragment(f"deleted {count}{named}{place}")
    return lines([*([done] if files or not failed else []), *(error_fragment(*item) for item in failed)])


def error_fragment(label: str, message: str) -> Fragment:
    """Show what failed and why in one line."""
    text = message if label in message else f"{label} · {message}"
    return fragment("✗ ", colour=BAD, is_bold=True) + fragment(text)


def _row(progress: Progress, variable: str, is_offline: bool) -> Fragment:
    if progress.phase is Phase.DONE:
        return _done(progress, variable, is_offline)
    name = fragment(short(progress.label), is_bold=True)
    size = size_text(progress.total)
    if progress.phase is Phase.FAILED:
        how = "arrived, but can't be used" if progress.file else "did not arrive"
        return fragment("✗ ", colour=BAD, is_bold=True) + name + fragment(f" · {size} · {how}")
    if progress.phase is Phase.CANCELLED:
        return fragment("✗ ", colour=BAD, is_bold=True) + name + fragment(f" · {size} · cancelled")
    if progress.phase is Phase.PAUSED:
        share = f"{_share(progress):.0%}".replace("%", " %")
        return fragment(PAUSE, is_bold=True) + name + fragment(f" · {size} · stopped at {share}")
    head = name + fragment(f"   {size}   ")
    if progress.phase is Phase.PROCESSING:
        return head + fragment(f"uploaded, processing {clock_text(progress.phase_seconds)}")
    if progress.phase is Phase.CHECKING:
        return head + fragment(progress.trouble or "checking", is_dim=True)
    if progress.phase is Phase.QUEUED:
        return head + fragment("waiting", is_dim=True)
    return head + bar(_share(progress)) + fragment(_pace(progress))


def _done(progress: Progress, variable: str, is_offline: bool) -> Fragment:
    file = progress.file
    named = f" → {variable}" if variable else ""
    head = fragment("✓ ", colour=GOOD, is_bold=True)
    head += fragment(short(progress.label), is_bold=True) + fragment(named)
    size = size_text(progress.total)
    if 0 < progress.sent_bytes < progress.total:  # the rest was there, from an upload that was stopped
        size += f", {size_text(progress.sent_bytes)} sent"
    facts = [progress.mime_type, size, _took(progress.total_seconds)]
    if progress.is_reused:
        facts = [ALL_REUSED]
    if file:
        facts += [file.name]
        if not file.is_active:
            facts += ["still processing"]
        if file.expiration_time:
            facts += [f"expires {moment_text(file.expiration_time)}"]
    if not progress.is_verified:
        facts += ["not verified: the service gave no sha256"]
    if is_offline:
        facts += [OFFLINE]
    return head + fragment("".join(f" · {fact}" for fact in facts if fact))


def _header(batch: Sequence[Progress], variable: str, is_offline: bool) -> Fragment:
    count = Counter(item.phase for item in batch)
    sent, total = sum(item.sent for item in batch), sum(item.total for item in batch)
    rate = sum(item.rate or 0 for item in batch)
    moving = count[Phase.UPLOADING] + count[Phase.RETRYING]
    reused = sum(item.is_reused for item in batch)
    is_over = all(item.phase.is_over for item in batch)
    size = size_text(total) if is_over else f"{size_text(sent)} of {size_text(total)}"
    facts = [
        f"{len(batch)} files → {variable}" if variable else f"{len(batch)} files",
        f"{count[Phase.DONE]} ✓" if count[Phase.DONE] else "",
        f"{reused} reused" if 0 < reused < len(batch) else "",
        f"{moving} uploading" if moving else "",
        f"{count[Phase.PROCESSING]} processing" if count[Phase.PROCESSING] else "",
        f"{count[Phase.PAUSED]} stopped" if count[Phase.PAUSED] else "",
        f"{count[Phase.FAILED]} ✗" if count[Phase.FAILED] else "",
        ALL_REUSED if batch and reused == len(batch) else size,
        f"{clock_text((total - sent) / rate)} left" if rate and not is_over else "",
        _took(max(item.total_seconds for item in batch)) if is_over and batch else "",
        OFFLINE if is_offline else "",
    ]
    return fragment(" · ".join(filter(None, facts)), is_bold=True)


def _took(seconds: float) -> str:
    return f"in {clock_text(seconds)}" if seconds >= 1 else ""


def _pace(progress: Progress) -> str:
    share = f"{_share(progress):4.0%}".replace("%", " %")
    if progress.phase is Phase.RETRYING:
        return f" {share}   retrying ({progress.attempt}): {progress.trouble}"
    eta = progress.eta_seconds
    left = f"   {clock_text(eta)} left" if eta is not None else ""
    return f" {share}   {rate_text(progress.rate)}{left}".rstrip()


def _share(progress: Progress) -> float:
    return progress.sent / progress.total if progress.total else 1.0

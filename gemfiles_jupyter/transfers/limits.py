"""What the service is known to refuse, told before a byte is sent."""

from __future__ import annotations

from ..client.content import Content
from ..config import MAX_FILE_BYTES, MAX_PDF_BYTES
from ..errors import SourceError, SourceRefused
from .mime import is_refused
from .sources import Source

__all__ = ["check_limits", "refusal_of"]


def check_limits(source: Content, mime_type: str) -> None:
    """Raise `SourceRefused` if the service would refuse this source for its size or type."""
    if is_refused(mime_type):
        raise SourceRefused(
            f"{source.label} is of type {mime_type}, which the service refuses.",
            hint="Unpack it, say what it is with --mime, or pass --force to try anyway.",
        )
    if source.size > MAX_FILE_BYTES:
        raise SourceRefused(
            f"{source.label} is {source.size / 1e9:.2f} GB; the service takes files up to 2 GiB.",
            hint="Split or compress it.",
        )
    if mime_type == "application/pdf" and source.size > MAX_PDF_BYTES:
        raise SourceRefused(
            f"{source.label} is {source.size / 1e6:.0f} MB; the service takes PDFs up to 50 MB.",
            hint="Split it, or pass --force to try anyway.",
        )


def refusal_of(source: Source, mime_type: str | None) -> SourceError | None:
    """Return why a source can't be sent, as far as can be told from here; None if it can.

    Parameters
    ----------
    mime_type
        Instead of recognising it.
    """
    try:
        check_limits(source, mime_type or source.mime_type)
    except SourceError as error:
        return error
    return None

"""Files that are only an address on the web: a prompt names it, and the service fetches it."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..client.models import File, FileState
from ..errors import InvalidUsage
from ..transfers.addresses import is_address, kept_address, name_in, scheme_of, shown_address
from ..transfers.mime import guess_mime

__all__ = ["link"]

_YOUTUBE = ("youtube.com", "www.youtube.com", "m.youtube.com", "youtu.be")
_UNKNOWN = "application/octet-stream"


def link(url: str, mime_type: str | None = None, *, name: str | None = None) -> File:
    """Return a file that stands for a public https address; nothing is uploaded.

    A prompt takes it as any other file, and the service fetches it then, if it takes addresses of that
    kind: YouTube's, for one. It is not listed, does not expire, and nobody looks whether it is there.

    Parameters
    ----------
    mime_type
        Default: what its name says.
    name
        What to call it; default: as the address ends.

    Raises
    ------
    InvalidUsage
        It is no https address, it holds a password, or its name does not tell its type.
    """
    if not is_address(url) or scheme_of(url) != "https" or not urlsplit(url).hostname:
        raise InvalidUsage(
            f"{shown_address(url)} is no https address.", hint="What is not on the web has to be uploaded."
        )
    if "@" in urlsplit(url).netloc:
        raise InvalidUsage(
            f"{shown_address(url)} comes with a password, and a link has to be public.", hint="Upload it."
        )
    label = name or name_in(url)
    is_youtube = urlsplit(url).hostname in _YOUTUBE
    kind = mime_type or ("video/*" if is_youtube else guess_mime(name_in(url), b"\0"))
    if kind == _UNKNOWN:
        raise InvalidUsage(f"The name of {label} does not tell its type.", hint="Say it with --mime.")
    return File(kept_address(url), display_name=label, mime_type=kind, uri=url, state=FileState.ACTIVE)

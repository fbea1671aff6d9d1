"""Addresses of remote sources: told from paths, and shown and kept without what may be a credential.

A password before the host and all that follows a ``?`` (where signatures are) open a file to whoever
reads them. Both are left out of what is shown, and of what the journal keeps; in their place it keeps a
digest, so that the same address is known again. Such an address can't be opened from the journal alone.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from urllib.parse import unquote
from urllib.request import url2pathname

__all__ = [
    "can_reopen",
    "has_pattern",
    "is_address",
    "is_web",
    "kept_address",
    "local_path",
    "name_in",
    "scheme_of",
    "shown_address",
]

# At least two letters, so that a drive on Windows is none; zip:: and others go before an address.
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(?:://|::.*://)")
_WEB = ("http", "https")
_LOCAL = ("file://", "local://")
# user:password@, where the password may hold a slash; host:8080/ is none.
_PASSWORD = re.compile(r"\A[^/@:]*:(?!\d{1,5}(?:/|$))[^@]*@")
_USER = re.compile(r"\A[^/@]*@")
_PARAMETERS = re.compile(r"\?[\w.%-]+=.*", re.DOTALL)
_WEB_PARAMETERS = re.compile(r"[?#].*", re.DOTALL)
_LEFT_OUT = "?left-out="
_IS_LEFT_OUT = re.compile(r"\?left-out=[0-9a-f]{16}")


def is_address(text: str) -> bool:
    """Whether a text names a source somewhere else: ``https://...``, ``s3://...``, ``zip://*::s3://...``."""
    return _ADDRESS.match(text) is not None


def local_path(text: str) -> str:
    """Return the path in ``file:///home/ada/notes.txt``; any other text as it is."""
    scheme = next((scheme for scheme in _LOCAL if text.lower().startswith(scheme)), "")
    return url2pathname(text[len(scheme) :]) if scheme else text


def scheme_of(address: str) -> str:
    """Return ``s3`` of ``s3://bucket/key``, and of ``zip://a::s3://bucket/key`` the ``zip``."""
    return re.split(r"://|::", address, maxsplit=1)[0].lower()


def is_web(address: str) -> bool:
    """Whether it is of the web, where a ``?`` starts parameters and folders can't be told from files."""
    return scheme_of(address) in _WEB


def has_pattern(address: str) -> bool:
    """Whether it stands for all that match: ``s3://bucket/*.mp4``."""
    first = address.partition("::")[0]
    return any(sign in first for sign in ("*" if is_web(address) else "*?["))


def shown_address(address: str) -> str:
    """Return an address fit to be shown."""
    return "::".join(_bare(link) for link in address.split("::"))


def kept_address(address: str) -> str:
    """Return an address fit to be kept; it tells addresses apart whose difference is left out."""
    bare = shown_address(address)
    if bare == address:
        return address
    return f"{bare}{_LEFT_OUT}{hashlib.sha256(address.encode()).hexdigest()[:16]}"


def can_reopen(place: str) -> bool:
    """Whether the source of a transfer can be opened from what the journal keeps of it.

    A path is looked at; an address counts, unless something of it was left out.
    """
    if is_address(place):
        return _IS_LEFT_OUT.search(place) is None
    return bool(place) and Path(place).is_file()


def name_in(address: str) -> str:
    """Return the name of the file that an address ends with."""
    first = _bare(address.partition("::")[0])
    name = first.partition("://")[2].rstrip("/").rpartition("/")[2]
    return (unquote(name) if is_web(address) else name).replace("/", "_") or "untitled"


def _bare(link: str) -> str:
    scheme, separator, rest = link.partition("://")
    if not separator:
        return link
    if scheme.lower() in _WEB:
        rest = _WEB_PARAMETERS.sub("", rest)
        return f"{scheme}://{_USER.sub('', _PASSWORD.sub('', rest, count=1), count=1)}"
    return f"{scheme}://{_PASSWORD.sub('', _PARAMETERS.sub('', rest), count=1)}"

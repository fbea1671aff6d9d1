"""Which MIME types the server stores, and which it takes in a prompt.

The service publishes no complete list.  What is here follows its documentation
(image, audio, video, PDF and text) and what users report: archives and
executables are refused when the upload ends; other binary types are stored, but
a prompt refuses them.
"""

from __future__ import annotations

import re

DEFAULT_TYPE = "application/octet-stream"

_WELL_FORMED = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")

_REFUSED = frozenset(
    {
        "application/gzip",
        "application/java-archive",
        "application/vnd.android.package-archive",
        "application/vnd.microsoft.portable-executable",
        "application/vnd.rar",
        "application/x-7z-compressed",
        "application/x-bzip2",
        "application/x-dosexec",
        "application/x-executable",
        "application/x-gzip",
        "application/x-iso9660-image",
        "application/x-mach-binary",
        "application/x-msdos-program",
        "application/x-msdownload",
        "application/x-msi",
        "application/x-rar-compressed",
        "application/x-sharedlib",
        "application/x-tar",
        "application/x-xz",
        "application/x-zip-compressed",
        "application/zip",
    }
)

_PROMPTABLE_FAMILIES = frozenset({"audio", "image", "text", "video"})

_PROMPTABLE_APPLICATIONS = frozenset(
    {
        "application/dart",
        "application/javascript",
        "application/json",
        "application/jsonl",
        "application/pdf",
        "application/rtf",
        "application/typescript",
        "application/x-httpd-php",
        "application/x-ipynb+json",
        "application/x-javascript",
        "application/x-ndjson",
        "application/x-python",
        "application/x-python-code",
        "application/x-sh",
        "application/x-typescript",
        "application/x-yaml",
        "application/xml",
        "application/yaml",
    }
)


def essence(mime_type: str) -> str:
    """Return the type without parameters, in lower case.

    >>> essence("Text/Plain; charset=utf-8")
    'text/plain'
    """
    return mime_type.partition(";")[0].strip().lower()


def is_well_formed(mime_type: str) -> bool:
    """Tell whether this is a type at all: two names and a slash."""
    return bool(_WELL_FORMED.fullmatch(essence(mime_type)))


def is_storable(mime_type: str) -> bool:
    """Tell whether a file of this type may be uploaded."""
    return is_well_formed(mime_type) and essence(mime_type) not in _REFUSED


def is_promptable(mime_type: str) -> bool:
    """Tell whether a file of this type may be part of a prompt."""
    kind = essence(mime_type)
    return family(kind) in _PROMPTABLE_FAMILIES or kind in _PROMPTABLE_APPLICATIONS


def family(mime_type: str) -> str:
    """Return the first half of the type: ``video`` for ``video/mp4``."""
    return essence(mime_type).partition("/")[0]


def is_text(mime_type: str) -> bool:
    """Tell whether the content is read as text."""
    kind = essence(mime_type)
    return family(kind) == "text" or (kind in _PROMPTABLE_APPLICATIONS and kind != "application/pdf")

"""Names of files: which ones a client may choose, and how references to them are read."""

from __future__ import annotations

import re
import secrets
import string
from urllib.parse import urlsplit

from . import problems

MAX_ID_CHARACTERS = 40
MAX_DISPLAY_NAME_CHARACTERS = 512

_CHOSEN_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_URI_PATH = re.compile(r"(?:/v1(?:beta|alpha)?)?/?files/([a-z0-9-]{1,128})/?")
_ID_ALPHABET = string.ascii_lowercase + string.digits


def new_id() -> str:
    """Return a fresh id, as the service makes them: 12 lower-case letters and digits."""
    return "".join(secrets.choice(_ID_ALPHABET) for _ in range(12))


def chosen_id(name: str) -> str | None:
    """Return the id in a name that the client asked for; None when it asked for none.

    Raises
    ------
    Problem
        The name breaks the rules.
    """
    if not name:
        return None
    file_id = name.removeprefix("files/")
    if not _CHOSEN_ID.fullmatch(file_id):
        raise problems.bad_id()
    if len(file_id) > MAX_ID_CHARACTERS:
        raise problems.id_too_long(MAX_ID_CHARACTERS)
    return file_id


def checked_display_name(display_name: str) -> str:
    """Return the display name when it is short enough."""
    if len(display_name) > MAX_DISPLAY_NAME_CHARACTERS:
        raise problems.display_name_too_long(MAX_DISPLAY_NAME_CHARACTERS)
    return display_name


def id_in_uri(uri: str) -> str:
    """Return the id that a `fileUri` refers to.

    The host does not matter: a URI outlives a restart on another port, and
    a proxy may stand between.
    """
    try:
        parts = urlsplit(uri)
    except ValueError as error:
        raise problems.bad_file_uri(uri) from error
    if parts.scheme not in ("", "http", "https") or parts.query or parts.fragment:
        raise problems.bad_file_uri(uri)
    match = _URI_PATH.fullmatch(parts.path) or re.fullmatch(
        r".*(?:/v1(?:beta|alpha)?)/files/([a-z0-9-]{1,128})", parts.path
    )
    if match is None:
        raise problems.bad_file_uri(uri)
    return match.group(1)

"""Where requests go, with which key, and the limits of the service, decided in one place.

Explicit beats environment beats default, for everything.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from .errors import CannotConnect, InvalidUsage, KeyMissing, KeyProblem

__all__ = [
    "API_VERSION",
    "DEFAULT_MODEL",
    "MAX_DOCUMENT_BYTES",
    "MAX_FILE_BYTES",
    "MAX_PDF_BYTES",
    "SERVICE_URL",
    "STORAGE_BYTES",
    "Endpoint",
    "Secret",
    "choose_endpoint",
    "home",
    "reached",
]

SERVICE_URL = "https://generativelanguage.googleapis.com"
API_VERSION = "v1beta"
DEFAULT_MODEL = "gemini-2.5-flash"

MAX_FILE_BYTES = 2 * 1024**3
MAX_PDF_BYTES = 50 * 1024**2
STORAGE_BYTES = 20 * 1024**3
MAX_DOCUMENT_BYTES = 100 * 1024**2

CONNECT_SECONDS = 10.0
CONTROL_SECONDS = 60.0
FINALIZE_SECONDS = 300.0

KEY_VARIABLES = ("GOOGLE_API_KEY", "GEMINI_API_KEY")


class Secret:
    """A text that no repr, traceback, pickle or copy shows; `reveal()` is the only way out."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself, to be put on the wire and nowhere else."""
        return self._text

    def fingerprint(self) -> str:
        """Return 16 characters of its sha256."""
        return hashlib.sha256(self._text.encode()).hexdigest()[:16]

    def is_header_safe(self) -> bool:
        """Whether it may stand in an HTTP header: printable ASCII without spaces."""
        return self._text.isascii() and self._text.isprintable() and " " not in self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret(***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret can't be pickled or copied")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One place to send requests to.

    Attributes
    ----------
    base_url
        Scheme, host, port and an optional path prefix, without a slash at the end. Empty while
        the offline server that is meant has not been started.
    key
        None where the endpoint needs none (a gateway that adds its own).
    is_offline
        True for the local offline server, which every output then says.
    """

    base_url: str
    key: Secret | None = field(default=None, repr=False)
    is_offline: bool = False

    @property
    def place(self) -> str:
        """What files are stored at: the base URL, or the offline server, whose port changes."""
        return "offline" if self.is_offline else self.base_url

    @property
    def key_fingerprint(self) -> str:
        """A few characters that tell keys apart and give none away."""
        return self.key.fingerprint() if self.key else ""

    @property
    def is_google(self) -> bool:
        """Whether Google itself answers here, so that only its hosts may receive bytes."""
        return (urlsplit(self.base_url).hostname or "").endswith(".googleapis.com")


def choose_endpoint(key: Secret | None = None, base_url: str | None = None) -> Endpoint:
    """Decide where requests go: explicit, else the environment, else the offline server.

    Raises
    ------
    KeyMissing
        There is no key, and ``GEMFILES_OFFLINE=never`` forbids the offline server.
    InvalidUsage
        The base URL or ``GEMFILES_OFFLINE`` is not usable.
    """
    offline = _environment("GEMFILES_OFFLINE").lower()
    if offline not in ("", "auto", "never", "always"):
        raise InvalidUsage(f"GEMFILES_OFFLINE={offline} is not known.", hint="Use auto, never or always.")
    if offline == "always" and not (key or base_url):
        return Endpoint("", None, is_offline=True)
    key = _checked_key(key or _key_of_environment())
    url = base_url or _environment("GOOGLE_GEMINI_BASE_URL")
    if url:
        return Endpoint(_checked_url(url), key)
    if key:
        return Endpoint(SERVICE_URL, key)
    if offline == "never":
        raise KeyMissing(
            "There is no API key, and GEMFILES_OFFLINE=never forbids the offline server.",
            hint=f"Set {KEY_VARIABLES[0]} before starting the notebook.",
        )
    return Endpoint("", None, is_offline=True)


def reached(endpoint: Endpoint) -> Endpoint:
    """Return an endpoint that can be spoken to: starts the offline server where that one is meant.

    Raises
    ------
    CannotConnect
        The offline server does not start.
    """
    if endpoint.base_url:
        return endpoint
    from .offline import launcher

    try:
        server = launcher.ensure(home())
    except launcher.OfflineServerError as error:
        raise CannotConnect(
            f"The offline server does not start: {error}", hint="See %gemfiles offline, or set an API key."
        ) from None
    return Endpoint(server.address, Secret(server.key), is_offline=True)


def home() -> Path:
    """Return the folder for everything we keep: ``$GEMFILES_HOME``, else Jupyter's data folder."""
    chosen = _environment("GEMFILES_HOME")
    if chosen:
        return Path(chosen).expanduser()
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir()) / "gemfiles"


# No function here takes the environment or a bare key as an argument: a verbose traceback would print it.
def _environment(name: str) -> str:
    return os.environ.get(name, "").strip()


def _key_of_environment() -> Secret | None:
    secrets = (Secret(_environment(name)) for name in KEY_VARIABLES)
    return next((secret for secret in secrets if secret), None)


def _checked_key(key: Secret | None) -> Secret | None:
    if key and not key.is_header_safe():
        raise KeyProblem("The API key holds characters that no key has.", hint="Copy it again.")
    return key


def _checked_url(url: str) -> str:
    hint = "Check GOOGLE_GEMINI_BASE_URL."
    try:
        parts = urlsplit(url.strip())
        parts.port  # noqa: B018 (reading it checks it)
    except ValueError:
        raise InvalidUsage("The host or port of the base URL makes no sense.", hint=hint) from None
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InvalidUsage("The base URL may hold no password, query or fragment.")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidUsage("The base URL has to begin with https:// or http:// and a host.", hint=hint)
    if parts.scheme == "http" and parts.hostname.endswith(".googleapis.com"):
        raise InvalidUsage("The service is reached over https only.", hint="Check the base URL.")
    return parts.geturl().rstrip("/")

"""Where requests go, with which key, and the limits of the service, decided in one place.

Explicit beats environment beats default, for everything.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from .errors import CannotConnect, InvalidUsage, KeyMissing, KeyProblem
from .keys import Secret, key_in_colab, remembered_key, saved_key

__all__ = [
    "API_VERSION",
    "DEFAULT_MODEL",
    "MAX_DOCUMENT_BYTES",
    "MAX_FILE_BYTES",
    "MAX_PDF_BYTES",
    "SERVICE_URL",
    "STORAGE_BYTES",
    "Choice",
    "Endpoint",
    "Secret",
    "choose",
    "choose_endpoint",
    "find_key",
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


class Choice(NamedTuple):
    """Where requests go, with which key, and why.

    Attributes
    ----------
    reason
        Why there, in a few words.
    key_source
        Where the key is from; empty where there is none.
    """

    endpoint: Endpoint
    reason: str
    key_source: str = ""


def choose_endpoint(key: Secret | None = None, base_url: str | None = None) -> Endpoint:
    """Decide where requests go; `choose` says why as well."""
    return choose(key, base_url).endpoint


def choose(key: Secret | None = None, base_url: str | None = None) -> Choice:
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
        return Choice(Endpoint("", None, is_offline=True), "GEMFILES_OFFLINE=always")
    key, source = (key, "given to the client") if key else find_key()
    key = _checked_key(key)
    url = base_url or _environment("GOOGLE_GEMINI_BASE_URL")
    if url:
        reason = "given to the client" if base_url else "GOOGLE_GEMINI_BASE_URL"
        return Choice(Endpoint(_checked_url(url), key), reason, source)
    if key:
        return Choice(Endpoint(SERVICE_URL, key), "there is a key", source)
    if offline == "never":
        raise KeyMissing(
            "There is no API key, and GEMFILES_OFFLINE=never forbids the offline server.",
            hint=f"Set {KEY_VARIABLES[0]}, or give a key with %gemfiles key.",
        )
    return Choice(Endpoint("", None, is_offline=True), "there is no key")


def find_key() -> tuple[Secret | None, str]:
    """Return the key that counts where none is given, and where it is from.

    Memory, then the environment, then Colab's secrets, then the keyring.
    """
    remembered = remembered_key()
    if remembered:
        return remembered, "%gemfiles key"
    for name in KEY_VARIABLES:
        secret = Secret(_environment(name))
        if secret:
            return secret, name
    found = key_in_colab(KEY_VARIABLES)
    if found:
        return found[0], f"Colab's secret {found[1]}"
    saved = saved_key(home())
    return saved, "the keyring" if saved else ""


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

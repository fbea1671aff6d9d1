"""The API key: a text that nothing shows, and where it may be beside the environment.

That is this process's memory (``%gemfiles key``), Colab's secrets, and the system's keyring. The keyring is
asked only where a key was saved with us: it may be slow, locked, or want a password on every look.
"""

from __future__ import annotations

import hashlib
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from .errors import InvalidUsage, KeyProblem

__all__ = [
    "Secret",
    "forget_key",
    "forget_saved_key",
    "has_saved_key",
    "key_in_colab",
    "remember_key",
    "remembered_key",
    "save_key",
    "saved_key",
]

SERVICE, ACCOUNT = "gemfiles-jupyter", "api-key"
# What Colab did not have is asked for again after this: the user may have added it.
COLAB_SECONDS = 30.0


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


# Memory

_remembered: list[Secret] = []


def remember_key(key: Secret) -> None:
    """Keep a key until this process ends."""
    _remembered[:] = [key]


def remembered_key() -> Secret | None:
    """Return the key that was given to this process."""
    return _remembered[0] if _remembered else None


def forget_key() -> bool:
    """Forget the key in memory; return whether there was one."""
    had_one = bool(_remembered)
    _remembered.clear()
    return had_one


# Colab

_of_colab: dict[str, Secret] = {}
_asked_colab = [float("-inf")]


def key_in_colab(names: Sequence[str]) -> tuple[Secret, str] | None:
    """Return the first secret of these names that the user lets this notebook read, and its name.

    Only the main thread asks, for Colab answers through the page that runs the cell.
    """
    if "google.colab" not in sys.modules:
        return None
    is_time = time.monotonic() - _asked_colab[0] > COLAB_SECONDS
    if not _of_colab and is_time and threading.current_thread() is threading.main_thread():
        _ask_colab(names)
        _asked_colab[0] = time.monotonic()
    return next(((secret, name) for name, secret in _of_colab.items()), None)


def _ask_colab(names: Sequence[str]) -> None:
    from google.colab import userdata

    # No such secret, not for this notebook, no page to ask: each an exception of its own, all mean none.
    for name in names:
        try:
            secret = Secret((userdata.get(name) or "").strip())
        except Exception:  # noqa: S112
            continue
        if secret:
            _of_colab[name] = secret
            return


# Keyring

_of_keyring: dict[Path, Secret | None] = {}
_keyring_lock = threading.Lock()


def has_saved_key(folder: Path) -> bool:
    """Whether a key was saved by us; the keyring itself is not asked."""
    return _mark(folder).exists()


def saved_key(folder: Path) -> Secret | None:
    """Return the key in the keyring; it is asked once a process.

    Parameters
    ----------
    folder
        The home folder, which knows whether a key was saved.
    """
    if not has_saved_key(folder):
        return None
    with _keyring_lock:
        if folder not in _of_keyring:
            _of_keyring[folder] = _asked_keyring()
        return _of_keyring[folder]


def save_key(folder: Path, key: Secret) -> None:
    """Put a key into the keyring, for later processes.

    Raises
    ------
    InvalidUsage
        keyring is not installed.
    KeyProblem
        The keyring does not take it.
    """
    trouble = _in_keyring("set_password", SERVICE, ACCOUNT, key)
    if trouble:
        raise KeyProblem(
            f"The keyring did not take the key ({trouble}).", hint="Set GOOGLE_API_KEY where Jupyter starts."
        )
    with _keyring_lock:
        _of_keyring[folder] = key
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _mark(folder).touch(mode=0o600)


def forget_saved_key(folder: Path) -> bool:
    """Take the key out of the keyring; return whether we had saved one.

    Raises
    ------
    InvalidUsage
        keyring is not installed any more.
    KeyProblem
        The keyring does not let go of it.
    """
    if not has_saved_key(folder):
        return False
    trouble = _in_keyring("delete_password", SERVICE, ACCOUNT)
    if trouble and trouble != "PasswordDeleteError":  # somebody else deleted it
        raise KeyProblem(f"The keyring did not delete the key ({trouble}).", hint="Unlock it and try again.")
    with _keyring_lock:
        _of_keyring.pop(folder, None)
    _mark(folder).unlink(missing_ok=True)
    return True


def _mark(folder: Path) -> Path:
    return folder / "key-in-keyring"


def _asked_keyring() -> Secret | None:
    try:
        import keyring

        text = keyring.get_password(SERVICE, ACCOUNT)
    except Exception:  # not installed any more, locked, no session: backends raise what they like
        return None
    return Secret(text) if text else None


def _in_keyring(action: str, service: str, account: str, key: Secret | None = None) -> str:
    """Do something in the keyring; return what kind of trouble it had, without its frames or text."""
    try:
        import keyring
    except ImportError:
        raise InvalidUsage(
            "Saving a key needs the package keyring.", hint="pip install keyring, and try again."
        ) from None
    act: Any = getattr(keyring, action)
    try:
        act(service, account, *([key.reveal()] if key else []))
    except Exception as error:
        return type(error).__name__
    return ""

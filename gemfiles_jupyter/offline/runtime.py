"""The runtime file: how a running server is found, and where its secrets are kept from others."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

SERVER_NAME = "gemfiles offline server"
SERVER_VERSION = "1"
IDENTITY_PATH = "/offline-server"
CONTROL_PATH = "/__control/"


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a server leaves on disk while it runs.

    `instance` is random: a file whose server is gone does not match whatever
    listens on that port now.  `owner_token` lets who may read the file move the
    server's clock and empty it; servers of before there was one have none.
    """

    address: str
    pid: int
    data: str
    instance: str
    key: str = field(repr=False)
    owner_token: str = field(default="", repr=False)

    def write(self, path: Path) -> None:
        """Write the file in one step, so that a reader sees all of it or nothing."""
        write_private(path, json.dumps(asdict(self)))

    @classmethod
    def read(cls, path: Path) -> Runtime | None:
        """Return what the file says; None when it is missing or makes no sense."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return cls(
                address=str(content["address"]),
                pid=int(content["pid"]),
                data=str(content["data"]),
                instance=str(content["instance"]),
                key=str(content["key"]),
                owner_token=str(content.get("owner_token", "")),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None


def private_folder(path: Path) -> Path:
    """Create a folder that only its owner may enter."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.stat().st_mode & 0o077:
        path.chmod(0o700)
    return path


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def kept_key(folder: Path) -> str:
    """Return the random key of this folder's server, the same one after a restart.

    Files are scoped by key: a new one would hide what was uploaded before.
    """
    path = folder / "key"
    try:
        key = path.read_text(encoding="utf-8").strip()
    except OSError:
        key = ""
    if not key:
        key = f"offline-{secrets.token_urlsafe(24)}"
        write_private(path, key)
    return key

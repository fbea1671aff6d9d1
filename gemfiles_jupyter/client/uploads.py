"""Upload one source, and prove that the right bytes arrived."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from ..config import API_VERSION, Secret
from ..errors import CorruptUpload, GemfilesError, NameTaken
from .content import Content, HashingReader
from .drive import Drive, NewFile, Pulse, Stopped, Watch
from .models import File
from .transport import Transport

__all__ = ["NewFile", "Pulse", "Stopped", "Uploaded", "Uploads", "Watch", "choose_id"]

ALPHABET = string.ascii_lowercase + string.digits


class Uploaded(NamedTuple):
    """A stored file, and whether the service's own digest proved it right.

    Attributes
    ----------
    sha256
        Of the source, as 64 hexadecimal characters.
    sent_bytes
        Content bytes that went over the wire, repeats included.
    """

    file: File
    sha256: str
    is_verified: bool
    sent_bytes: int


def choose_id() -> str:
    """Return a fresh random file id, short enough to be read, that says where it comes from."""
    # The alphabet is no power of two: taking a byte modulo it favours some letters a little, which an
    # id that only has to be unlikely to meet another can bear; 14 of them are 72 bits.
    return "gf" + "".join(ALPHABET[byte % len(ALPHABET)] for byte in secrets.token_bytes(14))


class Uploads:
    """Uploads over one transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def send(
        self, content: Content, new: NewFile, watch: Watch, *, session: Secret | None = None
    ) -> Uploaded:
        """Send one source, going on where the service stands after every fault.

        Parameters
        ----------
        session
            The upload URL of an earlier session of this very source, to go on with.

        Raises
        ------
        SourceChanged
            It was modified while it was being sent; nothing of it stays on the service.
        CorruptUpload
            Size or sha256 of the stored file differ; it was deleted.
        UploadInterrupted
            No progress within the budget; ``error.sent`` says how far it got.
        ServiceError, KeyProblem, NetworkError
            The service refused it, or could not be reached.
        """
        opened = content.open()
        reader = HashingReader(opened, content.size, content.label)
        try:
            if session:
                session = self._transport.session_url(session)
            drive = Drive(self._transport, opened, content, new, reader, watch, session)
            file = drive.run()
            return self._verified(file, content, reader, opened.check_unchanged, drive)
        finally:
            reader.close()
            opened.close()

    def cancel(self, session: Secret) -> None:
        """Tell the service to forget a session; it would do so by itself after some days."""
        self._transport.attempt(
            "POST",
            self._transport.session_url(session),
            headers={"X-Goog-Upload-Command": "cancel"},
            body=b"",
            with_key=False,
        )

    def _verified(
        self,
        file: File,
        content: Content,
        reader: HashingReader,
        check_unchanged: Callable[[], None],
        drive: Drive,
    ) -> Uploaded:
        try:
            digest = reader.sha256()
            check_unchanged()
        except GemfilesError:
            self._discard(file, drive)
            raise
        problem = ""
        if file.size_bytes is not None and file.size_bytes != content.size:
            problem = f"the service has {file.size_bytes} bytes of {content.size}"
        elif file.sha256 is not None and file.sha256 != digest:
            problem = f"the service's sha256 is {file.sha256[:12]}…, the source's {digest[:12]}…"
        if not problem:
            return Uploaded(file, digest, file.sha256 is not None, drive.sent_bytes)
        if drive.state.is_name_taken:
            raise NameTaken(
                f"The id {file.id} belongs to another file", status=409, hint="Choose another --id."
            )
        self._discard(file, drive)
        raise CorruptUpload(
            f"{content.label} did not arrive whole: {problem}", hint="The copy was removed; run it again."
        )

    def _discard(self, file: File, drive: Drive) -> None:
        if drive.state.is_name_taken:
            return  # not ours to delete
        with suppress(GemfilesError):
            self._transport.call("DELETE", f"/{API_VERSION}/{file.name}")

"""Every error that a user can meet, as one tree.

GemfilesError                  root; `hint` says what to do, `exit_code` is the command line's
├── InvalidUsage               the line typed makes no sense                                2
│   ├── UnknownVariable        `{name}` or `$name` is not in the notebook                   2
│   └── KeyTyped               a key on the line, where the history and the notebook keep it
├── SourceError                what is to be sent can't be sent                             1
│   ├── SourceNotFound         no such file, or a folder or pattern without files
│   ├── SourceRefused          too large, not a regular file, over a limit of the service
│   └── SourceChanged          it was modified, truncated or removed while it was sent
├── KeyProblem                 no key, or the service refuses it                            3
│   └── KeyMissing             there is none, and one is needed                             3
├── NetworkError               the service was not reached, or not understood               5
│   ├── CannotConnect          refused, no such host, TLS, proxy
│   ├── BadResponse            an answer that is not the protocol's
│   └── RedirectRefused        it wanted to send us to another host
├── ServiceError               the service said no: `status`, `reason`, `message`           1
│   ├── FileUnavailable        deleted, expired, or of another key
│   ├── StoreUnavailable       a file search store or document: deleted, or of another key
│   ├── NameTaken              a file of that id exists already
│   └── QuotaExceeded          storage or rate                                              4
├── UploadError                a transfer that did not arrive
│   ├── UploadInterrupted      given up for now; `sent` says how far it got                 5
│   ├── UploadCancelled        the session was cancelled                                    1
│   ├── UploadMisplaced        bytes of a browser that do not begin at `offset`, where it stands
│   └── CorruptUpload          what arrived is not what was sent                            1
├── NotReady                   a file that can't be used in a prompt                        6
│   ├── ProcessingFailed       FAILED, with the service's reason
│   └── ProcessingTimeout      still PROCESSING
├── UnusableAnswer             a model's answer that is empty, or not what was asked for    1
└── AllFailed                  not one of several sources arrived                           1

Messages hold no key, no upload URL and no absolute path.
"""

from __future__ import annotations

import copyreg
from typing import TYPE_CHECKING

from .safe_text import safe_text

if TYPE_CHECKING:
    from .client.models import File
    from .client.prompts import Answer
    from .client.store_models import Document

__all__ = [
    "AllFailed",
    "BadResponse",
    "CannotConnect",
    "CorruptUpload",
    "FileUnavailable",
    "GemfilesError",
    "InvalidUsage",
    "KeyMissing",
    "KeyProblem",
    "KeyTyped",
    "NameTaken",
    "NetworkError",
    "NotReady",
    "ProcessingFailed",
    "ProcessingTimeout",
    "QuotaExceeded",
    "RedirectRefused",
    "ServiceError",
    "SourceChanged",
    "SourceError",
    "SourceNotFound",
    "SourceRefused",
    "StoreUnavailable",
    "UnknownVariable",
    "UnusableAnswer",
    "UploadCancelled",
    "UploadError",
    "UploadInterrupted",
    "UploadMisplaced",
]


class GemfilesError(Exception):
    """Root of all errors of this package.

    Parameters
    ----------
    message
        What happened and why, in one sentence.
    hint
        What to do now, in one sentence; may be empty.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.message = safe_text(message)
        self.hint = safe_text(hint)
        super().__init__(self.message)

    def __str__(self) -> str:
        """Join what happened and what to do."""
        if not self.hint:
            return self.message
        end = "" if self.message.endswith((".", "!", "?")) else "."
        return f"{self.message}{end} {self.hint}"

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by attributes: Python's own way would call subclasses without their keywords."""
        return copyreg.__newobj__, (type(self), *self.args), vars(self)  # type: ignore[attr-defined]


class InvalidUsage(GemfilesError):
    """The line typed makes no sense: an unknown option, a missing argument."""

    exit_code = 2


class UnknownVariable(InvalidUsage):
    """A variable that was named does not exist in the notebook."""


class KeyTyped(InvalidUsage):
    """A key was typed on a line, which the notebook saves and the history keeps."""


class SourceError(GemfilesError):
    """What is to be sent can't be sent."""


class SourceNotFound(SourceError):
    """There is no such file, or a folder or pattern that holds no files."""


class SourceRefused(SourceError):
    """The source breaks a limit of the service, or is not a regular file."""


class SourceChanged(SourceError):
    """The source was modified, truncated or removed while it was being sent."""


class KeyProblem(GemfilesError):
    """There is no API key, or the service refuses it."""

    exit_code = 3


class KeyMissing(KeyProblem):
    """There is no API key, and the offline server is not to stand in."""


class NetworkError(GemfilesError):
    """The service was not reached, or its answer was not understood."""

    exit_code = 5


class CannotConnect(NetworkError):
    """No connection: refused, no such host, TLS, a proxy."""


class BadResponse(NetworkError):
    """An answer that is not what the protocol says, often a proxy's page."""


class RedirectRefused(NetworkError):
    """The service wanted to send us elsewhere; keys and bytes never follow a redirect."""


class ServiceError(GemfilesError):
    """The service understood the request and refused it.

    Parameters
    ----------
    message
        The service's own message, whole.
    status
        HTTP status.
    reason
        The service's status word, such as ``PERMISSION_DENIED``; may be empty.
    """

    def __init__(self, message: str, *, status: int, reason: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.reason = reason


class FileUnavailable(ServiceError):
    """A file that was deleted, has expired, or belongs to another key."""


class StoreUnavailable(ServiceError):
    """A file search store, or a document of one, that was deleted or belongs to another key."""


class NameTaken(ServiceError):
    """The id that was asked for belongs to another file."""


class QuotaExceeded(ServiceError):
    """Storage or the request rate is exhausted."""

    exit_code = 4


class UploadError(GemfilesError):
    """A transfer that did not arrive whole."""


class UploadInterrupted(UploadError):
    """A transfer that was given up after retries.

    Parameters
    ----------
    sent
        Bytes that the service had confirmed.
    """

    exit_code = 5

    def __init__(self, message: str, *, sent: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.sent = sent


class UploadCancelled(UploadError):
    """The upload session was cancelled."""


class UploadMisplaced(UploadError):
    """Bytes of a browser do not begin where its upload stands.

    Parameters
    ----------
    offset
        Where that is.
    """

    def __init__(self, message: str, *, offset: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.offset = offset


class CorruptUpload(UploadError):
    """Size or sha256 of the stored file differ from what was sent; the copy was removed."""


class NotReady(GemfilesError):
    """A file, or a document of a store, that can't be used in a prompt.

    Parameters
    ----------
    file
        The file or document as the service last described it.
    """

    exit_code = 6

    def __init__(self, message: str, *, file: File | Document, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.file = file


class ProcessingFailed(NotReady):
    """The service could not process the file; the message has its reason."""


class ProcessingTimeout(NotReady):
    """The file is still PROCESSING after the time that was allowed."""

    @classmethod
    def after(cls, file: File, seconds: float) -> ProcessingTimeout:
        """Say that a file was waited for in vain."""
        return cls(
            f"{file.label} is still processing after {seconds:.0f} s.",
            hint=f"Wait on with %gemfiles wait {file.name}.",
            file=file,
        )


class UnusableAnswer(GemfilesError):
    """A model's answer that is empty, or not what was asked for.

    Parameters
    ----------
    answer
        All that came, so that nothing is lost.
    """

    def __init__(self, message: str, *, answer: Answer, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.answer = answer


class AllFailed(GemfilesError):
    """Not one of several sources arrived; each line of the output says why."""

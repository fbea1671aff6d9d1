"""The words of the upload protocol: what may happen, where an upload stands, what to do next."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from ..errors import GemfilesError
from .models import File

__all__ = [
    "FIRST_SEGMENT_BYTES",
    "MIB",
    "Action",
    "Answer",
    "Broken",
    "Do",
    "Done",
    "Event",
    "Fail",
    "Plane",
    "Step",
    "UploadState",
]

MIB = 1024 * 1024
FIRST_SEGMENT_BYTES = 8 * MIB


class Plane(str, Enum):
    """Which kind of request an event answers, or an action sends."""

    WHOLE = "whole"
    START = "start"
    DATA = "data"
    QUERY = "query"
    LOOKUP = "lookup"


class Answer(NamedTuple):
    """An HTTP answer, reduced to what decides.

    Attributes
    ----------
    status
        HTTP status.
    upload_status
        ``X-Goog-Upload-Status`` in lower case; empty where the header is missing.
    received
        ``X-Goog-Upload-Size-Received`` as it came; None where the header is missing.
    has_session
        The answer to a start names an upload URL.
    granularity
        ``X-Goog-Upload-Chunk-Granularity`` in bytes; 0 where it is missing.
    retry_after
        Seconds; None where the header is missing.
    location
        The host a redirect points to; empty where there is none.
    file
        The file that the body describes, if it describes one.
    error
        What the service complains of, ready to be raised.
    is_quota
        Exhausted without a time to come back: waiting will hardly help.
    now, seconds
        When it came (monotonic) and how long the request took.
    """

    status: int
    upload_status: str = ""
    received: str | None = None
    has_session: bool = False
    granularity: int = 0
    retry_after: float | None = None
    location: str = ""
    file: File | None = None
    error: GemfilesError | None = None
    is_quota: bool = False
    now: float = 0.0
    seconds: float = 0.0


class Broken(NamedTuple):
    """No answer: the connection was refused, was cut, or fell silent.

    Attributes
    ----------
    reason
        In words, without addresses that hold secrets.
    is_final
        Trying again can't help (TLS, proxy credentials).
    most
        How often a first contact is worth trying again; None for as long as the budget lasts.
    hint
        What the user can do about it.
    """

    reason: str
    is_final: bool = False
    most: int | None = None
    hint: str = ""
    now: float = 0.0


Event = Answer | Broken


class UploadState(NamedTuple):
    """Where one upload stands.

    Attributes
    ----------
    total
        Size of the source in bytes.
    plane
        What is to be asked next, and so what the next event answers.
    offset
        Bytes that the service confirmed.
    length
        Bytes of the segment under way.
    confirmed
        The most that was ever confirmed: only more than this closes an episode of failures.
    segment_bytes
        How much the next request may carry.
    attempt
        Failures in this episode; 0 while all goes well.
    episode_start
        When the episode began (monotonic).
    is_whole
        The source goes in one request.
    was_finalized
        A finalize was sent, so the file may exist though no answer said so.
    """

    total: int
    plane: Plane = Plane.START
    offset: int = 0
    length: int = 0
    confirmed: int = 0
    granularity: int = FIRST_SEGMENT_BYTES
    segment_bytes: int = FIRST_SEGMENT_BYTES
    attempt: int = 0
    episode_start: float | None = None
    restarts: int = 0
    bad_queries: int = 0
    lookups: int = 0
    is_whole: bool = False
    was_finalized: bool = False
    was_halved: bool = False
    is_name_taken: bool = False
    trouble: str = ""

    @property
    def is_last(self) -> bool:
        """Whether the segment under way is the last one, sent as ``upload, finalize``."""
        return self.offset + self.length >= self.total


class Do(NamedTuple):
    """Wait, then send the request of the state's plane.

    Attributes
    ----------
    wait_seconds
        Back-off, to be spread by jitter.
    least_seconds
        What the service asked for: never less, whatever the jitter says.
    """

    wait_seconds: float = 0.0
    least_seconds: float = 0.0


class Done(NamedTuple):
    """The service has the file. Size and digest are still to be compared."""

    file: File


class Fail(NamedTuple):
    """The upload ends here.

    Attributes
    ----------
    is_resumable
        The session may still be good: it can be gone on with later.
    """

    error: GemfilesError
    is_resumable: bool = False


Action = Do | Done | Fail
Step = tuple[UploadState, Action]

"""The resumable upload as a pure decision: (state, event) -> (state, action). No I/O, no clock.

One upload is a walk over four planes::

    START --200 + url--> DATA --200 final--> done
      ^                   |  ^
      | session gone      v  | the service says where it stands
      +----------------- QUERY
                          |  final, but the answer is lost
                          v
    WHOLE --lost answer--> LOOKUP  files.get of the name that we chose

A small source goes WHOLE: description and bytes in one request. Where a service refuses that, it
starts like any other.

The rules that keep bytes right:

- After any answer that leaves the offset unknown, nothing is sent before a query was answered.
- Only the service says where it stands; its offset may go back as well as forth.
- A rejected upload (not 200, status final) is never tried again.
- The name is chosen by us and kept over restarts, so that a lost answer can't make a second file.

Source: https://ai.google.dev/api/files and Google's guide to resumable uploads (X-Goog-Upload).
"""

from __future__ import annotations

from ..errors import (
    BadResponse,
    CannotConnect,
    GemfilesError,
    KeyProblem,
    RedirectRefused,
    ServiceError,
    UploadCancelled,
    UploadInterrupted,
)
from .upload_state import (
    FIRST_SEGMENT_BYTES,
    Answer,
    Broken,
    Do,
    Done,
    Event,
    Fail,
    Plane,
    Step,
    UploadState,
)

__all__ = ["UNSURE", "decide"]

SEGMENT_SECONDS = 8.0
MOST_GROWTH = 8.0
LONGEST_LAST = 1.5
EPISODE_SECONDS = 120.0
LONGEST_WAIT_SECONDS = 32.0
LONGEST_RETRY_AFTER_SECONDS = 60.0
QUOTA_RETRIES = 2
LOOKUPS = 3
WHOLE_TRIES = 3

# Answers that say nothing about the bytes: ask again, or ask where the service stands.
UNSURE = frozenset({408, 409, 429, 499, *range(500, 600)}) - {501, 505}
# In the data plane these leave the offset unknown too, as long as the session is not final.
UNSURE_DATA = UNSURE | {400, 412, 416}


def decide(state: UploadState, event: Event) -> Step:
    """Return what follows from the answer to the request of ``state.plane``."""
    if isinstance(event, Broken):
        return _after_break(state, event)
    if event.upload_status == "cancelled":
        return state, Fail(UploadCancelled("The service cancelled the upload."))
    if event.status != 200 and event.upload_status == "final" and not _is_own_name(event):
        return state, Fail(event.error or _unexpected(event))
    if 300 <= event.status < 400:
        return _after_redirect(state, event)
    return _RULES[state.plane](state, event)


def _after_whole(state: UploadState, answer: Answer) -> Step:
    if answer.status == 200 and answer.file:
        return state, Done(answer.file)
    if _is_own_name(answer):
        return _again(state._replace(is_name_taken=True), answer, "the name exists", Plane.LOOKUP)
    is_refused = answer.status in (401, 403) or isinstance(answer.error, KeyProblem)
    if is_refused or _is_hopeless_quota(state, answer):
        return state, Fail(answer.error or _unexpected(answer))
    is_unsure = answer.status == 200 or answer.status in UNSURE
    if is_unsure and answer.upload_status != "active":
        return _again(state, answer, f"answered {answer.status}", Plane.LOOKUP)
    # Not everyone takes bytes this way; what is wrong with the file itself, a start will say.
    least = _asked_wait(answer)
    return state._replace(plane=Plane.START, is_whole=False), Do(least, least)


def _after_start(state: UploadState, answer: Answer) -> Step:
    if answer.status == 200 and answer.has_session:
        granularity = answer.granularity or state.granularity
        opened = state._replace(
            granularity=granularity,
            segment_bytes=_aligned(max(state.segment_bytes, FIRST_SEGMENT_BYTES), granularity),
            offset=0,
        )
        return _send(opened)
    if answer.status == 200:
        return _again(state, answer, "answered without an upload address (a proxy?)", Plane.START)
    if _is_own_name(answer):
        return _again(state._replace(is_name_taken=True), answer, "the name exists", Plane.LOOKUP)
    if _is_hopeless_quota(state, answer):
        return state, Fail(answer.error or _unexpected(answer))
    if answer.status in UNSURE:
        return _again(state, answer, f"answered {answer.status}", Plane.START)
    return state, Fail(answer.error or _unexpected(answer))


def _after_data(state: UploadState, answer: Answer) -> Step:
    if answer.status == 200:
        return _after_accepted(state, answer)
    if _is_own_name(answer):
        return _again(state._replace(is_name_taken=True), answer, "the name exists", Plane.LOOKUP)
    if _is_hopeless_quota(state, answer):
        return state, Fail(answer.error or _unexpected(answer))
    if answer.status in UNSURE_DATA:
        return _again(state, answer, f"answered {answer.status}", Plane.QUERY)
    if answer.status == 413 and not state.was_halved and state.segment_bytes > state.granularity:
        smaller = state._replace(was_halved=True, segment_bytes=state.granularity)
        return _again(smaller, answer, "takes smaller pieces only", Plane.QUERY)
    if answer.status in (404, 410):
        return _after_lost_session(state, answer)
    return state, Fail(answer.error or _unexpected(answer), is_resumable=answer.status in (401, 403))


def _after_accepted(state: UploadState, answer: Answer) -> Step:
    if answer.upload_status == "final":
        if answer.file and state.is_last:
            return state, Done(answer.file)
        return _again(state, answer, "ended the upload without describing the file", Plane.LOOKUP)
    if answer.upload_status != "active" or state.is_last:
        return _again(state, answer, "did not say whether it took the bytes", Plane.QUERY)
    grown = state.segment_bytes
    if answer.seconds < SEGMENT_SECONDS and not state.was_halved:
        # As large as takes that long at this pace: every request less is a round trip less.
        pace = SEGMENT_SECONDS / max(answer.seconds, 0.01)
        if state.offset == 0:  # most of which was the connection's slow start
            pace *= 2
        grown = int(grown * min(max(pace, 2.0), MOST_GROWTH))
    return _send(_confirm(state._replace(segment_bytes=grown), state.offset + state.length))


def _after_query(state: UploadState, answer: Answer) -> Step:
    if answer.status == 200 and answer.upload_status == "final":
        if answer.file:
            return state, Done(answer.file)
        return _again(state, answer, "ended the upload without describing the file", Plane.LOOKUP)
    if answer.status == 200:
        return _after_offset(state, answer)
    if _is_own_name(answer):  # how the finalize ended whose answer was lost
        return _again(state._replace(is_name_taken=True), answer, "the name exists", Plane.LOOKUP)
    if answer.status in (404, 410):
        return _after_lost_session(state, answer)
    if answer.status in UNSURE:
        return _again(state, answer, f"answered {answer.status}", Plane.QUERY)
    return state, Fail(answer.error or _unexpected(answer), is_resumable=answer.status in (401, 403))


def _after_offset(state: UploadState, answer: Answer) -> Step:
    text = (answer.received or "").strip()
    if not (text.isascii() and text.isdigit()):
        if state.bad_queries >= 2:
            return state, Fail(BadResponse("The service does not say how many bytes it has."))
        bad = state._replace(bad_queries=state.bad_queries + 1)
        return _again(bad, answer, "did not say how many bytes it has", Plane.QUERY)
    received = int(text)
    if received > state.total:
        return state, Fail(
            BadResponse(f"The service says it has {received} bytes of a source of {state.total}.")
        )
    return _send(_confirm(state, received))


def _after_lookup(state: UploadState, answer: Answer) -> Step:
    if answer.status == 200 and answer.file:
        return state, Done(answer.file)
    if answer.status in (403, 404):
        if state.is_name_taken:  # it was there a moment ago: another key's, or just deleted
            return state, Fail(answer.error or _unexpected(answer))
        if state.is_whole:  # sent again under the same name, it can't become a second file
            is_hopeless = state.lookups >= WHOLE_TRIES  # this service may not take bytes this way
            plane = Plane.START if is_hopeless else Plane.WHOLE
            again = state._replace(is_whole=not is_hopeless)
            return _again(again, answer, "did not keep the file", plane)
        if state.lookups < LOOKUPS:
            return _again(state, answer, "does not show the file yet", Plane.LOOKUP)
        return _restart(state, answer)
    if answer.status in UNSURE or answer.status == 200:
        return _again(state, answer, f"answered {answer.status}", Plane.LOOKUP)
    return state, Fail(answer.error or _unexpected(answer))


_RULES = {
    Plane.WHOLE: _after_whole,
    Plane.START: _after_start,
    Plane.DATA: _after_data,
    Plane.QUERY: _after_query,
    Plane.LOOKUP: _after_lookup,
}


def _after_break(state: UploadState, event: Broken) -> Step:
    is_first = state.plane in (Plane.START, Plane.WHOLE) and not state.restarts
    is_hopeless = is_first and event.most is not None and state.attempt >= event.most
    if event.is_final or is_hopeless:
        return state, Fail(CannotConnect(event.reason, hint=event.hint), is_resumable=state.offset > 0)
    plane = {Plane.DATA: Plane.QUERY, Plane.WHOLE: Plane.LOOKUP}.get(state.plane, state.plane)
    if state.plane is Plane.WHOLE and event.most is not None:
        plane = Plane.WHOLE  # no connection, so nothing arrived
    return _again(state, event, event.reason, plane)


def _after_redirect(state: UploadState, answer: Answer) -> Step:
    if answer.status == 308 and not answer.location and state.plane in (Plane.DATA, Plane.QUERY):
        return _again(state, answer, "answered 308", Plane.QUERY)
    where = answer.location or "another address"
    return state, Fail(
        RedirectRefused(
            f"The service redirects the upload to {where}; bytes and keys do not follow.",
            hint="Check the base URL, or a proxy on the way.",
        )
    )


def _after_lost_session(state: UploadState, answer: Answer) -> Step:
    if state.was_finalized:  # the file may be there all the same
        return _again(state, answer, "forgot the session after the last byte", Plane.LOOKUP)
    return _restart(state, answer)


def _restart(state: UploadState, answer: Answer) -> Step:
    if state.restarts:
        return state, Fail(
            UploadInterrupted("The service lost the upload session twice.", hint="Try again later.")
        )
    fresh = UploadState(state.total, restarts=1, attempt=state.attempt, episode_start=state.episode_start)
    return _again(fresh, answer, "lost the session: starting again", Plane.START)


def _again(state: UploadState, event: Event, trouble: str, plane: Plane) -> Step:
    """Note one more failure of the episode and ask again, unless its budget is spent."""
    start = event.now if state.episode_start is None else state.episode_start
    if event.now - start > EPISODE_SECONDS:
        error = UploadInterrupted(
            f"No progress for {EPISODE_SECONDS:.0f} s: {_in_words(event, trouble)}.",
            sent=state.offset,
            hint="Run the same line again.",
        )
        return state, Fail(error, is_resumable=True)
    failed = state._replace(
        plane=plane,
        attempt=state.attempt + 1,
        episode_start=start,
        lookups=state.lookups + (plane is Plane.LOOKUP),
        trouble=trouble,
        length=0,
    )
    least = _asked_wait(event)
    # A first question only asks, so it goes out at once.
    times_asked = {Plane.QUERY: failed.attempt, Plane.LOOKUP: failed.lookups}
    if times_asked.get(plane) == 1:
        return failed, Do(least, least)
    back_off = min(2.0 ** min(max(0, state.attempt - 1), 10), LONGEST_WAIT_SECONDS)
    return failed, Do(max(back_off, least), least)


def _asked_wait(event: Event) -> float:
    asked = event.retry_after if isinstance(event, Answer) else None
    return min(asked or 0.0, LONGEST_RETRY_AFTER_SECONDS)


def _in_words(event: Event, trouble: str) -> str:
    if isinstance(event, Broken):
        return trouble
    said = f" ({event.error.message.rstrip('.')})" if isinstance(event.error, ServiceError) else ""
    return f"the service {trouble}{said}"


def _send(state: UploadState) -> Step:
    """Choose the next segment: the rest if it about fits, else a multiple of the granularity."""
    rest = state.total - state.offset
    # On a link that has shown its pace a short last segment is not worth a round trip.
    is_known_pace = state.segment_bytes > FIRST_SEGMENT_BYTES and not state.was_halved
    stretch = LONGEST_LAST if is_known_pace else 1
    is_rest = rest <= state.segment_bytes * stretch
    length = rest if is_rest else _aligned(state.segment_bytes, state.granularity)
    ready = state._replace(plane=Plane.DATA, length=length)
    return ready._replace(was_finalized=state.was_finalized or ready.is_last), Do()


def _confirm(state: UploadState, offset: int) -> UploadState:
    if offset <= state.confirmed:
        return state._replace(offset=offset, bad_queries=0)
    return state._replace(
        offset=offset,
        confirmed=offset,
        attempt=0,
        episode_start=None,
        bad_queries=0,
        trouble="",
    )


def _aligned(size: int, granularity: int) -> int:
    return max(granularity, size - size % granularity)


def _is_own_name(answer: Answer) -> bool:
    return answer.status == 409 and getattr(answer.error, "reason", "") == "ALREADY_EXISTS"


def _is_hopeless_quota(state: UploadState, answer: Answer) -> bool:
    return answer.is_quota and state.attempt >= QUOTA_RETRIES


def _unexpected(answer: Answer) -> GemfilesError:
    return BadResponse(f"The service answered {answer.status} without saying why.")

"""Every answer in every plane, without sockets: what follows from it, and what may never happen."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gemfiles_jupyter.client.models import File
from gemfiles_jupyter.client.protocol import EPISODE_SECONDS, LONGEST_RETRY_AFTER_SECONDS, decide
from gemfiles_jupyter.client.upload_state import (
    FIRST_SEGMENT_BYTES,
    MIB,
    Answer,
    Broken,
    Do,
    Done,
    Fail,
    Plane,
    UploadState,
)
from gemfiles_jupyter.errors import (
    BadResponse,
    CannotConnect,
    NameTaken,
    QuotaExceeded,
    RedirectRefused,
    ServiceError,
    UploadCancelled,
    UploadInterrupted,
)

GRANULE = 8 * MIB
FILE = File("files/abc")

# What follows: the plane of the next request, or how the upload ends. "refused" is the service's own
# error; a plus says that the session may be gone on with later.
# `whole` is a small source in one request, `data` a segment in the middle, `last` the one that
# finalizes, `query*` a query after that one.
TABLE = """
answer               whole      start      data       last       query      query*     lookup
200 active url       start      data       -          -          -          -          -
200 - url            lookup     data       -          -          -          -          -
200 active           start      start      data       query      query      query      lookup
200 -                lookup     start      query      query      query      query      lookup
200 final            lookup     start      lookup     lookup     lookup     lookup     lookup
200 final file       done       start      lookup     done       done       done       done
200 - file           done       start      query      query      query      query      done
200 active received  start      start      data       query      data       data       lookup
200 - received       lookup     start      query      query      data       data       lookup
201                  start      refused    refused    refused    refused    refused    refused
204                  start      refused    refused    refused    refused    refused    refused
301 location         redirect   redirect   redirect   redirect   redirect   redirect   redirect
302 location         redirect   redirect   redirect   redirect   redirect   redirect   redirect
303 location         redirect   redirect   redirect   redirect   redirect   redirect   redirect
307 location         redirect   redirect   redirect   redirect   redirect   redirect   redirect
308 location         redirect   redirect   redirect   redirect   redirect   redirect   redirect
302                  redirect   redirect   redirect   redirect   redirect   redirect   redirect
308                  redirect   redirect   query      query      query      query      redirect
400                  start      refused    query      query      refused    refused    refused
401                  refused    refused    refused+   refused+   refused+   refused+   refused
403                  refused    refused    refused+   refused+   refused+   refused+   lookup
404                  start      refused    start      lookup     start      lookup     lookup
405                  start      refused    refused    refused    refused    refused    refused
408                  lookup     start      query      query      query      query      lookup
409                  lookup     start      query      query      query      query      lookup
409 taken            lookup     lookup     lookup     lookup     lookup     lookup     lookup
410                  start      refused    start      lookup     start      lookup     refused
412                  start      refused    query      query      refused    refused    refused
413                  start      refused    query      query      refused    refused    refused
415                  start      refused    refused    refused    refused    refused    refused
416                  start      refused    query      query      refused    refused    refused
429                  lookup     start      query      query      query      query      lookup
429 retry-after      lookup     start      query      query      query      query      lookup
429 quota            lookup     start      query      query      query      query      lookup
499                  lookup     start      query      query      query      query      lookup
500                  lookup     start      query      query      query      query      lookup
501                  start      refused    refused    refused    refused    refused    refused
502                  lookup     start      query      query      query      query      lookup
503                  lookup     start      query      query      query      query      lookup
504                  lookup     start      query      query      query      query      lookup
507                  lookup     start      query      query      query      query      lookup
520                  lookup     start      query      query      query      query      lookup
broken               lookup     start      query      query      query      query      lookup
broken limited       whole      start      query      query      query      query      lookup
broken final         connect    connect    connect    connect    connect    connect    connect
"""
COLUMNS, *ROWS = (line for line in TABLE.strip().splitlines())
HEADINGS = COLUMNS.split()[1:]
RESULTS = [(" ".join(row.split()[:-7]), dict(zip(HEADINGS, row.split()[-7:], strict=True))) for row in ROWS]
CASES = [
    pytest.param(plane, answer, follows[plane], id=f"{plane}-{answer.replace(' ', '_')}")
    for answer, follows in RESULTS
    for plane in HEADINGS
    if follows[plane] != "-"
]
STATUSES = sorted({int(answer[:3]) for answer, _ in RESULTS if answer[:3].isdigit()} - {200})
ENDS = {"redirect": RedirectRefused, "connect": CannotConnect}


def state_in(column: str) -> UploadState:
    """Return an upload of 40 MiB that has 16 MiB there and waits for the answer of a plane."""
    total = 40 * MIB
    if column == "whole":
        return UploadState(MIB, Plane.WHOLE, is_whole=True, was_finalized=True)
    if column == "start":
        return UploadState(total)
    sent = UploadState(
        total, Plane.DATA, offset=16 * MIB, length=16 * MIB, confirmed=16 * MIB, segment_bytes=16 * MIB
    )
    if column == "data":
        return sent
    if column == "query":
        return sent._replace(plane=Plane.QUERY, length=0, attempt=1, episode_start=0.0)
    last = sent._replace(offset=24 * MIB, confirmed=24 * MIB, was_finalized=True)
    if column == "last":
        return last
    plane = Plane.LOOKUP if column == "lookup" else Plane.QUERY
    return last._replace(plane=plane, length=0, attempt=1, episode_start=0.0)


def event_of(text: str) -> Answer | Broken:
    """Return the event that a row of the table names."""
    status, *facts = text.split()
    if status == "broken":
        return Broken("broke", is_final="final" in facts, most=3 if "limited" in facts else None)
    code = int(status)
    error: ServiceError | None = None if code == 200 else ServiceError("no", status=code)
    if "taken" in facts:
        error = NameTaken("there is one", status=409, reason="ALREADY_EXISTS")
    if "quota" in facts:
        error = QuotaExceeded("full", status=429, reason="RESOURCE_EXHAUSTED")
    return Answer(
        code,
        upload_status=facts[0] if facts and facts[0] in ("active", "final", "cancelled") else "",
        received=str(24 * MIB) if "received" in facts else None,
        has_session="url" in facts,
        retry_after=7.0 if "retry-after" in facts else None,
        location="evil.test" if "location" in facts else "",
        file=FILE if "file" in facts else None,
        error=error,
        is_quota="quota" in facts,
    )


def assert_follows(event: Answer | Broken, state: UploadState, expected: str) -> None:
    new, action = decide(state, event)

    if isinstance(action, Do):
        assert new.plane.value == expected
    elif isinstance(action, Done):
        assert expected == "done"
        assert action.file is FILE
    elif expected.startswith("refused"):
        assert isinstance(event, Answer)
        assert action.error is event.error
        assert action.is_resumable is expected.endswith("+")
    else:
        assert type(action.error) is ENDS[expected]


@pytest.mark.parametrize(("column", "answer", "expected"), CASES)
def test_an_answer_leads_to(column: str, answer: str, expected: str) -> None:
    assert_follows(event_of(answer), state_in(column), expected)


@pytest.mark.parametrize(
    ("column", "answer", "expected"),
    [
        case
        for case in CASES
        if case.values[0] != "whole" and not str(case.values[1]).startswith(("200", "b"))
    ],
)
def test_an_active_session_changes_nothing_about_an_error(column: str, answer: str, expected: str) -> None:
    event = event_of(answer)
    assert isinstance(event, Answer)

    assert_follows(event._replace(upload_status="active"), state_in(column), expected)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("column", HEADINGS)
def test_a_rejection_ends_at_once(column: str, status: int) -> None:
    event = event_of(f"{status} final")

    assert_follows(event, state_in(column), "refused")


@pytest.mark.parametrize("status", [200, *STATUSES])
@pytest.mark.parametrize("column", HEADINGS)
def test_a_cancelled_session_ends_the_upload(column: str, status: int) -> None:
    _, action = decide(state_in(column), event_of(f"{status} cancelled"))

    assert isinstance(action, Fail)
    assert type(action.error) is UploadCancelled
    assert not action.is_resumable


@pytest.mark.parametrize("column", ["data", "last", "query", "query*"])
def test_a_taken_name_is_looked_up_though_the_session_is_final(column: str) -> None:
    event = event_of("409 taken")
    assert isinstance(event, Answer)

    new, action = decide(state_in(column), event._replace(upload_status="final"))

    assert isinstance(action, Do)
    assert new.plane is Plane.LOOKUP
    assert new.is_name_taken


@pytest.mark.parametrize("column", ["whole", "start", "data", "last"])
def test_quota_without_a_time_to_come_back_is_asked_three_times(column: str) -> None:
    state = state_in(column)
    event = event_of("429 quota")

    first = decide(state, event)[1]
    second = decide(state._replace(attempt=1, episode_start=0.0), event)[1]
    third = decide(state._replace(attempt=2, episode_start=0.0), event)[1]

    assert isinstance(first, Do)
    assert isinstance(second, Do)
    assert isinstance(third, Fail)
    assert type(third.error) is QuotaExceeded


@pytest.mark.parametrize("column", ["whole", "start"])
def test_a_host_that_was_never_reached_is_tried_four_times(column: str) -> None:
    state = state_in(column)
    actions = []
    for now in range(4):
        state, action = decide(state, Broken("refused", most=3, hint="Check.", now=float(now)))
        actions.append(action)

    assert [type(action) for action in actions] == [Do, Do, Do, Fail]
    assert isinstance(actions[-1], Fail)
    assert actions[-1].error.hint == "Check."


def test_a_host_that_is_gone_in_the_middle_is_tried_for_the_whole_budget() -> None:
    state = state_in("data")
    for now in range(0, int(EPISODE_SECONDS), 10):
        state, action = decide(state, Broken("refused", most=3, now=float(now)))
        assert isinstance(action, Do)

    _, action = decide(state, Broken("refused", most=3, now=EPISODE_SECONDS + 1))

    assert isinstance(action, Fail)
    assert isinstance(action.error, UploadInterrupted)
    assert action.error.sent == 16 * MIB
    assert action.is_resumable


def test_the_end_of_the_budget_says_what_the_service_said() -> None:
    event = Answer(503, error=ServiceError("The disk is on fire.", status=503), now=EPISODE_SECONDS + 1)

    _, action = decide(state_in("query")._replace(attempt=4), event)

    assert isinstance(action, Fail)
    assert "503 (The disk is on fire)" in action.error.message


@pytest.mark.parametrize("received", ["", None, "abc", "-1", "1e3", "٣", "1.5", " "], ids=repr)
def test_a_query_that_names_no_offset_is_asked_three_times(received: str | None) -> None:
    state, event = state_in("query"), Answer(200, "active", received=received)

    state, first = decide(state, event)
    state, second = decide(state, event)
    _, third = decide(state, event)

    assert isinstance(first, Do)
    assert isinstance(second, Do)
    assert isinstance(third, Fail)
    assert type(third.error) is BadResponse


def test_more_bytes_than_the_source_has_is_an_error() -> None:
    _, action = decide(state_in("query"), Answer(200, "active", received=str(40 * MIB + 1)))

    assert isinstance(action, Fail)
    assert type(action.error) is BadResponse


@pytest.mark.parametrize("received", [0, 5, 8 * MIB, 16 * MIB, 40 * MIB - 1])
def test_a_query_moves_the_offset_both_ways(received: int) -> None:
    state, action = decide(state_in("query"), Answer(200, "active", received=str(received)))

    assert action == Do()
    assert (state.plane, state.offset) == (Plane.DATA, received)
    assert state.length == (16 * MIB if received < 16 * MIB else 40 * MIB - received)


def test_a_service_that_has_everything_is_only_told_to_finalize() -> None:
    state, _ = decide(state_in("query*"), Answer(200, "active", received=str(40 * MIB)))

    assert (state.plane, state.offset, state.length, state.is_last) == (Plane.DATA, 40 * MIB, 0, True)


def test_only_newly_confirmed_bytes_close_an_episode() -> None:
    failing = state_in("query")._replace(attempt=3, episode_start=5.0)

    same, _ = decide(failing, Answer(200, "active", received=str(16 * MIB)))
    less, _ = decide(failing, Answer(200, "active", received="0"))
    more, _ = decide(failing, Answer(200, "active", received=str(16 * MIB + 1)))

    assert (same.attempt, same.episode_start) == (3, 5.0)
    assert (less.attempt, less.episode_start) == (3, 5.0)
    assert (more.attempt, more.episode_start) == (0, None)


def test_a_segment_that_is_too_large_is_made_as_small_as_can_be_once() -> None:
    state, _ = decide(state_in("data"), event_of("413"))
    state, _ = decide(state, Answer(200, "active", received=str(16 * MIB)))
    halved = state
    state, action = decide(state, event_of("413"))

    assert halved.length == GRANULE
    assert isinstance(action, Fail)


@pytest.mark.parametrize(
    ("seconds", "length"),
    [(7.9, 16 * MIB), (8.1, 8 * MIB), (4.0, 32 * MIB), (0.5, 64 * MIB)],
    ids=["fast", "slow", "twice as fast", "very fast"],
)
def test_segments_grow_while_they_are_fast(seconds: float, length: int) -> None:
    state, _ = decide(UploadState(200 * MIB), Answer(200, "active", has_session=True, granularity=GRANULE))
    first = state.length

    state, _ = decide(state, Answer(200, "active", seconds=seconds))

    assert (first, state.length) == (8 * MIB, length)


@pytest.mark.parametrize(
    ("total", "lengths"),
    [(0, [0]), (1, [1]), (8 * MIB, [8 * MIB]), (8 * MIB + 1, [8 * MIB, 1]), (24 * MIB, [8 * MIB, 16 * MIB])],
    ids=["empty", "one byte", "8 MiB", "8 MiB + 1", "24 MiB"],
)
def test_segments_cover_the_source_and_the_last_one_finalizes(total: int, lengths: list[int]) -> None:
    state, _ = decide(UploadState(total), Answer(200, "active", has_session=True, granularity=GRANULE))
    sent = [(state.length, state.is_last)]
    while not state.is_last:
        state, _ = decide(state, Answer(200, "active"))
        sent.append((state.length, state.is_last))
    _, action = decide(state, Answer(200, "final", file=FILE))

    assert [length for length, _ in sent] == lengths
    assert [is_last for _, is_last in sent] == [False] * (len(lengths) - 1) + [True]
    assert action == Done(FILE)


@pytest.mark.parametrize("granule", [1, 256 * 1024, GRANULE, 3 * MIB, 64 * MIB, 10**18])
def test_segments_are_multiples_of_whatever_granularity_the_service_has(granule: int) -> None:
    state, _ = decide(UploadState(100 * MIB), Answer(200, "active", has_session=True, granularity=granule))
    for _ in range(20):
        if state.is_last:
            break
        assert state.length % granule == 0
        state, _ = decide(state, Answer(200, "active"))

    assert state.offset + state.length == 100 * MIB


def test_the_first_question_goes_out_at_once_and_then_waits_double() -> None:
    state, now, waits = state_in("data"), 0.0, []
    for _ in range(9):
        state, action = decide(state, Answer(503, error=ServiceError("", status=503), now=now))
        assert isinstance(action, Do)
        waits.append(action.wait_seconds)

    assert waits == [0, 1, 2, 4, 8, 16, 32, 32, 32]


@pytest.mark.parametrize(("asked", "least"), [(7.0, 7.0), (0.0, 0.0), (1e6, LONGEST_RETRY_AFTER_SECONDS)])
@pytest.mark.parametrize("column", ["start", "data", "last", "query", "lookup"])
def test_the_service_is_left_alone_as_long_as_it_asks(column: str, asked: float, least: float) -> None:
    event = Answer(503, error=ServiceError("", status=503), retry_after=asked)

    _, action = decide(state_in(column), event)

    assert isinstance(action, Do)
    assert action.least_seconds == least
    assert action.wait_seconds >= least


def test_a_lost_session_is_started_again_from_nothing_but_only_once() -> None:
    state, action = decide(state_in("query"), event_of("404"))
    again = (state.plane, state.offset, state.confirmed, state.restarts)
    state, _ = decide(state, event_of("200 active url"))

    _, second = decide(state, event_of("410"))

    assert isinstance(action, Do)
    assert again == (Plane.START, 0, 0, 1)
    assert isinstance(second, Fail)
    assert isinstance(second.error, UploadInterrupted)


@pytest.mark.parametrize("restarts", [0, 1])
def test_a_session_lost_after_the_last_byte_is_looked_up_before_anything_else(restarts: int) -> None:
    state, action = decide(state_in("last")._replace(restarts=restarts), event_of("404"))
    is_asked_now = isinstance(action, Do) and action.wait_seconds == 0
    state, found = decide(state, event_of("200 - file"))

    assert is_asked_now
    assert found == Done(FILE)


def test_a_file_that_never_shows_up_is_sent_again() -> None:
    state, _ = decide(state_in("last"), event_of("404"))
    planes = [state.plane]
    for _ in range(3):
        state, _ = decide(state, event_of("403"))
        planes.append(state.plane)

    assert planes == [Plane.LOOKUP, Plane.LOOKUP, Plane.LOOKUP, Plane.START]


@pytest.mark.parametrize("answer", ["503", "broken", "200 -"])
def test_a_small_source_that_got_lost_is_sent_again_and_then_in_a_session(answer: str) -> None:
    state, planes = state_in("whole"), []
    for _ in range(3):
        state, action = decide(state, event_of(answer))
        planes.append(state.plane)
        state, action = decide(state, event_of("403"))
        planes.append(state.plane)
        assert isinstance(action, Do)

    assert planes == [Plane.LOOKUP, Plane.WHOLE, Plane.LOOKUP, Plane.WHOLE, Plane.LOOKUP, Plane.START]
    assert not state.is_whole


def test_a_service_that_answers_a_small_source_like_a_start_gets_a_start() -> None:
    state, action = decide(state_in("whole"), event_of("503 active"))

    assert (state.plane, action) == (Plane.START, Do())


def test_a_taken_name_that_is_not_ours_to_see_ends_the_upload() -> None:
    state, _ = decide(state_in("last"), event_of("409 taken"))

    _, action = decide(state, event_of("403"))

    assert isinstance(action, Fail)


def test_a_clock_that_stands_still_never_overflows_the_back_off() -> None:
    state = state_in("query")
    for _ in range(2000):
        state, action = decide(state, Broken("cut"))

    assert isinstance(action, Do)
    assert action.wait_seconds == 32


# Walks through random answers

ANYTHING = st.builds(
    Answer,
    status=st.sampled_from([200] * 12 + [308, 400, 403, 404, 408, 409, 410, 412, 413, 416, 429, 500, 503]),
    upload_status=st.sampled_from(["active"] * 6 + ["", "", "final"]),
    received=st.one_of(st.none(), st.just("abc"), st.integers(0, 90 * MIB).map(str)),
    has_session=st.booleans(),
    granularity=st.just(GRANULE),
    retry_after=st.one_of(st.none(), st.floats(0, 1e4)),
    file=st.sampled_from([None, None, FILE]),
    is_quota=st.booleans(),
    seconds=st.floats(0, 60),
)
BREAKS = st.builds(Broken, reason=st.just("cut"), most=st.sampled_from([None, 3]))
TOTALS = st.one_of(st.sampled_from([0, 1, GRANULE, GRANULE + 1]), st.integers(0, 90 * MIB))


def first_state(total: int, is_whole: bool) -> UploadState:
    if is_whole:
        return UploadState(total, Plane.WHOLE, is_whole=True, was_finalized=True)
    return UploadState(total)


def is_offset(event: Answer | Broken, total: int) -> bool:
    is_active = isinstance(event, Answer) and event.status == 200 and event.upload_status != "final"
    return is_active and (event.received or "").isdigit() and int(event.received or 0) <= total


@settings(deadline=None, max_examples=250)
@given(TOTALS, st.booleans(), st.lists(st.one_of(ANYTHING, BREAKS), max_size=40))
def test_no_walk_breaks_the_rules(total: int, is_whole: bool, events: list[Answer | Broken]) -> None:
    state, now = first_state(total, is_whole), 0.0
    is_sure = False  # the service's offset is known
    for happened in events:
        before, event = state, happened._replace(now=now)
        state, action = decide(before, event)
        if not isinstance(action, Do):
            break
        now += action.wait_seconds + 1
        is_accepted = (
            before.plane is Plane.DATA
            and not before.is_last
            and isinstance(event, Answer)
            and (event.status, event.upload_status) == (200, "active")
        )
        is_answered = before.plane is Plane.QUERY and is_offset(event, total)
        is_opened = before.plane is Plane.START and isinstance(event, Answer) and event.status == 200
        is_restarted = state.restarts > before.restarts
        if before.plane is Plane.DATA:
            is_sure = False
        is_sure = is_sure or is_accepted or is_answered or is_opened
        if is_restarted:
            is_sure = False

        if state.plane is Plane.DATA:
            assert is_sure
        if is_accepted:
            assert state.offset == before.offset + before.length
        elif is_answered:
            assert isinstance(event, Answer)
            assert state.offset == int(event.received or -1)
        elif is_opened or is_restarted:
            assert state.offset == 0
        else:
            assert state.offset == before.offset
        assert state.offset + state.length <= total
        assert state.restarts <= 1
        if state.plane is Plane.DATA and not state.is_last:
            assert state.length >= GRANULE
            assert state.length % GRANULE == 0
        if not (is_restarted or is_opened or state.was_halved):
            assert state.segment_bytes >= before.segment_bytes
        if isinstance(event, Answer) and event.retry_after and not (is_accepted or is_answered or is_opened):
            assert action.least_seconds == min(event.retry_after, LONGEST_RETRY_AFTER_SECONDS)
            assert action.wait_seconds >= action.least_seconds


@settings(deadline=None, max_examples=150)
@given(TOTALS, st.booleans(), st.integers(0, 2**32))
def test_every_walk_ends_within_the_budget(total: int, is_whole: bool, seed: int) -> None:
    chance = random.Random(seed)
    state, now, progress = first_state(total, is_whole), 0.0, 0.0
    for _ in range(5000):
        received = str(chance.randrange(total + 1))
        event = chance.choice(
            [
                Broken("cut", now=now),
                Answer(503, error=ServiceError("", status=503), now=now),
                Answer(429, error=ServiceError("", status=429), retry_after=30.0, now=now),
                Answer(200, "", now=now),
                Answer(404, error=ServiceError("", status=404), now=now),
                Answer(200, "active", received=received, has_session=True, granularity=GRANULE, now=now),
            ]
        )
        before = state
        state, action = decide(state, event)
        if not isinstance(action, Do):
            return
        if state.confirmed > before.confirmed or state.restarts > before.restarts:
            progress = now
        now += action.wait_seconds * 1.5 + 1
        assert now - progress < EPISODE_SECONDS + LONGEST_RETRY_AFTER_SECONDS * 1.5 + 1

    pytest.fail("it does not end")


def test_the_first_segment_is_eight_mebibytes() -> None:
    assert FIRST_SEGMENT_BYTES == 8 * MIB

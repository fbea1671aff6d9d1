"""One transfer as a line, many as a header with lines: the exact words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

import pytest

from gemfiles_jupyter.client.models import File, FileState
from gemfiles_jupyter.errors import SourceRefused
from gemfiles_jupyter.transfers.progress import Phase, Progress
from gemfiles_jupyter.views.rows import (
    batch_step,
    batch_view,
    error_fragment,
    removed_view,
    transfer_view,
    waiting_view,
)

MB = 1_000_000
FILE = File(
    "files/ab12cd",
    display_name="lecture.mp4",
    mime_type="video/mp4",
    size_bytes=412 * MB,
    expiration_time=datetime(2026, 11, 23, 21, 5, tzinfo=timezone.utc),
    state=FileState.ACTIVE,
)
START = Progress("lecture.mp4", 412 * MB)
UPLOADING = replace(START, phase=Phase.UPLOADING, sent=260 * MB, rate=18.2 * MB)
PROCESSING = replace(START, phase=Phase.PROCESSING, sent=412 * MB, phase_seconds=14, file=FILE)
DONE = replace(
    START,
    phase=Phase.DONE,
    sent=412 * MB,
    mime_type="video/mp4",
    total_seconds=37,
    file=FILE,
    is_verified=True,
)
FAILED = replace(
    START, phase=Phase.FAILED, error=SourceRefused("lecture.mp4 is too large.", hint="Split it.")
)
PAUSED = replace(UPLOADING, phase=Phase.PAUSED)

EXPIRES = "expires 2026-11-23 21:05 UTC"


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (START, "lecture.mp4   412 MB   waiting"),
        (replace(START, phase=Phase.CHECKING), "lecture.mp4   412 MB   checking"),
        (UPLOADING, "lecture.mp4   412 MB   ████████████░░░░░░░░  63 %   18.2 MB/s   0:08 left"),
        (replace(UPLOADING, rate=None), "lecture.mp4   412 MB   ████████████░░░░░░░░  63 %"),
        (
            replace(UPLOADING, phase=Phase.RETRYING, attempt=2, trouble="The connection broke"),
            "lecture.mp4   412 MB   ████████████░░░░░░░░  63 %   retrying (2): The connection broke",
        ),
        (PROCESSING, "lecture.mp4   412 MB   uploaded, processing 0:14"),
        (DONE, f"✓ lecture.mp4 · video/mp4 · 412 MB · in 0:37 · files/ab12cd · {EXPIRES}"),
        (
            replace(DONE, is_reused=True),
            f"✓ lecture.mp4 · reused, 0 B sent · files/ab12cd · {EXPIRES}",
        ),
        (
            replace(DONE, sent_bytes=120_000_000),
            f"✓ lecture.mp4 · video/mp4 · 412 MB, 120 MB sent · in 0:37 · files/ab12cd · {EXPIRES}",
        ),
        (
            replace(DONE, total_seconds=0.4),
            f"✓ lecture.mp4 · video/mp4 · 412 MB · files/ab12cd · {EXPIRES}",
        ),
        (
            replace(DONE, file=replace(FILE, state=FileState.PROCESSING)),
            f"✓ lecture.mp4 · video/mp4 · 412 MB · in 0:37 · files/ab12cd · still processing · {EXPIRES}",
        ),
        (
            replace(DONE, is_verified=False),
            f"✓ lecture.mp4 · video/mp4 · 412 MB · in 0:37 · files/ab12cd · {EXPIRES}"
            " · not verified: the service gave no sha256",
        ),
        (FAILED, "✗ lecture.mp4 · 412 MB · did not arrive"),
        (replace(FAILED, file=FILE), "✗ lecture.mp4 · 412 MB · arrived, but can't be used"),
        (PAUSED, "‖ lecture.mp4 · 412 MB · stopped at 63 %"),
        (replace(START, total=0, phase=Phase.PAUSED), "‖ lecture.mp4 · 0 B · stopped at 100 %"),
    ],
    ids=[
        "queued",
        "checking",
        "uploading",
        "no rate yet",
        "retrying",
        "processing",
        "done",
        "reused",
        "gone on with",
        "done in an instant",
        "not waited for",
        "not verified",
        "failed",
        "processing failed",
        "paused",
        "paused and empty",
    ],
)
def test_a_transfer_reads(progress: Progress, text: str) -> None:
    assert transfer_view(progress).text == text


def test_the_variable_and_the_offline_server_are_named_at_the_end() -> None:
    text = transfer_view(DONE, variable="lecture", is_offline=True).text

    assert text.startswith("✓ lecture.mp4 → lecture · video/mp4")
    assert text.endswith(f"{EXPIRES} · offline server")


def test_a_batch_of_one_is_a_transfer() -> None:
    assert batch_view([DONE], variable="x").text == transfer_view(DONE, variable="x").text


def test_many_have_a_header_and_the_lines_that_move() -> None:
    text = batch_view([DONE, UPLOADING, replace(PROCESSING, label="b.mp4"), FAILED, START]).text

    header, *rows = text.splitlines()
    assert header.startswith("5 files · 1 ✓ · 1 uploading · 1 processing · 1 ✗ · 1.1 GB of 2.1 GB · ")
    assert header.endswith(" left")
    assert rows == [
        "✗ lecture.mp4 is too large. Split it.",
        transfer_view(UPLOADING).text,
        "b.mp4   412 MB   uploaded, processing 0:14",
    ]


def test_the_header_says_how_much_there_is_even_before_anything_was_sent() -> None:
    waiting = replace(START, phase=Phase.UPLOADING)

    assert batch_view([waiting, START]).text.splitlines()[0] == "2 files · 1 uploading · 0 B of 824 MB"


def test_many_that_are_done_have_their_lines() -> None:
    other = replace(DONE, label="b.mp4", total_seconds=75)

    assert batch_view([DONE, other], variable="films", is_offline=True).text.splitlines() == [
        "2 files → films · 2 ✓ · 824 MB · in 1:15 · offline server",
        transfer_view(DONE).text,
        transfer_view(other).text,
    ]


def test_many_say_how_many_of_them_were_not_sent_again() -> None:
    again = replace(DONE, is_reused=True, total_seconds=0.3)

    some, every = batch_view([DONE, again]).text, batch_view([again, again], variable="films").text

    assert some.splitlines()[0] == "2 files · 2 ✓ · 1 reused · 824 MB · in 0:37"
    assert every.splitlines()[0] == "2 files → films · 2 ✓ · reused, 0 B sent"


def test_many_that_were_stopped_say_so() -> None:
    header, *rows = batch_view([DONE, PAUSED, replace(PAUSED, label="b.mp4")]).text.splitlines()

    assert header == "3 files · 1 ✓ · 2 stopped · 1.2 GB · in 0:37"
    assert rows[1:] == [transfer_view(PAUSED).text, "‖ b.mp4 · 412 MB · stopped at 63 %"]


def test_no_more_than_8_lines_move() -> None:
    lines = batch_view([UPLOADING] * 20).text.splitlines()

    assert len(lines) == 1 + 8
    assert lines[0].startswith("20 files · 20 uploading")


def test_every_failure_is_listed_even_among_many() -> None:
    failed = [replace(FAILED, label=f"{number}.mp4") for number in range(12)]

    lines = batch_view([*failed, *[DONE] * 50]).text.splitlines()

    assert lines[0].startswith("62 files · 50 ✓ · 12 ✗")
    assert [line for line in lines if line.startswith("✗ ")] == [
        f"✗ {number}.mp4 · lecture.mp4 is too large. Split it." for number in range(12)
    ]
    assert len(lines) == 13


def test_no_file_at_all_can_be_shown() -> None:
    assert batch_view([]).text == "0 files · 0 B"


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("scan.pdf is 61 MB.", "✗ scan.pdf is 61 MB."),
        ("The disk is full.", "✗ scan.pdf · The disk is full."),
    ],
)
def test_an_error_names_its_file_once(message: str, text: str) -> None:
    assert error_fragment("scan.pdf", message).text == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "✓ deleted 0 files"),
        (1, "✓ deleted 1 file: 0.txt"),
        (2, "✓ deleted 2 files: 0.txt, 1.txt"),
        (9, "✓ deleted 9 files: 0.txt, 1.txt, 2.txt, 3.txt, 4.txt, 5.txt, 6.txt, 7.txt …"),
    ],
)
def test_what_was_deleted_is_named(count: int, text: str) -> None:
    files = [File(f"files/{number}", display_name=f"{number}.txt") for number in range(count)]

    assert removed_view(files).text == text
    assert removed_view(files, is_offline=True).text == f"{text} · offline server"


def test_waiting_shows_how_long_it_has_been() -> None:
    assert waiting_view(FILE, 75.2).text == "lecture.mp4   processing 1:15"


def test_a_step_is_a_phase_or_a_tenth() -> None:
    steps = [
        batch_step([replace(UPLOADING, sent=share * 412 * MB // 100)]) for share in (0, 4, 9, 10, 19, 20)
    ]

    assert steps[0] == steps[1] == steps[2] != steps[3] == steps[4] != steps[5]
    assert batch_step([PROCESSING]) != batch_step([DONE])
    assert batch_step([]) == batch_step([])

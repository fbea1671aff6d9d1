"""Files as a table and as a card."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from gemfiles_jupyter.client.models import File, FileState, Status
from gemfiles_jupyter.views.tables import LONGEST_TABLE, file_view, files_view

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=timezone.utc)
NOTES = File(
    "files/n1",
    display_name="notes.pdf",
    mime_type="application/pdf",
    size_bytes=1_234_567,
    create_time=NOW - timedelta(hours=17),
    expiration_time=NOW + timedelta(hours=31),
    sha256_hash="ab" * 32,
    uri="https://x.example/v1beta/files/n1",
    state=FileState.ACTIVE,
)
WIDE = File("files/w1", display_name="潮汐 👩.mp4", mime_type="video/mp4", size_bytes=5, state="PROCESSING")


def test_a_table_is_aligned_and_ends_with_the_sum() -> None:
    assert files_view([NOTES, WIDE], now=NOW).text.splitlines() == [
        "file         type               size  state       age   expires in  name",
        "notes.pdf    application/pdf  1.2 MB  ACTIVE      17 h  31 h        files/n1",
        "潮汐 👩.mp4  video/mp4           5 B  PROCESSING                    files/w1",
        "2 files, 1.2 MB",
    ]


def test_variables_have_a_column_and_the_note_is_last() -> None:
    text = files_view([NOTES], now=NOW, variables={"files/n1": "notes"}, note="offline server").text

    header, row, foot = text.splitlines()
    assert header.endswith("name      variable")
    assert row.endswith("files/n1  notes")
    assert foot == "1 file, 1.2 MB · offline server"


def test_an_empty_table_is_a_line() -> None:
    assert files_view([], note="offline server").text == "0 files, 0 B · offline server"


def test_a_long_table_is_cut_and_says_so() -> None:
    view = files_view([NOTES] * 150, now=NOW)

    assert len(view.text.splitlines()) == 1 + LONGEST_TABLE + 1
    assert view.html.count("<tr>") == 1 + LONGEST_TABLE
    assert "150 files, 185 MB, the first 100 shown" in view.text
    assert "150 files, 185 MB, the first 100 shown" in view.html


def test_a_file_without_any_facts_is_a_row() -> None:
    assert files_view([File("files/x")]).text.splitlines()[1].split() == [
        *("files/x", "?", "B", "STATE_UNSPECIFIED", "files/x"),
    ]


def test_a_card_has_every_fact() -> None:
    assert file_view(NOTES, now=NOW, variable="notes", note="offline server").text.splitlines() == [
        "file      notes.pdf",
        "name      files/n1",
        "type      application/pdf",
        "size      1.2 MB",
        "state     ACTIVE",
        "created   2026-11-21 19:00 UTC",
        "expires   2026-11-23 19:00 UTC (31 h)",
        f"sha256    {'ab' * 32}",
        "uri       https://x.example/v1beta/files/n1",
        "variable  notes",
        "offline server",
    ]


def test_a_card_says_how_long_a_video_is_and_why_one_failed() -> None:
    video = File("files/v", state=FileState.FAILED, video_seconds=75.2, error=Status(3, "No readable video."))

    text = file_view(video).text

    assert "duration  1:15" in text
    assert "reason    No readable video." in text


def test_a_table_of_one_file_is_kept_in_less_than_2_kb() -> None:
    view = files_view([NOTES], now=NOW, variables={"files/n1": "notes"}, note="offline server")

    assert len(view.text.encode()) + len(view.html.encode()) < 2000


def test_both_forms_say_the_same() -> None:
    view = files_view([NOTES, WIDE], now=NOW)

    for word in ("notes.pdf", "潮汐 👩.mp4", "1.2 MB", "PROCESSING", "31 h", "2 files, 1.2 MB"):
        assert word in view.text
        assert word in view.html
    assert view._repr_mimebundle_() == {"text/plain": view.text, "text/html": view.html}

"""Which files are meant by filters, and their order."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from gemfiles_jupyter.client.models import File, FileState
from gemfiles_jupyter.workspace.selection import ORDERS, Selection, in_order, is_pattern

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=timezone.utc)


def file(name: str, mime_type: str, size: int, age_hours: float, state: FileState | str) -> File:
    created = NOW - timedelta(hours=age_hours)
    return File(
        f"files/{name.partition('.')[0].lower()}",
        display_name=name,
        mime_type=mime_type,
        size_bytes=size,
        create_time=created,
        expiration_time=created + timedelta(hours=48),
        state=state,
    )


FILES = [
    file("talk.mp4", "video/mp4", 300, 1, FileState.ACTIVE),
    file("Notes.pdf", "application/pdf", 20, 5, FileState.ACTIVE),
    file("text.md", "text/markdown", 1, 30, FileState.PROCESSING),
    file("bad.mov", "video/quicktime", 50, 47, FileState.FAILED),
    file("new.bin", "application/octet-stream", 5, 2, "SOMETHING_NEW"),
    File("files/bare"),
]


def labels(selection: Selection) -> list[str]:
    return [item.label for item in selection.of(FILES, NOW)]


@pytest.mark.parametrize(
    ("selection", "found"),
    [
        (Selection(), ["talk.mp4", "Notes.pdf", "text.md", "bad.mov", "new.bin", "files/bare"]),
        (Selection(("*.pdf", "talk*")), ["talk.mp4", "Notes.pdf"]),
        (Selection(("notes.pdf",)), []),
        (Selection(("text*",)), ["text.md"]),
        (Selection(("video*",)), []),
        (Selection(("video/*",)), ["talk.mp4", "bad.mov"]),
        (Selection(("files/n*",)), ["Notes.pdf", "new.bin"]),
        (Selection(kinds=("video",)), ["talk.mp4", "bad.mov"]),
        (Selection(kinds=("PDF",)), ["Notes.pdf"]),
        (Selection(kinds=("markdown",)), ["text.md"]),
        (Selection(kinds=("md",)), ["text.md"]),
        (Selection(kinds=("mp4",)), ["talk.mp4"]),
        (Selection(kinds=("vid",)), []),
        (Selection(kinds=("*/quick*",)), ["bad.mov"]),
        (Selection(states=("active",)), ["talk.mp4", "Notes.pdf"]),
        (Selection(states=("processing",)), ["text.md", "new.bin", "files/bare"]),
        (Selection(states=("failed",)), ["bad.mov"]),
        (Selection(kinds=("pdf", "text/*")), ["Notes.pdf", "text.md"]),
        (Selection(states=("active", "failed")), ["talk.mp4", "Notes.pdf", "bad.mov"]),
        (Selection(older_seconds=5 * 3600), ["Notes.pdf", "text.md", "bad.mov"]),
        (Selection(younger_seconds=5 * 3600), ["talk.mp4", "new.bin"]),
        (Selection(older_seconds=3600, younger_seconds=7200), ["talk.mp4"]),
        (Selection(names=["files/bad"]), ["bad.mov"]),
        (Selection(names=[]), []),
        (Selection(("*.m*",), kinds=("video",), states=("failed",)), ["bad.mov"]),
    ],
)
def test_a_selection_takes(selection: Selection, found: list[str]) -> None:
    assert labels(selection) == found


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("age", ["talk", "new", "notes", "text", "bad", "bare"]),
        ("name", ["bad", "bare", "new", "notes", "talk", "text"]),
        ("size", ["talk", "bad", "notes", "new", "text", "bare"]),
        ("expires", ["bad", "text", "notes", "new", "talk", "bare"]),
        ("type", ["bare", "new", "notes", "text", "talk", "bad"]),
    ],
)
def test_files_are_sorted_by(order: str, found: list[str]) -> None:
    assert [item.id for item in in_order(FILES, order)] == found
    assert [item.id for item in in_order(FILES, order, is_reversed=True)] == found[::-1]


def test_every_order_is_tested() -> None:
    assert set(ORDERS) == {"age", "name", "size", "expires", "type"}


@pytest.mark.parametrize(
    ("selection", "has_filter"),
    [(Selection(("*",)), False), (Selection(names=[]), True), (Selection(older_seconds=0), True)],
)
def test_patterns_alone_are_no_filter(selection: Selection, has_filter: bool) -> None:
    assert selection.has_filter is has_filter


@pytest.mark.parametrize(
    ("text", "is_one"), [("*.pdf", True), ("a?", True), ("[ab]", True), ("a.pdf", False)]
)
def test_a_pattern_is_told_from_a_name(text: str, is_one: bool) -> None:
    assert is_pattern(text) is is_one

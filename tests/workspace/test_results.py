"""What several uploads give back."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from IPython.lib.pretty import pretty

from gemfiles_jupyter.client.models import File, FileState
from gemfiles_jupyter.errors import SourceRefused
from gemfiles_jupyter.transfers.progress import Phase, Progress
from gemfiles_jupyter.workspace.results import FileList, held_files

NOTES = File("files/n1", display_name="notes.pdf", mime_type="application/pdf", size_bytes=1200)
PLOT = File("files/p1", display_name="plot.png", mime_type="image/png", size_bytes=34_000)
NAMELESS = File("files/x1", state=FileState.ACTIVE)
LOST = Progress("scan.pdf", 61_000_000, phase=Phase.FAILED, error=SourceRefused("scan.pdf is too large."))


@pytest.fixture
def files() -> FileList:
    return FileList([NOTES, PLOT, NAMELESS], [LOST])


@pytest.mark.parametrize(
    ("key", "file"),
    [
        ("notes.pdf", NOTES),
        ("files/p1", PLOT),
        ("p1", PLOT),
        ("files/x1", NAMELESS),
        (0, NOTES),
        (-1, NAMELESS),
    ],
)
def test_a_file_is_found_by_display_name_name_id_or_position(
    key: str | int, file: File, files: FileList
) -> None:
    assert files[key] is file


@pytest.mark.parametrize("key", ["scan.pdf", "notes", "", "None"])
def test_a_name_that_is_not_there_is_a_key_error(key: str, files: FileList) -> None:
    with pytest.raises(KeyError):
        files[key]


def test_a_position_that_is_not_there_is_an_index_error(files: FileList) -> None:
    with pytest.raises(IndexError):
        files[3]


def test_the_first_of_two_files_of_one_name_is_found() -> None:
    twin = File("files/n2", display_name="notes.pdf")

    assert FileList([NOTES, twin])["notes.pdf"] is NOTES


def test_a_slice_is_a_list_of_files(files: FileList) -> None:
    assert files[:2] == [NOTES, PLOT]
    assert files[::-1] == [NAMELESS, PLOT, NOTES]


def test_it_is_a_list(files: FileList) -> None:
    assert isinstance(files, list)
    assert list(files) == [NOTES, PLOT, NAMELESS]
    assert len(files) == 3
    assert PLOT in files


def test_failed_says_what_did_not_arrive_and_why(files: FileList) -> None:
    (item,) = files.failed

    assert (item.label, str(item.error)) == ("scan.pdf", "scan.pdf is too large.")


def test_a_batch_is_sorted_into_arrived_and_failed() -> None:
    batch = [
        Progress("notes.pdf", 1200, phase=Phase.DONE, file=NOTES),
        LOST,
        Progress("plot.png", 34_000, phase=Phase.DONE, file=PLOT),
        Progress("broken.mp4", 10, phase=Phase.FAILED, file=NAMELESS),
        Progress("late.txt", 10, phase=Phase.PAUSED),
    ]

    files = FileList.of(iter(batch))

    assert files == [NOTES, PLOT]
    assert [item.label for item in files.failed] == ["scan.pdf", "broken.mp4", "late.txt"]


@pytest.mark.parametrize(
    ("files", "text"),
    [
        (FileList(), "<FileList: 0 files>"),
        (FileList([NOTES]), "<FileList: 1 file>"),
        (FileList([NOTES, PLOT]), "<FileList: 2 files>"),
        (FileList([NOTES], [LOST]), "<FileList: 1 file, 1 failed>"),
    ],
    ids=["empty", "one", "two", "with a failure"],
)
def test_repr_counts(files: FileList, text: str) -> None:
    assert repr(files) == text


def test_a_notebook_shows_a_table_in_both_forms(files: FileList) -> None:
    bundle = files._repr_mimebundle_()

    assert set(bundle) == {"text/plain", "text/html"}
    for name in ("notes.pdf", "plot.png", "files/x1", "1 failed, see .failed", "3 files, 35.2 kB"):
        assert name in bundle["text/plain"]
        assert name in bundle["text/html"]


def test_ipython_prints_the_table_and_within_other_values_the_short_form(files: FileList) -> None:
    assert pretty(files) == files._repr_mimebundle_()["text/plain"]
    assert pretty([files]) == "[<FileList: 3 files, 1 failed>]"


def test_an_empty_list_is_shown_without_a_table() -> None:
    bundle = FileList()._repr_mimebundle_()

    assert bundle["text/plain"] == "0 files, 0 B"
    assert "<table" not in bundle["text/html"]


def test_names_are_escaped() -> None:
    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
            seen.append(tag)

    seen: list[str] = []
    files = FileList([File("files/a", display_name="<img src=x onerror=alert(1)>")])

    Tags().feed(files._repr_mimebundle_()["text/html"])

    assert "img" not in seen
    assert "tr" in seen


def test_a_list_of_anything_else_is_not_looked_through() -> None:
    class Numbers(list[int]):
        def __iter__(self) -> Iterator[int]:
            yield 1
            raise AssertionError("the first has said that it holds no files")

    assert held_files([NOTES, PLOT]) == (NOTES, PLOT)
    assert held_files([NOTES, 1]) == held_files([]) == ()
    assert held_files(Numbers([1, 2])) == ()


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, lambda files: pickle.loads(pickle.dumps(files))])
def test_it_survives_a_copy_with_what_failed(clone: object, files: FileList) -> None:
    again = clone(files)  # type: ignore[operator]

    assert type(again) is FileList
    assert again == files
    assert [item.label for item in again.failed] == ["scan.pdf"]

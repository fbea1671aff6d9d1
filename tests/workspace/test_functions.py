"""The workspace as plain functions, for scripts: ``gf.upload`` and its kin."""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest

import gemfiles_jupyter as gf
from gemfiles_jupyter.errors import (
    FileUnavailable,
    InvalidUsage,
    KeyProblem,
    ProcessingFailed,
    ProcessingTimeout,
    SourceNotFound,
    UnusableAnswer,
)
from gemfiles_jupyter.offline.testing import OfflineServer
from gemfiles_jupyter.transfers.progress import Phase, Progress

NO_VIDEO = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(64)

pytestmark = pytest.mark.usefixtures("at_server")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("one.txt", "two.txt", "draft.txt", "deep/three.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    return tmp_path


def test_upload_gives_the_stored_file_ready_for_use(media: Path) -> None:
    file = gf.upload(media / "lecture.mp4")

    assert isinstance(file, gf.File)
    assert file.is_active
    assert file.display_name == "lecture.mp4"
    assert file.video_seconds


@pytest.mark.parametrize(
    "source", [b"text", bytearray(b"text"), BytesIO(b"text")], ids=lambda x: type(x).__name__
)
def test_upload_takes_bytes(source: bytes) -> None:
    file = gf.upload(source, name="x.txt")

    assert (file.display_name, file.size_bytes) == ("x.txt", 4)


def test_upload_takes_a_name_an_id_and_a_type(folder: Path) -> None:
    file = gf.upload(folder / "one.txt", name="First", id="the-first", mime_type="text/x-mine")

    assert (file.display_name, file.name, file.mime_type) == ("First", "files/the-first", "text/x-mine")


def test_upload_tells_how_it_goes(folder: Path) -> None:
    seen: list[tuple[Progress, ...]] = []

    gf.upload(folder / "one.txt", on_progress=seen.append)

    assert seen[-1][0].phase is Phase.DONE


def test_upload_need_not_wait(at_server: OfflineServer, media: Path) -> None:
    at_server.set(processing_seconds=3600)

    file = gf.upload(media / "lecture.mp4", wait=False)

    assert not file.is_active


def test_upload_raises_the_error_of_its_source(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFound):
        gf.upload(tmp_path / "gone.txt")
    with pytest.raises(ProcessingFailed):
        gf.upload(NO_VIDEO, name="broken.mp4", mime_type="video/mp4")


@pytest.mark.parametrize("source", ["", "*.txt"])
def test_upload_is_for_one_file(source: str, folder: Path) -> None:
    """A folder or pattern of several would give only the first of its files."""
    with pytest.raises(InvalidUsage, match="upload_many"):
        gf.upload(folder / source)


def test_upload_many_takes_folders_and_patterns(folder: Path) -> None:
    files = gf.upload_many([folder, folder / "deep" / "*.txt"], exclude=["draft*"])

    assert [file.label for file in files] == ["one.txt", "two.txt", "three.txt"]
    assert isinstance(files, gf.FileList)


def test_upload_many_takes_one_folder_and_a_dict_of_names(folder: Path) -> None:
    whole = gf.upload_many(str(folder), exclude=["draft*"])
    path = gf.upload_many(folder / "deep")
    named = gf.upload_many({"first.md": b"# first", "second": folder / "two.txt", "third": [b"a", b"b"]})

    assert [file.label for file in whole] == ["one.txt", "two.txt"]
    assert [file.label for file in path] == ["three.txt"]
    assert [file.label for file in gf.upload_many(sorted((folder / "deep").iterdir()))] == ["three.txt"]
    assert [file.label for file in gf.upload_many(path for path in (folder / "deep").iterdir())] == [
        "three.txt"
    ]
    assert [named[name].size_bytes for name in ("first.md", "second.txt", "third-2.txt")] == [7, 7, 1]


def test_upload_takes_what_a_notebook_holds() -> None:
    table = pytest.importorskip("pandas").DataFrame({"port": ["Brest"], "metres": [7.1]})

    assert (gf.upload(table).label, gf.upload(table, name="tides").label) == ("table.csv", "tides")
    with pytest.raises(InvalidUsage, match="This is of type float, which can't be uploaded"):
        gf.upload(3.5)


def test_upload_many_goes_deeper_when_told(folder: Path) -> None:
    files = gf.upload_many([folder], recursive=True, include=["t*.txt"])

    assert {file.label for file in files} == {"deep/three.txt", "two.txt"}


def test_upload_many_gives_what_failed(folder: Path) -> None:
    (folder / "broken.mp4").write_bytes(NO_VIDEO)

    files = gf.upload_many([folder / "one.txt", folder / "broken.mp4"], workers=1)

    assert files["one.txt"].is_active
    assert [item.label for item in files.failed] == ["broken.mp4"]


def test_upload_many_of_nothing_gives_nothing() -> None:
    assert gf.upload_many([]) == []


@pytest.mark.parametrize("workers", [0, -1])
def test_upload_many_without_workers_is_refused(workers: int, folder: Path) -> None:
    with pytest.raises(InvalidUsage, match="workers"):
        gf.upload_many([folder], workers=workers)


def test_uploading_again_sends_nothing(folder: Path) -> None:
    first = gf.upload(folder / "one.txt")
    seen: list[tuple[Progress, ...]] = []

    second = gf.upload(folder / "one.txt", on_progress=seen.append)

    assert second.name == first.name
    assert seen[-1][0].sent_bytes == 0


def test_list_get_and_delete(folder: Path) -> None:
    one, two = gf.upload_many([folder / "one.txt", folder / "two.txt"])

    assert {file.name for file in gf.list_files()} == {one.name, two.name}
    assert gf.get_file("one.txt").name == gf.get_file(one).name == gf.get_file(one.name).name == one.name

    gf.delete_file("one.txt")
    gf.delete_file(two)

    assert gf.list_files() == []
    with pytest.raises(FileUnavailable):
        gf.get_file(one)
    with pytest.raises(FileUnavailable):
        gf.delete_file("two.txt")


def test_wait_gives_the_file_once_it_is_active(media: Path) -> None:
    file = gf.upload(media / "lecture.mp4", wait=False)

    assert gf.wait(file).is_active


def test_wait_ends_in_time(at_server: OfflineServer, media: Path) -> None:
    at_server.set(processing_seconds=3600)
    file = gf.upload(media / "lecture.mp4", wait=False)

    with pytest.raises(ProcessingTimeout):
        gf.wait(file, timeout_seconds=0)


def test_generate_asks_about_text_and_files(folder: Path) -> None:
    file = gf.upload(folder / "one.txt")

    answer = gf.generate(file, "What is this?", system="Be brief.", temperature=0.5)

    for word in ("one.txt", "What is this?", "Be brief.", "0.5"):
        assert word in answer.text
    assert str(answer) == answer.text
    assert answer.finish_reason == "STOP"


@pytest.mark.parametrize("ask", [gf.generate, gf.count_tokens], ids=["generate", "count_tokens"])
def test_a_file_that_is_being_processed_is_awaited(
    ask: object, at_server: OfflineServer, media: Path
) -> None:
    at_server.set(processing_seconds=1.0)
    file = gf.upload(media / "lecture.mp4", wait=False)
    assert not file.is_active

    assert ask(file, "What is this?")  # type: ignore[operator]


def test_tokens_are_counted(media: Path) -> None:
    page = gf.upload(media / "handout.pdf")

    assert gf.count_tokens("four") == 1
    assert gf.count_tokens(page, "four") > gf.count_tokens(page) > 200


def test_a_refused_key_is_a_key_problem(at_server: OfflineServer, monkeypatch: pytest.MonkeyPatch) -> None:
    at_server.set(accepted_keys=["another"])
    monkeypatch.setenv("GOOGLE_API_KEY", "hunter2")

    with pytest.raises(KeyProblem) as caught:
        gf.list_files()

    assert "hunter2" not in str(caught.value)


def test_a_schema_makes_objects_of_the_answer(folder: Path) -> None:
    @dataclass
    class Item:
        name: str
        size_bytes: int

    file = gf.upload(folder / "one.txt")

    one = gf.generate(file, "What is it?", schema=Item)
    same = gf.generate(
        file, "What is it?", schema={"type": "object", "properties": {"name": {"type": "string"}}}
    )
    plain = gf.generate(file, "What is it?")

    assert one.parsed == Item("one.txt", 7)
    assert same.parsed == {"name": "one.txt"}
    assert json.loads(one.text)["size_bytes"] == 7
    assert plain.parsed is None


def test_an_answer_that_does_not_fit_the_schema_is_an_error(at_server: OfflineServer) -> None:
    answer = {"candidates": [{"content": {"parts": [{"text": "Well, no."}]}, "finishReason": "STOP"}]}
    at_server.fail_next("generate", status=200, body=json.dumps(answer), content_type="application/json")

    with pytest.raises(UnusableAnswer) as caught:
        gf.generate("What is it?", schema=list[int])

    assert caught.value.answer.text == "Well, no."

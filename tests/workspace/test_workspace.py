"""What a user can do with stored files: find, remove, ask about them; and what is said when one is gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import pytest

from gemfiles_jupyter.client import Client
from gemfiles_jupyter.client.models import File, FileState
from gemfiles_jupyter.client.prompts import PromptOptions
from gemfiles_jupyter.config import DEFAULT_MODEL, Endpoint
from gemfiles_jupyter.errors import (
    AllFailed,
    FileUnavailable,
    InvalidUsage,
    ProcessingFailed,
    SourceNotFound,
    SourceRefused,
)
from gemfiles_jupyter.offline.testing import OfflineServer
from gemfiles_jupyter.transfers.progress import Progress
from gemfiles_jupyter.transfers.sources import SourceSpec
from gemfiles_jupyter.transfers.transfer import TransferOptions
from gemfiles_jupyter.workspace import workspace as module
from gemfiles_jupyter.workspace.results import FileList
from gemfiles_jupyter.workspace.workspace import Workspace, current_workspace

NO_VIDEO = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(64)
OPTIONS = PromptOptions(DEFAULT_MODEL)
AGES_AGO = datetime(2020, 1, 1, tzinfo=timezone.utc)


@pytest.fixture
def workspace(endpoint: Endpoint) -> Workspace:
    return Workspace(Client(endpoint=endpoint))


def silent(batch: tuple[Progress, ...]) -> None:
    """Show nothing."""


def upload(workspace: Workspace, *specs: SourceSpec, **options: object) -> FileList:
    return workspace.upload(specs, TransferOptions(**options), silent)  # type: ignore[arg-type]


@pytest.fixture
def notes(workspace: Workspace, tmp_path: Path) -> File:
    path = tmp_path / "notes.txt"
    path.write_text("The tide turns at noon.")
    return upload(workspace, path)[0]


# Uploading


def test_several_sources_give_their_files_in_order(workspace: Workspace, tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt"):
        (tmp_path / name).write_text(name)

    files = upload(workspace, tmp_path / "b.txt", tmp_path / "a.txt")

    assert [file.display_name for file in files] == ["b.txt", "a.txt"]
    assert files.failed == ()


def test_nothing_gives_an_empty_list(workspace: Workspace) -> None:
    assert upload(workspace) == FileList()


def test_a_source_that_is_missing_stops_all_before_anything_is_sent(
    workspace: Workspace, server: OfflineServer, tmp_path: Path
) -> None:
    with pytest.raises(SourceNotFound):
        upload(workspace, b"bytes", tmp_path / "gone.txt")

    assert server.requests() == []


def test_the_only_source_that_fails_raises_its_own_error(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(NO_VIDEO)

    with pytest.raises(ProcessingFailed, match=r"could not process broken\.mp4"):
        upload(workspace, path)


def test_one_of_several_that_fails_is_in_failed(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(NO_VIDEO)
    (tmp_path / "good.txt").write_text("good")

    files = upload(workspace, tmp_path / "broken.mp4", tmp_path / "good.txt")

    assert [file.label for file in files] == ["good.txt"]
    assert [(item.label, type(item.error)) for item in files.failed] == [("broken.mp4", ProcessingFailed)]


def test_all_of_several_that_fail_raise(workspace: Workspace, tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).write_bytes(NO_VIDEO + name.encode())

    with pytest.raises(AllFailed, match="None of 2 files arrived"):
        upload(workspace, tmp_path)


def test_a_single_source_over_a_limit_raises_that(workspace: Workspace, tmp_path: Path) -> None:
    with (tmp_path / "a.pdf").open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(61_000_000)

    with pytest.raises(SourceRefused, match="PDFs up to 50 MB"):
        upload(workspace, tmp_path / "a.pdf")


@pytest.mark.parametrize("options", [{"id": "one"}, {"display_name": "One"}], ids=["id", "name"])
def test_a_name_or_id_is_for_one_file(options: dict[str, str], workspace: Workspace) -> None:
    with pytest.raises(InvalidUsage, match="for one file, and this is 2"):
        upload(workspace, b"a", b"b", **options)


# Finding


@pytest.mark.parametrize(
    "reference",
    [
        lambda file: file.name,
        lambda file: file.id,
        lambda file: file.display_name,
        lambda file: file.uri,
        lambda file: file,
        lambda file: f"https://generativelanguage.googleapis.com/v1beta/{file.name}",
    ],
    ids=["name", "id", "display name", "URI", "File", "URI elsewhere"],
)
def test_a_file_is_found_by(reference: object, workspace: Workspace, notes: File) -> None:
    assert workspace.find(reference(notes)).name == notes.name  # type: ignore[operator]


def test_a_file_is_found_as_it_is_now(workspace: Workspace, notes: File) -> None:
    stale = replace(notes, state=FileState.PROCESSING)

    assert workspace.find(stale).is_active


def test_a_name_of_several_files_asks_which_one_and_names_them(workspace: Workspace) -> None:
    first, second = (upload(workspace, data, display_name="twin.txt")[0] for data in (b"one", b"two"))

    with pytest.raises(InvalidUsage) as caught:
        workspace.find("twin.txt")

    assert "2 files are called twin.txt. Say which one: files/" in str(caught.value)
    assert first.name in str(caught.value)
    assert second.name in str(caught.value)


@pytest.mark.parametrize(
    "reference", ["gone", "gone.txt", "files/gone", "https://x.example/v1beta/files/gone"]
)
def test_a_missing_file_says_so(reference: str, workspace: Workspace) -> None:
    with pytest.raises(FileUnavailable, match="gone"):
        workspace.find(reference)


@pytest.mark.parametrize("reference", ["files/a/b", "files/", "https://x.example/lecture.mp4", "files/../x"])
def test_what_is_no_name_is_refused(reference: str, workspace: Workspace, server: OfflineServer) -> None:
    with pytest.raises(InvalidUsage, match="is not the name of a file"):
        workspace.find(reference)

    assert server.requests() == []


def test_files_are_listed_newest_first(workspace: Workspace) -> None:
    for name in ("a.txt", "b.txt", "c.md"):
        upload(workspace, name.encode(), display_name=name, mime_type="text/plain")

    assert [file.label for file in workspace.files()] == ["c.md", "b.txt", "a.txt"]


# Removing


def test_a_removed_file_is_gone(workspace: Workspace, notes: File) -> None:
    workspace.remove(notes)

    assert workspace.files() == []


def test_removing_it_again_says_that_it_is_gone(workspace: Workspace, notes: File) -> None:
    workspace.remove(notes)

    with pytest.raises(FileUnavailable, match=notes.id):
        workspace.remove(notes)


# Asking


def test_a_file_that_is_being_processed_is_awaited(
    workspace: Workspace, server: OfflineServer, media: Path
) -> None:
    server.set(processing_seconds=1.0)
    (video,) = upload(workspace, media / "lecture.mp4", is_waiting=False)
    assert not video.is_active

    _, part = workspace.questions.compose("Summarise {video}", {"video": video})

    assert isinstance(part, File)
    assert part.is_active
    assert "lecture.mp4" in workspace.questions.ask([part], OPTIONS).text


def test_a_file_that_failed_is_an_error_with_the_reason(workspace: Workspace) -> None:
    (video,) = upload(workspace, NO_VIDEO, display_name="broken.mp4", mime_type="video/mp4", is_waiting=False)

    with pytest.raises(ProcessingFailed, match=r"could not process broken\.mp4: "):
        workspace.questions.compose("Summarise {video}", {"video": video})


def test_files_may_go_before_the_text(workspace: Workspace, notes: File) -> None:
    assert workspace.questions.compose("Summarise.", {}, [notes]) == (notes, "Summarise.")


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_an_empty_prompt_is_refused(text: str, workspace: Workspace) -> None:
    with pytest.raises(InvalidUsage, match="The prompt is empty"):
        workspace.questions.compose(text, {})


def test_an_answer_streams_and_grows(workspace: Workspace, notes: File) -> None:
    answers = [answer.text for answer in workspace.questions.stream(["Summarise ", notes], OPTIONS)]

    assert len(answers) > 1
    assert all(later.startswith(earlier) for earlier, later in pairwise(answers))
    assert workspace.questions.ask(["Summarise ", notes], OPTIONS).text == answers[-1]


@pytest.fixture
def bytes_of_nowhere(workspace: Workspace) -> File:
    """A file whose source can't be found again."""
    return upload(workspace, b"only in memory", display_name="memory.txt")[0]


def test_a_deleted_file_is_named_and_said_to_be_gone(workspace: Workspace, bytes_of_nowhere: File) -> None:
    workspace.client.files.delete(bytes_of_nowhere.name)

    with pytest.raises(FileUnavailable) as caught:
        workspace.questions.ask(["Summarise ", bytes_of_nowhere], OPTIONS)

    assert str(caught.value).startswith("memory.txt is gone")
    assert "Upload it again" in str(caught.value)


def test_a_file_that_the_user_deleted_is_said_to_be_deleted(workspace: Workspace, notes: File) -> None:
    workspace.remove(notes)

    with pytest.raises(FileUnavailable, match=r"^notes\.txt was deleted"):
        workspace.questions.ask(["Summarise ", notes], OPTIONS)


def test_an_expired_file_is_named_and_said_to_be_expired(
    workspace: Workspace, server: OfflineServer, bytes_of_nowhere: File
) -> None:
    server.advance(49 * 3600)
    expired = replace(bytes_of_nowhere, expiration_time=AGES_AGO)

    with pytest.raises(FileUnavailable, match=r"^memory\.txt has expired"):
        workspace.questions.compose("Summarise {expired}", {"expired": expired})


def test_the_right_one_of_several_files_is_named(workspace: Workspace) -> None:
    short = upload(workspace, b"short", id="lecture", display_name="short.txt")[0]
    long = upload(workspace, b"long", id="lecture-2", display_name="long.txt")[0]
    odd = upload(workspace, b"odd", id="not", display_name="odd.txt")[0]
    workspace.client.files.delete(long.name)

    with pytest.raises(FileUnavailable, match=r"^long\.txt is gone"):
        workspace.questions.ask([odd, short, long, "Compare"], OPTIONS)


def test_a_count_of_tokens_names_the_file_that_is_gone(workspace: Workspace, bytes_of_nowhere: File) -> None:
    workspace.client.files.delete(bytes_of_nowhere.name)

    with pytest.raises(FileUnavailable, match=r"^memory\.txt is gone"):
        workspace.questions.count_tokens([bytes_of_nowhere], DEFAULT_MODEL)


@pytest.mark.parametrize("is_streaming", [False, True], ids=["whole", "streaming"])
def test_an_expired_file_whose_source_is_there_is_sent_again(
    is_streaming: bool, workspace: Workspace, server: OfflineServer, notes: File
) -> None:
    server.advance(49 * 3600)

    if is_streaming:
        *_, answer = workspace.questions.stream(["Summarise ", notes], OPTIONS)
    else:
        answer = workspace.questions.ask(["Summarise ", notes], OPTIONS)

    assert "notes.txt" in answer.text
    (renewed,) = workspace.files()
    assert renewed.name != notes.name


def test_an_expired_file_is_sent_again_from_its_own_source_rather_than_from_a_copy(
    workspace: Workspace, server: OfflineServer, notes: File, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.txt"
    copy.write_bytes((tmp_path / "notes.txt").read_bytes())
    assert upload(workspace, copy) == [notes]
    server.advance(49 * 3600)

    copy.write_text("edited since")
    (renewed,) = workspace.questions.ready([replace(notes, expiration_time=AGES_AGO)])

    assert isinstance(renewed, File)
    assert renewed.name != notes.name
    assert renewed.sha256 == notes.sha256


def test_an_expired_file_is_sent_again_from_a_copy_where_its_own_source_is_gone(
    workspace: Workspace, server: OfflineServer, notes: File, tmp_path: Path
) -> None:
    upload(workspace, (tmp_path / "notes.txt").rename(tmp_path / "renamed.txt"))
    server.advance(49 * 3600)

    (renewed,) = workspace.questions.ready([replace(notes, expiration_time=AGES_AGO)])

    assert isinstance(renewed, File)
    assert renewed.name != notes.name
    assert renewed.sha256 == notes.sha256


def test_each_of_several_renewals_is_seen_in_the_end(
    workspace: Workspace, server: OfflineServer, notes: File, tmp_path: Path
) -> None:
    (tmp_path / "more.txt").write_text("more")
    (more,) = upload(workspace, tmp_path / "more.txt")
    server.advance(49 * 3600)
    seen: list[tuple[Progress, ...]] = []

    expired = [replace(file, expiration_time=AGES_AGO) for file in (notes, more)]
    workspace.questions.ready(expired, workspace.renewer(seen.append, lambda *_: None))

    assert [item.label for item in seen[-1]] == ["notes.txt", "more.txt"]


def test_an_expired_file_is_renewed_before_it_is_asked_about(
    workspace: Workspace, server: OfflineServer, notes: File
) -> None:
    server.advance(49 * 3600)
    expired = replace(notes, expiration_time=AGES_AGO)
    renewals: list[tuple[str, str]] = []
    renewer = workspace.renewer(silent, lambda old, new: renewals.append((old.name, new.name)))

    _, part, _, again = workspace.questions.compose(
        "Summarise {notes} and {notes}", {"notes": expired}, renewer=renewer
    )

    assert isinstance(part, File)
    assert part is again
    assert part.is_active
    assert renewals == [(notes.name, part.name)]


# The workspace of the moment


@pytest.fixture
def forgetful() -> Iterator[None]:
    module._current.clear()
    yield
    module._current.clear()


@pytest.mark.usefixtures("forgetful", "at_server")
def test_one_workspace_serves_as_long_as_the_settings_are_the_same() -> None:
    assert current_workspace() is current_workspace()


@pytest.mark.usefixtures("forgetful")
def test_another_key_is_another_workspace(at_server: OfflineServer, monkeypatch: pytest.MonkeyPatch) -> None:
    first = current_workspace()
    monkeypatch.setenv("GOOGLE_API_KEY", "another-key")

    second = current_workspace()

    assert second is not first
    assert second.client.endpoint.base_url == at_server.address
    assert not second.is_offline


def test_now_is_the_services_time(workspace: Workspace, notes: File) -> None:
    assert notes.create_time is not None
    assert abs(workspace.now() - notes.create_time) < timedelta(minutes=5)

"""``gf.Store``: make one, fill it, ask with it, delete it."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

import gemfiles_jupyter as gf
from gemfiles_jupyter import cli
from gemfiles_jupyter.errors import (
    AllFailed,
    InvalidUsage,
    ProcessingFailed,
    ServiceError,
    SourceNotFound,
    SourceRefused,
    StoreUnavailable,
)
from gemfiles_jupyter.offline.testing import OfflineServer
from gemfiles_jupyter.transfers.progress import Progress

pytestmark = pytest.mark.usefixtures("at_server")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with sources, which is also where commands run."""
    (tmp_path / "owls.txt").write_text("Owls hunt at night.")
    (tmp_path / "books.md").write_text("Robert Graves wrote I, Claudius.")
    (tmp_path / "draft.txt").write_text("Nothing yet.")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def store(folder: Path) -> gf.Store:
    assert folder
    return gf.Store.create("lectures")


def sent_bytes(server: OfflineServer) -> int:
    """Count the bytes that went to the upload paths."""
    return sum(item["received_bytes"] for item in server.requests() if item["path"].startswith("/upload"))


def test_creating_a_store_again_gives_the_same(store: gf.Store) -> None:
    again = gf.Store.create("lectures")
    other = gf.Store.create("seminars")

    assert again.name == store.name != other.name
    assert [item.label for item in gf.Store.list()] == ["seminars", "lectures"]


@pytest.mark.parametrize("reference", ["lectures", "id", "name"])
def test_a_store_is_found_by_display_name_id_and_name(store: gf.Store, reference: str) -> None:
    known = {"id": store.facts.id, "name": store.name}

    assert gf.Store.get(known.get(reference, reference)).name == store.name


def test_a_store_that_is_not_there_or_not_one_says_so(store: gf.Store) -> None:
    gf.Client().stores.create("lectures")

    with pytest.raises(StoreUnavailable, match=r"There is no store nothing\. %gemfiles store ls"):
        gf.Store.get("nothing")
    with pytest.raises(InvalidUsage, match=f"2 stores are called lectures.*{store.name}"):
        gf.Store.get("lectures")


def test_uploads_become_documents(store: gf.Store, folder: Path) -> None:
    seen: list[tuple[Progress, ...]] = []

    documents = store.upload(
        folder / "owls.txt", "*.md", metadata={"year": 1934, "tags": ["a"]}, on_progress=seen.append
    )

    assert [document.label for document in documents] == ["owls.txt", "books.md"]
    assert all(document.is_active for document in documents)
    assert documents[0].metadata["year"] == 1934
    assert documents[0].metadata["tags"] == ("a",)
    assert seen
    assert store.refreshed().facts.active == 2
    assert repr(store.refreshed()) == "<Store lectures: 2 documents>"
    assert {file.label for file in gf.list_files()} == {"owls.txt", "books.md"}, "they are files too"


def test_the_same_again_sends_and_adds_nothing(store: gf.Store, server: OfflineServer) -> None:
    first = store.upload("owls.txt", metadata={"year": 1934})
    server.clear_requests()

    again = store.upload("owls.txt", metadata={"year": 1934})

    assert again == first
    assert sent_bytes(server) == 0
    assert not [item for item in server.requests() if item["path"].endswith(":importFile")]


@pytest.mark.parametrize("change", ["content", "metadata", "chunks"])
def test_what_has_changed_is_added(store: gf.Store, folder: Path, change: str) -> None:
    store.upload("owls.txt")
    if change == "content":
        (folder / "owls.txt").write_text("Owls sleep by day.")

    metadata, words = ({"year": 1934} if change == "metadata" else None), (2 if change == "chunks" else None)
    store.upload("owls.txt", metadata=metadata, chunk_words=words)
    store.upload("owls.txt", metadata=metadata, chunk_words=words)

    assert len(store.documents()) == 2


def test_what_failed_before_is_tried_again(store: gf.Store, server: OfflineServer) -> None:
    server.set(processing_outcome="failed")
    with pytest.raises(ProcessingFailed, match=r"could not read owls\.txt"):
        store.upload("owls.txt")
    server.set(processing_outcome="inspect")

    (document,) = store.upload("owls.txt")

    assert document.is_active


def test_without_waiting_nothing_is_known_of_the_document(store: gf.Store, server: OfflineServer) -> None:
    server.set(processing_seconds=3600)

    assert store.upload("owls.txt", wait=False) == []
    assert [document.is_pending for document in store.documents()] == [True]


def test_one_of_several_that_fails_does_not_stop_the_rest(store: gf.Store, media: Path) -> None:
    with pytest.raises(ProcessingFailed, match="reads text and PDF, not image/png"):
        store.upload("owls.txt", media / "chart.png")

    assert [document.label for document in store.documents() if document.is_active] == ["owls.txt"]


def test_all_that_fail_are_one_error(store: gf.Store, server: OfflineServer) -> None:
    server.set(processing_outcome="failed")

    with pytest.raises(AllFailed, match="None of 2 documents was added: The service could not read"):
        store.upload("owls.txt", "draft.txt")


def test_a_source_that_is_not_there_sends_nothing(store: gf.Store, server: OfflineServer) -> None:
    server.clear_requests()

    with pytest.raises(SourceNotFound):
        store.upload("owls.txt", "nothing.txt")

    assert sent_bytes(server) == 0


def test_more_than_100_mib_are_refused_before_they_are_sent(store: gf.Store, folder: Path) -> None:
    with (folder / "huge.txt").open("wb") as file:
        file.truncate(100 * 1024**2 + 1)

    with pytest.raises(SourceRefused, match=r"huge.txt is 100 MiB; a store takes documents up to 100 MiB\."):
        store.upload("huge.txt")


def test_a_stored_file_is_imported(store: gf.Store) -> None:
    file = gf.upload("owls.txt")

    by_file = store.import_file(file, metadata={"from": "file"})
    by_name = store.import_file("owls.txt", chunk_words=2, overlap_words=1)
    gf.delete_file(file)

    assert by_file.is_active
    assert by_file.metadata["from"] == "file"
    assert by_name.name != by_file.name
    assert len(store.documents()) == 2


def test_documents_and_stores_are_deleted(store: gf.Store) -> None:
    store.upload("owls.txt", "books.md")

    store.remove(store.find("owls.txt"))
    with pytest.raises(ServiceError, match="Cannot delete non-empty"):
        store.delete()
    store.delete(force=True)

    assert gf.Store.list() == []


def test_a_document_that_is_not_there_or_not_one_says_so(store: gf.Store) -> None:
    store.upload("owls.txt")
    store.upload("owls.txt", metadata={"year": 1})

    with pytest.raises(StoreUnavailable, match="lectures holds no document nothing"):
        store.find("nothing")
    with pytest.raises(InvalidUsage, match=r"2 documents are called owls\.txt"):
        store.find("owls.txt")


def test_a_store_shows_itself_and_can_be_kept(store: gf.Store) -> None:
    shown = store._repr_mimebundle_()

    assert "lectures" in shown["text/plain"]
    assert "<table" in shown["text/html"]
    assert pickle.loads(pickle.dumps(store)) == store
    assert store.to_tool() == {"file_search": {"file_search_store_names": [store.name]}}


# The command line


def gemfiles(capsys: pytest.CaptureFixture[str], line: str) -> tuple[int, list[str], str]:
    """Run one command; return its exit code, the lines on stdout, and stderr."""
    code = cli.main(line.split())
    shown = capsys.readouterr()
    return code, shown.out.splitlines(), shown.err


def test_the_command_line_has_the_same_verbs(store: gf.Store, capsys: pytest.CaptureFixture[str]) -> None:
    code, shown, _ = gemfiles(
        capsys, "store upload lectures owls.txt books.md --meta year=1934 --meta t=a --meta t=b"
    )
    assert code == 0
    assert [line.partition(" · ")[0] for line in shown] == ["✓ owls.txt → lectures", "✓ books.md → lectures"]

    code, shown, _ = gemfiles(capsys, "store documents lectures")
    assert [line.split()[:2] for line in shown[:3]] == [
        *(["document", "type"], ["books.md", "text/markdown"], ["owls.txt", "text/plain"])
    ]
    assert "year=1934, t=a|b" in shown[1]
    assert "gemfiles=" not in "".join(shown)

    code, shown, _ = gemfiles(capsys, "store")
    assert shown[1].split()[:3] == ["lectures", "2", "51"]

    code, shown, _ = gemfiles(capsys, "store info lectures")
    assert shown[1].split() == ["name", store.name]

    code, shown, _ = gemfiles(capsys, "store rm lectures owls.txt")
    assert shown == [f"✓ lectures · deleted owls.txt · {store.name}"]

    code, shown, _ = gemfiles(capsys, "store rm lectures -y")
    assert shown == [f"✓ lectures · deleted with its 1 document · {store.name}"]


def test_the_command_line_imports_and_creates_once(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert folder
    gf.upload("owls.txt")

    assert "created" in gemfiles(capsys, "store create notes")[1][0]
    assert "exists already" in gemfiles(capsys, "store create notes")[1][0]
    assert gemfiles(capsys, "store import notes owls.txt")[1][0].startswith("✓ owls.txt → notes")
    assert "is in it already" in gemfiles(capsys, "store upload notes owls.txt")[1][0]


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("store rm lectures", 2, "This deletes lectures with its 1 document. Add -y"),
        ("store rm lectures a b", 1, "lectures holds no document a. gemfiles store documents shows"),
        ("store info nothing", 1, "There is no store nothing. gemfiles store ls shows them."),
        ("store upload lectures owls.txt --meta year", 2, "--meta year is not KEY=VALUE"),
        ("store upload lectures owls.txt --chunk-words 0", 2, "'0' is not a number from 1 on"),
        ("store upload lectures owls.txt --chunk-words 513", 2, "A chunk has from 1 to 512 words, not 513."),
        ("store upload lectures nothing.txt", 1, "nothing.txt"),
        ("store uplaod lectures owls.txt", 2, "Did you mean upload?"),
        ("store upload lectures", 2, "required: SOURCE"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("store") else "",
)
def test_a_command_that_fails_says_why_in_one_line(
    store: gf.Store, capsys: pytest.CaptureFixture[str], line: str, code: int, said: str
) -> None:
    store.upload("owls.txt")

    ended, _, complaint = gemfiles(capsys, line)

    assert ended == code
    assert said in complaint
    assert complaint.strip().splitlines()[-1].startswith("gemfiles: ")


def test_a_prompt_searches_the_stores_that_it_is_given(
    store: gf.Store, capsys: pytest.CaptureFixture[str]
) -> None:
    store.upload("owls.txt", "books.md")

    answer = gf.generate("Who wrote Claudius?", stores=[store])
    without = gf.generate("Who wrote Claudius?")
    code, shown, _ = gemfiles(capsys, "prompt --stores lectures Claudius?")

    assert "Robert Graves wrote I, Claudius." in answer.text
    assert (answer.passages[0].title, without.passages) == ("books.md", ())
    assert "Robert Graves wrote I, Claudius." in answer.passages[0].text
    assert "Robert Graves" not in without.text
    assert code == 0
    assert "Robert Graves wrote I, Claudius." in "".join(shown)


def test_an_answer_of_google_genai_uses_the_tool(store: gf.Store, server: OfflineServer) -> None:
    from google import genai

    store.upload("owls.txt", "books.md")
    with genai.Client(api_key=server.key, http_options={"base_url": server.address}) as client:
        answer = client.models.generate_content(
            model="gemini-2.5-flash", contents="Who wrote Claudius?", config={"tools": [store.to_tool()]}
        )

    found = json.loads(answer.candidates[0].grounding_metadata.model_dump_json())["grounding_chunks"]
    assert found[0]["retrieved_context"]["title"] == "books.md"

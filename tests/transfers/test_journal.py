"""The journal: claims, adoption, requests, secrets, and what it survives."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gemfiles_jupyter.transfers.entries import Entry, Request, Verdict
from gemfiles_jupyter.transfers.journal import Journal

URL = "https://service.test/upload?upload_id=canary-session"
WANTED = Entry(
    id="",
    label="a.txt",
    size=5 * 1024 * 1024,
    mime_type="text/plain",
    endpoint="offline",
    key="k1",
    file_id="gf1",
    display_name="a.txt",
    path="/somewhere/a.txt",
    modified_ns=7,
    sample="h1",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    journal = Journal(folder)
    yield journal
    journal.database.close()


def left_by_a_dead_process(journal: Journal, folder: Path, wanted: Entry = WANTED) -> Entry:
    """Enter a transfer whose worker has ended without a word."""
    entry = journal.claim(wanted, 0).entry
    journal.note(entry, session=URL, phase="uploading", sent=3)
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    with sqlite3.connect(folder / "journal.db") as database:
        database.execute("UPDATE transfers SET pid = ? WHERE id = ?", (int(gone.stdout), entry.id))
    database.close()
    return entry


def test_only_its_owner_may_read_it(journal: Journal, folder: Path) -> None:
    journal.claim(WANTED, 0)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in folder.glob("journal.db*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


def test_a_journal_that_others_could_read_is_repaired(folder: Path) -> None:
    Journal(folder).database.close()
    (folder / "journal.db").chmod(0o644)
    folder.chmod(0o755)

    Journal(folder).database.close()

    assert stat.S_IMODE((folder / "journal.db").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_same_content_is_busy_while_a_worker_sends_it(journal: Journal) -> None:
    first = journal.claim(WANTED, 0)

    second = journal.claim(replace(WANTED, path="/elsewhere/copy.txt", label="copy.txt"), 0)

    assert first.verdict is Verdict.NEW
    assert second.verdict is Verdict.BUSY
    assert second.entry.id == first.entry.id


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"size": 4}, id="size"),
        pytest.param({"sample": "h2"}, id="sample"),
        pytest.param({"mime_type": "text/csv"}, id="type"),
        pytest.param({"endpoint": "https://service.test"}, id="endpoint"),
        pytest.param({"key": "k2"}, id="key"),
    ],
)
def test_what_differs_is_a_transfer_of_its_own(journal: Journal, other: dict[str, object]) -> None:
    journal.claim(WANTED, 0)

    assert journal.claim(replace(WANTED, **other), 0).verdict is Verdict.NEW  # type: ignore[arg-type]


@pytest.mark.parametrize("phase", ["uploading", "paused", "done"])
def test_what_is_known_by_its_content_does_not_begin_again(journal: Journal, phase: str) -> None:
    first = journal.begin(WANTED)
    assert first is not None
    journal.note(first, phase=phase)

    assert journal.begin(replace(WANTED, path="/elsewhere/copy.txt", label="copy.txt")) is None
    assert [entry.id for entry in journal.entries()] == [first.id]


@pytest.mark.parametrize(("phase", "is_new"), [("paused", False), ("done", True), ("failed", True)])
def test_a_source_left_unfinished_does_not_begin_again_with_other_content(
    journal: Journal, phase: str, is_new: bool
) -> None:
    first = journal.begin(WANTED)
    assert first is not None
    journal.end(first, phase)

    assert (journal.begin(replace(WANTED, sample="h2", modified_ns=8)) is not None) is is_new


@pytest.mark.parametrize("phase", ["failed", "cancelled", "gone", "removed"])
def test_what_came_to_nothing_begins_again(journal: Journal, phase: str) -> None:
    first = journal.begin(WANTED)
    assert first is not None
    journal.end(first, phase)

    assert journal.begin(WANTED) is not None


def test_sources_without_a_path_begin_each_by_themselves(journal: Journal) -> None:
    in_memory = replace(WANTED, path="", modified_ns=0)

    assert journal.begin(in_memory) is not None
    assert journal.begin(replace(in_memory, sample="h2")) is not None


def test_a_transfer_begins_for_one_of_many_threads(journal: Journal) -> None:
    begun: list[Entry | None] = []
    threads = [threading.Thread(target=lambda: begun.append(journal.begin(WANTED))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(begun) == 16
    assert len([entry for entry in begun if entry]) == 1
    assert len(journal.entries()) == 1


def test_a_transfer_whose_worker_is_gone_is_adopted_with_its_session(journal: Journal, folder: Path) -> None:
    left = left_by_a_dead_process(journal, folder)

    claim = journal.claim(WANTED, 0)

    assert claim.verdict is Verdict.ADOPTED
    assert claim.entry.id == left.id
    assert claim.entry.session == URL
    assert claim.entry.file_id == "gf1"
    assert claim.entry.is_mine


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"modified_ns": 8}, id="rewritten"),
        pytest.param({"path": "/somewhere/b.txt"}, id="another file"),
        pytest.param({"display_name": "B"}, id="another name"),
    ],
)
def test_a_source_that_is_not_the_same_is_not_gone_on_with(
    journal: Journal, folder: Path, change: dict[str, object]
) -> None:
    left_by_a_dead_process(journal, folder)

    assert journal.claim(replace(WANTED, **change), 0).verdict is Verdict.NEW  # type: ignore[arg-type]


def test_a_chosen_id_is_gone_on_with_only_under_that_id(journal: Journal, folder: Path) -> None:
    left_by_a_dead_process(journal, folder)

    assert journal.claim(replace(WANTED, file_id="mine"), 0, has_chosen_id=True).verdict is Verdict.NEW


def test_what_was_left_of_a_source_that_changed_is_given_up(journal: Journal, folder: Path) -> None:
    left = left_by_a_dead_process(journal, folder)

    journal.claim(replace(WANTED, modified_ns=8), 0)

    old = journal.get(left.id)
    assert old is not None
    assert (old.phase, old.session, old.error) == ("cancelled", "", "its source changed")


def test_bytes_are_never_adopted(journal: Journal, folder: Path) -> None:
    bytes_in_memory = replace(WANTED, path="", modified_ns=0)
    left_by_a_dead_process(journal, folder, bytes_in_memory)

    assert journal.claim(bytes_in_memory, 0).verdict is Verdict.NEW


def test_a_worker_that_lost_its_transfer_is_told_to_stop_and_changes_nothing(
    journal: Journal, folder: Path
) -> None:
    old = left_by_a_dead_process(journal, folder)
    new = journal.claim(WANTED, 0).entry

    assert journal.beat(old, 5, "uploading") is Request.PAUSE
    journal.end(old, "failed")

    now = journal.get(new.id)
    assert now is not None
    assert (now.phase, now.sent, now.session) == ("queued", 3, URL)


def test_requests_reach_the_worker_with_its_next_sign_of_life(journal: Journal, folder: Path) -> None:
    entry = journal.claim(WANTED, 0).entry
    assert journal.beat(entry, 1, "uploading") is Request.NONE
    other = Journal(folder)

    other.ask(entry.id, Request.CANCEL)
    other.database.close()

    assert journal.beat(entry, 2, "uploading") is Request.CANCEL


@pytest.mark.parametrize("phase", ["done", "failed", "cancelled"])
def test_the_upload_url_is_erased_from_disk_when_a_transfer_ends(
    journal: Journal, folder: Path, phase: str
) -> None:
    entry = journal.claim(WANTED, 0).entry
    journal.note(entry, session=URL)

    journal.end(entry, phase)

    on_disk = b"".join(path.read_bytes() for path in folder.glob("journal.db*"))
    assert b"canary-session" not in on_disk


def test_a_paused_transfer_keeps_its_session_and_its_repr_shows_none(journal: Journal) -> None:
    entry = journal.claim(WANTED, 0).entry
    journal.note(entry, session=URL)

    journal.end(entry, "paused", sent=4)

    kept = journal.get(entry.id)
    assert kept is not None
    assert (kept.session, kept.sent, kept.is_resumable) == (URL, 4, True)
    assert "canary" not in repr(kept)


def test_content_that_was_stored_while_we_looked_is_looked_for_again(journal: Journal) -> None:
    began = time.time()
    other = journal.claim(WANTED, began).entry
    journal.end(other, "done", file_name="files/x", sha256="s")

    assert journal.claim(WANTED, began).verdict is Verdict.BUSY
    assert journal.claim(WANTED, time.time() + 1).verdict is Verdict.NEW


def test_remembers_what_is_stored_and_what_a_source_hashed_to(journal: Journal) -> None:
    entry = journal.claim(WANTED, 0).entry
    journal.end(entry, "done", file_name="files/x", sha256="s", expires=9.0)

    assert [it.file_name for it in journal.stored(WANTED)] == ["files/x"]
    assert journal.known(WANTED.path, WANTED.size, WANTED.modified_ns).sha256 == "s"
    assert journal.known(WANTED.path, WANTED.size, 8) is None
    journal.forget_file("files/x")
    assert journal.stored(WANTED) == []
    of_file = journal.of_file("files/x")
    assert of_file is not None
    assert of_file.path == WANTED.path


def test_one_of_many_threads_gets_a_transfer(journal: Journal) -> None:
    verdicts: list[Verdict] = []
    threads = [
        threading.Thread(target=lambda: verdicts.append(journal.claim(WANTED, 0).verdict)) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(verdicts) == [Verdict.BUSY] * 15 + [Verdict.NEW]


def test_one_of_many_processes_gets_a_transfer(folder: Path) -> None:
    script = (
        "import sys, pathlib\n"
        "from gemfiles_jupyter.transfers.journal import Entry, Journal\n"
        "wanted = Entry(id='', label='a', size=1, mime_type='t', endpoint='e', key='k', file_id='f')\n"
        "print(Journal(pathlib.Path(sys.argv[1])).claim(wanted, 0).verdict.value, flush=True)\n"
        "sys.stdin.read()\n"  # stays alive until all have asked
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]

    verdicts = [process.stdout.readline().strip() for process in processes if process.stdout]
    for process in processes:
        process.communicate()

    assert sorted(verdicts) == ["busy"] * 5 + ["new"]


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda path: path.write_bytes(b"not a database at all" * 100), id="garbage"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:5000]), id="cut"),
        pytest.param(lambda path: _set_version(path, 99), id="another version"),
    ],
)
def test_an_unreadable_journal_is_set_aside_with_one_warning(folder: Path, spoil: object) -> None:
    Journal(folder).database.close()
    spoil(folder / "journal.db")  # type: ignore[operator]

    with pytest.warns(UserWarning, match="unreadable"):
        journal = Journal(folder)

    assert journal.claim(WANTED, 0).verdict is Verdict.NEW
    journal.database.close()
    assert len(list(folder.glob("journal-unreadable-*.db"))) == 1


def test_without_a_writable_home_it_remembers_until_the_end_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.warns(UserWarning, match="can't be written"):
        journal = Journal(tmp_path / "file" / "home")

    assert journal.claim(WANTED, 0).verdict is Verdict.NEW
    assert journal.claim(WANTED, 0).verdict is Verdict.BUSY
    journal.database.close()


def test_a_forked_process_opens_its_own_connection(journal: Journal) -> None:
    entry = journal.claim(WANTED, 0).entry
    child = os.fork()
    if child == 0:
        now = journal.get(entry.id)
        os._exit(0 if now and now.label == "a.txt" else 1)

    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert journal.get(entry.id) is not None


def _set_version(path: Path, version: int) -> None:
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA user_version = {version}")
    database.close()

"""Which transfers are shown, for how long, and what is told of those that others run."""

from __future__ import annotations

import os
import socket
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gemfiles_jupyter.client.models import File, FileState, Status
from gemfiles_jupyter.config import home
from gemfiles_jupyter.errors import InvalidUsage
from gemfiles_jupyter.transfers.entries import Entry
from gemfiles_jupyter.transfers.journal import Journal, user_journal
from gemfiles_jupyter.workspace.activity import SHOWN_SECONDS, Activity
from gemfiles_jupyter.workspace.listing import Listing
from gemfiles_jupyter.workspace.spool import Spool
from gemfiles_jupyter.workspace.standing import PACE_SECONDS, Pace, row_of_entry

WANTED = Entry(
    id="", label="a.bin", size=1000, mime_type="text/plain", endpoint="offline", key="k", file_id="a"
)


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journal:
    monkeypatch.setenv("GEMFILES_HOME", str(tmp_path / "home"))
    return user_journal()


@pytest.fixture
def activity(journal: Journal, tmp_path: Path) -> Activity:
    assert journal
    return Activity(Listing(), Spool(tmp_path / "spool"), lambda: None)


def live(**facts: object) -> Entry:
    """An entry that this process is at."""
    mine = {"host": socket.gethostname(), "pid": os.getpid()}
    return replace(WANTED, phase="uploading", **{**mine, **facts})  # type: ignore[arg-type]


def test_what_has_ended_is_shown_for_a_while(activity: Activity, journal: Journal) -> None:
    for label, phase, ago in (
        ("new", "done", 5),
        ("old", "done", SHOWN_SECONDS + 5),
        ("deleted", "removed", 5),
        ("paused long ago", "paused", 10 * SHOWN_SECONDS),
        ("broken long ago", "paused", 10 * SHOWN_SECONDS),
    ):
        error = "the network is down" if label.startswith("broken") else ""
        entry = journal.claim(replace(WANTED, label=label, sample=label), 0).entry
        journal.note(entry, phase=phase, error=error, file_name="" if phase == "paused" else "files/x")
        ended = time.time() - ago
        with closing(sqlite3.connect(home() / "journal.db")) as connection, connection:
            connection.execute("UPDATE transfers SET heartbeat = ? WHERE id = ?", (ended, entry.id))

    shown = {row.label: row.phase for row in activity.rows()}

    assert shown == {"new": "done", "paused long ago": "paused", "broken long ago": "failed"}


def test_what_was_cleared_is_not_shown_again(activity: Activity, journal: Journal) -> None:
    done, broken, paused = (
        journal.claim(replace(WANTED, label=label, sample=label), 0).entry
        for label in ("done", "broken", "paused")
    )
    journal.end(done, "done", file_name="files/x")
    journal.end(broken, "paused", error="the network is down")
    journal.end(paused, "paused")

    activity.clear()

    assert [row.label for row in activity.rows()] == ["paused"]


@pytest.mark.parametrize("variable", ["a b", "1", "for", "a-b", "x.y"])
def test_a_variable_has_the_name_of_one(activity: Activity, variable: str) -> None:
    with pytest.raises(InvalidUsage, match="can't be the name of a variable"):
        activity.set_variable("files/a", variable)


@pytest.mark.parametrize(
    ("entry", "phase", "actions"),
    [
        (live(), "uploading", ("pause", "cancel")),
        (live(request="pause"), "uploading", ()),
        (live(pid=2**22 + 1, path="/x"), "paused", ("resume", "cancel")),
        (live(pid=2**22 + 1), "paused", ("cancel",)),
        (replace(WANTED, phase="paused", path="/x"), "paused", ("resume", "cancel")),
        (replace(WANTED, phase="paused", path=__file__, error="no"), "failed", ("retry",)),
        (replace(WANTED, phase="paused", path="/gone", error="no"), "failed", ()),
        (replace(WANTED, phase="failed", path=__file__, error="no"), "failed", ("retry",)),
        (replace(WANTED, phase="cancelled"), "cancelled", ()),
        (replace(WANTED, phase="done", file_name="files/a"), "done", ()),
    ],
    ids=[
        "runs",
        "asked to pause",
        "worker gone",
        "worker of bytes gone",
        "paused",
        "broke off",
        "broke off and source gone",
        "failed",
        "cancelled",
        "done",
    ],
)
def test_an_entry_has_a_phase_and_what_can_be_done(
    entry: Entry, phase: str, actions: tuple[str, ...]
) -> None:
    heard_of = replace(entry, heartbeat=time.time())

    row = row_of_entry(heard_of, Pace(), lambda name: None)  # noqa: ARG005

    assert (row.phase, row.actions) == (phase, actions)


@pytest.mark.parametrize(
    ("file", "phase", "note"),
    [
        (None, "done", ""),
        (File("files/a", state=FileState.ACTIVE), "done", ""),
        (File("files/a", state=FileState.PROCESSING), "processing", ""),
        (
            File("files/a", state=FileState.FAILED, error=Status(message="no sound")),
            "failed",
            "The service could not process it: no sound",
        ),
    ],
    ids=["unknown", "active", "processing", "failed"],
)
def test_what_was_stored_is_done_when_the_service_says_so(file: File | None, phase: str, note: str) -> None:
    entry = replace(WANTED, phase="done", file_name="files/a", path=__file__)

    row = row_of_entry(entry, Pace(), lambda name: file)  # noqa: ARG005

    assert (row.phase, row.note, row.sent) == (phase, note, 1000)


def test_a_pace_is_an_average_over_some_moves() -> None:
    pace = Pace()

    rates = [pace.rate(when, sent) for when, sent in ((0.0, 0), (1.0, 0), (2.0, 100), (3.0, 100), (4.0, 300))]

    assert rates == [None, None, 50.0, 50.0, 75.0]


def test_a_pace_begins_anew_when_the_service_kept_less() -> None:
    pace = Pace()

    rates = [pace.rate(when, sent) for when, sent in ((0.0, 0), (1.0, 500), (2.0, 100), (3.0, 200))]

    assert rates == [None, 500.0, None, 100.0]


def test_a_pace_that_stands_still_is_none() -> None:
    pace = Pace()
    pace.rate(0.0, 0)
    pace.rate(1.0, 500)

    assert pace.rate(2.0 + PACE_SECONDS, 500) is None

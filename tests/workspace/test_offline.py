"""What a user is told about the offline server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import gemfiles_jupyter as gf
from gemfiles_jupyter.config import home
from gemfiles_jupyter.errors import CannotConnect, InvalidUsage
from gemfiles_jupyter.offline import launcher
from gemfiles_jupyter.workspace import offline

HOUR = 3600
DAY = 24 * HOUR


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home without a server, which is stopped in the end."""
    monkeypatch.setenv("GEMFILES_HOME", str(tmp_path))
    yield tmp_path
    launcher.stop(tmp_path)


def test_files_expire_at_a_word() -> None:
    gf.upload(b"one")
    gf.upload(b"two")

    early = offline.advance(47 * HOUR)
    late = offline.advance(HOUR + 1)

    assert early == "The offline server's clock is 1 day 23 hours ahead; no file has expired."
    assert late == "The offline server's clock is 2 days 1 second ahead; 2 files have expired."


def test_one_file_is_one_file() -> None:
    gf.upload(b"one")

    assert offline.advance(2 * DAY).endswith("2 days ahead; 1 file has expired.")


def test_the_clock_goes_back_and_behind() -> None:
    offline.advance(HOUR)

    assert offline.advance(-HOUR) == "The offline server's clock is right; no file has expired."
    assert offline.advance(-90).startswith("The offline server's clock is 1 minute 30 seconds behind;")


def test_the_status_tells_a_moved_clock() -> None:
    offline.advance(3 * DAY)
    moved = offline.status()
    offline.reset()

    assert moved.endswith(" Its clock is 3 days ahead.")
    assert "clock" not in offline.status()


def test_a_reset_says_what_is_gone() -> None:
    gf.upload(b"one")
    offline.advance(HOUR)

    assert offline.reset() == "The offline server is as new: 1 file removed, and its clock is right."
    assert offline.reset() == "The offline server is as new: there were no files, and its clock is right."


def test_too_far_is_a_usage_error() -> None:
    with pytest.raises(InvalidUsage, match="30 years"):
        offline.advance(9.9e8 * 2)


def test_a_server_that_takes_no_orders_is_said_with_what_to_do() -> None:
    offline.start()
    path = home() / "offline" / "server.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "owner_token": "another"}))

    with pytest.raises(CannotConnect, match="%gemfiles offline"):
        offline.reset()


def test_no_secret_is_in_what_is_said(own_home: Path) -> None:
    said = " ".join([offline.start(), offline.advance(1), offline.reset(), offline.status(), offline.stop()])

    key = (own_home / "offline" / "key").read_text()
    assert key not in said
    assert "http://127.0.0.1:" in said

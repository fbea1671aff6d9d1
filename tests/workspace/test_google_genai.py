"""Files of google-genai and ours in one notebook: each client takes what the other stored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google import genai
from google.genai import types

import gemfiles_jupyter as gf
from gemfiles_jupyter.offline.testing import OfflineServer
from gemfiles_jupyter.workspace.results import as_file, held_files
from gemfiles_jupyter.workspace.variables import holders

TIDE = "High water is at 07:10."


@pytest.fixture
def client(at_server: OfflineServer) -> Iterator[genai.Client]:
    """Google's client where our own one is."""
    assert at_server.address
    with gf.Client().to_genai() as client:
        yield client


@pytest.fixture
def theirs(client: genai.Client, tmp_path: Path) -> types.File:
    """A file that google-genai uploaded."""
    (tmp_path / "tides.txt").write_text(TIDE)
    return client.files.upload(file=tmp_path / "tides.txt", config={"display_name": "tides"})


def test_to_genai_sees_our_files(client: genai.Client, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Leave before the tide.")

    ours = gf.upload(tmp_path / "notes.txt")

    assert [file.name for file in client.files.list()] == [ours.name]


def test_generate_takes_their_file(theirs: types.File) -> None:
    assert TIDE in gf.generate(theirs, "When?").text  # type: ignore[arg-type]
    assert TIDE in gf.generate([theirs], "When?").text  # type: ignore[list-item]
    assert gf.count_tokens(theirs) > 0  # type: ignore[arg-type]


def test_their_file_is_the_one_that_is_stored(theirs: types.File) -> None:
    assert as_file(theirs) == gf.get_file("tides")


def test_their_file_is_held_by_its_variable(theirs: types.File) -> None:
    assert holders({"tides": theirs, "rows": [theirs]}) == {theirs.name: "tides"}


@pytest.mark.parametrize(
    "value",
    [types.File(), types.Part(text="x"), "files/x", None, [types.File()], [1]],
    ids=["nameless", "part", "text", "none", "nameless in a list", "number in a list"],
)
def test_what_is_no_stored_file_is_none(value: Any) -> None:
    assert held_files(value) == ()

"""Each tutorial runs from top to bottom and shows what is saved of it, and that is clean and holds no key."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from gemfiles_jupyter.offline.testing import DEFAULT_KEY

from . import run_notebooks
from .conftest import REPOSITORY

NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))
BYTES_A_FILE = 2048
# A key in the environment, and the offline server all the same; these name servers and keys of their own.
CANARY = "AIza" + "Canary0123456789_-" * 2
REHEARSAL = {"GOOGLE_API_KEY": CANARY, "GEMFILES_OFFLINE": "always"}
WITH_OWN_KEYS = ("02", "10", "11")

SECRET = re.compile(r"AIza[0-9A-Za-z_-]{20}|upload_id=|x-goog-api-key", re.IGNORECASE)
ABSOLUTE_PATH = re.compile(r"(?<![\w:/.])/(home|root|Users|tmp|var|work|private|mnt)/|[A-Z]:\\\\")


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def tutorial(request: pytest.FixtureRequest) -> Path:
    """One tutorial."""
    path: Path = request.param
    return path


def test_there_are_tutorials() -> None:
    assert NOTEBOOKS


def test_shows_from_top_to_bottom_what_is_saved(tutorial: Path) -> None:
    failing = nbformat.v4.new_code_cell("%xmode Verbose\n%gemupload missing.file")
    failing.metadata.tags = ["raises-exception"]

    fresh = run_notebooks.run(
        tutorial, failing, **({} if tutorial.name.startswith(WITH_OWN_KEYS) else REHEARSAL)
    )

    assert failing.outputs[-1].output_type == "error"
    for key in (CANARY, DEFAULT_KEY):
        assert key not in nbformat.writes(fresh)
    fresh.cells.remove(failing)
    assert_clean(fresh)
    difference = run_notebooks.difference(nbformat.read(tutorial, as_version=4), fresh)
    assert not difference, f"python tests/run_notebooks.py --write {tutorial.stem}\n{difference}"


def test_is_saved_with_clean_outputs_of_every_cell(tutorial: Path) -> None:
    notebook = nbformat.read(tutorial, as_version=4)

    assert_clean(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert set(notebook.metadata) == {"kernelspec", "language_info"}


def test_links_lead_to_files_that_are_there(tutorial: Path) -> None:
    notebook = nbformat.read(tutorial, as_version=4)
    text = "".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")

    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (tutorial.parent / target).exists(), target


def assert_clean(notebook: Any) -> None:
    """No stderr, error, secret, path or widget; at most 2 KB of output a file."""
    text = nbformat.writes(notebook)
    assert not SECRET.search(re.sub(r"getpass\(.*?\)", "", text))
    assert not ABSOLUTE_PATH.search(text)
    assert "widgets" not in notebook.metadata, "the state of widgets"
    for cell in notebook.cells:
        if "gf.Panel()" not in cell.source:  # what is saved of it is static, with the id of a view
            assert "widget-view" not in json.dumps(cell.get("outputs", []))
        for output in cell.get("outputs", []):
            assert output.output_type != "error", output
            assert output.get("name") != "stderr", output
        if cell.source.partition("= ")[2].startswith("%gemupload") and cell.outputs:
            files = max(1, json.dumps(cell.outputs).count("files/"))
            assert len(json.dumps(cell.outputs)) < BYTES_A_FILE * files

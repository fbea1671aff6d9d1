"""What README.md shows is what works."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from gemfiles_jupyter.cli import build_parser
from gemfiles_jupyter.offline.testing import OfflineServer

from .conftest import REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, re.DOTALL)
PYTHON = [text for language, text in BLOCKS if language == "python"]
COMMANDS = [
    line
    for language, text in BLOCKS
    if language == "sh"
    for line in text.splitlines()
    if line.startswith("gemfiles ")
]


def test_names_the_two_commands() -> None:
    assert "pip install . && gemfiles demo\n" in README
    assert 'pip install ".[test]" && pytest\n' in README


def test_the_notebook_example_works(at_server: OfflineServer, media: Path, tmp_path: Path) -> None:
    from IPython.core.interactiveshell import InteractiveShell

    assert at_server.address
    shutil.copy(media / "lecture.mp4", tmp_path)
    shell = InteractiveShell()
    shell.run_cell(f"%cd -q {tmp_path}")
    (prompt,) = [text for language, text in BLOCKS if text.startswith("%%gemprompt")]
    (magics,) = [text for text in PYTHON if text.startswith("%load_ext")]

    for cell in (magics, prompt):
        shell.run_cell(cell).raise_error()

    shell.run_cell(f"%cd -q {REPOSITORY}")
    assert shell.user_ns["lecture"].is_active


def test_the_python_examples_work(
    at_server: OfflineServer, media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert at_server.address
    shutil.copy(media / "lecture.mp4", tmp_path)
    (tmp_path / "notes").mkdir()
    shutil.copy(media / "handout.pdf", tmp_path / "notes")
    monkeypatch.chdir(tmp_path)
    first, *others = [text for text in PYTHON if not text.startswith("%load_ext")]
    names: dict[str, object] = {}

    exec(first, names)
    said = str(names["answer"])
    for example in others:
        exec(example, names)

    assert "lecture.mp4" in said
    assert "Who wrote it?" in str(names["answer"])


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_are_understood(command: str) -> None:
    assert build_parser().parse_args(shlex.split(command)[1:]).verb


def test_every_picture_and_page_it_links_to_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (REPOSITORY / target).exists(), target

"""Each verb in a real terminal and in a pipe: the same words, and no pipe sees a cursor move."""

from __future__ import annotations

import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gemfiles_jupyter.cli import build_parser
from gemfiles_jupyter.offline.testing import OfflineServer
from gemfiles_jupyter.workspace.functions import upload
from gemfiles_jupyter.workspace.stores import Store

from ..verb_table import verbs
from .running import GEMFILES, Run, interrupt_upload
from .terminal import Terminal

LineOf = Callable[[str], tuple[str, list[str]]]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="tmux is for Unix")


# A line of each verb, and what is to be seen of it in both, in this order.
LINES = {
    "upload": ("upload plan.txt", "✓ plan.txt", "files/"),
    "ls": ("ls", "notes.txt", "1 file, 23 B"),
    "prompt": ("prompt 'What is it?' --files notes.txt", "offline server, not a model", "notes.txt"),
    "info": ("info notes.txt", "name", "files/", "ACTIVE"),
    "wait": ("wait notes.txt", "notes.txt", "ACTIVE"),
    "rm": ("rm notes.txt", "✓ deleted 1 file: notes.txt"),
    "quota": ("quota", "23 B of 21.5 GB", "1 file"),
    "count": ("count notes.txt", "notes.txt", "tokens"),
    "code": ("code notes.txt", "from google import genai", "client.files.get(name='files/"),
    "transfers": ("transfers", "half.txt", "paused"),
    "pause": ("pause half.txt", "half.txt"),
    "resume": ("resume half.txt", "✓ half.txt", "files/"),
    "cancel": ("cancel half.txt", "half.txt"),
    "store": ("store", "tides"),
    "store ls": ("store ls", "tides"),
    "store create": ("store create moons", "moons", "created"),
    "store info": ("store info tides", "tides", "fileSearchStores/"),
    "store documents": ("store documents tides", "notes.txt", "ACTIVE"),
    "store upload": ("store upload tides plan.txt", "plan.txt", "tides"),
    "store import": ("store import tides notes.txt", "notes.txt", "tides"),
    "store rm": ("store rm tides notes.txt", "deleted notes.txt"),
    "key": ("key --check", "The service accepts the key from GOOGLE_API_KEY"),
    "doctor": ("doctor", "GOOGLE_API_KEY"),
    "offline": ("offline", "is not running"),
    "offline status": ("offline status", "is not running"),
    "offline start": ("offline start", "runs at http://127.0.0.1:"),
    "offline stop": ("offline stop", "was not running"),
    "offline advance": ("offline advance 49h", "2 days 1 hour ahead", "no file has expired"),
    "offline reset": ("offline reset -y", "as new"),
    "demo": ("demo", "lecture.mp4", "This is the offline server, not a model", "%load_ext"),
    "completion": ("completion bash", "complete ", "gemfiles", "~/.bashrc"),
}
# Runs until it is told to end, see below.
LASTING = {"offline serve"}


@pytest.fixture(autouse=True)
def stored(here: Path, own_home: Path, at_server: OfflineServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stored file, and a store with a document."""
    assert own_home.is_dir()
    assert at_server.address
    monkeypatch.setenv("GEMFILES_OFFLINE_PROCESSING_SECONDS", "0.3")
    upload(here / "notes.txt")
    Store.create("tides").upload(here / "notes.txt")


@pytest.fixture
def line_of(here: Path) -> LineOf:
    """Return the line of a verb and what is to be seen; an upload that it is about was interrupted."""

    def line_of(verb: str) -> tuple[str, list[str]]:
        line, *shown = LINES[verb]
        if any("half.txt" in text for text in (line, *shown)):
            (here / "half.txt").write_text("Half of it is sent.")
            interrupt_upload(here / "half.txt")
        return line, shown

    return line_of


def test_no_verb_is_left_out() -> None:
    known = {name for name, _, _ in verbs(build_parser(), "")}

    assert known == LINES.keys() | LASTING


@pytest.mark.parametrize("verb", LINES)
def test_in_a_terminal(verb: str, here: Path, line_of: LineOf) -> None:
    line, shown = line_of(verb)

    with Terminal(f"gemfiles {line}", here) as terminal:
        code, screen = terminal.end(), terminal.screen

    assert code == 0, screen
    assert_in_order(shown, screen)
    assert "Traceback" not in screen


@pytest.mark.parametrize("verb", LINES)
def test_in_a_pipe(verb: str, gemfiles: Run, line_of: LineOf) -> None:
    line, shown = line_of(verb)

    run = gemfiles(*shlex.split(line))

    assert run.returncode == 0, run.stderr
    assert_in_order(shown, run.stdout)
    assert not {"\x1b", "\r"} & set(run.stdout + run.stderr)
    assert "Traceback" not in run.stderr


def test_what_moves_leaves_no_trace_in_a_terminal_and_a_line_a_step_in_a_pipe(
    here: Path, gemfiles: Run, media: Path
) -> None:
    line = ["upload", str(media / "lecture.mp4"), "--reuse", "never"]

    with Terminal(shlex.join(["gemfiles", *line]), here) as terminal:
        terminal.wait_for("uploaded, processing")
        code, screen = terminal.end(), terminal.screen
    piped = gemfiles(*line)

    assert (code, len(screen.splitlines())) == (0, 1)
    assert screen.startswith("✓ lecture.mp4")
    assert "uploaded, processing" in piped.stderr
    assert piped.stdout.startswith("✓ lecture.mp4")


def test_a_terminal_is_asked_before_several_files_go(here: Path) -> None:
    upload(here / "plan.txt")

    with Terminal("gemfiles rm --all", here) as terminal:
        terminal.wait_for("[y/N]")
        terminal.press("y", "Enter")
        code, screen = terminal.end(), terminal.screen

    assert code == 0
    assert "✓ deleted 2 files" in screen


def test_a_key_that_is_typed_is_not_shown(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")

    with Terminal("gemfiles key --save", here) as terminal:
        terminal.wait_for("API key (not shown):")
        terminal.press("hunter2-hunter2", "Enter")
        code, screen = terminal.end(), terminal.screen

    assert code == 0, screen
    assert "hunter2" not in screen


@pytest.mark.parametrize("way", ["terminal", "pipe"])
def test_serve_runs_until_it_is_interrupted(way: str, here: Path) -> None:
    line = ["offline", "serve", "--data", str(here / "data")]

    if way == "terminal":
        with Terminal(shlex.join(["gemfiles", *line]), here) as terminal:
            terminal.wait_for("http://127.0.0.1:")
            terminal.press("C-c")
            code, shown = terminal.end(), terminal.screen
    else:
        command = [str(GEMFILES), *line]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            assert process.stdout is not None
            shown = process.stdout.readline()
            process.send_signal(signal.SIGINT)
            shown += process.stdout.read()
            code = process.wait(30)

    assert code == 0, shown
    assert shown.startswith("http://127.0.0.1:")
    assert "Traceback" not in shown


def assert_in_order(texts: list[str], shown: str) -> None:
    at = 0
    for text in texts:
        assert text in shown[at:], shown
        at = shown.index(text, at) + len(text)

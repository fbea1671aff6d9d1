"""Tab in a real bash, and what the function that it calls there offers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gemfiles_jupyter.offline import launcher
from gemfiles_jupyter.offline.testing import OfflineServer
from gemfiles_jupyter.workspace.functions import upload

from .running import GEMFILES, Run, interrupt_upload

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="bash is for Unix")

# Does what bash does when Tab is pressed behind the line that is given, and prints what that came to.
ASK = """
eval "$2"
answer=$(complete -p gemfiles | sed -E 's/.* -F ([^ ]+) .*/\\1/')
COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9
"$answer" gemfiles
printf '%s\\n' "${COMPREPLY[@]}"
"""

Offered = Callable[[str], list[str]]


@pytest.fixture(autouse=True)
def place(here: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder, with the command on the path and an empty home."""
    assert own_home.is_dir()
    monkeypatch.setenv("PATH", f"{GEMFILES.parent}{os.pathsep}{os.environ['PATH']}")
    (here / "two words.pdf").write_bytes(b"x")
    (here / "talks").mkdir()
    (here / "talks" / "first.mp4").write_bytes(b"x")
    return here


@pytest.fixture(scope="module")
def script() -> str:
    """What bash runs once."""
    run = subprocess.run([GEMFILES, "completion", "bash"], capture_output=True, text=True, check=True)
    return run.stdout


@pytest.fixture
def offered(place: Path, script: str) -> Offered:
    """Return what is offered behind a line."""

    def ask(line: str) -> list[str]:
        command = ["bash", "--norc", "-c", ASK, "bash", line, script]
        run = subprocess.run(command, cwd=place, capture_output=True, text=True, check=True, timeout=60)
        assert run.stderr == ""
        return [text.rstrip(" ") for text in run.stdout.splitlines() if text]

    return ask


def test_verbs_options_and_choices_are_offered(offered: Offered) -> None:
    assert offered("gemfiles qu") == ["quota"]
    assert {"upload", "ls", "store", "offline", "completion"} <= set(offered("gemfiles "))
    assert offered("gemfiles store doc") == ["documents"]
    assert offered("gemfiles upload --in") == ["--include"]
    assert offered("gemfiles upload --reuse al") == ["always"]
    assert offered("gemfiles ls --sort=s") == ["size"]
    assert offered("gemfiles prompt hello -m gem") == ["gemini-2.5-flash"]


def test_paths_are_offered_where_a_source_is_wanted(offered: Offered) -> None:
    assert offered("gemfiles upload no") == ["notes.txt"]
    assert offered("gemfiles upload notes.txt ta") == ["talks/"]
    assert offered("gemfiles upload talks/") == ["talks/first.mp4"]
    assert offered("gemfiles upload tw") == [r"two\ words.pdf"]
    assert offered("gemfiles prompt hello --files notes.txt,pl") == ["notes.txt,plan.txt"]
    assert offered("gemfiles info no") == []


def test_a_name_in_the_folder_is_never_run(offered: Offered, place: Path) -> None:
    (place / "it's $(touch stolen)").mkdir()

    (folder,) = offered("gemfiles upload it")
    offered(f"gemfiles upload {folder}")

    assert folder == r"it\'s\ \$\(touch\ stolen\)/"
    assert not (place / "stolen").exists()


def test_names_and_ids_of_what_was_uploaded_are_offered_without_a_request(
    offered: Offered, place: Path, at_server: OfflineServer
) -> None:
    stored = upload(place / "notes.txt", name="The first; $(touch stolen)")
    upload(place / "plan.txt", name="line\nbreak")
    at_server.clear_requests()

    assert offered("gemfiles info The") == [r"The\ first\;\ \$\(touch\ stolen\)"]
    assert stored.name in offered("gemfiles rm ")
    assert offered("gemfiles rm li") == []
    assert offered(f"gemfiles prompt hello --files {stored.name[:-2]}") == [stored.name]
    assert at_server.requests() == []


def test_transfers_are_offered_by_name_and_id(
    offered: Offered, place: Path, at_server: OfflineServer
) -> None:
    assert at_server.address
    interrupt_upload(place / "notes.txt")

    found = offered("gemfiles resume ")

    assert found[0] == "notes.txt"
    assert re.fullmatch("[0-9a-f]{8}", found[1])
    assert offered(f"gemfiles cancel {found[1][:4]}") == [found[1]]


def test_no_server_is_started_to_complete_a_line(offered: Offered, own_home: Path) -> None:
    assert offered("gemfiles rm no") == []

    assert launcher.find(own_home) is None


def test_tab_completes_a_line_in_bash(place: Path) -> None:
    import pexpect  # not on Windows

    bash = pexpect.spawn(
        "bash", ["--norc", "-i"], cwd=place, encoding="utf-8", timeout=30, dimensions=(24, 200)
    )
    try:
        bash.sendline(
            "bind 'set enable-bracketed-paste off'; PS1='READY> '; eval \"$(gemfiles completion bash)\""
        )
        bash.expect_exact("READY> ")
        bash.expect_exact("READY> ")
        bash.send("gemfiles comp\t")
        bash.expect_exact("gemfiles completion ")
        bash.send("ba\t\n")
        bash.expect_exact("bash \r\n")
        bash.expect_exact('eval "$(gemfiles completion bash)" in ~/.bashrc')
    finally:
        bash.close(force=True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_says_where_it_goes(shell: str, gemfiles: Run) -> None:
    script = gemfiles("completion", shell).stdout

    assert "gemfiles" in script
    assert f"gemfiles completion {shell}" in script.splitlines()[-1]


def test_only_completion_pays_for_it() -> None:
    code = "import sys, gemfiles_jupyter.cli as it; it.build_parser(); print('argcomplete' in sys.modules)"

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "False"

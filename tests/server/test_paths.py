"""A path of the file browser means a visible file below its root, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gemfiles_jupyter.errors import SourceError, SourceNotFound, SourceRefused
from gemfiles_jupyter.server.paths import confined


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with all that can be met in one, beside a folder that only begins with its name."""
    root = tmp_path / "root"
    for name in (
        "notes.txt",
        "a b/ü 1.mp4",
        "12:30.txt",
        ".hidden.txt",
        ".secret/key.txt",
        "folder/.x/y.txt",
    ):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    for name in ("outside.txt", "root-2/inside.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    (root / "link.txt").symlink_to(root / "notes.txt")
    (root / "out.txt").symlink_to(tmp_path / "outside.txt")
    (root / "out").symlink_to(tmp_path / "root-2")
    (root / "to-hidden.txt").symlink_to(root / ".secret" / "key.txt")
    (root / "nowhere.txt").symlink_to(root / "gone.txt")
    (root / "circle.txt").symlink_to(root / "circle.txt")
    os.mkfifo(root / "pipe")
    return root


@pytest.mark.parametrize(
    ("api_path", "name"),
    [
        ("notes.txt", "notes.txt"),
        ("/notes.txt", "notes.txt"),
        ("notes.txt/", "notes.txt"),
        ("a b/ü 1.mp4", "ü 1.mp4"),
        ("a b//ü 1.mp4", "ü 1.mp4"),
        ("12:30.txt", "12:30.txt"),
        ("link.txt", "notes.txt"),
    ],
)
def test_a_visible_file_is_found(root: Path, api_path: str, name: str) -> None:
    found = confined(api_path, root, allows_hidden=False)

    assert found.name == name
    assert found.is_file()


@pytest.mark.parametrize(
    "api_path",
    [
        "",
        "/",
        "gone.txt",
        "../outside.txt",
        "/../outside.txt",
        "folder/../../outside.txt",
        "folder/../notes.txt",
        "..",
        ".",
        "../root-2/inside.txt",
        "/etc/passwd",
        "%2e%2e/outside.txt",
        "..\\outside.txt",
        "~/outside.txt",
        "$HOME/outside.txt",
        "*.txt",
        "notes.txt/x",
        "notes.txt\x00.png",
        "file:///etc/passwd",
        "a" * 300,
        "x/" * 3000,
        "\ud800",
        ".hidden.txt",
        ".secret/key.txt",
        "folder/.x/y.txt",
        "out.txt",
        "out/inside.txt",
        "to-hidden.txt",
        "nowhere.txt",
        "circle.txt",
    ],
)
def test_anything_else_is_not_there(root: Path, api_path: str) -> None:
    with pytest.raises(SourceError) as caught:
        confined(api_path, root, allows_hidden=False)

    assert str(root.parent) not in str(caught.value)


@pytest.mark.parametrize("api_path", ["RTC:notes.txt", "gdrive:a/notes.txt", "C:notes.txt", "C:/notes.txt"])
def test_a_file_on_another_drive_is_refused(root: Path, api_path: str) -> None:
    with pytest.raises(SourceRefused, match="is on the drive"):
        confined(api_path, root, allows_hidden=False)


@pytest.mark.parametrize("api_path", ["folder", "a b/", "pipe"])
def test_what_is_no_regular_file_is_refused(root: Path, api_path: str) -> None:
    with pytest.raises(SourceRefused, match=r"is a folder|is not a regular file"):
        confined(api_path, root, allows_hidden=False)


@pytest.mark.parametrize("api_path", [".hidden.txt", ".secret/key.txt", "to-hidden.txt"])
def test_hidden_files_are_found_where_the_contents_manager_serves_them(root: Path, api_path: str) -> None:
    assert confined(api_path, root, allows_hidden=True).is_file()


@pytest.mark.parametrize("allows_hidden", [True, False])
def test_links_out_are_refused_whatever_the_contents_manager_serves(root: Path, allows_hidden: bool) -> None:
    with pytest.raises(SourceNotFound):
        confined("out.txt", root, allows_hidden=allows_hidden)


@pytest.mark.parametrize("variable", ["JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "GEMFILES_HOME"])
def test_tokens_and_the_journal_are_refused_even_below_the_root(
    root: Path, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(root / "folder"))
    (root / "folder" / "jpserver-1.json").write_text("token")

    with pytest.raises(SourceNotFound):
        confined("folder/jpserver-1.json", root, allows_hidden=True)


def test_the_root_may_be_a_link_itself(root: Path, tmp_path: Path) -> None:
    (tmp_path / "other").symlink_to(root)

    assert confined("notes.txt", tmp_path / "other", allows_hidden=False) == root / "notes.txt"


def test_the_root_may_be_below_a_hidden_folder(tmp_path: Path) -> None:
    (tmp_path / ".home" / "root").mkdir(parents=True)
    (tmp_path / ".home" / "root" / "a.txt").write_text("a")

    assert confined("a.txt", tmp_path / ".home" / "root", allows_hidden=False).is_file()

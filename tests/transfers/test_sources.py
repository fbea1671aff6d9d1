"""What can be uploaded, and how what can't be is refused: in words, without an absolute path."""

from __future__ import annotations

import os
import sys
from io import BytesIO
from pathlib import Path

import pytest

from gemfiles_jupyter.errors import SourceChanged, SourceError, SourceNotFound, SourceRefused
from gemfiles_jupyter.transfers.limits import check_limits
from gemfiles_jupyter.transfers.sources import BytesSource, PathSource, expand

pytestmark = pytest.mark.usefixtures("here")

GIB = 1024**3
MIB = 1024**2


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder of the test, with a few files below it."""
    folder = tmp_path / "secret-home"
    for name in (
        "notes.txt",
        "scan.pdf",
        ".hidden.txt",
        "lab/one.txt",
        "lab/two.pdf",
        "lab/.draft.txt",
        "lab/deep/three.txt",
        "lab/deep/four.md",
        "lab/.git/config.txt",
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    monkeypatch.chdir(folder)
    return folder


def labels(*specs: object, **options: object) -> list[str]:
    return [source.label for source in expand(specs, **options)]  # type: ignore[arg-type]


# Paths


def test_a_path_becomes_a_source_with_its_name_size_and_type() -> None:
    (source,) = expand(["notes.txt"])

    assert isinstance(source, PathSource)
    assert (source.label, source.size, source.mime_type) == ("notes.txt", 9, "text/plain")


def test_a_path_object_is_as_good_as_text() -> None:
    assert expand([Path("notes.txt")]) == expand(["notes.txt"])


def test_sources_keep_the_order_in_which_they_were_named() -> None:
    assert labels("scan.pdf", b"bytes", "notes.txt") == ["scan.pdf", "untitled", "notes.txt"]


@pytest.mark.parametrize("again", ["notes.txt", "./notes.txt", "lab/../notes.txt", "*.txt", "."])
def test_a_file_named_twice_is_one_source(again: str) -> None:
    assert labels("notes.txt", again).count("notes.txt") == 1


def test_a_link_to_a_file_that_is_named_too_is_no_second_source() -> None:
    Path("link.txt").symlink_to("notes.txt")

    assert labels("notes.txt", "link.txt") == ["notes.txt"]


def test_a_tilde_is_the_users_home(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(here))
    monkeypatch.setenv("USERPROFILE", str(here))

    assert labels("~/notes.txt", "~/*.pdf") == ["notes.txt", "scan.pdf"]


@pytest.mark.parametrize(
    "name", ["👩‍🔬 lab.txt", "Übung – 潮汐.txt", "a b.txt", "[1].txt", "-r.txt", "%s.txt"]
)
def test_an_unusual_name_is_a_name(name: str) -> None:
    Path(name).write_text("x")

    assert labels(name) == [name]


def test_a_file_whose_name_looks_like_a_pattern_wins_over_the_pattern() -> None:
    Path("lab [draft].txt").write_text("x")

    assert labels("lab [draft].txt") == ["lab [draft].txt"]


# Patterns


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.txt", ["notes.txt"]),
        ("lab/*", ["one.txt", "two.pdf"]),
        ("lab/*.[pt]*", ["one.txt", "two.pdf"]),
        ("l?b/one.txt", ["one.txt"]),
        ("*/one.txt", ["one.txt"]),
        ("**/*.txt", ["three.txt", "one.txt", "notes.txt"]),
        ("lab/**/*.txt", ["three.txt", "one.txt"]),
        ("lab/**", ["four.md", "three.txt", "one.txt", "two.pdf"]),
        (".h*.txt", [".hidden.txt"]),
    ],
)
def test_a_pattern_stands_for_the_files_that_match(pattern: str, found: list[str]) -> None:
    assert labels(pattern) == found


def test_a_pattern_may_be_absolute(here: Path) -> None:
    assert labels(str(here / "lab" / "*.txt")) == ["one.txt"]
    assert labels(str(here / "**" / "*.md")) == ["four.md"]


def test_a_pattern_without_files_says_so() -> None:
    with pytest.raises(SourceNotFound, match=r"^No file matches \*\.mp4\.$"):
        expand(["*.mp4"])


def test_include_and_exclude_choose_among_the_files_of_a_pattern() -> None:
    assert labels("lab/*", include=["*.txt"]) == ["one.txt"]
    assert labels("lab/*", exclude=["*.txt"]) == ["two.pdf"]


# Folders


def test_a_folder_stands_for_the_files_in_it() -> None:
    assert labels("lab") == ["one.txt", "two.pdf"]


def test_recursively_it_stands_for_the_folders_below_it_too() -> None:
    assert labels("lab", is_recursive=True) == ["deep/four.md", "deep/three.txt", "one.txt", "two.pdf"]


@pytest.mark.parametrize("is_recursive", [False, True])
def test_hidden_files_and_folders_are_left_out(is_recursive: bool) -> None:
    found = labels(".", "lab", is_recursive=is_recursive)

    assert not [label for label in found if ".hidden" in label or ".draft" in label or ".git" in label]


def test_a_hidden_folder_that_is_named_is_meant() -> None:
    assert labels("lab/.git") == ["config.txt"]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"include": ["*.txt"]}, ["deep/three.txt", "one.txt"]),
        ({"include": ["*.txt", "*.md"]}, ["deep/four.md", "deep/three.txt", "one.txt"]),
        ({"include": ["deep/*"]}, ["deep/four.md", "deep/three.txt"]),
        ({"exclude": ["deep/*"]}, ["one.txt", "two.pdf"]),
        ({"include": ["*.txt"], "exclude": ["three*"]}, ["one.txt"]),
    ],
    ids=["one pattern", "two patterns", "by folder", "without a folder", "both"],
)
def test_include_and_exclude_choose_among_the_files_of_a_folder(
    options: dict[str, list[str]], found: list[str]
) -> None:
    assert labels("lab", is_recursive=True, **options) == found


def test_include_does_not_touch_what_was_named() -> None:
    assert labels("notes.txt", include=["*.pdf"]) == ["notes.txt"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "empty holds no files to upload. Use -r for the folders below it."),
        ({"is_recursive": True}, "empty holds no files to upload."),
        ({"is_recursive": True, "include": ["*.mp4"]}, "empty holds no files to upload."),
    ],
    ids=["flat", "deep", "deep and chosen"],
)
def test_a_folder_without_files_says_how_to_go_deeper(options: dict[str, object], said: str) -> None:
    Path("empty").mkdir()

    with pytest.raises(SourceNotFound) as caught:
        expand(["empty"], **options)  # type: ignore[arg-type]

    assert str(caught.value) == said


@pytest.mark.parametrize("spec", ["lab", "lab/*"])
def test_a_choice_that_leaves_nothing_says_so(spec: str) -> None:
    with pytest.raises(SourceNotFound, match=r"holds files, but none that --include and --exclude leave"):
        expand([spec], include=["*.mp4"])


def test_every_missing_source_is_named_at_once() -> None:
    with pytest.raises(SourceError) as caught:
        expand(["nots.txt", "notes.txt", "*.mp4", "zzz"])

    said = str(caught.value)
    assert said.startswith("3 sources can't be sent. ")
    for word in ("nots.txt. Did you mean notes.txt?", "No file matches *.mp4.", "There is no file zzz."):
        assert word in said


@pytest.mark.parametrize("spec", ["loop", "loop/**/*.txt", "loop/**"])
def test_folders_that_link_in_a_circle_are_walked_once(spec: str, here: Path) -> None:
    Path("loop/inner").mkdir(parents=True)
    Path("loop/a.txt").write_text("a")
    for name in ("one", "two", "inner/three", "inner/four"):
        Path("loop", name).symlink_to(here / "loop", target_is_directory=True)

    assert labels(spec, is_recursive=True) == ["a.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no FIFOs")
def test_what_is_no_regular_file_is_passed_over_in_a_folder() -> None:
    os.mkfifo("lab/pipe.txt")

    assert labels("lab") == labels("lab/*") == ["one.txt", "two.pdf"]


# Bytes


@pytest.mark.parametrize(
    "spec",
    [b"%PDF-1.7 x", bytearray(b"%PDF-1.7 x"), memoryview(b"%PDF-1.7 x"), BytesIO(b"%PDF-1.7 x")],
    ids=lambda spec: type(spec).__name__,
)
def test_bytes_are_a_source_whose_type_is_recognised(spec: bytes) -> None:
    (source,) = expand([spec])

    assert isinstance(source, BytesSource)
    assert (source.label, source.size, source.mime_type) == ("untitled", 10, "application/pdf")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("plot.png", "plot.png"),
        ("/home/someone/plot.png", "plot.png"),
        ("", "untitled"),
        ("/", "untitled"),
        (None, "untitled"),
    ],
)
def test_a_stream_in_memory_may_have_a_name(name: object, label: str) -> None:
    stream = BytesIO(b"x")
    stream.name = name  # type: ignore[attr-defined]

    assert labels(stream) == [label]


def test_a_stream_is_taken_whole_wherever_it_stands() -> None:
    stream = BytesIO(b"abc")
    stream.read()

    (source,) = expand([stream])

    assert source.size == 3


def test_equal_bytes_are_two_sources() -> None:
    assert len(expand([b"same", b"same"])) == 2


def test_a_bytearray_that_changes_later_does_not_change_its_source() -> None:
    data = bytearray(b"before")
    (source,) = expand([data])

    data[:] = b"after!"

    buffer = bytearray(6)
    source.open().read_into(0, memoryview(buffer))
    assert buffer == b"before"


def test_nothing_named_is_no_source() -> None:
    assert expand([]) == ()


# What can't be sent


def refusal(*specs: object) -> str:
    """Return what is said of sources that can't be sent."""

    def prepare() -> None:
        for source in expand(specs):  # type: ignore[arg-type]
            check_limits(source, source.mime_type)
            source.open().close()

    with pytest.raises(SourceError) as caught:
        prepare()
    return str(caught.value)


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [("nots.txt", "notes.txt"), ("Notes.TXT.txt", "notes.txt"), ("lab/on.txt", "lab/one.txt")],
)
def test_a_missing_file_comes_with_a_suggestion(typed: str, suggested: str) -> None:
    assert refusal(typed) == f"There is no file {typed}. Did you mean {suggested}?"


def test_a_missing_file_in_a_missing_folder_says_that_the_folder_is_missing() -> None:
    assert refusal("labs/one.txt") == "There is no file labs/one.txt. There is no folder labs either."


def test_a_missing_file_that_resembles_nothing_says_where_paths_start() -> None:
    assert refusal("zzzzzz") == (
        "There is no file zzzzzz. Paths start from the current folder; put quotes around spaces."
    )


@pytest.mark.skipif(sys.platform == "win32", reason="there are no FIFOs")
def test_a_fifo_is_refused_and_not_waited_for() -> None:
    os.mkfifo("pipe")

    assert refusal("pipe") == "pipe is not a regular file. Copy its content into one first."


def test_a_file_that_becomes_a_folder_can_not_be_read() -> None:
    (source,) = expand(["notes.txt"])
    Path("notes.txt").unlink()
    Path("notes.txt").mkdir()

    with pytest.raises(SourceRefused, match=r"^notes\.txt can't be read: "):
        assert source.mime_type
    with pytest.raises(SourceRefused, match=r"^notes\.txt can't be read: "):
        source.open()


def test_a_file_that_is_gone_can_not_be_read() -> None:
    (source,) = expand(["notes.txt"])
    Path("notes.txt").unlink()

    with pytest.raises(SourceRefused, match=r"^notes\.txt can't be read: "):
        source.open()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("n" * 300 + ".txt", "There is no file nnn"),
        ("d" * 300 + "/a.txt", "There is no file ddd"),
        ("a\x00b.txt", r"There is no file a\x00b.txt"),
        ("~nobody-of-that-name/a.txt", "There is no file ~nobody"),
        ("", "There is no file without a name"),
        ("dangling.txt", "There is no file dangling.txt"),
        ("circle.txt", "There is no file circle.txt"),
        ("notes.txt/below", "There is no file notes.txt/below"),
    ],
    ids=["name", "folder", "NUL", "unknown user", "empty", "dangling link", "link to itself", "below a file"],
)
def test_a_name_that_no_file_can_have_is_just_a_missing_file(name: str, said: str) -> None:
    Path("dangling.txt").symlink_to("gone.txt")
    Path("circle.txt").symlink_to("circle.txt")

    assert refusal(name).startswith(said)


def test_a_file_over_2_gib_is_refused() -> None:
    with Path("big.mp4").open("wb") as file:
        file.truncate(2 * GIB + 1)

    assert refusal("big.mp4") == (
        "big.mp4 is 2.15 GB; the service takes files up to 2 GiB. Split or compress it."
    )


def test_a_file_of_2_gib_is_taken() -> None:
    with Path("big.mp4").open("wb") as file:
        file.truncate(2 * GIB)
    (source,) = expand(["big.mp4"])

    check_limits(source, "video/mp4")


def test_a_pdf_over_50_mib_is_refused() -> None:
    with Path("scan.pdf").open("wb") as file:
        file.write(b"%PDF-1.7")
        file.truncate(61_000_000)

    assert refusal("scan.pdf") == (
        "scan.pdf is 61 MB; the service takes PDFs up to 50 MB. Split it, or pass --force to try anyway."
    )


@pytest.mark.parametrize(("mime", "size"), [("application/pdf", 50 * MIB), ("video/mp4", 61_000_000)])
def test_what_is_within_its_own_limit_is_taken(mime: str, size: int) -> None:
    with Path("scan.pdf").open("wb") as file:
        file.truncate(size)
    (source,) = expand(["scan.pdf"])

    check_limits(source, mime)


@pytest.mark.parametrize("spec", ["nots.txt", "gone/one.txt", "*.mp4", "empty", "pipe", "big.bin", "n" * 300])
def test_no_message_holds_an_absolute_path(spec: str, here: Path) -> None:
    Path("empty").mkdir()
    if sys.platform != "win32":
        os.mkfifo("pipe")
    with Path("big.bin").open("wb") as file:
        file.truncate(2 * GIB + 1)

    said = refusal(here / spec)

    assert "secret-home" not in said
    assert str(here.parent) not in said


# While it is sent


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda path: path.write_text("longer than before"),
            "changed while it was being sent: 9 bytes became",
        ),
        (lambda path: os.utime(path, ns=(1, 1)), "was rewritten while it was being sent"),
        (lambda path: path.unlink(), "was removed while it was being sent"),
        (lambda path: path.with_name("scan.pdf").replace(path), "was rewritten while it was being sent"),
    ],
    ids=["longer", "touched", "removed", "replaced"],
)
def test_a_change_of_an_open_source_is_noticed(change: object, said: str) -> None:
    (source,) = expand(["notes.txt"])
    opened = source.open()
    opened.check_unchanged()

    change(Path("notes.txt"))  # type: ignore[operator]

    with pytest.raises(SourceChanged, match=rf"^notes\.txt {said}"):
        opened.check_unchanged()
    opened.close()


def test_an_open_source_is_read_from_any_offset() -> None:
    (source,) = expand(["notes.txt"])
    opened = source.open()
    buffer = bytearray(4)

    assert opened.read_into(5, memoryview(buffer)) == 4
    assert buffer == b".txt"
    assert opened.read_into(9, memoryview(buffer)) == 0
    opened.close()

"""Values of variables as sources: what they are called, and what is sent of them."""

from __future__ import annotations

import gzip
import io
import tempfile
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest

from gemfiles_jupyter.client.models import File
from gemfiles_jupyter.errors import GemfilesError, InvalidUsage, SourceError, SourceRefused
from gemfiles_jupyter.transfers.sources import BytesSource, PathSource, Source, expand
from gemfiles_jupyter.transfers.values import Named

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("notes")
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab" / "one.txt").write_text("one")
    return tmp_path


def sources(value: object, name: str = "") -> tuple[Source, ...]:
    return expand([Named(value, name)])


def labels(value: object, name: str = "") -> list[str]:
    return [source.label for source in sources(value, name)]


def content(source: Source) -> bytes:
    if isinstance(source, BytesSource):
        return source.data
    assert isinstance(source, PathSource)
    return source.path.read_bytes()


def refusal(value: object, name: str = "x") -> str:
    with pytest.raises(GemfilesError) as caught:
        sources(value, name)
    return str(caught.value)


# Pictures, figures, tables


@pytest.fixture
def image() -> object:
    pictures = pytest.importorskip("PIL.Image")
    return pictures.new("RGB", (8, 6), "teal")


@pytest.fixture
def figure() -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of matplotlib's own, while it is imported
        figures = pytest.importorskip("matplotlib.figure")
    made = figures.Figure(figsize=(2, 1), dpi=50)
    made.subplots().plot([1, 2])
    return made


def test_a_picture_is_sent_as_png_under_its_variables_name(image: object) -> None:
    (source,) = sources(image, "plot")

    assert (source.label, source.mime_type) == ("plot.png", "image/png")
    assert content(source).startswith(PNG)


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "YCbCr", "HSV", "F", "I", "PA", "RGBa"]
)
def test_a_picture_of_any_mode_becomes_png(image: object, mode: str) -> None:
    source = image.convert("RGBA") if mode in ("PA", "RGBa") else image  # type: ignore[attr-defined]

    assert content(sources(source.convert(mode))[0]).startswith(PNG)


def test_a_picture_that_came_from_a_jpeg_stays_one(image: object) -> None:
    image.save("photo.jpg", quality=70)  # type: ignore[attr-defined]
    with pytest.importorskip("PIL.Image").open("photo.jpg") as opened:
        named, unnamed = sources(opened, "beach")[0], sources(opened)[0]

        opened.putalpha(128)
        assert labels(opened, "beach") == ["beach.png"]

    assert [named.label, unnamed.label] == ["beach.jpg", "photo.jpg"]
    assert named.mime_type == "image/jpeg"
    assert content(named).startswith(JPEG)


def test_a_figure_is_sent_as_png_at_its_own_resolution(figure: object) -> None:
    (source,) = sources(figure, "tides")

    assert source.label == "tides.png"
    size = pytest.importorskip("PIL.Image").open(io.BytesIO(content(source))).size
    assert size == (100, 50)


def test_a_table_is_sent_as_csv_without_an_index_that_only_counts() -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"port": ["Brest"], "metres": [7.1]})

    (plain,) = sources(table, "tides")
    (indexed,) = sources(table.set_index("port"), "tides")
    (series,) = sources(table["metres"], "heights")

    assert (plain.label, plain.mime_type) == ("tides.csv", "text/csv")
    assert content(plain) == content(indexed) == b"port,metres\nBrest,7.1\n"
    assert content(series) == b"metres\n7.1\n"


def test_what_is_rendered_twice_is_the_same(image: object, figure: object) -> None:
    pandas = pytest.importorskip("pandas")

    for value in (image, figure, pandas.DataFrame({"a": [1.5]})):
        assert content(sources(value)[0]) == content(sources(value)[0])


def test_without_a_variable_a_value_is_called_after_what_it_is(image: object, figure: object) -> None:
    table = pytest.importorskip("pandas").DataFrame({"a": [1]})

    assert labels([image, figure, table, b"bytes"]) == ["image.png", "figure.png", "table.csv", "untitled"]


def test_what_can_not_be_rendered_is_refused_with_the_reason(image: object, here: Path) -> None:
    image.resize((900, 900)).save("cut.bmp")  # type: ignore[attr-defined]
    Path("cut.bmp").write_bytes(Path("cut.bmp").read_bytes()[:999])
    with pytest.importorskip("PIL.Image").open("cut.bmp") as opened:
        said = refusal(opened)

    assert said.startswith("x.png can't be made of it: OSError: image file is truncated")
    assert str(here) not in said


# Bytes and streams


@pytest.mark.parametrize(
    ("data", "label"),
    [
        (PNG + bytes(30), "x.png"),
        (b"%PDF-1.7", "x.pdf"),
        (b"plain words", "x.txt"),
        (bytearray(b"plain words"), "x.txt"),
        (memoryview(b"plain words"), "x.txt"),
        (bytes(range(128, 255)), "x"),
        (b"", "x.txt"),
    ],
    ids=["png", "pdf", "text", "bytearray", "memoryview", "unknown", "nothing"],
)
def test_bytes_are_called_after_their_variable_and_their_format(data: bytes, label: str) -> None:
    assert labels(data, "x") == [label]


def test_a_stream_in_memory_is_taken_whole_and_left_where_it_stood() -> None:
    stream = io.BytesIO(b"abcdef")
    stream.seek(4)

    (source,) = sources(stream, "x")

    assert (source.label, content(source), stream.tell()) == ("x.txt", b"abcdef", 4)


def test_text_in_memory_is_sent_as_utf_8() -> None:
    (source,) = sources(io.StringIO("Übung"), "x")

    assert (source.label, content(source)) == ("x.txt", "Übung".encode())


@pytest.mark.parametrize("mode", ["rb", "r", "r+b"])
def test_an_open_file_is_the_file_on_disk(mode: str) -> None:
    with Path("notes.txt").open(mode) as opened:
        opened.read(2)

        (source,) = sources(opened, "x")

    assert isinstance(source, PathSource)
    assert source.label == "notes.txt"


def test_a_file_that_is_still_being_written_is_sent_with_all_that_was_written() -> None:
    with Path("new.txt").open("w") as opened:
        opened.write("all of it")

        (source,) = sources(opened)

        assert (source.size, content(source)) == (9, b"all of it")


@pytest.mark.parametrize(
    "kind", [tempfile.NamedTemporaryFile, tempfile.TemporaryFile, tempfile.SpooledTemporaryFile]
)
def test_a_temporary_file_is_taken_whole(kind: type) -> None:
    with kind() as opened:
        opened.write(b"all of it")

        assert content(sources(opened, "x")[0]) == b"all of it"


def test_what_is_unpacked_while_it_is_read_is_sent_unpacked() -> None:
    with gzip.open("notes.txt.gz", "wb") as packed:
        packed.write(b"all of it")

    with gzip.open("notes.txt.gz") as opened:
        assert content(sources(opened, "x")[0]) == b"all of it"


@pytest.mark.parametrize("is_text", [False, True])
def test_a_closed_file_says_so(is_text: bool) -> None:
    with Path("notes.txt").open("r" if is_text else "rb") as opened:
        pass

    assert refusal(opened) == "notes.txt is closed. Give its path, or open it again."


def test_a_pipe_is_refused_and_not_waited_for() -> None:
    import os

    read, write = os.pipe()
    with os.fdopen(read, "rb") as pipe, os.fdopen(write, "wb"):
        assert refusal(pipe) == "x can't be read from its start. Read it first, and give the bytes."


# Lists and dicts


def test_a_list_is_taken_in_its_order_and_its_items_are_numbered() -> None:
    assert labels([b"one", "notes.txt", Path("lab"), b"two"], "x") == [
        "x-1.txt",
        "notes.txt",
        "one.txt",
        "x-4.txt",
    ]


def test_the_keys_of_a_dict_are_the_names() -> None:
    found = labels({"a.md": b"a", "b": b"b", "c": "notes.txt", "d.log": "notes.txt", "e": "lab", 6: b"f"})

    assert found == ["a.md", "b.txt", "c.txt", "e/one.txt", "6.txt"]


def test_a_key_that_is_a_path_of_this_machine_is_shown_without_it(here: Path) -> None:
    assert labels({str(here / "a.md"): b"a", "lab/b.md": b"b"}) == ["a.md", "lab/b.md"]


def test_lists_may_hold_lists_but_not_themselves() -> None:
    circle: list[object] = [b"x"]
    circle.append(circle)

    assert labels({"day": [b"one", (b"two",)]}) == ["day-1.txt", "day-2-1.txt"]
    assert refusal(circle).endswith("holds lists in lists in lists. Give one flat list.")


def test_an_empty_list_is_no_source() -> None:
    assert sources([]) == ()


# What can't be uploaded


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (3.5, "x is of type float, which can't be uploaded. Give a path, bytes, an open file"),
        (None, "x is of type NoneType, which can't be uploaded. Give a path"),
        ({1, 2}, "x is of type set, which can't be uploaded. Make it a list: list(x)."),
        (iter([b"a"]), "x is of type list_iterator, which can't be uploaded. Make it a list: list(x)."),
        (io, "x is of type module, which can't be uploaded. Give a path"),
        (File("files/abc", display_name="a.txt"), "x is uploaded already. A prompt takes it as it is."),
        (
            "two\nlines",
            "x holds text, and not a path. Give its bytes: data = x.encode(); or put the text below",
        ),
        (
            SimpleNamespace(savefig=print, to_csv=print),
            "x is of type SimpleNamespace, which can't be uploaded.",
        ),
    ],
    ids=["number", "None", "set", "iterator", "module", "our file", "text", "attributes only"],
)
def test_what_can_not_be_uploaded_says_its_type_and_what_to_do(value: object, said: str) -> None:
    assert refusal(value).startswith(said)


def test_what_comes_near_a_figure_is_told_the_way(figure: object) -> None:
    axes = figure.axes[0]  # type: ignore[attr-defined]
    numpy = pytest.importorskip("numpy")
    pyplot = SimpleNamespace(gcf=print)
    module = type(io)("pyplot")
    module.gcf = pyplot.gcf  # type: ignore[attr-defined]

    assert "Give the figure that it is on: fig = x.figure." in refusal(axes)
    assert "fig = x.gcf()" in refusal(module)
    assert "PIL.Image.fromarray(x), as a table pandas.DataFrame(x)" in refusal(numpy.zeros(3))


def test_a_value_without_a_variable_is_named_by_its_type() -> None:
    assert refusal(3.5, "").startswith("This is of type float")


def test_all_values_that_can_not_be_uploaded_are_named_at_once() -> None:
    with pytest.raises(
        SourceError, match=r"^2 sources can't be sent\. a is of type int.* There is no file gone\.txt"
    ):
        expand([Named(5, "a"), "gone.txt", b"good"])


def test_one_problem_keeps_its_type() -> None:
    with pytest.raises(InvalidUsage):
        sources(3.5)
    with pytest.raises(SourceRefused):
        sources(Path("/dev/null"))

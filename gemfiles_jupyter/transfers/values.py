"""What a variable may hold that can be uploaded: rendered to bytes, the same bytes each time.

Pillow, matplotlib and pandas are never imported here: what a value's class can do tells what it is.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Set, ValuesView
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from ..client.models import File
from ..errors import InvalidUsage, SourceRefused
from .addresses import shown_address
from .mime import guess_mime, suffix_of
from .paths import shown_path

__all__ = ["FileOnDisk", "Named", "Rendered", "can_open", "open_value"]

HEAD_BYTES = 4096
DEEPEST = 4
LONGEST_REASON = 200
# What PNG holds; other pictures are converted.
_PNG_MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")
_JPEG_MODES = ("L", "RGB", "CMYK")
# By what it can do a picture, a figure or a table is known.
_IMAGE, _FIGURE, _TABLE = _DRAWN = (("save", "getbands"), ("savefig",), ("to_csv",))
_TAKEN = "Give a path, bytes, an open file, a PIL image, a figure, a DataFrame, or a list or dict of these."


class Named(NamedTuple):
    """A value, and the variable that holds it.

    Attributes
    ----------
    name
        The variable's; the file is called after it, where the value has no name of its own.
    """

    value: object
    name: str


class FileOnDisk(NamedTuple):
    """A value that stands for files: a path, a pattern, a folder, an open file.

    Attributes
    ----------
    label
        What to call it instead of its own name; may be empty.
    """

    path: str
    label: str = ""


class Rendered(NamedTuple):
    """A value as the bytes that are sent."""

    data: bytes
    label: str


def open_value(value: object, name: str = "") -> Iterator[FileOnDisk | Rendered]:
    """Yield what a value stands for, in its order.

    Parameters
    ----------
    name
        What to call what has no name of its own; default: what it is.

    Raises
    ------
    InvalidUsage
        It is of a type that can't be uploaded; the message says what to do.
    SourceRefused
        It can't be rendered.
    """
    yield from _opened(value, name, 0)


def can_open(value: object) -> bool:
    """Whether a value looks like something to upload; it is not opened."""
    for _ in range(DEEPEST):
        if isinstance(value, (list, tuple, Mapping)):
            value = next(iter(value.values() if isinstance(value, Mapping) else value), None)
    is_plain = isinstance(value, (str, os.PathLike, bytes, bytearray, memoryview))
    return is_plain or _is_stream(value) or any(_can(value, *what) for what in _DRAWN)


def _opened(
    value: object, name: str, depth: int, *, is_renamed: bool = False
) -> Iterator[FileOnDisk | Rendered]:
    """Yield what a value stands for.

    Parameters
    ----------
    is_renamed
        The name counts even where the value has one of its own: it is a key of a dict.
    """
    if depth > DEEPEST:
        raise InvalidUsage(f"{name or 'This'} holds lists in lists in lists.", hint="Give one flat list.")
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _opened(item, shown_path(str(key)), depth + 1, is_renamed=True)
    elif isinstance(value, (list, tuple)):
        digits = len(str(len(value)))
        for number, item in enumerate(value, 1):
            yield from _opened(item, f"{name}-{number:0{digits}}" if name else "", depth + 1)
    elif isinstance(value, (str, os.PathLike)):
        yield _of_path(value, name, is_renamed)
    elif isinstance(value, (bytes, bytearray, memoryview)):
        yield _of_bytes(bytes(value), name)
    elif _is_stream(value):
        yield _of_stream(value, name, is_renamed)
    else:
        yield _of_object(value, name)


def _of_path(value: str | os.PathLike[str], name: str, is_renamed: bool) -> FileOnDisk:
    if isinstance(value, str) and "\n" in value:
        raise InvalidUsage(
            f"{name or 'This'} holds text, and not a path.",
            hint=f"Give its bytes: data = {name if name.isidentifier() else 'text'}.encode(); or put the text"
            " below %%gemupload NAME.txt.",
        )
    path = os.fspath(value)
    suffix = "" if Path(name).suffix else Path(shown_address(path)).suffix  # of an address without its query
    return FileOnDisk(path, name + suffix if is_renamed else "")


def _of_bytes(data: bytes, name: str) -> Rendered:
    if not name:
        return Rendered(data, "untitled")
    suffix = "" if Path(name).suffix else suffix_of(guess_mime("", data[:HEAD_BYTES]))
    return Rendered(data, name + suffix)


def _is_stream(value: object) -> bool:
    is_wrapped = isinstance(getattr(value, "file", None), io.IOBase)  # by tempfile
    return isinstance(value, io.IOBase) or is_wrapped or _can(value, "read", "seek")


def _of_stream(value: Any, name: str, is_renamed: bool) -> FileOnDisk | Rendered:
    """Take a stream whole, wherever it stands: from disk where it is a file's, else into memory."""
    own = getattr(value, "name", "")
    own = Path(own).name if isinstance(own, str) else ""
    called = name if is_renamed or not own else own
    stream = getattr(value, "file", value)
    try:
        place = _place_of(stream)
        if place:
            if stream.writable():
                stream.flush()
            return _of_path(place, name, is_renamed)
        at = stream.tell()
        stream.seek(0)
        data = stream.read()
        stream.seek(at)
    except ValueError:
        raise SourceRefused(
            f"{called or 'The file'} is closed.", hint="Give its path, or open it again."
        ) from None
    except (OSError, AttributeError):
        raise SourceRefused(
            f"{called or 'The stream'} can't be read from its start.",
            hint="Read it first, and give the bytes.",
        ) from None
    return _of_bytes(data.encode("utf-8") if isinstance(data, str) else bytes(data), called)


def _place_of(stream: Any) -> str:
    """Return the path of a plain file that is open; empty for what is only in memory or is unpacked."""
    raw = getattr(getattr(stream, "buffer", stream), "raw", stream)
    if not isinstance(raw, io.FileIO) or not isinstance(raw.name, (str, os.PathLike)):
        return ""
    held = os.fstat(raw.fileno())
    try:
        named = Path(raw.name).stat()
    except OSError:  # removed since, or the folder is another now
        return ""
    return os.fspath(raw.name) if stat.S_ISREG(held.st_mode) and os.path.samestat(held, named) else ""


def _of_object(value: Any, name: str) -> Rendered:
    if _can(value, *_IMAGE):
        return _of_image(value, name)
    if _can(value, *_FIGURE):
        return _rendered(name or "figure", (".png",), lambda: _png_of_figure(value))
    if _can(value, *_TABLE):
        return _rendered(name or "table", (".csv",), lambda: _csv_of(value))
    if isinstance(value, File):
        raise InvalidUsage(f"{name or value.label} is uploaded already.", hint="A prompt takes it as it is.")
    kind = type(value).__name__
    raise InvalidUsage(
        f"{name or 'This'} is of type {kind}, which can't be uploaded.", hint=_hint(value, name or "x")
    )


def _of_image(image: Any, name: str) -> Rendered:
    """Render a PIL image as what it is: JPEG stays JPEG at its own quality, everything else is PNG."""
    name = name or Path(str(getattr(image, "filename", "") or "image")).stem
    if image.format not in ("JPEG", "MPO") or image.mode not in _JPEG_MODES:  # it may have got alpha since
        return _rendered(name, (".png",), lambda: _png_of(image))
    quality = "keep" if image.format == "JPEG" else 95
    return _rendered(name, (".jpg", ".jpeg"), lambda: _saved(image, "JPEG", quality=quality))


def _png_of(image: Any) -> bytes:
    if image.mode not in _PNG_MODES:
        has_alpha = image.mode.lower().endswith("a")
        image = image.convert("I;16" if image.mode == "I" else "RGBA" if has_alpha else "RGB")
    return _saved(image, "PNG")


def _saved(image: Any, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=form, **options)
    return buffer.getvalue()


def _png_of_figure(figure: Any) -> bytes:
    buffer = io.BytesIO()
    # Without the name of the library, which changes with its version; a PNG of matplotlib holds no date.
    figure.savefig(buffer, format="png", dpi="figure", metadata={"Software": None})
    return buffer.getvalue()


def _csv_of(table: Any) -> bytes:
    """Render a DataFrame or Series as CSV, without the index where that only counts the rows."""
    is_counting = type(table.index).__name__ == "RangeIndex" and table.index.name is None
    return str(table.to_csv(index=not is_counting)).replace("\r\n", "\n").encode("utf-8")


def _rendered(name: str, suffixes: tuple[str, ...], render: Callable[[], bytes]) -> Rendered:
    label = name if name.lower().endswith(suffixes) else name + suffixes[0]
    try:
        return Rendered(render(), label)
    except Exception as error:  # foreign code on foreign data: it raises whatever it stumbles over
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SourceRefused(
            f"{label} can't be made of it: {type(error).__name__}: {why[:LONGEST_REASON]}"
        ) from None


def _can(value: object, *methods: str) -> bool:
    """Whether a value's class has these methods; the value itself may answer to any name."""
    return all(callable(getattr(type(value), method, None)) for method in methods)


def _hint(value: object, name: str) -> str:
    """Say what to do with a value that people are likely to try."""
    if isinstance(value, ModuleType):
        return f"Give a figure: fig = {name}.gcf()." if hasattr(value, "gcf") else _TAKEN
    if _can(value, "get_figure"):
        return f"Give the figure that it is on: fig = {name}.figure."
    if hasattr(type(value), "__array_interface__"):
        return f"As a picture give PIL.Image.fromarray({name}), as a table pandas.DataFrame({name})."
    if isinstance(value, (Iterator, Set, ValuesView)):
        return f"Make it a list: list({name})."
    return _TAKEN

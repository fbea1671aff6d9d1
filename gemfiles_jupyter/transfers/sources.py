"""What can be uploaded: paths, patterns and folders become a flat list of sources; so do bytes."""

from __future__ import annotations

import difflib
import glob
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol

from ..client.content import Content, OpenContent
from ..config import MAX_FILE_BYTES, MAX_PDF_BYTES
from ..errors import SourceChanged, SourceNotFound, SourceRefused
from .mime import guess_mime

__all__ = ["BytesSource", "PathSource", "Source", "SourceSpec", "check_limits", "expand"]

HEAD_BYTES = 4096

# What a caller may name as a source.
SourceSpec = str | os.PathLike[str] | bytes | bytearray | memoryview | BytesIO


class Source(Content, Protocol):
    """Content that also knows what it is."""

    @property
    def mime_type(self) -> str:
        """The type to declare, from its name and first bytes."""

    @property
    def place(self) -> str:
        """Absolute path, for the journal alone; empty for what can't be found again."""

    @property
    def modified_ns(self) -> int:
        """When it was changed last, in nanoseconds; 0 where that is not known."""


@dataclass(frozen=True, slots=True)
class PathSource:
    """A regular file on disk.

    Attributes
    ----------
    label
        Its name, with the folders below the one that was asked for.
    modified_ns
        When it was changed last, in nanoseconds; 0 where nobody looked.
    """

    path: Path
    label: str
    size: int
    modified_ns: int = 0

    @property
    def place(self) -> str:
        """Absolute path, for the journal alone."""
        return str(self.path.absolute())

    @property
    def mime_type(self) -> str:
        """The type to declare, from its name and first bytes."""
        try:
            with self.path.open("rb") as file:
                return guess_mime(self.path.name, file.read(HEAD_BYTES))
        except OSError as error:
            raise SourceRefused(f"{self.label} can't be read: {error.strerror}.") from None

    def open(self) -> OpenContent:
        """Open it for one upload."""
        try:
            opened = _OpenPath(self.path, self.label)
        except OSError as error:
            raise SourceRefused(f"{self.label} can't be read: {error.strerror}.") from None
        is_rewritten = self.modified_ns and opened.modified_ns != self.modified_ns
        if opened.size != self.size or is_rewritten:  # while it waited for its turn
            opened.close()
            raise SourceChanged(
                f"{self.label} changed before it was sent.",
                hint="Run it again once nothing writes to the file.",
            )
        return opened


@dataclass(frozen=True, slots=True)
class BytesSource:
    """Bytes in memory."""

    data: bytes = field(repr=False)
    label: str

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.data)

    @property
    def mime_type(self) -> str:
        """The type to declare, from the name and the first bytes."""
        return guess_mime(self.label, self.data[:HEAD_BYTES])

    @property
    def place(self) -> str:
        """Nothing: bytes can't be found again."""
        return ""

    @property
    def modified_ns(self) -> int:
        """Nothing: bytes have no time."""
        return 0

    def open(self) -> OpenContent:
        """Open it for one upload."""
        return _OpenBytes(self.data)


def expand(
    specs: Iterable[SourceSpec],
    *,
    is_recursive: bool = False,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
) -> tuple[Source, ...]:
    """Return the sources that paths, patterns, folders and bytes stand for, each once, in order.

    A folder stands for the files in it; hidden ones are left out.

    Parameters
    ----------
    is_recursive
        Folders stand for the folders below them too.
    include, exclude
        Patterns (``*.pdf``) for the files of folders and patterns.

    Raises
    ------
    SourceNotFound
        There is no such file, or no file in a folder or pattern.
    SourceRefused
        It is no regular file, or larger than the service takes.
    """
    sources: list[Source] = []
    seen: set[Path] = set()
    for spec in specs:
        if isinstance(spec, (bytes, bytearray, memoryview, BytesIO)):
            sources.append(_of_bytes(spec))
            continue
        found = list(_of_path(os.fspath(spec), is_recursive, include, exclude))
        if not found:
            raise SourceNotFound(
                f"{_shown(os.fspath(spec))} holds no files to upload.",
                hint="Use -r for the folders below it, or a pattern such as folder/*.pdf.",
            )
        for source in found:
            real = source.path.resolve()
            if real not in seen:
                seen.add(real)
                sources.append(source)
    return tuple(sources)


def check_limits(source: Content, mime_type: str) -> None:
    """Raise `SourceRefused` if the service would refuse this source for its size."""
    if source.size > MAX_FILE_BYTES:
        raise SourceRefused(
            f"{source.label} is {source.size / 1e9:.2f} GB; the service takes files up to 2 GiB.",
            hint="Split or compress it.",
        )
    if mime_type == "application/pdf" and source.size > MAX_PDF_BYTES:
        raise SourceRefused(
            f"{source.label} is {source.size / 1e6:.0f} MB; the service takes PDFs up to 50 MB.",
            hint="Split it, or pass --force to try anyway.",
        )


def _of_bytes(spec: bytes | bytearray | memoryview | BytesIO) -> BytesSource:
    data = spec.getvalue() if isinstance(spec, BytesIO) else bytes(spec)
    return BytesSource(data, Path(str(getattr(spec, "name", "") or "")).name or "untitled")


def _of_path(
    text: str, is_recursive: bool, include: Sequence[str], exclude: Sequence[str]
) -> Iterator[PathSource]:
    path = _expanded(text)
    if _is_folder(path):
        pattern = "**/*" if is_recursive else "*"
        for below in sorted(path.glob(pattern)):
            inner = below.relative_to(path)
            is_hidden = any(part.startswith(".") for part in inner.parts)
            if not is_hidden and below.is_file() and _is_wanted(inner, include, exclude):
                yield _of_file(below, inner.as_posix())
    elif _exists(path):
        yield _of_file(path, path.name)
    elif glob.has_magic(text):
        for below in sorted(_matches(path)):
            if below.is_file() and _is_wanted(Path(below.name), include, exclude):
                yield _of_file(below, below.name)
    else:
        raise SourceNotFound(f"There is no file {_shown(text)}.", hint=_nearest(path))


def _expanded(text: str) -> Path:
    if not text:  # as a path it would stand for the current folder
        raise SourceNotFound("There is no file without a name.")
    try:
        return Path(text).expanduser()
    except RuntimeError:  # ~name of a user who does not exist
        return Path(text)


def _matches(pattern: Path) -> Iterator[Path]:
    """Yield what a pattern matches, as a shell does; ``**`` follows no links, which may lead in circles."""
    first = next(number for number, part in enumerate(pattern.parts) if glob.has_magic(part))
    folder = Path(*pattern.parts[:first])
    wanted = [part if part == "**" else re.sub(r"\*+", "*", part) for part in pattern.parts[first:]]
    if wanted[-1] == "**":
        wanted.append("*")
    for below in folder.glob("/".join(wanted)):
        hidden = [part for part in below.relative_to(folder).parts if part.startswith(".")]
        if all(any(fnmatch(part, name) for name in wanted if name.startswith(".")) for part in hidden):
            yield below


def _of_file(path: Path, label: str) -> PathSource:
    try:
        facts = path.stat()
    except OSError as error:
        raise SourceRefused(f"{label} can't be read: {error.strerror}.") from None
    if not stat.S_ISREG(facts.st_mode):
        raise SourceRefused(f"{label} is not a regular file.", hint="Copy its content into one first.")
    return PathSource(path, label, facts.st_size, facts.st_mtime_ns)


def _is_wanted(inner: Path, include: Sequence[str], exclude: Sequence[str]) -> bool:
    names = (inner.name, inner.as_posix())
    is_included = not include or any(fnmatch(name, pattern) for pattern in include for name in names)
    return is_included and not any(fnmatch(name, pattern) for pattern in exclude for name in names)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that the file system can't even hold
        return False


def _is_folder(path: Path) -> bool:
    return _exists(path) and path.is_dir()


def _nearest(path: Path) -> str:
    """Suggest what was probably meant, else say where we looked."""
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return f"There is no folder {_shown(str(path.parent))} either."
    close = difflib.get_close_matches(path.name, names, n=1)
    if close:
        return f"Did you mean {_shown(str(path.with_name(close[0])))}?"
    return "Paths start from the current folder; put quotes around spaces."


def _shown(text: str) -> str:
    """Show a path as typed, but never an absolute one: outputs are saved and shared."""
    return Path(text).name if Path(text).is_absolute() else text


class _OpenPath:
    """A file open for one upload, which notices when it changes."""

    def __init__(self, path: Path, label: str) -> None:
        self._path = path
        self._label = label
        self._file: BinaryIO = path.open("rb", buffering=0)
        self._facts = self._identity(os.fstat(self._file.fileno()))

    @property
    def size(self) -> int:
        """Bytes when it was opened."""
        return self._facts[2]

    @property
    def modified_ns(self) -> int:
        """When it had been changed last, in nanoseconds."""
        return self._facts[3]

    def read_into(self, offset: int, buffer: memoryview) -> int:
        """Fill the buffer from an offset."""
        try:
            self._file.seek(offset)
            return self._file.readinto(buffer)  # type: ignore[attr-defined, no-any-return]
        except OSError as error:  # as an OSError it would pass for a broken connection
            raise SourceChanged(f"{self._label} can't be read any more: {error.strerror}.") from None

    def check_unchanged(self) -> None:
        """Raise `SourceChanged` unless size, time and place are what they were."""
        try:
            held = os.fstat(self._file.fileno())
            named = self._path.stat()
        except OSError:
            raise SourceChanged(f"{self._label} was removed while it was being sent.") from None
        if held.st_size != self.size:
            raise SourceChanged(
                f"{self._label} changed while it was being sent: {self.size} bytes became {held.st_size}.",
                hint="Run it again once nothing writes to the file.",
            )
        if self._identity(held) != self._facts or self._identity(named) != self._facts:
            raise SourceChanged(
                f"{self._label} was rewritten while it was being sent.",
                hint="Run it again once nothing writes to the file.",
            )

    def close(self) -> None:
        """Release the file."""
        self._file.close()

    @staticmethod
    def _identity(facts: os.stat_result) -> tuple[int, int, int, int]:
        return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns


class _OpenBytes:
    """Bytes open for one upload; they can't change."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)

    def read_into(self, offset: int, buffer: memoryview) -> int:
        """Fill the buffer from an offset."""
        block = self._data[offset : offset + len(buffer)]
        buffer[: len(block)] = block
        return len(block)

    def check_unchanged(self) -> None:
        """Accept: nothing can have changed."""

    def close(self) -> None:
        """Release nothing."""

"""What can be uploaded: paths, patterns, folders, addresses and values become a flat list of sources."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from ..client.content import Content, OpenContent
from ..errors import GemfilesError, InvalidUsage, SourceChanged, SourceError, SourceRefused
from .addresses import is_address, local_path
from .mime import guess_mime
from .paths import find_files
from .values import HEAD_BYTES, Named, Rendered, open_value

__all__ = [
    "HEAD_BYTES",
    "BytesSource",
    "PathSource",
    "Source",
    "SourceBase",
    "SourceSpec",
    "expand",
    "raise_all",
]

MOST_NAMED = 20

# What a caller may name as a source: a path, pattern or address, bytes, an open file, a PIL image, a figure,
# a DataFrame, a list or dict of these. No type says it, because those classes are not ours to import.
SourceSpec = object


class Source(Content, Protocol):
    """Content that also knows what it is."""

    @property
    def mime_type(self) -> str:
        """The type to declare, from its name and first bytes."""

    @property
    def place(self) -> str:
        """Absolute path or address, for the journal alone; empty for what can't be found again."""

    @property
    def modified_ns(self) -> int:
        """When it was changed last, or a number that changes with it; 0 where neither is known."""

    @property
    def identity(self) -> object:
        """What two sources have in common that are the same one; None where that can't be told."""

    @property
    def sample(self) -> str:
        """A digest that stands for one of its content; empty where it has to be read for that."""


class SourceBase:
    """What most sources answer alike; whatever is one of these stands for itself in `expand`."""

    __slots__ = ()

    @property
    def identity(self) -> object:
        """What two sources have in common that are the same one; None where that can't be told."""
        return None

    @property
    def sample(self) -> str:
        """Nothing: it is read for that."""
        return ""


@dataclass(frozen=True, slots=True)
class PathSource(SourceBase):
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
    def identity(self) -> str:
        """Its path behind all links."""
        return os.path.realpath(self.path)

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
class BytesSource(SourceBase):
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
    """Return the sources that paths, patterns, folders, addresses and values stand for, each once, in order.

    A folder stands for the files in it; hidden ones are left out. A source stands for itself.

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
        It is no regular file, or can't be rendered.
    InvalidUsage
        A value of its type can't be uploaded.
    SourceError
        Several of these; the message names each.
    """
    sources: list[Source] = []
    seen: set[object] = set()
    problems: list[GemfilesError] = []
    for spec in specs:
        try:
            for source in _sources_of(spec, is_recursive, include, exclude):
                identity = source.identity
                if identity is None or identity not in seen:
                    sources.append(source)
                    seen.add(identity)
        except (SourceError, InvalidUsage) as problem:
            problems.append(problem)
    raise_all(problems)
    return tuple(sources)


def raise_all(problems: Sequence[GemfilesError]) -> None:
    """Raise what stands against an upload, all of it at once; nothing if there is nothing."""
    if len(problems) == 1:
        raise problems[0]
    if problems:
        named = problems[:MOST_NAMED]
        last = {problem.hint: number for number, problem in enumerate(named)}  # a hint is given once
        said = [str(item) if last[item.hint] == number else item.message for number, item in enumerate(named)]
        more = len(problems) - len(said)
        said += [f"And {more} more."] if more else []
        raise SourceError(f"{len(problems)} sources can't be sent. {' '.join(said)}")


def _sources_of(
    spec: SourceSpec, is_recursive: bool, include: Sequence[str], exclude: Sequence[str]
) -> Iterator[Source]:
    if isinstance(spec, SourceBase):
        yield cast("Source", spec)
        return
    named = spec if isinstance(spec, Named) else Named(spec, "")
    for item in open_value(named.value, named.name):
        if isinstance(item, Rendered):
            yield BytesSource(item.data, item.label)
            continue
        place = local_path(item.path)
        if is_address(place):
            from .remote_search import find_remote  # only where there is an address

            yield from find_remote(
                place, item.label, is_recursive=is_recursive, include=include, exclude=exclude
            )
            continue
        for path, label in find_files(place, is_recursive=is_recursive, include=include, exclude=exclude):
            is_one = path.name == label and label == Path(place).name
            new = item.label if is_one else f"{item.label}/{label}"
            yield _of_file(path, new if item.label else label)


def _of_file(path: Path, label: str) -> PathSource:
    try:
        facts = path.stat()
    except OSError as error:
        raise SourceRefused(f"{label} can't be read: {error.strerror}.") from None
    if not stat.S_ISREG(facts.st_mode):
        raise SourceRefused(f"{label} is not a regular file.", hint="Copy its content into one first.")
    return PathSource(path, label, facts.st_size, facts.st_mtime_ns)


class _OpenPath:
    """A file open for one upload, which notices when it changes."""

    def __init__(self, path: Path, label: str) -> None:
        self._path = path
        self._label = label
        self._file: BinaryIO = path.open("rb", buffering=0)
        self._at = 0
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
            if offset != self._at:
                self._file.seek(offset)
            count: int = self._file.readinto(buffer)  # type: ignore[attr-defined]
            self._at = offset + count
            return count
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

"""Find what an address stands for: a file, the files of a folder or an archive, what a pattern matches."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath
from typing import Any

from ..config import MAX_FILE_BYTES
from ..errors import GemfilesError, SourceNotFound, SourceRefused
from .addresses import has_pattern, is_web, kept_address, name_in, shown_address
from .paths import is_wanted
from .read_ahead import BLOCK_BYTES, Stream
from .remote import DIGESTS, Copy, Info, RemoteSource, SpooledSource, look_at, reach, version_of
from .remote_problems import problem_of

__all__ = ["find_remote"]

LOOKERS = 16


def find_remote(
    address: str,
    label: str = "",
    *,
    is_recursive: bool = False,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
) -> Iterator[RemoteSource | SpooledSource]:
    """Yield what an address stands for: a file, the files of a folder, or those that match a pattern.

    Parameters
    ----------
    label
        What to call it instead of its own name.

    Raises
    ------
    SourceNotFound
        Nothing is there.
    SourceRefused
        It can't be read, or is too large.
    CannotConnect
        The other side was not reached.
    InvalidUsage
        Such addresses can't be read here; it says what to install.
    """
    filesystem, path = reach(address)
    try:
        found = _found(filesystem, path, address, is_recursive)
    except Exception as error:  # foreign code
        raise problem_of(error, address) from None
    if found is None:
        yield _source_of(address, label or name_in(address), {}, filesystem, path)
        return
    wanted = [item for item in found if is_wanted(PurePosixPath(item[1]), include, exclude)]
    if not wanted:
        raise _nothing(address, is_recursive=is_recursive, is_filtered=bool(found))

    def look(item: tuple[str, str, Info]) -> RemoteSource | SpooledSource | GemfilesError:
        inner, name, info = item
        try:
            called = f"{label}/{name}" if label else name
            source = _source_of(
                _address_of(inner, path, address, filesystem), called, info, filesystem, inner
            )
            source.mime_type  # noqa: B018 (many at a time, while there is someone to wait for it)
        except GemfilesError as error:
            return error
        return source

    with ThreadPoolExecutor(LOOKERS) as lookers:
        looked = list(lookers.map(look, wanted))
    for source in looked:
        if isinstance(source, GemfilesError):
            raise source
        yield source


def _found(
    filesystem: Any, path: str, address: str, is_recursive: bool
) -> list[tuple[str, str, Info]] | None:
    """Return path, name and facts of the files that an address stands for; None if it is one itself."""
    filesystem.invalidate_cache()  # what a kernel listed an hour ago is no news
    if has_pattern(address):
        matches = filesystem.glob(path, detail=True)
        named = [(inner, name_in(f"x://{inner}"), info) for inner, info in sorted(matches.items())]
    elif is_web(address) or filesystem.info(path).get("type") != "directory":
        return None
    else:
        below = filesystem.find(path, maxdepth=None if is_recursive else 1, detail=True)
        start = path.strip("/")
        named = [
            (inner, inner.strip("/").removeprefix(start).strip("/"), info)
            for inner, info in sorted(below.items())
        ]
    return [
        (inner, name, info)
        for inner, name, info in named
        if info.get("type") != "directory" and not any(part.startswith(".") for part in name.split("/"))
    ]


def _nothing(address: str, *, is_recursive: bool, is_filtered: bool) -> SourceNotFound:
    shown = shown_address(address)
    if is_filtered:
        return SourceNotFound(f"{shown} holds files, but none that --include and --exclude leave.")
    if has_pattern(address):
        return SourceNotFound(f"No file matches {shown}.")
    deeper = "" if is_recursive else "Use -r for the folders below it."
    return SourceNotFound(f"{shown} holds no files to upload.", hint=deeper)


def _address_of(inner: str, path: str, address: str, filesystem: Any) -> str:
    """Return the address of a file that was found below another address, with its credentials."""
    first, chained, rest = address.partition("::")
    first = first.rstrip("/") if path.rstrip("/") else first
    if first.endswith(path):
        return first.removesuffix(path) + inner + chained + rest
    return str(filesystem.unstrip_protocol(inner)) + chained + rest


def _source_of(
    address: str, label: str, info: Info, filesystem: Any, path: str
) -> RemoteSource | SpooledSource:
    """Return a source from what a list says of it, and what a look says where the list does not."""
    if info.get("size") is None or not version_of(info, DIGESTS):
        info = look_at(filesystem, path, address)
    version = version_of(info)
    if version:
        number = int.from_bytes(hashlib.sha256(version.encode()).digest()[:7], "big")
    else:
        number = secrets.randbits(56)
    if info.get("size") is None:
        return _spooled(Stream(filesystem, path), address, label, number)
    return RemoteSource(address, label, int(info["size"]), version, number)


def _spooled(stream: Stream, address: str, label: str, number: int) -> SpooledSource:
    """Bring a file here whose size is not known; no more of it than the service takes."""
    copy = Copy()
    try:
        while block := stream.read(copy.size, BLOCK_BYTES):
            copy.add(block)
            if copy.size > MAX_FILE_BYTES:
                raise SourceRefused(
                    f"{label} is larger than 2 GiB, which is what the service takes.",
                    hint="Split or compress it.",
                )
    except SourceRefused:
        raise
    except Exception as error:  # foreign code, or a disk that is full
        raise problem_of(error, address) from None
    finally:
        stream.close()
    return SpooledSource(label, kept_address(address), number, copy)

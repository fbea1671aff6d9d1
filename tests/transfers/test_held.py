"""A small file is read once, and what becomes of it meanwhile is noticed all the same."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import gemfiles_jupyter as gf
from gemfiles_jupyter.client.drive import SMALL_BYTES
from gemfiles_jupyter.errors import SourceChanged
from gemfiles_jupyter.offline.testing import OfflineServer
from gemfiles_jupyter.transfers.held import held
from gemfiles_jupyter.transfers.progress import Phase, Progress
from gemfiles_jupyter.transfers.sources import BytesSource, PathSource, expand

TEXT = b"Two tides a day.\n" * 100


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "tides.txt"
    path.write_bytes(TEXT)
    return path


def source_of(path: Path) -> PathSource:
    (source,) = expand([path])
    assert isinstance(source, PathSource)
    return source


def rewrite(path: Path) -> None:
    facts = path.stat()
    path.write_bytes(TEXT.upper())
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns + 1_000_000))


CHANGES: dict[str, Callable[[Path], None]] = {
    "truncated": lambda path: os.truncate(path, 10),
    "grown": lambda path: path.write_bytes(TEXT * 2) and None,
    "rewritten": rewrite,
    "removed": Path.unlink,
}


def test_it_is_what_the_source_is(path: Path) -> None:
    source = source_of(path)
    buffer = memoryview(bytearray(len(TEXT)))

    with held(source) as small:
        count = small.open().read_into(5, buffer)

        names = ("label", "size", "place", "modified_ns", "mime_type")
        assert [getattr(small, name) for name in names] == [getattr(source, name) for name in names]
    assert bytes(buffer[:count]) == TEXT[5:]


def test_only_a_small_file_is_held(tmp_path: Path) -> None:
    big = tmp_path / "big.bin"
    with big.open("wb") as file:
        file.truncate(SMALL_BYTES + 1)

    for source in (source_of(big), BytesSource(b"x", "x.txt")):
        with held(source) as same:
            assert same is source


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
@pytest.mark.usefixtures("at_server")
def test_a_small_file_that_changes_while_it_is_sent_is_not_stored(
    change: Callable[[Path], None], path: Path, server: OfflineServer
) -> None:
    server.faults({"plane": "finalize", "action": "delay", "delay_seconds": 0.5})
    changed: list[Phase] = []

    def meddle(now: tuple[Progress, ...]) -> None:
        if now[0].phase is Phase.UPLOADING and not changed:
            changed.append(now[0].phase)
            change(path)

    with pytest.raises(SourceChanged, match=r"tides\.txt"):
        gf.upload_many([path], on_progress=meddle)

    assert changed
    assert gf.list_files() == []

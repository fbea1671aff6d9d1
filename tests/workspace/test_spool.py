"""A browser's bytes on disk: room is looked for first, nothing is left behind, nothing needed is removed."""

from __future__ import annotations

import os
import resource
import shutil
import time
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gemfiles_jupyter.errors import InvalidUsage, SourceRefused
from gemfiles_jupyter.workspace import spool as module
from gemfiles_jupyter.workspace.spool import Incoming, Spool

Usage = namedtuple("Usage", "total used free")
GIB = 1024**3


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may grow beyond 1000 bytes; for a moment, as pytest's own log may be one."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def opened(spool: Spool, name: str = "a.bin", size: int = 10) -> Incoming:
    return spool.open(name, size, 7, "", "")


def receive(spool: Spool, incoming: Incoming, data: bytes) -> None:
    receiver = spool.receiver(incoming, incoming.offset)
    assert receiver is not None
    assert receiver.write(data)
    receiver.close()


def test_the_same_file_is_the_same_upload_and_any_other_is_not(spool: Spool) -> None:
    others = [spool.open(*facts, "", "") for facts in (("b.bin", 10, 7), ("a.bin", 11, 7), ("a.bin", 10, 8))]

    assert opened(spool).id == opened(spool).id
    assert len({opened(spool).id, *(other.id for other in others)}) == 4


def test_a_disk_without_room_is_told_before_a_byte(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(GIB, 0, GIB))  # noqa: ARG005
    opened(spool, "first.bin", GIB // 2)

    with pytest.raises(SourceRefused, match="has room for 268 MB"):
        opened(spool, "second.bin", GIB // 2)


def test_what_has_come_needs_no_room_again(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    receive(spool, opened(spool, size=1000), bytes(600))
    room = module.SPARE_BYTES + 500
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(room, 0, room))  # noqa: ARG005

    assert opened(spool, size=1000).offset == 600


def test_a_disk_that_fills_up_is_told(spool: Spool) -> None:
    receiver = spool.receiver(opened(spool, size=5000), 0)

    assert receiver is not None
    with full_disk(), pytest.raises(SourceRefused, match="can't keep the bytes"):
        receiver.write(bytes(5000))


def test_the_newest_request_takes_the_bytes(spool: Spool) -> None:
    incoming = opened(spool)
    old, new = spool.receiver(incoming, 0), spool.receiver(incoming, 0)

    assert old is not None
    assert new is not None
    assert not old.write(b"old")
    assert new.write(b"new")
    assert incoming.path.read_bytes() == b"new"


def test_only_one_goes_on_with_what_is_whole(spool: Spool) -> None:
    incoming = opened(spool)
    receive(spool, incoming, bytes(10))

    assert [spool.take(incoming), spool.take(incoming)] == [True, False]


def test_too_many_at_a_time_are_refused(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_OPEN", 2)
    for name in ("a", "b"):
        opened(spool, name)

    with pytest.raises(InvalidUsage, match="2 uploads are under way"):
        opened(spool, "c")
    assert opened(spool, "b"), "one that is open may be gone on with"


def test_a_link_in_the_place_of_the_bytes_is_not_followed(spool: Spool, tmp_path: Path) -> None:
    incoming = opened(spool)
    (tmp_path / "precious.txt").write_text("precious")
    incoming.path.symlink_to(tmp_path / "precious.txt")

    with pytest.raises(SourceRefused):
        spool.receiver(incoming, 8)
    assert (tmp_path / "precious.txt").read_text() == "precious"


def test_only_files_of_the_spool_are_released(spool: Spool, tmp_path: Path) -> None:
    incoming = opened(spool)
    receive(spool, incoming, b"x")
    (tmp_path / "source.txt").write_text("a user's own")

    spool.release(incoming.path)
    spool.release(tmp_path / "source.txt")

    assert not incoming.path.exists()
    assert (tmp_path / "source.txt").exists()


def test_what_is_old_and_needed_by_nobody_is_swept(spool: Spool) -> None:
    old, needed, new = (opened(spool, name) for name in ("old", "needed", "new"))
    for incoming in (old, needed, new):
        receive(spool, incoming, b"x")
    for incoming in (old, needed):
        long_ago = time.time() - module.KEPT_SECONDS - 1
        os.utime(incoming.path, (long_ago, long_ago))

    spool.sweep({str(needed.path)})

    assert [incoming.path.exists() for incoming in (old, needed, new)] == [False, True, True]


@pytest.mark.parametrize(
    ("name", "declared", "content", "kind"),
    [
        ("a.mp4", "", b"", "video/mp4"),
        ("a.py", "text/x-python", b"print()", "text/plain"),
        ("a", "", b"%PDF-1.7", "application/pdf"),
        ("a.xyz", "audio/midi", b"\x00\x01\x02\xff", "audio/midi"),
    ],
)
def test_the_type_is_ours_and_the_browsers_only_where_we_know_none(
    spool: Spool, name: str, declared: str, content: bytes, kind: str
) -> None:
    incoming = spool.open(name, 100, 7, declared, "")
    receive(spool, incoming, content)

    assert incoming.type() == kind

"""``gemfiles_offline``, as the tests of other projects use it."""

from __future__ import annotations

import os

import gemfiles_jupyter as gf
from gemfiles_jupyter.offline.testing import OfflineServer


def test_code_that_knows_nothing_of_the_server_is_sent_there(gemfiles_offline: OfflineServer) -> None:
    file = gf.upload(b"The tide turns at noon.", name="notes.txt")

    assert [each.name for each in gf.list_files()] == [file.name]
    assert any("upload" in request["path"] for request in gemfiles_offline.requests())


def test_the_next_test_starts_without_files_and_memory(gemfiles_offline: OfflineServer) -> None:
    assert gf.list_files() == []
    assert not any(os.scandir(os.environ["GEMFILES_HOME"]))
    assert gemfiles_offline.requests() != []

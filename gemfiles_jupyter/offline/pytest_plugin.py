"""``gemfiles_offline``: a pytest fixture that gives every test an empty Files API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .testing import OfflineServer


@pytest.fixture(scope="session")
def gemfiles_offline_process() -> Iterator[OfflineServer]:
    """Run one server for the whole session: starting one takes a third of a second."""
    with OfflineServer() as server:
        yield server


@pytest.fixture
def gemfiles_offline(gemfiles_offline_process: OfflineServer) -> OfflineServer:
    """Give a server without files, faults or requests, its clock right."""
    gemfiles_offline_process.reset()
    return gemfiles_offline_process

"""``gemfiles_offline``: a pytest fixture that gives a test an empty Files API, and sends its code there."""

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
def gemfiles_offline(
    gemfiles_offline_process: OfflineServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> OfflineServer:
    """Give a server without files, faults or requests, its clock right, and point the environment at it.

    For the length of the test Gemini's clients find it by ``GOOGLE_GEMINI_BASE_URL`` and ``GOOGLE_API_KEY``;
    this package remembers what it uploads in a folder of the test's own.
    """
    gemfiles_offline_process.reset()
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", gemfiles_offline_process.address)
    monkeypatch.setenv("GOOGLE_API_KEY", gemfiles_offline_process.key)
    monkeypatch.setenv("GEMFILES_HOME", str(tmp_path_factory.mktemp("gemfiles-home")))
    for name in ("GEMINI_API_KEY", "GEMFILES_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    return gemfiles_offline_process

"""One Jupyter server in a process of its own for most tests here, as starting one takes seconds."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from gemfiles_jupyter.offline.testing import OfflineServer

from .running import RunningJupyter


@pytest.fixture(scope="session")
def service() -> Iterator[OfflineServer]:
    """The service of that Jupyter server; it is not emptied in between, as its files are remembered."""
    with OfflineServer(key="canary-of-the-key-AIzaNot", processing_seconds=0.3) as service:
        yield service


@pytest.fixture(scope="session")
def shared_jupyter(
    service: OfflineServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningJupyter]:
    """Run it."""
    with RunningJupyter(tmp_path_factory.mktemp("jupyter"), service) as jupyter:
        yield jupyter


@pytest.fixture
def jupyter(shared_jupyter: RunningJupyter, service: OfflineServer) -> RunningJupyter:
    """The same, with a service that does as it should and a list without what has ended."""
    service.clear_faults()
    shared_jupyter.ask("DELETE", "transfers")
    return shared_jupyter


@pytest.fixture
def slow(service: OfflineServer, jupyter: RunningJupyter) -> Iterator[OfflineServer]:
    """Data requests take a moment."""
    assert jupyter
    service.faults({"plane": "data", "action": "delay", "delay_seconds": 1.2, "count": 500})
    yield service
    service.clear_faults()


@pytest.fixture
def stuck(service: OfflineServer, jupyter: RunningJupyter) -> Iterator[OfflineServer]:
    """The first segment arrives; then the service is busy until the faults are cleared."""
    assert jupyter
    service.faults({"plane": "data", "action": "answer", "status": 503, "nth": 2, "count": 100_000})
    yield service
    service.clear_faults()


@pytest.fixture
def big(tmp_path: Path) -> Path:
    """A source of several segments that nobody has sent, outside of what the file browser shows."""
    path = tmp_path / f"{tmp_path.name}.bin"
    with path.open("wb") as file:
        file.write(secrets.token_bytes(64))
        file.truncate(64 * 1024 * 1024)
    return path

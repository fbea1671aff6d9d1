"""Every test has its own home, no key, no proxy, and the offline server as the world outside."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from gemfiles_jupyter.config import Endpoint, Secret
from gemfiles_jupyter.offline import launcher
from gemfiles_jupyter.offline.testing import OfflineServer

REPOSITORY = Path(__file__).parents[1]
MEDIA = REPOSITORY / "notebooks" / "media"
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
FOREIGN = ("GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL", "GEMFILES_OFFLINE")
PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def pytest_configure(config: pytest.Config) -> None:
    """Isolate this process and every kernel it starts, before anything is collected."""
    for name in (*FOREIGN, *PROXIES, *(name.upper() for name in PROXIES)):
        os.environ.pop(name, None)
    is_worker = hasattr(config, "workerinput")  # one of several at once: each has a home of its own
    if is_worker or "GEMFILES_HOME" not in os.environ:
        os.environ["GEMFILES_HOME"] = tempfile.mkdtemp(prefix="gemfiles-home-")
        config.add_cleanup(_remove_home)


def _remove_home() -> None:
    home = Path(os.environ.pop("GEMFILES_HOME"))
    launcher.stop(home)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def shared_server() -> Iterator[OfflineServer]:
    """One offline server for the whole run; tests use `server`, which empties it first."""
    with OfflineServer() as server:
        yield server


@pytest.fixture
def server(shared_server: OfflineServer) -> OfflineServer:
    """An empty offline server with test control, where videos are processed in an instant."""
    shared_server.reset()
    shared_server.set(processing_seconds=0.3)
    return shared_server


@pytest.fixture
def endpoint(server: OfflineServer) -> Endpoint:
    """How a client reaches that server."""
    return Endpoint(server.address, Secret(server.key), is_offline=True)


@pytest.fixture
def at_server(server: OfflineServer, monkeypatch: pytest.MonkeyPatch) -> OfflineServer:
    """The same server, named by the environment, as for a user who set the base URL."""
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.address)
    monkeypatch.setenv("GOOGLE_API_KEY", server.key)
    return server


@pytest.fixture(scope="session")
def media() -> Path:
    """The sample media of the tutorials."""
    return MEDIA


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let no test skip in CI."""
    return _without_skips((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Let no file of tests skip in CI."""
    return _without_skips((yield))


def _without_skips(report: Report) -> Report:
    """Under ``CI=true`` what skips has failed: what CI needs is installed there."""
    if report.skipped and os.environ.get("CI") == "true":
        report.longrepr = f"{report.nodeid} was skipped in CI: {report.longreprtext}"
        report.outcome = "failed"
    return report

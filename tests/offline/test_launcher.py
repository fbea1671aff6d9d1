"""Finding, starting and stopping the user's server."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from gemfiles_jupyter.offline import launcher
from gemfiles_jupyter.offline.runtime import Runtime


@pytest.fixture
def home(tmp_path):
    yield tmp_path
    launcher.stop(tmp_path)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_importing_it_loads_no_server():
    code = (
        "import sys, gemfiles_jupyter.offline.launcher, gemfiles_jupyter.offline.serve;"
        "print([name for name in ('tornado', 'pymediainfo', 'http.client', 'asyncio', 'sqlite3') "
        "if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_nothing_is_found_where_nothing_runs(home):
    assert launcher.find(home) is None
    assert launcher.stop(home) is False


def test_a_started_server_is_found_and_its_secrets_are_private(home):
    running = launcher.ensure(home)

    assert launcher.find(home) == running
    assert launcher.ensure(home) == running
    assert running.data == home / "offline" / "data"
    assert mode(home / "offline") == 0o700
    for name in ("server.json", "key", "server.log"):
        assert mode(home / "offline" / name) == 0o600
    assert mode(running.data) == 0o700
    assert running.key not in repr(running)


def test_processes_that_call_at_once_start_one_server(home):
    code = (
        "import sys, pathlib; from gemfiles_jupyter.offline import launcher;"
        "print(launcher.ensure(pathlib.Path(sys.argv[1])).pid)"
    )

    def ask(_: int) -> str:
        return subprocess.run(
            [sys.executable, "-c", code, str(home)], capture_output=True, text=True, check=True
        ).stdout

    with ThreadPoolExecutor(10) as pool:
        pids = set(pool.map(ask, range(10)))

    assert len(pids) == 1


def test_files_and_key_survive_a_stop(home, wire_to):
    first = launcher.ensure(home)
    name = wire_to(first).upload(b"x")["name"]

    stopped = launcher.stop(home)
    gone = launcher.find(home)
    second = launcher.ensure(home)

    assert stopped
    assert gone is None
    assert second.key == first.key
    assert wire_to(second).names() == [name]


def test_a_server_that_the_user_runs_on_the_own_folder_is_found(home):
    code = (
        "import argparse, pathlib, sys; from gemfiles_jupyter.offline.serve import add_arguments, serve;"
        "parser = argparse.ArgumentParser();"
        "add_arguments(parser, default_data=pathlib.Path(sys.argv[1]) / 'offline' / 'data');"
        "sys.exit(serve(parser.parse_args([])))"
    )
    command = [sys.executable, "-c", code, str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()

        found = launcher.ensure(home)
        second = subprocess.run(command, capture_output=True, text=True, check=False)
        process.terminate()

    assert (found.address, found.pid) == (address, process.pid)
    assert second.returncode == 1


def test_stopping_and_starting_at_once_never_meets_the_old_server(home):
    for _ in range(5):
        launcher.ensure(home)
        assert launcher.stop(home)


def test_a_runtime_file_of_a_killed_server_is_stale(home):
    running = launcher.ensure(home)
    os.kill(running.pid, 9)
    while Path(f"/proc/{running.pid}").exists() and launcher.find(home):
        pass

    assert launcher.find(home) is None
    assert launcher.ensure(home).pid != running.pid


class Stranger(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"server": "gemfiles offline server", "version": "1", "instance": "another"})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


def test_another_server_on_the_same_port_is_not_ours(tmp_path):
    with HTTPServer(("127.0.0.1", 0), Stranger) as stranger:
        thread = threading.Thread(target=stranger.serve_forever)
        thread.start()
        runtime = {"address": f"http://127.0.0.1:{stranger.server_port}", "pid": 1, "data": "x"}
        (tmp_path / "offline").mkdir()
        (tmp_path / "offline" / "server.json").write_text(
            json.dumps({**runtime, "instance": "mine", "key": "k"})
        )

        found = launcher.find(tmp_path)
        stopped = launcher.stop(tmp_path)

        stranger.shutdown()
        thread.join()
    assert found is None
    assert stopped is False


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"address": 5}', '{"address": "x", "pid": "y"}'])
def test_a_runtime_file_that_makes_no_sense_is_ignored(tmp_path, text):
    (tmp_path / "offline").mkdir()
    (tmp_path / "offline" / "server.json").write_text(text)

    assert launcher.find(tmp_path) is None


def test_real_keys_do_not_reach_the_child(home, monkeypatch):
    for name in ("GOOGLE_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.setenv(name, "a-real-key")

    running = launcher.ensure(home)

    if sys.platform == "linux":
        assert b"a-real-key" not in Path(f"/proc/{running.pid}/environ").read_bytes()
        assert running.key.encode() not in Path(f"/proc/{running.pid}/cmdline").read_bytes()


def test_proxies_are_ignored(home, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert launcher.ensure(home) == launcher.find(home)


@pytest.fixture
def owner_token(home) -> str:
    launcher.ensure(home)
    return json.loads((home / "offline" / "server.json").read_text())["owner_token"]


def test_its_owner_moves_the_clock_and_learns_what_expired(home, wire_to):
    wire = wire_to(launcher.ensure(home))
    for _ in range(3):
        wire.upload(b"x")

    day = launcher.advance(home, 86400)
    two_days = launcher.advance(home, 86400)
    found = launcher.find(home)
    names = wire.names()
    back = launcher.advance(home, -2 * 86400)

    assert (day.ahead_seconds, day.expired_files) == (86400, 0)
    assert (two_days.ahead_seconds, two_days.expired_files) == (2 * 86400, 3)
    assert found.clock_ahead_seconds == 2 * 86400
    assert names == wire.names() == []
    assert (back.ahead_seconds, back.expired_files) == (0, 0)


def test_its_owner_empties_it_and_its_clock_is_right_again(home, wire_to):
    wire = wire_to(launcher.ensure(home))
    launcher.advance(home, 3600)
    wire.upload(b"x")
    wire.upload(b"y")

    removed = launcher.reset(home)

    assert removed == 2
    assert wire.names() == []
    assert launcher.find(home).clock_ahead_seconds == 0
    assert list((home / "offline" / "data" / "blobs").iterdir()) == []


def test_a_moved_clock_and_what_it_did_survive_a_stop(home):
    launcher.advance(home, 3600)
    launcher.stop(home)

    moved = launcher.advance(home, 60)  # starts it again

    assert moved.ahead_seconds == 3660


@pytest.mark.parametrize("seconds", [2e9, -2e9, 1e300])
def test_the_clock_goes_no_further_than_dates_do(home, seconds):
    launcher.advance(home, 9e8)

    for step in (seconds, 9e8):
        with pytest.raises(ValueError, match="30 years"):
            launcher.advance(home, step)

    assert launcher.find(home).clock_ahead_seconds == 9e8


def test_the_owner_token_opens_the_clock_and_nothing_else(home, wire_to, owner_token):
    wire = wire_to(launcher.ensure(home))
    token = {"X-Control-Token": owner_token}

    def status(method: str, action: str, headers: dict[str, str]) -> int:
        return wire.request(method, f"/__control/{action}", {"seconds": 1}, headers).status

    closed = [("GET", "requests"), ("GET", "settings"), ("GET", "faults")]
    closed += [("POST", name) for name in ("settings", "faults", "generated", "clear-requests", "x")]

    assert status("POST", "advance", token) == 200
    assert {status(method, action, token) for method, action in closed} == {404}
    assert status("POST", "advance", {}) == status("POST", "reset", {"X-Control-Token": "guess"}) == 403
    assert status("POST", "advance", {**token, "Origin": "https://evil.test"}) == 403
    assert status("POST", "reset", {**token, "Host": "evil.test"}) == 403
    assert status("POST", "reset", {**token, "Sec-Fetch-Site": "cross-site"}) == 403


def test_the_owner_token_is_new_at_every_start_and_nowhere_else(home, owner_token):
    running = launcher.ensure(home)
    moved = launcher.advance(home, 60)

    if sys.platform == "linux":
        assert owner_token.encode() not in Path(f"/proc/{running.pid}/cmdline").read_bytes()
        assert owner_token.encode() not in Path(f"/proc/{running.pid}/environ").read_bytes()
    assert owner_token not in repr((running, moved, Runtime.read(home / "offline" / "server.json")))
    for path in (home / "offline").rglob("*"):
        if path.is_file() and path.name != "server.json":
            assert owner_token.encode() not in path.read_bytes()
    launcher.stop(home)
    launcher.ensure(home)
    assert json.loads((home / "offline" / "server.json").read_text())["owner_token"] != owner_token


def test_a_server_of_an_older_version_says_what_to_do(home):
    launcher.ensure(home)
    path = home / "offline" / "server.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "owner_token": ""}))

    with pytest.raises(launcher.OfflineServerError, match="stop it"):
        launcher.advance(home, 1)


def test_a_server_that_cannot_start_tells_the_end_of_its_log(tmp_path):
    (tmp_path / "offline").mkdir()
    (tmp_path / "offline" / "data").write_text("a file in the way")

    with pytest.raises(launcher.OfflineServerError, match=r"did not start[^$]*data"):
        launcher.ensure(tmp_path)

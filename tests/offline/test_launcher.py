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


def test_a_server_that_cannot_start_tells_the_end_of_its_log(tmp_path):
    (tmp_path / "offline").mkdir()
    (tmp_path / "offline" / "data").write_text("a file in the way")

    with pytest.raises(launcher.OfflineServerError, match=r"did not start[^$]*data"):
        launcher.ensure(tmp_path)

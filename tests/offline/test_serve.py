"""The process: its line, its folder, its end."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gemfiles_jupyter.offline.launcher import OfflineServerError
from gemfiles_jupyter.offline.serve import serve
from gemfiles_jupyter.offline.testing import OfflineServer


def command(*options: object) -> list[str]:
    return [sys.executable, "-m", "gemfiles_jupyter.offline", *map(str, options)]


@pytest.fixture
def run(tmp_path):
    processes = []

    def run(*options: object, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command("--data", tmp_path / "data", *options),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        processes.append(process)
        return process

    yield run
    for process in processes:
        process.kill()
        process.communicate()


def test_the_first_and_only_line_is_the_address(run):
    process = run()
    address = process.stdout.readline()

    process.terminate()
    rest, errors = process.communicate(timeout=30)

    assert address.startswith("http://127.0.0.1:")
    assert (rest, errors, process.returncode) == ("", "", 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_takes_the_runtime_file_away(run, tmp_path, number):
    process = run("--runtime", tmp_path / "server.json")
    process.stdout.readline()
    was_there = (tmp_path / "server.json").exists()

    process.send_signal(number)

    assert process.wait(30) == 0
    assert was_there
    assert not (tmp_path / "server.json").exists()


def test_a_signal_lets_a_half_sent_upload_be_resumed(wire_to, tmp_path):
    with OfflineServer(tmp_path / "data") as server:
        wire = wire_to(server)
        session = wire.start(10_000_000)
        with wire.half_open(session, bytes(1_000_000), 10_000_000, "upload, finalize"):
            while not server.requests() or not list((server.data / "blobs").iterdir()):
                pass
            code = server.stop()
        server.start()

        assert code == 0
        received = wire.query(session).received
        rest = wire.command(session, "upload, finalize", bytes(10_000_000 - received), received)
        assert rest.status == 200


def test_the_second_server_on_a_folder_says_so_and_leaves(run):
    run().stdout.readline()

    second = run()
    output, errors = second.communicate(timeout=30)

    assert (second.returncode, output) == (1, "")
    assert errors.count("\n") == 1
    assert "already uses the data folder" in errors


def test_a_port_that_is_taken_is_said_in_one_line(run, tmp_path):
    port = run().stdout.readline().strip().rpartition(":")[2]

    second = subprocess.run(
        command("--data", tmp_path / "other", "--port", port), capture_output=True, text=True, check=False
    )

    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr.startswith(f"Can't listen on 127.0.0.1:{port}")


def refusal_of(folder: Path) -> str:
    done = subprocess.run(command("--data", folder), capture_output=True, text=True, check=False, timeout=30)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_a_linked_data_folder_is_refused(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")

    assert "symbolic link" in refusal_of(tmp_path / "link")
    assert list((tmp_path / "real").iterdir()) == []


def test_a_file_in_place_of_the_data_folder_is_refused(tmp_path):
    (tmp_path / "data").write_text("x")

    assert "is no folder" in refusal_of(tmp_path / "data")


@pytest.mark.parametrize("mode", [0o500, 0o555], ids=oct)
def test_a_read_only_data_folder_is_refused_and_stays_as_it_is(tmp_path, mode):
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(mode)

    assert "read-only" in refusal_of(tmp_path / "data")
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == mode
    assert list((tmp_path / "data").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no owner of that kind")
def test_a_data_folder_of_another_user_is_refused(tmp_path):
    folder = Path("/usr")  # root's: another's for anybody else
    if os.geteuid() == 0:
        folder = tmp_path / "data"
        folder.mkdir()
        os.chown(folder, 1, -1)

    assert "belongs to another user" in refusal_of(folder)


def test_it_stops_when_idle(run):
    process = run("--idle-minutes", 0.005)

    assert process.wait(30) == 0


def test_it_stops_when_idle_after_requests(run, wire_to):
    process = run("--idle-minutes", 0.04)
    server = OfflineServer()
    server.address = process.stdout.readline().strip()

    answer = wire_to(server).get("/v1beta/files")

    assert answer.status == 200
    assert process.wait(30) == 0


@pytest.mark.parametrize(
    "options", [["--port", "70000"], ["--port", "x"], ["--processing-seconds", "-1"], ["--idle-minutes", "x"]]
)
def test_options_that_make_no_sense_are_refused(tmp_path, options, capsys):
    with pytest.raises(SystemExit):
        serve(["--data", str(tmp_path), *options])

    assert "is no" in capsys.readouterr().err


def test_the_access_log_has_no_secrets_and_no_control_characters(run, wire_to):
    process = run("-v")
    address = process.stdout.readline().strip()
    server = OfflineServer()
    server.address = address
    wire = wire_to(server)

    session = wire.start(3)
    wire.command(session, "upload, finalize", b"abc", 0)
    wire.get("/v1beta/files/a%0ab%1b[31m?key=the-secret-key", key=None)
    process.terminate()
    _, log = process.communicate(timeout=30)

    assert "POST /upload/v1beta/files [upload, finalize] 200 3 B" in log
    assert log.count("\n") == 3
    assert "the-secret-key" not in log
    assert "upload_id" not in log
    assert "\x1b" not in log


def test_other_addresses_come_with_a_warning(run):
    process = run("--host", "0.0.0.0")
    address = process.stdout.readline()

    process.terminate()
    _, errors = process.communicate(timeout=30)

    assert address.startswith("http://127.0.0.1:")
    assert errors.startswith("Warning: listening on 0.0.0.0")


def test_the_environment_sets_the_processing_time(run, wire_to, mp4):
    process = run(GEMFILES_OFFLINE_PROCESSING_SECONDS="0")
    server = OfflineServer()
    server.address = process.stdout.readline().strip()

    assert wire_to(server).upload(mp4, "video/mp4")["state"] == "ACTIVE"


def test_control_is_not_there_unless_asked_for(run, wire_to):
    server = OfflineServer()
    server.address = run().stdout.readline().strip()

    answer = wire_to(server).get("/__control/requests", headers={"X-Control-Token": ""})

    assert answer.status == 404


def test_an_allowed_origin_may_come_in(run, wire_to):
    server = OfflineServer()
    server.address = run("--allow-origin", "http://localhost:8888").stdout.readline().strip()
    wire = wire_to(server)

    assert wire.get("/v1beta/files", headers={"Origin": "http://localhost:8888"}).status == 200
    assert wire.get("/v1beta/files", headers={"Origin": "http://localhost:8889"}).status == 403


def test_a_server_that_cannot_start_says_why(tmp_path):
    (tmp_path / "data").write_text("a file, not a folder")

    with pytest.raises(OfflineServerError, match="data"):
        OfflineServer(tmp_path / "data").start()

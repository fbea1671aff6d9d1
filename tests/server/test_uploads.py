"""A browser's bytes: slice by slice, once each, in order, over reloads and restarts, in little memory."""

from __future__ import annotations

import hashlib
import secrets
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from gemfiles_jupyter.client import Client
from gemfiles_jupyter.config import Endpoint, Secret
from gemfiles_jupyter.offline.testing import OfflineServer

from .running import TOKEN, RunningJupyter, until

MIB = 1024 * 1024
SLICE = 8 * MIB


class Browser:
    """A page that uploads one file."""

    def __init__(self, jupyter: RunningJupyter, content: bytes, name: str) -> None:
        self.jupyter, self.content, self.name = jupyter, content, name
        self.id = ""

    def open(self) -> int:
        """Say what is to come, and return how much of it is there."""
        message = {"name": self.name, "size": len(self.content), "lastModified": 7, "mimeType": ""}
        answer = self.jupyter.ask("POST", "uploads", message)
        assert answer.status_code == 200, answer.text
        self.id = answer.json()["id"]
        return int(answer.json()["offset"])

    def put(self, offset: int, size: int = SLICE) -> requests.Response:
        """Send one slice."""
        return self.jupyter.ask(
            "PUT", f"uploads/{self.id}", body=self.content[offset : offset + size], offset=offset
        )

    def finish(self, offset: int) -> None:
        """Send the rest."""
        while offset < len(self.content):
            answer = self.put(offset)
            assert answer.status_code == 200, answer.text
            offset = answer.json()["offset"]


@pytest.fixture
def browser(jupyter: RunningJupyter) -> Browser:
    return Browser(jupyter, secrets.token_bytes(40 * MIB), name=f"film-{secrets.token_hex(4)}.bin")


def spooled(page: Browser) -> list[Path]:
    """Return the files that hold a page's bytes."""
    return list((page.jupyter.home / "spool").glob(f"{page.id}*"))


def stored_sha256(service: OfflineServer, name: str) -> str | None:
    return Client(endpoint=Endpoint(service.address, Secret(service.key))).files.get(name).sha256


def test_all_slices_arrive_as_one_file(browser: Browser, service: OfflineServer) -> None:
    assert browser.open() == 0

    browser.finish(0)
    row = browser.jupyter.await_transfer(browser.id, "done")

    assert (row["label"], row["size"]) == (browser.name, 40 * MIB)
    assert stored_sha256(service, row["file"]) == hashlib.sha256(browser.content).hexdigest()
    assert spooled(browser) == []


def test_a_wrong_offset_is_answered_with_the_right_one(browser: Browser) -> None:
    browser.open()
    browser.put(0)

    answers = [browser.put(0), browser.put(5), browser.put(2 * SLICE)]
    answers += [
        browser.jupyter.ask("PUT", f"uploads/{browser.id}", body=b"x", offset=at) for at in ("", "x", -1)
    ]

    assert [answer.status_code for answer in answers] == [409] * 6
    assert {answer.json()["offset"] for answer in answers} == {SLICE}
    assert browser.jupyter.ask("GET", f"uploads/{browser.id}").json() == {"id": browser.id, "offset": SLICE}
    browser.jupyter.ask("DELETE", f"uploads/{browser.id}")


def test_after_a_reload_it_goes_on_where_it_was(browser: Browser, service: OfflineServer) -> None:
    browser.open()
    browser.put(0)
    browser.put(SLICE)

    again = Browser(browser.jupyter, browser.content, browser.name)

    assert again.open() == 2 * SLICE
    assert again.id == browser.id
    again.finish(2 * SLICE)
    row = browser.jupyter.await_transfer(browser.id, "done")
    assert stored_sha256(service, row["file"]) == hashlib.sha256(browser.content).hexdigest()


def test_a_slice_that_breaks_off_counts_as_far_as_it_came(browser: Browser, service: OfflineServer) -> None:
    browser.open()
    host, port = browser.jupyter.address
    head = f"PUT /gemfiles/api/uploads/{browser.id}?offset=0 HTTP/1.1\r\nHost: {host}:{port}\r\n"
    head += f"Authorization: token {TOKEN}\r\nContent-Length: {SLICE}\r\n\r\n"
    with socket.create_connection((host, port)) as connection:
        connection.sendall(head.encode() + browser.content[: 3 * MIB])
        until(lambda: browser.open() == 3 * MIB)

    browser.finish(3 * MIB)

    row = browser.jupyter.await_transfer(browser.id, "done")
    assert stored_sha256(service, row["file"]) == hashlib.sha256(browser.content).hexdigest()


def test_two_pages_that_send_the_same_file_do_not_mix_it(browser: Browser, service: OfflineServer) -> None:
    browser.open()

    def send(page: Browser) -> None:
        offset = page.open()
        while offset < len(page.content):
            answer = page.put(offset, MIB)
            if answer.status_code == 404:  # the other page has sent the last of it
                return
            offset = answer.json()["offset"]

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(send, [Browser(browser.jupyter, browser.content, browser.name) for _ in range(2)]))

    row = browser.jupyter.await_transfer(browser.id, "done")
    assert stored_sha256(service, row["file"]) == hashlib.sha256(browser.content).hexdigest()


def test_what_is_given_up_leaves_nothing(browser: Browser) -> None:
    browser.open()
    browser.put(0)

    answers = [browser.jupyter.ask("DELETE", f"uploads/{browser.id}") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]
    assert browser.jupyter.ask("GET", f"uploads/{browser.id}").status_code == 404
    assert browser.put(SLICE).status_code == 404
    assert spooled(browser) == []
    assert browser.open() == 0
    browser.jupyter.ask("DELETE", f"uploads/{browser.id}")


def test_the_same_file_again_is_not_sent_again(browser: Browser) -> None:
    browser.open()
    browser.finish(0)
    browser.jupyter.await_transfer(browser.id, "done")

    assert browser.open() == len(browser.content)


def test_an_empty_file_is_sent_with_one_empty_slice(jupyter: RunningJupyter) -> None:
    page = Browser(jupyter, b"", name=f"{secrets.token_hex(4)}.txt")

    assert page.open() == 0
    assert page.put(0).json() == {"offset": 0}
    jupyter.await_transfer(page.id, "done", "failed")


@pytest.mark.parametrize(
    ("message", "status", "said"),
    [
        ({"name": "a.mp4", "size": 3 * 1024**3}, 422, "up to 2 GiB"),
        ({"name": "a.pdf", "size": 60_000_000}, 422, "PDFs up to 50 MB"),
        ({"name": "a", "size": 60_000_000, "mimeType": "application/pdf"}, 422, "PDFs up to 50 MB"),
        ({"name": "a.bin", "size": -1}, 400, "a name and a size"),
        ({"name": "", "size": 1}, 400, "a name and a size"),
        ({"name": "a.bin"}, 400, "a size"),
        ({"name": "a.bin", "size": "1"}, 400, "a size"),
        ({"name": "a.bin", "size": True}, 400, "a size"),
        ({"name": 1, "size": 1}, 400, "name"),
        ({"name": "a.bin", "size": 1, "variable": "a b"}, 400, "variable"),
    ],
)
def test_what_can_not_be_taken_is_refused_before_a_byte(
    jupyter: RunningJupyter, message: dict[str, object], status: int, said: str
) -> None:
    answer = jupyter.ask("POST", "uploads", message)

    assert answer.status_code == status
    assert said in answer.json()["message"]


def test_slices_have_a_size_and_an_end(browser: Browser) -> None:
    browser.open()

    too_big = browser.put(0, SLICE + 1)
    unknown_size = browser.jupyter.ask("PUT", f"uploads/{browser.id}", body=iter([b"x"]), offset=0)
    beyond = Browser(browser.jupyter, b"12345", name="five.txt")
    beyond.open()
    over = browser.jupyter.ask("PUT", f"uploads/{beyond.id}", body=b"123456", offset=0)

    assert [too_big.status_code, unknown_size.status_code, over.status_code] == [413, 400, 400]
    assert browser.jupyter.ask("GET", f"uploads/{browser.id}").json()["offset"] == 0
    for page in (browser, beyond):
        browser.jupyter.ask("DELETE", f"uploads/{page.id}")


@pytest.mark.parametrize(
    "name", ["../../x.txt", "C:\\x\\y.txt", "/etc/passwd", "a\nb.txt", "ü" * 300 + ".txt"]
)
def test_a_name_is_only_a_name(jupyter: RunningJupyter, name: str) -> None:
    page = Browser(jupyter, secrets.token_bytes(9), name=name)
    page.open()
    page.finish(0)

    row = jupyter.await_transfer(page.id, "done")

    assert "/" not in row["label"]
    assert "\n" not in row["label"]


def test_cancelling_the_transfer_removes_the_bytes(browser: Browser, stuck: OfflineServer) -> None:
    assert stuck
    browser.open()
    browser.finish(0)
    browser.jupyter.await_transfer(browser.id, "uploading", "retrying")
    (path,) = spooled(browser)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700

    browser.jupyter.ask("POST", f"transfers/{browser.id}", {"action": "cancel"})

    browser.jupyter.await_transfer(browser.id, "cancelled")
    assert spooled(browser) == []


# With a server of their own


@pytest.fixture
def own(service: OfflineServer, tmp_path: Path) -> Iterator[RunningJupyter]:
    """A Jupyter server that may be killed."""
    service.clear_faults()
    with RunningJupyter(tmp_path / "own", service) as own:
        yield own
    service.clear_faults()


def test_a_killed_server_goes_on_with_bytes_and_transfers(
    own: RunningJupyter, service: OfflineServer
) -> None:
    half, whole = (
        Browser(own, secrets.token_bytes(20 * MIB), name=f"{name}.bin") for name in ("half", "whole")
    )
    service.faults({"plane": "data", "action": "answer", "status": 503, "nth": 2, "count": 100_000})
    for page in (half, whole):
        page.open()
    half.put(0)
    whole.finish(0)
    until(lambda: own.await_transfer(whole.id, "uploading", "retrying")["sent"] > 0)

    own.kill()
    service.clear_faults()
    own.start()
    (row,) = own.transfers()
    own.ask("POST", f"transfers/{row['id']}", {"action": "resume"})

    assert (row["phase"], row["note"], row["label"]) == ("paused", "interrupted", "whole.bin")
    assert half.open() == SLICE
    half.finish(SLICE)
    for page, id in ((half, half.id), (whole, row["id"])):  # noqa: A001
        done = own.await_transfer(id, "done")
        assert stored_sha256(service, done["file"]) == hashlib.sha256(page.content).hexdigest()
        assert spooled(page) == []


def test_memory_does_not_grow_with_what_is_sent(own: RunningJupyter) -> None:
    small = Browser(own, secrets.token_bytes(SLICE), name="small.bin")
    small.open()
    small.finish(0)
    own.await_transfer(small.id, "done")
    before = own.peak_bytes()

    page = Browser(own, secrets.token_bytes(160 * MIB), name="large.bin")
    page.open()
    page.finish(0)
    own.await_transfer(page.id, "done")

    assert own.peak_bytes() - before < 48 * MIB


def test_nothing_secret_is_told(own: RunningJupyter, service: OfflineServer) -> None:
    """Neither the key nor an upload URL nor a path is in a body, a header, an event or the log."""
    service.faults({"plane": "data", "action": "answer", "status": 503, "nth": 2, "count": 100_000})
    with (own.root / "shown.bin").open("wb") as file:
        file.write(secrets.token_bytes(64))
        file.truncate(20 * MIB)
    page = Browser(own, secrets.token_bytes(20 * MIB), name="dropped.bin")
    with own.listen() as heard:
        page.open()
        page.finish(0)
        (id,) = own.ask("POST", "transfers", {"paths": ["shown.bin"]}).json()["transfers"]  # noqa: A001
        for each in (id, page.id):
            until(lambda each=each: own.await_transfer(each, "uploading", "retrying")["sent"] > 0)
        journal = b"".join(path.read_bytes() for path in own.home.glob("journal.db*"))
        sessions = {part.split(b"&")[0][:40] for part in journal.split(b"upload_id=")[1:]}
        own.ask("POST", f"transfers/{id}", {"action": "pause"})
        own.await_transfer(id, "paused")
        service.clear_faults()
        own.ask("POST", f"transfers/{id}", {"action": "resume"})
        for each in (id, page.id):
            own.await_transfer(each, "done")
        for method, route, message in (
            ("GET", "files", None),
            ("GET", "status", None),
            ("POST", "files/renew", {"name": "files/none"}),
            ("POST", "transfers", {"paths": ["../journal.db"]}),
            ("PUT", "uploads/ab", None),
        ):
            own.ask(method, route, message)
        events = str(heard.heard)

    told = "".join(own.bodies) + events + own.log()
    assert heard.heard
    assert sessions, "there was something to give away"
    for secret in (service.key, *(session.decode()[:12] for session in sessions), "upload_id", str(own.home)):
        assert secret not in told
    assert str(own.root) not in "".join(own.bodies) + events

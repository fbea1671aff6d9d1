"""The key and the upload URLs are in nothing that a notebook shows, saves or logs."""

from __future__ import annotations

import copy
import dataclasses
import json
import logging
import pickle
import socket
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3.connection
import urllib3.response

from gemfiles_jupyter.client import Client
from gemfiles_jupyter.client.files import Files
from gemfiles_jupyter.client.prompts import PromptOptions, Prompts
from gemfiles_jupyter.client.transport import Transport
from gemfiles_jupyter.client.uploads import Pulse, Stopped, Uploads
from gemfiles_jupyter.config import SERVICE_URL, Endpoint, Secret
from gemfiles_jupyter.errors import GemfilesError

from .conftest import KEY, Asked, Given, OddServer, OddServers, Sender
from .fault_schedules import CLOCK

UPLOAD_ID = "canary-of-the-upload-url"
BIG = bytes(2 * 1024 * 1024)


def assert_silent(text: str) -> None:
    assert KEY not in text
    assert UPLOAD_ID not in text


def opened(asked: Asked) -> Given:
    """Play a service that takes everything."""
    if asked.command == "start":
        url = f"http://127.0.0.1:1/upload?upload_id={UPLOAD_ID}&upload_protocol=resumable"
        return Given(200, {"X-Goog-Upload-URL": url, "X-Goog-Upload-Status": "active"})
    if asked.method == "POST":
        file = {"file": {"name": "files/abc", "sizeBytes": str(len(BIG))}}
        return Given(200, {"X-Goog-Upload-Status": "final"}, json.dumps(file).encode())
    return Given(200, {}, b'{"name": "files/abc"}')


# Objects


def texts_in(thing: object, seen: set[int]) -> Iterator[str]:
    """Yield every text that is reachable through attributes and containers, but for secrets."""
    if id(thing) in seen or isinstance(thing, (Secret, type)) or callable(thing):
        return
    seen.add(id(thing))
    if isinstance(thing, (str, bytes, bytearray)):
        yield thing if isinstance(thing, str) else bytes(thing).decode("latin-1")
    elif isinstance(thing, dict):
        for item in thing.items():
            yield from texts_in(item, seen)
    elif isinstance(thing, (list, tuple, set, frozenset)):
        for item in thing:
            yield from texts_in(item, seen)
    else:
        slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
        for name in {*getattr(thing, "__dict__", {}), *slots}:
            yield from texts_in(getattr(thing, name, None), seen)


THINGS: dict[str, Callable[[Client], object]] = {
    "client": lambda client: client,
    "endpoint": lambda client: client.endpoint,
    "key": lambda client: client.endpoint.key,
    "transport": lambda client: client.transport,
    "files": lambda client: client.files,
    "uploads": lambda client: client.uploads,
    "prompts": lambda client: client.prompts,
}


@pytest.fixture(params=THINGS.values(), ids=THINGS.keys())
def thing(request: pytest.FixtureRequest, odd: OddServers) -> object:
    """One object of a client that has spoken to the service."""
    client = Client(KEY, base_url=odd(opened).address)
    client.files.get("abc")
    return request.param(client)


@pytest.mark.parametrize("show", [str, repr, "{}".format, "{!r}".format, "%s".__mod__], ids=range(5))
def test_no_object_shows_the_key(thing: object, show: Callable[[object], str]) -> None:
    assert_silent(show(thing))


def test_no_attribute_of_any_object_holds_the_key(thing: object) -> None:
    for text in texts_in(thing, set()):
        assert_silent(text)


@pytest.mark.parametrize("save", [pickle.dumps, copy.copy, copy.deepcopy, dataclasses.asdict])
def test_no_copy_of_an_object_holds_the_key_in_the_open(thing: Any, save: Callable[[Any], object]) -> None:
    try:
        saved = save(thing)
    except TypeError as error:  # it refuses, as a secret does
        assert_silent(str(error))
        return

    for text in texts_in(saved, set()):
        assert_silent(text)


def test_a_secret_only_comes_out_by_its_name() -> None:
    secret = Secret(KEY)

    with pytest.raises(TypeError, match="secret"):
        pickle.dumps(secret)
    assert f"{secret} {secret!r}" == "Secret(***) Secret(***)"
    assert secret.reveal() == KEY
    assert secret == Secret(KEY)
    assert not Secret("")


# Errors


def refused(_: OddServers) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    Transport(Endpoint(f"http://127.0.0.1:{port}", Secret(KEY)), sleep=CLOCK.skip).call(
        "GET", "/v1beta/files"
    )


def not_tls(odd: OddServers) -> None:
    server = odd(opened)
    endpoint = Endpoint(f"https://127.0.0.1:{server.port}", Secret(KEY))
    Transport(endpoint, sleep=CLOCK.skip).call("GET", "/v1beta/files")


def refused_upload(_: OddServers) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    Sender(Endpoint(f"http://127.0.0.1:{port}", Secret(KEY))).send(BIG)


def transport_to(server: OddServer) -> Transport:
    return Transport(server.endpoint(), sleep=CLOCK.skip)


def forbidden(odd: OddServers) -> None:
    message = f"The key {KEY} may not see the File x."
    error = json.dumps({"error": {"code": 403, "message": message, "status": "PERMISSION_DENIED"}})
    Files(transport_to(odd(lambda _: Given(403, {}, error.encode())))).get("x")


def a_page_instead(odd: OddServers) -> None:
    Files(transport_to(odd(lambda _: Given(200, {}, f"<html>{KEY}".encode())))).get("x")


def broken_answer(odd: OddServers) -> None:
    cut = Given(200, {"Content-Length": "1000"}, b"{")
    Files(transport_to(odd(lambda _: cut))).get("x")


def broken_stream(odd: OddServers) -> None:
    cut = Given(200, {"Content-Length": "1000"}, b"data: {}\n\n")
    list(Prompts(transport_to(odd(lambda _: cut))).stream(["x"], PromptOptions("m")))


def broken_download(odd: OddServers) -> None:
    cut = Given(200, {"Content-Length": "1000"}, b"half")
    with transport_to(odd(lambda _: cut)).download("/v1beta/files/x:download") as blocks:
        list(blocks)


def redirected(odd: OddServers) -> None:
    target = f"http://evil.test/?upload_id={UPLOAD_ID}"
    server = odd(
        lambda asked: opened(asked) if asked.command == "start" else Given(302, {"Location": target})
    )
    Sender(server.endpoint()).send(BIG)


def foreign_address(odd: OddServers) -> None:
    sender = Sender(odd(opened).endpoint())
    sender.transport.url = lambda path: sender.endpoint.base_url + path  # type: ignore[method-assign]
    sender.transport.endpoint = Endpoint(SERVICE_URL, Secret(KEY))
    sender.send(BIG)


def lost_upload(odd: OddServers) -> None:
    Sender(odd(lambda asked: opened(asked) if asked.command == "start" else None).endpoint()).send(BIG)


def rejected_upload(odd: OddServers) -> None:
    error = json.dumps({"error": {"message": f"Bad upload_id={UPLOAD_ID}&x=1 or key={KEY}"}}).encode()
    rejection = Given(400, {"X-Goog-Upload-Status": "final"}, error)
    server = odd(lambda asked: opened(asked) if asked.command == "start" else rejection)
    Sender(server.endpoint()).send(BIG)


def corrupt_upload(odd: OddServers) -> None:
    Sender(odd(opened).endpoint()).send(BIG + b"more")


def raise_on_bytes(error: BaseException) -> Callable[[Pulse], None]:
    def on_pulse(pulse: Pulse) -> None:
        if pulse.sent:
            raise error

    return on_pulse


def interrupted_upload(odd: OddServers) -> None:
    Sender(odd(opened).endpoint(), on_pulse=raise_on_bytes(KeyboardInterrupt())).send(BIG)


def stopped_upload(odd: OddServers) -> None:
    Sender(odd(opened).endpoint(), on_pulse=raise_on_bytes(Stopped())).send(BIG)


def defect_in_a_callback(odd: OddServers) -> None:
    Sender(odd(opened).endpoint(), on_pulse=raise_on_bytes(ZeroDivisionError())).send(BIG)


def changed_source(odd: OddServers) -> None:
    path = Path("changed.bin")
    path.write_bytes(BIG)
    Sender(
        odd(opened).endpoint(), on_pulse=lambda pulse: path.unlink(missing_ok=True) if pulse.sent else None
    ).send(path)


def truncated_source(odd: OddServers) -> None:
    path = Path("truncated.bin")
    path.write_bytes(BIG)
    Sender(odd(opened).endpoint(), on_pulse=lambda pulse: path.write_bytes(b"") if pulse.sent else None).send(
        path
    )


def odd_key(_: OddServers) -> None:
    Client(KEY + "é")


def odd_endpoint(_: OddServers) -> None:
    Client(KEY, base_url="ftp://files.test")


ERRORS = [refused, not_tls, refused_upload, forbidden, a_page_instead, broken_answer, broken_stream]
ERRORS += [broken_download, redirected, foreign_address, lost_upload, rejected_upload, corrupt_upload]
ERRORS += [changed_source, truncated_source, odd_key, odd_endpoint]
STOPS = {
    interrupted_upload: KeyboardInterrupt,
    stopped_upload: Stopped,
    defect_in_a_callback: ZeroDivisionError,
}


def everything_about(error: BaseException) -> str:
    """Return what the most talkative traceback shows of frames that are not of these tests."""
    parts, waiting, seen = [], [error], set()
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        told = traceback.TracebackException(type(one), one, one.__traceback__, capture_locals=True)
        told.stack[:] = [
            frame for frame in told.stack if Path(frame.filename).parent != Path(__file__).parent
        ]
        parts += [*told.format(), repr(vars(one)), repr(one.args)]
        waiting += [one.__cause__, one.__context__]  # type: ignore[list-item]
    return "".join(parts)


@pytest.mark.parametrize("fail", ERRORS, ids=lambda fail: fail.__name__)
def test_no_traceback_shows_a_secret(
    fail: Callable[[OddServers], None], odd: OddServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(GemfilesError) as caught:
        fail(odd)

    assert_silent(everything_about(caught.value))
    assert_silent(pickle.dumps(caught.value).decode("latin-1"))


@pytest.mark.parametrize("fail", STOPS, ids=lambda fail: fail.__name__)
def test_no_interrupt_shows_a_secret(fail: Callable[[OddServers], None], odd: OddServers) -> None:
    with pytest.raises(STOPS[fail]) as caught:
        fail(odd)

    assert_silent(everything_about(caught.value))


REQUESTS: dict[str, Callable[[OddServer], object]] = {
    "get": lambda server: Files(transport_to(server)).get("x"),
    "upload": lambda server: Sender(server.endpoint()).send(BIG),
    "small upload": lambda server: Sender(server.endpoint()).send(b"tide"),
    "stream": lambda server: list(Prompts(transport_to(server)).stream(["x"], PromptOptions("m"))),
    "download": lambda server: Files(transport_to(server)).download("x", Path("x")),
}
MOMENTS = {
    "connecting": (urllib3.connection.HTTPConnection, "connect"),
    "sending": (urllib3.connection.HTTPConnection, "putrequest"),
    "waiting": (urllib3.connection.HTTPConnection, "getresponse"),
    "reading": (urllib3.response.HTTPResponse, "stream"),
}


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS.keys())
@pytest.mark.parametrize("ask", REQUESTS.values(), ids=REQUESTS.keys())
def test_an_interrupt_inside_of_requests_shows_no_secret(
    ask: Callable[[OddServer], object],
    moment: tuple[type, str],
    odd: OddServers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    server = odd(opened)
    monkeypatch.setattr(*moment, interrupt)

    with pytest.raises(KeyboardInterrupt) as caught:
        ask(server)

    assert_silent(everything_about(caught.value))


def test_an_interrupt_while_an_upload_url_is_in_use_shows_no_secret(
    odd: OddServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    getresponse, calls = urllib3.connection.HTTPConnection.getresponse, []

    def interrupt(self: Any) -> Any:
        calls.append(self)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return getresponse(self)

    monkeypatch.setattr(urllib3.connection.HTTPConnection, "getresponse", interrupt)

    with pytest.raises(KeyboardInterrupt) as caught:
        Sender(odd(opened).endpoint()).send(BIG)

    assert_silent(everything_about(caught.value))


# Logs and outputs


def test_debug_logs_show_requests_and_no_secrets(
    odd: OddServers, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    server = odd(opened)

    Sender(server.endpoint()).send(BIG)

    output = capfd.readouterr()
    assert "POST /upload?upload_id=***&upload_protocol=resumable" in caplog.text
    assert_silent(caplog.text + output.out + output.err)


def test_a_warning_of_urllib3_about_an_upload_url_is_masked(caplog: pytest.LogCaptureFixture) -> None:
    url = f"http://127.0.0.1/upload?upload_id={UPLOAD_ID}"

    logging.getLogger("urllib3.connectionpool").warning("Failed to parse headers (url=%s): %s", url, "odd")

    assert "Failed to parse headers" in caplog.text
    assert_silent(caplog.text)


def test_what_an_upload_tells_its_watch_hides_the_url(odd: OddServers) -> None:
    sender = Sender(odd(opened).endpoint())

    uploaded = sender.send(BIG)

    assert UPLOAD_ID in sender.sessions[0].reveal()
    assert_silent(repr((sender, sender.sessions, sender.pulses, uploaded)))
    assert_silent(repr(Uploads(sender.transport)))

"""What goes over the wire, to whom, how often; and what an odd answer does to us."""

from __future__ import annotations

import itertools
import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from gemfiles_jupyter.client import drive as drive_module
from gemfiles_jupyter.client import transport as transport_module
from gemfiles_jupyter.client.reply import Reply
from gemfiles_jupyter.client.transport import Transport
from gemfiles_jupyter.client.upload_state import Broken
from gemfiles_jupyter.config import SERVICE_URL, Endpoint, Secret
from gemfiles_jupyter.errors import (
    BadResponse,
    CannotConnect,
    GemfilesError,
    InvalidUsage,
    KeyProblem,
    NetworkError,
    QuotaExceeded,
    RedirectRefused,
    ServiceError,
)

from .conftest import KEY, Asked, Given, OddServer, OddServers, Sender

FILES = "/v1beta/files"
OK = Given(200, {"Content-Type": "application/json"}, b"{}")
UPLOAD_URL = "http://127.0.0.1:1/upload/v1beta/files?upload_id=secret1&upload_protocol=resumable"


def problem(status: int, reason: str = "UNAVAILABLE", message: str = "try later", **headers: str) -> Given:
    body = json.dumps({"error": {"code": status, "message": message, "status": reason}}).encode()
    return Given(status, {"Content-Type": "application/json", **headers}, body)


def in_turn(*given: Given | None) -> Any:
    """Answer these one after the other, the last one for ever."""
    answers = itertools.chain(given, itertools.repeat(given[-1]))
    return lambda _: next(answers)


def transport_to(server: OddServer) -> tuple[Transport, list[float]]:
    waits: list[float] = []
    return Transport(server.endpoint(), sleep=waits.append), waits


def opened(asked: Asked) -> Given:
    """Play an upload service that keeps nothing."""
    if asked.command == "start":
        return Given(200, {"X-Goog-Upload-URL": UPLOAD_URL, "X-Goog-Upload-Status": "active"})
    name = {"file": {"name": "files/abc", "sizeBytes": str(len(asked.body))}}
    return Given(200, {"X-Goog-Upload-Status": "final"}, json.dumps(name).encode())


# The key


def test_the_key_is_in_a_header_and_in_no_address(odd: OddServers) -> None:
    server = odd(in_turn(OK))

    transport_to(server)[0].call("GET", FILES, params={"pageSize": "5"})

    assert server.asked[0].headers["x-goog-api-key"] == KEY
    assert server.asked[0].path == f"{FILES}?pageSize=5"


@pytest.mark.usefixtures("in_sessions")
def test_an_upload_url_gets_bytes_and_no_key(odd: OddServers) -> None:
    server = odd(opened)

    Sender(server.endpoint()).send(b"tide")

    start, data = server.asked
    assert start.headers["x-goog-api-key"] == KEY
    assert "x-goog-api-key" not in data.headers
    assert data.path == "/upload/v1beta/files?upload_id=secret1&upload_protocol=resumable"


def test_a_token_goes_instead_of_the_key(odd: OddServers) -> None:
    server = odd(in_turn(OK))

    transport_to(server)[0].call("POST", f"{FILES}:register", data={}, bearer=Secret("ya29.token"))

    assert server.asked[0].headers["authorization"] == "Bearer ya29.token"
    assert "x-goog-api-key" not in server.asked[0].headers


def test_netrc_is_not_read(odd: OddServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login moon password tide\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server = odd(in_turn(OK))

    transport_to(server)[0].call("GET", FILES)

    assert "authorization" not in server.asked[0].headers


def test_cookies_are_not_kept(odd: OddServers) -> None:
    server = odd(in_turn(Given(200, {"Set-Cookie": "track=me; Path=/"}, b"{}")))
    transport, _ = transport_to(server)

    transport.call("GET", FILES)
    transport.call("GET", FILES)

    assert "cookie" not in server.asked[1].headers


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(odd: OddServers, status: int) -> None:
    elsewhere = odd(in_turn(OK))
    server = odd(in_turn(Given(status, {"Location": elsewhere.address + FILES})))

    with pytest.raises(RedirectRefused, match=r"127\.0\.0\.1"):
        transport_to(server)[0].call("GET", FILES)

    assert len(server.asked) == 1
    assert elsewhere.asked == []


@pytest.mark.parametrize("command", ["start", "upload, finalize"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.usefixtures("in_sessions")
def test_no_redirect_of_an_upload_is_followed(odd: OddServers, status: int, command: str) -> None:
    elsewhere = odd(in_turn(OK))
    redirect = Given(status, {"Location": elsewhere.address + FILES})
    server = odd(lambda asked: redirect if asked.command == command else opened(asked))

    with pytest.raises(RedirectRefused, match=r"127\.0\.0\.1"):
        Sender(server.endpoint()).send(b"tide")

    assert server.asked[-1].command == command
    assert elsewhere.asked == []


def test_no_redirect_of_a_stream_is_followed(odd: OddServers) -> None:
    elsewhere = odd(in_turn(OK))
    server = odd(in_turn(Given(302, {"Location": elsewhere.address})))

    with pytest.raises(RedirectRefused), transport_to(server)[0].events("/v1beta/models/m:x", {}):
        pytest.fail("there is no stream")

    assert elsewhere.asked == []


# Where an upload goes


@pytest.mark.parametrize(
    "given",
    [
        "https://generativelanguage.googleapis.com/upload/v1beta/files?upload_id=1",
        "https://storage.googleapis.com/upload?upload_id=1",
        "https://eu-storage.googleapis.com:443/upload?upload_id=1",
    ],
)
def test_a_google_upload_goes_to_google(given: str) -> None:
    assert Transport(Endpoint(SERVICE_URL)).session_url(Secret(given)).reveal() == given


@pytest.mark.parametrize(
    "given",
    [
        "http://generativelanguage.googleapis.com/upload",
        "https://evil.test/upload",
        "https://googleapis.com.evil.test/upload",
        "https://evilgoogleapis.com/upload",
        "https://generativelanguage.googleapis.com@evil.test/upload",
        "https://user:pw@storage.googleapis.com/upload",
        "https://@storage.googleapis.com/upload",
        "https://storage.googleapis.com:8443/upload",
        "https://storage.googleapis.com:99999/upload",
        "https://storage.googleapis.com:x/upload",
        "https://evil.test\\.googleapis.com/upload",
        "https://evil.test\\@storage.googleapis.com/upload",
        "https://storage.googleapis.com/upload#fragment",
        "https://[::1/upload",
        "//storage.googleapis.com/upload",
        "/upload/v1beta/files?upload_id=1",
        "ftp://storage.googleapis.com/upload",
        "nonsense",
    ],
)
def test_a_google_upload_goes_nowhere_else(given: str) -> None:
    with pytest.raises(RedirectRefused):
        Transport(Endpoint(SERVICE_URL)).session_url(Secret(given))


@pytest.mark.parametrize(
    ("prefix", "given", "path"),
    [
        ("", "https://storage.googleapis.com/upload?upload_id=1", "/upload?upload_id=1"),
        ("", "/upload?upload_id=1", "/upload?upload_id=1"),
        ("", "https://user:pw@evil.test:8443/upload?upload_id=1#f", "/upload?upload_id=1"),
        ("/gemini", "https://storage.googleapis.com/upload?upload_id=1", "/gemini/upload?upload_id=1"),
        ("/gemini", "http://gateway.test:9/gemini/upload?upload_id=1", "/gemini/upload?upload_id=1"),
        ("/gem", "http://gateway.test/gemini/upload", "/gem/gemini/upload"),
    ],
)
def test_any_other_upload_goes_to_the_endpoint_itself(prefix: str, given: str, path: str) -> None:
    transport = Transport(Endpoint(f"http://gateway.test:9{prefix}"))

    assert transport.session_url(Secret(given)).reveal() == f"http://gateway.test:9{path}"


def test_an_address_that_is_none_is_refused_by_any_endpoint() -> None:
    with pytest.raises(RedirectRefused):
        Transport(Endpoint("http://gateway.test")).session_url(Secret("http://[::1/x"))


@pytest.mark.usefixtures("in_sessions")
def test_a_service_that_names_a_foreign_host_gets_no_bytes(odd: OddServers) -> None:
    server = odd(opened)
    sender = Sender(server.endpoint())
    # Google's rules, though the answers come from here.
    sender.transport.endpoint = Endpoint(SERVICE_URL)
    sender.transport.url = lambda path: server.address + path  # type: ignore[method-assign]

    with pytest.raises(RedirectRefused, match=r"127\.0\.0\.1; refused"):
        sender.send(b"tide")

    assert [asked.command for asked in server.asked] == ["start"]


# Odd answers


def test_an_endless_error_is_read_up_to_a_limit(odd: OddServers) -> None:
    server = odd(lambda _: Given(500, chunks=itertools.repeat(b"x" * 4096)))
    transport, _ = transport_to(server)

    reply = transport.attempt("GET", Secret(transport.url(FILES)))

    assert isinstance(reply, Reply)
    assert len(reply.body) == 64 * 1024


def test_an_endless_success_is_read_up_to_a_limit(odd: OddServers) -> None:
    server = odd(lambda _: Given(200, chunks=itertools.repeat(b"x" * 65536)))
    transport, _ = transport_to(server)

    reply = transport.attempt("GET", Secret(transport.url(FILES)))

    assert isinstance(reply, Reply)
    assert len(reply.body) == 32 * 1024 * 1024


def test_a_small_answer_that_grows_when_unpacked_is_read_up_to_a_limit(odd: OddServers) -> None:
    import gzip

    bomb = gzip.compress(bytes(64 * 1024 * 1024))
    server = odd(in_turn(Given(500, {"Content-Encoding": "gzip"}, bomb)))
    transport, _ = transport_to(server)

    reply = transport.attempt("GET", Secret(transport.url(FILES)))

    assert isinstance(reply, Reply)
    assert len(reply.body) == 64 * 1024
    assert server.asked[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("status", [400, 404, 418])
def test_a_page_of_a_proxy_is_nobodys_message(odd: OddServers, status: int) -> None:
    page = b"<html><body><script>alert(1)</script>Squid</body></html>"
    server = odd(in_turn(Given(status, {"Content-Type": "text/html"}, page)))

    with pytest.raises(BadResponse, match=str(status)) as caught:
        transport_to(server)[0].call("GET", FILES)

    assert "<" not in str(caught.value)
    assert "Squid" not in str(caught.value)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"5", b'{"a"', b"[" * 100_000, b"\xff\xfe"], ids=repr)
def test_a_success_that_is_no_object_is_a_bad_response(odd: OddServers, body: bytes) -> None:
    server = odd(in_turn(Given(200, {}, body)))

    with pytest.raises(BadResponse):
        transport_to(server)[0].call("GET", FILES).json()


@pytest.mark.parametrize(
    "body", [b"", b"null", b'{"error": 5}', b'{"error": {"message": 7}}', b"[[]]"], ids=repr
)
def test_an_error_of_any_shape_is_an_error_of_ours(odd: OddServers, body: bytes) -> None:
    server = odd(in_turn(Given(400, {}, body)))

    with pytest.raises(GemfilesError):
        transport_to(server)[0].call("GET", FILES)


def test_half_a_key_at_the_end_of_a_long_message_is_masked(odd: OddServers) -> None:
    server = odd(in_turn(problem(400, "INVALID_ARGUMENT", "x" * 485 + " " + KEY)))

    with pytest.raises(ServiceError) as caught:
        transport_to(server)[0].call("GET", FILES)

    assert "AIza" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (problem(401, "UNAUTHENTICATED"), KeyProblem),
        (problem(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."), KeyProblem),
        (problem(403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers."), KeyProblem),
        (problem(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota"), QuotaExceeded),
        (problem(400, "RESOURCE_EXHAUSTED", "You exceeded your current quota"), QuotaExceeded),
        (problem(400, "INVALID_ARGUMENT"), ServiceError),
    ],
    ids=["401", "bad key", "no key", "429", "quota as 400", "400"],
)
def test_the_services_own_message_comes_as_the_right_error(
    odd: OddServers, given: Given, kind: type[GemfilesError]
) -> None:
    server = odd(in_turn(given))

    with pytest.raises(GemfilesError) as caught:
        transport_to(server)[0].call("GET", FILES)

    assert type(caught.value) is kind
    assert caught.value.message == json.loads(given.body)["error"]["message"]


# Trying again


@pytest.mark.parametrize("status", [408, 429, 499, 500, 502, 503, 504, 520])
def test_what_may_pass_is_tried_again(odd: OddServers, status: int) -> None:
    server = odd(in_turn(problem(status), problem(status), OK))
    transport, waits = transport_to(server)

    reply = transport.call("GET", FILES)

    assert reply.status == 200
    assert waits == [0.5, 1.0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 413, 501])
def test_what_will_not_pass_is_asked_once(odd: OddServers, status: int) -> None:
    server = odd(in_turn(problem(status, "NOPE"), OK))
    transport, waits = transport_to(server)

    with pytest.raises(GemfilesError):
        transport.call("GET", FILES)

    assert len(server.asked) == 1
    assert waits == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
@pytest.mark.usefixtures("in_sessions")
def test_an_upload_that_is_refused_at_the_start_asks_once(odd: OddServers, status: int) -> None:
    server = odd(in_turn(problem(status, "NOPE")))
    sender = Sender(server.endpoint())

    with pytest.raises(GemfilesError):
        sender.send(b"tide")

    assert len(server.asked) == 1
    assert sender.stop.waited == 0


@pytest.mark.parametrize("given", [None, Given(200, {"Content-Length": "100"}, b"{"), Given(503)], ids=repr)
def test_a_broken_answer_is_asked_for_again(odd: OddServers, given: Given | None) -> None:
    server = odd(in_turn(given, OK))

    assert transport_to(server)[0].call("GET", FILES).json() == {}


def test_a_service_that_stays_down_is_given_up(odd: OddServers) -> None:
    server = odd(in_turn(problem(503, message="The disk is on fire.")))
    transport, waits = transport_to(server)

    with pytest.raises(ServiceError, match="The disk is on fire"):
        transport.call("GET", FILES)

    assert waits == [0.5, 1, 2, 4, 8]


def test_a_connection_that_always_breaks_is_given_up(odd: OddServers) -> None:
    server = odd(in_turn(None))
    transport, waits = transport_to(server)

    with pytest.raises(CannotConnect, match="broke"):
        transport.call("GET", FILES)

    assert len(waits) == 5


@pytest.mark.parametrize(
    ("asked", "wait"), [("7", 7.0), ("0", 0.0), ("86400", 30.0), ("soon", 0.5), ("-3", 0.5)]
)
def test_retry_after_in_seconds_is_kept_up_to_a_cap(odd: OddServers, asked: str, wait: float) -> None:
    server = odd(in_turn(problem(503, **{"Retry-After": asked}), OK))
    transport, waits = transport_to(server)

    transport.call("GET", FILES)

    assert waits == [wait]


def test_retry_after_as_a_date_is_kept(odd: OddServers) -> None:
    when = datetime.now(timezone.utc) + timedelta(seconds=20)
    server = odd(in_turn(problem(503, **{"Retry-After": format_datetime(when, usegmt=True)}), OK))
    transport, waits = transport_to(server)

    transport.call("GET", FILES)

    assert 10 < waits[0] <= 20


@pytest.mark.parametrize(("asked", "least"), [("7", 7.0), ("86400", 60.0)])
@pytest.mark.usefixtures("in_sessions")
def test_an_upload_waits_no_less_than_it_was_asked_to(odd: OddServers, asked: str, least: float) -> None:
    busy = iter([problem(429, "UNAVAILABLE", **{"Retry-After": asked})])
    server = odd(lambda request: next(busy, None) or opened(request))
    sender = Sender(server.endpoint())

    sender.send(b"tide")

    assert least * 0.99 < sender.stop.waited <= least * 1.5


# No connection


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_nobody_there_is_said_after_a_few_tries() -> None:
    port, waits = closed_port(), []
    transport = Transport(Endpoint(f"http://127.0.0.1:{port}", Secret(KEY)), sleep=waits.append)

    with pytest.raises(CannotConnect, match=f"Nothing answers at 127.0.0.1:{port}"):
        transport.call("GET", FILES)

    assert waits == [0.5, 1, 2]


def test_an_upload_to_nobody_is_given_up_after_a_few_tries() -> None:
    sender = Sender(Endpoint(f"http://127.0.0.1:{closed_port()}", Secret(KEY)))

    with pytest.raises(CannotConnect, match="Nothing answers"):
        sender.send(b"tide")

    assert {pulse.attempt for pulse in sender.pulses} == {1, 2, 3}


def test_a_host_without_an_address_is_named() -> None:
    waits: list[float] = []
    transport = Transport(Endpoint("http://no-such-host.invalid", Secret(KEY)), sleep=waits.append)

    with pytest.raises(CannotConnect, match=r"no-such-host\.invalid can't be found"):
        transport.call("GET", FILES)

    assert len(waits) == 3


def test_a_server_that_says_nothing_is_a_broken_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        transport = Transport(Endpoint(f"http://127.0.0.1:{silent.getsockname()[1]}"))

        outcome = transport.attempt("GET", Secret(transport.url(FILES)), read_seconds=0.2)

    assert isinstance(outcome, Broken)
    assert "fell silent" in outcome.reason


def test_a_server_that_falls_silent_in_its_answer_is_a_broken_connection(odd: OddServers) -> None:
    done = threading.Event()

    def never() -> Iterator[bytes]:
        yield b"{"
        done.wait(30)

    server = odd(lambda _: Given(200, {"Content-Length": "100"}, chunks=never()))
    transport, _ = transport_to(server)

    outcome = transport.attempt("GET", Secret(transport.url(FILES)), read_seconds=0.2)
    done.set()

    assert isinstance(outcome, Broken)


@pytest.mark.usefixtures("in_sessions")
def test_an_upload_of_which_nothing_is_heard_asks_where_it_stands(
    odd: OddServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drive_module, "FINALIZE_SECONDS", 0.2)
    done = threading.Event()

    def answer(asked: Asked) -> Given | None:
        if asked.command == "upload, finalize":
            done.wait(30)
            return None
        return opened(asked)  # of a query too: the file is there

    server = odd(answer)

    uploaded = Sender(server.endpoint()).send(b"")
    done.set()

    assert uploaded.file.name == "files/abc"
    assert [asked.command for asked in server.asked] == ["start", "upload, finalize", "query"]


# TLS


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody has signed, with its key."""
    path = tmp_path_factory.mktemp("tls") / "self-signed.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(path), "-out", str(path.with_suffix(".crt"))]
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + path.with_suffix(".crt").read_text())
    return path


@pytest.fixture
def over_tls(odd: OddServers, certificate: Path) -> OddServer:
    server = odd(in_turn(OK))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    inner = server._server
    inner.socket = context.wrap_socket(inner.socket, server_side=True, do_handshake_on_connect=False)
    return server


def test_a_certificate_that_nobody_signed_is_refused_without_a_second_try(over_tls: OddServer) -> None:
    waits: list[float] = []
    transport = Transport(Endpoint(f"https://127.0.0.1:{over_tls.port}", Secret(KEY)), sleep=waits.append)

    with pytest.raises(CannotConnect, match="certificate") as caught:
        transport.call("GET", FILES)

    assert "REQUESTS_CA_BUNDLE" in caught.value.hint
    assert waits == []
    assert over_tls.asked == []


def test_a_bundle_of_certificates_is_taken_from_the_environment(
    over_tls: OddServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    transport = Transport(Endpoint(f"https://127.0.0.1:{over_tls.port}", Secret(KEY)))

    assert transport.call("GET", FILES).status == 200


def test_a_certificate_of_another_host_is_refused(
    over_tls: OddServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))

    with pytest.raises(CannotConnect, match="certificate"):
        Transport(Endpoint(f"https://localhost:{over_tls.port}")).call("GET", FILES)


# Proxies


def test_the_proxy_of_the_environment_is_used_as_it_was_at_first(
    odd: OddServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = odd(in_turn(OK))
    monkeypatch.setenv("http_proxy", proxy.address)
    transport = Transport(Endpoint("http://files.test"))
    monkeypatch.delenv("http_proxy")

    transport.call("GET", FILES)

    assert proxy.asked[0].path == f"http://files.test{FILES}"


def test_a_proxy_that_is_named_later_is_not_used(odd: OddServers, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy, server = odd(in_turn(OK)), odd(in_turn(OK))
    transport, _ = transport_to(server)
    monkeypatch.setenv("http_proxy", proxy.address)

    transport.call("GET", FILES)

    assert (len(proxy.asked), len(server.asked)) == (0, 1)


def test_no_proxy_is_kept(odd: OddServers, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy, server = odd(in_turn(OK)), odd(in_turn(OK))
    monkeypatch.setenv("http_proxy", proxy.address)
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    Transport(server.endpoint()).call("GET", FILES)

    assert (len(proxy.asked), len(server.asked)) == (0, 1)


def test_a_proxy_that_refuses_is_named_without_its_password(
    odd: OddServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = odd(in_turn(Given(407)))
    monkeypatch.setenv("https_proxy", f"http://moon:s3cret@127.0.0.1:{proxy.port}")
    waits: list[float] = []

    with pytest.raises(CannotConnect, match="proxy") as caught:
        Transport(Endpoint("https://files.test"), sleep=waits.append).call("GET", FILES)

    assert "s3cret" not in str(caught.value)
    assert waits == []


# The rest


@pytest.mark.parametrize("days", [-3, 3])
def test_the_service_says_what_time_it_is(odd: OddServers, days: int) -> None:
    theirs = datetime.now(timezone.utc) + timedelta(days=days)
    server = odd(in_turn(Given(200, {"Date": format_datetime(theirs, usegmt=True)}, b"{}")))
    transport, _ = transport_to(server)

    transport.call("GET", FILES)

    assert abs(transport.now() - theirs) < timedelta(minutes=1)


@pytest.mark.parametrize("date", ["", "yesterday", "Thu, 99 Foo 2026 00:00:00 GMT"])
def test_a_date_that_is_none_changes_nothing(odd: OddServers, date: str) -> None:
    server = odd(in_turn(Given(200, {"Date": date}, b"{}")))
    transport, _ = transport_to(server)

    transport.call("GET", FILES)

    assert transport.clock_skew == timedelta(0)


@pytest.mark.parametrize("mime_type", ["text/plain\r\nX-Evil: 1", "text/plain\0", "текст/plain", "té/xt"])
def test_a_type_that_no_header_can_carry_is_refused_before_anything_is_sent(
    odd: OddServers, mime_type: str
) -> None:
    server = odd(opened)

    with pytest.raises(InvalidUsage):
        Sender(server.endpoint()).send(b"tide", mime_type=mime_type)

    assert server.asked == []


def test_a_download_that_breaks_off_is_an_error_of_ours(odd: OddServers) -> None:
    server = odd(in_turn(Given(200, {"Content-Length": "1000"}, b"half")))

    with (
        pytest.raises(NetworkError, match="broke off"),
        transport_to(server)[0].download("/v1beta/files/x:download") as blocks,
    ):
        list(blocks)


def test_the_limits_are_what_the_design_says() -> None:
    assert transport_module.ERROR_BYTES == 64 * 1024
    assert transport_module.ANSWER_BYTES == 32 * 1024**2

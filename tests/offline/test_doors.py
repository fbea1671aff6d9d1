"""Who may come in, over real requests."""

from __future__ import annotations

import pytest

FILES = "/v1beta/files"


def status_with_host(wire, *hosts: str, path: str = FILES, extra: str = "") -> int:
    lines = "".join(f"Host: {host}\r\n" for host in hosts)
    key = f"x-goog-api-key: {wire.server.key}\r\nConnection: close\r\n"
    answer = wire.raw(f"GET {path} HTTP/1.1\r\n{lines}{key}{extra}\r\n".encode())
    return int(answer.split()[1])


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_its_own_names_open_the_door(wire, name):
    port = wire.netloc.rpartition(":")[2]

    assert status_with_host(wire, f"{name}:{port}") == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.test", "evil.test:{port}", "localhost.:{port}", "127.0.0.1", "127.0.0.1:1", "localhost"),
        *("127.0.0.1:{port}.evil.test", "a@127.0.0.1:{port}", ""),
    ],
)
def test_other_hosts_are_refused_even_with_a_key(wire, host):
    port = wire.netloc.rpartition(":")[2]

    assert status_with_host(wire, host.format(port=port)) in (400, 403)


def test_no_host_or_two_are_refused(wire):
    assert status_with_host(wire) in (400, 403)
    assert status_with_host(wire, wire.netloc, "evil.test") in (400, 403)


@pytest.mark.parametrize("origin", ["https://evil.test", "null", "file://", "http://localhost:8888"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", [FILES, "/offline-server", "/nowhere"])
def test_pages_are_refused_before_routing(wire, origin, method, path):
    answer = wire.request(method, path, headers={"Origin": origin})

    assert answer.status == 403
    assert not any(name.lower().startswith("access-control") for name in answer.headers)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_picture_on_a_page_loads_nothing(wire, site):
    answer = wire.get(FILES, headers={"Sec-Fetch-Site": site})

    assert answer.status == 403


def test_every_answer_tells_browsers_to_keep_away(wire):
    for answer in (
        wire.get(FILES),
        wire.get("/nowhere"),
        wire.begin(3),
        wire.get(FILES, headers={"Origin": "x"}),
    ):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["X-Gemfiles-Offline"] == "1"


def test_the_upload_url_is_not_made_of_the_host_header(wire, server):
    port = wire.netloc.rpartition(":")[2]

    answer = wire.begin(3, headers={"Host": f"localhost:{port}"})

    assert answer.headers["X-Goog-Upload-URL"].startswith(server.address)


def test_control_needs_its_token(wire):
    assert wire.get("/__control/requests").status == 403
    assert wire.get("/__control/requests", headers={"X-Control-Token": "guess"}).status == 403


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01 garbage\r\n\r\n",
        b"CONNECT evil.test:443 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n",
        b"GET http://evil.test/v1beta/files HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n",
    ],
    ids=["garbage", "connect", "absolute"],
)
def test_malformed_requests_are_refused_and_the_server_lives(wire, request_):
    answer = wire.raw(request_.replace(b"{host}", wire.netloc.encode()))

    assert answer.split()[1][:1] == b"4"
    assert wire.get(FILES).status == 200

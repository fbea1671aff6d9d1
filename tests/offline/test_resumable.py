"""The resumable protocol, header by header."""

from __future__ import annotations

import base64
import concurrent.futures
import hashlib
import re
import time

import pytest

MIB = 1024**2
CHUNK = 8 * MIB
OTHER_METHODS = ("GET", "HEAD", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW", "propfind")


def test_start_answers_with_the_headers_as_the_service_spells_them(wire, server):
    answer = wire.begin(10, display_name="clip")

    spelled = {name for name, _ in answer.headers.items()}
    url = answer.headers["X-Goog-Upload-URL"]

    assert answer.status == 200
    assert answer.body == b""
    assert {"X-Goog-Upload-URL", "X-Goog-Upload-Control-URL", "X-GUploader-UploadID"} <= spelled
    assert url.startswith(f"{server.address}/upload/v1beta/files?upload_id=")
    assert url.endswith("&upload_protocol=resumable")
    assert answer.headers["X-Goog-Upload-Control-URL"] == url
    assert answer.upload_status == "active"
    assert answer.headers["X-Goog-Upload-Chunk-Granularity"] == str(CHUNK)
    assert answer.headers["Server"] == "UploadServer"
    assert answer.headers["X-Gemfiles-Offline"] == "1"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_a_key_in_the_address_is_repeated_in_the_upload_url(wire):
    answer = wire.request(
        "POST",
        "/upload/v1beta/files?key=a%2Bb",
        "{'file': {'display_name': 'X'}}",
        {"X-Goog-Upload-Command": "start", "X-Goog-Upload-Protocol": "resumable"},
        key=None,
    )

    assert answer.headers["X-Goog-Upload-URL"].endswith("&key=a%2Bb")


@pytest.mark.parametrize("path", ["/upload", "/resumable/upload"])
@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha"])
def test_every_version_and_path_takes_uploads(wire, path, version):
    answer = wire.request(
        "POST",
        f"{path}/{version}/files",
        {},
        {"X-Goog-Upload-Command": "start", "X-Goog-Upload-Protocol": "resumable"},
    )

    assert answer.status == 200


def test_one_request_uploads_and_describes_the_file(wire, server):
    content = b"hello\n" * 100
    session = wire.start(len(content), display_name="Grüße 🎬.txt")

    answer = wire.command(session, "upload, finalize", content, 0)

    file = answer.json["file"]
    digest = hashlib.sha256(content).hexdigest()
    assert answer.upload_status == "final"
    assert list(file) == [
        *("name", "displayName", "mimeType", "sizeBytes", "createTime", "updateTime", "expirationTime"),
        *("sha256Hash", "uri", "state", "source"),
    ]
    assert re.fullmatch("files/[a-z0-9]{12}", file["name"])
    assert file["displayName"] == "Grüße 🎬.txt"
    assert file["sizeBytes"] == str(len(content))
    assert base64.b64decode(file["sha256Hash"]).decode() == digest
    assert file["uri"] == f"{server.address}/v1beta/{file['name']}"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", file["createTime"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", file["expirationTime"])
    assert (file["state"], file["source"]) == ("ACTIVE", "UPLOADED")
    assert answer.body.startswith(b'{\n  "file": {\n    "name"')
    assert answer.body.endswith(b"}\n")


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 20 * MIB])
def test_chunks_of_the_granularity_make_one_file(wire, size):
    content = (bytes(range(251)) * (size // 251 + 1))[:size]
    session = wire.start(size)

    offset = 0
    while size - offset > CHUNK:
        answer = wire.command(session, "upload", content[offset : offset + CHUNK], offset)
        assert (answer.status, answer.upload_status) == (200, "active")
        offset += CHUNK
    answer = wire.command(session, "upload, finalize", content[offset:], offset)

    assert answer.json["file"]["sizeBytes"] == str(size)
    assert base64.b64decode(answer.json["file"]["sha256Hash"]).decode() == hashlib.sha256(content).hexdigest()


def test_unknown_size_ends_with_an_empty_finalize(wire):
    session = wire.start()

    wire.command(session, "upload", bytes(CHUNK), 0)
    answer = wire.command(session, "upload, finalize", b"", CHUNK)

    assert answer.json["file"]["sizeBytes"] == str(CHUNK)


def test_finalize_by_itself_ends_the_upload(wire):
    session = wire.start(CHUNK)
    wire.command(session, "upload", bytes(CHUNK), 0)

    answer = wire.command(session, "finalize")

    assert (answer.status, answer.upload_status) == (200, "final")


@pytest.mark.parametrize("command", ["UPLOAD , Finalize", "finalize,upload", " upload,finalize , "])
def test_commands_are_read_tolerantly(wire, command):
    session = wire.start(3)

    assert wire.command(session, command, b"abc", 0).status == 200


@pytest.mark.parametrize("command", ["", "append", "upload, query", "start", "upload; finalize"])
def test_unknown_commands_change_nothing(wire, command):
    session = wire.start(3)

    answer = wire.command(session, command, b"abc", 0)

    assert answer.status == 400
    assert wire.query(session).received == 0


@pytest.mark.parametrize("command", ["query", "cancel", "finalize"])
def test_commands_without_bytes_ignore_theirs(wire, command):
    session = wire.start(3)

    answer = wire.command(session, command, b"abc", 0)

    assert answer.upload_status == ("cancelled" if command == "cancel" else "active")
    assert (wire.query(session).status == 410) if command == "cancel" else (wire.query(session).received == 0)


def test_a_wrong_offset_is_refused_in_plain_text(wire):
    session = wire.start(10)

    answer = wire.command(session, "upload, finalize", b"abc", 7)

    assert (answer.status, answer.upload_status) == (409, "active")
    assert answer.body == b"Invalid offset: expected 0, got 7"
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert wire.query(session).received == 0


@pytest.mark.parametrize("offset", [None, "", "-1", "1e3", "٣", "0x0", "+0", str(2**63), "0, 0", "0 0"])
def test_offsets_that_are_no_number_change_nothing(wire, offset):
    session = wire.start(10)
    headers = {} if offset is None else {"X-Goog-Upload-Offset": offset.encode()}

    answer = wire.command(session, "upload, finalize", b"abc", headers=headers)

    assert (answer.status, answer.upload_status) == (400, "active")
    assert wire.query(session).received == 0


def test_a_chunk_must_be_a_multiple_of_the_granularity(wire):
    session = wire.start(CHUNK * 2)

    answer = wire.command(session, "upload", bytes(1000), 0)

    assert (answer.status, answer.upload_status) == (400, "active")
    assert wire.query(session).received == 0


@pytest.mark.parametrize("size", [9, 11])
def test_the_declared_length_is_enforced(wire, size):
    session = wire.start(10)

    answer = wire.command(session, "upload, finalize", bytes(size), 0)

    assert (answer.status, answer.upload_status) == (400, "active")
    assert wire.query(session).received == (9 if size == 9 else 0)
    assert wire.names() == []


def test_a_chunked_body_is_cut_at_the_declared_length(wire):
    session = wire.start(10)

    answer = wire.request(
        "POST",
        session,
        iter([b"12345", b"67890", b"more"]),
        {"X-Goog-Upload-Command": "upload, finalize", "X-Goog-Upload-Offset": "0"},
        key=None,
    )

    assert (answer.status, answer.upload_status) == (400, "active")
    assert wire.query(session).received == 10
    assert wire.command(session, "finalize").json["file"]["sizeBytes"] == "10"


def test_a_chunked_body_needs_no_length(wire):
    session = wire.start()

    answer = wire.request(
        "POST",
        session,
        iter([b"12345", b"67890"]),
        {"X-Goog-Upload-Command": "upload, finalize", "X-Goog-Upload-Offset": "0"},
        key=None,
    )

    assert answer.json["file"]["sizeBytes"] == "10"


def test_more_than_the_limit_is_refused_at_the_start(wire):
    answer = wire.begin(2 * 1024**3 + 1)

    assert answer.status == 400
    assert "2147483648" in answer.message


def test_a_stream_without_a_length_is_cut_at_the_limit(wire, server):
    server.set(max_file_bytes=1000)
    session = wire.start()

    answer = wire.command(session, "upload, finalize", bytes(1001), 0)

    assert (answer.status, answer.upload_status) == (400, "active")


def test_query_tells_how_far_it_is_and_what_the_end_was(wire):
    session = wire.start(CHUNK + 3)
    before = wire.query(session)
    wire.command(session, "upload", bytes(CHUNK), 0)
    between = wire.query(session)
    final = wire.command(session, "upload, finalize", b"abc", CHUNK)
    after = wire.query(session)

    assert (before.upload_status, before.received) == ("active", 0)
    assert (between.upload_status, between.received) == ("active", CHUNK)
    assert (after.status, after.upload_status, after.body) == (200, "final", final.body)


def test_finalize_again_gives_the_same_answer(wire):
    session = wire.start(3)

    first = wire.command(session, "upload, finalize", b"abc", 0)
    second = wire.command(session, "finalize")

    assert (second.status, second.body) == (200, first.body)
    assert len(wire.names()) == 1


def test_bytes_after_the_end_are_refused_with_its_status(wire):
    ended, cancelled = wire.start(3), wire.start(3)
    wire.command(ended, "upload, finalize", b"abc", 0)
    wire.command(cancelled, "cancel")

    after_end = wire.command(ended, "upload, finalize", b"abc", 0)
    after_cancel = wire.command(cancelled, "upload, finalize", b"abc", 0)

    assert (after_end.status, after_end.upload_status) == (400, "final")
    assert (after_cancel.status, after_cancel.upload_status) == (400, "cancelled")


def test_cancel_ends_a_session_and_frees_its_bytes(wire, server):
    session = wire.start(CHUNK + 1)
    wire.command(session, "upload", bytes(CHUNK), 0)

    answer = wire.command(session, "cancel")

    assert (answer.status, answer.upload_status) == (200, "cancelled")
    assert wire.query(session).status == 410
    assert wire.command(session, "cancel").upload_status == "cancelled"
    assert list((server.data / "blobs").iterdir()) == []


def test_a_final_upload_is_not_cancelled(wire):
    session = wire.start(3)
    wire.command(session, "upload, finalize", b"abc", 0)

    assert wire.command(session, "cancel").status == 400
    assert len(wire.names()) == 1


def test_an_unknown_session_is_404_without_a_status(wire):
    answer = wire.query("/upload/v1beta/files?upload_id=nothing&upload_protocol=resumable")

    assert (answer.status, answer.upload_status) == (404, None)


@pytest.mark.parametrize(
    ("mime_type", "file", "code", "text"),
    [
        ("application/x-msdownload", {}, 400, "Unsupported MIME type: application/x-msdownload"),
        ("nonsense", {}, 400, "Unsupported MIME type: nonsense"),
        ("text/plain", {"name": "files/taken"}, 409, "taken already exists."),
    ],
    ids=["refused-type", "no-type", "name-taken"],
)
def test_rejections_come_at_the_end_and_are_final(wire, mime_type, file, code, text):
    wire.upload(b"first", name="files/taken")
    session = wire.start(3, mime_type, **file)

    answer = wire.command(session, "upload, finalize", b"abc", 0)
    again = wire.command(session, "finalize")

    assert (answer.status, answer.upload_status, answer.message) == (code, "final", text)
    assert (again.status, again.body) == (answer.status, answer.body)
    assert wire.names() == ["files/taken"]


def test_a_full_storage_refuses_at_the_start_and_at_the_end(wire, server):
    server.set(quota_bytes=10)
    session = wire.start()

    at_start = wire.begin(11)
    at_end = wire.command(session, "upload, finalize", bytes(11), 0)

    for answer in (at_start, at_end):
        assert answer.status == 429
        assert answer.json["error"]["status"] == "RESOURCE_EXHAUSTED"
        violation = answer.json["error"]["details"][0]["violations"][0]
        assert violation["quotaId"] == "FileStorageBytesPerProject"
        assert violation["quotaValue"] == "10"
    assert at_end.upload_status == "final"


def test_ten_uploads_at_once_never_pass_the_quota(wire, server):
    server.set(quota_bytes=500)
    sessions = [wire.start() for _ in range(10)]

    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        answers = list(
            pool.map(lambda s: wire.command(s, "upload, finalize", bytes(100), 0).status, sessions)
        )

    assert sorted(answers) == [200] * 5 + [429] * 5


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("files/my-id", 200),
        ("my-id", 200),
        ("", 200),
        ("files/" + "a" * 40, 200),
        ("files/" + "a" * 41, 400),
        ("files/-a", 400),
        ("files/a-", 400),
        ("files/A_b", 400),
        ("files/../x", 400),
        ("files/files/x", 400),
        ("files/a\0b", 400),
        ("files/é", 400),
    ],
)
def test_chosen_names_follow_the_rules(wire, name, code):
    answer = wire.begin(1, name=name)

    assert answer.status == code
    if code == 400:
        assert "File resource name" in answer.message


@pytest.mark.parametrize(
    ("display_name", "code"),
    [
        ("x" * 512, 200),
        ("x" * 513, 400),
        ("🎬" * 512, 200),
        ("a\0b\r\nc\u202ed", 200),
        ("\ud800", 400),
        (5, 400),
    ],
    ids=["512", "513", "emoji", "control-characters", "surrogate", "number"],
)
def test_display_names_are_kept_verbatim_up_to_512_characters(wire, display_name, code):
    answer = wire.begin(3, display_name=display_name)

    assert answer.status == code
    if code == 200:
        file = wire.upload(b"abc", display_name=display_name)
        assert wire.get(f"/v1beta/{file['name']}").json["displayName"] == display_name


@pytest.mark.parametrize(
    "body",
    [
        *("{", "[]", '"x"', '{"file": 5}', '{"file": {"name": 7}}', "{'file': {'name': 'x}}", "NaN"),
        *('{"file": NaN}', '{"a": 1, "a": 2}', "[" * 10_000, '{"file": ' * 200 + "1" + "}" * 200),
        *("null", b"\xff\xfe", '{"file": {"display_name": "' + "x" * 5_000_000 + '"}}'),
    ],
    ids=lambda body: str(body[:20]),
)
def test_bodies_that_cannot_be_read_are_400(wire, body):
    headers = {"X-Goog-Upload-Command": "start", "X-Goog-Upload-Protocol": "resumable"}

    answer = wire.request("POST", "/upload/v1beta/files", body, headers)

    assert answer.status == 400
    assert answer.json["error"]["status"] == "INVALID_ARGUMENT"


def test_a_broken_connection_keeps_what_has_come(wire):
    content = bytes(range(256)) * 4096 * 12
    session = wire.start(len(content))

    with wire.half_open(session, content[: 3 * MIB], len(content), "upload, finalize"):
        pass
    received = wire.query(session).received
    answer = wire.command(session, "upload, finalize", content[received:], received)

    assert 0 < received <= 3 * MIB
    assert base64.b64decode(answer.json["file"]["sha256Hash"]).decode() == hashlib.sha256(content).hexdigest()


def test_a_query_is_answered_beside_a_half_open_upload(wire):
    session = wire.start(10 * MIB)

    with wire.half_open(session, bytes(2 * MIB), 10 * MIB, "upload, finalize"):
        began = time.monotonic()
        answer = wire.query(session)
        seconds = time.monotonic() - began

        assert answer.received == 2 * MIB
        assert seconds < 10, "it waited for the dead connection"
        rest = wire.command(session, "upload, finalize", bytes(8 * MIB), 2 * MIB)
    assert rest.json["file"]["sizeBytes"] == str(10 * MIB)


def test_chunks_with_the_same_offset_are_taken_once(wire):
    session = wire.start(CHUNK * 2)

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: wire.command(session, "upload", bytes(CHUNK), 0).status, range(4)))

    assert sorted(answers) == [200, 409, 409, 409]
    assert wire.query(session).received == CHUNK


def test_many_finalizes_at_once_make_one_file(wire):
    session = wire.start(CHUNK)
    wire.command(session, "upload", bytes(CHUNK), 0)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: wire.command(session, "finalize"), range(8)))

    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    assert len(wire.names()) == 1


def test_the_same_name_is_given_once(wire):
    sessions = [wire.start(1, name="files/one") for _ in range(4)]

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda s: wire.command(s, "upload, finalize", b"x", 0).status, sessions))

    assert sorted(answers) == [200, 409, 409, 409]


def test_expect_100_continue_is_answered_before_the_body(wire):
    session = wire.start(5)
    head = (
        f"POST {session} HTTP/1.1\r\nHost: {wire.netloc}\r\nContent-Length: 5\r\nExpect: 100-continue\r\n"
        "X-Goog-Upload-Command: upload, finalize\r\nConnection: close\r\nX-Goog-Upload-Offset: {}\r\n\r\n"
    )

    refused = wire.raw(head.format(3).encode())
    taken = wire.raw(head.format(0).encode() + b"abcde")

    assert refused.startswith(b"HTTP/1.1 409 ")
    assert taken.startswith(b"HTTP/1.1 100 ")
    assert b"HTTP/1.1 200 OK" in taken


def test_a_connection_lives_on_after_a_refused_body(wire):
    session = wire.start(3)
    refused = (
        f"POST {session} HTTP/1.1\r\nHost: {wire.netloc}\r\nContent-Length: 400000\r\n"
        "X-Goog-Upload-Command: upload, finalize\r\nX-Goog-Upload-Offset: 9\r\n\r\n"
    ).encode() + bytes(400_000)
    query = (
        f"POST {session} HTTP/1.1\r\nHost: {wire.netloc}\r\nX-Goog-Upload-Command: query\r\n"
        "Content-Length: 0\r\nConnection: close\r\n\r\n"
    ).encode()

    answers = wire.raw(refused + query)

    assert answers.startswith(b"HTTP/1.1 409 ")
    assert b"HTTP/1.1 200 OK" in answers
    assert b"X-Goog-Upload-Size-Received: 0" in answers


def test_put_is_taken_like_post_and_other_methods_are_not(wire):
    session = wire.start(3)

    others = [wire.request(method, session, key=None) for method in OTHER_METHODS]
    put = wire.request(
        "PUT",
        session,
        b"abc",
        {"X-Goog-Upload-Command": "upload, finalize", "X-Goog-Upload-Offset": "0"},
        key=None,
    )

    assert [answer.status for answer in others] == [405] * len(OTHER_METHODS)
    assert all("POST" in answer.headers["Allow"] for answer in others)
    assert put.status == 200


def test_an_upload_without_a_protocol_is_told_so(wire):
    answer = wire.request("POST", "/upload/v1beta/files", {})

    assert answer.status == 404


def test_a_session_ends_after_a_week(wire, server):
    session, used = wire.start(3), wire.start(CHUNK + 3)
    wire.command(used, "upload", bytes(CHUNK), 0)

    server.advance(8 * 24 * 3600)

    assert wire.query(session).status == 404
    assert wire.query(used).status == 404
    assert list((server.data / "blobs").iterdir()) == []

"""Uploads in one request, as older clients send them."""

from __future__ import annotations

import pytest

BOUNDARY = "frontier-123"


def related(metadata: str, content: bytes, newline: str = "\r\n", mime_type: str = "text/plain") -> bytes:
    head = newline.join(
        [
            f"--{BOUNDARY}",
            "Content-Type: application/json; charset=utf-8",
            "",
            metadata,
            f"--{BOUNDARY}",
            f"Content-Type: {mime_type}",
            "Content-Transfer-Encoding: binary",
            "",
            "",
        ]
    )
    return head.encode() + content + f"{newline}--{BOUNDARY}--".encode()


CONTENTS = {
    "text": b"hello",
    "empty": b"",
    "line ends": b"\r\n\n\r\n",
    "almost a boundary": b"\r\n--frontier-12\r\n--frontier",
    "large": bytes(range(256)) * 20_000,
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
@pytest.mark.parametrize("newline", ["\r\n", "\n"], ids=["crlf", "lf"])
@pytest.mark.parametrize("boundary", [BOUNDARY, f'"{BOUNDARY}"'], ids=["bare", "quoted"])
@pytest.mark.parametrize(
    ("query", "headers"),
    [("", {"X-Goog-Upload-Protocol": "multipart"}), ("?uploadType=multipart&alt=json", {})],
    ids=["protocol", "uploadType"],
)
def test_multipart_carries_metadata_and_bytes(wire, server, content, newline, boundary, query, headers):
    body = related('{"file": {"displayName": "Größe", "name": "files/mine"}}', content, newline)
    sent = {"Content-Type": f"multipart/related; boundary={boundary}", **headers}

    answer = wire.request("POST", f"/upload/v1beta/files{query}", body, sent)

    assert answer.status == 200, answer.body
    assert answer.json["file"]["name"] == "files/mine"
    assert answer.json["file"]["displayName"] == "Größe"
    assert answer.json["file"]["mimeType"] == "text/plain"
    assert [path.read_bytes() for path in (server.data / "blobs").iterdir()] == [content]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no parts",
        related("{}", b"abc")[:-4],
        related("{", b"abc"),
        f"--{BOUNDARY}\r\n\r\n{{}}\r\n--{BOUNDARY}--".encode(),
        b"x" * 2_000_000,
    ],
    ids=["empty", "no-parts", "no-end", "bad-json", "one-part", "long-metadata"],
)
def test_broken_multipart_leaves_nothing_behind(wire, server, body):
    headers = {
        "Content-Type": f"multipart/related; boundary={BOUNDARY}",
        "X-Goog-Upload-Protocol": "multipart",
    }

    answer = wire.request("POST", "/upload/v1beta/files", body, headers)

    assert answer.status == 400
    assert wire.names() == []
    assert list((server.data / "blobs").iterdir()) == []


def test_multipart_without_a_boundary_is_400(wire):
    headers = {"Content-Type": "multipart/related", "X-Goog-Upload-Protocol": "multipart"}

    assert wire.request("POST", "/upload/v1beta/files", b"x", headers).status == 400


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("", {"X-Goog-Upload-Protocol": "raw", "X-Goog-Upload-Header-Content-Type": "text/csv"}),
        ("?uploadType=media", {"Content-Type": "text/csv"}),
        ("", {"Content-Type": "text/csv"}),
    ],
    ids=["protocol", "uploadType", "nothing"],
)
def test_raw_bytes_are_the_file(wire, query, headers):
    answer = wire.request("POST", f"/upload/v1/files{query}", b"a,b\n", headers)

    assert answer.json["file"]["mimeType"] == "text/csv"
    assert answer.json["file"]["sizeBytes"] == "4"


def test_raw_is_refused_like_other_uploads(wire, server):
    server.set(max_file_bytes=10)
    headers = {"X-Goog-Upload-Protocol": "raw", "Content-Type": "application/zip"}

    refused = wire.request("POST", "/upload/v1/files", b"PK", headers)
    too_large = wire.request("POST", "/upload/v1/files", bytes(11), headers)

    assert (refused.status, refused.message) == (400, "Unsupported MIME type: application/zip")
    assert (too_large.status, too_large.upload_status) == (400, "final")
    assert list((server.data / "blobs").iterdir()) == []

"""The older resumable protocol, as googleapiclient speaks it."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest


@pytest.fixture
def start(wire):
    def start(length: int | None) -> str:
        headers = {"X-Upload-Content-Type": "text/plain"}
        if length is not None:
            headers["X-Upload-Content-Length"] = str(length)
        answer = wire.request("POST", "/upload/v1beta/files?uploadType=resumable", {}, headers)
        assert answer.status == 200
        parts = urlsplit(answer.headers["Location"])
        return f"{parts.path}?{parts.query}"

    return start


def put(wire, session, body, content_range):
    headers = {} if content_range is None else {"Content-Range": content_range}
    return wire.request("PUT", session, body, headers)


def test_chunks_answer_308_until_the_last(wire, start):
    session = start(10)

    first = put(wire, session, b"12345", "bytes 0-4/10")
    asked = put(wire, session, b"", "bytes */10")
    last = put(wire, session, b"67890", "bytes 5-9/10")
    again = put(wire, session, b"", "bytes */10")

    assert (first.status, first.headers["Range"]) == (308, "bytes=0-4")
    assert (asked.status, asked.headers["Range"]) == (308, "bytes=0-4")
    assert last.json["file"]["sizeBytes"] == "10"
    assert again.body == last.body


def test_an_empty_file_is_a_range_of_nothing(wire, start):
    answer = put(wire, start(0), b"", "bytes */0")

    assert answer.json["file"]["sizeBytes"] == "0"


def test_without_a_range_the_body_is_everything(wire, start):
    answer = put(wire, start(None), b"12345", None)

    assert answer.json["file"]["sizeBytes"] == "5"


def test_nothing_received_has_no_range(wire, start):
    answer = put(wire, start(10), b"", "bytes */10")

    assert answer.status == 308
    assert answer.headers["Range"] is None


@pytest.mark.parametrize("content_range", ["bytes x-y/z", "0-4/10", "bytes 3-4/10", "bytes 0-4/10\u00b2"])
def test_ranges_that_do_not_fit_are_refused(wire, start, content_range):
    session = start(10)

    answer = put(wire, session, b"12345", content_range)

    assert answer.status in (400, 409)
    assert put(wire, session, b"", "bytes */10").headers["Range"] is None


def test_delete_cancels(wire, start):
    session = start(10)

    assert wire.request("DELETE", session).status == 499
    assert put(wire, session, b"", "bytes */10").status == 410


def test_the_discovery_document_describes_uploads_here(wire, server):
    document = wire.get("/$discovery/rest?version=v1beta", key=None).json

    assert document["rootUrl"] == f"{server.address}/"
    paths = document["resources"]["media"]["methods"]["upload"]["mediaUpload"]["protocols"]
    assert paths["simple"]["path"] == "/upload/v1beta/files"

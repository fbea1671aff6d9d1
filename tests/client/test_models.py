"""What the service describes, read tolerantly, and handed on to google-genai."""

from __future__ import annotations

import base64
import copy
import hashlib
import pickle
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from google import genai
from google.genai import types

from gemfiles_jupyter.client.models import (
    File,
    FileSource,
    FileState,
    Status,
    file_id,
    parse_duration,
    parse_time,
)
from gemfiles_jupyter.client.operation import Operation
from gemfiles_jupyter.errors import BadResponse
from gemfiles_jupyter.offline.testing import OfflineServer

DIGEST = hashlib.sha256(b"wave").digest()
JSON: dict[str, Any] = {
    "name": "files/abc-1",
    "displayName": "Wave: Tide.mp4",
    "mimeType": "video/mp4",
    "sizeBytes": "2147483648",
    "createTime": "2026-03-01T10:00:00.123456Z",
    "updateTime": "2026-03-01T10:00:01Z",
    "expirationTime": "2026-03-03T10:00:00.123456789Z",
    "sha256Hash": base64.b64encode(DIGEST.hex().encode()).decode(),
    "uri": "https://generativelanguage.googleapis.com/v1beta/files/abc-1",
    "state": "ACTIVE",
    "source": "UPLOADED",
    "videoMetadata": {"videoDuration": "3.5s"},
}


def with_fields(**fields: Any) -> File:
    return File.from_json({**JSON, **fields})


# Reading


def test_reads_a_whole_resource() -> None:
    file = File.from_json(JSON)

    assert (file.name, file.id, file.label) == ("files/abc-1", "abc-1", "Wave: Tide.mp4")
    assert file.size_bytes == 2147483648
    assert file.create_time == datetime(2026, 3, 1, 10, 0, 0, 123456, tzinfo=timezone.utc)
    assert file.expiration_time == datetime(2026, 3, 3, 10, 0, 0, 123456, tzinfo=timezone.utc)
    assert file.state is FileState.ACTIVE
    assert file.source is FileSource.UPLOADED
    assert file.video_seconds == 3.5
    assert file.sha256 == DIGEST.hex()
    assert file.error is None


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("2026-03-01T10:00:00Z", 0),
        ("2026-03-01T10:00:00.5Z", 500000),
        ("2026-03-01T10:00:00.123Z", 123000),
        ("2026-03-01T10:00:00.123456Z", 123456),
        ("2026-03-01T10:00:00.123456789Z", 123456),
        ("2026-03-01T10:00:00.000000000z", 0),
        ("2026-03-01T12:30:00.25+02:30", 250000),
        ("2026-03-01T02:00:00-08:00", 0),
        ("2026-03-01t02:00:00-0800", 0),
    ],
)
def test_reads_times_of_any_precision_and_offset(text: str, micros: int) -> None:
    assert parse_time(text) == datetime(2026, 3, 1, 10, 0, 0, micros, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        7,
        [],
        {},
        "yesterday",
        "2026-13-01T00:00:00Z",
        "2026-03-01",
        "2026-03-01T10:00:00",
        "2026-03-01T10:00:00+99:99",
        "0001-01-01T00:00:00+14:00",
        "٢٠٢٦-03-01T10:00:00Z",
    ],
    ids=repr,
)
def test_what_is_not_a_time_is_none(text: object) -> None:
    assert parse_time(text) is None


@pytest.mark.parametrize(
    "encoded",
    [
        base64.b64encode(DIGEST.hex().encode()).decode(),
        base64.b64encode(DIGEST.hex().upper().encode()).decode(),
        base64.b64encode(DIGEST.hex().encode()).decode().rstrip("="),
        base64.b64encode(DIGEST).decode(),
        base64.b64encode(DIGEST).decode().rstrip("="),
        base64.urlsafe_b64encode(DIGEST).decode(),
        DIGEST.hex(),
        DIGEST.hex().upper(),
    ],
    ids=["hex", "HEX", "hex unpadded", "raw", "raw unpadded", "raw url-safe", "plain", "PLAIN"],
)
def test_reads_the_digest_however_it_is_encoded(encoded: str) -> None:
    assert with_fields(sha256Hash=encoded).sha256 == DIGEST.hex()


@pytest.mark.parametrize("encoded", ["", "abc", "é", "%%%%", base64.b64encode(b"short").decode(), 5, None])
def test_what_is_no_digest_is_none(encoded: object) -> None:
    assert with_fields(sha256Hash=encoded).sha256 is None


def test_url_safe_digests_differ_from_plain_ones() -> None:
    digest = bytes([0xFB, 0xFF] * 16)

    assert "-" in base64.urlsafe_b64encode(digest).decode()
    assert with_fields(sha256Hash=base64.urlsafe_b64encode(digest).decode()).sha256 == digest.hex()


def test_a_state_and_a_source_of_tomorrow_are_kept_as_text() -> None:
    file = with_fields(state="TRANSCODING", source="DREAMED")

    assert (file.state, file.source) == ("TRANSCODING", "DREAMED")
    assert not file.is_active
    assert not file.is_failed


def test_a_file_may_have_nothing_but_a_name() -> None:
    file = File.from_json({"name": "files/x"})

    assert file.state is FileState.STATE_UNSPECIFIED
    assert (file.label, file.sha256, file.expires_in(), file.video_metadata) == ("files/x", None, None, None)


@pytest.mark.parametrize(
    "data", [{}, {"name": ""}, {"name": 5}, {"name": None}, [], None, "files/x"], ids=repr
)
def test_a_file_without_a_name_is_no_file(data: Any) -> None:
    with pytest.raises(BadResponse):
        File.from_json(data)


@pytest.mark.parametrize(
    "wrong", [None, True, 1.5, [], {}, "x", float("nan"), "9" * 5000], ids=lambda w: str(w)[:9]
)
def test_fields_of_the_wrong_type_are_no_error(wrong: object) -> None:
    data = dict.fromkeys([*JSON, "error", "downloadUri"], wrong) | {"name": "files/x"}

    file = File.from_json(data)

    assert file.name == "files/x"
    assert file.error is None or file.error == Status()
    assert repr(file)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3.5s", 3.5),
        ("0s", 0.0),
        ("7200.000000001s", 7200.000000001),
        ("3.5", None),
        (3.5, None),
        (None, None),
    ],
    ids=repr,
)
def test_reads_durations(value: object, seconds: float | None) -> None:
    assert parse_duration(value) == seconds


@pytest.mark.parametrize("text", ["3.5s", "15s", "0.04s", "5400.125s", "1234567.891s"])
def test_hands_a_duration_on_as_precise_as_it_came(text: str) -> None:
    assert with_fields(videoMetadata={"videoDuration": text}).video_metadata == {"video_duration": text}


def test_a_failed_file_says_why() -> None:
    error = {"code": 3, "message": "The video is broken.", "details": [{"reason": "X"}, "odd"]}

    file = with_fields(state="FAILED", error=error)
    silent = with_fields(state="FAILED")

    assert file.error == Status(3, "The video is broken.", [{"reason": "X"}])
    assert file.is_failed
    assert silent.is_failed
    assert silent.error is None


def test_an_operation_with_a_result_is_done_though_it_does_not_say_so() -> None:
    done = Operation.from_json({"name": "o/1", "response": {"documentName": "d"}})
    failed = Operation.from_json({"name": "o/1", "error": {"code": 5, "message": "no"}})
    running = Operation.from_json({"name": "o/1", "metadata": {}})

    assert (done.done, failed.done, running.done) == (True, True, False)
    assert failed.error == Status(5, "no")


def test_expires_in_counts_down_and_goes_below_zero() -> None:
    file = with_fields(expirationTime="2026-03-03T10:00:00Z")
    now = datetime(2026, 3, 3, 9, 0, tzinfo=timezone.utc)

    assert file.expires_in(now) == timedelta(hours=1)
    assert file.expires_in(now + timedelta(hours=2)) == timedelta(hours=-1)


# Being an object


def test_repr_is_short_and_says_what_matters() -> None:
    assert repr(File.from_json(JSON)) == (
        "File(name='files/abc-1', display_name='Wave: Tide.mp4', mime_type='video/mp4', "
        "size_bytes=2147483648, state='ACTIVE')"
    )


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda file: pickle.loads(pickle.dumps(file))])
def test_copies_and_pickles_are_equal(again: Any) -> None:
    file = with_fields(state="FAILED", error={"code": 3, "message": "no", "details": [{"a": 1}]})

    assert again(file) == file


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("abc", "abc"),
        ("abc-1", "abc-1"),
        ("files/abc-1-x", "abc-1-x"),
        (" files/abc ", "abc"),
        ("https://generativelanguage.googleapis.com/v1beta/files/abc-1-x", "abc-1-x"),
        ("http://127.0.0.1:8000/prefix/v1/files/abc", "abc"),
        ("files/Long_id_of_another_job", "Long_id_of_another_job"),
    ],
)
def test_file_id_reads_names_and_addresses(reference: str, expected: str) -> None:
    assert file_id(reference) == expected


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "files/",
        "-abc",
        "../etc",
        "files/../x",
        "files/files/x",
        "files/a/b",
        "a b",
        "lecture.mp4",
        "abc?key=1",
        "https://evil.test/abc",
        "https://h/files/a/b",
        "https://h/files/abc?key=1",
        "ftp://h/files/abc",
        "é",
    ],
)
def test_file_id_refuses_everything_else(reference: str) -> None:
    with pytest.raises(ValueError, match=r"(?s).*"):
        file_id(reference)


# Handing it to google-genai


@pytest.fixture
def sdk(server: OfflineServer) -> Any:
    with genai.Client(api_key=server.key, http_options=types.HttpOptions(base_url=server.address)) as client:
        yield client


@pytest.fixture
def stored(sdk: genai.Client, tmp_path: Any) -> File:
    """A file at the offline server, as our own client describes it."""
    (tmp_path / "notes.txt").write_text(TIDE)
    name = sdk.files.upload(file=tmp_path / "notes.txt").name
    file = sdk.files.get(name=name)
    data = file.model_dump(mode="json", by_alias=True, exclude_none=True)
    return File.from_json({**data, "sizeBytes": str(file.size_bytes)})


MODEL = "gemini-2.5-flash"
TIDE = "high tide at noon"


@pytest.mark.parametrize(
    "contents",
    [
        lambda file: [file, "What is this?"],
        lambda file: ["What is this?", file],
        lambda file: file,
        lambda file: {"role": "user", "parts": [file, {"text": "What is this?"}]},
        lambda file: [file.to_part(), "What is this?"],
        lambda file: {"role": "user", "parts": [file.to_part()]},
        lambda file: [file.to_genai(), "What is this?"],
    ],
    ids=["list", "text first", "alone", "parts", "to_part", "parts of to_part", "to_genai"],
)
def test_google_genai_sends_our_file(sdk: genai.Client, stored: File, contents: Any) -> None:
    answer = sdk.models.generate_content(model=MODEL, contents=contents(stored))

    assert TIDE in (answer.text or "")


def test_a_chat_of_google_genai_takes_the_exact_type(sdk: genai.Client, stored: File) -> None:
    answer = sdk.chats.create(model=MODEL).send_message([stored.to_genai(), "What is this?"])
    alone = sdk.chats.create(model=MODEL).send_message(stored.to_genai())

    assert TIDE in (answer.text or "")
    assert TIDE in (alone.text or "")


def test_to_genai_keeps_every_field() -> None:
    file = with_fields(
        state="FAILED",
        error={"code": 3, "message": "broken", "details": [{"a": 1}]},
        downloadUri="https://h/files/abc-1:download",
    )

    theirs = file.to_genai()

    assert type(theirs) is types.File
    assert theirs.state is types.FileState.FAILED
    assert theirs.source is types.FileSource.UPLOADED
    assert theirs.error == types.FileStatus(code=3, message="broken", details=[{"a": 1}])
    assert theirs.video_metadata == {"video_duration": "3.5s"}
    for field in types.File.model_fields:
        if field not in ("state", "source", "error"):
            assert getattr(theirs, field) == getattr(file, field), field


def test_our_file_has_every_attribute_of_theirs() -> None:
    file = File.from_json(JSON)

    assert all(hasattr(file, field) for field in types.File.model_fields)


def test_to_genai_of_a_file_with_nothing_but_a_name() -> None:
    assert File("files/x").to_genai() == types.File(name="files/x", state=types.FileState.STATE_UNSPECIFIED)


@pytest.mark.parametrize(
    ("mime_type", "kind"),
    [
        ("video/mp4", "video"),
        ("audio/wav", "audio"),
        ("image/png", "image"),
        ("application/pdf", "document"),
        ("text/plain", "document"),
        (None, "document"),
    ],
)
def test_to_input_names_the_kind(mime_type: str | None, kind: str) -> None:
    file = with_fields(mimeType=mime_type)

    assert file.to_input() == {"type": kind, "uri": file.uri, "mime_type": mime_type or ""}

"""Prompts: what is checked, what is answered, what is counted."""

from __future__ import annotations

import base64
import contextlib
import json
import sqlite3

import pytest

from gemfiles_jupyter.offline.testing import OfflineServer


def part(file, **more):
    return {"file_data": {"file_uri": file["uri"], "mime_type": file["mimeType"]}, **more}


def test_the_answer_names_what_arrived_and_that_no_model_read_it(wire, one_of_each):
    text = wire.answer_text(
        [*map(part, one_of_each), {"text": "Summarise this."}],
        systemInstruction={"parts": [{"text": "Be brief."}]},
        generationConfig={"temperature": 0.2},
    )

    for words in (
        *("offline server, not a model", "`lecture`: video/mp4", "3.5 s", "320 \u00d7 240 pixels"),
        *("`board`: image/png", "1000 \u00d7 300 pixels", "`voice`: audio/wav", "2 s", "3 pages"),
        *("    erste Zeile", "> Summarise this.", "“Be brief.”", "Temperature: 0.2"),
    ):
        assert words in text


def test_usage_follows_the_documented_rates(wire, mp4, png, wav, pdf):
    files = [
        wire.upload(mp4, "video/mp4"),
        wire.upload(png, "image/png"),
        wire.upload(wav, "audio/wav"),
        wire.upload(pdf, "application/pdf"),
        wire.upload(b"x" * 400),
    ]
    parts = [*map(part, files), {"text": "y" * 40}]

    counted = wire.generate(parts, "countTokens").json
    usage = wire.generate(parts).json["usageMetadata"]

    details = {entry["modality"]: entry["tokenCount"] for entry in counted["promptTokensDetails"]}
    assert details == {
        "VIDEO": 921,  # 3.5 s at 263
        "IMAGE": 516,  # two tiles
        "AUDIO": 64,
        "DOCUMENT": 774,
        "TEXT": 110,
    }
    assert counted["totalTokens"] == usage["promptTokenCount"] == sum(details.values())
    assert usage["totalTokenCount"] == usage["promptTokenCount"] + usage["candidatesTokenCount"]


def test_a_clip_counts_only_its_seconds(wire, mp4):
    file = wire.upload(mp4, "video/mp4")
    clip = {"startOffset": "1s", "end_offset": "2.5s", "fps": 2}

    counted = wire.generate([part(file, videoMetadata=clip)], "countTokens").json
    text = wire.answer_text([part(file, video_metadata=clip)])

    assert counted["totalTokens"] == 395
    assert "from 1 s to 2.5 s, 2 frames a second" in text


@pytest.mark.parametrize(
    "contents",
    [
        "Hello there",
        ["Hello there"],
        {"text": "Hello there"},
        {"parts": {"text": "Hello there"}},
        [{"role": "user", "parts": ["Hello there"]}],
        [{"parts": [{"text": "Hello"}, {"text": "there"}, {"functionCall": {"name": "f"}}]}],
    ],
)
def test_contents_come_in_many_shapes(wire, contents):
    answer = wire.request("POST", "/v1/models/gemini-2.5-flash:generateContent", {"contents": contents})

    assert "> Hello there" in answer.json["candidates"][0]["content"]["parts"][0]["text"]


@pytest.mark.parametrize(
    "contents", [None, [], {}, [{"role": "user", "parts": []}], 5, [5], [{"parts": [5]}]]
)
def test_contents_without_anything_are_400(wire, contents):
    answer = wire.request("POST", "/v1/models/gemini-2.5-flash:generateContent", {"contents": contents})

    assert answer.status == 400


def test_a_chat_is_asked_its_last_turn_and_keeps_its_files(wire, mp4):
    file = wire.upload(mp4, "video/mp4", display_name="lecture")
    turns = [
        {"role": "user", "parts": [part(file), {"text": "When is high water?"}]},
        {"role": "model", "parts": [{"text": "At noon."}]},
        {"role": "user", "parts": [{"text": "And tomorrow?"}]},
    ]

    text = wire.answer_text([], contents=turns)

    assert "> And tomorrow?" in text
    assert "`lecture`: video/mp4" in text
    assert "high water" not in text
    assert "noon" not in text


@pytest.mark.parametrize("method", ["generateContent", "streamGenerateContent", "countTokens"])
def test_files_are_checked_by_every_method(wire, server, mp4, method):
    gone = wire.upload(b"x")
    wire.request("DELETE", f"/v1beta/{gone['name']}")
    server.set(processing_seconds=60)
    early = wire.upload(mp4, "video/mp4")
    binary = wire.upload(b"x", "application/octet-stream")

    missing = wire.generate([part(gone)], method)
    not_active = wire.generate([part(early)], method)
    unsupported = wire.generate([part(binary)], method)
    bad_uri = wire.generate([{"fileData": {"fileUri": "ftp://x/files/a", "mimeType": "text/plain"}}], method)

    assert missing.status == 403
    assert missing.message == (
        f"You do not have permission to access the File {gone['name'][6:]} or it may not exist."
    )
    assert (not_active.status, not_active.json["error"]["status"]) == (400, "FAILED_PRECONDITION")
    assert not_active.message == (
        f"The File {early['name'][6:]} is not in an ACTIVE state and usage is not allowed."
    )
    assert unsupported.message == "Unsupported MIME type: application/octet-stream"
    assert bad_uri.message == "Invalid or unsupported file uri: ftp://x/files/a"


def test_a_uri_may_name_any_host_and_version(wire):
    file = wire.upload(b"x", name="files/my-id", display_name="mine")

    for uri in (
        *("https://generativelanguage.googleapis.com/v1beta/files/my-id", "files/my-id"),
        *("http://127.0.0.1:1/v1/files/my-id", "https://gateway.example/prefix/v1alpha/files/my-id"),
    ):
        assert "`mine`" in wire.answer_text([part({**file, "uri": uri})])


def test_inline_data_is_inspected_too(wire, png):
    data = base64.b64encode(png).decode()

    text = wire.answer_text([{"inline_data": {"mime_type": "image/png", "data": data}}])

    assert "1000 \u00d7 300 pixels" in text


def test_a_web_video_is_taken_and_not_fetched(wire):
    text = wire.answer_text([{"fileData": {"fileUri": "https://www.youtube.com/watch?v=abc"}}])

    assert "does not fetch it" in text


def test_a_stream_comes_in_several_events_and_adds_up(wire):
    file = wire.upload(b"first line\nsecond")
    path = "/v1beta/models/gemini-2.5-flash:streamGenerateContent"
    body = {"contents": [{"parts": [part(file), {"text": "What?"}]}]}

    answer = wire.request("POST", f"{path}?alt=sse", body)
    array = wire.request("POST", path, body)

    events = [json.loads(line.removeprefix(b"data: ")) for line in answer.body.split(b"\r\n\r\n") if line]
    text = "".join(event["candidates"][0]["content"]["parts"][0]["text"] for event in events)
    assert answer.headers["Content-Type"] == "text/event-stream"
    assert len(events) >= 3
    assert text == wire.answer_text(body["contents"][0]["parts"])
    assert [event["candidates"][0].get("finishReason") for event in events] == [None] * (len(events) - 1) + [
        "STOP"
    ]
    assert events[-1]["usageMetadata"]["candidatesTokenCount"] == -(-len(text) // 4)
    assert len({event["responseId"] for event in events}) == 1
    assert len(array.json) == len(events)
    assert array.body.endswith(b"}]")


def test_a_schema_gets_json_that_fits(wire, mp4):
    file = wire.upload(mp4, "video/mp4", display_name="lecture")
    item = {
        "type": "OBJECT",
        "properties": {
            "title": {"type": "STRING"},
            "mime_type": {"type": "STRING"},
            "seconds": {"type": "NUMBER"},
            "size_bytes": {"type": "INTEGER"},
            "mood": {"type": "STRING", "enum": ["calm", "loud"]},
            "is_good": {"type": "BOOLEAN", "nullable": True},
        },
    }
    schema = {
        "type": "object",
        "properties": {
            "films": {"type": "array", "items": {"$ref": "#/$defs/Film"}},
            "maybe": {"anyOf": [{"type": "null"}, {"type": "string"}]},
            "tags": {"type": "array", "minItems": 2, "items": {"type": "string", "maxLength": 5}},
        },
        "$defs": {"Film": item},
    }

    text = wire.answer_text(
        [part(file)], generationConfig={"responseMimeType": "application/json", "responseJsonSchema": schema}
    )

    answer = json.loads(text)
    assert answer["films"] == [
        {
            "title": "lecture",
            "mime_type": "video/mp4",
            "seconds": 3.5,
            "size_bytes": len(mp4),
            "mood": "calm",
            "is_good": True,
        }
    ]
    assert answer["maybe"] is None
    assert len(answer["tags"]) == 2


def test_a_schema_that_refers_to_itself_ends(wire):
    schema = {"type": "object", "properties": {"child": {"$ref": "#"}, "loop": {"$ref": "#/properties/loop"}}}

    text = wire.answer_text(
        [{"text": "x"}],
        generationConfig={"response_mime_type": "application/json", "response_schema": schema},
    )

    assert "child" in json.loads(text)


def test_an_unknown_model_is_404_and_the_known_are_listed(wire):
    unknown = wire.request("POST", "/v1beta/models/gpt-x:generateContent", {"contents": "x"})
    models = wire.get("/v1beta/models").json["models"]

    assert unknown.status == 404
    assert "models/gemini-2.5-flash" in [model["name"] for model in models]
    assert wire.get("/v1beta/models/gemini-2.5-flash").json["name"] == "models/gemini-2.5-flash"
    assert wire.get("/v1beta/models", key=None).status == 403


def test_a_name_cannot_break_the_markdown(wire):
    file = wire.upload(b"x", display_name="a\n# b `c` <script>")

    text = wire.answer_text([part(file)])

    assert "- `a # b 'c' <script>`: text/plain" in text


def test_a_prompt_takes_only_so_many_bytes_of_files(tmp_path, wire_to):
    with OfflineServer(tmp_path / "data") as server:
        wire = wire_to(server)
        files = [wire.upload(b"x"), wire.upload(b"y")]
        server.stop()
        with contextlib.closing(sqlite3.connect(server.data / "catalogue.db")) as database:
            database.execute("UPDATE files SET size_bytes = ?", (3 * 1024**3 // 2,))
            database.commit()
        server.start()

        one, both = wire.generate([part(files[0])]), wire.generate([*map(part, files)])

    assert one.status == 200
    assert both.status == 400
    assert both.message == "The request's total referenced files bytes are too large to be read"

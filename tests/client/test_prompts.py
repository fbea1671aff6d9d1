"""What a prompt looks like on the wire, and how its answer is read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gemfiles_jupyter.client.models import File
from gemfiles_jupyter.client.prompts import Clip, PromptOptions, Prompts
from gemfiles_jupyter.client.transport import Transport
from gemfiles_jupyter.errors import (
    BadResponse,
    FileUnavailable,
    NetworkError,
    QuotaExceeded,
    ServiceError,
)
from gemfiles_jupyter.offline.testing import OfflineServer

from .conftest import Given, OddServer, OddServers, Sender
from .fault_schedules import CLOCK

OPTIONS = PromptOptions("gemini-2.5-flash")
FILE = File("files/abc", mime_type="video/mp4", uri="https://host/v1beta/files/abc")


def prompts_of(server: OddServer) -> Prompts:
    return Prompts(Transport(server.endpoint(), sleep=CLOCK.skip))


def said(*texts: str, **more: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"parts": [{"text": text} for text in texts]}, **more}]}


def answer(message: object) -> Given:
    return Given(200, {"Content-Type": "application/json"}, json.dumps(message).encode())


def events(*messages: object, end: bytes = b"") -> Given:
    lines = b"".join(b"data: " + json.dumps(message).encode() + b"\r\n\r\n" for message in messages)
    return Given(200, {"Content-Type": "text/event-stream"}, lines + end)


# On the wire


def test_parts_keep_their_order_and_keys_are_camel_case(odd: OddServers) -> None:
    server = odd(lambda _: answer(said("ok")))

    prompts_of(server).generate(["Compare", FILE, "with", {"inlineData": {"data": "AA=="}}, FILE], OPTIONS)

    asked = server.asked[0]
    file_part = {"fileData": {"fileUri": FILE.uri, "mimeType": "video/mp4"}}
    assert asked.path == "/v1beta/models/gemini-2.5-flash:generateContent"
    assert json.loads(asked.body) == {
        "contents": [
            {
                "role": "user",
                "parts": [
                    {"text": "Compare"},
                    file_part,
                    {"text": "with"},
                    {"inlineData": {"data": "AA=="}},
                    file_part,
                ],
            }
        ]
    }


def test_options_go_where_the_service_looks_for_them(odd: OddServers) -> None:
    server = odd(lambda _: answer(said("ok")))
    options = PromptOptions("tunedModels/tide", system="Be brief.", temperature=0.0)

    prompts_of(server).generate(["Hi"], options)

    body = json.loads(server.asked[0].body)
    assert server.asked[0].path == "/v1beta/tunedModels/tide:generateContent"
    assert body["systemInstruction"] == {"parts": [{"text": "Be brief."}]}
    assert body["generationConfig"] == {"temperature": 0.0}


# The answer


def test_an_answer_is_its_text_without_thoughts_and_other_candidates(odd: OddServers) -> None:
    message = said("High ", "tide.", finishReason="STOP")
    message["candidates"][0]["content"]["parts"].insert(0, {"text": "Hm.", "thought": True})
    message["candidates"].append({"content": {"parts": [{"text": "Low tide."}]}})
    message |= {
        "modelVersion": "gemini-x",
        "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 2, "totalTokenCount": 7},
    }
    server = odd(lambda _: answer(message))

    got = prompts_of(server).generate(["When?"], OPTIONS)

    assert (str(got), got.model, got.finish_reason) == ("High tide.", "gemini-x", "STOP")
    assert (got.usage.prompt, got.usage.answer, got.usage.total) == (5, 2, 7)


@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])
def test_a_blocked_prompt_is_an_error_that_says_why(odd: OddServers, is_stream: bool) -> None:
    blocked = {"promptFeedback": {"blockReason": "SAFETY"}}
    prompts = prompts_of(odd(lambda _: events(blocked) if is_stream else answer(blocked)))

    with pytest.raises(ServiceError, match="blocked the prompt: SAFETY") as caught:
        list(prompts.stream(["x"], OPTIONS)) if is_stream else prompts.generate(["x"], OPTIONS)

    assert caught.value.reason == "SAFETY"


@pytest.mark.parametrize(
    "message",
    [{}, {"candidates": []}, {"candidates": [{}]}, {"candidates": [{"finishReason": "SAFETY"}]}],
    ids=["nothing", "no candidates", "empty candidate", "stopped"],
)
def test_an_answer_without_text_is_empty(odd: OddServers, message: dict[str, Any]) -> None:
    got = prompts_of(odd(lambda _: answer(message))).generate(["x"], OPTIONS)

    assert got.text == ""


def test_generate_at_the_offline_server_knows_the_file(sender: Sender) -> None:
    file = sender.send(b"high tide at noon").file

    got = Prompts(sender.transport).generate(["What is this?", file], OPTIONS)

    assert "high tide at noon" in got.text
    assert got.finish_reason == "STOP"
    assert (got.usage.total or 0) > 0


def test_a_file_that_is_gone_is_said_in_the_services_words(sender: Sender, server: OfflineServer) -> None:
    file = sender.send(b"tide", id="gone").file
    server.advance(49 * 3600)

    with pytest.raises(FileUnavailable, match="File gone"):
        Prompts(sender.transport).generate([file], OPTIONS)


# Streams


def test_a_stream_grows_to_the_same_answer(sender: Sender) -> None:
    prompts = Prompts(sender.transport)

    grown = list(prompts.stream(["Tell me about the tide."], OPTIONS))
    whole = prompts.generate(["Tell me about the tide."], OPTIONS)

    texts = [one.text for one in grown]
    assert len(texts) > 1
    assert all(texts[-1].startswith(text) for text in texts)
    assert texts == sorted(texts, key=len)
    assert texts[-1] == whole.text
    assert grown[-1].finish_reason == "STOP"


def test_a_stream_is_read_whatever_its_line_ends(odd: OddServers) -> None:
    chunks = b": comment\n\ndata:" + json.dumps(said("a")).encode() + b"\n\nevent: x\ndata: {}\r\n\r\n"
    server = odd(lambda _: Given(200, {}, chunks))

    texts = [one.text for one in prompts_of(server).stream(["x"], OPTIONS)]

    assert texts == ["a", "a"]
    assert server.asked[0].path.endswith(":streamGenerateContent?alt=sse")


def test_a_letter_that_is_cut_between_two_pieces_arrives_whole(odd: OddServers) -> None:
    line = b"data: " + json.dumps(said("☀"), ensure_ascii=False).encode() + b"\n\n"
    cut = line.index("☀".encode()) + 1
    server = odd(lambda _: Given(200, {}, chunks=iter([line[:cut], line[cut:]])))

    assert [one.text for one in prompts_of(server).stream(["x"], OPTIONS)] == ["☀"]


def test_an_error_in_the_middle_of_a_stream_is_raised(odd: OddServers) -> None:
    error = {"error": {"code": 429, "message": "You exceeded your quota", "status": "RESOURCE_EXHAUSTED"}}
    stream = prompts_of(odd(lambda _: events(said("Once"), error))).stream(["x"], OPTIONS)

    first = next(stream)

    assert first.text == "Once"
    with pytest.raises(QuotaExceeded, match="You exceeded your quota"):
        next(stream)


def test_a_stream_that_breaks_off_is_raised(odd: OddServers) -> None:
    body = events(said("Once")).body
    chunk = f"{len(body):x}\r\n".encode() + body + b"\r\n"  # and no last one
    cut = Given(200, {"Transfer-Encoding": "chunked"}, chunks=iter([chunk]))
    stream = prompts_of(odd(lambda _: cut)).stream(["x"], OPTIONS)

    assert next(stream).text == "Once"
    with pytest.raises(NetworkError, match="broke off"):
        next(stream)


@pytest.mark.parametrize("event", [b"data: <html>\n\n", b"data: 5\n\n"], ids=["page", "number"])
def test_an_event_that_is_no_object_is_a_bad_response(odd: OddServers, event: bytes) -> None:
    with pytest.raises(BadResponse):
        list(prompts_of(odd(lambda _: events(end=event))).stream(["x"], OPTIONS))


def test_a_stream_of_nothing_is_a_bad_response(odd: OddServers) -> None:
    with pytest.raises(BadResponse, match="no answer"):
        list(prompts_of(odd(lambda _: events())).stream(["x"], OPTIONS))


@pytest.mark.parametrize("shape", [lambda error: error, lambda error: [error]], ids=["object", "list"])
def test_a_stream_that_is_refused_at_once_says_why(odd: OddServers, shape: Any) -> None:
    error = {"error": {"code": 400, "message": "The File x is not in an ACTIVE state", "status": "NOPE"}}
    refused = Given(400, {}, json.dumps(shape(error)).encode())

    with pytest.raises(ServiceError, match="not in an ACTIVE state"):
        list(prompts_of(odd(lambda _: refused)).stream(["x"], OPTIONS))


def test_a_stream_that_is_left_early_frees_its_connection(odd: OddServers) -> None:
    server = odd(lambda _: events(*[said("a")] * 50))
    transport = Transport(server.endpoint(), workers=1)
    prompts = Prompts(transport)

    for _ in range(3):
        stream = prompts.stream(["x"], OPTIONS)
        next(stream)
        stream.close()  # type: ignore[attr-defined]

    assert len(server.asked) == 3


# Tokens


def test_count_tokens(sender: Sender) -> None:
    file = sender.send(b"high tide at noon" * 100).file
    prompts = Prompts(sender.transport)

    with_file = prompts.count_tokens(["What is this?", file], OPTIONS.model)
    without = prompts.count_tokens(["What is this?"], OPTIONS.model)

    assert with_file > without > 0


def test_count_tokens_sends_contents_only(odd: OddServers) -> None:
    server = odd(lambda _: answer({"totalTokens": 31}))

    count = prompts_of(server).count_tokens(["x"], OPTIONS.model)

    assert count == 31
    assert server.asked[0].path == "/v1beta/models/gemini-2.5-flash:countTokens"
    assert json.loads(server.asked[0].body) == {"contents": [{"role": "user", "parts": [{"text": "x"}]}]}


# Clips and JSON


@pytest.mark.parametrize(
    ("clip", "metadata"),
    [
        (Clip(FILE, 30.0, 130.0, 2.0), {"startOffset": "30s", "endOffset": "130s", "fps": 2.0}),
        (Clip(FILE, start_seconds=0.5), {"startOffset": "0.5s"}),
        (Clip(FILE, start_seconds=0.0, end_seconds=90.0), {"startOffset": "0s", "endOffset": "90s"}),
        (Clip(FILE, fps=0.25), {"fps": 0.25}),
    ],
    ids=["all", "fraction", "from the start", "frames"],
)
def test_a_clip_is_said_beside_its_file(odd: OddServers, clip: Clip, metadata: dict[str, Any]) -> None:
    server = odd(lambda _: answer(said("ok")))

    prompts_of(server).generate(["Look at", clip], OPTIONS)

    part = json.loads(server.asked[0].body)["contents"][0]["parts"][1]
    assert part == {"fileData": {"fileUri": FILE.uri, "mimeType": "video/mp4"}, "videoMetadata": metadata}


@pytest.mark.parametrize(
    ("schema", "config"),
    [
        (None, {}),
        ({"type": "object"}, {"responseJsonSchema": {"type": "object"}}),
        ({"type": "OBJECT"}, {"responseSchema": {"type": "OBJECT"}}),
        ({"$ref": "#/$defs/a"}, {"responseJsonSchema": {"$ref": "#/$defs/a"}}),
    ],
    ids=["none", "JSON schema", "the service's own", "reference"],
)
def test_json_is_asked_for_with_its_schema(
    odd: OddServers, schema: dict[str, Any] | None, config: dict[str, Any]
) -> None:
    server = odd(lambda _: answer(said("{}")))

    prompts_of(server).generate(["x"], PromptOptions("m", is_json=True, schema=schema))

    body = json.loads(server.asked[0].body)
    assert body["generationConfig"] == {"responseMimeType": "application/json", **config}


def test_how_an_answer_ended_is_kept_whatever_comes_after(odd: OddServers) -> None:
    end = said("half", finishReason="SAFETY", finishMessage="Not this.")
    last = {"usageMetadata": {"promptTokenCount": 5, "thoughtsTokenCount": 40}}
    server = odd(lambda _: events(said("One "), end, last))

    *_, got = prompts_of(server).stream(["x"], OPTIONS)

    assert (got.text, got.finish_reason, got.finish_message) == ("One half", "SAFETY", "Not this.")
    assert (got.usage.prompt, got.usage.thoughts) == (5, 40)

"""Interactions: what they take, what they answer whole and as a stream, what is kept, and for whom."""

from __future__ import annotations

import base64
import json

import pytest

from gemfiles_jupyter.offline.interactions_store import (
    MAX_KEPT,
    MAX_KEPT_BYTES,
    Interaction,
    Interactions,
    new_interaction_id,
)
from gemfiles_jupyter.offline.problems import Problem

MODEL = "gemini-2.5-flash"


def content(file, **more):
    family = file["mimeType"].partition("/")[0]
    kind = family if family in ("video", "audio", "image") else "document"
    return {"type": kind, "uri": file["uri"], "mime_type": file["mimeType"], **more}


@pytest.fixture
def interact(wire):
    def interact(asked, *, key="", version="v1beta", **more):
        body = {"model": MODEL, "input": asked, **more}
        return wire.request("POST", f"/{version}/interactions", body, key=key)

    return interact


@pytest.fixture
def text_of(interact):
    def text_of(asked, **more):
        answer = interact(asked, **more)
        assert answer.status == 200, answer.body
        return answer.json["steps"][-1]["content"][0]["text"]

    return text_of


def events_of(answer):
    """Return the data of the events, which are checked to be named as their data says."""
    assert answer.status == 200, answer.body
    assert answer.headers["Content-Type"] == "text/event-stream"
    *events, done, nothing = answer.body.decode().split("\n\n")
    assert done == "event: done\ndata: [DONE]"
    assert nothing == ""
    read = []
    for event in events:
        name, data = event.split("\n")
        read.append(json.loads(data.removeprefix("data: ")))
        assert name == f"event: {read[-1]['event_type']}"
    return read


def words_in(events):
    return "".join(event["delta"].get("text", "") for event in events if event["event_type"] == "step.delta")


def test_the_answer_names_what_arrived_and_that_no_model_read_it(text_of, one_of_each):
    text = text_of(
        [*map(content, one_of_each), {"type": "text", "text": "Summarise this."}],
        system_instruction="Be brief.",
        generation_config={"temperature": 0.2},
    )

    for words in (
        *("offline server, not a model", "`lecture`: video/mp4", "3.5 s", "320 × 240 pixels"),
        *("`board`: image/png", "1000 × 300 pixels", "`voice`: audio/wav", "2 s", "3 pages"),
        *("    erste Zeile", "> Summarise this.", "“Be brief.”", "Temperature: 0.2"),
    ):
        assert words in text


def test_the_answer_has_the_fields_of_the_service(interact):
    answer = interact("Hello there").json

    assert list(answer) == [
        *("id", "status", "usage", "created", "updated", "service_tier", "object", "model", "steps")
    ]
    assert answer["id"].startswith("v1_")
    assert (answer["object"], answer["status"], answer["model"]) == ("interaction", "completed", MODEL)
    assert len(answer["created"]) == len("2026-01-01T00:00:00Z")
    assert [step["type"] for step in answer["steps"]] == ["model_output"]


def test_usage_is_that_of_generate_content(wire, interact, mp4, pdf):
    files = [wire.upload(mp4, "video/mp4"), wire.upload(pdf, "application/pdf")]

    usage = interact([*map(content, files), "y" * 40]).json["usage"]

    assert usage["input_tokens_by_modality"] == [
        {"modality": "document", "tokens": 774},
        {"modality": "text", "tokens": 10},
        {"modality": "video", "tokens": 921},
    ]
    assert usage["total_input_tokens"] == 1705
    assert usage["total_tokens"] == 1705 + usage["total_output_tokens"]


@pytest.mark.parametrize(
    "asked",
    [
        "Hello there",
        {"type": "text", "text": "Hello there"},
        ["Hello there"],
        [{"type": "text", "text": "Hello there"}],
        [{"type": "user_input", "content": [{"type": "text", "text": "Hello there"}]}],
        [{"role": "user", "content": "Hello there"}],
        [
            {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
            {"role": "model", "content": "Hi"},
            {"type": "thought", "signature": "x"},
            {"type": "function_call", "name": "f"},
            {"role": "user", "content": {"type": "text", "text": "Hello there"}},
        ],
    ],
    ids=["words", "content", "list of words", "contents", "steps", "turns", "conversation"],
)
@pytest.mark.parametrize("version", ["v1beta", "v1alpha", "v1"])
def test_the_input_comes_in_many_shapes(text_of, asked, version):
    assert "\n\n> Hello there\n" in text_of(asked, version=version)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (None, "Missing required parameter: 'input'."),
        ([], "Missing required parameter: 'input'."),
        ([{"type": "user_input"}], "Missing required parameter: 'input'."),
        (5, "Invalid value at 'input[0]'"),
        ([{"role": "user", "content": "x"}, "x"], "Invalid value at 'input[1]'"),
        ([{"role": "system", "content": "x"}], "'system' is not supported for 'input[0].role'"),
        (
            [{"type": "song"}],
            "The value 'song' is not supported for 'input[0].type'. Supported values: 'text'",
        ),
        ([{"type": ["text"]}], "is not supported for 'input[0].type'"),
        ([{"type": "text"}], "Missing required parameter: 'input[0].text'."),
        ([{"type": "text", "text": 5}], "Invalid value at 'input[0].text'"),
        ([{"type": "image"}], "Missing required parameter: 'input[0].uri'."),
        ([{"type": "image", "uri": 5}], "Invalid value at 'input[0].uri'"),
        ([{"type": "image", "data": "eA", "mime_type": 5}], "Invalid value at 'input[0].mime_type'"),
        ([{"type": "image", "data": "x", "mime_type": "image/png"}], "Base64 decoding failed"),
        ([{"role": "user", "content": [{"type": "x"}]}], "for 'input[0].content[0].type'"),
    ],
)
def test_an_input_that_is_none_is_refused(interact, asked, words):
    answer = interact(asked)

    assert answer.status == 400
    assert words in answer.message
    assert answer.json["error"]["code"] == "invalid_request"


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"model": ""}, 400),
        ({"model": None, "agent": "deep-research"}, 400),
        ({"model": "gpt-x"}, 404),
        ({"model": "models/gemini-3.8-flash"}, 200),
        ({"stream": "yes"}, 400),
        ({"store": 1}, 400),
        ({"system_instruction": 5}, 400),
        ({"generation_config": {"temperature": "warm"}}, 400),
        ({"response_format": "json"}, 200),
        ({"background": True}, 200),
    ],
    ids=str,
)
def test_other_fields_are_checked_where_they_matter(interact, more, status):
    assert interact("x", **more).status == status


def test_files_are_checked_as_in_every_prompt(wire, interact, server, mp4, png):
    image = wire.upload(png, "image/png")
    gone = wire.upload(b"x")
    wire.request("DELETE", f"/v1beta/{gone['name']}")
    server.set(processing_seconds=60)
    early = wire.upload(mp4, "video/mp4")
    binary = wire.upload(b"x", "application/octet-stream")

    refused = {
        name: interact([asked, {"type": "text", "text": "What?"}], **more)
        for name, asked, more in (
            ("missing", content(gone), {}),
            ("missing, streamed", content(gone), {"stream": True}),
            ("another's", content(image), {"key": "another-key"}),
            ("early", content(early), {}),
            ("binary", content(binary), {}),
            ("no image", {"type": "audio", "uri": image["uri"]}, {}),
            ("said to be none", {"type": "image", "uri": image["uri"], "mime_type": "video/mp4"}, {}),
            ("name", {"type": "image", "uri": image["name"]}, {}),
            ("elsewhere", {"type": "image", "uri": "ftp://x/files/a"}, {}),
        )
    }

    errors = {name: (answer.status, *answer.json["error"].values()) for name, answer in refused.items()}
    no_such = "You do not have permission to access the File {} or it may not exist."
    assert {name: len(answer.json["error"]) for name, answer in refused.items()} == dict.fromkeys(refused, 2)
    assert errors["missing"] == (403, no_such.format(gone["name"][6:]), "permission_denied")
    assert errors["missing, streamed"] == errors["missing"]
    assert errors["another's"] == (403, no_such.format(image["name"][6:]), "permission_denied")
    assert errors["early"][:2] == (
        400,
        f"The File {early['name'][6:]} is not in an ACTIVE state and usage is not allowed.",
    )
    assert errors["binary"][1] == "Unsupported MIME type: application/octet-stream"
    assert errors["no image"][1] == "Unsupported MIME type: image/png"
    assert errors["said to be none"][1] == "Unsupported MIME type: video/mp4"
    assert errors["name"][1].startswith(f"Unsupported file URI type: {image['name']}. File URI must be")
    assert errors["elsewhere"][1].startswith("Invalid or unsupported file uri: ftp://x/files/a")


def test_the_type_may_be_left_out_and_a_clip_asked_for(wire, text_of, mp4):
    file = wire.upload(mp4, "video/mp4", display_name="lecture")
    clip = {"type": "static", "start_offset": "1s", "end_offset": "2.5s", "fps": 2}

    text = text_of([{"type": "video", "uri": file["uri"], "processing": clip}])

    assert "`lecture`: video/mp4" in text
    assert "from 1 s to 2.5 s, 2 frames a second" in text


def test_data_may_be_in_the_request(text_of, png):
    text = text_of([{"type": "image", "data": base64.b64encode(png).decode(), "mime_type": "image/png"}])

    assert "`inline data`: image/png" in text
    assert "1000 × 300 pixels" in text


@pytest.mark.parametrize(
    "form",
    [
        {"response_format": {"type": "text", "mime_type": "application/json", "schema": "SCHEMA"}},
        {"response_format": [{"type": "text", "mime_type": "application/json", "schema": "SCHEMA"}]},
        {"response_format": "SCHEMA", "response_mime_type": "application/json"},
    ],
    ids=["today's", "a list of it", "as it was"],
)
def test_a_schema_is_filled(wire, text_of, pdf, form):
    file = wire.upload(pdf, "application/pdf", display_name="paper")
    schema = {
        "type": "object",
        "properties": {"title": {"type": "string"}, "pages": {"type": "integer"}},
    }
    given = json.loads(json.dumps(form).replace('"SCHEMA"', json.dumps(schema)))

    assert json.loads(text_of([content(file)], **given)) == {"title": "paper", "pages": 3}


def test_a_file_search_is_cited(wire, interact):
    store = wire.request("POST", "/v1beta/fileSearchStores", {"displayName": "s"}).json["name"]
    file = wire.upload(b"Whales sing at night.", display_name="whales")
    begun = wire.request("POST", f"/v1beta/{store}:importFile", {"fileName": file["name"]}).json["name"]
    polls = (wire.get(f"/v1beta/{begun}").json for _ in range(2000))
    assert any(operation.get("done") for operation in polls)
    tool = {"type": "file_search", "file_search_store_names": [store]}

    whole = interact("When do whales sing?", tools=[tool]).json["steps"][-1]["content"][0]
    events = events_of(interact("When do whales sing?", tools=[tool], stream=True))

    assert "Whales sing at night." in whole["text"]
    assert whole["annotations"] == [
        {"type": "file_citation", "file_name": "whales", "source": "Whales sing at night."}
    ]
    assert [event["delta"] for event in events if event["event_type"] == "step.delta"][-1] == {
        "annotations": whole["annotations"],
        "type": "text_annotation_delta",
    }


def test_a_stream_has_the_documented_events(wire, interact):
    file = wire.upload(b"x", display_name="notes")
    asked = [content(file), {"type": "text", "text": "What?"}]

    events = events_of(interact(asked, stream=True))

    kinds = [event["event_type"] for event in events]
    assert kinds[:3] == ["interaction.created", "interaction.status_update", "step.start"]
    assert kinds[-2:] == ["step.stop", "interaction.completed"]
    assert set(kinds[3:-2]) == {"step.delta"}
    assert len(kinds) >= 8
    assert events[0]["interaction"]["status"] == "in_progress"
    assert events[2]["step"] == {"type": "model_output"}
    assert words_in(events) == interact(asked).json["steps"][-1]["content"][0]["text"]
    assert events[-1]["interaction"]["usage"] == interact(asked).json["usage"]


def test_a_stream_is_taken_up_again_where_it_broke_off(wire, interact):
    events = events_of(interact("What?", stream=True))
    path = f"/v1beta/interactions/{events[0]['interaction']['id']}?stream=true"

    assert events_of(wire.get(path)) == events
    assert events_of(wire.get(f"{path}&last_event_id={events[4]['event_id']}")) == events[5:]
    assert wire.get(f"{path}&last_event_id=-1").status == 400


def test_what_is_kept_is_told_with_its_steps_and_forgotten_on_demand(wire, interact):
    created = interact("What?").json
    path = f"/v1beta/interactions/{created['id']}"
    asked = {"type": "user_input", "content": [{"type": "text", "text": "What?"}]}

    assert wire.get(path).json == {**created, "steps": [asked, *created["steps"]]}
    assert wire.get(f"{path}?include_input=true").json["input"] == "What?"
    assert wire.get(path, key="another-key").status == 404
    assert wire.request("DELETE", path, key="another-key").status == 404

    deleted = wire.request("DELETE", path)

    assert (deleted.status, deleted.json) == (200, {})
    for again in (wire.get(path), wire.request("DELETE", path)):
        assert again.status == 404
        assert again.json == {"error": {"message": "Requested entity was not found.", "code": "not_found"}}


def test_steps_that_are_not_read_are_kept_as_they_came(wire, interact):
    call = {"type": "function_call", "name": "f", "content": 5}
    asked = {"type": "user_input", "content": [{"type": "text", "text": "x", "annotations": []}]}
    created = interact([asked, call]).json

    assert wire.get(f"/v1beta/interactions/{created['id']}").json["steps"][:2] == [asked, call]


def test_what_is_not_to_be_kept_is_not(wire, interact):
    created = interact("What?", store=False).json

    assert wire.get(f"/v1beta/interactions/{created['id']}").status == 404


def test_an_interaction_goes_on_with_the_one_before(wire, interact, pdf):
    file = wire.upload(pdf, "application/pdf", display_name="paper")
    first = interact([content(file), {"type": "text", "text": "What is it?"}]).json
    second = interact("How long?", previous_interaction_id=first["id"]).json
    third = interact("And now?", previous_interaction_id=second["id"]).json
    text = third["steps"][-1]["content"][0]["text"]

    assert "`paper`: application/pdf" in text
    assert "> And now?" in text
    assert "What is it?" not in text
    assert third["previous_interaction_id"] == second["id"]
    assert (
        third["usage"]["total_input_tokens"]
        > second["usage"]["total_input_tokens"]
        > first["usage"]["total_input_tokens"]
    )

    wire.request("DELETE", f"/v1beta/{file['name']}")

    assert interact("Still?", previous_interaction_id=third["id"]).status == 403


def test_one_before_that_is_not_there_is_refused(interact):
    kept = interact("What?").json["id"]

    malformed = interact("x", previous_interaction_id="interactions/none")
    unknown = interact("x", previous_interaction_id="v1_" + "a" * 64)
    anothers = interact("x", previous_interaction_id=kept, key="another-key")

    assert malformed.status == 400
    assert malformed.json["error"] == {
        "message": "Request contains an invalid argument.",
        "code": "invalid_request",
    }
    assert unknown.status == anothers.status == 404


@pytest.mark.parametrize(
    ("size_bytes", "count", "kept"),
    [(1, MAX_KEPT + 2, MAX_KEPT), (MAX_KEPT_BYTES // 2, 4, 2), (MAX_KEPT_BYTES + 1, 3, 1)],
    ids=["too many", "too large together", "too large each"],
)
def test_the_oldest_make_room(size_bytes, count, kept):
    store = Interactions()
    ids = [new_interaction_id() for _ in range(count)]
    for interaction_id in ids:
        store.add(Interaction(interaction_id, "k", MODEL, 0, "x", [], "x", [], {}, "", size_bytes))

    for interaction_id in ids[:-kept]:
        with pytest.raises(Problem):
            store.get(interaction_id, "k")
    assert [store.get(interaction_id, "k").interaction_id for interaction_id in ids[-kept:]] == ids[-kept:]


def test_a_reset_forgets_all(wire, interact, server):
    kept = interact("x").json["id"]

    server.reset()

    assert wire.get(f"/v1beta/interactions/{kept}").status == 404


def test_faults_keys_and_methods_are_those_of_every_prompt(wire, interact, server):
    server.fail_next("generate", status=503, body="later")
    scripted = interact("x")
    without_key = interact("x", key=None)
    wrong_method = wire.get("/v1beta/interactions")
    server.set(accepted_keys=["good-key"])
    bad_key = interact("x", key="bad-key")

    assert (scripted.status, scripted.body) == (503, b"later")
    assert (without_key.status, without_key.json["error"]["code"]) == (403, "permission_denied")
    assert (wrong_method.status, wrong_method.headers["Allow"]) == (405, "POST")
    assert bad_key.json["error"] == {
        "message": "API key not valid. Please pass a valid API key.",
        "code": "invalid_request",
    }

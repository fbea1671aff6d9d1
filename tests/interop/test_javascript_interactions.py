"""Google's own JavaScript client asks through interactions."""

from __future__ import annotations

import pytest

from .conftest import ClientError


@pytest.fixture
def client(server, start_client):
    return start_client("js/google_genai_interactions.mjs", server)


@pytest.fixture
def asked(client, media):
    path = str(media / "handout.pdf")
    file = client("upload", path=path, mime_type="application/pdf", display_name="handout")
    return {"type": "document", "uri": file["uri"], "mime_type": file["mimeType"], "text": "Sum it up."}


def test_asks_whole_and_as_a_stream(client, asked):
    whole = client("create", **asked)
    events = client("stream", **asked)

    assert whole["status"] == "completed"
    assert "`handout`: application/pdf" in whole["output_text"]
    assert "> Sum it up." in whole["output_text"]
    assert [event["event_type"] for event in events[:3]] == [
        *("interaction.created", "interaction.status_update", "step.start")
    ]
    assert events[-1]["interaction"]["usage"]["total_tokens"] == whole["usage"]["total_tokens"]
    assert whole["output_text"] == "".join(
        event["delta"]["text"] for event in events if event["event_type"] == "step.delta"
    )


def test_goes_on_gets_and_deletes(client, asked):
    first = client("create", **asked)
    second = client("create", text="And now?", previous_id=first["id"])
    kept = client("get", id=first["id"])

    client("delete", id=first["id"])

    assert "`handout`: application/pdf" in second["output_text"]
    assert [step["type"] for step in kept["steps"]] == ["user_input", "model_output"]
    with pytest.raises(ClientError, match="Requested entity was not found"):
        client("get", id=first["id"])


def test_an_error_is_the_one_of_the_service(client, asked):
    with pytest.raises(ClientError, match="permission to access the File none or it may not exist"):
        client("create", **{**asked, "uri": asked["uri"].rpartition("/")[0] + "/none"})

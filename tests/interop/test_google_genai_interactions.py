"""Google's own Python client asks through interactions."""

from __future__ import annotations

import asyncio
import io
import json

import pytest
from google import genai
from google.genai._interactions import BadRequestError, NotFoundError, PermissionDeniedError

import gemfiles_jupyter as gf

pytestmark = [
    pytest.mark.usefixtures("at_server"),
    # What aiohttp thinks of how google-genai uses it.
    pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning"),
]

MODEL = "gemini-3.8-flash"


@pytest.fixture
def client():
    with genai.Client() as client:
        yield client


@pytest.fixture
def run():
    """Run a coroutine with an asynchronous client."""

    def run(work):
        async def work_and_close():
            async with genai.Client().aio as aio:
                return await work(aio)

        return asyncio.run(work_and_close())

    return run


@pytest.fixture
def notes(client):
    config = {"mime_type": "text/plain", "display_name": "notes"}
    return client.files.upload(file=io.BytesIO(b"first line"), config=config)


def asked_about(file, words="What is in it?"):
    return [
        {"type": "text", "text": words},
        {"type": "document", "uri": file.uri, "mime_type": file.mime_type},
    ]


def words_of(events):
    return "".join(
        event.delta.text
        for event in events
        if event.event_type == "step.delta" and event.delta.type == "text"
    )


def test_asks_about_its_own_file(client, notes):
    interaction = client.interactions.create(model=MODEL, input=asked_about(notes))

    assert interaction.status == "completed"
    assert "`notes`: text/plain" in interaction.output_text
    assert "> What is in it?" in interaction.output_text
    assert interaction.steps[-1].content[0].text == interaction.output_text
    assert interaction.usage.total_tokens == (
        interaction.usage.total_input_tokens + interaction.usage.total_output_tokens
    )


def test_asks_about_files_of_this_package(client, media, tmp_path):
    (tmp_path / "poem.txt").write_text("Roses are red", encoding="utf-8")
    sources = (media / "lecture.mp4", media / "handout.pdf", tmp_path / "poem.txt")
    files = [gf.upload(source) for source in sources]

    interaction = client.interactions.create(
        model=MODEL,
        input=[*(file.to_input() for file in files), {"type": "text", "text": "What?"}],
    )

    assert "3 files arrived" in interaction.output_text
    for file in files:
        assert f"`{file.display_name}`: {file.mime_type}" in interaction.output_text


def test_a_stream_says_the_same(client, notes):
    whole = client.interactions.create(model=MODEL, input=asked_about(notes))

    events = list(client.interactions.create(model=MODEL, input=asked_about(notes), stream=True))

    assert events[0].event_type == "interaction.created"
    assert events[-1].event_type == "interaction.completed"
    assert events[-1].interaction.usage.total_tokens == whole.usage.total_tokens
    assert len(events) >= 8
    assert words_of(events) == whole.output_text


def test_asks_asynchronously(run):
    async def ask(aio):
        file = await aio.files.upload(file=io.BytesIO(b"x"), config={"mime_type": "text/plain"})
        whole = await aio.interactions.create(model=MODEL, input=asked_about(file))
        stream = await aio.interactions.create(model=MODEL, input=asked_about(file), stream=True)
        events = [event async for event in stream]
        kept = await aio.interactions.get(whole.id)
        await aio.interactions.delete(whole.id)
        with pytest.raises(NotFoundError):
            await aio.interactions.get(whole.id)
        return whole.output_text, words_of(events), kept.output_text

    whole, streamed, kept = run(ask)

    assert "offline server" in whole
    assert streamed == kept == whole


def test_goes_on_with_the_one_before(client, notes):
    first = client.interactions.create(model=MODEL, input=asked_about(notes))
    second = client.interactions.create(model=MODEL, input="And now?", previous_interaction_id=first.id)

    assert second.previous_interaction_id == first.id
    assert "`notes`: text/plain" in second.output_text
    assert "> And now?" in second.output_text


def test_gets_and_takes_a_stream_up_again(client, notes):
    created = client.interactions.create(model=MODEL, input=asked_about(notes))

    kept = client.interactions.get(created.id, include_input=True)
    events = list(client.interactions.get(created.id, stream=True))
    rest = list(client.interactions.get(created.id, stream=True, last_event_id=events[4].event_id))

    assert [step.type for step in kept.steps] == ["user_input", "model_output"]
    assert kept.steps[0].content[1].uri == notes.uri
    assert kept.input
    assert kept.output_text == words_of(events) == created.output_text
    assert rest == events[5:]


def test_a_schema_is_filled(client, notes):
    schema = {"type": "object", "properties": {"title": {"type": "string"}}}

    interaction = client.interactions.create(
        model=MODEL,
        input=asked_about(notes),
        response_format={"type": "text", "mime_type": "application/json", "schema": schema},
    )

    assert json.loads(interaction.output_text) == {"title": "notes"}


def test_errors_are_those_of_the_service(client, notes):
    client.files.delete(name=notes.name)

    for stream in (False, True):
        with pytest.raises(PermissionDeniedError, match="permission to access the File"):
            client.interactions.create(model=MODEL, input=asked_about(notes), stream=stream)
    with pytest.raises(BadRequestError, match="Unsupported file URI type: files/"):
        client.interactions.create(model=MODEL, input=[{"type": "document", "uri": notes.name}])
    with pytest.raises(BadRequestError, match="Request contains an invalid argument"):
        client.interactions.create(model=MODEL, input="x", previous_interaction_id="none")
    with pytest.raises(NotFoundError):
        client.interactions.create(model="gpt-x", input="x")

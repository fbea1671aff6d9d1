"""Google's own Python client against the offline server."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import importlib.util
import io

import httpx
import pytest
from google import genai
from google.genai import errors, types
from google.oauth2.credentials import Credentials

from gemfiles_jupyter.offline.pytest_plugin import gemfiles_offline, gemfiles_offline_process

__all__ = ["gemfiles_offline", "gemfiles_offline_process"]

# What aiohttp thinks of how google-genai uses it: a derived session, and chunks of 8 MiB as bytes.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Sending a large body directly with raw bytes:ResourceWarning"),
]

MIB = 1024**2
SIZES = {"empty": 0, "8 MiB": 8 * MIB, "8 MiB + 1": 8 * MIB + 1, "20 MiB": 20 * MIB}
MODEL = "gemini-2.5-flash"


def some_bytes(size: int) -> bytes:
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def check(file: types.File, content: bytes, name: str) -> None:
    assert file.display_name == name
    assert file.size_bytes == len(content)
    assert file.state == types.FileState.ACTIVE
    assert base64.b64decode(file.sha256_hash or "").decode() == hashlib.sha256(content).hexdigest()


@pytest.fixture
def client(gemfiles_offline):
    options = types.HttpOptions(base_url=gemfiles_offline.address)
    with genai.Client(api_key=gemfiles_offline.key, http_options=options) as client:
        yield client


@pytest.fixture(params=["httpx", "aiohttp"])
def run(gemfiles_offline, request):
    """Run a coroutine with an asynchronous client, once over each of the libraries it can use."""
    options = types.HttpOptions(base_url=gemfiles_offline.address)
    if request.param == "httpx":
        options.async_client_args = {"transport": httpx.AsyncHTTPTransport()}
    elif importlib.util.find_spec("aiohttp") is None:
        pytest.skip("aiohttp is not installed")

    def run(work):
        async def work_and_close():
            async with genai.Client(api_key=gemfiles_offline.key, http_options=options).aio as aio:
                return await work(aio)

        return asyncio.run(work_and_close())

    return run


@pytest.fixture(params=SIZES, ids=lambda name: name)
def content(request):
    return some_bytes(SIZES[request.param])


def test_uploads_a_path(client, tmp_path, content):
    path = tmp_path / "notes.txt"
    path.write_bytes(content)

    file = client.files.upload(file=path, config={"display_name": "Größe 大きさ"})

    check(file, content, "Größe 大きさ")


def test_uploads_a_stream(client, content):
    config = {"display_name": "stream – 潮", "mime_type": "text/plain"}

    file = client.files.upload(file=io.BytesIO(content), config=config)

    check(file, content, "stream – 潮")


def test_uploads_a_path_asynchronously(run, tmp_path, content):
    path = tmp_path / "notes.txt"
    path.write_bytes(content)

    file = run(lambda aio: aio.files.upload(file=path, config={"display_name": "Größe"}))

    check(file, content, "Größe")


def test_uploads_a_stream_asynchronously(run, content):
    config = {"display_name": "stream – 潮", "mime_type": "text/plain"}

    file = run(lambda aio: aio.files.upload(file=io.BytesIO(content), config=config))

    check(file, content, "stream – 潮")


@pytest.fixture
def far_away(tmp_path):
    """A file whose name is no ASCII."""
    path = tmp_path / "Übung – 潮汐.txt"
    path.write_bytes(b"x")
    return path


def test_a_path_that_is_not_ascii_stops_the_client_before_any_request(client, gemfiles_offline, far_away):
    with pytest.raises(UnicodeEncodeError):
        client.files.upload(file=far_away, config={"display_name": "Größe"})

    assert gemfiles_offline.requests() == []


def test_a_path_that_is_not_ascii_goes_through_only_over_aiohttp(run, request, gemfiles_offline, far_away):
    def upload():
        return run(lambda aio: aio.files.upload(file=far_away, config={"display_name": "Größe"}))

    if request.node.callspec.params["run"] == "aiohttp":
        check(upload(), b"x", "Größe")
        return
    with pytest.raises(UnicodeEncodeError):
        upload()
    assert gemfiles_offline.requests() == []


def test_gets_and_deletes(client):
    kept, gone = (
        client.files.upload(
            file=io.BytesIO(b"x"), config={"mime_type": "text/plain", "display_name": "Größe"}
        )
        for _ in range(2)
    )

    client.files.delete(name=gone.name)

    assert client.files.get(name=kept.name) == kept
    assert [file.name for file in client.files.list()] == [kept.name]


def test_gets_and_deletes_asynchronously(run):
    config = {"mime_type": "text/plain", "display_name": "Größe"}

    async def get_and_delete(aio):
        kept, gone = [await aio.files.upload(file=io.BytesIO(b"x"), config=config) for _ in range(2)]
        await aio.files.delete(name=gone.name)
        return kept, await aio.files.get(name=kept.name), [f.name async for f in await aio.files.list()]

    kept, got, names = run(get_and_delete)

    assert got == kept
    assert names == [kept.name]


def test_lists_over_several_pages(client, run):
    names = [
        client.files.upload(file=io.BytesIO(b"x"), config={"mime_type": "text/plain"}).name for _ in range(5)
    ]

    async def all_names(aio):
        return [file.name async for file in await aio.files.list(config={"page_size": 2})]

    assert [file.name for file in client.files.list(config={"page_size": 2})] == names[::-1]
    assert run(all_names) == names[::-1]


def test_prompts_with_its_own_file(client):
    config = {"mime_type": "text/plain", "display_name": "notes"}
    file = client.files.upload(file=io.BytesIO(b"first line"), config=config)

    answer = client.models.generate_content(model=MODEL, contents=[file, "What is in it?"])
    pieces = list(client.models.generate_content_stream(model=MODEL, contents=[file, "What is in it?"]))
    count = client.models.count_tokens(model=MODEL, contents=[file, "What is in it?"])

    assert "`notes`: text/plain" in (answer.text or "")
    assert "What is in it?" in (answer.text or "")
    assert len(pieces) >= 3
    assert "".join(piece.text or "" for piece in pieces) == answer.text
    assert pieces[-1].candidates[0].finish_reason == types.FinishReason.STOP
    assert count.total_tokens == answer.usage_metadata.prompt_token_count


def test_prompts_asynchronously(run):
    async def ask(aio):
        file = await aio.files.upload(file=io.BytesIO(b"x"), config={"mime_type": "text/plain"})
        answer = await aio.models.generate_content(model=MODEL, contents=[file, "What?"])
        stream = await aio.models.generate_content_stream(model=MODEL, contents=[file, "What?"])
        return answer.text, "".join([piece.text or "" async for piece in stream])

    text, streamed = run(ask)

    assert "offline server" in text
    assert streamed == text


def test_a_chat_remembers_its_file(client):
    file = client.files.upload(
        file=io.BytesIO(b"x"), config={"mime_type": "text/plain", "display_name": "memo"}
    )
    chat = client.chats.create(model=MODEL)

    chat.send_message(types.Part.from_uri(file_uri=file.uri, mime_type=file.mime_type))

    assert "`memo`" in (chat.send_message("And now?").text or "")


def test_registers_objects_with_a_token_and_prompts_with_its_key(client):
    token = Credentials(token="ya29.token")

    (file,) = client.files.register_files(auth=token, uris=["gs://bucket/notes.txt"]).files
    answer = client.models.generate_content(
        model=MODEL, contents=[types.Part.from_uri(file_uri=file.uri, mime_type=file.mime_type), "What?"]
    )

    assert [listed.name for listed in client.files.list()] == [file.name]
    assert "`notes.txt`: text/plain" in (answer.text or "")


def test_a_schema_is_parsed(client):
    schema = types.Schema(
        type=types.Type.OBJECT,
        properties={
            "title": types.Schema(type=types.Type.STRING),
            "n": types.Schema(type=types.Type.INTEGER),
        },
    )

    answer = client.models.generate_content(
        model=MODEL,
        contents="x",
        config={"response_mime_type": "application/json", "response_schema": schema},
    )

    assert set(answer.parsed) == {"title", "n"}


def test_use_after_delete_gives_the_text_of_the_service_asynchronously(run):
    async def use_after_delete(aio):
        file = await aio.files.upload(file=io.BytesIO(b"x"), config={"mime_type": "text/plain"})
        assert (await aio.files.get(name=file.name)).sha256_hash == file.sha256_hash
        await aio.files.delete(name=file.name)
        for use in (
            aio.files.get(name=file.name),
            aio.files.delete(name=file.name),
            aio.models.generate_content(model=MODEL, contents=[file, "x"]),
        ):
            with pytest.raises(errors.ClientError) as caught:
                await use
            assert caught.value.code == 403
            assert caught.value.message == (
                f"You do not have permission to access the File {file.name[6:]} or it may not exist."
            )

    run(use_after_delete)


def test_use_after_delete_gives_the_text_of_the_service(client):
    file = client.files.upload(file=io.BytesIO(b"x"), config={"mime_type": "text/plain"})
    client.files.delete(name=file.name)

    for use in (
        lambda: client.files.get(name=file.name),
        lambda: client.files.delete(name=file.name),
        lambda: client.models.generate_content(model=MODEL, contents=[file, "x"]),
    ):
        with pytest.raises(errors.ClientError) as caught:
            use()
        assert caught.value.code == 403
        assert caught.value.message == (
            f"You do not have permission to access the File {file.name[6:]} or it may not exist."
        )


def test_a_refused_type_gives_the_text_of_the_service(client):
    with pytest.raises(errors.ClientError, match="Unsupported MIME type: application/x-msdownload"):
        client.files.upload(file=io.BytesIO(b"MZ"), config={"mime_type": "application/x-msdownload"})

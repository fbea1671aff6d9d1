"""Public clients in Python, JavaScript and Go against the offline server: one list of cases for all."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

MIB = 1024**2
SIZES = {"0 bytes": 0, "8 MiB": 8 * MIB, "8 MiB + 1": 8 * MIB + 1, "20 MiB": 20 * MIB}
DISPLAY_NAME = "Größe 大きさ"

CLIENTS = {
    "google-generativeai": "python/google_generativeai_client.py",
    "LiteLLM": "python/litellm_client.py",
    "@google/genai": "js/google_genai.mjs",
    "@google/generative-ai": "js/google_generative_ai.mjs",
    "Go genai": "go",
}
# What a client does not offer, or cannot do with any server; the tests at the end show how it ends.
LACKS = {
    "LiteLLM": {"list"},
    "@google/genai": {"0 bytes", "other letters in file names"},
}


def clients_for(feature: str):
    """Parametrise over the clients that have the feature."""
    names = [name for name in CLIENTS if feature not in LACKS.get(name, ())]
    return pytest.mark.parametrize("client", names, indirect=True)


def uploads():
    """Parametrise over clients and sizes."""
    cases = [
        pytest.param(name, size, id=f"{name}-{size}")
        for name in CLIENTS
        for size in SIZES
        if size not in LACKS.get(name, ())
    ]
    return pytest.mark.parametrize(("client", "size"), cases, indirect=["client"])


@pytest.fixture
def client(request, server, start_client):
    return start_client(CLIENTS[request.param], server)


@pytest.fixture
def source(tmp_path):
    def source(size: int) -> Path:
        path = tmp_path / "notes.txt"
        path.write_bytes((bytes(range(251)) * (size // 251 + 1))[:size])
        return path

    return source


@pytest.fixture
def upload(client, source):
    def upload(size: int = 10, *, is_stream: bool = False, display_name: str = DISPLAY_NAME) -> dict:
        path = source(size)
        return client(
            "upload",
            path=str(path),
            mime_type="text/plain",
            display_name=display_name,
            is_stream=is_stream,
        )

    return upload


def check(file: dict, stored: dict, size: int, content: bytes) -> None:
    """The server has the bytes, and the client says of them what the server says."""
    assert stored["sizeBytes"] == str(size)
    assert stored["displayName"] == DISPLAY_NAME
    assert stored["mimeType"] == "text/plain"
    assert base64.b64decode(stored["sha256Hash"]).decode() == hashlib.sha256(content).hexdigest()
    assert {"name", "uri", "displayName", "sizeBytes"} <= set(file)
    assert {key: stored[key] for key in file if key in stored} == file


@uploads()
def test_uploads_a_path(upload, stored, tmp_path, size):
    file = upload(SIZES[size])

    check(file, stored(file["name"]), SIZES[size], (tmp_path / "notes.txt").read_bytes())


@uploads()
def test_uploads_a_stream(upload, stored, tmp_path, size):
    file = upload(SIZES[size], is_stream=True)

    check(file, stored(file["name"]), SIZES[size], (tmp_path / "notes.txt").read_bytes())


@clients_for("other letters in file names")
def test_uploads_a_path_whose_name_is_not_ascii(client, stored, tmp_path):
    path = tmp_path / "Übung – 潮汐.txt"
    path.write_bytes(b"x")

    file = client(
        "upload", path=str(path), mime_type="text/plain", display_name=DISPLAY_NAME, is_stream=False
    )

    check(file, stored(file["name"]), 1, b"x")


@clients_for("delete")
def test_deletes_a_file(client, upload, server):
    kept, gone = upload()["name"], upload()["name"]
    server.clear_requests()

    client("delete", name=gone)

    assert [request["status"] for request in server.requests()] == [200]
    assert client("get", name=kept)["name"] == kept
    with pytest.raises(Exception, match="permission to access the File"):
        client("get", name=gone)


@clients_for("get")
def test_gets_a_file(client, upload, stored):
    made = upload()

    file = client("get", name=made["name"])

    assert {"name", "uri", "displayName", "sizeBytes"} <= set(file)
    assert {key: stored(made["name"])[key] for key in file} == file


@clients_for("list")
def test_lists_over_several_pages(client, upload, server):
    names = [upload()["name"] for _ in range(5)]
    server.clear_requests()

    listed = client("list", page_size=2)

    assert listed == names[::-1]
    assert len(server.requests()) == 3


@clients_for("list")
def test_lists_the_last_page_when_it_is_full(client, upload):
    names = [upload()["name"] for _ in range(4)]

    assert client("list", page_size=2) == names[::-1]


@clients_for("ask")
def test_prompts_with_the_file(client, upload):
    file = upload(display_name="notes")

    answer = client("ask", uri=file["uri"], mime_type="text/plain", text="What is in it?")

    assert "`notes`: text/plain" in answer
    assert "What is in it?" in answer


@clients_for("stream")
def test_streams_the_answer(client, upload):
    file = upload(display_name="notes")
    prompt = {"uri": file["uri"], "mime_type": "text/plain", "text": "What is in it?"}

    pieces = client("stream", **prompt)

    assert len(pieces) >= 3
    assert "".join(pieces) == client("ask", **prompt)


@clients_for("delete")
@pytest.mark.parametrize("use", ["get", "delete", "ask", "stream"])
def test_use_after_delete_gives_the_text_of_the_service(client, upload, server, use):
    file = upload()
    client("delete", name=file["name"])
    prompt = {"uri": file["uri"], "mime_type": "text/plain", "text": "?"}
    arguments = prompt if use in ("ask", "stream") else {"name": file["name"]}

    with pytest.raises(Exception, match="permission to access the File") as caught:
        client(use, **arguments)

    assert f"the File {file['name'].removeprefix('files/')} or it may not exist." in str(caught.value)
    assert server.requests()[-1]["status"] == 403


@clients_for("refused types")
def test_a_refused_type_gives_the_text_of_the_service(client, source):
    with pytest.raises(Exception, match="Unsupported MIME type: application/x-msdownload"):
        client(
            "upload",
            path=str(source(2)),
            mime_type="application/x-msdownload",
            display_name="x",
            is_stream=True,
        )


# Where a client itself stops: it is no fault of the server, and will be noticed here when it is mended


@pytest.mark.parametrize("client", ["@google/genai"], indirect=True)
@pytest.mark.parametrize("is_stream", [False, True], ids=["path", "blob"])
def test_nothing_is_sent_of_an_empty_file_after_its_start(upload, server, is_stream):
    server.clear_requests()

    with pytest.raises(Exception, match="Unexpected end of JSON input"):
        upload(0, is_stream=is_stream)

    assert [(request["planes"], request["status"]) for request in server.requests()] == [(["start"], 200)]


@pytest.mark.parametrize("client", ["@google/genai"], indirect=True)
def test_a_file_name_beyond_latin_1_is_no_header(client, stored, server, tmp_path):
    def upload(name: str) -> dict:
        path = tmp_path / name
        path.write_bytes(b"x")
        return client(
            "upload", path=str(path), mime_type="text/plain", display_name=DISPLAY_NAME, is_stream=False
        )

    latin = upload("Übung.txt")
    server.clear_requests()
    with pytest.raises(Exception, match="ByteString"):
        upload("潮汐.txt")

    assert server.requests() == []
    check(latin, stored(latin["name"]), 1, b"x")


@pytest.mark.parametrize("client", ["LiteLLM"], indirect=True)
def test_there_is_no_list(client, server):
    with pytest.raises(Exception, match="does not support file listing"):
        client("list", page_size=2)

    assert server.requests() == []

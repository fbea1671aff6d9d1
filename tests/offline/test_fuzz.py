"""Whatever comes in, the answer is no 500 and the server lives."""

from __future__ import annotations

import http.client
import json

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")
SEGMENTS = (
    *("v1", "v1beta", "upload", "resumable", "files", "models", "files:register", "gemini-2.5-flash"),
    *("gemini-2.5-flash:generateContent", "gemini-2.5-flash:streamGenerateContent", "x:countTokens"),
    *(
        "interactions",
        "v1_" + "a" * 64,
        "fileSearchStores",
        "..",
        ".",
        "%2e%2e",
        "%00",
        "%ff",
        "a-b",
        "a:download",
        "$discovery",
        "rest",
        "",
    ),
)
HEADERS = {
    "X-Goog-Upload-Protocol": ("resumable", "multipart", "raw", "", "x"),
    "X-Goog-Upload-Command": (
        "start",
        "upload",
        "upload, finalize",
        "query",
        "cancel",
        "start, upload",
        "\xe9",
    ),
    "X-Goog-Upload-Offset": ("0", "-1", "9" * 30, "x", "\xb2"),
    "X-Goog-Upload-Header-Content-Length": ("0", "5", "-1", "9" * 30, "\xb2"),
    "X-Goog-Upload-Header-Content-Type": ("text/plain", "", "x", "a/b;c=\xe9", "video/mp4"),
    "X-Upload-Content-Length": ("1", "x"),
    "Content-Type": ("multipart/related; boundary=b", 'multipart/related; boundary="', "application/json"),
    "Content-Range": ("bytes 0-1/2", "bytes */0", "bytes 5-1/2", "x"),
    "Authorization": ("Bearer x", "Bearer", "Basic x"),
    "x-goog-api-key": ("k", "", "\xe9", "a b"),
    "Range": ("bytes=0-",),
    "If-None-Match": ("*",),
}
QUERIES = (
    *(
        "pageSize=5",
        "pageSize=%ff",
        "pageToken=%F0",
        "upload_id=x",
        "uploadType=resumable",
        "uploadType=media",
    ),
    *(
        "alt=sse",
        "$alt=json;enum-encoding=int",
        "key=%ff",
        "key=k&key=l",
        "alt=media",
        "a=b;c",
        "%",
        "version=x",
    ),
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("file", "name", "displayName", "mime_type", "contents", "parts", "text", "fileData"),
                    *("file_uri", "inline_data", "data", "mimeType", "generationConfig", "responseSchema"),
                    *("type", "properties", "items", "enum", "anyOf", "$ref", "minItems", "videoMetadata"),
                    *(
                        "startOffset",
                        "systemInstruction",
                        "uris",
                        "temperature",
                        "responseMimeType",
                        "maxLength",
                    ),
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
bodies = st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode())


@st.composite
def prompts(draw):
    """Bodies that come further than random ones: a prompt with some odd corner."""
    body = {"contents": draw(json_values), "generationConfig": draw(json_values)}
    if draw(st.booleans()):
        body["contents"] = [{"parts": [{"text": "x"}, draw(json_values)]}]
    if draw(st.booleans()):
        body["generationConfig"] = {
            "responseMimeType": "application/json",
            "responseSchema": draw(json_values),
        }
    return json.dumps(body).encode()


SETTINGS = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def ask(gemfiles_offline):
    connections = []

    def ask(method: str, target: str, body: bytes, headers: dict[str, str]) -> int:
        if not connections:
            connections.append(
                http.client.HTTPConnection(gemfiles_offline.address.removeprefix("http://"), timeout=30)
            )
        try:
            connections[0].request(method, target, body, headers)
            answer = connections[0].getresponse()
            answer.read()
        except (http.client.HTTPException, ConnectionError):
            connections.pop().close()
            return 0
        return answer.status

    yield ask
    for connection in connections:
        connection.close()
    assert "Traceback" not in gemfiles_offline.log()


@SETTINGS
@given(
    method=st.sampled_from(METHODS),
    segments=st.lists(st.sampled_from(SEGMENTS), max_size=4),
    queries=st.lists(st.sampled_from(QUERIES), max_size=2),
    headers=st.fixed_dictionaries({}, optional={name: st.sampled_from(v) for name, v in HEADERS.items()}),
    body=bodies,
)
def test_no_request_is_a_500(ask, method, segments, queries, headers, body):
    target = "/" + "/".join(segments) + ("?" + "&".join(queries) if queries else "")

    assert ask(method, target, body, headers) < 500


@SETTINGS
@given(body=prompts(), method=st.sampled_from(["generateContent", "streamGenerateContent", "countTokens"]))
def test_no_prompt_is_a_500(ask, body, method):
    status = ask("POST", f"/v1beta/models/gemini-2.5-flash:{method}", body, {"x-goog-api-key": "k"})

    assert status in (200, 400, 403)


@st.composite
def interactions(draw):
    """Questions with some odd corner."""
    content = st.fixed_dictionaries(
        {"type": st.sampled_from(["text", "image", "document", "thought", "user_input", "x"]) | json_values},
        optional={
            **{name: st.text(max_size=8) | json_values for name in ("text", "uri", "data", "mime_type")},
            **dict.fromkeys(("processing", "role", "content"), json_values),
        },
    )
    odd = draw(st.sampled_from(["stream", "store", "tools", "response_format", "generation_config", "model"]))
    asked = st.lists(content | json_values, max_size=3) | content | json_values
    return json.dumps({"model": "gemini-2.5-flash", "input": draw(asked), odd: draw(json_values)}).encode()


@SETTINGS
@given(body=interactions())
def test_no_interaction_is_a_500(ask, body):
    status = ask("POST", "/v1beta/interactions", body, {"x-goog-api-key": "k"})

    assert status in (200, 400, 403, 404)


@SETTINGS
@given(body=bodies, path=st.sampled_from(["/v1/files", "/v1/files:register", "/upload/v1/files"]))
def test_no_metadata_is_a_500(ask, body, path):
    headers = {"Authorization": "Bearer x", "X-Goog-Upload-Command": "start"}

    assert ask("POST", path, body, headers) < 500

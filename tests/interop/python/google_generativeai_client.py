"""Calls the old Python SDK: one JSON object a line in, one out."""

from __future__ import annotations

import base64
import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import google.generativeai as genai
from google.generativeai import client

ADDRESS = os.environ["GEMINI_ADDRESS"]
KEY = os.environ["GEMINI_KEY"]


def upload(path: str, mime_type: str, display_name: str, is_stream: bool) -> dict[str, Any]:
    source: Any = path
    if is_stream:
        source = io.BytesIO(Path(path).read_bytes())
    return described(genai.upload_file(source, mime_type=mime_type, display_name=display_name))


def get(name: str) -> dict[str, Any]:
    return described(genai.get_file(name))


def list_files(page_size: int) -> list[str]:
    return [file.name for file in genai.list_files(page_size=page_size)]


def delete(name: str) -> None:
    genai.delete_file(name)


def ask(uri: str, mime_type: str, text: str) -> str:
    return model().generate_content([reference(uri, mime_type), text]).text


def stream(uri: str, mime_type: str, text: str) -> list[str]:
    pieces = model().generate_content([reference(uri, mime_type), text], stream=True)
    return [piece.text for piece in pieces]


def model() -> genai.GenerativeModel:
    return genai.GenerativeModel("gemini-2.5-flash")


def reference(uri: str, mime_type: str) -> dict[str, Any]:
    return {"file_data": {"file_uri": uri, "mime_type": mime_type}}


def described(file: Any) -> dict[str, Any]:
    return {
        "name": file.name,
        "uri": file.uri,
        "displayName": file.display_name,
        "mimeType": file.mime_type,
        "sizeBytes": str(file.size_bytes),
        "sha256Hash": base64.b64encode(file.sha256_hash).decode(),
        "state": file.state.name,
    }


def main() -> None:
    # The SDK asks the public host how to upload, whatever its endpoint is.
    client.GENAI_API_DISCOVERY_URL = f"{ADDRESS}/$discovery/rest"
    genai.configure(api_key=KEY, transport="rest", client_options={"api_endpoint": ADDRESS})
    calls = {"upload": upload, "get": get, "list": list_files, "delete": delete, "ask": ask, "stream": stream}
    answers, sys.stdout = sys.stdout, sys.stderr  # what libraries print is no answer
    for line in sys.stdin:
        call = json.loads(line)
        try:
            answer = {"result": calls[call.pop("call")](**call)}
        except Exception as error:  # whatever its user would see
            answer = {"error": str(error)}
        print(json.dumps(answer), file=answers, flush=True)


main()

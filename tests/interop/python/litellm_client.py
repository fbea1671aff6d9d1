"""Calls LiteLLM's files API for Gemini: one JSON object a line in, one out."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # it would ask the network for prices at its import
import litellm
from litellm.llms.vertex_ai.gemini import transformation

ADDRESS = os.environ["GEMINI_ADDRESS"]
KEY = os.environ["GEMINI_KEY"]
FILES: dict[str, Any] = {"custom_llm_provider": "gemini", "api_base": ADDRESS, "api_key": KEY}


def upload(path: str, mime_type: str, display_name: str, is_stream: bool) -> dict[str, Any]:
    with Path(path).open("rb") as file:
        content = file if is_stream else Path(path).read_bytes()
        made = litellm.create_file(file=(display_name, content, mime_type), purpose="user_data", **FILES)
    return described(made)


def get(name: str) -> dict[str, Any]:
    return described(litellm.file_retrieve(file_id=name, **FILES))


def list_files(page_size: int) -> list[str]:
    return [file.id for file in litellm.file_list(**FILES, limit=page_size)]


def delete(name: str) -> None:
    litellm.file_delete(file_id=name, **FILES)


def ask(uri: str, mime_type: str, text: str) -> str:
    return complete(uri, mime_type, text).choices[0].message.content


def stream(uri: str, mime_type: str, text: str) -> list[str]:
    return [piece.choices[0].delta.content or "" for piece in complete(uri, mime_type, text, stream=True)]


def complete(uri: str, mime_type: str, text: str, **options: Any) -> Any:
    parts = [
        {"type": "file", "file": {"file_id": uri, "format": mime_type}},
        {"type": "text", "text": text},
    ]
    return litellm.completion(
        model="gemini/gemini-2.5-flash",
        messages=[{"role": "user", "content": parts}],
        api_base=f"{ADDRESS}/v1beta",
        api_key=KEY,
        **options,
    )


def described(file: Any) -> dict[str, Any]:
    name = "files/" + file.id.rpartition("/")[2]
    return {"name": name, "uri": file.id, "displayName": file.filename, "sizeBytes": str(file.bytes)}


def main() -> None:
    # A file's address on another host would be downloaded and sent inline.
    transformation.GEMINI_FILES_API_URI_PREFIX = f"{ADDRESS}/v1beta/files/"
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

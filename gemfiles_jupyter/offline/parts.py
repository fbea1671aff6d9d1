"""The parts of a prompt, read and checked: text, stored files, inline data, web addresses."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from . import lenient_json, mime_types, names, problems
from .backend import Backend
from .file_search import Search
from .lenient_json import field, list_field, object_field, text_field
from .media import Facts, inspect
from .problems import JsonObject, Problem
from .resources import State, StoredFile
from .settings import MAX_REFERENCED_BYTES

_SECONDS = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)s")
_WEB_VIDEO = re.compile(r"https://(?:www\.youtube\.com/watch\?v=|youtu\.be/)[\w-]+\S*")


@dataclass(frozen=True, slots=True)
class TextPart:
    """Words."""

    text: str


@dataclass(frozen=True, slots=True)
class Clip:
    """The section of a video that is asked for; None where it is the video's own."""

    start_seconds: float | None = None
    end_seconds: float | None = None
    fps: float | None = None


@dataclass(frozen=True, slots=True)
class MediaPart:
    """A file, or data in the request itself."""

    name: str
    mime_type: str
    size_bytes: int
    facts: Facts
    clip: Clip = Clip()

    @property
    def seconds(self) -> float:
        """How much of it plays."""
        length = self.facts.duration_ms / 1000
        start = self.clip.start_seconds or 0.0
        end = length if self.clip.end_seconds is None else min(self.clip.end_seconds, length)
        return max(0.0, end - start)


Part = TextPart | MediaPart


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a request asks, as far as the answer speaks of it.

    Attributes
    ----------
    parts
        All that the model would see, earlier turns included.
    texts
        The words of the last turn, which are the question.
    """

    parts: list[Part]
    texts: list[str]
    system: str = ""
    temperature: float | None = None
    response_type: str = "text/plain"
    schema: JsonObject | None = None
    search: Search | None = None

    @property
    def media(self) -> list[MediaPart]:
        """The files of the prompt."""
        return [part for part in self.parts if isinstance(part, MediaPart)]


async def read_prompt(backend: Backend, key_hash: str, message: JsonObject) -> Prompt:
    """Read and check a generateContent or countTokens request.

    Raises
    ------
    Problem
        As the service refuses it: no such file, not ACTIVE, a type it does not read, ...
    """
    inner = object_field(message, "generateContentRequest")
    message = inner or message
    contents = list_field(message, "contents")
    turns = [_parts_of(content) for content in contents]
    parts = [part for turn in turns for part in turn]
    if not parts:
        raise Problem(400, "* GenerateContentRequest.contents: contents is not specified")
    config = object_field(message, "generationConfig")
    return Prompt(
        parts=await read_parts(backend, key_hash, parts),
        texts=[str(part["text"]) for part in _last_turn(contents, turns) if part.get("text")],
        system=_system_text(message),
        temperature=number_field(config, "temperature"),
        response_type=text_field(config, "responseMimeType", "generation_config") or "text/plain",
        schema=_schema(config),
    )


async def read_parts(backend: Backend, key_hash: str, parts: list[JsonObject]) -> list[Part]:
    """Read and check the parts of a prompt, each and all together; those without a meaning here are left out.

    Raises
    ------
    Problem
        As :func:`read_prompt`.
    """
    read: list[Part] = []
    referenced_bytes = 0
    for part in parts:
        item = await _read_part(backend, key_hash, part)
        if item is None:
            continue
        if isinstance(item, MediaPart):
            referenced_bytes += item.size_bytes
            if referenced_bytes > MAX_REFERENCED_BYTES:
                raise problems.prompt_too_large()
        read.append(item)
    return read


def _last_turn(contents: Sequence[Any], turns: Sequence[list[JsonObject]]) -> list[JsonObject]:
    """Return the parts since the model last spoke."""
    spoken = [
        i
        for i, content in enumerate(contents)
        if isinstance(content, dict) and content.get("role") == "model"
    ]
    since = spoken[-1] + 1 if spoken else 0
    return [part for turn in turns[since:] for part in turn]


def _parts_of(content: object) -> list[JsonObject]:
    if isinstance(content, str):
        return [{"text": content}]
    if not isinstance(content, dict):
        raise problems.bad_value("contents", "TYPE_MESSAGE", content)
    parts = list_field(content, "parts") if field(content, "parts") is not None else [content]
    if parts == [content] and not {"text", "fileData", "file_data", "inlineData", "inline_data"} & set(
        content
    ):
        return []
    return [_as_object(part) for part in parts]


def _as_object(part: object) -> JsonObject:
    if isinstance(part, str):
        return {"text": part}
    if not isinstance(part, dict):
        raise problems.bad_value("contents.parts", "TYPE_MESSAGE", part)
    return part


async def _read_part(backend: Backend, key_hash: str, part: JsonObject) -> Part | None:
    reference = object_field(part, "fileData", "contents.parts")
    if reference:
        return await _read_file(backend, key_hash, reference, _clip(part))
    inline = object_field(part, "inlineData", "contents.parts")
    if inline:
        return await _read_inline(backend, inline, _clip(part))
    if field(part, "text") is not None:
        return TextPart(text_field(part, "text", "contents.parts"))
    return None  # function calls and the like: nothing that the answer could speak of


async def _read_file(backend: Backend, key_hash: str, reference: JsonObject, clip: Clip) -> MediaPart:
    uri = text_field(reference, "fileUri", "file_data")
    said_type = text_field(reference, "mimeType", "file_data")
    if _WEB_VIDEO.fullmatch(uri):
        return MediaPart(uri, said_type or "video/*", 0, Facts(), clip)
    file_id = names.id_in_uri(uri)
    file = await backend.storage.find(file_id, key_hash)
    if file is None:
        raise problems.no_such_file(file_id)
    if file.state_at(backend.clock.now_ns()) is not State.ACTIVE:
        raise problems.not_active(file_id)
    # Several samples of the public pages say "${MIME_TYPE}" here, in quotes in which the shell leaves it
    # as it is: what is no type says nothing, and the file has one of its own. (?)
    mime_type = said_type if mime_types.is_well_formed(said_type) else file.mime_type
    if not mime_types.is_promptable(mime_type):
        raise problems.unsupported_type(mime_type)
    facts = await _facts_as(backend, file, mime_type)
    return MediaPart(file.display_name or f"files/{file_id}", mime_type, file.size_bytes, facts, clip)


async def _facts_as(backend: Backend, file: StoredFile, mime_type: str) -> Facts:
    """Return what is in the file, read as the type that the prompt says it is."""
    if mime_types.essence(mime_type) == mime_types.essence(file.mime_type):
        return await backend.storage.facts(file)
    path = backend.storage.blobs.path(file.blob)
    return await backend.storage.work(_inspect_existing, path, mime_type)


def _inspect_existing(path: Any, mime_type: str) -> Facts:
    return inspect(path, mime_type) if path.exists() else Facts()


async def _read_inline(backend: Backend, inline: JsonObject, clip: Clip) -> MediaPart:
    mime_type = text_field(inline, "mimeType", "inline_data")
    if not mime_types.is_promptable(mime_type):
        raise problems.unsupported_type(mime_type)
    text = text_field(inline, "data", "inline_data")
    size_bytes, facts = await backend.storage.work(_inspect_inline, text, mime_type)
    return MediaPart("inline data", mime_type, size_bytes, facts, clip)


def _inspect_inline(text: str, mime_type: str) -> tuple[int, Facts]:
    try:
        # Padding may be missing; where it is not, more of it does no harm.
        data = base64.b64decode(text.replace("-", "+").replace("_", "/") + "==")
    except ValueError as error:
        raise Problem(
            400, "Invalid value at 'inline_data.data' (TYPE_BYTES), Base64 decoding failed"
        ) from error
    return len(data), inspect(data, mime_type)


def _clip(part: JsonObject) -> Clip:
    metadata = object_field(part, "videoMetadata", "contents.parts")
    return Clip(
        _offset(metadata, "startOffset"), _offset(metadata, "endOffset"), number_field(metadata, "fps")
    )


def _offset(metadata: JsonObject, name: str) -> float | None:
    value = field(metadata, name)
    if value is None:
        return None
    match = _SECONDS.fullmatch(str(value))
    if match is None:
        raise problems.bad_value(
            f"video_metadata.{name}", "type.googleapis.com/google.protobuf.Duration", value
        )
    return float(match.group(1))


def number_field(message: JsonObject, name: str) -> float | None:
    """Return a number of the request; None when it is not there."""
    value = field(message, name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise problems.bad_value(name, "TYPE_FLOAT", value)
    return float(value)


def _system_text(message: JsonObject) -> str:
    instruction = lenient_json.field(message, "systemInstruction")
    if instruction is None:
        return ""
    return "\n".join(
        str(part["text"]) for part in _parts_of(instruction) if isinstance(part.get("text"), str)
    )


def _schema(config: JsonObject) -> JsonObject | None:
    schema = field(config, "responseSchema", "responseJsonSchema", "responseFormat")
    return schema if isinstance(schema, dict) else None

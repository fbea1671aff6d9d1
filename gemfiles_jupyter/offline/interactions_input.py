"""What an interaction asks: the shapes in which its input comes, read into the parts of a prompt."""

from __future__ import annotations

from typing import Any

from .backend import Backend
from .file_search import search_stores
from .lenient_json import field, list_field, object_field, text_field
from .mime_types import family
from .parts import MediaPart, Prompt, number_field, read_parts
from .problems import JsonObject, Problem, bad_value, unsupported_type

_KINDS = ("text", "image", "audio", "document", "video")
_TURNS = {"user": "user_input", "model": "model_output"}
_SPOKEN = frozenset(_TURNS.values())


def steps_of(given: object) -> list[JsonObject]:
    """Return an input as steps: words, one content, a list of contents, or a list of turns.

    Raises
    ------
    Problem
        It is none of these, or a content lacks what its kind needs.
    """
    items = given if isinstance(given, list) else [given]
    if given is None or not items:
        raise _missing("input")
    if not any(map(_is_step, items)):
        return [{"type": "user_input", "content": _contents(items, "input")}]
    steps = [_step(item, f"input[{index}]") for index, item in enumerate(items)]
    if not any(map(_contents_of, steps)):
        raise _missing("input")
    return steps


async def read_interaction(
    backend: Backend, key_hash: str, message: JsonObject, earlier: list[JsonObject]
) -> Prompt:
    """Read and check a request, which goes on from the steps of earlier ones.

    Raises
    ------
    Problem
        As ``generateContent`` refuses it: no such file, not ACTIVE, a type it does not read, ...
    """
    steps = [*earlier, *steps_of(field(message, "input"))]
    contents = [content for step in steps for content in _contents_of(step)]
    latest = _contents_of(steps[-1])
    parts = await read_parts(backend, key_hash, [_part(content) for content in contents])
    for content, part in zip(contents, parts, strict=True):
        if isinstance(part, MediaPart):
            _check_kind(content["type"], part.mime_type)
    texts = [content["text"] for content in latest if content["type"] == "text"]
    response_type, schema = _response_format(message)
    return Prompt(
        parts=parts,
        texts=texts,
        system=text_field(message, "systemInstruction", "interaction"),
        temperature=number_field(object_field(message, "generationConfig"), "temperature"),
        response_type=response_type,
        schema=schema,
        search=await search_stores(backend, key_hash, _search_tools(message), " ".join(texts)),
    )


def _is_step(item: object) -> bool:
    """Tell steps, and the turns that came before them, from contents."""
    if not isinstance(item, dict):
        return False
    kind = str(item.get("type", ""))
    return "role" in item or kind in _SPOKEN or kind == "thought" or kind.endswith(("_call", "_result"))


def _step(item: object, path: str) -> JsonObject:
    if not isinstance(item, dict) or not _is_step(item):
        raise bad_value(path, "TYPE_MESSAGE", item)
    kind = _TURNS.get(str(item["role"])) if "role" in item else item["type"]
    if kind is None:
        raise _unsupported(item["role"], f"{path}.role", _TURNS)
    if kind not in _SPOKEN:
        return item
    content = field(item, "content")
    contents = content if isinstance(content, list) else [] if content is None else [content]
    return {"type": kind, "content": _contents(contents, f"{path}.content")}


def _contents_of(step: JsonObject) -> list[JsonObject]:
    """Return what is to be read in a step: nothing in thoughts, calls of tools and their results."""
    contents: list[JsonObject] = step["content"] if step["type"] in _SPOKEN else []
    return contents


def _contents(items: list[Any], path: str) -> list[JsonObject]:
    return [_content(item, f"{path}[{index}]") for index, item in enumerate(items)]


def _content(item: object, path: str) -> JsonObject:
    """Return a content when it has what its kind needs."""
    if isinstance(item, str):
        return {"type": "text", "text": item}
    if not isinstance(item, dict):
        raise bad_value(path, "TYPE_MESSAGE", item)
    kind = item.get("type")
    if kind not in _KINDS:
        raise _unsupported(kind, f"{path}.type", _KINDS)
    needed = ("text",) if kind == "text" else ("uri", "data")
    given = {name: item[name] for name in (*needed, "mime_type") if item.get(name) is not None}
    for name, value in given.items():
        if not isinstance(value, str):
            raise bad_value(f"{path}.{name}", "TYPE_STRING", value)
    if not given.keys() & set(needed):
        raise _missing(f"{path}.{needed[0]}")
    if "uri" in given and given["uri"].startswith("files/"):
        # Elsewhere the service takes a name for an address; here it does not.
        raise Problem(
            400,
            f"Unsupported file URI type: {given['uri'][:200]}. File URI must be a File API "
            "(e.g. https://generativelanguage.googleapis.com/files/<id>), Youtube "
            "(e.g. https://www.youtube.com/watch?v=<id>), or HTTPS (e.g. http://path/to/file).",
        )
    return item


def _part(content: JsonObject) -> JsonObject:
    """Return a content as generateContent has it."""
    if content["type"] == "text":
        return {"text": content["text"]}
    mime_type = content.get("mime_type") or ""
    processing = content.get("processing")
    clip = {"videoMetadata": processing} if isinstance(processing, dict) else {}
    if content.get("uri") is not None:
        return {"fileData": {"fileUri": content["uri"], "mimeType": mime_type}, **clip}
    return {"inlineData": {"data": content["data"], "mimeType": mime_type}, **clip}


def _check_kind(kind: str, mime_type: str) -> None:
    """Refuse an image that is none, and so on; a document may be of any type that is read (?)."""
    if kind not in ("document", family(mime_type)):
        raise unsupported_type(mime_type)


def _response_format(message: JsonObject) -> tuple[str, JsonObject | None]:
    """Return the type of the answer and its schema: today's form, or a bare schema as it was before."""
    formats = [item for item in list_field(message, "responseFormat") if isinstance(item, dict)]
    said_type = text_field(message, "responseMimeType", "interaction")
    for item in formats:
        if item.get("type") == "text":
            return text_field(item, "mimeType", "response_format") or "text/plain", _schema(item)
        if said_type:
            return said_type, item
    return said_type or "text/plain", None


def _schema(item: JsonObject) -> JsonObject | None:
    schema = item.get("schema")
    return schema if isinstance(schema, dict) else None


def _search_tools(message: JsonObject) -> JsonObject:
    """Return the file search tools as generateContent has them."""
    tools = [tool for tool in list_field(message, "tools") if isinstance(tool, dict)]
    return {"tools": [{"fileSearch": tool} for tool in tools if tool.get("type") == "file_search"]}


def _missing(path: str) -> Problem:
    return Problem(400, f"Missing required parameter: '{path}'.")


def _unsupported(value: object, path: str, supported: Any) -> Problem:
    names = ", ".join(f"'{name}'" for name in supported)
    return Problem(
        400, f"The value '{str(value)[:100]}' is not supported for '{path}'. Supported values: {names}."
    )

"""Answers in JSON that fit a schema, filled from what arrived where the names suggest it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from .answers import describe, length
from .parts import MediaPart, Prompt
from .problems import JsonObject

_MAX_DEPTH = 12
_SENTENCE = "Offline server, not a model."

_TEXT_HINTS: list[tuple[str, Callable[[MediaPart], str]]] = [
    ("mime|type", lambda part: part.mime_type),
    ("name|title|file", lambda part: part.name),
    ("duration|length", lambda part: length(part.facts.duration_ms / 1000)),
    ("line|quote|text", lambda part: part.facts.first_lines[0] if part.facts.first_lines else ""),
]
_NUMBER_HINTS: list[tuple[str, Callable[[MediaPart], float]]] = [
    ("second|duration|length", lambda part: part.facts.duration_ms / 1000),
    ("byte|size", lambda part: part.size_bytes),
    ("width", lambda part: part.facts.width),
    ("height", lambda part: part.facts.height),
    ("page", lambda part: part.facts.pages),
    ("character", lambda part: part.facts.characters),
]


def json_answer(prompt: Prompt) -> str:
    """Return a JSON text: one that fits the schema, or a plain account without one."""
    if prompt.schema is None:
        files = [describe(part) for part in prompt.media]
        return json.dumps({"note": _SENTENCE, "prompt": " ".join(prompt.texts)[:300], "files": files})
    filler = _Filler(prompt.schema)
    media = prompt.media
    return json.dumps(
        filler.fill(prompt.schema, "", media[0] if media else None, media, 0), ensure_ascii=False
    )


class _Filler:
    """Walks a schema and makes a value for it."""

    def __init__(self, root: JsonObject) -> None:
        self._root = root

    def fill(
        self, schema: object, name: str, part: MediaPart | None, media: list[MediaPart], depth: int
    ) -> object:
        """Return a value for a schema; `part` is the file that it is about."""
        if not isinstance(schema, dict) or depth > _MAX_DEPTH:
            return None
        schema = self._resolve(schema)
        for choice in ("const", "default", "example"):
            if choice in schema:
                return schema[choice]
        if isinstance(schema.get("enum"), list) and schema["enum"]:
            return schema["enum"][0]
        for alternatives in ("anyOf", "any_of", "oneOf", "allOf"):
            if isinstance(schema.get(alternatives), list) and schema[alternatives]:
                return self.fill(schema[alternatives][0], name, part, media, depth + 1)
        kind = self._kind(schema)
        if kind == "object":
            properties = schema.get("properties")
            fields = properties.items() if isinstance(properties, dict) else ()
            return {key: self.fill(item, key, part, media, depth + 1) for key, item in fields}
        if kind == "array":
            return self._fill_array(schema, name, media, depth)
        if kind in ("integer", "number"):
            return _number(schema, kind, name, part)
        if kind == "boolean":
            return True
        return None if kind == "null" else _text(schema, name, part)

    def _fill_array(self, schema: JsonObject, name: str, media: list[MediaPart], depth: int) -> list[object]:
        """Return one item a file, within the limits."""
        least = _whole(schema, "minItems", "min_items", 0)
        most = _whole(schema, "maxItems", "max_items", 20)
        about: list[MediaPart | None] = list(media) or [None]
        count = max(least, min(most, len(about)))
        items = schema.get("items", {"type": "string"})
        return [self.fill(items, name, about[i % len(about)], media, depth + 1) for i in range(count)]

    def _kind(self, schema: JsonObject) -> str:
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kind, list):
            kind = next((item for item in kind if item != "null"), "null")
        return str(kind).lower()

    def _resolve(self, schema: JsonObject) -> JsonObject:
        """Follow a reference inside the schema."""
        for _ in range(_MAX_DEPTH):
            reference = schema.get("$ref", schema.get("ref"))
            if not isinstance(reference, str):
                break
            target: object = self._root
            for step in reference.removeprefix("#").strip("/").split("/"):
                target = target.get(step) if isinstance(target, dict) else None
            if not isinstance(target, dict):
                return {}
            schema = target
        return schema


def _text(schema: JsonObject, name: str, part: MediaPart | None) -> str:
    form = str(schema.get("format", ""))
    if form == "date":
        return "2026-01-01"
    if form in ("date-time", "time"):
        return "2026-01-01T00:00:00Z" if form == "date-time" else "00:00:00Z"
    text = _SENTENCE
    if part is not None:
        text = next((hint(part) for words, hint in _TEXT_HINTS if re.search(words, name.lower())), "")
        text = text or _SENTENCE
    least = _whole(schema, "minLength", "min_length", 0)
    most = _whole(schema, "maxLength", "max_length", 10_000)
    return text.ljust(min(least, 10_000), ".")[:most]


def _number(schema: JsonObject, kind: str, name: str, part: MediaPart | None) -> float:
    value: float = 0
    if part is not None:
        value = next((hint(part) for words, hint in _NUMBER_HINTS if re.search(words, name.lower())), 0)
    for limit, choose in (("minimum", max), ("maximum", min)):
        bound = schema.get(limit)
        if isinstance(bound, (int, float)):
            value = choose(value, bound)
    return round(value) if kind == "integer" else value


def _whole(schema: JsonObject, name: str, other: str, default: int) -> int:
    """Return a limit, which the service also writes as a string."""
    try:
        return int(str(schema.get(name, schema.get(other, default))))
    except ValueError:
        return default

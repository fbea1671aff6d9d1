"""JSON as the service reads it (leniently) and prints it (exactly).

In: single-quoted strings and trailing commas, because the curl samples on the
public pages have them; camelCase and snake_case keys, even in one body; 64-bit
integers as strings or numbers.  Out: camelCase, two spaces, a newline at the end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from . import problems

JsonObject = dict[str, Any]

MAX_DEPTH = 100

# Without alternatives inside the repeats: such a pattern takes seconds and gigabytes for a long string.
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|\'[^\'\\]*(?:\\.[^\'\\]*)*\'', re.DOTALL)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse_object(body: bytes) -> JsonObject:
    """Return the JSON object in a request's body; an empty body is an empty object.

    Raises
    ------
    Problem
        The body is no JSON, is nested too deeply, repeats a key, or is no object.
    """
    if not body.strip():
        return {}
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise problems.bad_json("The body is not UTF-8.") from error
    value = _parse(text)
    if not isinstance(value, dict):
        raise problems.bad_json("Root element must be a message.")
    return value


def dump(value: object) -> bytes:
    """Return a value as the service prints it."""
    return json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n"


def field(message: JsonObject, *names: str) -> Any:
    """Return the value of a field given by its camelCase name, also when spelled in snake_case."""
    for name in names:
        for spelling in (name, _snake(name)):
            if message.get(spelling) is not None:
                return message[spelling]
    return None


def text_field(message: JsonObject, name: str, path: str) -> str:
    """Return a string field, empty when it is not there."""
    value = field(message, name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise problems.bad_value(f"{path}.{_snake(name)}", "TYPE_STRING", value)
    return value


def object_field(message: JsonObject, name: str, path: str = "") -> JsonObject:
    """Return a message field, empty when it is not there."""
    value = field(message, name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise problems.bad_value(f"{path}.{_snake(name)}".lstrip("."), "TYPE_MESSAGE", value)
    return value


def list_field(message: JsonObject, name: str) -> Sequence[Any]:
    """Return a repeated field; a single value is taken as a list of one."""
    value = field(message, name)
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda match: "_" + match.group().lower(), name)


def _parse(text: str) -> object:
    try:
        value = _loads(text)
    except json.JSONDecodeError:
        value = _loads_or_refuse(_as_strict(text))
    except RecursionError as error:
        raise problems.bad_json("Message too deep.") from error
    _check(value, depth=0)
    return value


def _loads(text: str) -> object:
    return json.loads(text, strict=False, object_pairs_hook=_object_of, parse_constant=_refuse_constant)


def _loads_or_refuse(text: str) -> object:
    try:
        return _loads(text)
    except json.JSONDecodeError as error:
        raise problems.bad_json(f"{error.msg} at line {error.lineno}, column {error.colno}.") from error
    except RecursionError as error:
        raise problems.bad_json("Message too deep.") from error


def _object_of(pairs: list[tuple[str, Any]]) -> JsonObject:
    message = dict(pairs)
    if len(message) != len(pairs):
        raise problems.bad_json("Duplicate field.")
    return message


def _refuse_constant(name: str) -> NoReturn:
    raise problems.bad_json(f"Unexpected token {name}.")


def _as_strict(text: str) -> str:
    """Turn single-quoted strings into double-quoted ones and drop trailing commas."""
    pieces = []
    end = 0
    for match in _STRING.finditer(text):
        pieces.append(_TRAILING_COMMA.sub(r"\1", text[end : match.start()]))
        pieces.append(_double_quoted(match.group()))
        end = match.end()
    pieces.append(_TRAILING_COMMA.sub(r"\1", text[end:]))
    return "".join(pieces)


def _double_quoted(literal: str) -> str:
    if literal.startswith('"'):
        return literal
    inner = re.sub(r'\\\'|"', lambda match: "'" if match.group() == "\\'" else '\\"', literal[1:-1])
    return f'"{inner}"'


def _check(value: object, depth: int) -> None:
    """Refuse what could not be printed again: lone surrogates, and very deep nesting."""
    if depth > MAX_DEPTH:
        raise problems.bad_json("Message too deep.")
    if isinstance(value, str):
        if not value.isascii() and _SURROGATE.search(value):
            raise problems.bad_json("A string is not valid Unicode.")
    elif isinstance(value, dict):
        for key, item in value.items():
            _check(key, depth + 1)
            _check(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)

"""Answers in JSON: the schema that they are to fit, and the objects that are made of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..client.prompts import Answer
from ..errors import InvalidUsage, UnusableAnswer

__all__ = ["AnswerSchema", "read_json", "schema_in_file", "schema_of"]

SHOWN_PROBLEMS = 3


@dataclass(frozen=True, slots=True)
class AnswerSchema:
    """What an answer is to look like.

    Attributes
    ----------
    json_schema
        As it goes to the service.
    validate
        Makes objects of what was parsed; raises `ValueError` where it does not fit.
    """

    json_schema: Mapping[str, Any]
    validate: Callable[[object], object]


def schema_of(value: Any, name: str) -> AnswerSchema:
    """Return the schema that a variable holds.

    Parameters
    ----------
    value
        A JSON schema as a dict, or what pydantic can make one of: a model class, a dataclass, a
        TypedDict, ``list[Model]``.

    Raises
    ------
    InvalidUsage
        It is none of these, or pydantic is not installed.
    """
    if isinstance(value, Mapping):
        return AnswerSchema(value, lambda parsed: parsed)
    if value is None or isinstance(value, (str, bytes, int, float, list, tuple, set)):
        raise InvalidUsage(
            f"{name} is of type {type(value).__name__}, and no schema.",
            hint="Give a JSON schema as a dict, a pydantic model, or list[Model].",
        )
    try:
        from pydantic import PydanticUserError, TypeAdapter
    except ImportError:
        raise InvalidUsage(
            f"{name} needs pydantic, which is not installed.",
            hint="Install it with %pip install pydantic, or give a JSON schema as a dict.",
        ) from None
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(value)
        return AnswerSchema(adapter.json_schema(), adapter.validate_python)
    except (PydanticUserError, TypeError, NameError) as error:
        reason = str(error).partition("\n")[0]
        raise InvalidUsage(
            f"{name} can't be made a schema: {reason}", hint="Give a pydantic model, or a JSON schema."
        ) from None


def schema_in_file(path: Path) -> AnswerSchema:
    """Return the JSON schema that a file holds.

    Raises
    ------
    InvalidUsage
        It is not one JSON object.
    """
    try:
        schema = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidUsage(f"{path.name} is not JSON: {error}") from None
    if not isinstance(schema, dict):
        raise InvalidUsage(f"{path.name} holds no JSON schema.", hint="A schema is one JSON object.")
    return schema_of(schema, path.name)


def read_json(answer: Answer, schema: AnswerSchema | None = None) -> object:
    """Return the objects that an answer in JSON stands for.

    Raises
    ------
    UnusableAnswer
        It is not JSON, or does not fit the schema; the error has the answer.
    """
    try:
        parsed = json.loads(answer.text)
    except (ValueError, RecursionError) as error:
        is_cut = answer.finish_reason == "MAX_TOKENS"
        what = "was cut off before its JSON was complete" if is_cut else f"is not JSON: {error}"
        raise UnusableAnswer(
            f"The answer {what}.",
            answer=answer,
            hint="Ask for less of it." if is_cut else "Run the cell again, or give a --schema.",
        ) from None
    if schema is None:
        return parsed
    try:
        return schema.validate(parsed)
    except ValueError as error:
        problem = _problems(error)
    raise UnusableAnswer(
        f"The answer is JSON, but does not fit the schema: {problem}.",
        answer=answer,
        hint="Run the cell again, or relax the schema.",
    )


def _problems(error: ValueError) -> str:
    """Return what pydantic complains of, in one line."""
    listed = getattr(error, "errors", None)
    if not callable(listed):
        return str(error)
    problems = listed()
    shown = [
        f"{'.'.join(map(str, it['loc'])) or 'the whole'}: {it['msg']}" for it in problems[:SHOWN_PROBLEMS]
    ]
    more = f"; and {len(problems) - SHOWN_PROBLEMS} more" if len(problems) > SHOWN_PROBLEMS else ""
    return "; ".join(shown) + more

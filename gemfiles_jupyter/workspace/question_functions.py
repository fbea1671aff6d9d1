"""Questions about files as plain functions, for scripts and for cells without magics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from ..client.models import File
from ..client.prompts import Answer, Part, PromptOptions
from ..config import DEFAULT_MODEL
from .results import held_files
from .schemas import read_json, schema_of
from .workspace import current_workspace

if TYPE_CHECKING:
    from .stores import Store

__all__ = ["count_tokens", "generate"]


def generate(
    *parts: Part | Sequence[File],
    model: str = DEFAULT_MODEL,
    system: str | None = None,
    temperature: float | None = None,
    stores: Sequence[Store] = (),
    schema: object = None,
) -> Answer:
    """Ask a model, with text and files in the order given.

    Parameters
    ----------
    parts
        Text, files (also google-genai's own), lists of files, or parts in the wire's own form.
    stores
        File search stores whose documents it may search; what was found is in ``answer.passages``.
    schema
        A pydantic model, ``list[Model]``, a dataclass or a JSON schema: the answer is JSON that fits it, and
        ``answer.parsed`` the objects.

    Raises
    ------
    UnusableAnswer
        It does not fit the schema; the error has the answer.

    Examples
    --------
    >>> gf.generate(lecture, "Summarise this in five points.")  # doctest: +SKIP
    """
    wanted = None if schema is None else schema_of(schema, "schema")
    options = PromptOptions(
        model,
        system,
        temperature,
        tuple(store.name for store in stores),
        is_json=wanted is not None,
        schema=wanted.json_schema if wanted else None,
    )
    questions = current_workspace().questions
    answer = questions.ask(questions.ready(_with_our_files(parts)), options)
    return replace(answer, parsed=read_json(answer, wanted)) if wanted else answer


def count_tokens(*parts: Part | Sequence[File], model: str = DEFAULT_MODEL) -> int:
    """Return how many tokens a prompt of text and files takes."""
    questions = current_workspace().questions
    return questions.count_tokens(questions.ready(_with_our_files(parts)), model)


def _with_our_files(parts: Sequence[Part | Sequence[File]]) -> list[Part]:
    """Return parts with the files of google-genai as ours, and those of lists one by one."""
    found = [(part, held_files(part)) for part in parts]
    return [item for part, files in found for item in files or [cast("Part", part)]]

"""A model's answer, and the quiet line below it: which model, how many tokens, what is to be known."""

from __future__ import annotations

import html
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from ..client.prompts import Answer, Usage
from ..safe_text import safe_lines, safe_markdown, safe_text
from .quantities import count_text
from .view import NO_MATHS, monospaced

__all__ = ["AnswerForm", "Foot", "answer_bundle", "answer_text", "end_warning", "usage_facts"]

_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+!|$~])")


class AnswerForm(str, Enum):
    """How an answer is shown, and what becomes of it."""

    MARKDOWN = "markdown"
    TEXT = "text"
    JSON = "json"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Foot:
    """What goes below an answer; empty while it grows.

    Attributes
    ----------
    facts
        Model, tokens, place.
    warning
        Why it may not be all, if so.
    """

    facts: tuple[str, ...] = ()
    warning: str = ""

    @property
    def text(self) -> str:
        """All of it in one line, fit for a terminal."""
        return safe_text(" · ".join(filter(None, [self.warning, *self.facts])))


def answer_bundle(
    text: str, form: AnswerForm = AnswerForm.MARKDOWN, foot: Foot | None = None
) -> dict[str, str]:
    """Return the MIME bundle of an answer: safe in every front end, whatever the model wrote."""
    below = foot.text if foot else ""
    shown = answer_text(text, form)
    gap = "\n" * max(0, 2 - (len(shown) - len(shown.rstrip("\n"))))
    plain = f"{shown}{gap}{below}" if below else shown
    if form is AnswerForm.TEXT:
        return {"text/plain": plain}
    if form is AnswerForm.JSON:
        dim = f'<div style="opacity:.65;padding-top:2px">{html.escape(below)}</div>' if below else ""
        return {
            "text/plain": plain,
            "text/html": f"<div {NO_MATHS}>{monospaced(shown)}{dim}</div>",
        }
    dim = f"\n\n*{_MARKUP.sub(_escaped, below)}*" if below else ""
    return {"text/plain": plain, "text/markdown": safe_markdown(text) + dim}


def answer_text(text: str, form: AnswerForm) -> str:
    """Return an answer as it goes on a terminal; JSON that is whole is indented."""
    if form is AnswerForm.JSON:
        with suppress(ValueError, RecursionError):  # half of it, or no JSON: as it is
            text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return safe_lines(text)


def usage_facts(usage: Usage) -> str:
    """Return ``1,250 tokens in, 87 out``; nothing where the service did not count."""
    if usage.prompt is None:
        return ""
    out = f", {usage.answer:,} out" if usage.answer is not None else ""
    thoughts = f", {usage.thoughts:,} of thought" if usage.thoughts else ""
    return f"{count_text(usage.prompt, 'token')} in{out}{thoughts}"


def end_warning(answer: Answer) -> str:
    """Return why an answer may not be all that the model had to say; empty when it ended by itself."""
    reason = answer.finish_reason
    said = f": {answer.finish_message.rstrip('.')}" if answer.finish_message else ""
    if reason == "STOP":
        return ""
    if reason == "MAX_TOKENS":
        return "cut off: the model's limit of tokens (MAX_TOKENS) was reached"
    return f"stopped by the service ({reason}){said}" if reason else "it may not be whole: no end was said"


def _escaped(match: re.Match[str]) -> str:
    return f"\\{match[0]}"

"""Ask a model about files: generateContent, its stream, and countTokens.

Source: https://ai.google.dev/api/generate-content and https://ai.google.dev/api/tokens
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..config import API_VERSION
from ..errors import BadResponse, ServiceError
from .models import File
from .transport import Transport

__all__ = ["Answer", "Part", "PromptOptions", "Prompts", "Usage"]

# What a prompt is made of: text, a file, or a part in the wire's own form.
Part = str | File | Mapping[str, Any]

ANSWER_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class PromptOptions:
    """How a model is to answer.

    Attributes
    ----------
    system
        A system instruction.
    temperature
        0 to 2; the model's own default when None.
    store_names
        File search stores that the model may search, ``fileSearchStores/...``.
    """

    model: str
    system: str | None = None
    temperature: float | None = None
    store_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one prompt and its answer."""

    prompt: int | None = None
    answer: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said; ``print(answer)`` gives its text.

    Attributes
    ----------
    finish_reason
        ``STOP`` when it ended by itself, ``MAX_TOKENS``, ``SAFETY`` and so on otherwise.
    """

    text: str
    model: str = ""
    finish_reason: str = ""
    usage: Usage = field(default_factory=Usage)

    def __str__(self) -> str:
        return self.text


class Prompts:
    """Prompts over one transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def generate(self, parts: Sequence[Part], options: PromptOptions) -> Answer:
        """Send a prompt and return the whole answer.

        Raises
        ------
        FileUnavailable
            A file in it is gone.
        ServiceError
            The service refused the prompt, or blocked it.
        """
        path = f"{_model_path(options.model)}:generateContent"
        reply = self._transport.call("POST", path, data=_body(parts, options), read_seconds=ANSWER_SECONDS)
        return _answer([reply.json()])

    def stream(self, parts: Sequence[Part], options: PromptOptions) -> Iterator[Answer]:
        """Send a prompt and yield the answer as it grows; the last one is whole.

        Raises
        ------
        GemfilesError
            As `generate`.
        """
        path = f"{_model_path(options.model)}:streamGenerateContent"
        chunks: list[dict[str, Any]] = []
        with self._transport.events(path, _body(parts, options)) as events:
            for event in events:
                chunks.append(event)
                yield _answer(chunks)
        if not chunks:
            raise BadResponse("The service sent no answer.")

    def count_tokens(self, parts: Sequence[Part], model: str) -> int:
        """Return how many tokens a prompt takes."""
        data = {"contents": [{"role": "user", "parts": [_part(part) for part in parts]}]}
        reply = self._transport.call("POST", f"{_model_path(model)}:countTokens", data=data)
        return int(reply.json().get("totalTokens") or 0)


def _body(parts: Sequence[Part], options: PromptOptions) -> dict[str, Any]:
    body: dict[str, Any] = {"contents": [{"role": "user", "parts": [_part(part) for part in parts]}]}
    if options.system:
        body["systemInstruction"] = {"parts": [{"text": options.system}]}
    if options.temperature is not None:
        body["generationConfig"] = {"temperature": options.temperature}
    if options.store_names:
        body["tools"] = [{"fileSearch": {"fileSearchStoreNames": list(options.store_names)}}]
    return body


def _part(part: Part) -> dict[str, Any]:
    if isinstance(part, str):
        return {"text": part}
    if isinstance(part, File):
        return {"fileData": {"fileUri": part.uri, "mimeType": part.mime_type}}
    return dict(part)


def _model_path(model: str) -> str:
    name = model if "/" in model else f"models/{model}"
    return f"/{API_VERSION}/{name}"


def _answer(chunks: Sequence[Mapping[str, Any]]) -> Answer:
    """Join the chunks of a stream; a whole answer is a stream of one."""
    texts = [text for chunk in chunks for text in _texts(chunk)]
    last = chunks[-1]
    candidates = last.get("candidates") or [{}]
    reason = str(candidates[0].get("finishReason") or "")
    blocked = (last.get("promptFeedback") or {}).get("blockReason")
    if blocked and not texts:
        raise ServiceError(f"The service blocked the prompt: {blocked}.", status=200, reason=str(blocked))
    usage = last.get("usageMetadata") or {}
    return Answer(
        text="".join(texts),
        model=str(last.get("modelVersion") or ""),
        finish_reason=reason,
        usage=Usage(
            usage.get("promptTokenCount"), usage.get("candidatesTokenCount"), usage.get("totalTokenCount")
        ),
    )


def _texts(chunk: Mapping[str, Any]) -> Iterator[str]:
    for candidate in (chunk.get("candidates") or [])[:1]:
        for part in (candidate.get("content") or {}).get("parts") or []:
            if isinstance(part.get("text"), str) and not part.get("thought"):
                yield part["text"]

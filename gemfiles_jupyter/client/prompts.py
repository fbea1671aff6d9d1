"""Ask a model about files: generateContent, its stream, and countTokens.

Source: https://ai.google.dev/api/generate-content and https://ai.google.dev/api/tokens
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..config import API_VERSION
from ..errors import BadResponse, ServiceError
from .models import File
from .transport import Transport

__all__ = [
    "Answer",
    "Clip",
    "Part",
    "Passage",
    "PromptOptions",
    "Prompts",
    "Usage",
    "file_of",
    "with_file",
]

ANSWER_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Clip:
    """A section of a video, or how closely to look at it; None where it is the video's own.

    Attributes
    ----------
    fps
        Frames a second that the model is shown, at most 24; the service's own default is 1.
    """

    file: File
    start_seconds: float | None = None
    end_seconds: float | None = None
    fps: float | None = None


# What a prompt is made of: text, a file, a section of one, or a part in the wire's own form.
Part = str | File | Clip | Mapping[str, Any]


def file_of(part: Part) -> File | None:
    """Return the file of a part; None of text, and of a part in the wire's own form."""
    if isinstance(part, Clip):
        return part.file
    return part if isinstance(part, File) else None


def with_file(part: Part, file: File) -> Part:
    """Return a part about a file with another file in its place."""
    return replace(part, file=file) if isinstance(part, Clip) else file


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
    is_json
        Whether the answer is to be JSON.
    schema
        A JSON schema that it is to fit, or one in the service's own form, whose types are capitals.
    """

    model: str
    system: str | None = None
    temperature: float | None = None
    store_names: tuple[str, ...] = ()
    is_json: bool = False
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one prompt and its answer; `thoughts` are the model's own, before it answers."""

    prompt: int | None = None
    answer: int | None = None
    total: int | None = None
    thoughts: int | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that an answer rests on, and the display name of that document."""

    title: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said; ``print(answer)`` gives its text.

    Attributes
    ----------
    finish_reason
        ``STOP`` when it ended by itself, ``MAX_TOKENS``, ``SAFETY`` and so on otherwise; empty while
        it grows, and where it broke off.
    finish_message
        What the service says of that, if anything.
    passages
        What was found in the file search stores that it was allowed to search.
    parsed
        The objects that its JSON stands for, where a schema was given to `gf.generate`.
    """

    text: str
    model: str = ""
    finish_reason: str = ""
    usage: Usage = field(default_factory=Usage)
    finish_message: str = ""
    passages: tuple[Passage, ...] = ()
    parsed: object = None

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
    config = _config(options)
    if config:
        body["generationConfig"] = config
    if options.store_names:
        body["tools"] = [{"fileSearch": {"fileSearchStoreNames": list(options.store_names)}}]
    return body


def _config(options: PromptOptions) -> dict[str, Any]:
    config: dict[str, Any] = {}
    if options.temperature is not None:
        config["temperature"] = options.temperature
    if options.is_json:
        config["responseMimeType"] = "application/json"
    if options.schema is not None:
        is_own_form = str(options.schema.get("type", "")).isupper()
        config["responseSchema" if is_own_form else "responseJsonSchema"] = dict(options.schema)
    return config


def _part(part: Part) -> dict[str, Any]:
    if isinstance(part, str):
        return {"text": part}
    if isinstance(part, File):
        return {"fileData": {"fileUri": part.uri, "mimeType": part.mime_type}}
    if isinstance(part, Clip):
        section: dict[str, Any] = {
            "startOffset": _duration(part.start_seconds),
            "endOffset": _duration(part.end_seconds),
            "fps": part.fps,
        }
        given = {name: value for name, value in section.items() if value is not None}
        return {**_part(part.file), "videoMetadata": given}
    return dict(part)


def _duration(seconds: float | None) -> str | None:
    """Return a protobuf duration such as ``90s`` or ``1.5s``."""
    return None if seconds is None else f"{seconds:.9f}".rstrip("0").rstrip(".") + "s"


def _model_path(model: str) -> str:
    name = model if "/" in model else f"models/{model}"
    return f"/{API_VERSION}/{name}"


def _answer(chunks: Sequence[Mapping[str, Any]]) -> Answer:
    """Join the chunks of a stream; a whole answer is a stream of one."""
    texts = [text for chunk in chunks for text in _texts(chunk)]
    last = chunks[-1]
    firsts = [(chunk.get("candidates") or [{}])[0] for chunk in chunks]
    ends = [first for first in firsts if first.get("finishReason")]
    end = ends[-1] if ends else {}
    blocked = (last.get("promptFeedback") or {}).get("blockReason")
    if blocked and not texts:
        raise ServiceError(
            f"The service blocked the prompt: {blocked}.",
            status=200,
            reason=str(blocked),
            hint="Ask in other words, or leave a file out.",
        )
    usage = last.get("usageMetadata") or {}
    return Answer(
        text="".join(texts),
        model=str(last.get("modelVersion") or ""),
        finish_reason=str(end.get("finishReason") or ""),
        usage=Usage(
            usage.get("promptTokenCount"),
            usage.get("candidatesTokenCount"),
            usage.get("totalTokenCount"),
            usage.get("thoughtsTokenCount"),
        ),
        finish_message=str(end.get("finishMessage") or ""),
        passages=tuple(dict.fromkeys(passage for first in firsts for passage in _passages(first))),
    )


def _passages(candidate: Mapping[str, Any]) -> Iterator[Passage]:
    for found in (candidate.get("groundingMetadata") or {}).get("groundingChunks") or []:
        context = found.get("retrievedContext")
        if context:
            yield Passage(str(context.get("title") or ""), str(context.get("text") or ""))


def _texts(chunk: Mapping[str, Any]) -> Iterator[str]:
    for candidate in (chunk.get("candidates") or [])[:1]:
        for part in (candidate.get("content") or {}).get("parts") or []:
            if isinstance(part.get("text"), str) and not part.get("thought"):
                yield part["text"]

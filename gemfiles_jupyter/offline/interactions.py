"""Interactions: a question with its files, its answer, whole or as a stream, and what is kept of both."""

from __future__ import annotations

import json
from collections.abc import Iterator

from .generate import PromptHandler, answer_text, in_pieces, usage_json
from .interactions_input import read_interaction, steps_of
from .interactions_store import Interaction, new_interaction_id
from .lenient_json import field, text_field
from .models import check_model
from .parts import Prompt
from .problems import JsonObject, Problem, bad_value

_CODES = {"INVALID_ARGUMENT": "invalid_request"}


class InteractionHandler(PromptHandler):
    """What the addresses of interactions share."""

    def problem_json(self, problem: Problem) -> JsonObject:
        """Word errors as only interactions do: the code is a word."""
        code = _CODES.get(problem.status, problem.status.lower())
        return {"error": {"message": problem.message, "code": code}}

    async def answer_interaction_events(self, interaction: Interaction, after: str = "") -> None:
        """Stream an interaction, from behind the event of that id."""
        events = list(_events(interaction))
        if after and after not in [event["event_id"] for event in events]:
            raise Problem(400, "Request contains an invalid argument.")
        pieces = [_event_bytes(event) for event in events[int(after or 0) :]]
        await self.answer_events([*pieces, b"event: done\ndata: [DONE]\n\n"])


class CreateInteractionHandler(InteractionHandler):
    """``/{v}/interactions``."""

    async def on_post(self) -> None:
        """Answer, and keep question and answer unless told not to."""
        message = await self.message()
        is_stream = _flag(message, "stream", default=False)
        is_kept = _flag(message, "store", default=True)
        interaction = await self._interaction(message)
        if is_kept:
            self.backend.interactions.add(interaction)
        if is_stream:
            await self.answer_interaction_events(interaction)
        else:
            self.answer_json(interaction.to_json())

    async def _interaction(self, message: JsonObject) -> Interaction:
        model = text_field(message, "model", "interaction").removeprefix("models/")
        if not model:
            raise Problem(400, "Missing required parameter: 'model'.")
        check_model(model)
        previous_id = text_field(message, "previousInteractionId", "interaction")
        kept = self.backend.interactions
        earlier = kept.steps_up_to(previous_id, self.key_hash) if previous_id else []
        prompt = await read_interaction(self.backend, self.key_hash, message, earlier)
        text = answer_text(prompt)
        given = field(message, "input")
        return Interaction(
            interaction_id=new_interaction_id(),
            key_hash=self.key_hash,
            model=model,
            created_ns=self.backend.clock.now_ns(),
            given=given,
            steps=steps_of(given),
            text=text,
            annotations=_citations(prompt),
            usage=_usage(prompt, text),
            previous_id=previous_id,
            size_bytes=self.received_bytes,
        )


class StoredInteractionHandler(InteractionHandler):
    """``/{v}/interactions/{id}``."""

    def planes(self) -> tuple[str, ...]:
        """Be a get or a delete."""
        return ("delete",) if self.request.method == "DELETE" else ("get",)

    async def on_get(self, interaction_id: str) -> None:
        """Answer with what is kept, or stream it once more."""
        interaction = self.backend.interactions.get(interaction_id, self.key_hash)
        if self._is_asked("stream"):
            await self.answer_interaction_events(interaction, self.argument("last_event_id"))
        else:
            with_input = self._is_asked("include_input")
            self.answer_json(interaction.to_json(with_steps=True, with_input=with_input))

    async def on_delete(self, interaction_id: str) -> None:
        """Forget it."""
        self.backend.interactions.delete(interaction_id, self.key_hash)
        self.answer_json({})

    def _is_asked(self, name: str) -> bool:
        return self.argument(name).lower() == "true"


def _events(interaction: Interaction) -> Iterator[JsonObject]:
    """Yield the events of an interaction; their ids count from 1."""
    interaction_id = interaction.interaction_id
    deltas: list[JsonObject] = [{"text": piece, "type": "text"} for piece in in_pieces(interaction.text)]
    if interaction.annotations:
        deltas.append({"annotations": interaction.annotations, "type": "text_annotation_delta"})
    events: list[tuple[str, JsonObject]] = [
        ("interaction.created", {"interaction": interaction.head_json("in_progress")}),
        ("interaction.status_update", {"interaction_id": interaction_id, "status": "in_progress"}),
        ("step.start", {"index": 0, "step": {"type": "model_output"}}),
        *(("step.delta", {"index": 0, "delta": delta}) for delta in deltas),
        ("step.stop", {"index": 0}),
        ("interaction.completed", {"interaction": interaction.head_json("completed")}),
    ]
    for number, (event_type, event) in enumerate(events, 1):
        yield {**event, "event_type": event_type, "event_id": str(number)}


def _event_bytes(event: JsonObject) -> bytes:
    data = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return f"event: {event['event_type']}\ndata: {data}\n\n".encode()


def _usage(prompt: Prompt, text: str) -> JsonObject:
    """Return the counts of generateContent under the names that interactions have for them."""
    counted = usage_json(prompt, text)
    return {
        "total_tokens": counted["totalTokenCount"],
        "total_input_tokens": counted["promptTokenCount"],
        "input_tokens_by_modality": [
            {"modality": entry["modality"].lower(), "tokens": entry["tokenCount"]}
            for entry in counted["promptTokensDetails"]
        ],
        "total_cached_tokens": 0,
        "total_output_tokens": counted["candidatesTokenCount"],
        "total_tool_use_tokens": 0,
        "total_thought_tokens": 0,
    }


def _citations(prompt: Prompt) -> list[JsonObject]:
    passages = prompt.search.passages if prompt.search is not None else ()
    return [
        {"type": "file_citation", "file_name": passage.title, "source": passage.text} for passage in passages
    ]


def _flag(message: JsonObject, name: str, *, default: bool) -> bool:
    value = field(message, name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise bad_value(name, "TYPE_BOOL", value)
    return value

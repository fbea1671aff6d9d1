"""Interactions that are kept for later: in memory, each for its key, the oldest making room."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from typing import Any

from .clock import rfc3339
from .problems import JsonObject, Problem, not_found

MAX_KEPT = 1000
MAX_KEPT_BYTES = 256 * 1024**2

_ID = re.compile(r"v1_[A-Za-z0-9_-]{40,160}")


def new_interaction_id() -> str:
    """Return a fresh id; as the service's it begins with ``v1_`` and says nothing."""
    return f"v1_{secrets.token_urlsafe(48)}"


@dataclass(frozen=True, slots=True)
class Interaction:
    """One question with its answer.

    `given` is the input as it came; `steps` is the same as steps.  `size_bytes` is what the request
    measured.
    """

    interaction_id: str
    key_hash: str
    model: str
    created_ns: int
    given: Any
    steps: list[JsonObject]
    text: str
    annotations: list[JsonObject]
    usage: JsonObject
    previous_id: str
    size_bytes: int

    @property
    def output_step(self) -> JsonObject:
        """The answer as a step."""
        content: JsonObject = {"type": "text", "text": self.text}
        if self.annotations:
            content["annotations"] = self.annotations
        return {"type": "model_output", "content": [content]}

    def head_json(self, status: str) -> JsonObject:
        """Return what the first and the last event of a stream say of it."""
        head: JsonObject = {"id": self.interaction_id, "status": status}
        if status == "completed":
            moment = rfc3339(self.created_ns, 0)
            head |= {"usage": self.usage, "created": moment, "updated": moment, "service_tier": "standard"}
        return {**head, "object": "interaction", "model": self.model}

    def to_json(self, *, with_steps: bool = False, with_input: bool = False) -> JsonObject:
        """Return the whole resource; the steps of its input are told only when it is asked for later."""
        message = self.head_json("completed")
        message["steps"] = [*(self.steps if with_steps else []), self.output_step]
        if self.previous_id:
            message["previous_interaction_id"] = self.previous_id
        if with_input:
            message["input"] = self.given
        return message


@dataclass(slots=True)
class Interactions:
    """What is kept."""

    _kept: dict[str, Interaction] = field(default_factory=dict)

    def add(self, interaction: Interaction) -> None:
        """Keep one; the oldest are dropped when there are too many, or too many bytes of them."""
        self._kept[interaction.interaction_id] = interaction
        while len(self._kept) > MAX_KEPT or (len(self._kept) > 1 and self._bytes() > MAX_KEPT_BYTES):
            del self._kept[next(iter(self._kept))]

    def get(self, interaction_id: str, key_hash: str) -> Interaction:
        """Return one.

        Raises
        ------
        Problem
            The id is none (400), or nothing is kept under it for this key (404).
        """
        if not _ID.fullmatch(interaction_id):
            raise Problem(400, "Request contains an invalid argument.")
        interaction = self._kept.get(interaction_id)
        if interaction is None or interaction.key_hash != key_hash:
            raise not_found()
        return interaction

    def delete(self, interaction_id: str, key_hash: str) -> None:
        """Drop one, as :meth:`get` finds it."""
        del self._kept[self.get(interaction_id, key_hash).interaction_id]

    def steps_up_to(self, interaction_id: str, key_hash: str) -> list[JsonObject]:
        """Return the steps of a conversation, oldest first; what was dropped meanwhile is missing."""
        interaction = self.get(interaction_id, key_hash)
        steps: list[JsonObject] = []
        while True:
            steps = [*interaction.steps, interaction.output_step, *steps]
            earlier = self._kept.get(interaction.previous_id)
            if earlier is None:
                return steps
            interaction = earlier

    def clear(self) -> None:
        """Drop all."""
        self._kept.clear()

    def _bytes(self) -> int:
        return sum(interaction.size_bytes for interaction in self._kept.values())

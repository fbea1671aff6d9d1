"""generateContent, streamGenerateContent and countTokens."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import replace

from . import lenient_json, tokens
from .answers import markdown
from .file_search import search_stores
from .handler import Handler
from .models import check_model
from .parts import Prompt, read_prompt
from .problems import JsonObject
from .schema_answers import json_answer
from .settings import MAX_PROMPT_BYTES


class PromptHandler(Handler):
    """What the methods that answer prompts share."""

    max_body_bytes = MAX_PROMPT_BYTES

    def planes(self) -> tuple[str, ...]:
        """Be a generate."""
        return ("generate",)

    async def read(self, model: str) -> Prompt:
        """Read and check the request."""
        check_model(model)
        message = await self.message()
        prompt = await read_prompt(self.backend, self.key_hash, message)
        search = await search_stores(self.backend, self.key_hash, message, " ".join(prompt.texts))
        return replace(prompt, search=search)

    async def message(self) -> JsonObject:
        """Return the body of the request."""
        return await self.backend.storage.work(lenient_json.parse_object, bytes(self.body))

    async def answer_events(self, events: Iterable[bytes]) -> None:
        """Answer with server-sent events, one after the other."""
        self.set_header("Content-Type", "text/event-stream")
        for event in events:
            if not await self.send(event):
                return
        self.finish()


class GenerateHandler(PromptHandler):
    """``models/{m}:generateContent``."""

    async def on_post(self, model: str) -> None:
        """Answer in one piece."""
        prompt = await self.read(model)
        text = answer_text(prompt)
        usage = usage_json(prompt, text)
        response = _response(text, model, usage, secrets.token_urlsafe(16), is_last=True)
        self.answer_json(_grounded(response, prompt))


class StreamHandler(PromptHandler):
    """``models/{m}:streamGenerateContent``: server-sent events, or one JSON array without ``alt=sse``."""

    async def on_post(self, model: str) -> None:
        """Answer piece by piece."""
        prompt = await self.read(model)
        text = answer_text(prompt)
        response_id = secrets.token_urlsafe(16)
        pieces = in_pieces(text)
        sent = ""
        responses = []
        for index, piece in enumerate(pieces):
            sent += piece
            usage = usage_json(prompt, sent)
            is_last = index == len(pieces) - 1
            response = _response(piece, model, usage, response_id, is_last=is_last)
            responses.append(_grounded(response, prompt) if is_last else response)
        if self.argument("alt", "") == "sse":
            lines = (json.dumps(response, ensure_ascii=False) for response in responses)
            await self.answer_events(f"data: {line}\r\n\r\n".encode() for line in lines)
        else:
            self.set_header("Content-Type", "application/json; charset=UTF-8")
            body = ",\r\n".join(json.dumps(response, indent=2, ensure_ascii=False) for response in responses)
            # Nothing after the bracket: the old Python SDK takes that for the begin of a second array.
            self.finish(f"[{body}]".encode())


class CountTokensHandler(PromptHandler):
    """``models/{m}:countTokens``."""

    def planes(self) -> tuple[str, ...]:
        """Be a count."""
        return ("count",)

    async def on_post(self, model: str) -> None:
        """Answer with the counts."""
        prompt = await self.read(model)
        details = tokens.by_modality(prompt.parts)
        total = sum(entry["tokenCount"] for entry in details) + tokens.count_text(prompt.system)
        self.answer_json({"totalTokens": total, "promptTokensDetails": details})


def answer_text(prompt: Prompt) -> str:
    """Return the answer in the form that the prompt asks for."""
    return json_answer(prompt) if prompt.response_type == "application/json" else markdown(prompt)


def in_pieces(text: str) -> list[str]:
    """Cut an answer into the pieces of a stream: paragraphs, and never fewer than three when it can be."""
    pieces = re.findall(r".+?(?:\n\n+|$)", text, re.DOTALL)
    if len(pieces) < 3:
        third = max(1, -(-len(text) // 3))
        pieces = [text[start : start + third] for start in range(0, len(text), third)]
    return pieces


def usage_json(prompt: Prompt, answer: str) -> JsonObject:
    """Return what the prompt and the answer so far count."""
    details = tokens.by_modality(prompt.parts)
    asked = sum(entry["tokenCount"] for entry in details) + tokens.count_text(prompt.system)
    answered = tokens.count_text(answer)
    return {
        "promptTokenCount": asked,
        "candidatesTokenCount": answered,
        "totalTokenCount": asked + answered,
        "promptTokensDetails": details,
    }


def _response(text: str, model: str, usage: JsonObject, response_id: str, *, is_last: bool) -> JsonObject:
    candidate: JsonObject = {"content": {"parts": [{"text": text}], "role": "model"}}
    if is_last:
        candidate["finishReason"] = "STOP"
    candidate["index"] = 0
    return {
        "candidates": [candidate],
        "usageMetadata": usage,
        "modelVersion": model,
        "responseId": response_id,
    }


def _grounded(response: JsonObject, prompt: Prompt) -> JsonObject:
    """Return the last response of an answer, with the chunks that a file search found."""
    if prompt.search is not None:
        response["candidates"][0]["groundingMetadata"] = prompt.search.grounding_json()
    return response

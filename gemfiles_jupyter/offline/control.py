"""Test control: the clock, the limits, planned faults and the request log, for those with the token.

The owner of a server that is found through a runtime file has a token of their own, which lies in
that file; it moves the clock and empties the server, and opens nothing else.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
from typing import Any

from . import lenient_json, mime_types, names, problems
from .files import file_json
from .handler import Handler, hash_of
from .problems import Problem
from .resources import Source, StoredFile
from .settings import MAX_PROMPT_BYTES, Settings

_OWNER_ACTIONS = frozenset({"advance", "reset"})
_MAX_AHEAD_SECONDS = 1e9
_DEFAULTS = dataclasses.asdict(Settings())
_OUTCOMES = ("inspect", "active", "failed")


class ControlHandler(Handler):
    """``/__control/{action}``: there is no such address unless a token was given at the start."""

    needs_key = False
    max_body_bytes = MAX_PROMPT_BYTES

    async def begin(self) -> None:
        """Check the token."""
        tokens = [self.backend.control_token]
        if self.path_args[0] in _OWNER_ACTIONS:
            tokens.append(self.backend.owner_token)
        expected = [token.encode() for token in tokens if token]
        if not expected:
            raise problems.not_found()
        given = self.request.headers.get("X-Control-Token", "").encode("utf-8", "replace")
        if not any(hmac.compare_digest(token, given) for token in expected):
            raise Problem(403, "The control token is wrong.")

    async def on_get(self, action: str) -> None:
        """Answer with what the server knows."""
        backend = self.backend
        if action == "requests":
            self.answer_json({"requests": backend.log.to_json()})
        elif action == "faults":
            self.answer_json({"faults": backend.faults.to_json()})
        elif action == "settings":
            self.answer_json(dataclasses.asdict(backend.settings))
        else:
            raise problems.not_found()

    async def on_post(self, action: str) -> None:
        """Change something."""
        message = lenient_json.parse_object(bytes(self.body))
        answer: dict[str, Any] = {}
        if action == "advance":
            answer = await self._advance(_number(message, "seconds"))
        elif action == "reset":
            answer = {"removedFiles": await self._reset()}
        elif action == "settings":
            self._change(message)
        elif action == "faults":
            self._plan(message)
        elif action == "clear-requests":
            self.backend.log.clear()
        elif action == "generated":
            answer = file_json(self, await self._generate(message))
        else:
            raise problems.not_found()
        self.answer_json(answer)

    async def _advance(self, seconds: float) -> dict[str, Any]:
        clock = self.backend.clock
        if abs(clock.ahead_seconds + seconds) > _MAX_AHEAD_SECONDS:
            raise Problem(400, "The clock can't be moved more than 30 years from the right time.")
        expired = await self.backend.storage.advance(seconds)
        return {"clockAheadSeconds": clock.ahead_seconds, "expiredFiles": expired}

    async def _reset(self) -> int:
        """Make the server as new: no files, no faults, the clock right, the limits as at the start."""
        backend = self.backend
        backend.faults.clear()
        backend.sessions.clear()
        backend.interactions.clear()
        await backend.storage.advance(-backend.clock.offset_ns / 1e9)
        removed = await backend.storage.reset()
        backend.log.clear()
        for name, value in dataclasses.asdict(backend.initial_settings).items():
            setattr(backend.settings, name, value)
        return removed

    async def _generate(self, message: dict[str, Any]) -> StoredFile:
        """Make a file such as a model would make, the only kind that can be downloaded."""
        content = base64.b64decode(lenient_json.text_field(message, "data", "generated"))
        mime_type = lenient_json.text_field(message, "mimeType", "generated")
        key = lenient_json.text_field(message, "key", "generated")
        storage = self.backend.storage
        now = self.backend.clock.now_ns()
        file = StoredFile(
            file_id=names.new_id(),
            key_hash=hash_of(key),
            display_name=lenient_json.text_field(message, "displayName", "generated"),
            mime_type=mime_type or mime_types.DEFAULT_TYPE,
            size_bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            blob=storage.blobs.new_name(),
            created_ns=now,
            ready_ns=now,
            expires_ns=storage.expires_ns(now),
            source=Source.GENERATED,
        )
        return await storage.add(file, content)

    def _change(self, message: dict[str, Any]) -> None:
        for name, value in message.items():
            default = _DEFAULTS.get(name)
            kinds = (int, float) if isinstance(default, float) else type(default)
            if default is None or not isinstance(value, kinds) or isinstance(value, bool):
                raise problems.bad_value(name, "SETTING", value)
            if name == "processing_outcome" and value not in _OUTCOMES:
                raise problems.bad_value(name, "SETTING", value)
        for name, value in message.items():
            setattr(self.backend.settings, name, value)

    def _plan(self, message: dict[str, Any]) -> None:
        faults = lenient_json.list_field(message, "faults")
        try:
            for fault in faults:
                self.backend.faults.add(fault)
        except (ValueError, TypeError) as error:
            raise Problem(400, str(error)) from error
        if not faults:
            self.backend.faults.clear()


def _number(message: dict[str, Any], name: str) -> float:
    value = message.get(name)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise problems.bad_value(name, "TYPE_DOUBLE", value)
    return float(value)

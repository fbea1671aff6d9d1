"""Scripted faults: what a test makes go wrong, and whether it did.

A request belongs to one or more planes: ``start``, ``data`` (it carries bytes of a
file), ``finalize`` (it ends an upload; one that also carries bytes is on both),
``query``, ``cancel``, ``get``, ``list``, ``delete``, ``generate``, ``count``; and ``any``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Action = Literal["answer", "drop", "keep", "drop-answer", "truncate", "empty", "delay"]

PLANES = (
    *("any", "start", "data", "finalize", "query", "cancel"),
    *("get", "list", "delete", "generate", "count"),
)


@dataclass(slots=True)
class Fault:
    """One planned fault.

    Parameters
    ----------
    plane
        Which requests it may hit.
    action
        ``answer``: do nothing and answer `status` with `headers` and `body`;
        ``drop``: close the connection before reading the body;
        ``keep``: keep `keep_bytes` of the body and close;
        ``drop-answer``: do everything, then close instead of answering;
        ``truncate``: answer half of the body; ``empty``: answer 200 and nothing else;
        ``delay``: wait `delay_seconds` and go on as usual.
    nth
        It hits the nth matching request from now, counted from 1.
    count
        It hits this many in a row.
    reset
        Close with a TCP reset rather than an orderly end.
    """

    plane: str
    action: Action
    nth: int = 1
    count: int = 1
    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    content_type: str = "text/plain"
    upload_status: str | None = None
    keep_bytes: int = 0
    reset: bool = False
    delay_seconds: float = 0.0
    matched: int = 0
    fired: int = 0

    def hits(self, planes: Collection[str]) -> bool:
        """Count a request and tell whether the fault applies to it."""
        if self.plane != "any" and self.plane not in planes:
            return False
        self.matched += 1
        return self.nth <= self.matched < self.nth + self.count


class Faults:
    """The plan of a test."""

    def __init__(self) -> None:
        self._plan: list[Fault] = []

    def add(self, script: dict[str, Any]) -> None:
        """Add a fault given as JSON; a ValueError says what is wrong with it."""
        try:
            fault = Fault(**script)
        except TypeError as error:
            raise ValueError(str(error)) from error
        if fault.plane not in PLANES:
            raise ValueError(f"unknown plane {fault.plane!r}; one of {', '.join(PLANES)}")
        if fault.action not in Action.__args__:  # type: ignore[attr-defined]
            raise ValueError(f"unknown action {fault.action!r}")
        self._plan.append(fault)

    def clear(self) -> None:
        """Forget the plan."""
        self._plan.clear()

    def take(self, planes: Collection[str]) -> Fault | None:
        """Return the fault that this request meets, the first planned one when several apply."""
        hits = [fault for fault in self._plan if fault.hits(planes)]
        if not hits:
            return None
        hits[0].fired += 1
        return hits[0]

    def to_json(self) -> list[dict[str, Any]]:
        """Return the plan with how often each fault matched and fired."""
        return [asdict(fault) for fault in self._plan]

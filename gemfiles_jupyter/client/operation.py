"""Long work of the service, such as indexing a document.

Source: https://ai.google.dev/api/file-search/file-search-stores (Operation).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .json_fields import Json, text_of
from .models import Status

__all__ = ["Operation"]


@dataclass(frozen=True, slots=True)
class Operation:
    """Long work of the service that is polled until `done`.

    Attributes
    ----------
    response
        The result as JSON; some operations answer with it and never say ``done``.
    """

    name: str
    done: bool = False
    error: Status | None = None
    response: Json | None = None

    @classmethod
    def from_json(cls, data: Json) -> Operation:
        """Read an Operation resource."""
        error, response = data.get("error"), data.get("response")
        return cls(
            name=text_of(data.get("name")) or "",
            done=bool(data.get("done")) or isinstance(response, Mapping) or isinstance(error, Mapping),
            error=Status.from_json(error) if isinstance(error, Mapping) else None,
            response=response if isinstance(response, Mapping) else None,
        )

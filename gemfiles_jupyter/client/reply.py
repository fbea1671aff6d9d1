"""An HTTP answer as the client reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from ..errors import BadResponse

__all__ = ["Reply", "http_date"]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, read to its end or to the limit."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    seconds: float = 0.0

    def header(self, name: str) -> str:
        """Return a header's value, or an empty text."""
        return self.headers.get(name, "")

    def json(self) -> dict[str, Any]:
        """Return the body as an object.

        Raises
        ------
        BadResponse
            It is none, for instance a proxy's page.
        """
        try:
            data = json.loads(self.body or b"{}")
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, dict):
            raise BadResponse("The service's answer is not JSON.", hint="Is a proxy in between?")
        return data

    def retry_after(self) -> float | None:
        """Return the seconds that ``Retry-After`` asks for, given as seconds or as a date."""
        value = self.header("Retry-After").strip()
        if value.isascii() and value.isdigit():
            return float(value)
        when = http_date(value)
        return max(0.0, (when - datetime.now(timezone.utc)).total_seconds()) if when else None


def http_date(value: str) -> datetime | None:
    """Read the date of a header; None for what is none."""
    try:
        when = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError):
        return None
    return when if when.tzinfo else when.replace(tzinfo=timezone.utc)

"""Reading the service's JSON tolerantly: a field that is not what it should be counts as absent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from enum import Enum
from typing import Any, TypeVar

from ..errors import BadResponse

__all__ = ["Json", "integer_of", "member_of", "name_of", "parse_duration", "parse_time", "text_of"]

Json = Mapping[str, Any]
Member = TypeVar("Member", bound=Enum)


def name_of(data: object, what: str) -> str:
    """Return the name of a resource.

    Raises
    ------
    BadResponse
        It has none.
    """
    name = text_of(data.get("name")) if isinstance(data, Mapping) else None
    if not name:
        raise BadResponse(f"The service described a {what} without a name.")
    return name


def text_of(value: object) -> str | None:
    """Return a text that is not empty."""
    return value if isinstance(value, str) and value else None


def integer_of(value: object) -> int | None:
    """Return an integer, which the service also writes as a text."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return int(value)
    except (ValueError, OverflowError):
        return None


def member_of(kind: type[Member], value: object) -> Member | str | None:
    """Return a member of an enumeration, or the bare text where the service says something new."""
    if not isinstance(value, str) or not value:
        return None
    return kind.__members__.get(value, value)


def parse_time(value: object) -> datetime | None:
    """Read RFC 3339 with 0 to 9 fraction digits and any offset; None for what is not a time."""
    match = re.fullmatch(
        r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:?\d\d)", str(value or "")
    )
    if not match:
        return None
    day, clock, fraction, offset = match.groups()
    micros = (fraction or "")[:6].ljust(6, "0")
    zone = "+00:00" if offset in "Zz" else offset if ":" in offset else f"{offset[:3]}:{offset[3:]}"
    try:
        return datetime.fromisoformat(f"{day}T{clock}.{micros}{zone}").astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def parse_duration(value: object) -> float | None:
    """Read a protobuf duration such as ``"3.5s"`` into seconds."""
    match = re.fullmatch(r"(-?\d+(?:\.\d+)?)s", str(value or ""))
    return float(match[1]) if match else None

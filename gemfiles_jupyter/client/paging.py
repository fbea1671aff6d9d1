"""Lists of the service, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..errors import ServiceError
from .transport import CONTROL_RETRIES, Transport

__all__ = ["every"]


def every(
    transport: Transport, path: str, key: str, page_size: int, retries: int = CONTROL_RETRIES
) -> Iterator[Mapping[str, Any]]:
    """Yield every resource of a list once; an empty page in between is no end.

    Parameters
    ----------
    key
        The field of a page that holds the resources, such as ``files``.
    """
    seen: set[str] = set()
    tokens: set[str] = set()
    token, is_restarted = "", False
    while True:
        params = {"pageSize": str(page_size)} | ({"pageToken": token} if token else {})
        try:
            page = transport.call("GET", path, params=params, retries=retries).json()
        except ServiceError as error:
            if error.status != 400 or not token or is_restarted:
                raise
            token, is_restarted = "", True  # a token that is not taken any more: begin again
            tokens.clear()
            continue
        items = page.get(key)
        for item in items if isinstance(items, Sequence) else ():
            name = str(item.get("name")) if isinstance(item, Mapping) else ""
            if name not in seen:
                seen.add(name)
                yield item
        token = str(page.get("nextPageToken") or "")
        if not token or token in tokens:  # a token that comes back would never end
            return
        tokens.add(token)

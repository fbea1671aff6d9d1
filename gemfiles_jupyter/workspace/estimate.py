"""About how many tokens a file takes in a prompt, by the rates that the service documents.

Source: https://ai.google.dev/gemini-api/docs/tokens
"""

from __future__ import annotations

import io
import math
from typing import Any

from ..transfers.sources import BytesSource, PathSource, Source

__all__ = ["tokens_of"]

TOKENS_OF_PAGE = 258
TOKENS_OF_TILE = 258
SMALL_PIXELS = 384
TILE_PIXELS = 768
TOKENS_A_SECOND = {"audio": 32, "video": 263}
CHARACTERS_OF_TOKEN = 4
SAMPLE_BYTES = 256 * 1024


def tokens_of(source: Source, mime_type: str) -> int | None:
    """Return about how many tokens a source takes; None where that can't be told."""
    kind = mime_type.partition("/")[0]
    is_text = kind == "text" or mime_type == "application/json"
    if not is_text and not isinstance(source, (PathSource, BytesSource)):
        return None  # looking into it would bring it here
    if kind in ("image", "audio", "video"):
        return _of_media(source, kind)
    if mime_type == "application/pdf":
        return _of_pdf(source)
    return _of_text(source) if is_text else None


def _of_text(source: Source) -> int:
    """Count the characters of the beginning, and assume that the rest is like it."""
    buffer = memoryview(bytearray(min(source.size, SAMPLE_BYTES)))
    opened = source.open()
    try:
        count = opened.read_into(0, buffer) if buffer else 0
    finally:
        opened.close()
    characters = len(bytes(buffer[:count]).decode("utf-8", "replace"))
    return math.ceil(characters * source.size / max(1, count) / CHARACTERS_OF_TOKEN)


def _of_pdf(source: Source) -> int | None:
    from pypdf import PdfReader

    try:
        return TOKENS_OF_PAGE * len(PdfReader(_readable(source)).pages)
    except Exception:  # a parser on foreign bytes: it raises whatever it stumbles over
        return None


def _of_media(source: Source, kind: str) -> int | None:
    from pymediainfo import MediaInfo  # loads a shared library: only when first needed

    try:
        tracks = MediaInfo.parse(_readable(source)).tracks
    except (OSError, RuntimeError, ValueError):  # the library is missing, or the file is broken
        return None
    main: Any = next((track for track in tracks if track.track_type == kind.capitalize()), None)
    if main is None:
        return None
    if kind == "image":
        return _of_picture(main.width, main.height) if main.width and main.height else None
    return math.ceil(float(main.duration) / 1000 * TOKENS_A_SECOND[kind]) if main.duration else None


def _of_picture(width: int, height: int) -> int:
    if max(width, height) <= SMALL_PIXELS:
        return TOKENS_OF_TILE
    return TOKENS_OF_TILE * math.ceil(width / TILE_PIXELS) * math.ceil(height / TILE_PIXELS)


def _readable(source: Source) -> str | io.BytesIO:
    return io.BytesIO(source.data) if isinstance(source, BytesSource) else source.place

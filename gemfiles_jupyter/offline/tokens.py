"""Token counts by the documented rates: no tokenizer, but the size of the bill is right."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from .mime_types import essence, family
from .parts import Part, TextPart
from .problems import JsonObject

TOKENS_OF_TILE = 258
TOKENS_OF_PAGE = 258
VIDEO_TOKENS_A_SECOND = 263
AUDIO_TOKENS_A_SECOND = 32
CHARACTERS_OF_TOKEN = 4

_SMALL_PIXELS = 384
_TILE_PIXELS = 768


def count_text(text: str) -> int:
    """Return the tokens of a text."""
    return math.ceil(len(text) / CHARACTERS_OF_TOKEN)


def count_part(part: Part) -> int:
    """Return the tokens of one part."""
    if isinstance(part, TextPart):
        return count_text(part.text)
    facts = part.facts
    kind = family(part.mime_type)
    if kind == "video":
        return math.ceil(part.seconds * VIDEO_TOKENS_A_SECOND)
    if kind == "audio":
        return math.ceil(part.seconds * AUDIO_TOKENS_A_SECOND)
    if kind == "image":
        return TOKENS_OF_TILE * _tiles(facts.width, facts.height)
    if essence(part.mime_type) == "application/pdf":
        return TOKENS_OF_PAGE * facts.pages
    return math.ceil(facts.characters / CHARACTERS_OF_TOKEN)


def modality(part: Part) -> str:
    """Return the name under which a part's tokens are counted."""
    if isinstance(part, TextPart):
        return "TEXT"
    if essence(part.mime_type) == "application/pdf":
        return "DOCUMENT"
    kind = family(part.mime_type).upper()
    return kind if kind in ("VIDEO", "AUDIO", "IMAGE") else "TEXT"


def by_modality(parts: Iterable[Part]) -> list[JsonObject]:
    """Return the tokens of a prompt, one entry a modality."""
    counts: Counter[str] = Counter()
    for part in parts:
        counts[modality(part)] += count_part(part)
    return [{"modality": name, "tokenCount": count} for name, count in sorted(counts.items())]


def _tiles(width: int, height: int) -> int:
    if width <= _SMALL_PIXELS and height <= _SMALL_PIXELS:
        return 1
    return math.ceil(width / _TILE_PIXELS) * math.ceil(height / _TILE_PIXELS)

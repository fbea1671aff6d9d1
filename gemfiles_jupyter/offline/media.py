"""What is really in a file: duration, pixels, pages, first lines."""

from __future__ import annotations

import io
import json
import logging
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .mime_types import essence, family, is_text

_FIRST_BYTES = 64 * 1024
_MAX_LINES = 5
_MAX_LINE_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Facts:
    """What an inspection found; a value that does not apply is 0 or empty.

    `problem` says why the file can't be used.
    """

    duration_ms: int = 0
    width: int = 0
    height: int = 0
    pages: int = 0
    characters: int = 0
    first_lines: list[str] = field(default_factory=list)
    problem: str = ""

    def dump(self) -> str:
        """Return the facts as JSON, for the catalogue."""
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str | None) -> Facts | None:
        """Read what :meth:`dump` wrote."""
        return cls(**json.loads(text)) if text else None


def inspect(content: Path | bytes, mime_type: str) -> Facts:
    """Look into a file, or into the bytes of an inline part.

    Never raises on bad content: the facts then carry a problem.
    """
    if is_text(mime_type):
        return _inspect_text(content)
    if essence(mime_type) == "application/pdf":
        return _inspect_pdf(content)
    if family(mime_type) in ("audio", "image", "video"):
        return _inspect_media(content, family(mime_type))
    return Facts()


def _inspect_media(content: Path | bytes, kind: str) -> Facts:
    from pymediainfo import MediaInfo  # loads a shared library: only when first needed

    if not MediaInfo.can_parse():
        return Facts()  # this machine lacks the library: no fault of the file
    try:
        source = str(content) if isinstance(content, Path) else io.BytesIO(content)
        tracks = MediaInfo.parse(source).tracks
    except (OSError, RuntimeError, ValueError) as error:
        return Facts(problem=f"The file could not be inspected: {error}")
    by_type = {track.track_type: track for track in reversed(tracks)}
    main = by_type.get(kind.capitalize())
    if main is None and kind == "image":
        main = by_type.get("Video")  # an animated image
    if main is None:
        return Facts(problem=f"The file contains no readable {kind}.")
    general = by_type.get("General")
    length = _whole(main.duration) or _whole(general.duration if general else None)
    if kind == "video" and not length:
        return Facts(problem="The file contains no readable video.")
    return Facts(duration_ms=length, width=_whole(main.width), height=_whole(main.height))


def _inspect_pdf(content: Path | bytes) -> Facts:
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it logs every oddity of a PDF
    try:
        reader = PdfReader(content if isinstance(content, Path) else io.BytesIO(content))
        return Facts(pages=len(reader.pages))
    except Exception as error:  # a parser on hostile input: it raises whatever it stumbles over
        return Facts(problem=f"The document has no pages that can be read ({type(error).__name__}).")


def _inspect_text(content: Path | bytes) -> Facts:
    characters = 0
    if isinstance(content, Path):
        with content.open("rb") as file:
            head = file.read(_FIRST_BYTES)
            characters = _count_characters(head)
            while block := file.read(1024**2):
                characters += _count_characters(block)
    else:
        head = content[:_FIRST_BYTES]
        characters = _count_characters(content)
    lines = [line.rstrip() for line in head.decode("utf-8", errors="replace").splitlines() if line.strip()]
    return Facts(
        characters=characters, first_lines=[line[:_MAX_LINE_CHARACTERS] for line in lines[:_MAX_LINES]]
    )


def _count_characters(block: bytes) -> int:
    """Count UTF-8 characters: every byte but the continuation bytes starts one."""
    return len(block.translate(None, _CONTINUATION))


_CONTINUATION = bytes(range(0x80, 0xC0))


def _whole(value: object) -> int:
    """Return MediaInfo's number, which may be an int, a str with decimals, or missing."""
    try:
        number = float(str(value))
    except ValueError:
        return 0
    return round(number) if math.isfinite(number) and number > 0 else 0

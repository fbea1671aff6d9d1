"""Documents cut into chunks, as a file search store keeps them: so many words each, with some overlap."""

from __future__ import annotations

import logging
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .mime_types import DEFAULT_TYPE, essence, is_text

MAX_WORDS = 512

# A run of letters as long as this is no word: cut, so that no chunk is without end.
_WORD = re.compile(r"\S{1,1000}")
_SNIFFED_BYTES = 4096


@dataclass(frozen=True, slots=True)
class ChunkSize:
    """How large chunks are, in words; the service calls them tokens."""

    words: int
    overlap: int


# What the service does when nothing is asked for is not published; these are the numbers of its examples.
DEFAULT_CHUNK_SIZE = ChunkSize(words=200, overlap=20)


def chunks(text: str, size: ChunkSize) -> Iterator[str]:
    """Yield the chunks of a text, each with its own line breaks.

    >>> list(chunks("a b c d e", ChunkSize(words=3, overlap=1)))
    ['a b c', 'c d e']
    """
    starts: deque[int] = deque(maxlen=size.words)
    fresh = end = 0
    for word in _WORD.finditer(text):
        if len(starts) == size.words and fresh:
            yield text[starts[0] : end]
            for _ in range(size.words - size.overlap):
                starts.popleft()
            fresh = 0
        starts.append(word.start())
        end = word.end()
        fresh += 1
    if fresh:
        yield text[starts[0] : end]


def text_of(path: Path, mime_type: str) -> str | None:
    """Return the words of a document; None for a type that can't be read here."""
    if essence(mime_type) == "application/pdf":
        return _pdf_text(path)
    if is_text(mime_type):
        return path.read_text(encoding="utf-8-sig", errors="replace")
    return None


def sniffed_type(path: Path) -> str:
    """Return the type of a document that came without one."""
    with path.open("rb") as file:
        head = file.read(_SNIFFED_BYTES)
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    return DEFAULT_TYPE if b"\0" in head else "text/plain"


def _pdf_text(path: Path) -> str:
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it logs every oddity of a PDF
    return "\n".join(page.extract_text() for page in PdfReader(path).pages)

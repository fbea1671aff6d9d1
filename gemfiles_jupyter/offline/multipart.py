"""Reads a ``multipart/related`` body as it arrives: a JSON part, then the bytes of a file."""

from __future__ import annotations

import re

from .problems import ProtocolProblem
from .settings import MAX_METADATA_BYTES

_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,200})"|([^\s;,"]{1,200}))', re.IGNORECASE)
_PART_TYPE = re.compile(rb"^content-type:[ \t]*([^\r\n]+)", re.IGNORECASE | re.MULTILINE)


class RelatedParser:
    """A parser that is fed blocks and gives back the bytes of the second part.

    Real clients differ: boundaries quoted or not, lines ended by CR LF or by LF alone,
    something or nothing after the closing delimiter.

    Raises
    ------
    ProtocolProblem
        The body is not what it claims to be.
    """

    def __init__(self, content_type: str) -> None:
        match = _BOUNDARY.search(content_type)
        if match is None:
            raise ProtocolProblem(400, "Multipart body without a boundary.", None)
        self._boundary = b"--" + (match.group(1) or match.group(2)).encode("latin-1")
        self._buffer = b""
        self._newline = b""
        self.metadata: bytes | None = None
        self.content_type = ""
        self._is_in_content = False
        self.is_complete = False

    def feed(self, block: bytes) -> bytes:
        """Take a block and return what is content in it."""
        if self.is_complete:
            return b""
        self._buffer += block
        if not self._is_in_content and not self._read_head():
            if len(self._buffer) > MAX_METADATA_BYTES:
                raise ProtocolProblem(400, "Multipart metadata is too large.", None)
            return b""
        return self._take_content()

    def _read_head(self) -> bool:
        """Read up to the first byte of the content, when all of that is here."""
        if not self._newline:
            start = self._buffer.find(self._boundary)
            line_end = self._buffer.find(b"\n", start)
            if start < 0 or line_end < 0:
                return False
            self._newline = b"\r\n" if self._buffer[line_end - 1 : line_end] == b"\r" else b"\n"
            self._buffer = self._newline + self._buffer[line_end + 1 :]
        # A part is its header lines, an empty line, and the text up to the next delimiter.
        blank = self._newline * 2
        head, found, rest = self._buffer.partition(blank)
        if not found:
            return False
        metadata, found, rest = rest.partition(self._newline + self._boundary)
        if not found:
            return False
        head, found, content = rest.partition(blank)
        if not found:
            if rest.lstrip().startswith(b"--"):
                raise ProtocolProblem(400, "Multipart body without a second part.", None)
            return False
        self.metadata = metadata
        part_type = _PART_TYPE.search(head)
        self.content_type = part_type.group(1).decode("latin-1").strip() if part_type else ""
        self._buffer = content
        self._is_in_content = True
        return True

    def _take_content(self) -> bytes:
        delimiter = self._newline + self._boundary
        end = self._buffer.find(delimiter)
        if end >= 0:
            self.is_complete = True
            content, self._buffer = self._buffer[:end], b""
            return content
        # The delimiter may have begun in what is here: keep as much back.
        safe = max(0, len(self._buffer) - len(delimiter))
        content, self._buffer = self._buffer[:safe], self._buffer[safe:]
        return content

"""Foreign text made fit to be shown: without secrets, without characters that steer a terminal."""

from __future__ import annotations

import re

__all__ = ["safe_lines", "safe_text"]

_SECRETS = re.compile(
    r"""AIza[0-9A-Za-z_-]{20,}                                   # Google API keys
      | \bAQ\.[0-9A-Za-z_-]{20,}                                 # their newer form
      | (?<=\bBearer\ )[^\s"',}]+
      | (?<=upload_id=)[^&\s"'<>]+                               # upload URLs are credentials
      | (?<=[?&]key=)[^&\s"'<>]+
      | (?<=x-goog-api-key)["']?:\s*["']?[^\s"',}]+
      | (?<=://)[^/\s]+(?=@)                                     # user:password of a proxy
    """,
    re.VERBOSE | re.IGNORECASE,
)
# C0, C1 and DEL, line separators, and the marks that turn the direction of text.
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def safe_text(text: str) -> str:
    """Return one line of text with secrets masked and control and bidi characters escaped."""
    return _STEERING.sub(_escape, _SECRETS.sub("***", text))


def safe_lines(text: str) -> str:
    """Return text of several lines, such as a model's answer, fit for a terminal."""
    return "\n".join(map(safe_text, text.split("\n")))


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if match[0] in "\n\r\t":
        return " "
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"

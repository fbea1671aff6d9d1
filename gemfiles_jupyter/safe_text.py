"""Foreign text made fit to be shown: without secrets, without characters that steer a terminal."""

from __future__ import annotations

import re

__all__ = ["safe_lines", "safe_markdown", "safe_text"]

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


_RUNS_OR_FETCHES = re.compile(
    r"""<(?=[A-Za-z/!?])                                  # a tag, a comment, an address in <>
      | !(?=\[)                                           # an image: fetched as soon as it is seen
      | \](?=\((?!https?://|mailto:|\#))                  # a link to javascript: and the like
      | \](?=:(?!\ https?://))                            # the same, as a definition of a link
    """,
    re.VERBOSE,
)
_FENCE = re.compile(r"(`{3,}|~{3,})[^`\n]*\Z")
_INNER_FENCE = re.compile(r"[\s>*+\-.)0-9]*(`{3,}|~{3,})")
_MATHS = re.compile(r"\$\$|\\begin|\\\[")
_MATHS_END = re.compile(r"\$\$|\\end|\\\]")
# Invisible, and without a meaning of its own in text and in code.
_WORD_JOINER = "\u2060"


def safe_lines(text: str) -> str:
    """Return text of several lines, such as a model's answer or its code, fit for a terminal."""
    return "".join(piece if piece in "\n\t" else safe_text(piece) for piece in re.split("([\n\t])", text))


def safe_markdown(text: str) -> str:
    """Return Markdown that runs nothing and fetches nothing, wherever it is rendered.

    Notebook front ends clean what they show, but not all converters do; and an image of a model's
    answer would tell a stranger's server what the model has read. Tags are shown as they are
    written, images become links, and links lead to the web. Code in plain fences stays as it is, to
    be copied; a fence that is open at the end is closed.
    """
    lines = []
    fence = ""
    has_maths = False  # a formula that was opened may end inside what looks like code
    is_clear = True  # until a fence comes that may belong to a list or a formula, and end with it
    for line in safe_lines(text).split("\n"):
        is_fence = _FENCE.match(line) is not None
        if has_maths and (fence or is_fence) and _MATHS_END.search(line):
            fence, is_clear = "", False
        elif fence:
            lines.append(line)
            if line.lstrip().startswith(fence):
                is_clear = is_fence and not line.strip(fence[0] + " ")
                fence = ""
            continue
        elif is_fence and is_clear:
            fence = line[: len(line) - len(line.lstrip(line[0]))]
        elif _INNER_FENCE.match(line):
            is_clear = False
        has_maths = has_maths or _MATHS.search(line) is not None
        lines.append(_RUNS_OR_FETCHES.sub(rf"\g<0>{_WORD_JOINER}", line))
    return "\n".join([*lines, fence] if fence else lines)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if match[0] in "\n\r\t":
        return " "
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"

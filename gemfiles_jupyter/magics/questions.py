"""A prompt on one line may end with a question mark, which IPython would take for a call for help."""

from __future__ import annotations

import re

__all__ = ["let_questions_pass"]

# %gemprompt When is high tide?   but not %gemprompt?
_QUESTION = re.compile(r"(?P<line>\s*(?:[\w.,\[\]'\" ]+=\s*)?%gemprompt\s+\S.*\?)(?P<end>\s*)\Z")


def let_questions_pass(lines: list[str]) -> list[str]:
    """End such lines with a semicolon, which the magic drops; what IPython runs on each cell."""
    return [_QUESTION.sub(r"\g<line>;\g<end>", line) for line in lines]

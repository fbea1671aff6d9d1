"""An answer on the terminal, as it comes."""

from __future__ import annotations

from collections.abc import Sequence

from ..client.prompts import Part, PromptOptions
from ..safe_text import safe_lines
from ..workspace.workspace import Workspace

__all__ = ["print_answer"]


def print_answer(
    workspace: Workspace, parts: Sequence[Part], options: PromptOptions, *, is_streaming: bool = True
) -> None:
    """Ask, and print the answer, by default while it grows."""
    answers = workspace.stream(parts, options) if is_streaming else [workspace.ask(parts, options)]
    shown = 0
    for answer in answers:
        print(safe_lines(answer.text[shown:]), end="", flush=True)
        shown = len(answer.text)
    print()

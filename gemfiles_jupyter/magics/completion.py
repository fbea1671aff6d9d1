"""Completion in IPython: asked by whichever interface this version has, answered by `offers`."""

from __future__ import annotations

from functools import partial
from typing import Any

from .offers import Offers, offers

try:  # IPython 8.6 and later
    from IPython.core.completer import SimpleCompletion, context_matcher
except ImportError:
    context_matcher = None  # type: ignore[assignment]

__all__ = ["Completion"]


class Completion:
    """Completes lines and prompts of one shell."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._completer = shell.Completer
        self._matcher = _matcher_of(shell) if context_matcher else None

    def start(self) -> None:
        """Answer from now on."""
        if self._matcher:
            self._completer.custom_matchers.append(self._matcher)
        else:  # no hook of theirs is told more than the line
            self._completer._complete = partial(_complete, self._shell, self._completer._complete)

    def stop(self) -> None:
        """Answer no more."""
        if self._matcher:
            self._completer.custom_matchers.remove(self._matcher)
        else:
            del self._completer._complete


def _matcher_of(shell: Any) -> Any:
    def match(context: Any) -> dict[str, Any]:
        found = _offers(shell, context.full_text, context.cursor_line, context.cursor_position)
        if found is None:
            return {"completions": [], "suppress": False}
        return {
            "completions": [SimpleCompletion(text, type="magic") for text in found.texts],
            "matched_fragment": found.fragment,
            "ordered": True,
            "suppress": True,
        }

    return context_matcher(identifier="gemfiles")(match)


def _complete(shell: Any, others: Any, **asked: Any) -> Any:
    """Answer in place of IPython 7's own method where the cursor is at a place of ours."""
    text = asked.get("full_text") or asked.get("line_buffer") or asked.get("text") or ""
    at = asked["cursor_pos"]
    found = _offers(shell, text, asked["cursor_line"], len(text) if at is None else at)
    if found is None:
        return others(**asked)
    return found.fragment, list(found.texts), ["gemfiles"] * len(found.texts), ()


def _offers(shell: Any, text: str, line: int, column: int) -> Offers | None:
    """Return what is offered at a place of a cell."""
    lines = text.split("\n")[: line + 1]
    lines[-1] = lines[-1][:column]
    hidden = shell.user_ns_hidden
    public = {
        name: value for name, value in list(shell.user_ns.items()) if name[:1] != "_" and name not in hidden
    }
    return offers("\n".join(lines), public)

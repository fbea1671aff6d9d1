"""Completion in IPython: asked by whichever interface this version has, answered by `offers`."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from .offers import Offers, offers

try:  # IPython 8.6 and later
    from IPython.core.completer import SimpleCompletion, context_matcher
except ImportError:
    context_matcher = None  # type: ignore[assignment]

__all__ = ["Completion"]

# What IPython 7 asks us about. It shows the line only: braces in a %%gemprompt cell are not completed there.
_OUR_LINES = r".*\bgem(?:upload|files|prompt)\s"


class Completion:
    """Completes lines and prompts of one shell."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._matcher = _matcher_of(shell) if context_matcher else None

    def start(self) -> None:
        """Answer from now on."""
        if self._matcher:
            self._shell.Completer.custom_matchers.append(self._matcher)
        else:
            self._shell.set_hook("complete_command", _answer_hook, re_key=_OUR_LINES)
            completer = self._shell.Completer
            completer._jedi_matches = partial(_jedi_elsewhere, self._shell, completer._jedi_matches)

    def stop(self) -> None:
        """Answer no more."""
        if self._matcher:
            self._shell.Completer.custom_matchers.remove(self._matcher)
        else:
            self._shell.strdispatchers["complete_command"].regexs.pop(re.compile(_OUR_LINES), None)
            del self._shell.Completer._jedi_matches


def _matcher_of(shell: Any) -> Any:
    def match(context: Any) -> dict[str, Any]:
        lines = context.full_text.split("\n")[: context.cursor_line + 1]
        lines[-1] = lines[-1][: context.cursor_position]
        found = _offers(shell, "\n".join(lines))
        if found is None:
            return {"completions": [], "suppress": False}
        return {
            "completions": [SimpleCompletion(text, type="magic") for text in found.texts],
            "matched_fragment": found.fragment,
            "ordered": True,
            "suppress": True,
        }

    return context_matcher(identifier="gemfiles")(match)


def _answer_hook(shell: Any, event: Any) -> list[str]:
    found = _offers(shell, event.text_until_cursor)
    return _as_symbol(found, event.symbol) if found else []


def _jedi_elsewhere(shell: Any, jedi: Any, column: int, line: int, text: str) -> Any:
    """Let Jedi answer where we do not: IPython 7 asks it always, and it takes our words for Python."""
    before = text.split("\n")[line][:column]
    return () if re.match(_OUR_LINES, before) and _offers(shell, before) else jedi(column, line, text)


def _offers(shell: Any, before: str) -> Offers | None:
    hidden = shell.user_ns_hidden
    public = {
        name: value for name, value in list(shell.user_ns.items()) if name[:1] != "_" and name not in hidden
    }
    return offers(before, public)


def _as_symbol(found: Offers, symbol: str) -> list[str]:
    """Return offers as what takes the place of IPython's own idea of the word at the cursor."""
    surplus = len(found.fragment) - len(symbol)
    if surplus >= 0:
        return [text[surplus:] for text in found.texts if text.startswith(found.fragment[:surplus])]
    return [symbol[:-surplus] + text for text in found.texts]

"""The magics: ``%gemupload``, ``%gemfiles`` and ``%%gemprompt``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..client.models import File
from ..client.prompts import Answer
from ..views.answers import answer_bundle
from ..views.tables import file_view
from .bindings import VariableMemory
from .completion import Completion
from .magics import GemfilesMagics
from .questions import let_questions_pass

__all__ = ["load", "unload"]

_MAGICS = GemfilesMagics.magics  # by kind, then by name
# What watches each shell that has us.
_helpers: dict[Any, tuple[VariableMemory, Completion]] = {}


def load(shell: Any, make_panel: Callable[[], object]) -> None:
    """Register the magics, their completion, and how files and answers show themselves.

    Parameters
    ----------
    make_panel
        Returns what ``%gemfiles panel`` shows.
    """
    if shell in _helpers:
        unload(shell)
    shell.register_magics(GemfilesMagics(shell=shell, make_panel=make_panel))
    _helpers[shell] = (VariableMemory(shell), Completion(shell))
    for helper in _helpers[shell]:
        helper.start()
    shell.input_transformers_cleanup.append(let_questions_pass)
    formatter = shell.display_formatter.mimebundle_formatter
    formatter.for_type(File, lambda file: file_view(file).bundle)
    formatter.for_type(Answer, lambda answer: answer_bundle(answer.text))


def unload(shell: Any) -> None:
    """Remove what `load` registered."""
    for helper in _helpers.pop(shell):
        helper.stop()
    shell.input_transformers_cleanup.remove(let_questions_pass)
    for kind, names in _MAGICS.items():
        for name in names:
            shell.magics_manager.magics[kind].pop(name, None)
    magics = shell.magics_manager.registry.pop(GemfilesMagics.__name__)
    magics.restore_defaults()
    shell.configurables.remove(magics)
    formatter = shell.display_formatter.mimebundle_formatter
    for kind_of_value in (File, Answer):
        formatter.pop(kind_of_value, None)

"""The magics: ``%gemupload``, ``%gemfiles`` and ``%%gemprompt``."""

from __future__ import annotations

from typing import Any

from ..client.models import File
from ..client.prompts import Answer
from ..views.answers import answer_bundle
from ..views.tables import file_view
from .bindings import VariableMemory
from .magics import GemfilesMagics
from .questions import let_questions_pass

__all__ = ["load", "unload"]

_MAGICS = GemfilesMagics.magics  # by kind, then by name
_memories: dict[Any, VariableMemory] = {}


def load(shell: Any) -> None:
    """Register the magics, and how files and answers show themselves."""
    shell.register_magics(GemfilesMagics)
    _memories[shell] = VariableMemory(shell)
    _memories[shell].start()
    shell.input_transformers_cleanup.append(let_questions_pass)
    formatter = shell.display_formatter.mimebundle_formatter
    formatter.for_type(File, lambda file: file_view(file).bundle)
    formatter.for_type(Answer, lambda answer: answer_bundle(answer.text))


def unload(shell: Any) -> None:
    """Remove what `load` registered."""
    _memories.pop(shell).stop()
    shell.input_transformers_cleanup.remove(let_questions_pass)
    for kind, names in _MAGICS.items():
        for name in names:
            shell.magics_manager.magics[kind].pop(name, None)
    shell.magics_manager.registry.pop(GemfilesMagics.__name__, None)
    shell.configurables = [item for item in shell.configurables if not isinstance(item, GemfilesMagics)]
    formatter = shell.display_formatter.mimebundle_formatter
    for kind_of_value in (File, Answer):
        formatter.pop(kind_of_value, None)

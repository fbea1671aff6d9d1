"""Completion in a shell: what Tab offers after ``gemfiles``, from the parsers, the folder and the journal.

The service is not asked, and no server is started: names are those of what was uploaded from here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping

import argcomplete
from argcomplete.completers import FilesCompleter, SuppressCompleter
from argcomplete.shell_integration import shellcode

from ..config import DEFAULT_MODEL, choose_endpoint
from ..transfers.journal import user_journal
from ..workspace.verbs.parsing import VerbParser

__all__ = ["answer_shell", "shell_script"]

_PLACES = {
    "bash": 'eval "$(gemfiles completion bash)" in ~/.bashrc',
    "zsh": 'eval "$(gemfiles completion zsh)" in ~/.zshrc, behind compinit',
    "fish": "gemfiles completion fish | source in ~/.config/fish/config.fish",
}
MOST = 1000

_paths = FilesCompleter()


def shell_script(shell: str) -> str:
    """Return what a shell has to run for Tab to work, and below it where that goes."""
    script: str = shellcode(["gemfiles"], shell=shell)
    return f"{script.strip()}\n# To have it always: {_PLACES[shell]}\n"


def answer_shell(parser: VerbParser) -> None:
    """Tell the shell that asked what fits the line so far, and end the process."""
    for action in (action for verb in parser.all_parsers() for action in verb._actions):
        completer = _COMPLETERS.get(action.dest) or _COMPLETERS.get(str(action.metavar))
        if completer and action.dest != "stores":  # of stores nothing is remembered
            action.completer = completer  # type: ignore[attr-defined]
    argcomplete.autocomplete(
        parser, always_complete_options=False, default_completer=SuppressCompleter(), validator=_fits
    )


def _fits(text: str, begun: str) -> bool:
    """Leave out what a terminal would take for more than text."""
    return text.startswith(begun) and text.isprintable()


def _stored(**_: object) -> Mapping[str, str]:
    """Return names and ids of the files that were uploaded from here and live, newest first."""
    place, now = choose_endpoint().place, time.time()
    names: dict[str, str] = {}
    for entry in user_journal().entries(limit=MOST):
        if entry.phase == "done" and entry.endpoint == place and entry.expires > now:
            names |= {entry.display_name: entry.mime_type, entry.file_name: entry.display_name}
    return names


def _transfers(**_: object) -> Mapping[str, str]:
    """Return names and ids of the transfers that have not ended, newest first."""
    names: dict[str, str] = {}
    for entry in user_journal().entries(is_open=True, limit=MOST):
        names |= {entry.label: entry.phase, entry.id: entry.label}
    return names


def _files_of_prompt(prefix: str, **_: object) -> Iterator[str]:
    """Yield what a list of stored files and paths can go on with."""
    head, comma, last = prefix.rpartition(",")
    return (head + comma + name for name in [*_stored(), *_paths(last)])


# By name or in the help; what each gives may be a mapping to a word about it.
_COMPLETERS: Mapping[str, Callable[..., Iterable[str]]] = {
    "model": lambda **_: [DEFAULT_MODEL],
    "schema": _paths,
    "data": _paths,
    "runtime": _paths,
    "SOURCE": _paths,
    "FILE": _stored,
    "PATTERN": _stored,
    "A,B": _files_of_prompt,
    "TRANSFER": _transfers,
}

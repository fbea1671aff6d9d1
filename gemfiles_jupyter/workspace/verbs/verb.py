"""A verb: its name, its arguments, and what it does, the same in a notebook and on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .desk import Desk
from .parsing import VerbParser

__all__ = ["Verb", "add_verbs"]


def _no_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare none."""


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb of ``%gemfiles`` and ``gemfiles``.

    Attributes
    ----------
    does
        In a few words, beginning small.
    run
        Does it; what it returns is the cell's value.
    declare
        Adds its arguments to a parser.
    has_records
        Whether the command line offers its result as JSON lines.
    needs_variables
        Whether it is of no use without a notebook.
    """

    name: str
    does: str
    run: Callable[[argparse.Namespace, Desk], object]
    declare: Callable[[argparse.ArgumentParser], None] = _no_arguments
    has_records: bool = False
    needs_variables: bool = False


def add_verbs(
    parser: argparse.ArgumentParser, verbs: Sequence[Verb]
) -> argparse._SubParsersAction[VerbParser]:
    """Declare verbs and their arguments; the parsed line then has a ``verb`` to run."""
    choices = parser.add_subparsers(metavar="VERB", required=True, parser_class=VerbParser)
    for verb in verbs:
        added = choices.add_parser(
            verb.name, help=verb.does, description=f"{verb.does[:1].upper()}{verb.does[1:]}."
        )
        verb.declare(added)
        added.set_defaults(verb=verb)
    return choices

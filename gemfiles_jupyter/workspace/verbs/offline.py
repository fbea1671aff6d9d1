"""The offline server: is it there, start it, stop it, move its clock, empty it."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from ...views.view import fragment, lines
from .. import offline
from .desk import Desk
from .parsing import VerbParser, seconds
from .verb import Verb

__all__ = ["OFFLINE_VERB", "add_actions"]

_Act = Callable[[argparse.Namespace, Desk], str]


def _advance(chosen: argparse.Namespace, _: Desk) -> str:
    return offline.advance(chosen.seconds)


def _reset(chosen: argparse.Namespace, desk: Desk) -> str:
    lost = "all files and stores of the offline server"
    question = f"Delete {lost}, and set its clock right? [y/N] "
    if chosen.is_sure or desk.confirm(question, f"This deletes {lost}."):
        return offline.reset()
    return "Nothing was deleted."


_ACTIONS: dict[str, tuple[_Act, str]] = {
    "status": (lambda _, __: offline.status(), "is it running, and where"),
    "start": (lambda _, __: offline.start(), "start the one that starts by itself when it is needed"),
    "stop": (lambda _, __: offline.stop(), "stop it; its files stay until they expire"),
    "advance": (_advance, "move its clock on, so that files expire without waiting two days"),
    "reset": (_reset, "delete its files and stores, and set its clock right"),
}


def add_actions(parser: argparse.ArgumentParser) -> argparse._SubParsersAction[VerbParser]:
    """Declare what can be done with the offline server."""
    parser.set_defaults(action="status")
    actions = parser.add_subparsers(metavar="ACTION", parser_class=VerbParser)
    for name, (_, text) in _ACTIONS.items():
        actions.add_parser(name, help=text).set_defaults(action=name)
    actions.choices["advance"].add_argument(
        "seconds", type=seconds, metavar="TIME", help="how far: 90s, 10m, 49h; files live for 48h"
    )
    actions.choices["reset"].add_argument("-y", dest="is_sure", action="store_true", help="do not ask")
    return actions


def _declare(parser: argparse.ArgumentParser) -> None:
    add_actions(parser)


def _offline(chosen: argparse.Namespace, desk: Desk) -> None:
    act, _ = _ACTIONS[chosen.action]
    desk.finish(lines([fragment(act(chosen, desk))]))


OFFLINE_VERB = Verb("offline", "the offline server: status, start, stop, advance, reset", _offline, _declare)

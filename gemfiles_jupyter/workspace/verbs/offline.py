"""The offline server: is it there, start it, stop it."""

from __future__ import annotations

import argparse

from ...views.view import fragment, lines
from .. import offline
from .desk import Desk
from .parsing import VerbParser
from .verb import Verb

__all__ = ["OFFLINE_VERB", "add_actions"]

_ACTIONS = {
    "status": (offline.status, "is it running, and where"),
    "start": (offline.start, "start the one that starts by itself when it is needed"),
    "stop": (offline.stop, "stop it; its files stay until they expire"),
}


def add_actions(parser: argparse.ArgumentParser) -> argparse._SubParsersAction[VerbParser]:
    """Declare what can be done with the offline server."""
    parser.set_defaults(action="status")
    actions = parser.add_subparsers(metavar="ACTION", parser_class=VerbParser)
    for name, (_, text) in _ACTIONS.items():
        actions.add_parser(name, help=text).set_defaults(action=name)
    return actions


def _declare(parser: argparse.ArgumentParser) -> None:
    add_actions(parser)


def _offline(chosen: argparse.Namespace, desk: Desk) -> None:
    act, _ = _ACTIONS[chosen.action]
    desk.finish(lines([fragment(act())]))


OFFLINE_VERB = Verb("offline", "the offline server: status, start, stop", _offline, _declare)

"""``quota`` and ``count``: what fills the storage, and how many tokens files take of a prompt."""

from __future__ import annotations

import argparse
from functools import partial

from ...client.models import File
from ...client.prompts import Answer, Part
from ...config import DEFAULT_MODEL
from ...errors import InvalidUsage
from ...views.quota import quota_view
from ...views.records import usage_record
from ...views.storage import tokens_view
from ...views.usage import Usage
from ..storage import count_each, files_meant
from ..workspace import current_workspace
from .desk import Desk
from .selecting import FILES
from .verb import Verb
from .waiting import shown_waiting

__all__ = ["COUNT_VERB", "QUOTA_VERB"]


def _quota(_: argparse.Namespace, desk: Desk) -> None:
    workspace = current_workspace()
    usage = Usage.of(workspace.files(), workspace.now())
    desk.finish(quota_view(usage, now=workspace.now(), note=workspace.note), [usage_record(usage)])


def _declare_count(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="+", metavar="FILE", help=f"{FILES}; or a variable that holds text")
    parser.add_argument("-m", "--model", default=DEFAULT_MODEL, help=f"default: {DEFAULT_MODEL}")


def _count(chosen: argparse.Namespace, desk: Desk) -> int:
    workspace = current_workspace()
    labelled = [item for token in chosen.what for item in _parts(token, desk)]
    if not labelled:
        raise InvalidUsage("There is nothing to count.")
    renewer = workspace.renewer(partial(desk.follow, is_offline=workspace.is_offline), desk.replace)
    ready = [workspace.questions.ready([part], renewer, shown_waiting(desk)) for _, part in labelled]
    tokens = count_each(workspace, ready, chosen.model, renewer)
    counts = [(label, count) for (label, _), count in zip(labelled, tokens, strict=True)]
    records = [{"label": label, "tokens": count} for label, count in counts]
    desk.finish(tokens_view(counts, chosen.model, is_offline=workspace.is_offline), records)
    return sum(tokens)


def _parts(token: str, desk: Desk) -> list[tuple[str, Part]]:
    """Return what a word of the line means, each part with what to call it."""
    value = desk.variables.get(token.removeprefix("$"))
    if isinstance(value, (str, Answer)):
        return [(token.removeprefix("$"), str(value))]
    named: list[tuple[str, Part]] = []
    for reference in desk.references(token):
        # What a variable holds may be gone, and is sent again then; a name has to be there.
        files = [reference] if isinstance(reference, File) else files_meant(current_workspace(), [reference])
        named += [(file.label, file) for file in files]
    return named


QUOTA_VERB = Verb(
    "quota", "how full the storage is, with what, and when it gets free", _quota, has_records=True
)
COUNT_VERB = Verb("count", "count the tokens of files and texts", _count, _declare_count, has_records=True)

"""All commands: the verbs of `%gemfiles`, and those that only a terminal has."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..client.models import File
from ..client.prompts import PromptOptions
from ..config import home
from ..offline import serve
from ..transfers.manager import TransferOptions
from ..workspace.preflight import Plan
from ..workspace.results import FileList
from ..workspace.stores import Store
from ..workspace.verbs import VERBS
from ..workspace.verbs.desk import Desk
from ..workspace.verbs.offline import OFFLINE_VERB, add_actions
from ..workspace.verbs.parsing import VerbParser
from ..workspace.verbs.prompts import add_prompt
from ..workspace.verbs.uploads import add_upload, chosen_sources, dry_run, transfer_options
from ..workspace.verbs.verb import Verb, add_verbs
from ..workspace.workspace import Workspace, current_workspace
from .answers import print_answer
from .demo import demo
from .desk import TerminalDesk

__all__ = ["build_parser"]


def build_parser() -> VerbParser:
    """Return the parser of all commands and their options."""
    parser = VerbParser(prog="gemfiles", description="Files with Gemini: upload, list, remove, prompt.")
    shared = [
        replace(OFFLINE_VERB, declare=_declare_offline) if verb is OFFLINE_VERB else verb
        for verb in VERBS
        if not verb.needs_variables
    ]
    verbs = [UPLOAD, *shared[:1], PROMPT, *shared[1:], DEMO]
    for name, added in add_verbs(parser, verbs).choices.items():
        if next(verb for verb in verbs if verb.name == name).has_records:
            added.add_argument("--json", dest="is_json", action="store_true", help="JSON lines on stdout")
    return parser


def _declare_upload(parser: argparse.ArgumentParser) -> None:
    add_upload(parser, "path, pattern or folder")


def _upload(chosen: argparse.Namespace, desk: Desk) -> FileList | Plan:
    sources, options = chosen_sources(chosen, chosen.sources), transfer_options(chosen)
    if chosen.is_dry_run:
        return dry_run(sources, options, desk.finish)
    workspace = current_workspace()
    return workspace.upload(sources, options, partial(desk.follow, is_offline=workspace.is_offline))


def _declare_prompt(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", help="the prompt; - reads it from stdin")
    add_prompt(parser)


def _prompt(chosen: argparse.Namespace, _: Desk) -> None:
    workspace = current_workspace()
    files = [file for reference in chosen.files for file in _prompt_files(workspace, reference)]
    text = sys.stdin.read() if chosen.text == "-" else chosen.text
    parts = workspace.compose(text, {}, files)
    stores = tuple(Store.get(reference).name for reference in chosen.stores)
    options = PromptOptions(chosen.model, chosen.system, chosen.temperature, stores)
    print_answer(workspace, parts, options, is_streaming=chosen.is_streaming)


def _prompt_files(workspace: Workspace, reference: str) -> Sequence[File]:
    """Upload what is a path here; anything else names a stored file."""
    if not Path(reference).expanduser().exists():
        return [workspace.find(reference)]
    show = partial(TerminalDesk(is_quiet=True).follow, is_offline=workspace.is_offline)
    return workspace.upload([reference], TransferOptions(), show)


def _declare_offline(parser: argparse.ArgumentParser) -> None:
    serving = add_actions(parser).add_parser("serve", help="run one here, in the foreground")
    serve.add_arguments(serving, default_data=home() / "offline" / "data")
    serving.set_defaults(verb=SERVE)


def _serve(chosen: argparse.Namespace, _: Desk) -> None:
    serve.serve(chosen)


UPLOAD = Verb(
    "upload", "upload files and wait until a prompt may use them", _upload, _declare_upload, has_records=True
)
PROMPT = Verb("prompt", "ask a model about files", _prompt, _declare_prompt)
SERVE = Verb("serve", "run an offline server in the foreground", _serve)
DEMO = Verb("demo", "the whole thing in one command, on sample media, without a key", demo)

"""All commands: the verbs of `%gemfiles`, and those that only a terminal has."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from functools import partial

from ..config import home
from ..offline import serve
from ..views.answers import AnswerForm
from ..workspace.dry_run import Plan
from ..workspace.results import FileList
from ..workspace.verbs import VERBS
from ..workspace.verbs.desk import Desk
from ..workspace.verbs.offline import OFFLINE_VERB, add_actions
from ..workspace.verbs.parsing import VerbParser
from ..workspace.verbs.prompts import add_prompt, ask
from ..workspace.verbs.uploads import add_upload, chosen_sources, dry_run, send, transfer_options
from ..workspace.verbs.verb import Verb, add_verbs
from ..workspace.workspace import current_workspace
from .answers import PromptDesk, TerminalStage
from .demo import demo

__all__ = ["build_parser"]


def build_parser() -> VerbParser:
    """Return the parser of all commands and their options."""
    parser = VerbParser(prog="gemfiles", description="Files with Gemini: upload, list, remove, prompt.")
    shared = [
        replace(OFFLINE_VERB, declare=_declare_offline) if verb is OFFLINE_VERB else verb
        for verb in VERBS
        if not verb.needs_variables
    ]
    verbs = [UPLOAD, *shared[:1], PROMPT, *shared[1:], DEMO, COMPLETION]
    for name, added in add_verbs(parser, verbs).choices.items():
        if next(verb for verb in verbs if verb.name == name).has_records:
            added.add_argument("--json", dest="is_json", action="store_true", help="JSON lines on stdout")
    return parser


def _declare_upload(parser: argparse.ArgumentParser) -> None:
    add_upload(parser, "path, pattern, folder or URL (https, s3, gs, ...)")


def _upload(chosen: argparse.Namespace, desk: Desk) -> FileList | Plan:
    sources, options = chosen_sources(chosen, chosen.sources), transfer_options(chosen)
    if chosen.is_dry_run:
        return dry_run(sources, options, desk.finish)
    show = partial(desk.follow, is_offline=current_workspace().is_offline)
    return send(chosen, sources, options, show)


def _declare_prompt(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", help="the prompt; - reads it from stdin")
    add_prompt(
        parser, [AnswerForm.TEXT, AnswerForm.JSON], "JSON file that says what the JSON is to look like"
    )


def _prompt(chosen: argparse.Namespace, _: Desk) -> None:
    text = sys.stdin.read() if chosen.text == "-" else chosen.text
    ask(chosen, text, PromptDesk(), TerminalStage())


def _declare_offline(parser: argparse.ArgumentParser) -> None:
    serving = add_actions(parser).add_parser("serve", help="run one here, in the foreground")
    serve.add_arguments(serving, default_data=home() / "offline" / "data")
    serving.set_defaults(verb=SERVE)


def _serve(chosen: argparse.Namespace, _: Desk) -> None:
    serve.serve(chosen)


def _declare_completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=["bash", "zsh", "fish"], help="the last line says where it goes")


def _completion(chosen: argparse.Namespace, _: Desk) -> None:
    from .completion import shell_script  # only here, and where a shell asks

    print(shell_script(chosen.shell), end="")


UPLOAD = Verb(
    "upload", "upload files and wait until a prompt may use them", _upload, _declare_upload, has_records=True
)
PROMPT = Verb("prompt", "ask a model about files", _prompt, _declare_prompt)
SERVE = Verb("serve", "run an offline server in the foreground", _serve)
DEMO = Verb("demo", "the whole thing in one command, on sample media, without a key", demo)
COMPLETION = Verb("completion", "let Tab complete these in a shell", _completion, _declare_completion)

"""``gemfiles``: the magics' verbs on the command line. Results go to stdout, progress to stderr."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from .client import Client
from .client.models import File
from .client.prompts import Answer, Part, PromptOptions
from .config import DEFAULT_MODEL, Endpoint, home, reached
from .errors import GemfilesError, InvalidUsage
from .offline import serve
from .safe_text import safe_lines
from .transfers.entries import Request
from .transfers.manager import TransferOptions
from .transfers.progress import Progress
from .transfers.reuse import ReusePolicy
from .transfers.sources import SourceSpec
from .views.records import file_record, progress_record
from .views.rows import (
    OFFLINE,
    asked_view,
    batch_step,
    batch_view,
    error_fragment,
    removed_view,
    waiting_view,
)
from .views.tables import file_view, files_view, transfers_view
from .views.terminal import TerminalLine
from .views.view import View
from .workspace import offline
from .workspace.store_verbs import add_store, run_store
from .workspace.stores import Store
from .workspace.verbs import (
    CONFIRM,
    HelpShown,
    VerbParser,
    add_info,
    add_ls,
    add_prompt,
    add_rm,
    add_transfer_names,
    add_transfers,
    add_upload,
    add_wait,
    transfer_options,
)
from .workspace.workspace import OnProgress, Workspace, current_workspace

__all__ = ["build_parser", "main"]

INTERRUPTED = 130
SOME_FAILED = 1

DEMO_PROMPT = "What are these files? Name each with its type and size, and how long the video is."
DEMO_END = """
That ran against the offline server on this machine: no key, no network. Next, in a notebook:

    %load_ext gemfiles_jupyter
    lecture = %gemupload lecture.mp4

    %%gemprompt
    Summarise {lecture} in five points.

With a key in GOOGLE_API_KEY the same lines go to Gemini."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, and return its exit code.

    0 done, 1 some failed, 2 usage, 3 key, 4 quota, 5 network, 6 processing failed, 130 interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a mark that a terminal can't show is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(arguments)
        sys.stdout.flush()  # here, and not at the very end, a pipe that broke can be met
        return code
    except GemfilesError as error:
        print(_plain(f"gemfiles: {error}"), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("gemfiles: interrupted; run the same line again to go on", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(arguments: Sequence[str] | None) -> int:
    try:
        chosen = build_parser().parse_args(arguments)
    except HelpShown:
        return 0
    run: Callable[[argparse.Namespace], int] = chosen.run
    return run(chosen)


def build_parser() -> VerbParser:
    """Return the parser of all verbs and their options."""
    parser = VerbParser(prog="gemfiles", description="Files with Gemini: upload, list, remove, prompt.")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=VerbParser)

    def verb(name: str, run: Callable[[argparse.Namespace], int], help_text: str) -> VerbParser:
        added: VerbParser = verbs.add_parser(name, help=help_text, description=help_text.capitalize() + ".")
        added.set_defaults(run=run)
        return added

    upload = verb("upload", _upload, "upload files and wait until a prompt may use them")
    add_upload(upload, "path, pattern or folder")
    listing = verb("ls", _ls, "list stored files")
    add_ls(listing)
    info = verb("info", _info, "show one file")
    add_info(info)
    for parser_with_json in (upload, listing, info):
        parser_with_json.add_argument(
            "--json", dest="is_json", action="store_true", help="JSON lines on stdout, one a file"
        )
    add_rm(verb("rm", _rm, "delete files"))
    add_wait(verb("wait", _wait, "wait until files are ACTIVE"))
    add_transfers(verb("transfers", _transfers, "uploads of every process: under way, paused, ended"))
    add_transfer_names(verb("pause", _ask, "pause uploads, wherever they run"))
    add_transfer_names(verb("resume", _resume, "go on with uploads that were paused or interrupted"))
    add_transfer_names(verb("cancel", _ask, "give uploads up"))
    prompt = verb("prompt", _prompt, "ask a model about files")
    prompt.add_argument("text", help="the prompt; - reads it from stdin")
    add_prompt(prompt)
    store = verb("store", _store, "file search stores: documents that a prompt can search")
    add_store(store, "path, pattern or folder")
    server = verb("offline", _offline, "the offline server: serve, status, start, stop")
    actions = server.add_subparsers(dest="action", metavar="ACTION", parser_class=VerbParser)
    serve.add_arguments(
        actions.add_parser("serve", help="run it here, in the foreground"),
        default_data=home() / "offline" / "data",
    )
    for name in ("status", "start", "stop"):
        actions.add_parser(name, help=f"{name} the one that is started on demand")
    verb("demo", _demo, "the whole thing in one command, on sample media, without a key")
    return parser


def _upload(chosen: argparse.Namespace) -> int:
    workspace = current_workspace()
    last: list[tuple[Progress, ...]] = []
    try:
        files = workspace.upload(
            chosen.sources,
            transfer_options(chosen),
            _progress(workspace, chosen.is_quiet or chosen.is_json, last),
            is_recursive=chosen.is_recursive,
            include=chosen.include,
            exclude=chosen.exclude,
        )
    finally:
        if chosen.is_json and last:
            for item in last[0]:
                print(json.dumps(progress_record(item)))
        elif chosen.is_quiet and last and len(last[0]) > 1:  # the error of a single one is raised
            for item in last[0]:
                if item.error:
                    print(error_fragment(item.label, str(item.error)).text, file=sys.stderr)
    return SOME_FAILED if files.failed else 0


def _progress(workspace: Workspace, is_quiet: bool, last: list[tuple[Progress, ...]]) -> OnProgress:
    """Return a sink that draws on stderr, and the end on stdout."""
    live = TerminalLine(sys.stderr)

    def on_progress(batch: tuple[Progress, ...]) -> None:
        last[:] = [batch]
        if is_quiet:
            return
        text = batch_view(batch, is_offline=workspace.is_offline).text
        if all(item.phase.is_over for item in batch):
            live.clear()
            print(text, flush=True)
        else:
            live.update(text, batch_step(batch))

    return on_progress


def _ls(chosen: argparse.Namespace) -> int:
    workspace = current_workspace()
    files = workspace.files(chosen.pattern)
    if chosen.is_json:
        for file in files:
            print(json.dumps(file_record(file)))
    else:
        print(files_view(files, now=workspace.now(), note=_note(workspace)).text)
    return 0


def _info(chosen: argparse.Namespace) -> int:
    workspace = current_workspace()
    file = workspace.find(chosen.file)
    if chosen.is_json:
        print(json.dumps(file_record(file)))
    else:
        print(file_view(file, now=workspace.now(), note=_note(workspace)).text)
    return 0


def _rm(chosen: argparse.Namespace) -> int:
    workspace = current_workspace()
    files = workspace.to_remove(chosen.files, is_all=chosen.is_all)
    if (chosen.is_all or len(files) > 1) and not chosen.is_sure and not _is_confirmed(files):
        print("Nothing was deleted.")
        return 0
    for file in files:
        workspace.remove(file)
    print(removed_view(files, is_offline=workspace.is_offline).text)
    return 0


def _wait(chosen: argparse.Namespace) -> int:
    workspace = current_workspace()
    live = TerminalLine(sys.stderr)

    def on_poll(file: File, waited: float) -> None:
        live.update(waiting_view(file, waited).text, int(waited) // 10)

    ready = [
        workspace.wait(workspace.find(reference), timeout_seconds=chosen.timeout, on_poll=on_poll)
        for reference in chosen.files
    ]
    live.clear()
    print(files_view(ready, now=workspace.now(), note=_note(workspace)).text)
    return 0


def _transfers(chosen: argparse.Namespace) -> int:
    print(_plain(transfers_view(current_workspace().transfers(is_open=not chosen.is_all)).text))
    return 0


def _ask(chosen: argparse.Namespace) -> int:
    asked = current_workspace().ask_transfers(chosen.transfers, Request(chosen.verb))
    print(_plain(asked_view(asked, chosen.verb).text))
    return 0


def _resume(chosen: argparse.Namespace) -> int:
    workspace = current_workspace()
    files, entries = workspace.resume(chosen.transfers, _progress(workspace, False, []))
    if not entries:
        print("There is nothing to resume.")
    return SOME_FAILED if files.failed else 0


def _store(chosen: argparse.Namespace) -> int:
    run_store(chosen, TerminalDesk())
    return 0


class TerminalDesk:
    """The command line as the store's verbs see it."""

    def __init__(self) -> None:
        self._live = TerminalLine(sys.stderr)

    def update(self, view: View, step: object) -> None:
        """Show a state on the way, on stderr."""
        self._live.update(view.text, step)

    def finish(self, view: View) -> None:
        """Show the end, on stdout."""
        self._live.clear()
        print(_plain(view.text), flush=True)

    def confirm(self, question: str, statement: str) -> bool:
        """Ask on the terminal."""
        if not sys.stdin.isatty():
            raise InvalidUsage(statement, hint="Add -y to say that you mean it.")
        return input(question).strip().lower() in ("y", "yes")

    def store(self, token: str) -> Store:
        """Return the store of that name."""
        return Store.get(token)

    def file(self, token: str) -> File:
        """Return the stored file of that name."""
        return current_workspace().find(token)

    def sources(self, token: str) -> Sequence[SourceSpec]:
        """Return a path as it is."""
        return [token]


def _prompt(chosen: argparse.Namespace) -> int:
    workspace = current_workspace()
    files = [file for reference in chosen.files for file in _prompt_files(workspace, reference)]
    text = sys.stdin.read() if chosen.text == "-" else chosen.text
    parts = workspace.compose(text, {}, files)
    stores = tuple(Store.get(reference).name for reference in chosen.stores)
    options = PromptOptions(chosen.model, chosen.system, chosen.temperature, stores)
    _answer(workspace, parts, options, chosen.is_streaming)
    return 0


def _prompt_files(workspace: Workspace, reference: str) -> Sequence[File]:
    """Upload what is a path here; anything else names a stored file."""
    if not Path(reference).expanduser().exists():
        return [workspace.find(reference)]
    return workspace.upload([reference], TransferOptions(), _progress(workspace, True, []))


def _answer(workspace: Workspace, parts: Sequence[Part], options: PromptOptions, is_streaming: bool) -> None:
    answers = workspace.stream(parts, options) if is_streaming else [workspace.ask(parts, options)]
    shown = 0
    answer: Answer | None = None
    for answer in answers:
        print(safe_lines(answer.text[shown:]), end="", flush=True)
        shown = len(answer.text)
    print()


def _offline(chosen: argparse.Namespace) -> int:
    if chosen.action == "serve":
        return serve.serve(chosen)
    actions = {"status": offline.status, "start": offline.start, "stop": offline.stop}
    print(actions[chosen.action or "status"]())
    return 0


def _demo(chosen: argparse.Namespace) -> int:  # noqa: ARG001 (every verb takes its options)
    workspace = Workspace(Client(endpoint=reached(Endpoint("", is_offline=True))))
    print("Uploading sample media to the offline server:\n")
    files = workspace.upload(
        [_media_folder()],
        TransferOptions(reuse=ReusePolicy.NEVER),  # a demo is to be seen
        _progress(workspace, False, []),
        exclude=["*.py", "*.md"],
    )
    print(f"\n> {DEMO_PROMPT}\n")
    _answer(workspace, workspace.compose(DEMO_PROMPT, {}, files), PromptOptions(DEFAULT_MODEL), True)
    print(DEMO_END)
    return SOME_FAILED if files.failed else 0


def _media_folder() -> Path:
    """Return the sample media: inside an installed package, beside it in a checkout."""
    package = Path(__file__).parent
    for folder in (package / "media", package.parent / "notebooks" / "media"):
        if folder.is_dir():
            return folder
    raise InvalidUsage("The sample media are not installed.", hint="Install the package again.")


def _is_confirmed(files: Sequence[File]) -> bool:
    if not sys.stdin.isatty():
        raise InvalidUsage(f"This deletes {len(files)} files.", hint="Add -y to say that you mean it.")
    return input(CONFIRM.format(len(files))).strip().lower() in ("y", "yes")


def _plain(text: str) -> str:
    """Return a text that speaks of magics as one that speaks of commands."""
    return text.replace("%gemfiles ", "gemfiles ")


def _note(workspace: Workspace) -> str:
    return OFFLINE if workspace.is_offline else ""

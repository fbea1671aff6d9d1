"""``gemfiles demo``: the whole thing in one command, on sample media, without a key."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from ..client import Client
from ..client.prompts import PromptOptions
from ..config import DEFAULT_MODEL, Endpoint, reached
from ..errors import InvalidUsage
from ..transfers.manager import TransferOptions
from ..transfers.reuse import ReusePolicy
from ..views.answers import AnswerForm, Foot
from ..workspace.results import FileList
from ..workspace.verbs.desk import Desk
from ..workspace.workspace import Workspace
from .answers import TerminalStage

__all__ = ["demo"]

QUESTION = "What are these files? Name each with its type and size, and how long the video is."
END = """
That ran against the offline server on this machine: no key, no network. Next, in a notebook:

    %load_ext gemfiles_jupyter
    lecture = %gemupload lecture.mp4

    %%gemprompt
    Summarise {lecture} in five points.

With a key in GOOGLE_API_KEY the same lines go to Gemini."""


def demo(_: argparse.Namespace, desk: Desk) -> FileList:
    """Upload the sample media to the offline server, and ask about them."""
    workspace = Workspace(Client(endpoint=reached(Endpoint("", is_offline=True))))
    print("Uploading sample media to the offline server:\n")
    files = workspace.upload(
        [_media_folder()],
        TransferOptions(reuse=ReusePolicy.NEVER),  # a demo is to be seen
        partial(desk.follow, is_offline=True),
        exclude=["*.py", "*.md"],
    )
    print(f"\n> {QUESTION}\n")
    stage = TerminalStage()
    parts = workspace.questions.compose(QUESTION, {}, files, is_labelled=True)
    for answer in workspace.questions.stream(parts, PromptOptions(DEFAULT_MODEL)):
        stage.show(answer, AnswerForm.TEXT, Foot(), is_last=bool(answer.finish_reason))
    print(END)
    return files


def _media_folder() -> Path:
    """Return the sample media: inside an installed package, beside it in a checkout."""
    package = Path(__file__).parent.parent
    for folder in (package / "media", package.parent / "notebooks" / "media"):
        if folder.is_dir():
            return folder
    raise InvalidUsage("The sample media are not installed.", hint="Install the package again.")

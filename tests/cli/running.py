"""The command as a process, and what it prints."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from gemfiles_jupyter.client import Client
from gemfiles_jupyter.transfers.journal import user_journal
from gemfiles_jupyter.transfers.progress import Phase
from gemfiles_jupyter.transfers.sources import expand
from gemfiles_jupyter.transfers.transfer import TransferOptions, wanted_entry

GEMFILES = Path(sys.executable).with_name("gemfiles")

Run = Callable[..., subprocess.CompletedProcess[str]]


def lines_of(run: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in run.stdout.splitlines()]


def interrupt_upload(path: Path) -> None:
    """Leave in the journal what an upload leaves there that is interrupted before its first byte."""
    (source,) = expand([path])
    journal = user_journal()
    claim = journal.claim(wanted_entry(Client(), source, TransferOptions(), "text/plain"), time.time())
    journal.end(claim.entry, Phase.PAUSED.value)

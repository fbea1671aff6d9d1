"""The terminal as the verbs see it."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterable, Mapping, Sequence

from ..client.models import File
from ..errors import InvalidUsage
from ..keys import Secret
from ..transfers.progress import Progress
from ..transfers.sources import SourceSpec
from ..views.records import progress_record
from ..views.rows import batch_step, batch_view, error_fragment
from ..views.terminal import TerminalLine
from ..views.view import View
from ..workspace.results import FileList
from ..workspace.stores import Store

__all__ = ["TerminalDesk", "plain"]


class TerminalDesk:
    """Standard output for results, standard error for what moves.

    Parameters
    ----------
    is_json
        Results are JSON lines, and nothing moves.
    is_quiet
        Only errors are shown.
    """

    def __init__(self, *, is_json: bool = False, is_quiet: bool = False) -> None:
        self._is_json = is_json
        self._is_quiet = is_quiet
        self._live = TerminalLine(sys.stderr)

    @property
    def variables(self) -> Mapping[str, object]:
        """Nothing: there are no variables here."""
        return {}

    @property
    def assigned(self) -> str:
        """Nothing: there are no variables here."""
        return ""

    @property
    def is_lasting(self) -> bool:
        """No: a command ends with its line."""
        return False

    @property
    def notebook(self) -> str:
        """Nothing: there is no notebook here."""
        return ""

    def update(self, view: View, step: object) -> None:
        """Show a state on the way, on stderr."""
        if not self._is_json and not self._is_quiet:
            self._live.update(view.text, step)

    def follow(self, batch: tuple[Progress, ...], *, is_offline: bool) -> None:
        """Show where uploads stand on stderr, and on stdout how they ended."""
        is_over = all(item.phase.is_over for item in batch)
        if is_over and self._is_json:
            self._print_records(map(progress_record, batch))
        elif is_over and self._is_quiet:
            for item in batch if len(batch) > 1 else ():  # the error of a single one is raised
                if item.error:
                    print(error_fragment(item.label, str(item.error)).text, file=sys.stderr)
        else:
            view = batch_view(batch, is_offline=is_offline)
            self.finish(view) if is_over else self.update(view, batch_step(batch))

    def finish(self, view: View, records: Iterable[Mapping[str, object]] = ()) -> None:
        """Show the end, on stdout."""
        if self._is_json:
            self._print_records(records)
        else:
            self._live.clear()
            print(plain(view.text), flush=True)

    def confirm(self, question: str, statement: str) -> bool:
        """Ask on the terminal."""
        if not sys.stdin.isatty():
            raise InvalidUsage(statement, hint="Add -y to say that you mean it.")
        return input(question).strip().lower() in ("y", "yes")

    def ask_key(self) -> Secret:
        """Ask on the terminal without an echo, or read a line of a pipe."""
        if not sys.stdin.isatty():
            return Secret(sys.stdin.readline().strip())
        return Secret(getpass.getpass("API key (not shown): ").strip())

    def reference(self, token: str) -> File | str:
        """Return the word itself: there are no variables here."""
        return token

    def references(self, token: str) -> Sequence[File | str]:
        """Return the word itself."""
        return [token]

    def store(self, token: str) -> Store:
        """Return the store of that name."""
        return Store.get(token)

    def sources(self, token: str) -> Sequence[SourceSpec]:
        """Return a path as it is."""
        return [token]

    def bind(self, variable: str, value: File | FileList) -> bool:  # noqa: ARG002
        """Do nothing: there are no variables here."""
        return False

    def replace(self, old: File, new: File) -> None:
        """Do nothing: there are no variables here."""

    def panel(self) -> object:
        """Show none: there is nothing to click on here."""
        raise InvalidUsage("A panel needs a notebook.")

    def offer(self, code: str) -> bool:  # noqa: ARG002
        """Do nothing: there are no cells here."""
        return False

    @staticmethod
    def _print_records(records: Iterable[Mapping[str, object]]) -> None:
        for record in records:
            print(json.dumps(record), flush=True)


def plain(text: str) -> str:
    """Return a text that speaks of magics as one that speaks of commands."""
    return text.replace("%gemfiles ", "gemfiles ")

"""``gemfiles``: the magics' verbs on the command line. Results go to stdout, progress to stderr."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from ..errors import GemfilesError
from ..workspace.verbs.parsing import HelpShown
from .commands import build_parser
from .desk import TerminalDesk, plain

__all__ = ["build_parser", "main"]

SOME_FAILED = 1
INTERRUPTED = 130


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
        print(plain(f"gemfiles: {error}"), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("gemfiles: interrupted; run the same line again to go on", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(arguments: Sequence[str] | None) -> int:
    parser = build_parser()
    if "_ARGCOMPLETE" in os.environ:  # Tab was pressed in a shell
        from .completion import answer_shell

        answer_shell(parser)
    try:
        chosen = parser.parse_args(arguments)
    except HelpShown:
        return 0
    desk = TerminalDesk(
        is_json=getattr(chosen, "is_json", False), is_quiet=getattr(chosen, "is_quiet", False)
    )
    result = chosen.verb.run(chosen, desk)
    return SOME_FAILED if getattr(result, "failed", ()) else 0

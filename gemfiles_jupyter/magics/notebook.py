"""The notebook around a magic: its variables, the name a result goes to, what is shown."""

from __future__ import annotations

import ast
import linecache
import os
import re
import shlex
import sys
from collections.abc import Collection
from pathlib import Path
from types import FrameType
from typing import Any

from ..client.models import File
from ..errors import InvalidUsage, UnknownVariable
from ..transfers.paths import exists
from ..workspace import namespace
from ..workspace.prompt import text_of
from ..workspace.verbs.parsing import VerbParser
from .asking import answer_to
from .live import LiveView, show

__all__ = ["Notebook", "split"]

_NAME = re.compile(r"\$([^\W\d]\w*)|\{([^\W\d]\w*)\}")
# Within a word; doubled braces mean the text itself, as in a prompt.
_PLACE = re.compile(rf"\{{(\{{\w+\}})\}}|{_NAME.pattern}")


class Notebook:
    """What a magic may know of the notebook it runs in."""

    def __init__(self, shell: Any, local_ns: dict[str, object] | None = None) -> None:
        self.shell = shell  # Any: IPython's own types differ from 7.34 to 9
        self.variables: dict[str, object] = {**shell.user_ns, **(local_ns or {})}

    def live(self, *, is_quiet: bool = False) -> LiveView:
        """Return the place where this magic shows what goes on."""
        return LiveView(self.shell, is_quiet=is_quiet)

    def resolve(self, token: str) -> object:
        """Return the value of ``$name`` or ``{name}``, or the text itself.

        Raises
        ------
        UnknownVariable
            There is no such variable.
        """
        match = _NAME.fullmatch(token)
        if not match:
            return token
        name = match[1] or match[2]
        if name not in self.variables:
            raise UnknownVariable(
                f"There is no variable {name}.", hint="Run the cell that makes it, or check the name."
            )
        return self.variables[name]

    def words(self, line: str, parser: VerbParser, of_objects: Collection[str] = ()) -> list[str]:
        """Split a line, and put texts of variables in the places of ``$name`` and ``{name}``.

        A word that is nothing but a name may mean any value, and is left to the verb, unless it is the
        text of an option. What names no text stays as it is typed, and so does what is called so on disk.

        Parameters
        ----------
        of_objects
            Options whose values are no texts.

        Raises
        ------
        UnknownVariable, InvalidUsage
            There is no such variable, or it holds no text, which an option needs.
        """
        words = split(line)
        of_texts = parser.options_with_value().difference(of_objects)
        return [
            self.text(word) if option in of_texts else self._filled(word)
            for option, word in zip(["", *words], words, strict=False)
        ]

    def text(self, word: str) -> str:
        """Return a word with texts of variables in it, also where it is nothing but a name.

        Raises
        ------
        UnknownVariable, InvalidUsage
            There is no variable of that name, or it holds no text.
        """
        value = self.resolve(word)
        if value is word:
            return self._filled(word)
        text = _text_of(value)
        if text is None:
            raise InvalidUsage(f"{word} is of type {type(value).__name__}, and this is a place for text.")
        return text

    def _filled(self, word: str) -> str:
        if _NAME.fullmatch(word) or exists(Path(word)):
            return word

        def fill(match: re.Match[str]) -> str:
            text = match[1] or _text_of(self.variables.get(match[2] or match[3]))
            return match[0] if text is None else text

        return _PLACE.sub(fill, word)

    def check_bindable(self, name: str) -> None:
        """Raise `InvalidUsage` if a variable of that name can't be ours."""
        namespace.check_bindable(name, self.variables)

    def confirm(self, question: str, statement: str) -> bool:
        """Ask below the cell whether to go on.

        Raises
        ------
        InvalidUsage
            There is no one to ask (nbclient, a pipe); it says the statement, and how to go on.
        """
        has_front_end = bool(getattr(self.shell, "kernel", None))
        # What comes next in a pipe is no answer.
        answer = answer_to(question, input) if has_front_end or sys.stdin.isatty() else None
        if answer is None:
            raise InvalidUsage(statement, hint="Add -y to say that you mean it.")
        return answer.lower() in ("y", "yes")

    def is_bindable(self, name: str) -> bool:
        """Whether a variable of that name can be ours."""
        try:
            self.check_bindable(name)
        except InvalidUsage:
            return False
        return True

    def bind(self, name: str, value: object) -> None:
        """Put a result into a variable; it may be put there again, whatever its type."""
        namespace.bind(name, value, self.shell.user_ns)

    def keep(self, value: object) -> None:
        """Keep a value that the cell does not end with: in ``_``, and in ``Out``."""
        self.shell.displayhook.update_user_ns(value)

    def follow(self, old: File, new: File) -> None:
        """Let every variable that holds a file hold the one that took its place."""
        namespace.follow(old.name, new, self.shell.user_ns)

    def assigned_name(self) -> str:
        """Return ``x`` while ``x = %magic`` runs, else an empty text."""
        statement, _ = _statements(_cell_frame(self.shell))
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            return target.id if isinstance(target, ast.Name) else ""
        return ""

    def shown(self, value: object) -> object:
        """Return a result that was shown already, so that the cell does not show it once more.

        That happens only where the magic is the cell's last line and nothing takes its result; it is
        still in ``_`` then.
        """
        running, last = _statements(_cell_frame(self.shell))
        if running is not last or not isinstance(running, ast.Expr):
            return value
        if hasattr(self.shell, "pt_app"):  # a terminal prints Out[n] before it asks how to show a value
            self.keep(value)
            return None
        if not getattr(self.shell, "kernel", None):
            return value
        formatter: Any = self.shell.display_formatter.ipython_display_formatter
        kind = type(value)

        def display_unless_shown(other: object) -> None:
            if other is not value:
                formatter.pop(kind, None)
                show(other)

        def forget(*_: object) -> None:
            formatter.pop(kind, None)
            self.shell.events.unregister("post_run_cell", forget)

        formatter.for_type(kind, display_unless_shown)
        self.shell.events.register("post_run_cell", forget)
        return value


def split(line: str) -> list[str]:
    """Split a line as a shell does, quotes respected; a backslash is a path's on Windows.

    A semicolon at the end is IPython's, and silences what would be shown as the cell's value.
    """
    lexer = shlex.shlex(line.rstrip().removesuffix(";"), posix=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    if sys.platform == "win32":
        lexer.escape = ""
    try:
        return list(lexer)
    except ValueError:
        raise InvalidUsage("A quote is not closed.", hint="Close it, or escape it.") from None


def _text_of(value: object) -> str | None:
    """Return what a variable says within a line; None where that is no text."""
    return str(value) if isinstance(value, os.PathLike) else text_of(value)


def _cell_frame(shell: Any) -> FrameType | None:
    frame: FrameType | None = sys._getframe(1)
    while frame and frame.f_globals is not shell.user_ns:
        frame = frame.f_back
    return frame


def _statements(frame: FrameType | None) -> tuple[ast.stmt | None, ast.stmt | None]:
    """Return the statement that a cell is running and the cell's last one, from its own source.

    Both are None where the source is not to be had.
    """
    if frame is None:
        return None, None
    try:
        tree = ast.parse("".join(linecache.getlines(frame.f_code.co_filename)))
    except (SyntaxError, ValueError):
        return None, None
    line = frame.f_lineno
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    running = max(around, key=lambda node: (node.lineno, node.col_offset), default=None)
    return running, tree.body[-1] if tree.body else None

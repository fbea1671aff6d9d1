"""The names of a notebook: which of them may be ours, and what they are put to."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from keyword import iskeyword

from ..client.models import File
from ..client.prompts import Answer
from ..errors import InvalidUsage
from .results import FileList
from .variables import holders

__all__ = ["Namespace", "bind", "check_bindable", "follow"]

_OURS = (File, FileList, Answer)
# Values of other types that we put into variables, such as the objects of an answer in JSON.
_bound: dict[str, object] = {}


class Namespace:
    """The variables of a kernel, for a panel that shows and changes which of them hold files."""

    def __init__(self, variables: MutableMapping[str, object]) -> None:
        self._variables = variables

    def holders(self) -> dict[str, str]:
        """Return what holds each file, by file name."""
        return holders(dict(self._variables))

    @property
    def names(self) -> set[str]:
        """All that are taken."""
        return set(self._variables)

    def check(self, variable: str) -> None:
        """Raise `InvalidUsage` if a variable of that name can't be ours."""
        check_bindable(variable, self._variables)

    def rename(self, file: File, variable: str) -> None:
        """Let a variable hold a file, in place of the one that is shown to hold it now; empty for none."""
        before = self.holders().get(file.name, "")
        if variable:
            bind(variable, file, self._variables)
        if before != variable:
            self._variables.pop(before, None)  # of a list it is no name, and stays

    def follow(self, old: str, new: File) -> None:
        """Let every variable that holds the file of a name hold the one that took its place."""
        follow(old, new, self._variables)


def check_bindable(name: str, variables: Mapping[str, object]) -> None:
    """Raise `InvalidUsage` if a variable of that name can't be ours."""
    if not name.isidentifier() or iskeyword(name):
        raise InvalidUsage(f"{name} is not a name for a variable.")
    value = variables.get(name)
    if value is not None and not isinstance(value, _OURS) and value is not _bound.get(name):
        raise InvalidUsage(
            f"{name} already holds a value of type {type(value).__name__}.",
            hint="Choose another name, or delete it first.",
        )


def bind(name: str, value: object, variables: MutableMapping[str, object]) -> None:
    """Put a result into a variable; it may be put there again, whatever its type."""
    variables[name] = value
    if not isinstance(value, _OURS):
        _bound[name] = value


def follow(old: str, new: File, variables: MutableMapping[str, object]) -> None:
    """Let every variable that holds the file of a name hold the one that took its place."""
    for name, value in list(variables.items()):
        if isinstance(value, File) and value.name == old:
            bind(name, new, variables)
        elif isinstance(value, FileList):
            value[:] = [new if file.name == old else file for file in value]

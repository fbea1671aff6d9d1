"""What Tab offers at a place of a line or a prompt: verbs, options, paths, variables, names on the service.

It answers from what is here: the parsers, the folder, the variables, and names that were heard before.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ..client.models import File
from ..client.prompts import Answer
from ..config import DEFAULT_MODEL
from ..transfers.values import can_open
from ..workspace.names import FILE_NAMES, STORE_NAMES, TRANSFER_NAMES
from ..workspace.results import held_files
from ..workspace.stores import Store
from ..workspace.verbs.parsing import VerbParser
from . import files, prompt, upload
from .typed import Typed, quoted, typed

__all__ = ["Offers", "offers"]

# As many as IPython shows.
MOST = 500
MOST_ENTRIES = 5000

_PARSERS = {"gemupload": upload.PARSER, "gemfiles": files.PARSER, "gemprompt": prompt.PARSER}
# `%gemfiles rm`, `x = %gemupload a`, `%%gemprompt -m`; and `gemfiles ls`, for IPython lets the % be left out.
_NAMES = "gemupload|gemfiles|gemprompt"
_MAGIC = re.compile(
    rf"\s*(?:(?:[\w.,\[\]'\" ]+=\s*)?%{{1,2}}(?P<magic>{_NAMES})\s+|(?P<bare>{_NAMES})\s+(?![=(.\[]))"
    r"(?P<rest>.*)"
)
_PROMPT_CELL = re.compile(r"\s*%%gemprompt\b")
_OPEN_BRACE = re.compile(r"(?<!\{)\{(?P<name>[^\W\d]\w*)?\Z")
_OPEN_CLIP = re.compile(r"(?<!\{)\{[^\W\d]\w*\|(?:[^{}\n,]*,)*(?P<part>\w*)\Z")
_CLIP = ("start=", "end=", "fps=")

Variables = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Offers:
    """What could stand in place of the fragment before the cursor."""

    fragment: str
    texts: tuple[str, ...]


def offers(before: str, variables: Variables) -> Offers | None:
    """Return what Tab offers after the text of a cell; None where that is not our line.

    Parameters
    ----------
    before
        The cell up to the cursor.
    """
    line = before.rpartition("\n")[2]
    in_prompt = "\n" in before and _PROMPT_CELL.match(before) is not None
    magic = _MAGIC.fullmatch(line)
    name = (magic["magic"] or magic["bare"]) if magic else ""
    if in_prompt or (name == "gemprompt" and not line.lstrip().startswith("%%")):
        found = _in_prompt(line, variables)
        if found or in_prompt:
            return found
    return _in_line(_PARSERS[name], typed(magic["rest"]), variables) if magic else None


def _in_prompt(line: str, variables: Variables) -> Offers | None:
    clip = _OPEN_CLIP.search(line)
    if clip:
        return _beginning_with(clip["part"], clip["part"], _CLIP)
    brace = _OPEN_BRACE.search(line)
    if not brace:
        return None
    name = brace["name"] or ""
    of_files = [key for key, value in variables.items() if held_files(value)]
    of_text = [key for key, value in variables.items() if isinstance(value, (str, Answer))]
    return _beginning_with(name, name, [*of_files, *of_text])


def _in_line(parser: argparse.ArgumentParser, at: Typed, variables: Variables) -> Offers:
    parser, words = _innermost(parser, at.words)
    option = _option_with_value(parser, words[-1]) if words else None
    name, equals, rest = at.value.partition("=")
    if option is None and equals and (option := _option_with_value(parser, name)):
        begun = Typed((), at.fragment[len(name) + 1 :], rest, at.quote)
        return _values(option, begun, variables)
    if option:
        return _values(option, at, variables)
    if at.value.startswith("-"):
        return _beginning_with(at.fragment, at.value, _options(parser, words))
    positional = _positional(parser, words)
    if positional is None:
        return Offers(at.fragment, ())
    if isinstance(positional, argparse._SubParsersAction):
        return _beginning_with(at.fragment, at.value, positional.choices)
    return _values(positional, at, variables)


def _innermost(
    parser: argparse.ArgumentParser, words: Sequence[str]
) -> tuple[argparse.ArgumentParser, Sequence[str]]:
    """Return the parser of the verb that is being typed, and the words after that verb."""
    for position, word in enumerate(words):
        verbs = _verbs(parser)
        if verbs is None:
            break
        if word in verbs.choices:
            return _innermost(verbs.choices[word], words[position + 1 :])
    return parser, words


def _verbs(parser: argparse.ArgumentParser) -> argparse._SubParsersAction[VerbParser] | None:
    return next((it for it in parser._actions if isinstance(it, argparse._SubParsersAction)), None)


def _option_with_value(parser: argparse.ArgumentParser, word: str) -> argparse.Action | None:
    action = parser._option_string_actions.get(word)
    return action if action and action.nargs != 0 else None


def _options(parser: argparse.ArgumentParser, words: Sequence[str]) -> Iterator[str]:
    """Yield the options that are not there yet; those that may be given again are offered again."""
    for action in parser._actions:
        may_repeat = isinstance(action, argparse._AppendAction)
        if may_repeat or not set(action.option_strings) & set(words):
            yield from action.option_strings


def _positional(parser: argparse.ArgumentParser, words: Sequence[str]) -> argparse.Action | None:
    """Return the argument that the next word would be, and None after the last."""
    given = 0
    is_value = False
    for word in words:
        is_option = word.startswith("-")
        given += not is_option and not is_value
        is_value = is_option and _option_with_value(parser, word) is not None
    arguments = [action for action in parser._actions if not action.option_strings]
    for action in arguments:
        if given == 0 or action.nargs in ("*", "+"):
            return action
        given -= 1
    return None


def _values(action: argparse.Action, at: Typed, variables: Variables) -> Offers:
    """Return what an argument may be, as it has to be written."""
    if action.choices:
        return _beginning_with(at.fragment, at.value, map(str, action.choices))
    kind = action.dest if action.dest in _KINDS else str(action.metavar)
    done, comma, value = at.value.rpartition(",") if kind in _COMMA_LISTS else ("", "", at.value)
    offered = _KINDS.get(kind, _texts if action.option_strings else _nothing)
    found = islice(offered(value, variables), MOST)
    head = done + comma
    return Offers(
        at.fragment,
        tuple(quoted(head + text, at.quote, is_open=text.endswith("/")) for text in dict.fromkeys(found)),
    )


def _beginning_with(fragment: str, value: str, texts: Iterable[str]) -> Offers:
    fitting = (text for text in texts if text.startswith(value))
    return Offers(fragment, tuple(dict.fromkeys(islice(fitting, MOST))))


# What an argument may be, by its name in the help. Each yields whole words that begin with what is there.


def _nothing(_: str, __: Variables) -> Iterable[str]:
    return ()


def _models(begun: str, _: Variables) -> Iterable[str]:
    return [DEFAULT_MODEL] if DEFAULT_MODEL.startswith(begun) else []


def _sources(begun: str, variables: Variables) -> Iterator[str]:
    if begun[:1] == "$" or not begun:
        yield from (f"${name}" for name in _named(begun[1:], variables, can_open))
    if begun[:1] != "$":
        yield from _paths(begun)


def _stored(begun: str, variables: Variables) -> Iterator[str]:
    yield from _held(begun, variables, lambda value: bool(held_files(value)))
    yield from (name for name in FILE_NAMES.known() if name.startswith(begun))


def _stored_or_paths(begun: str, variables: Variables) -> Iterator[str]:
    yield from _stored(begun, variables)
    yield from _paths(begun)


def _stores(begun: str, variables: Variables) -> Iterator[str]:
    yield from _held(begun, variables, lambda value: isinstance(value, Store))
    yield from (name for name in STORE_NAMES.known() if name.startswith(begun))


def _transfers(begun: str, _: Variables) -> Iterator[str]:
    yield from (name for name in TRANSFER_NAMES.known() if name.startswith(begun))


def _schemas(begun: str, variables: Variables) -> Iterator[str]:
    yield from _named(begun, variables, lambda value: isinstance(value, (dict, type)))
    yield from (path for path in _paths(begun) if path.endswith(("/", ".json")))


def _texts(begun: str, variables: Variables) -> Iterator[str]:
    if begun[:1] == "$":
        yield from (f"${name}" for name in _named(begun[1:], variables, lambda it: isinstance(it, str)))


def _rebound(begun: str, variables: Variables) -> Iterator[str]:
    yield from _named(
        begun, variables, lambda value: isinstance(value, (File, Answer)) or bool(held_files(value))
    )


def _held(begun: str, variables: Variables, is_wanted: Callable[[object], bool]) -> Iterator[str]:
    """Yield variables by their bare names, or with the $ that was typed."""
    dollar = begun[:1] if begun[:1] == "$" else ""
    yield from (dollar + name for name in _named(begun.removeprefix("$"), variables, is_wanted))


def _named(begun: str, variables: Variables, is_wanted: Callable[[object], bool]) -> Iterator[str]:
    return (name for name, value in variables.items() if name.startswith(begun) and is_wanted(value))


def _paths(begun: str) -> Iterator[str]:
    """Yield files and folders; what is hidden only where its dot was typed."""
    folder, slash, start = begun.rpartition("/")
    place = Path(folder + slash or ".").expanduser()
    try:
        with os.scandir(place) as entries:
            found = [
                (entry.name, entry.is_dir())
                for entry in islice(entries, MOST_ENTRIES)
                if entry.name.startswith(start) and (start or not entry.name.startswith("."))
            ]
    except OSError:
        return
    for name, is_folder in sorted(found):
        yield f"{folder}{slash}{name}{'/' if is_folder else ''}"


_COMMA_LISTS = ("A,B", "stores")
# An option that is not here takes a text.
_KINDS: dict[str, Callable[[str, Variables], Iterable[str]]] = {
    "model": _models,
    "stores": _stores,
    "schema": _schemas,
    "variable": _rebound,
    "SOURCE": _sources,
    "FILE": _stored,
    "PATTERN": _stored,
    "A,B": _stored_or_paths,
    "STORE": _stores,
    "TRANSFER": _transfers,
}

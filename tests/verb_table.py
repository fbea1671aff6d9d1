"""The table of all verbs and options in CONTRIBUTING.md, made from the parsers themselves.

``python tests/verb_table.py --write`` writes it; the test beside this fails when it has drifted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from gemfiles_jupyter.cli import build_parser
from gemfiles_jupyter.magics import files, prompt, upload

DOCUMENT = Path(__file__).parents[1] / "CONTRIBUTING.md"
BEGIN, END = "<!-- verbs: made by tests/verb_table.py -->\n", "<!-- end of verbs -->\n"
HEAD = "| in a notebook | on the command line | does | arguments and options |\n|---|---|---|---|\n"


def verbs(parser: argparse.ArgumentParser, prefix: str) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """Yield each verb and action below a parser: its name, what it does, and its own parser."""
    for action in parser._actions:
        if not isinstance(action, argparse._SubParsersAction):
            continue
        said = {choice.dest: choice.help or "" for choice in action._choices_actions}
        for name, inner in action.choices.items():
            yield f"{prefix}{name}", said[name], inner
            yield from verbs(inner, f"{prefix}{name} ")


def arguments(parser: argparse.ArgumentParser) -> dict[str, None]:
    """Return the arguments and options of a parser as they are typed, in order."""
    shown = (action for action in parser._actions if not isinstance(action, argparse._HelpAction))
    return {_typed(action): None for action in shown if not isinstance(action, argparse._SubParsersAction)}


def table() -> str:
    """Return the table as Markdown."""
    magics = {"upload": ("%gemupload", upload.PARSER), "prompt": ("%%gemprompt", prompt.PARSER)}
    here = {name: (f"%gemfiles {name}", does, parser) for name, does, parser in verbs(files.PARSER, "")}
    there = {name: (f"gemfiles {name}", does, parser) for name, does, parser in verbs(build_parser(), "")}
    here |= {name: (magic, there[name][1], parser) for name, (magic, parser) in magics.items()}
    order = [
        *magics,
        *(name for name in here if name not in magics),
        *(name for name in there if name not in here),
    ]
    return HEAD + "".join(_row(here.get(name), there.get(name)) for name in order)


def written(document: str) -> str:
    """Return a document with the table of today between its marks."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


_Known = tuple[str, str, argparse.ArgumentParser]


def _row(here: _Known | None, there: _Known | None) -> str:
    known = here or there
    assert known is not None
    mine = arguments(here[2]) if here else {}
    its = arguments(there[2]) if there else {}
    cells = [
        f"`{here[0]}`" if here else "",
        f"`{there[0]}`" if there else "",
        known[1],
        ", ".join(_cell(item, mine, its, is_both=bool(here and there)) for item in {**mine, **its}),
    ]
    return f"| {' | '.join(cells)} |\n"


def _cell(item: str, mine: Mapping[str, None], its: Mapping[str, None], *, is_both: bool) -> str:
    where = (
        ""
        if not is_both or (item in mine and item in its)
        else " (notebook)"
        if item in mine
        else " (command line)"
    )
    return f"`{item}`{where}".replace("|", "\\|")


def _typed(action: argparse.Action) -> str:
    metavar = action.metavar if isinstance(action.metavar, str) else ""
    value = metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())
    if action.option_strings:
        return " ".join(["/".join(action.option_strings), *([] if action.nargs == 0 else [value])])
    return {"?": f"[{value}]", "*": f"[{value} ...]", "+": f"{value} ..."}.get(str(action.nargs), value)


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        print(table(), end="")

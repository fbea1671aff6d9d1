"""The table of verbs says what the parsers say, and each verb and option is shown in a real kernel."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gemfiles_jupyter.magics import files, prompt, upload

from .verb_table import BEGIN, DOCUMENT, END, arguments, table, verbs, written

FOLDERS = [Path(__file__).parent / name for name in ("magics", "widgets")]
# What a test asks for that runs cells in a kernel, and what it calls that only asks for completions.
KERNELS = {"run_cells", "start_kernel", "kernel", "page"}
NOT_RUN = {"complete", "offered"}
# By how they begin, the lines that each verb stands in.
LINES = {
    r"%gemupload": upload.PARSER,
    r"%%?gemprompt": prompt.PARSER,
    **{rf"%gemfiles {name}": parser for name, _, parser in verbs(files.PARSER, "")},
}
OPTIONS = [
    pytest.param(begin, typed.partition(" ")[0].split("/"), id=f"{begin} {typed}")
    for begin, parser in LINES.items()
    for typed in arguments(parser)
    if typed.startswith("-")
]


def texts(node: ast.AST, constants: dict[str, ast.AST]) -> Iterator[str]:
    """Yield the texts of some code, those of the module's constants in it too."""
    if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in NOT_RUN:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    if isinstance(node, ast.Name) and node.id in constants:
        yield from texts(constants[node.id], {})
    for inner in ast.iter_child_nodes(node):
        yield from texts(inner, constants)


def run_lines() -> Iterator[str]:
    """Yield the lines that tests run in a real kernel."""
    for path in (path for folder in FOLDERS for path in sorted(folder.glob("test_*.py"))):
        module = ast.parse(path.read_text(encoding="utf-8")).body
        constants: dict[str, ast.AST] = {
            target.id: node.value
            for node in module
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for test in module:
            if isinstance(test, ast.FunctionDef) and KERNELS & {it.arg for it in test.args.args}:
                for text in texts(test, constants):
                    yield from re.findall(r"%%?gem.*", text)


RUN = list(run_lines())


def test_the_table_in_the_document_is_todays() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")

    assert document.count(BEGIN) == document.count(END) == 1
    assert document == written(document), "run: python tests/verb_table.py --write"


def test_the_table_names_all_magics_verbs_and_options() -> None:
    rows = {row.split(" | ")[0].strip("| `"): row for row in table().splitlines()[2:]}

    assert {"%gemupload", "%%gemprompt", "%gemfiles ls", "%gemfiles store upload"} <= set(rows)
    assert "`--older TIME`" in rows["%gemfiles rm"]
    assert r"`--state active\|processing\|failed`" in rows["%gemfiles ls"]
    assert "`--json` (command line)" in rows["%gemfiles ls"]
    assert "`-v NAME` (notebook)" in rows["%gemupload"]
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows.values())


@pytest.mark.parametrize("begin", LINES)
def test_a_verb_is_run_in_a_kernel(begin: str) -> None:
    assert any(re.match(rf"{begin}\b", line) for line in RUN)


@pytest.mark.parametrize(("begin", "words"), OPTIONS)
def test_an_option_is_run_in_a_kernel(begin: str, words: list[str]) -> None:
    either = "|".join(map(re.escape, words))
    assert any(re.match(rf"{begin}\b.*\s({either})(?![\w-])", line) for line in RUN)

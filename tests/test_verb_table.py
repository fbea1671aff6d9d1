"""The table of verbs says what the parsers say, and each verb and option of files is shown in a kernel."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gemfiles_jupyter.magics import files

from .verb_table import BEGIN, DOCUMENT, END, arguments, table, verbs, written

MAGICS = Path(__file__).parent / "magics"
# Lines that tests run in a real kernel.
RUN = [
    line
    for path in sorted(MAGICS.glob("test_*.py"))
    for line in re.findall(r"%gemfiles[^\"\\]*", path.read_text(encoding="utf-8"))
]
OURS = ("ls", "info", "use", "restore", "wait", "rm", "quota", "count", "code")
OPTIONS = [
    pytest.param(name, typed.partition(" ")[0].split("/"), id=f"{name} {typed}")
    for name, _, parser in verbs(files.PARSER, "")
    if name in OURS
    for typed in arguments(parser)
    if typed.startswith("-")
]


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


@pytest.mark.parametrize("verb", OURS)
def test_a_verb_is_run_in_a_kernel(verb: str) -> None:
    assert any(line.startswith(f"%gemfiles {verb}") for line in RUN)


@pytest.mark.parametrize(("verb", "words"), OPTIONS)
def test_an_option_is_run_in_a_kernel(verb: str, words: list[str]) -> None:
    either = "|".join(map(re.escape, words))
    assert any(re.match(rf"%gemfiles {verb}\b.*\s({either})\b", line) for line in RUN)

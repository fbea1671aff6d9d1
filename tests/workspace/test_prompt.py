"""From text with placeholders to parts; everything else in braces stays as it was written."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemfiles_jupyter.client.models import File, FileState
from gemfiles_jupyter.client.prompts import Part, file_of
from gemfiles_jupyter.workspace.prompt import compose
from gemfiles_jupyter.workspace.results import FileList

A = File("files/a", display_name="a.mp4", state=FileState.ACTIVE)
B = File("files/b", display_name="b.pdf", state=FileState.ACTIVE)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("{a}", (A,)),
        ("Summarise {a} in five points.", ("Summarise ", A, " in five points.")),
        ("{a}{b}", (A, B)),
        ("{b} and {a}", (B, " and ", A)),
        ("{a}\n{a}", (A, A)),
        ("First:\n{a}\nSecond:\n{b}\n", ("First:", A, "Second:", B)),
        ("({a})", ("(", A, ")")),
        ("[{a}]", ("[", A, "]")),
        ("é{a}é", ("é", A, "é")),
    ],
    ids=["alone", "within", "two", "order", "twice", "lines", "parentheses", "brackets", "not ASCII"],
)
def test_a_file_becomes_a_part_at_its_place(text: str, parts: tuple[object, ...]) -> None:
    assert compose(text, {"a": A, "b": B}) == parts


@pytest.mark.parametrize("files", [[A, B], FileList([A, B])], ids=["list", "FileList"])
def test_a_list_of_files_becomes_all_of_them(files: list[File]) -> None:
    assert compose("Compare {files} please", {"files": files}) == ("Compare ", A, B, " please")


@pytest.mark.parametrize("value", [[], FileList(), [A, "text"], ["a", "b"], (A, B), {"a": A}])
def test_a_list_of_something_else_is_left_alone(value: object) -> None:
    assert compose("see {value}", {"value": value}) == ("see {value}",)


@pytest.mark.parametrize(
    ("value", "text"),
    [("five", "five"), ("", ""), (5, "5"), (-2.5, "-2.5"), (Decimal("1.10"), "1.10"), (1 + 2j, "(1+2j)")],
    ids=["text", "empty text", "int", "float", "Decimal", "complex"],
)
def test_text_and_numbers_become_text(value: object, text: str) -> None:
    assert compose("in {value} points", {"value": value}) == (f"in {text} points",)


def test_text_beside_text_is_one_part() -> None:
    assert compose("{x} and {y}{x}", {"x": "1", "y": 2}) == ("1 and 21",)


@pytest.mark.parametrize("value", ["{a}", "{{a}}", "{x}"])
def test_what_a_value_says_in_braces_is_not_looked_at_again(value: str) -> None:
    assert compose("say {x}", {"x": value, "a": A}) == (f"say {value}",)


@pytest.mark.parametrize("value", [True, False, None, b"bytes", object, len, A.to_part()])
def test_a_value_of_another_kind_is_left_alone(value: object) -> None:
    assert compose("see {value}", {"value": value}) == ("see {value}",)


def test_an_unknown_name_is_left_alone() -> None:
    assert compose("see {nothing} of {a}", {"a": A}) == ("see {nothing} of ", A)


CODE = [
    "{v: k for k, v in a.items()}",
    "{a: 1}",
    "{a, b}",
    "{ a }",
    "{a!r}",
    "{a:>10}",
    "{a.name}",
    "{a[0]}",
    "{a()}",
    "{}",
    "{0}",
    "{1a}",
    "{a b}",
    "{'a'}",
    '{"a"}',
    "{a",
    "a}",
    "{-a}",
    "{\na\n}",
    json.dumps({"a": {"b": [1, {"a": None}]}}),
    json.dumps({"a": 1}, indent=2),
    "def f(): return {a for a in b}",
    "body { color: red }",
]


@pytest.mark.parametrize("text", CODE)
def test_code_is_left_alone(text: str) -> None:
    assert compose(text, {"a": A, "b": B}) == (text,)


MATHS = [
    r"\frac{a}{b}",
    r"\sqrt{a}",
    r"\sqrt[3]{a}",
    r"\mathbf{a} \cdot \mathbf{b}",
    r"\begin{a}",
    r"\section*{a}",
    r"x_{a}^{b}",
    r"x_{i}",
    r"e^{a}",
    r"^{2}",
    r"\sum_{a}^{b} \binom{a}{b}",
    r"\frac{1}{a}",
    r"\frac{x+1}{a}",
]


@pytest.mark.parametrize("text", MATHS)
def test_formulas_are_left_alone(text: str) -> None:
    assert compose(text, {"a": A, "b": B, "i": 7}) == (text,)


def test_a_formula_beside_a_file_does_not_hide_it() -> None:
    text = r"Explain $\frac{a}{b}$ as {a} does, with $x_{a}$ from {b}."

    parts = compose(text, {"a": A, "b": B})

    assert parts == (r"Explain $\frac{a}{b}$ as ", A, r" does, with $x_{a}$ from ", B, ".")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("{{a}}", ("{a}",)),
        ("{{nothing}}", ("{nothing}",)),
        ("{{a}} is {a}", ("{a} is ", A)),
        ("{{a: 1}}", ("{{a: 1}}",)),
        ("{{}}", ("{{}}",)),
        ("{{{a}}}", ("{", "{a}", "}")),
    ],
    ids=["known name", "unknown name", "both", "no name", "empty", "three"],
)
def test_doubled_braces_are_literal(text: str, parts: tuple[str | File, ...]) -> None:
    composed = compose(text, {"a": A})

    if all(isinstance(part, str) for part in parts):
        assert composed == ("".join(parts),)  # type: ignore[arg-type]
    else:
        assert composed == parts


@pytest.mark.parametrize("name", ["übung", "潮汐", "лекция", "_private", "a1", "_", "naïve"])
def test_a_name_is_whatever_python_takes(name: str) -> None:
    assert compose(f"see {{{name}}}!", {name: A}) == ("see ", A, "!")


def test_line_ends_around_parts_are_dropped_but_not_other_spaces() -> None:
    assert compose("\n\n  Look:\n\n{a}\n\n  closely \n", {"a": A}) == ("  Look:", A, "  closely ")


@pytest.mark.parametrize("text", ["", "\n", "\n\n"])
def test_an_empty_prompt_has_no_parts(text: str) -> None:
    assert compose(text, {}) == ()


@given(st.text(st.characters(exclude_characters="{}")))
def test_text_without_braces_is_unchanged(text: str) -> None:
    parts = compose(text, {"a": A, "b": B})

    assert parts == ((text.strip("\n"),) if text.strip("\n") else ())


@given(st.text("{}a b_^\\\n:", max_size=12))
def test_without_variables_only_doubled_braces_change(text: str) -> None:
    joined = "".join(str(part) for part in compose(text, {}))

    assert joined.replace("{", "").replace("}", "") == text.strip("\n").replace("{", "").replace("}", "")


@pytest.mark.parametrize(
    "before",
    [r"\a" + "{b}" * 20_000, "_" * 500_000, "{" * 500_000, r"\a[" * 50_000, r"\a{" * 50_000, r"\a" * 200_000],
    ids=["many arguments", "underscores", "braces", "half options", "half arguments", "commands"],
)
def test_a_long_and_hostile_prompt_is_composed_all_the_same(before: str) -> None:
    """It would take minutes if each placeholder looked back over the whole text."""
    assert compose(f"{before} {{x}}", {"x": A}) == (f"{before} ", A)


def test_a_long_prompt_with_many_placeholders_is_composed_all_the_same() -> None:
    assert compose(r"\a[b] {x} c " * 20_000, {"x": "y"}) == (r"\a[b] y c " * 20_000,)


@given(st.text("{}ab x|=:,0\\_^$'\"", max_size=24).filter(lambda text: "{{" not in text))
def test_files_stand_where_they_were_named_and_all_else_is_as_it_was(text: str) -> None:
    if re.search(r"\{[ab]\|[^{}]*\}", text):  # that is a clip, or none that makes sense
        return

    parts = compose(text, {"a": A, "b": B})

    assert "".join(map(_as_typed, parts)) == text


def _as_typed(part: Part) -> str:
    file = file_of(part)
    return f"{{{file.id}}}" if file else str(part)

"""What is made of an answer: objects of its JSON, and code for the next cell."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from gemfiles_jupyter.client.prompts import Answer
from gemfiles_jupyter.errors import InvalidUsage, UnusableAnswer
from gemfiles_jupyter.workspace.code_blocks import code_in
from gemfiles_jupyter.workspace.schemas import read_json, schema_in_file, schema_of


class Tide(BaseModel):
    place: str
    metres: float = Field(ge=0)


@dataclass
class Gauge:
    place: str


HIGH = '{"place": "Brest", "metres": 6.1}'


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "object"}, HIGH, {"place": "Brest", "metres": 6.1}),
        (Tide, HIGH, Tide(place="Brest", metres=6.1)),
        (list[Tide], f"[{HIGH}]", [Tide(place="Brest", metres=6.1)]),
        (dict[str, Tide], f'{{"a": {HIGH}}}', {"a": Tide(place="Brest", metres=6.1)}),
        (Gauge, '{"place": "Brest"}', Gauge("Brest")),
        (Tide | None, "null", None),
    ],
    ids=["dict", "model", "list of models", "dict of models", "dataclass", "optional"],
)
def test_an_answer_becomes_what_its_schema_says(schema: Any, text: str, value: object) -> None:
    assert read_json(Answer(text), schema_of(schema, "schema")) == value


def test_a_model_is_sent_as_its_json_schema() -> None:
    assert schema_of(Tide, "Tide").json_schema["required"] == ["place", "metres"]
    assert schema_of(list[Tide], "Tides").json_schema["type"] == "array"


@pytest.mark.parametrize("value", [None, 5, "text", [Tide], (Tide,), Tide(place="x", metres=1), object()])
def test_what_is_no_schema_is_refused(value: object) -> None:
    with pytest.raises(InvalidUsage, match=r"^thing (is of type|can't be made a schema)"):
        schema_of(value, "thing")


@pytest.mark.parametrize(
    ("text", "reason", "said"),
    [
        ("Here you are: {", "STOP", r"is not JSON: Expecting value"),
        ('{"place": "Bre', "MAX_TOKENS", r"was cut off before its JSON was complete\. Ask for less"),
        ("[" * 100_000, "STOP", "is not JSON"),
        ('{"place": "Brest"}', "STOP", r"does not fit the schema: metres: Field required"),
        ('{"metres": -1}', "STOP", r"place: Field required; metres: Input should be greater"),
        ("5", "STOP", r"does not fit the schema: the whole: "),
    ],
    ids=["prose", "cut off", "too deep", "missing", "two problems", "number"],
)
def test_an_answer_of_no_use_is_kept_on_the_error(text: str, reason: str, said: str) -> None:
    answer = Answer(text, finish_reason=reason)

    with pytest.raises(UnusableAnswer, match=said) as caught:
        read_json(answer, schema_of(Tide, "Tide"))

    assert caught.value.answer is answer


def test_a_schema_may_be_a_file(tmp_path: Path) -> None:
    path = tmp_path / "tide.json"
    path.write_text(json.dumps(Tide.model_json_schema()))

    assert schema_in_file(path).json_schema == Tide.model_json_schema()


@pytest.mark.parametrize("content", ["", "[]", "5", "{", "\x00"])
def test_a_file_that_holds_no_schema_is_named_without_its_folder(tmp_path: Path, content: str) -> None:
    path = tmp_path / "tide.json"
    path.write_text(content)

    with pytest.raises(InvalidUsage, match=r"^tide\.json ") as caught:
        schema_in_file(path)

    assert str(tmp_path) not in str(caught.value)


# Code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Run:\n```python\nx = 1\n```\nDone.", "x = 1"),
        ("```\nx = 1\n```", "x = 1"),
        ("~~~py\nx = 1\n~~~", "x = 1"),
        ("```python\na\n```\nand\n```python\nb\n```", "a\n\nb"),
        ("```bash\npip install x\n```\n```python\nimport x\n```", "import x"),
        ("```sql\nSELECT 1\n```", "SELECT 1"),
        ("1. Do\n   ```python\n   if x:\n       y\n   ```", "if x:\n    y"),
        ("````python\n'''\n```\n'''\n````", "'''\n```\n'''"),
        ("```python\r\nx = 1\r\n```\r\n", "x = 1"),
        ("```python title='a'\nx\n```", "x"),
        ("```make\nall:\n\techo\n```", "all:\n\techo"),
        ("```python\nx = 'cut off", ""),
        ("```python\n```", ""),
        ("no code", ""),
        ("inline `x = 1` only", ""),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_code_is_taken_out_of_an_answer(text: str, code: str) -> None:
    assert code_in(text) == code


def test_code_is_what_it_looks_like() -> None:
    code = code_in("```python\nx = 'a\u202eb'  # \x1b[2J\n\ty = 1\n```")

    assert code == "x = 'a\\u202eb'  # \\x1b[2J\n\ty = 1"


@given(st.text("`~\n\t py>-1.x", max_size=60))
def test_any_text_has_code_or_none(text: str) -> None:
    assert isinstance(code_in(text), str)

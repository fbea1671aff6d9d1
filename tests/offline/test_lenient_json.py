"""What is read, and what is refused."""

from __future__ import annotations

import tracemalloc

import pytest

from gemfiles_jupyter.offline import lenient_json
from gemfiles_jupyter.offline.problems import Problem


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", {}),
        ("{}", {}),
        ("{'a': 'b'}", {"a": "b"}),
        ("""{'a': 'say "b"'}""", {"a": 'say "b"'}),
        ("""{'a': "it's"}""", {"a": "it's"}),
        (r"{'a': 'it\'s'}", {"a": "it's"}),
        (r"{'a': 'line\nend \u00e9'}", {"a": "line\nend é"}),
        ("{'a': [1, 2,], }", {"a": [1, 2]}),
        ("""{"a": "x, ]"}""", {"a": "x, ]"}),
        ('{"a": "tab\there"}', {"a": "tab\there"}),
    ],
)
def test_reads_what_the_public_samples_send(text, value):
    assert lenient_json.parse_object(text.encode()) == value


def test_a_long_string_takes_little_memory():
    body = b'{"data": "' + b"A" * 2_000_000 + b'",}'  # an image in a sample with a comma too much
    tracemalloc.start()
    try:
        message = lenient_json.parse_object(body)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(message["data"]) == 2_000_000
    assert peak_bytes < 10 * len(body)


@pytest.mark.parametrize("text", ["{'a'", "{a: 1}", "[1]", "'x'", '{"a": Infinity}', "{'a': '\\'}"])
def test_refuses_what_is_no_message(text):
    with pytest.raises(Problem):
        lenient_json.parse_object(text.encode())


def test_finds_fields_in_both_spellings():
    assert lenient_json.field({"file_uri": 1}, "fileUri") == 1
    assert lenient_json.field({"fileUri": 1}, "fileUri") == 1
    assert lenient_json.field({"fileUri": None}, "fileUri") is None


def test_prints_as_the_service_does():
    assert lenient_json.dump({"a": "é", "b": []}) == '{\n  "a": "é",\n  "b": []\n}\n'.encode()

"""Log lines can't be forged, and keys are only marked."""

from __future__ import annotations

import pytest

from gemfiles_jupyter.offline.request_log import fingerprint, printable


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("/v1/files", "/v1/files"),
        ("a\r\nb", "a\\x0d\\x0ab"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\u202eb\u2028c", "a\\x202eb\\x2028c"),
        ("Größe", "Größe"),
    ],
)
def test_control_characters_are_escaped(text, line):
    assert printable(text) == line


def test_a_long_text_is_cut():
    assert len(printable("x" * 100_000)) <= 500


def test_a_fingerprint_tells_keys_apart_and_gives_none_away():
    assert fingerprint("one") != fingerprint("two")
    assert fingerprint("") == ""
    assert "one" not in fingerprint("one")

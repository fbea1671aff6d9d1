"""Foreign text made fit to be shown."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemfiles_jupyter.safe_text import safe_text

C0 = [chr(code) for code in range(0x20)]
DEL = ["\x7f"]
C1 = [chr(code) for code in range(0x80, 0xA0)]
BIDI = [*"\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"]
LINE_ENDS = ["\u2028", "\u2029"]
SURROGATES = ["\ud800", "\udbff", "\udc00", "\udcff", "\udfff"]
STEERING = {*C0, *DEL, *C1, *BIDI, *LINE_ENDS, *SURROGATES}

ATTACKS = {
    "clipboard (OSC 52)": "x\x1b]52;c;cm0gLXJmIC8=\x07",
    "window title (OSC 0)": "x\x1b]0;title\x07",
    "link (OSC 8)": "x\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "clear the screen": "x\x1b[2J\x1b[H",
    "8-bit CSI": "x\x9b31m",
    "8-bit OSC": "x\x9d52;c;aGk=\x9c",
    "CR overwrites the line": "failed\rdone  ",
    "backspaces": "failed\b\b\b\b\b\bdone",
    "new lines": "one\ntwo\r\nthree\x0bfour\x0cfive\x85six\u2028seven",
    "text turned around": "invoice\u202efdp.exe",
    "isolates": "\u2066x\u2069",
    "half a surrogate pair": "\ud83d.txt",
    "undecodable bytes of a file name": b"\xff\xfe.txt".decode("utf-8", "surrogateescape"),
    "NUL": "a\x00b",
    "DEL": "a\x7fb",
}

KEY = "AIzaSyA-test-key_0123456789abcdefghijkl"


@pytest.mark.parametrize("text", ATTACKS.values(), ids=ATTACKS)
def test_an_attack_loses_its_characters(text: str) -> None:
    safe = safe_text(text)

    assert not STEERING & set(safe)
    assert safe.encode("utf-8")


@pytest.mark.parametrize("character", sorted(STEERING), ids=lambda character: f"U+{ord(character):04X}")
def test_a_character_that_steers_is_escaped(character: str) -> None:
    safe = safe_text(f"a{character}b")

    assert safe == ("a b" if character in "\n\r\t" else f"a{escaped(character)}b")


def escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


@pytest.mark.parametrize(
    "text",
    ["Übung – 潮汐.txt", "👩‍🔬 lab.mp4", "שלום.pdf", "مرحبا.pdf", "a\\x1b.txt", "50 % & <b>", "e\u0301", ""],
)
def test_other_text_is_left_alone(text: str) -> None:
    assert safe_text(text) == text


@given(st.text(st.characters(exclude_categories=[])))
def test_whatever_comes_in_no_steering_character_goes_out(text: str) -> None:
    safe = safe_text(text)

    assert not STEERING & set(safe)
    assert not {char for char in safe if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")}
    assert len(safe.splitlines()) <= 1


@given(st.text(st.characters(exclude_categories=[])))
def test_safe_text_is_safe_already(text: str) -> None:
    assert safe_text(safe_text(text)) == safe_text(text)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        (f"key {KEY} refused", "key *** refused"),
        (f"'{KEY}'", "'***'"),
        ("POST /upload?upload_id=ABC-def_1&upload_protocol=resumable", None),
        ("https://x.example/v1beta/files?key=hunter2&pageSize=1", None),
        ("https://x.example/v1beta/files?pageSize=1&key=hunter2", None),
        ("https://x.example/v1beta/files?KEY=hunter2", None),
        ("x-goog-api-key: hunter2", None),
        ("X-Goog-Api-Key:hunter2", None),
        ("{'x-goog-api-key': 'hunter2', 'Accept': '*/*'}", None),
        ('{"x-goog-api-key": "hunter2"}', None),
        ("http://user:hunter2@proxy.example:3128", "http://***@proxy.example:3128"),
        ("http://user:hun@ter2@proxy.example:3128", "http://***@proxy.example:3128"),
        ("via http://user:hunter2@proxy.example, twice http://user:hunter2@proxy.example", None),
    ],
    ids=[
        "key in a sentence",
        "key in quotes",
        "upload URL",
        "key first in a query",
        "key last in a query",
        "key in capitals",
        "header",
        "header without a space",
        "headers of Python",
        "headers as JSON",
        "proxy password",
        "proxy password with an at sign",
        "twice",
    ],
)
def test_secrets_are_masked(text: str, safe: str | None) -> None:
    masked = safe_text(text)

    assert "***" in masked
    assert not [secret for secret in (KEY, "hunter2", "ter2", "ABC-def_1") if secret in masked]
    assert safe is None or masked == safe


def test_what_stands_beside_a_secret_stays() -> None:
    masked = safe_text("https://x.example/v1beta/files?key=hunter2&pageSize=1")

    assert masked == "https://x.example/v1beta/files?key=***&pageSize=1"


@pytest.mark.parametrize("text", ["monkey=1", "the key=value pair", "mail me@x.example", "AIza is short"])
def test_what_only_looks_like_a_secret_is_left_alone(text: str) -> None:
    assert safe_text(text) == text


@given(
    before=st.text(st.characters(codec="ascii", exclude_characters="=&?")),
    secret=st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", min_size=35),
)
def test_a_google_key_is_masked_wherever_it_stands(before: str, secret: str) -> None:
    assert f"AIza{secret}" not in safe_text(f"{before}AIza{secret} after")

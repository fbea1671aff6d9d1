"""The error tree is what its drawing says, and no message carries a secret or a control character."""

from __future__ import annotations

import copy
import pickle
import re
from typing import Any

import pytest

from gemfiles_jupyter import errors
from gemfiles_jupyter.client.models import File, FileState
from gemfiles_jupyter.client.prompts import Answer
from gemfiles_jupyter.errors import GemfilesError, ServiceError

FILE = File(name="files/abc", display_name="lecture.mp4", state=FileState.FAILED)
CLASSES = [getattr(errors, name) for name in errors.__all__]


def drawn() -> dict[str, tuple[str, int | None]]:
    """Read the tree in the module's docstring: the parent and the exit code of each name."""
    found: dict[str, tuple[str, int | None]] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"([ │├└─]*)([A-Z][A-Za-z]+)\s", line)
        if not match or (not match[1] and match[2] != "GemfilesError"):
            continue
        depth = len(match[1]) // 4
        code = re.search(r"\s(\d+)$", line)
        path[depth:] = [match[2]]
        found[match[2]] = (path[depth - 1] if depth else "Exception", int(code[1]) if code else None)
    return found


def made(kind: type[GemfilesError], message: str, hint: str = "") -> GemfilesError:
    """Make an error of any class of the tree."""
    facts: dict[str, Any] = {"hint": hint}
    if issubclass(kind, ServiceError):
        facts |= {"status": 403, "reason": "PERMISSION_DENIED"}
    if issubclass(kind, errors.UploadInterrupted):
        facts |= {"sent": 17}
    if issubclass(kind, errors.NotReady):
        facts |= {"file": FILE}
    if issubclass(kind, errors.UnusableAnswer):
        facts |= {"answer": Answer("nothing of use")}
    return kind(message, **facts)


def test_the_drawing_has_every_class_and_no_other() -> None:
    assert sorted(drawn()) == sorted(errors.__all__)


def test_every_class_of_the_module_is_public() -> None:
    classes = {name for name, value in vars(errors).items() if isinstance(value, type)}

    assert classes == set(errors.__all__)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_a_class_stands_where_it_is_drawn(kind: type[GemfilesError]) -> None:
    parent, _ = drawn()[kind.__name__]

    assert [base.__name__ for base in kind.__bases__] == [parent]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_the_exit_code_is_the_one_drawn_or_the_parents(kind: type[GemfilesError]) -> None:
    tree = drawn()
    name: str = kind.__name__
    while name in tree and tree[name][1] is None:
        name = tree[name][0]

    assert kind.exit_code == (tree[name][1] if name in tree else 1)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_class_says_what_it_is_for(kind: type[GemfilesError]) -> None:
    assert kind.__doc__


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(
    "clone", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))], ids=["copy", "pickle"]
)
def test_an_error_survives_a_trip_between_processes(kind: type[GemfilesError], clone: Any) -> None:
    error = made(kind, "It went wrong.", "Try again.")

    again = clone(error)

    assert type(again) is kind
    assert str(again) == str(error)
    assert again.args == error.args
    assert vars(again) == vars(error)


@pytest.mark.parametrize(
    ("message", "hint", "text"),
    [
        ("It failed", "Try again.", "It failed. Try again."),
        ("It failed.", "Try again.", "It failed. Try again."),
        ("Really?", "Try again.", "Really? Try again."),
        ("Stop!", "Try again.", "Stop! Try again."),
        ("It failed", "", "It failed"),
    ],
    ids=["adds a full stop", "keeps a full stop", "question mark", "exclamation mark", "no hint"],
)
def test_str_joins_what_happened_and_what_to_do(message: str, hint: str, text: str) -> None:
    error = GemfilesError(message, hint=hint)

    assert str(error) == text
    assert (error.message, error.hint) == (message, hint)


def test_facts_are_attributes() -> None:
    refused = ServiceError("No.", status=403, reason="PERMISSION_DENIED")
    interrupted = errors.UploadInterrupted("Given up", sent=42)

    assert (refused.status, refused.reason) == (403, "PERMISSION_DENIED")
    assert interrupted.sent == 42
    assert errors.ProcessingFailed("No.", file=FILE).file is FILE


def test_a_timeout_names_the_file_and_how_to_wait_on() -> None:
    error = errors.ProcessingTimeout.after(FILE, 90)

    assert str(error) == "lecture.mp4 is still processing after 90 s. Wait on with %gemfiles wait files/abc."


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("place", ["message", "hint"])
def test_secrets_are_masked_and_control_characters_escaped(kind: type[GemfilesError], place: str) -> None:
    secret = "AIzaSyA-test-key_0123456789abcdefghijkl"
    hostile = f"at https://x.example/up?upload_id=S3SS10N&key={secret} \x1b]52;c;aGk=\x07 \u202egpj.exe"

    error = made(kind, **{"message": "It failed", place: hostile})

    for text in (str(error), repr(error), *map(str, error.args)):
        assert secret not in text
        assert "S3SS10N" not in text
        assert not {"\x1b", "\x07", "\u202e"} & set(text)

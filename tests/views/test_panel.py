"""What the panel reads: our errors by kind, states, and foreign texts fit to be shown."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from gemfiles_jupyter.client.models import File, FileState, Status
from gemfiles_jupyter.config import Endpoint, Secret
from gemfiles_jupyter.errors import (
    BadResponse,
    CannotConnect,
    FileUnavailable,
    GemfilesError,
    InvalidUsage,
    KeyMissing,
    KeyProblem,
    QuotaExceeded,
    ServiceError,
    UploadInterrupted,
)
from gemfiles_jupyter.transfers.progress import Phase
from gemfiles_jupyter.views.panel import TransferRow, file_record, place_text, problem_record

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=timezone.utc)
MODEL = (Path(__file__).parents[2] / "labextension" / "src" / "model.ts").read_text()


def keys_of(interface: str) -> set[str]:
    """Return the fields of an interface of the panel's model."""
    (body,) = re.findall(rf"interface {interface} {{(.*?)\n}}", MODEL, re.DOTALL)
    return set(re.findall(r"^  readonly (\w+):", body, re.MULTILINE))


def test_the_records_have_the_keys_of_the_panels_model() -> None:
    row = TransferRow("1", "a", 1, 0, "queued")

    assert set(row.record()) == keys_of("ITransfer")
    file = file_record(File("files/a"), NOW, variable="", suggestion="a", is_renewable=False)
    assert set(file) == keys_of("IStoredFile")
    assert set(problem_record(GemfilesError("no"))) == keys_of("IProblem")


def test_the_panels_model_knows_every_phase() -> None:
    (union,) = re.findall(r"type Phase =(.*?);\n\n", MODEL, re.DOTALL)

    assert {phase.value for phase in Phase} <= set(re.findall(r"'(\w+)'", union))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (KeyMissing("x"), "no-key"),
        (KeyProblem("x"), "key"),
        (QuotaExceeded("x", status=429), "quota"),
        (CannotConnect("x"), "network"),
        (UploadInterrupted("x"), "network"),
        (BadResponse("x"), "server"),
        (ServiceError("x", status=503), "server"),
        (ServiceError("x", status=400), "other"),
        (FileUnavailable("x", status=404), "other"),
        (InvalidUsage("x"), "other"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value,
)
def test_a_problem_is_of_a_kind(error: GemfilesError, kind: str) -> None:
    assert problem_record(error)["kind"] == kind


@pytest.mark.parametrize(
    ("state", "left", "shown"),
    [
        (FileState.ACTIVE, 1, "ACTIVE"),
        (FileState.ACTIVE, -1, "EXPIRED"),
        (FileState.FAILED, 1, "FAILED"),
        (FileState.PROCESSING, 1, "PROCESSING"),
        (FileState.STATE_UNSPECIFIED, 1, "PROCESSING"),
        ("SOMETHING_NEW", 1, "PROCESSING"),
    ],
)
def test_a_file_is_in_a_state_that_the_panel_knows(state: FileState | str, left: int, shown: str) -> None:
    file = File("files/a", state=state, expiration_time=NOW + timedelta(hours=left))

    assert file_record(file, NOW, variable="", suggestion="a", is_renewable=False)["state"] == shown


def test_foreign_texts_are_fit_to_be_shown() -> None:
    nasty = "a\x1b[31m\u202egpj.exe AIza" + "x" * 35
    file = File("files/a", display_name=nasty, mime_type=nasty, error=Status(message=nasty))
    row = TransferRow("1", nasty, 1, 0, "failed", note=nasty, hint=nasty)

    told = str(file_record(file, NOW, variable="", suggestion="a", is_renewable=False)) + str(row.record())

    assert not any(bad in told for bad in ("\x1b", "\u202e", "AIza"))


@pytest.mark.parametrize(
    ("endpoint", "shown"),
    [
        (Endpoint("http://127.0.0.1:1", Secret("k"), is_offline=True), "offline server"),
        (
            Endpoint("https://generativelanguage.googleapis.com", Secret("k")),
            "generativelanguage.googleapis.com",
        ),
        (Endpoint("https://gateway.example:8443/gemini"), "gateway.example"),
    ],
)
def test_a_place_is_named_for_people(endpoint: Endpoint, shown: str) -> None:
    assert place_text(endpoint) == shown


@pytest.mark.parametrize(
    ("hint", "shown"),
    [
        ("", ""),
        ("Check that it plays, or opens.", "Check that it plays, or opens."),
        ("Split it, or pass --force to try anyway.", "Split it."),
        ("Unpack it, say what it is with --mime, or pass --force to try anyway.", "Unpack it."),
        ("Set GOOGLE_API_KEY, or give a key with %gemfiles key.", "Set GOOGLE_API_KEY."),
        ("See %gemfiles offline, or set an API key.", "Set an API key."),
        ("Names look like files/abc123; see %gemfiles ls.", "Names look like files/abc123."),
        ("Add -y to say that you mean it.", ""),
    ],
)
def test_no_hint_speaks_of_what_is_typed(hint: str, shown: str) -> None:
    assert problem_record(GemfilesError("no", hint=hint))["hint"] == shown
    assert TransferRow("1", "a", 1, 0, "failed", hint=hint).record()["hint"] == shown

"""Which HTTP status an error of ours becomes."""

from __future__ import annotations

import pytest

from gemfiles_jupyter.errors import (
    CannotConnect,
    FileUnavailable,
    GemfilesError,
    InvalidUsage,
    KeyMissing,
    KeyProblem,
    QuotaExceeded,
    ServiceError,
    SourceChanged,
    SourceNotFound,
    SourceRefused,
    UploadInterrupted,
)
from gemfiles_jupyter.workspace.panel import status_of


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidUsage("x"), 400),
        (SourceNotFound("x"), 404),
        (SourceRefused("x"), 422),
        (SourceChanged("x"), 422),
        (KeyProblem("x"), 424),
        (KeyMissing("x"), 424),
        (QuotaExceeded("x", status=429), 429),
        (FileUnavailable("x", status=403), 404),
        (ServiceError("x", status=500), 502),
        (CannotConnect("x"), 502),
        (UploadInterrupted("x"), 502),
        (GemfilesError("x"), 502),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_an_error_has_a_status(error: GemfilesError, status: int) -> None:
    assert status_of(error) == status


def test_no_error_looks_as_if_jupyter_refused() -> None:
    kinds = [InvalidUsage, KeyProblem, SourceRefused, GemfilesError]

    assert not {status_of(kind("x")) for kind in kinds} & {401, 403}

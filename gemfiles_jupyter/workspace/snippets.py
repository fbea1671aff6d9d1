"""Code that uses stored files with google-genai alone, for when a notebook is to run without us."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ..client.models import File
from ..safe_text import safe_text
from ..views.quantities import moment_text
from .variables import free_name

__all__ = ["genai_code"]

_PROMPT = "Describe this."


def genai_code(
    files: Sequence[File],
    model: str,
    *,
    taken: Collection[str],
    held_by: Mapping[str, str],
    is_offline: bool,
) -> str:
    """Return plain google-genai code that asks about stored files.

    Parameters
    ----------
    taken
        Names that the notebook has: none of these is used for something else.
    held_by
        The variable that holds each file, by file name; the code's own names resemble these.
    """
    names = _names(files, taken, held_by)
    gets = [
        f"{name} = client.files.get(name={file.name!r})  # {_about(file)}"
        for name, file in zip(names, files, strict=True)
    ]
    note = ["# These files are on the offline server: with a key, upload them first."] if is_offline else []
    return "\n".join(
        [
            "from google import genai",
            "",
            *note,
            "client = genai.Client()  # with the key in GEMINI_API_KEY or GOOGLE_API_KEY",
            *gets,
            "",
            "response = client.models.generate_content(",
            f"    model={model!r},",
            f"    contents=[{', '.join(names)}, {_PROMPT!r}],",
            ")",
            "print(response.text)",
        ]
    )


def _names(files: Sequence[File], taken: Collection[str], held_by: Mapping[str, str]) -> list[str]:
    """Return a new name for each file: what google-genai returns is not to take the place of ours."""
    names: list[str] = []
    for file in files:
        held = held_by.get(file.name, "")
        stem = held if held.isidentifier() else free_name(file, {})
        names.append(_unused(f"{stem}_file", {*taken, *names}))
    return names


def _unused(name: str, taken: Collection[str]) -> str:
    number = 1
    while (name if number == 1 else f"{name}_{number}") in taken:
        number += 1
    return name if number == 1 else f"{name}_{number}"


def _about(file: File) -> str:
    expires = f", expires {moment_text(file.expiration_time)}" if file.expiration_time else ""
    return safe_text(f"{file.label}{expires}")

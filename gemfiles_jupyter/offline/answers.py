"""The answer to a prompt: what arrived, in calm words, and that no model has read it."""

from __future__ import annotations

from .file_search import Search
from .mime_types import essence, family
from .parts import Clip, MediaPart, Prompt

_MAX_PROMPT_CHARACTERS = 300
_MAX_PASSAGE_CHARACTERS = 1500
_UNITS = ("B", "KB", "MB", "GB")


def markdown(prompt: Prompt) -> str:
    """Return the answer as Markdown."""
    paragraphs = [
        "**This is the offline server, not a model.** It can tell you what arrived, not what it means."
    ]
    if prompt.media:
        count = len(prompt.media)
        title = "One file arrived:" if count == 1 else f"{count} files arrived:"
        paragraphs.append(title + "\n\n" + "\n".join(f"- {describe(part)}" for part in prompt.media))
        paragraphs += [block for block in map(_excerpt, prompt.media) if block]
    if prompt.search:
        paragraphs.append(_found(prompt.search))
    words = shorten(" ".join(" ".join(prompt.texts).split()), _MAX_PROMPT_CHARACTERS)
    if words:
        paragraphs.append(f"You asked:\n\n> {words}")
    paragraphs += _conditions(prompt)
    paragraphs.append(
        "With an API key in `GOOGLE_API_KEY`, the same prompt goes to Gemini, which reads the files."
    )
    return "\n\n".join(paragraphs)


def describe(part: MediaPart) -> str:
    """Return one line about a file: its name, type, size and what is in it."""
    facts = part.facts
    details = [part.mime_type]
    if part.size_bytes:
        details.append(size(part.size_bytes))
    if facts.duration_ms:
        details.append(length(facts.duration_ms / 1000))
    if facts.width and facts.height:
        details.append(f"{facts.width} × {facts.height} pixels")
    if facts.pages:
        details.append("1 page" if facts.pages == 1 else f"{facts.pages} pages")
    if facts.characters:
        details.append(f"{facts.characters:,} characters")
    details += _clip_words(part.clip)
    if facts.problem:
        details.append(facts.problem.rstrip("."))
    if part.mime_type == "video/*":
        details.append("a web address: the offline server does not fetch it")
    return f"{_code(part.name)}: " + ", ".join(details)


def size(count: int) -> str:
    """Return a size for people.

    >>> size(412_000_000)
    '412 MB'
    """
    number = float(count)
    unit = 0
    while number >= 999.5 and unit < len(_UNITS) - 1:
        number /= 1000
        unit += 1
    digits = 1 if unit and number < 10 else 0
    return f"{number:.{digits}f}".removesuffix(".0") + f" {_UNITS[unit]}"


def length(seconds: float) -> str:
    """Return a length of time for people.

    >>> length(3.52), length(157)
    ('3.5 s', '2:37')
    """
    if seconds < 60:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def shorten(text: str, limit: int) -> str:
    """Return the text, cut with an ellipsis when it is too long."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _excerpt(part: MediaPart) -> str:
    """Return the first lines of a text file."""
    if family(part.mime_type) in ("audio", "image", "video") or essence(part.mime_type) == "application/pdf":
        return ""
    if not part.facts.first_lines:
        return ""
    lines = "\n".join("    " + line for line in part.facts.first_lines)
    return f"{_code(part.name)} begins:\n\n{lines}"


def _found(search: Search) -> str:
    """Return what a file search found, and how."""
    chunks = "1 chunk" if search.chunk_count == 1 else f"{search.chunk_count:,} chunks"
    how = f"Of {chunks} in the file search stores, compared with your prompt word by word,"
    note = " The metadata filter was not applied." if search.is_filtered else ""
    if not search.passages:
        return f"{how} none shares a word with it.{note}"
    best = search.passages[0]
    lines = shorten(best.text, _MAX_PASSAGE_CHARACTERS).splitlines()
    quote = "\n".join(f"    {line.rstrip()}" for line in lines if line.strip())
    return f"{how} this one from {_code(best.title)} fits best:{note}\n\n{quote}"


def _conditions(prompt: Prompt) -> list[str]:
    conditions = []
    if prompt.system:
        system = shorten(" ".join(prompt.system.split()), _MAX_PROMPT_CHARACTERS)
        conditions.append(f"System instruction: “{system}”")
    if prompt.temperature is not None:
        conditions.append(f"Temperature: {prompt.temperature:g}")
    return ["\n\n".join(conditions)] if conditions else []


def _clip_words(clip: Clip) -> list[str]:
    words = []
    if clip.start_seconds is not None or clip.end_seconds is not None:
        end = "the end" if clip.end_seconds is None else length(clip.end_seconds)
        words.append(f"from {length(clip.start_seconds or 0)} to {end}")
    if clip.fps is not None:
        words.append(f"{clip.fps:g} frames a second")
    return words


def _code(name: str) -> str:
    """Return a name as code: it reads the same in a terminal, and can't break the Markdown."""
    line = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    return f"`{shorten(line.replace('`', chr(39)), 120)}`"

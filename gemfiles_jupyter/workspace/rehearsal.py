"""A prompt that is not sent: its parts in order, their tokens, and what would be done first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..client.files import check_usable
from ..client.models import File
from ..client.prompts import Clip, Part, PromptOptions, file_of, with_file
from ..errors import FileUnavailable, GemfilesError, NotReady
from ..transfers.sources import Source
from ..views.quantities import size_text
from ..views.tables import table, wrapping
from ..views.view import Fragment, View
from ..views.widths import short
from .clips import check_clip, clip_text
from .estimate import tokens_of
from .renewal import Renewer
from .storage import each
from .workspace import Workspace

__all__ = ["rehearsal_view"]

LONGEST_TEXT = 60


@dataclass(frozen=True, slots=True)
class _Looked:
    """A part as it stands now; `note` says what would be done first, or why it can't be used."""

    part: Part
    note: str = ""

    @property
    def can_be_counted(self) -> bool:
        file = file_of(self.part)
        return file is None or (file.is_active and not self.note)


def rehearsal_view(
    workspace: Workspace,
    parts: Sequence[Part],
    options: PromptOptions,
    renewer: Renewer,
    unsent: Sequence[Source] = (),
) -> View:
    """Show what a prompt would send, and do nothing of it; the tokens are counted by the service.

    Parameters
    ----------
    unsent
        What would be uploaded first, and go before the parts.
    """
    looked = each(lambda part: _looked_at(workspace, part, renewer), _joined(parts))
    system = [options.system] if options.system else []
    counts = each(
        lambda item: _count(workspace, [item.part], options.model) if _has_own_count(item) else None, looked
    )
    rows = [_unsent_row(source) for source in unsent]
    rows += [_row(item, count) for item, count in zip(looked, counts, strict=True)]
    rows += [_text_row(text, "system instruction") for text in system]
    whole = [*(item.part for item in looked), *system]
    can_be_counted = not unsent and all(item.can_be_counted for item in looked)
    total = _count(workspace, whole, options.model) if can_be_counted else None
    said = "tokens not counted" if total is None else f"{total:,} tokens in all"
    foot = [f"{options.model}: {said}", "nothing was sent to the model", workspace.note]
    numbered: list[list[str | Fragment]] = [
        [str(number), wrapping(what), *row] for number, (what, *row) in enumerate(rows, 1)
    ]
    return table(["part", "what", "type", "size", "tokens", ""], numbered, " · ".join(filter(None, foot)))


def _joined(parts: Sequence[Part]) -> list[Part]:
    """Return parts with neighbouring texts as one: a name belongs to what was written before it."""
    joined: list[Part] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return joined


def _looked_at(workspace: Workspace, part: Part, renewer: Renewer) -> _Looked:
    file = file_of(part)
    if file is None:
        return _Looked(part)
    try:
        file = workspace.client.files.get(file.name)
        part = with_file(part, file)
        check_usable(file)
        if isinstance(part, Clip):
            check_clip(part)
        return _Looked(part, "" if file.is_active else "would be awaited: it is still processing")
    except FileUnavailable as error:
        return _Looked(part, _renewal_note(file, error, renewer))
    except NotReady as error:
        return _Looked(part, str(error))


def _renewal_note(file: File, error: FileUnavailable, renewer: Renewer) -> str:
    try:
        renewer.source_of(file, error.message)
    except FileUnavailable as problem:
        return str(problem)
    return f"would be sent again: {size_text(file.size_bytes)}"


def _has_own_count(item: _Looked) -> bool:
    return file_of(item.part) is not None and item.can_be_counted


def _count(workspace: Workspace, parts: Sequence[Part], model: str) -> int | None:
    """Return the tokens of parts; None where the service can't be asked now."""
    try:
        return workspace.client.prompts.count_tokens(parts, model)
    except GemfilesError:
        return None


def _row(item: _Looked, tokens: int | None) -> list[str]:
    file = file_of(item.part)
    if file is None:
        return _text_row(str(item.part), item.note)
    clip = f" ({clip_text(item.part)})" if isinstance(item.part, Clip) else ""
    count = "" if tokens is None else f"{tokens:,}"
    return [short(file.label) + clip, file.mime_type or "", size_text(file.size_bytes), count, item.note]


def _unsent_row(source: Source) -> list[str]:
    tokens = tokens_of(source, source.mime_type)
    about = "" if tokens is None else f"about {tokens:,}"
    return [short(source.label), source.mime_type, size_text(source.size), about, "would be uploaded"]


def _text_row(text: str, note: str) -> list[str]:
    line = " ".join(text.split())
    shown = line if len(line) <= LONGEST_TEXT else line[: LONGEST_TEXT - 1] + "…"
    return [f"“{shown}”", "text", size_text(len(text.encode())), "", note]

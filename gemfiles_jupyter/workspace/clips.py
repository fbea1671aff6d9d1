"""Sections of videos as a prompt names them: ``{lecture|start=0:30,end=2:10,fps=2}``."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable

from ..client.models import File
from ..client.prompts import Clip
from ..errors import InvalidUsage
from ..views.quantities import clock_text

__all__ = ["check_clip", "clip_text", "read_clip"]

# (0, 24] says the reference of VideoMetadata, which also says that it is for video data only.
FASTEST_FPS = 24.0
EXAMPLE = "{lecture|start=0:30,end=2:10,fps=2}"

_SECONDS = re.compile(r"(\d{1,6}(?:\.\d{1,9})?)s?")
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2}(?:\.\d{1,9})?)")


def read_clip(file: File, text: str, placeholder: str) -> Clip:
    """Read ``start=0:30,end=2:10,fps=2`` as a section of a file.

    Parameters
    ----------
    placeholder
        All of it as the user typed it, for the errors.

    Raises
    ------
    InvalidUsage
        It makes no sense, or the file is no video.
    """
    given: dict[str, float] = {}
    for item in text.split(","):
        key, equals, value = (word.strip() for word in item.partition("="))
        if not equals:
            raise InvalidUsage(
                f"{placeholder}: {item.strip() or 'nothing'} is not KEY=VALUE.",
                hint=f"Write {EXAMPLE}; doubled braces mean the text itself.",
            )
        if key not in _READERS:
            close = difflib.get_close_matches(key, _READERS, n=1, cutoff=0.5)
            hint = f"Did you mean {close[0]}?" if close else f"There are {', '.join(_READERS)}."
            raise InvalidUsage(f"{placeholder}: a clip has no {key}.", hint=hint)
        if key in given:
            raise InvalidUsage(f"{placeholder}: {key} is given twice.")
        given[key] = _READERS[key](value, f"{placeholder}: {key}={value}")
    clip = Clip(file, given.get("start"), given.get("end"), given.get("fps"))
    _check_order(clip, placeholder)
    _check_video(file)
    return clip


def check_clip(clip: Clip) -> Clip:
    """Return a clip that lies within its video, as far as the service has said how long that is.

    Raises
    ------
    InvalidUsage
        It does not; the service would answer so with an internal error.
    """
    length = clip.file.video_seconds
    if length is None:
        return clip
    for key, at in (("start", clip.start_seconds), ("end", clip.end_seconds)):
        most = length if key == "start" else math.ceil(length)  # people round up
        if at is not None and (at > most or (key == "start" and at == most)):
            said = f"{key}={clock_text(at)}"
            raise InvalidUsage(
                f"{clip.file.label} is {clock_text(length)} long, and {said} is beyond its end.",
                hint="Without end= the clip goes on to the end." if key == "end" else "",
            )
    return clip


def clip_text(clip: Clip) -> str:
    """Return a clip as people say it: ``0:30–2:10, 2 fps``."""
    words = []
    if clip.start_seconds is not None or clip.end_seconds is not None:
        end = "end" if clip.end_seconds is None else clock_text(clip.end_seconds)
        words.append(f"{clock_text(clip.start_seconds or 0)}–{end}")
    if clip.fps is not None:
        words.append(f"{clip.fps:g} fps")
    return ", ".join(words)


def _seconds(text: str, where: str) -> float:
    plain, clock = _SECONDS.fullmatch(text), _CLOCK.fullmatch(text)
    if plain:
        return float(plain[1])
    if not clock or float(clock[3]) >= 60 or (clock[1] and int(clock[2]) >= 60):
        raise InvalidUsage(f"{where} is not a time.", hint="Write 90, 90s, 1:30 or 0:01:30.")
    return 3600 * int(clock[1] or 0) + 60 * int(clock[2]) + float(clock[3])


def _fps(text: str, where: str) -> float:
    value = float(text) if re.fullmatch(r"\d{1,3}(\.\d{1,9})?", text) else 0.0
    if not 0 < value <= FASTEST_FPS:
        raise InvalidUsage(
            f"{where} is not a number of frames a second.", hint=f"Above 0, at most {FASTEST_FPS:g}."
        )
    return value


def _check_order(clip: Clip, placeholder: str) -> None:
    start, end = clip.start_seconds or 0.0, clip.end_seconds
    if end is not None and end <= start:
        what = "is before" if end < start else "is"
        raise InvalidUsage(
            f"{placeholder}: its end, {clock_text(end)}, {what} its start, {clock_text(start)}.",
            hint="Give an end after the start.",
        )


def _check_video(file: File) -> None:
    kind = (file.mime_type or "").partition("/")[0]
    if kind == "audio":
        raise InvalidUsage(
            f"{file.label} is {file.mime_type}, and the service cuts clips out of videos only.",
            hint="Say the time in words instead: from 0:30 to 2:10.",
        )
    if kind not in ("video", ""):
        raise InvalidUsage(
            f"{file.label} is {file.mime_type}, and only a video has clips.", hint="Write {name} alone."
        )


_READERS: dict[str, Callable[[str, str], float]] = {"start": _seconds, "end": _seconds, "fps": _fps}

"""``{lecture|start=0:30,end=2:10,fps=2}``: what it becomes, and what is said when it makes no sense."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemfiles_jupyter.client.models import File, FileState
from gemfiles_jupyter.client.prompts import Clip, Part
from gemfiles_jupyter.errors import InvalidUsage
from gemfiles_jupyter.workspace.clips import check_clip
from gemfiles_jupyter.workspace.prompt import compose, labelled

VIDEO = File("files/v", display_name="lecture.mp4", mime_type="video/mp4", state=FileState.ACTIVE)
OTHER = File("files/o", display_name="trip.mov", mime_type="video/mov", state=FileState.ACTIVE)
AUDIO = File("files/a", display_name="talk.mp3", mime_type="audio/mpeg")
PDF = File("files/p", display_name="scan.pdf", mime_type="application/pdf")
NAMES = {"v": VIDEO, "o": OTHER, "a": AUDIO, "p": PDF, "both": [VIDEO, OTHER], "text": "words"}


def composed(text: str) -> tuple[Part, ...]:
    return compose(text, NAMES)


@pytest.mark.parametrize(
    ("clip", "facts"),
    [
        ("start=0:30,end=2:10,fps=2", (30, 130, 2)),
        ("start=90", (90, None, None)),
        ("start=90s", (90, None, None)),
        ("start=1:30", (90, None, None)),
        ("start=0:01:30", (90, None, None)),
        ("start=1:00:00", (3600, None, None)),
        ("end=0:30.5", (None, 30.5, None)),
        ("start=0.25s", (0.25, None, None)),
        ("start=0,end=1", (0, 1, None)),
        ("fps=0.5", (None, None, 0.5)),
        ("fps=24", (None, None, 24)),
        (" end = 2:10 , start = 0:30 ", (30, 130, None)),
        ("start=90:00", (5400, None, None)),
    ],
)
def test_a_clip_is_read(clip: str, facts: tuple[float | None, ...]) -> None:
    (part,) = composed(f"{{v|{clip}}}")

    assert part == Clip(VIDEO, *facts)


def test_a_clip_stands_at_its_place() -> None:
    assert composed("Compare {v|start=1} with {o} now") == (
        "Compare ",
        Clip(VIDEO, 1.0),
        " with ",
        OTHER,
        " now",
    )


def test_a_list_is_clipped_file_by_file() -> None:
    assert composed("{both|end=5}") == (Clip(VIDEO, end_seconds=5.0), Clip(OTHER, end_seconds=5.0))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{v|strat=3}", r"a clip has no strat\. Did you mean start\?"),
        ("{v|quality=3}", r"a clip has no quality\. There are start, end, fps\."),
        ("{v|0:30}", r"0:30 is not KEY=VALUE\. Write \{lecture\|start"),
        ("{v|}", r"nothing is not KEY=VALUE"),
        ("{v|start=1,}", r"nothing is not KEY=VALUE"),
        ("{v|start=1,start=2}", r"start is given twice"),
        ("{v|start=}", r"start= is not a time\. Write 90, 90s, 1:30 or 0:01:30"),
        ("{v|start=-1}", r"start=-1 is not a time"),
        ("{v|start=1:75}", r"start=1:75 is not a time"),
        ("{v|start=1:75:00}", r"start=1:75:00 is not a time"),
        ("{v|start=soon}", r"start=soon is not a time"),
        ("{v|start=1e3}", r"start=1e3 is not a time"),
        ("{v|start=3,end=2}", r"its end, 0:02, is before its start, 0:03"),
        ("{v|start=3,end=0:03}", r"its end, 0:03, is its start, 0:03"),
        ("{v|end=0}", r"its end, 0:00, is its start"),
        ("{v|fps=0}", r"fps=0 is not a number of frames a second\. Above 0, at most 24"),
        ("{v|fps=25}", r"fps=25 is not a number of frames"),
        ("{v|fps=nan}", r"fps=nan is not a number of frames"),
        ("{a|start=1}", r"talk\.mp3 is audio/mpeg, .* videos only\. Say the time in words"),
        ("{p|start=1}", r"scan\.pdf is application/pdf, and only a video has clips\. Write \{name\} alone"),
    ],
)
def test_what_makes_no_sense_is_said_precisely(text: str, said: str) -> None:
    with pytest.raises(InvalidUsage, match=said):
        composed(text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("{unknown|start=1}", "{unknown|start=1}"),
        ("{text|upper}", "{text|upper}"),
        ("{{v|start=1}}", "{v|start=1}"),
        ("{x | x > 0}", "{x | x > 0}"),
        (r"\frac{v|start=1}{2}", r"\frac{v|start=1}{2}"),
        ("{v|a{b}}", "{v|a{b}}"),
        ("{v||start=1", "{v||start=1"),
    ],
)
def test_what_is_no_clip_of_a_file_is_left_alone(text: str, left: str) -> None:
    assert composed(text) == (left,)


@given(st.text("vx|=,:0129.s {}startendfps", max_size=24))
def test_a_placeholder_is_a_clip_or_text_or_our_own_error(text: str) -> None:
    try:
        parts = composed(text)
    except InvalidUsage:
        return
    assert all(isinstance(part, (str, File, Clip)) for part in parts)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"start_seconds": 8.0}, "lecture.mp4 is 0:08 long, and start=0:08 is beyond its end"),
        ({"end_seconds": 20.0}, r"end=0:20 is beyond its end\. Without end= the clip goes on"),
        ({"start_seconds": 7.0, "end_seconds": 8.0}, None),
        ({"start_seconds": 0.0}, None),
        ({"fps": 1.0}, None),
    ],
)
def test_a_clip_lies_within_its_video(facts: dict[str, Any], said: str | None) -> None:
    clip = Clip(replace(VIDEO, video_seconds=7.9 if said is None else 8.0), **facts)

    if said is None:
        assert check_clip(clip) is clip
        return
    with pytest.raises(InvalidUsage, match=said):
        check_clip(clip)


# Names of files


def test_a_single_file_has_no_label() -> None:
    assert labelled(composed("What is {v}, and {v} again?")) == composed("What is {v}, and {v} again?")


def test_several_files_are_named_in_their_order() -> None:
    assert labelled(composed("Compare {o} with {v|end=5}!")) == (
        "Compare ",
        "trip.mov:",
        OTHER,
        " with ",
        "lecture.mp4 (0:00–0:05):",
        Clip(VIDEO, end_seconds=5.0),
        "!",
    )


def test_two_clips_of_one_video_are_told_apart() -> None:
    texts = [part for part in labelled(composed("{v|end=1}{v|start=2}")) if isinstance(part, str)]

    assert texts == ["lecture.mp4 (0:00–0:01):", "lecture.mp4 (0:02–end):"]


def test_a_label_does_not_run_into_the_text_before_it() -> None:
    texts = [part for part in labelled(composed("First:\n{v}\n({o})")) if isinstance(part, str)]

    assert texts == ["First:", "\nlecture.mp4:", "(", "trip.mov:", ")"]


def test_a_label_is_one_line_whatever_the_file_is_called() -> None:
    odd = replace(VIDEO, display_name="a\nIgnore all \x1b[2J" + "x" * 400)

    _, label, *_ = labelled(("See ", odd, OTHER))

    assert isinstance(label, str)
    assert label.isprintable()
    assert len(label) <= 122

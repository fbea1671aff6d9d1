"""Each option of ``%gemprompt`` and ``%%gemprompt`` in a real kernel."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from gemfiles_jupyter.offline.testing import OfflineServer

from .conftest import RunCells
from .kernels import StartKernel

UPLOADS = "lecture = %gemupload lecture.mp4 -q\nchart = %gemupload chart.png -q"
CODE = "Here it is:\n\n```python\ntotal = 40 + 2\nprint(total)\n```\n"


@pytest.fixture(autouse=True)
def sources(media: Path, tmp_path: Path) -> None:
    for name in ("lecture.mp4", "chart.png", "handout.pdf"):
        shutil.copy(media / name, tmp_path)


def script(server: OfflineServer, *messages: dict[str, Any]) -> None:
    """Let the next answer be this stream."""
    body = "".join(f"data: {json.dumps(message)}\n\n" for message in messages)
    server.fail_next("generate", status=200, body=body, content_type="text/event-stream")


def said(text: str, reason: str = "", **more: Any) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": [{"text": text}]}, **more}
    return {"candidates": [candidate | ({"finishReason": reason} if reason else {})], "modelVersion": "m"}


# The line


def test_one_line_is_a_prompt_with_its_text_as_it_was_typed(run_cells: RunCells) -> None:
    ran = run_cells(
        UPLOADS,
        """answer = %gemprompt -f text Say "what's" in {chart}: {v: k for v in x} $\\frac{a}{b}$ # -m x""",
        "answer.text",
        "%gemprompt -- --model is text here, and it's fine",
        "%gemprompt - a list, -5 degrees",
        "%gemprompt {{chart}} {nothing}",
    )

    assert """> Say "what's" in : {v: k for v in x} $\\frac{a}{b}$ # -m x""" in ran.text(2)
    assert "chart.png" in ran.text(3)
    assert "> --model is text here, and it's fine" in ran.text(4)
    assert "> - a list, -5 degrees" in ran.text(5)
    assert "> {chart} {nothing}" in ran.text(6)


def test_a_json_body_code_and_formulas_arrive_untouched(run_cells: RunCells) -> None:
    body = '{"a": {"b": [1, {"chart": null}]}} {v: k for k, v in d.items()} $x_{chart}^{2}$ {chart.name}'

    ran = run_cells(UPLOADS, f"%%gemprompt -f text\n{body}")

    assert f"> {body}" in ran.text(2)
    assert "file" not in ran.text(2).partition("You asked")[0].replace("files.", "")


def test_files_keep_their_order_and_are_named_for_the_model(run_cells: RunCells) -> None:
    ran = run_cells(
        UPLOADS,
        "%%gemprompt -f text\nCompare {lecture} with {chart}.",
        "%%gemprompt -f text\nCompare {chart} with {lecture}.",
        "%%gemprompt -f text --no-labels\nCompare {chart} with {lecture}.",
        "%%gemprompt -f text\nLook at {chart}.",
    )

    assert "> Compare lecture.mp4: with chart.png: ." in ran.text(2)
    assert "> Compare chart.png: with lecture.mp4: ." in ran.text(3)
    assert ran.text(3).index("`chart.png`") < ran.text(3).index("`lecture.mp4`")
    assert "> Compare with ." in ran.text(4)
    assert "> Look at ." in ran.text(5)


def test_a_clip_arrives_with_offsets_and_frame_rate(run_cells: RunCells) -> None:
    ran = run_cells(
        UPLOADS,
        "%%gemprompt\nWhat is said in {lecture|start=0:02,end=5,fps=2}?",
        "%gemprompt What is said in {lecture|strat=2}?",
        "%gemprompt What is said in {lecture|start=2:00}?",
        "%gemprompt What is said in {chart|start=2}?",
    )

    assert "`lecture.mp4`: video/mp4, 92 KB, 8 s, 480 × 270 pixels, from 2 s to 5 s, 2 frames" in ran.text(2)
    assert ran.error(3)[1].endswith("{lecture|strat=2}: a clip has no strat. Did you mean start?")
    assert "lecture.mp4 is 0:08 long, and start=2:00 is beyond its end" in ran.error(4)[1]
    assert "chart.png is image/png, and only a video has clips" in ran.error(5)[1]


@pytest.mark.parametrize(
    "line", ["%gemprompt When is high tide?", "x = %gemprompt When??", "if 1:\n  %gemprompt So?"]
)
def test_a_question_mark_at_the_end_is_the_models(line: str, run_cells: RunCells) -> None:
    ran = run_cells(line, "%gemprompt?", "gemprompt?", "%unload_ext gemfiles_jupyter", "%gemprompt When?")

    asked = line.partition("%gemprompt ")[2]
    assert f"> {asked}\n" in ran.text(1)
    for cell in (2, 3):
        assert "%%gemprompt [-h]" in json.dumps(ran.notebook.cells[cell]) or ran.outputs(cell) == []
    assert ran.outputs(5) == [] or "not found" in ran.text(5)


# What is made of the answer


def test_json_gives_objects_again_and_again(run_cells: RunCells) -> None:
    ran = run_cells(
        UPLOADS,
        "from pydantic import BaseModel\n"
        "class F(BaseModel):\n    name: str\n    size_bytes: int\nFs = list[F]",
        "%%gemprompt --schema Fs -o facts\nList {chart} and {lecture}.",
        "%%gemprompt --schema Fs -o facts\nList {chart} and {lecture}.",
        "[f.name for f in facts], facts is _, type(facts[0]).__name__",
        "schema = {'type': 'object', 'properties': {'name': {'type': 'string'}}}",
        "x = %gemprompt --schema schema What is {chart}?",
        "x",
        "y = %gemprompt -f json What is {chart}?",
        "y['files']",
        "%gemprompt -o y Hi",
    )

    assert '"name": "chart.png"' in ran.text(3)
    assert [sorted(out.data) for out in ran.outputs(3)] == [["text/html", "text/plain"]]
    assert ran.text(5) == "(['chart.png', 'lecture.mp4'], True, 'F')"
    assert ran.text(8) == "{'name': 'chart.png'}"
    assert "chart.png" in ran.text(10)
    assert "y already holds a value of type dict" in ran.error(11)[1], "the user's own assignment"


def test_json_of_no_use_is_shown_and_kept(run_cells: RunCells, server: OfflineServer) -> None:
    script(server, said("Sure: {<b>", "STOP"))

    ran = run_cells(
        "%gemprompt -f json List tides",
        "import sys; _.text, sys.last_value.answer.text",
        "_ + 1 if isinstance(_, int) else len(_)",
    )

    assert ran.error(1) == (
        "UnusableAnswer",
        "UnusableAnswer: The answer is not JSON: Expecting value: line 1 column 1 (char 0). "
        "Run the cell again, or give a --schema.",
    )
    assert "Sure: {&lt;b&gt;" in ran.html(1)
    assert ran.text(2) == "('Sure: {<b>', 'Sure: {<b>')"
    assert ran.text(3) == "2", "_ goes on as ever"


def test_code_is_shown_where_there_is_no_place_for_a_cell(run_cells: RunCells, server: OfflineServer) -> None:
    script(server, said(CODE, "STOP"))

    ran = run_cells("%gemprompt -f code Add them", "'total' in globals()", "%gemprompt -f code Nothing")

    assert "total = 40 + 2" in ran.text(1)
    assert "cell below" not in ran.text(1)
    assert ran.text(2) == "False", "nothing is run"
    assert "there is no code block in it" in ran.text(3)


# How it is asked


def test_options_say_how_to_answer(run_cells: RunCells) -> None:
    ran = run_cells(
        UPLOADS,
        "tone = 'Answer like a pirate'\nboth = [chart, lecture]",
        "%gemprompt -m gemini-2.5-pro --system $tone --temperature 0.5 --no-stream -f text Hi",
        "%gemprompt --files both,handout.pdf What are these?",
        "%gemprompt --system $missing Hi",
        *(f"%gemprompt --temperature {value} Hi" for value in ("3", "-1", "warm")),
        "%gemprompt --tempreature 1 Hi",
        "%gemprompt --schema chart2 Hi",
        "%gemprompt -f text --schema tone Hi",
        "%gemprompt --schema tone Hi",
    )

    assert "“Answer like a pirate”" in ran.text(3)
    assert "Temperature: 0.5" in ran.text(3)
    assert "gemini-2.5-pro · " in ran.text(3)
    order = [ran.text(4).index(f"`{name}`") for name in ("chart.png", "lecture.mp4", "handout.pdf")]
    assert order == sorted(order)
    assert ran.error(5)[0] == "UnknownVariable"
    for cell in (6, 7, 8):
        assert "is not a temperature from 0 to 2" in ran.error(cell)[1]
    assert "Did you mean --temperature?" in ran.error(9)[1]
    assert ran.error(10) == (
        "UnknownVariable",
        "UnknownVariable: There is no schema chart2: neither a variable nor a file. Did you mean chart?",
    )
    assert "--schema is for JSON, not for -f text" in ran.error(11)[1]
    assert "tone is of type str, and no schema" in ran.error(12)[1]


def test_a_dry_run_shows_the_parts_and_asks_no_model(run_cells: RunCells, server: OfflineServer) -> None:
    ran = run_cells(
        UPLOADS,
        "%%gemprompt --dry-run --system 'Be brief' -o plan\nCompare {chart} with {lecture|end=2} now.",
        "'plan' in globals()",
        "%gemprompt --dry-run --files handout.pdf What is it?",
    )

    table = [line.split("  ") for line in ran.text(2).splitlines()]
    assert [row[0] for row in table[1:-1]] == ["1", "2", "3", "4", "5", "6"]
    assert "“Compare chart.png:”" in ran.text(2)
    assert "chart.png" in ran.text(2).splitlines()[2]
    assert "516" in ran.text(2).splitlines()[2]
    assert "lecture.mp4 (0:00–0:02)" in ran.text(2).splitlines()[4]
    assert "1,057 tokens in all · nothing was sent to the model" in ran.text(2).replace("1,059", "1,057")
    assert ran.text(3) == "False"
    assert "would be uploaded" in ran.text(4)
    paths = [request["path"] for request in server.requests()]
    assert not [path for path in paths if "enerateContent" in path]
    assert len([path for path in paths if path.startswith("/upload/")]) == 2, "the two files of before"


def test_a_store_is_searched(run_cells: RunCells, tmp_path: Path) -> None:
    (tmp_path / "tide.txt").write_text("The harbour tide turns at noon on Friday.")

    ran = run_cells(
        "%gemfiles store create harbour",
        "%gemfiles store upload harbour tide.txt",
        "%gemprompt --stores harbour When does the tide turn?",
    )

    assert "turns at noon on Friday" in ran.text(3)


# How it ends


@pytest.mark.parametrize(
    ("reason", "more", "words"),
    [
        ("STOP", {}, "it may"),
        ("MAX_TOKENS", {}, "cut off: the model's limit of tokens (MAX_TOKENS) was reached · m"),
        (
            "SAFETY",
            {"finishMessage": "Not <b>this</b>."},
            "stopped by the service (SAFETY): Not <b>this</b> · m",
        ),
        ("", {}, "it may not be whole: no end was said · m"),
    ],
)
def test_the_line_below_says_how_it_ended(
    reason: str, more: dict[str, Any], words: str, run_cells: RunCells, server: OfflineServer
) -> None:
    script(server, said("High tide.", reason, **more))

    ran = run_cells("a = %gemprompt When?", "a.finish_reason")

    assert (words in ran.text(1)) is (reason != "STOP")
    assert "<b>" not in ran.outputs(1)[0].data["text/markdown"]
    assert ran.text(2) == repr(reason)


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (
            said("", "SAFETY"),
            "UnusableAnswer: The model answered with nothing: stopped by the service (SAFETY). Ask",
        ),
        (said("", "MAX_TOKENS"), "limit of tokens (MAX_TOKENS) was reached. Ask for less"),
        (
            {"promptFeedback": {"blockReason": "SAFETY"}},
            "ServiceError: The service blocked the prompt: SAFETY. Ask in",
        ),
    ],
    ids=["empty", "all thought", "blocked"],
)
def test_an_answer_that_is_none_fails_and_says_why(
    message: dict[str, Any], error: str, run_cells: RunCells, server: OfflineServer
) -> None:
    script(server, message)

    ran = run_cells("%gemprompt When?")

    assert error in ran.error(1)[1]


def test_what_had_come_before_it_broke_off_is_kept(run_cells: RunCells, server: OfflineServer) -> None:
    error = {"error": {"code": 429, "message": "You exceeded your quota", "status": "RESOURCE_EXHAUSTED"}}
    script(server, said("High tide is at"), error)

    ran = run_cells("%gemprompt -o when When?", "_.text", "'when' in globals()")

    assert ran.error(1)[0] == "QuotaExceeded"
    assert "High tide is at\n\nit broke off here · m" in ran.text(1)
    assert (ran.text(2), ran.text(3)) == ("'High tide is at'", "False")


def test_an_interrupt_keeps_what_has_come_and_says_so(run_cells: RunCells) -> None:
    stop_at_first_display = (
        "import _thread\n"
        "def stop(message):\n"
        "    get_ipython().display_pub.unregister_hook(stop)\n"
        "    _thread.interrupt_main()\n"
        "    return message\n"
        "get_ipython().display_pub.register_hook(stop)"
    )

    ran = run_cells(
        stop_at_first_display,
        "%gemprompt When is high tide?",
        "len(_.text) > 10, _.finish_reason",
    )

    assert ran.error(2) == (
        "KeyboardInterrupt",
        "KeyboardInterrupt: stopped; what had come of the answer is in _",
    )
    assert "stopped here" in ran.text(2)
    assert ran.text(3) == "(True, '')"


# Files in every state


def test_a_file_that_failed_or_is_foreign_is_named(run_cells: RunCells, tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(64))

    ran = run_cells(
        "broken = %gemupload broken.mp4 --no-wait -q",
        "%gemprompt What is in {broken}?",
        "%gemprompt --dry-run What is in {broken}?",
        "from gemfiles_jupyter import File\n"
        "uri = 'https://host/v1beta/files/abc'\n"
        "foreign = File('files/abc', 'theirs.png', 'image/png', uri=uri, state='ACTIVE')",
        "%gemprompt What is in {foreign}?",
        "%gemprompt --dry-run What is in {foreign}?",
    )

    assert ran.error(2)[0] == "ProcessingFailed"
    assert "could not process broken.mp4: " in ran.error(2)[1]
    assert "not ready after" in ran.text(2)
    assert "could not process broken.mp4: " in ran.text(3)
    assert ran.error(5)[0] == "FileUnavailable"
    assert (
        "theirs.png is gone, and where it came from is not known: You do not have permission"
        in ran.error(5)[1]
    )
    assert "theirs.png is gone" in ran.text(6)


def test_a_line_says_what_is_awaited(run_cells: RunCells, server: OfflineServer) -> None:
    server.set(processing_seconds=4.0)

    ran = run_cells(
        "lecture = %gemupload lecture.mp4 --no-wait -q",
        "from IPython.utils.capture import capture_output\n"
        "with capture_output() as shown:\n"
        "    get_ipython().run_line_magic('gemprompt', 'How long is {lecture}?')\n"
        "texts = [out.data['text/plain'] for out in shown.outputs]",
        "texts[0], 'processing' in texts[-1], '8 s' in texts[-1]",
    )

    assert ran.text(3) == "('lecture.mp4   processing 0:00', False, True)"


def test_a_file_of_another_key_is_sent_with_this_one(run_cells: RunCells) -> None:
    ran = run_cells(
        "chart = %gemupload chart.png -q\nold = chart.name",
        "import os; os.environ['GOOGLE_API_KEY'] = 'another-key-of-mine'",
        "%gemprompt --dry-run What is {chart}?",
        "%gemprompt What is {chart}?",
        "chart.name != old",
    )

    assert "would be sent again: 12.2 kB" in ran.text(3)
    assert "✓ chart.png" in ran.text(4)
    assert "`chart.png`: image/png" in ran.text(4)
    assert ran.text(5) == "True"


def test_files_of_a_list_are_renewed_in_the_list(start_kernel: StartKernel, server: OfflineServer) -> None:
    kernel = start_kernel()
    kernel.run("both = %gemupload chart.png handout.pdf -q\nold = [f.name for f in both]")

    server.advance(49 * 3600)
    kernel.run("%gemprompt What are {both}?")

    same = kernel.run("set(old) & {f.name for f in both}, type(both).__name__")
    assert same.text == "(set(), 'FileList')\n"

"""Tab in real kernels: what it offers, how fast, and that it never makes anyone wait."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from gemfiles_jupyter.magics.offers import offers
from gemfiles_jupyter.offline.testing import OfflineServer
from gemfiles_jupyter.workspace.functions import upload

from .kernels import Kernel, StartKernel

# Everything that can be offered, in one kernel.
VARIABLES = """
import io
text = "hello"
picture = io.BytesIO(b"x")
number = 5
schema = {"type": "object"}
_hidden = "x"
"""
KNOWN = {"text": "hello", "data": b"x", "number": 5, "schema": {"type": "object"}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "my notes.txt").write_text("x")
    (tmp_path / "mine.pdf").write_text("x")
    (tmp_path / "my folder").mkdir()
    (tmp_path / "my folder" / "deep.mp4").write_text("x")
    (tmp_path / ".hidden.txt").write_text("x")
    (tmp_path / "form.json").write_text("{}")
    return tmp_path


@pytest.fixture
def kernel(start_kernel: StartKernel, folder: Path) -> Kernel:
    assert folder.is_dir()
    return start_kernel(first=f"%load_ext gemfiles_jupyter\n{VARIABLES}")


def test_offers_verbs_options_paths_and_variables(kernel: Kernel) -> None:
    def offered(code: str) -> list[str]:
        return kernel.complete(code)

    assert offered("%gemfiles qu") == ["%gemfiles quota"]
    assert offered("gemfiles qu") == ["gemfiles quota"]
    assert offered("%gemfiles offline res") == ["%gemfiles offline reset"]
    assert "%gemfiles rm --older" in offered("%gemfiles rm --ol")
    assert "%gemupload --reuse always" in offered("%gemupload --reuse al")
    assert "%%gemprompt -f json\nhello" in offered("%%gemprompt -f js|\nhello")
    assert set(offered("%gemupload my")) == {"%gemupload my\\ notes.txt", "%gemupload my\\ folder/"}
    assert offered("%gemupload 'my f") == ["%gemupload 'my folder/"]
    assert offered("%gemupload 'my n") == ["%gemupload 'my notes.txt'"]
    assert offered("%gemupload my\\ folder/d") == ["%gemupload my\\ folder/deep.mp4"]
    assert offered("%gemupload .hid") == ["%gemupload .hidden.txt"]
    assert "x = %gemupload $picture" in offered("x = %gemupload $pic")
    assert "%gemprompt -m gemini-2.5-flash" in offered("%gemprompt -m gem")
    assert offered("%gemupload --reuse=") == [
        f"%gemupload --reuse={it}" for it in ("auto", "always", "never")
    ]
    assert offered("%gemfiles key --") == [
        f"%gemfiles key --{it}" for it in ("help", "save", "check", "forget")
    ]
    assert offered("%gemupload $") == ["%gemupload $text", "%gemupload $picture", "%gemupload $schema"]
    assert offered("%%gemprompt\nSay {|} in five points") == ["%%gemprompt\nSay {text} in five points"]


def test_offers_what_is_stored_after_the_first_tab(kernel: Kernel, folder: Path) -> None:
    upload(folder / "mine.pdf", name="shore report.txt", id="tides-1", mime_type="text/plain")
    kernel.run("lecture = %gemfiles info 'shore report.txt'")

    ends = time.monotonic() + 10
    while not kernel.complete("%gemfiles rm sho") and time.monotonic() < ends:
        time.sleep(0.05)

    assert kernel.complete("%gemfiles rm sho") == ["%gemfiles rm shore\\ report.txt"]
    assert kernel.complete('%gemfiles rm "sho') == ['%gemfiles rm "shore report.txt"']
    assert kernel.complete("%gemfiles rm files/") == ["%gemfiles rm files/tides-1"]
    assert "%gemfiles info lecture" in kernel.complete("%gemfiles info lec")
    assert "%gemprompt --files a,lecture" in kernel.complete("%gemprompt --files a,lec")
    assert "%gemprompt What is {lecture" in kernel.complete("%gemprompt What is {lec")
    assert kernel.complete("%%gemprompt\nSay {lec|} now") == ["%%gemprompt\nSay {lecture} now"]


def test_clip_options_are_offered_behind_the_bar() -> None:
    variables = {"lecture": "x"}

    assert offers("%%gemprompt\nSay {lecture|", variables) is not None
    found = offers("%%gemprompt\nSay {lecture|start=0:30,e", variables)
    assert found is not None
    assert (found.fragment, found.texts) == ("e", ("end=",))


@pytest.mark.parametrize(
    "before",
    [
        "x = {te",
        "gemfiles = te",
        "gemfiles.te",
        "%time te",
        "print('%gemfile')\nte",
        "%%gemprompt\nplain te",
        "%%gemprompt\n{{te",
        "%%gemupload notes.txt\n{te",
        "%gemfiles",
    ],
)
def test_other_lines_are_left_to_ipython(before: str) -> None:
    assert offers(before, KNOWN) is None


@pytest.mark.parametrize(
    ("before", "fragment", "texts"),
    [
        ("%gemfiles ls --st", "--st", ("--state",)),
        ("%gemfiles ls --state ", "", ("active", "processing", "failed")),
        ("%gemfiles ls --mine --mi", "--mi", ()),
        ("%gemupload --exclude a --exc", "--exc", ("--exclude",)),
        ("%gemprompt --schema sch", "sch", ("schema",)),
        ("%gemprompt --schema fo", "fo", ("form.json",)),
        ("%gemprompt --system $te", "$te", ("$text",)),
        ("%gemupload a --name ", "", ()),
        ("%gemupload a --name $te", "$te", ("$text",)),
        ("%gemfiles use files/x y ", "", ()),
        ("%gemfiles nonsense ", "", ()),
        ("a, b = %gemupload -v", "-v", ("-v",)),
        ("%gemfiles store up", "up", ("upload",)),
        ("%gemfiles store upload docs form", "form", ("form.json",)),
        ("%gemfiles rm $", "$", ()),
        ("%gemupload ./form", "./form", ("./form.json",)),
        ("%gemupload no/such/folder/", "no/such/folder/", ()),
        ('%gemupload "form', '"form', ('"form.json"',)),
    ],
)
def test_each_place_has_its_own_offers(
    before: str, fragment: str, texts: tuple[str, ...], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)

    found = offers(before, KNOWN)

    assert found is not None
    assert (found.fragment, found.texts) == (fragment, texts)


MANY = """
from gemfiles_jupyter.client.models import File
from gemfiles_jupyter.workspace.names import FILE_NAMES, names_of
from gemfiles_jupyter.workspace.workspace import current_workspace
files = [File(f"files/id-{number:05}", display_name=f"recording {number:05}.mp4") for number in range(5000)]
FILE_NAMES.learn(names_of(files), current_workspace().client.endpoint)
"""
TIMED = """
import json, time, warnings
warnings.simplefilter("ignore")
def took(code):
    start = time.perf_counter()
    found = list(get_ipython().Completer.completions(code, len(code)))
    return 1000 * (time.perf_counter() - start), len(found)
print(json.dumps([min(took(code) for _ in range(20)) for code in
    ("%gemfiles rm ", "%gemfiles rm rec", "%gemfiles info files/id-04", "%gemprompt --files a,rec")]))
"""


def test_answers_in_under_50_ms_with_5000_names(kernel: Kernel) -> None:
    learned = kernel.run(MANY)

    times = json.loads(kernel.run(TIMED).text)

    assert learned.error == ""
    assert all(count >= 500 for _, count in times[:2]), times
    assert all(milliseconds < 50 for milliseconds, _ in times), times


def test_a_service_that_does_not_answer_makes_no_one_wait(
    start_kernel: StartKernel, server: OfflineServer
) -> None:
    kernel = start_kernel()
    server.fail_next("list", delay_seconds=20.0)

    timed = kernel.run(
        "import time; from gemfiles_jupyter.workspace.names import FILE_NAMES\n"
        "begin = time.monotonic(); FILE_NAMES.known(); FILE_NAMES.known(); print(time.monotonic() - begin)"
    )

    assert float(timed.text) < 10.0, "the answer comes 20 s later"


def test_tab_starts_no_offline_server(start_kernel: StartKernel, tmp_path: Path) -> None:
    environ = {"GOOGLE_API_KEY": "", "GOOGLE_GEMINI_BASE_URL": "", "GEMFILES_HOME": str(tmp_path / "home")}
    kernel = start_kernel(**environ)

    kernel.complete("%gemfiles rm ")
    kernel.run("import threading; [t.join(5) for t in threading.enumerate() if t.name == 'gemfiles-names']")

    assert not (tmp_path / "home" / "offline").exists()


def test_names_of_another_key_are_not_offered(start_kernel: StartKernel) -> None:
    kernel = start_kernel()
    kernel.run(MANY)
    kernel.run("%gemfiles key", "another-key-123456")
    kernel.run("%gemfiles ls")

    assert kernel.complete("%gemfiles rm recor") == []

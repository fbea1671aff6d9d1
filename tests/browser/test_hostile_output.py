"""What a hostile service says, in every output we have, opened in a real browser: nothing runs."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright", reason="playwright is not installed")

from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook

from . import lab
from .hostile_service import running_hostile_service

pytestmark = pytest.mark.skipif(lab.find_chromium() is None, reason="chromium is not installed")

STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
CELLS = [
    "%load_ext gemfiles_jupyter",
    "files = %gemfiles ls",
    "%gemfiles ls --sort name",
    *[f"%gemfiles info files/attack-{number}" for number in range(25)],
    "files",
    "files[3]",
    "print(files[0], repr(files[1]), files)",
    "%gemfiles quota",
    "%gemfiles rm files/attack-1",
    "%gemfiles rm --all --dry-run",
    "%gemfiles rm --all -y",
    "%gemfiles wait files/attack-2",
    "%gemfiles use files/attack-4 mine",
    "%gemfiles count mine",
    "%gemfiles code mine",
    "open('a.txt', 'w').write('text');",
    "%gemupload a.txt --name '<img src=x onerror=window.__hit=1>'",
    "%gemupload a.txt missing.txt",
    "%gemupload a.txt --dry-run",
    "%gemfiles transfers --all",
    "%%gemprompt\nWhat is {mine}?",
    "%%gemprompt -f text\nWhat is {mine}?",
    "%%gemprompt -f json\nWhat is {mine}?",
    "%%gemprompt -f code\nWhat is {mine}?",
    "%%gemprompt --no-stream -o answer\nhello",
    "answer",
    "%%gemprompt --dry-run\nWhat is {mine}?",
    "%gemfiles store ls",
    "%gemfiles key --check",
    "%gemfiles doctor",
    "%gemfiles nonsense<img/src=x>",
    "import gemfiles_jupyter as gf; gf.get_file('files/zzz')",
]


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A notebook that was run against the hostile service."""
    folder = tmp_path_factory.mktemp("hostile")
    with running_hostile_service() as address:
        environ = {
            "GOOGLE_GEMINI_BASE_URL": address,
            "GOOGLE_API_KEY": "a-key-of-no-worth",
            "GEMFILES_HOME": str(folder / "home"),
        }
        run = new_notebook(cells=[new_code_cell(source) for source in CELLS])
        client = NotebookClient(
            run, timeout=120, allow_errors=True, resources={"metadata": {"path": str(folder)}}
        )
        client.execute(env={**os.environ, **environ})
    return run


def texts(output: Any) -> list[str]:
    data = output.get("data", {})
    return [output.get("text", ""), output.get("evalue", ""), *map(str, data.values())]


def test_nothing_runs_and_nothing_is_fetched(notebook: Any, tmp_path: Path) -> None:
    html, _ = HTMLExporter(sanitize_html=False).from_notebook_node(notebook)
    page_file = tmp_path / "hostile.html"
    page_file.write_text(html, encoding="utf-8")

    with lab.running_browser() as browser:
        page = browser.new_page()
        asked: list[str] = []
        dialogs: list[str] = []
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.route(re.compile("^(?!file:)"), lambda route: (asked.append(route.request.url), route.abort()))
        page.goto(page_file.as_uri())
        page.evaluate(
            """() => document.querySelectorAll('.jp-OutputArea-output *').forEach(node => {
                for (const name of ['mouseover', 'focus', 'toggle', 'click', 'load', 'error', 'begin'])
                    node.dispatchEvent(new Event(name));
            })"""
        )
        page.wait_for_load_state("networkidle")
        hit = page.evaluate("window.__hit || 0")
        outputs = page.locator(".jp-OutputArea-output")
        count = outputs.count()
        shown = page.locator("body").inner_text()
        links = page.evaluate(
            """() => [...document.querySelectorAll('.jp-OutputArea-output *')]
                .map(node => node.getAttribute('href') || node.getAttribute('src')).filter(link => link)"""
        )
        elements = page.evaluate(
            """() => [...new Set([...document.querySelectorAll('.jp-OutputArea-output *')]
                .map(node => node.tagName.toLowerCase()))]"""
        )
        handlers = page.evaluate(
            """() => [...document.querySelectorAll('.jp-OutputArea-output *')]
                .flatMap(node => node.getAttributeNames()).filter(name => name.startsWith('on'))"""
        )

    assert count > len(CELLS) / 2
    assert shown.count("onerror=window.__hit") > 20, "the attacks are there, as text"
    assert hit == 0
    assert dialogs == []
    assert [url for url in asked if "evil.example" in url] == []
    assert handlers == []
    assert [link for link in links if not link.startswith(("http://", "https://", "#"))] == []
    assert not {"script", "iframe", "img", "svg", "style", "link", "base", "object", "form"} & set(elements)


def test_the_canary_would_be_seen(tmp_path: Path) -> None:
    page_file = tmp_path / "canary.html"
    page_file.write_text("<img src=x onerror='window.__hit=1'>")

    with lab.running_browser() as browser:
        page = browser.new_page()
        page.goto(page_file.as_uri())
        page.wait_for_load_state("networkidle")

        assert page.evaluate("window.__hit") == 1


def test_no_character_steers_a_terminal_or_the_direction_of_text(notebook: Any) -> None:
    for cell in notebook.cells:
        for output in cell.outputs:
            for text in texts(output):
                assert not STEERING.search(re.sub(r"\x1b\[[0-9;]*m", "", text)), (cell.source, text)


def test_only_those_lines_failed_that_had_to(notebook: Any) -> None:
    """Else the outputs above would only be of errors."""
    failed = {cell.source for cell in notebook.cells if any(it.output_type == "error" for it in cell.outputs)}

    assert failed == {
        "%gemupload a.txt --name '<img src=x onerror=window.__hit=1>'",
        "%gemupload a.txt missing.txt",
        "%gemfiles rm files/attack-1",
        "%gemfiles rm --all -y",
        "%%gemprompt -f json\nWhat is {mine}?",
        "%gemfiles store ls",
        "%gemfiles nonsense<img/src=x>",
        "import gemfiles_jupyter as gf; gf.get_file('files/zzz')",
    }

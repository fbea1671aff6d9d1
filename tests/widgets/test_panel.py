"""`gf.Panel` as Python sees it, and what of it is saved."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from gemfiles_jupyter.offline.testing import OfflineServer

from ..magics.kernels import PYTHON, TestedKernels
from .conftest import Page, size_of

PANEL = "panel = gf.Panel(); panel"
WATCHED = """
arrived = []
panel = gf.Panel(accept='.txt', on_upload=lambda file: arrived.append(file.label))
panel
"""


def test_what_is_selected_in_the_page_is_there_in_python(page: Page) -> None:
    panel = page.open(PANEL)
    page.run("file = gf.upload(b'words', name='words.txt', mime_type='text/plain')")
    page.run("seen = []\npanel.observe(lambda change: seen.append(change.new), 'selected')")
    name = page.run("print(file.name)")["text"].strip()

    page.send(panel, {"kind": "select", "names": [name]})

    said = page.run("print(panel.selected == (file.name,), seen == [(file.name,)], panel.files[0].label)")
    assert said["text"] == "True True words.txt\n"


def test_a_file_that_was_uploaded_here_is_called_back_for(page: Page) -> None:
    panel = page.open(WATCHED)

    page.arrival(panel, page.upload(panel, "here.txt", b"here"))
    page.run("gf.upload(b'elsewhere', name='elsewhere.txt', mime_type='text/plain')")

    page.run_until("print(arrived)", "['here.txt']")


def test_a_path_is_uploaded_as_if_it_were_dropped(page: Page, tmp_path: Path) -> None:
    panel = page.open(WATCHED)
    (tmp_path / "near.txt").write_text("near the kernel")

    page.run("panel.upload('near.txt')")

    page.run_until("print(arrived)", "['near.txt']")
    assert page.ask(panel, "GET", "transfers")[1]["transfers"][0]["label"] == "near.txt"


def test_a_variable_is_bound_renamed_and_taken_back(page: Page) -> None:
    panel = page.open(PANEL)
    row = page.arrival(panel, page.upload(panel, "plan.txt", b"the plan"))

    assert page.ask(panel, "POST", "files/variable", {"name": row["file"], "variable": "plan"})[0] == 200
    assert page.run("print(plan.label)")["text"] == "plan.txt\n"
    _, renamed = page.ask(panel, "POST", "files/variable", {"name": row["file"], "variable": "scheme"})
    assert renamed["variable"] == "scheme"
    assert page.run("print(scheme.label, 'plan' in globals())")["text"] == "plan.txt False\n"
    page.ask(panel, "POST", "files/variable", {"name": row["file"], "variable": ""})
    assert page.run("print('scheme' in globals())")["text"] == "False\n"


@pytest.mark.parametrize("variable", ["mine", "2nd", "for", "a b", "os.system"])
def test_a_variable_that_is_not_ours_is_left_alone(page: Page, variable: str) -> None:
    panel = page.open(PANEL)
    page.run("mine = {'kept': 1}")
    row = page.arrival(panel, page.upload(panel, "plan.txt", b"the plan"))

    status, answer = page.ask(panel, "POST", "files/variable", {"name": row["file"], "variable": variable})

    assert status == 400
    assert variable in answer["message"]
    assert page.run("print(mine)")["text"] == "{'kept': 1}\n"


def test_a_variable_that_a_cell_binds_is_shown(page: Page) -> None:
    panel = page.open(PANEL)
    page.run("shown = gf.upload(b'shown', name='shown.txt', mime_type='text/plain')")

    held: list[str] = []
    while held != ["shown"]:  # each change is told of
        page.hear(panel, lambda content: content.get("event", {}).get("kind") == "files")
        _, listed = page.ask(panel, "GET", "files")
        held = [file["variable"] for file in listed["files"]]


def test_a_file_that_is_sent_again_takes_its_place_in_variables(page: Page, tmp_path: Path) -> None:
    panel = page.open(PANEL)
    (tmp_path / "kept.txt").write_text("kept")
    page.run("kept = gf.upload('kept.txt')\nfirst = kept.name")
    name = page.run("print(kept.name)")["text"].strip()

    _, answer = page.ask(panel, "POST", "files/renew", {"name": name})
    page.arrival(panel, answer["transfer"])

    page.run_until("print(kept.name == first)", "False")


def test_code_for_a_file_takes_no_name_of_the_notebook(page: Page) -> None:
    panel = page.open(PANEL)
    page.run("plan_file = 1\nplan = gf.upload(b'plan', name='plan.txt', mime_type='text/plain')")
    name = page.run("print(plan.name)")["text"].strip()

    _, answer = page.ask(panel, "GET", f"files/code?name={name}")

    assert f"plan_file_2 = client.files.get(name='{name}')" in answer["code"]


def test_deleting_says_what_became_of_each(page: Page) -> None:
    panel = page.open(PANEL)
    row = page.arrival(panel, page.upload(panel, "old.txt", b"old"))

    status, answer = page.ask(panel, "DELETE", f"files?name={row['file']}")

    assert (status, answer) == (200, {"removed": [row["file"]], "failed": []})
    assert page.ask(panel, "GET", "files")[1]["files"] == []


def test_the_magic_shows_a_panel_once_and_returns_it(page: Page) -> None:
    page.run("%load_ext gemfiles_jupyter")

    shown = page.run("%gemfiles panel")

    assert "Gemini files" in shown["text/plain"]
    assert len(page.states) == 2, "a panel and its layout"
    assert page.run("print(type(_).__name__)")["text"] == "Panel\n"


def test_a_copy_that_was_not_built_says_so(page: Page) -> None:
    page.run(
        "from pathlib import Path\nfrom gemfiles_jupyter.widgets import assets\nassets._FOLDER = Path('none')"
    )

    assert page.run("gf.Panel()")["error"].startswith(
        "GemfilesError: The panel is not built in this copy of gemfiles-jupyter."
    )


def test_a_saved_notebook_has_a_summary_and_no_more(tmp_path: Path, server: OfflineServer) -> None:
    cells = [
        "import gemfiles_jupyter as gf\nfile = gf.upload(b'<b>&', name='<i>.txt', mime_type='text/plain')",
        "gf.Panel()",
        "gf.UploadButton()",
    ]
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    environ = {"GOOGLE_GEMINI_BASE_URL": server.address, "GOOGLE_API_KEY": server.key}
    environ["GEMFILES_HOME"] = str(tmp_path / "home")

    NotebookClient(notebook, kernel_manager_class=TestedKernels).execute(env={**os.environ, **environ})

    (output,) = notebook.cells[1].outputs
    data = output["data"]
    assert "<i>.txt · text/plain · 4 B" in data["text/plain"]
    assert "&lt;i&gt;.txt" in data["text/html"]
    assert "<script" not in data["text/html"]
    text = nbformat.writes(notebook)
    assert server.key not in text
    assert server.address not in text
    states = notebook.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    assert {state["model_name"] for state in states.values()} == {"AnyModel", "LayoutModel"}
    assert max(size_of(state) for state in states.values()) < 2048


def test_importing_the_package_imports_no_widgets() -> None:
    code = "import gemfiles_jupyter, sys; print(*{'anywidget', 'ipywidgets'} & set(sys.modules))"

    run = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == ""


def test_a_panel_outside_of_a_notebook_is_no_error() -> None:
    code = "import gemfiles_jupyter as gf; print(json.dumps(gf.Panel(multiple=False).multiple))"
    environ = {**os.environ, "GEMFILES_OFFLINE": "always"}

    run = subprocess.run(
        [sys.executable, "-c", f"import json; {code}"],
        capture_output=True,
        text=True,
        check=True,
        env=environ,
    )

    assert json.loads(run.stdout) is False

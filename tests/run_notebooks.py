"""Run the tutorials as a newcomer would: no key, an empty home, a copy of the folder.

``python tests/run_notebooks.py`` compares what they show with what is saved; ``--write`` saves it.
Names of notebooks choose among them: ``python tests/run_notebooks.py --write 03 06``.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from gemfiles_jupyter.offline import launcher

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
CELL_SECONDS = 120
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# A newcomer's videos are processed for two seconds.
QUICK = {"GEMFILES_OFFLINE_PROCESSING_SECONDS": "0.5"}
FOREIGN = ("GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL", "GEMFILES_OFFLINE")
# What differs from run to run, and says nothing about what a tutorial shows.
CHANGING = (
    (r"(files|operations|fileSearchStores|documents)/[\w-]+", r"\1/ID"),
    (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?( UTC|Z|\+00:00)?", "TIME"),
    (r" · in \d+:\d\d", ""),  # said only of what takes a second
    (r"\d+:\d\d left", "LEFT"),
    (r"processing \d+:\d\d", "processing"),
    (r"\b(47|48) h\b", "48 h"),
    (r"\b\d+ s\b|\b\d+\.\d+s\b", "SECONDS"),
    (r"\b\d+ %", "SHARE"),
    (r"[\d.]+ [kMG]?B/s", "RATE"),
    (r"[\d.]+ [kMG]B sent", "THE REST sent"),
    (r"127\.0\.0\.1:\d+", "ADDRESS"),
    (r"0x[0-9a-f]+", "0x"),
    (r"\b[0-9a-f]{8}\b", "TRANSFER"),
    (r"[\w-]+-[a-z0-9]{12}\b", "DOCUMENT"),
    (r"[█▏▎▍▌▋▊▉░]+", "BAR"),
    (r' style="[^"]*"', ""),  # how it looks is the tests' of the views
    (r"(?<=>)(?=<)", "\n"),
    (r"[ \t]+", " "),
)


def code_cells(notebook: Any) -> list[Any]:
    """Return the cells that run."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def run(path: Path, *more: Any, **environ: str) -> Any:
    """Run a notebook in a copy of its folder with a home of its own, and return it with its outputs.

    Parameters
    ----------
    more
        Cells to run after its own.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        A cell failed.
    """
    notebook = nbformat.read(path, as_version=4)
    notebook.cells += more
    with tempfile.TemporaryDirectory(prefix="tutorial-", ignore_cleanup_errors=True) as scratch:
        folder = shutil.copytree(
            path.parent, Path(scratch) / "notebooks", ignore=shutil.ignore_patterns("images", ".*")
        )
        _execute(notebook, folder, Path(scratch) / "home", environ)
    return notebook


def _execute(notebook: Any, folder: Path, home: Path, environ: Mapping[str, str]) -> None:
    """Run the cells of a notebook in a folder, with a home that need not be there yet."""
    for cell in code_cells(notebook):
        cell.outputs = []
    known = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        coalesce_streams=True,  # what a command prints in pieces is one output, as in JupyterLab
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        client.execute(env={**known, **QUICK, "GEMFILES_HOME": str(home), **environ})
    finally:
        launcher.stop(home)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata = nbformat.from_dict(METADATA)


def shown(notebook: Any) -> list[str]:
    """Return what each cell that runs shows, without what differs from run to run."""
    return [_steady("\n".join(_texts(cell.outputs))) for cell in code_cells(notebook)]


def difference(saved: Any, fresh: Any) -> str:
    """Return where two runs of a notebook show something else; empty where nowhere."""
    cells = enumerate(zip(shown(saved), shown(fresh), strict=True), start=1)
    found = [
        "\n".join(difflib.unified_diff(old.split("\n"), new.split("\n"), "saved", "fresh", lineterm="", n=0))
        for _, (old, new) in cells
    ]
    return "\n".join(f"cell [{number}]\n{text}" for number, text in enumerate(found, start=1) if text)


def main() -> int:
    """Run the tutorials that are named, and compare or save them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="how their names begin; default: all")
    parser.add_argument("--write", action="store_true", help="save them with what they show")
    chosen = parser.parse_args()
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    wanted = [path for path in paths if not chosen.names or path.name.startswith(tuple(chosen.names))]
    if not wanted:
        parser.error("there is no such notebook")
    return max(_follow(path, is_writing=chosen.write) for path in wanted)


def _follow(path: Path, *, is_writing: bool) -> int:
    start = time.monotonic()
    fresh = run(path)
    changed = difference(nbformat.read(path, as_version=4), fresh)
    print(f"{path.name}: {time.monotonic() - start:.0f} s, {'changed' if changed else 'as saved'}")
    if is_writing:
        nbformat.write(fresh, path)
        return 0
    if changed:
        print(changed)
    return 1 if changed else 0


def _texts(outputs: Any) -> list[str]:
    """Return what outputs say as text and as HTML; what was printed in pieces is one."""
    texts: list[str] = []
    for output in outputs:
        if output.output_type == "stream":
            if not texts or not texts[-1].startswith(output.name):
                texts.append(f"{output.name}: ")
            texts[-1] += output.text
        elif output.output_type == "error":
            texts.append(f"{output.ename}: {output.evalue}")
        else:
            data = output.data
            texts += [f"{kind}: {data[kind] if kind.startswith('text/') else ''}" for kind in sorted(data)]
    return texts


def _steady(text: str) -> str:
    for pattern, instead in CHANGING:
        text = re.sub(pattern, instead, text)
    return text


if __name__ == "__main__":
    sys.exit(main())

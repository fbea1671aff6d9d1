"""Cells run in a real kernel, and what they leave in a saved notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from gemfiles_jupyter.offline.testing import OfflineServer

from .kernels import (
    TERMINAL_COLOURS,
    Kernel,
    StartKernel,
    TestedKernels,
    running_kernel,
    tested_environ,
)


@dataclass(frozen=True)
class Ran:
    """A notebook after all its cells were run."""

    notebook: Any

    def outputs(self, cell: int) -> list[Any]:
        """Return what one cell saved."""
        return list(self.notebook.cells[cell].outputs)

    def text(self, cell: int) -> str:
        """Return all that one cell shows as plain text, prints included."""
        shown = [out.get("text") or out.get("data", {}).get("text/plain", "") for out in self.outputs(cell)]
        return "\n".join(text for text in shown if text)

    def html(self, cell: int) -> str:
        """Return the HTML of one cell."""
        return "\n".join(out.get("data", {}).get("text/html", "") for out in self.outputs(cell))

    def error(self, cell: int) -> tuple[str, str]:
        """Return the name and the text of the error that one cell ended with."""
        errors = [out for out in self.outputs(cell) if out.output_type == "error"]
        assert len(errors) == 1, self.text(cell)
        shown = TERMINAL_COLOURS.sub("", "\n".join(errors[0].traceback))
        assert shown.count("\n") <= 1, f"more than two lines: {shown}"
        return errors[0].ename, shown

    @property
    def saved(self) -> str:
        """The notebook as it is written to disk."""
        return str(nbformat.writes(self.notebook))


RunCells = Callable[..., Ran]


@pytest.fixture
def run_cells(at_server: OfflineServer, tmp_path: Path) -> RunCells:
    """Run cells in a fresh kernel whose world is the test's server, in a folder of its own."""
    assert at_server.address

    def run(*cells: str, first: str = "%load_ext gemfiles_jupyter", **environ: str) -> Ran:
        notebook = new_notebook(cells=[new_code_cell(source) for source in (first, *cells)])
        client = NotebookClient(
            notebook,
            timeout=120,
            allow_errors=True,
            kernel_manager_class=TestedKernels,
            resources={"metadata": {"path": str(tmp_path)}},
        )
        client.execute(env=tested_environ(**environ))
        return Ran(notebook)

    return run


@pytest.fixture
def start_kernel(at_server: OfflineServer, tmp_path: Path) -> Iterator[StartKernel]:
    """Start kernels that have a user, with the magics loaded, in the test's folder."""
    assert at_server.address
    with ExitStack() as kernels:

        def start(first: str = "%load_ext gemfiles_jupyter", **environ: str) -> Kernel:
            kernel = kernels.enter_context(running_kernel(tmp_path, **environ))
            assert kernel.run(first).error == ""
            return kernel

        yield start

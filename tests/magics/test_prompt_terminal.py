"""``%gemprompt`` in IPython on a real terminal: the answer grows, and code waits at the next prompt."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from gemfiles_jupyter.offline.testing import OfflineServer

from .kernels import PYTHON

pexpect = pytest.importorskip("pexpect", reason="needs a terminal", exc_type=ImportError)

ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[=>])")


def terminal(tmp_path: Path, *options: str) -> Any:
    environ = {
        **os.environ,
        "TERM": "xterm",
        "PROMPT_TOOLKIT_NO_CPR": "1",
        "IPYTHONDIR": str(tmp_path / "ipython"),
    }
    command = ["-m", "IPython", "--no-banner", "--colors=NoColor", "--no-confirm-exit", *options]
    return pexpect.spawn(
        PYTHON, command, env=environ, cwd=tmp_path, encoding="utf-8", timeout=60, dimensions=(50, 160)
    )


def test_an_answer_grows_and_is_shown_once(at_server: OfflineServer, tmp_path: Path) -> None:
    with terminal(tmp_path, "--simple-prompt") as ipython:
        ipython.expect_exact("In [1]: ")
        ipython.sendline("%load_ext gemfiles_jupyter")
        ipython.expect_exact("In [2]: ")
        ipython.sendline("%gemprompt When is high tide?")
        ipython.expect_exact("In [3]: ")
        shown = ipython.before
        ipython.sendline("_.model, 6 * 7")
        ipython.expect_exact("In [4]: ")
        kept = ipython.before
        ipython.sendline("_")
        ipython.expect_exact("In [5]: ")
        after = ipython.before
        ipython.sendline("%gemprompt -f json Give facts")
        ipython.expect_exact("In [6]: ")
        as_json = ipython.before
        ipython.sendline("exit")
        ipython.expect(pexpect.EOF)

    assert shown.count("This is the offline server") == 1
    assert shown.count("> When is high tide?") == 1
    assert "gemini-2.5-flash · " in shown
    assert "Out[" not in shown
    assert "('gemini-2.5-flash', 42)" in kept
    assert "('gemini-2.5-flash', 42)" in after, "_ goes on as ever"
    assert as_json.count('"note": "Offline server, not a model."') == 1
    assert at_server.address


def test_code_waits_at_the_next_prompt_and_is_not_run(at_server: OfflineServer, tmp_path: Path) -> None:
    code = {"text": "So:\n\n```python\ntotal = 40 + 2\n```\n"}
    message = {"candidates": [{"content": {"parts": [code]}, "finishReason": "STOP"}]}
    at_server.fail_next(
        "generate", status=200, body=f"data: {json.dumps(message)}\n\n", content_type="text/event-stream"
    )

    with terminal(tmp_path) as ipython:
        ipython.expect_exact("In [1]:")
        ipython.send("%load_ext gemfiles_jupyter\r")
        ipython.expect_exact("In [2]:")
        ipython.send("%gemprompt -f code Add them\r")
        ipython.expect_exact("the cell below has the code")
        ipython.expect("total = 40 \\+ 2")
        ipython.send("\r")
        ipython.expect_exact("In [4]:")
        ipython.send("total\r")
        ipython.expect_exact("42")
        ipython.send("exit\r")
        ipython.expect(pexpect.EOF)

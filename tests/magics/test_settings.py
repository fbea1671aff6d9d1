"""``%config GemfilesMagics``: defaults for all lines, shown, checked, used, and gone after unloading."""

from __future__ import annotations

import json
from pathlib import Path

from gemfiles_jupyter.offline.testing import OfflineServer

from .conftest import RunCells


def test_config_shows_each_setting_with_what_it_is_for(run_cells: RunCells) -> None:
    ran = run_cells("%config GemfilesMagics")

    shown = ran.text(1)
    for name in ("model", "workers", "reuse", "quiet", "timeout"):
        assert f"GemfilesMagics.{name}" in shown
    assert "Choices: any of ['auto', 'always', 'never']" in shown
    assert "'10m'" in shown


def test_each_setting_is_used_and_a_line_goes_before_it(
    run_cells: RunCells, server: OfflineServer, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("a text")
    server.set(processing_seconds=30.0)
    (tmp_path / "v.mp4").write_bytes(b"\0\0\0\x18ftypisom" + bytes(200))

    ran = run_cells(
        "%config GemfilesMagics.model = 'gemini-2.5-pro'",
        "answer = %gemprompt hello",
        "answer.model",
        "other = %gemprompt -m gemini-2.5-flash hello",
        "other.model",
        "%config GemfilesMagics.quiet = True",
        "a = %gemupload a.txt",
        "%config GemfilesMagics.reuse = 'never'",
        "b = %gemupload a.txt",
        "a.name == b.name",
        "%config GemfilesMagics.timeout = '1s'",
        "%gemfiles wait nothing",
        "from gemfiles_jupyter.magics.upload import PARSER\n"
        "%config GemfilesMagics.workers = 3\n"
        "chosen = PARSER.parse_args(['x'])\n"
        "chosen.workers, chosen.timeout, chosen.reuse, chosen.is_quiet",
        "%config GemfilesMagics.timeout = 90",
        "%config GemfilesMagics.timeout",
        "%config GemfilesMagics.model",
    )

    assert "gemini-2.5-pro" in ran.text(3)
    assert "gemini-2.5-flash" in ran.text(5)
    assert ran.text(7) == ""
    assert ran.text(10) == "False"
    assert ran.text(13) == "(3, 1.0, 'never', True)"
    assert ran.text(15) == "90.0"
    assert ran.text(16) == "'gemini-2.5-pro'"
    models = [it["path"] for it in server.requests() if ":" in it["path"]]
    assert any("gemini-2.5-pro" in path for path in models)


def test_a_setting_that_makes_no_sense_is_refused(run_cells: RunCells) -> None:
    ran = run_cells(
        "%config GemfilesMagics.reuse = 'sometimes'",
        "%config GemfilesMagics.workers = 0",
        "%config GemfilesMagics.timeout = 'soon'",
        "%config GemfilesMagics.timeout = -5",
        "%config GemfilesMagics.model = 'two words'",
    )

    said = [
        json.dumps([out.get("text", "") or out.get("evalue", "") for out in ran.outputs(cell)])
        for cell in range(1, 6)
    ]
    assert "auto" in said[0]
    assert "workers" in said[1]
    assert "a time such as 90, '90s', '10m' or '1h'" in said[2]
    assert "a time such as" in said[3]
    assert "is not the name of a model" in said[4]


def test_a_profile_may_set_them(run_cells: RunCells, tmp_path: Path) -> None:
    profile = tmp_path / "ipython" / "profile_default"
    profile.mkdir(parents=True)
    (profile / "ipython_config.py").write_text("c.GemfilesMagics.model = 'gemini-of-the-profile'\n")

    ran = run_cells(
        "%config GemfilesMagics.model",
        "answer = %gemprompt hello\nanswer.model",
        IPYTHONDIR=str(tmp_path / "ipython"),
    )

    assert ran.text(1) == "'gemini-of-the-profile'"
    assert "gemini-of-the-profile" in ran.text(2)

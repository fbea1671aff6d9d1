"""A saved notebook gives nothing away: no key, no upload URL, no path, nothing big, even where cells fail."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import gemfiles_jupyter

from .conftest import Ran, RunCells
from .kernels import PYTHON

# Of no known form: what masks Google's keys in texts would hide that it was there.
KEY = "canary-key-of-this-test-0123456789"
MOST_BASE64 = 16 * 1024
MOST_BYTES = 2048

# By what they are about; {n} counts. All but the last ones are lines, which show no path even when they fail.
LINES = [
    "%xmode Verbose",
    "lecture = %gemupload media/lecture.mp4",
    "notes = %gemupload media --exclude '*.mp4'",
    "again = %gemupload media/lecture.mp4 -q",
    "lecture",
    "notes",
    "print(lecture, notes, repr(lecture))",
    "%gemfiles ls",
    "%gemfiles info lecture",
    "%gemfiles quota",
    "%gemfiles wait lecture",
    "%gemfiles use lecture.mp4 other",
    "%gemfiles count lecture",
    "%gemfiles code lecture",
    "%gemfiles transfers --all",
    "%gemfiles pause",
    "%gemfiles resume",
    "%gemfiles cancel",
    "%gemfiles restore",
    "%gemfiles key --check",
    "%gemfiles doctor",
    "%gemfiles offline status",
    "%gemfiles store ls",
    "%config GemfilesMagics",
    "%gemfiles help",
    "%%gemprompt -o answer\nWhat is in {lecture} and {notes}?",
    "answer",
    "%gemprompt --dry-run What is {lecture}?",
    "%%gemprompt -f code\nhello {lecture}",
    "%gemupload media/lecture.mp4 --dry-run",
    # what fails
    "%gemupload nothing.mp4",
    "%gemupload broken.mp4",
    "%gemupload broken.mp4 media/notes.md media/nothing*",
    "%gemupload /etc/shadow-that-is-not-there",
    "%gemfiles info nothing",
    "%gemfiles rm --all",
    "%gemfiles rm nothing",
    "%gemfiles nonsense",
    "%gemfiles key",
    "%gemprompt --temperature 9 hello",
    "%%gemprompt --schema nothing\nhello",
    "%%gemprompt --files nothing\nhello",
    "%gemfiles rm lecture.mp4",
    "%gemfiles rm media",
]
# Code of the user's own that fails: its frames have paths, as every traceback has, but no secret.
CODE = [
    "import gemfiles_jupyter as gf; client = gf.Client(); gf.get_file('files/nothing')",
    "gf.upload('nothing.mp4')",
    "gf.upload('broken.mp4')",
    "client.files.get('no such name')",
    "def work(client, file):\n    key = client.endpoint.key\n    return file.nothing\nwork(client, lecture)",
    "gf.generate(lecture, temperature='hot')",
    "client, client.endpoint, client.endpoint.key, vars(client)",
    "%tb",
]


def test_a_saved_notebook_gives_nothing_away(run_cells: RunCells, media: Path, tmp_path: Path) -> None:
    shutil.copytree(media, tmp_path / "media", ignore=shutil.ignore_patterns("*.py"))
    (tmp_path / "broken.mp4").write_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(500))

    ran = run_cells(*LINES, *CODE, GOOGLE_API_KEY=KEY, GEMFILES_HOME=str(tmp_path / "home"))

    assert KEY not in ran.saved
    assert "upload_id" not in ran.saved
    assert "/upload/v1beta" not in ran.saved
    package = Path(gemfiles_jupyter.__file__).parent
    of_lines = json.dumps([ran.outputs(cell) for cell in range(1, len(LINES) + 1)])
    for path in (tmp_path, Path.home(), package, Path(sys.prefix), Path(PYTHON).parents[1]):
        assert f"{path}/" not in of_lines, path
    assert not re.search(rf"[A-Za-z0-9+/=]{{{MOST_BASE64},}}", ran.saved)
    assert "widget" not in json.dumps(ran.notebook.metadata)
    assert "application/vnd.jupyter.widget" not in ran.saved
    one, several = (len(json.dumps(ran.outputs(cell))) for cell in (2, 3))
    assert one < MOST_BYTES
    assert several < 5 * MOST_BYTES
    failed = [cell for cell in range(1, len(LINES) + len(CODE) + 1) if has_error(ran, cell)]
    assert len([cell for cell in failed if cell <= len(LINES)]) >= 11
    assert len([cell for cell in failed if cell > len(LINES)]) >= 5
    for cell in failed:
        if cell <= len(LINES):
            name, shown = ran.error(cell)
            assert shown.startswith(f"{name}: "), shown
            assert "gemfiles_jupyter" not in shown


def has_error(ran: Ran, cell: int) -> bool:
    return any(output.output_type == "error" for output in ran.outputs(cell))

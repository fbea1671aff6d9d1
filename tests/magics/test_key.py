"""``%gemfiles key`` in a real kernel: asked for, kept, checked, forgotten, and nowhere to be seen."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from gemfiles_jupyter.keys import Secret
from gemfiles_jupyter.offline.testing import OfflineServer

from .conftest import RunCells
from .kernels import StartKernel

KEY = "AIzaSyB-canary-key_0123456789abcdefghijk"
OTHER = "gateway-key-without-a-known-form-77"

# A keyring that is a file, as a user may choose one with PYTHON_KEYRING_BACKEND.
BACKEND = """
import json
from pathlib import Path
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

class FileKeyring(KeyringBackend):
    priority = 1
    path = Path(__file__).with_name("keyring.json")
    def _all(self):
        return json.loads(self.path.read_text()) if self.path.exists() else {}
    def get_password(self, service, username):
        return self._all().get(service + username)
    def set_password(self, service, username, password):
        self.path.write_text(json.dumps({**self._all(), service + username: password}))
    def delete_password(self, service, username):
        if service + username not in self._all():
            raise PasswordDeleteError("not there")
        self.path.write_text("{}")
"""

COLAB = """
class SecretNotFoundError(Exception): pass
SECRETS = {}
asked = []
def get(name):
    asked.append(name)
    if name not in SECRETS:
        raise SecretNotFoundError(name)
    return SECRETS[name]
"""


INVALID = """{"error": {"code": 400, "status": "INVALID_ARGUMENT",
 "message": "API key not valid. Please pass a valid API key."}}"""


@pytest.fixture
def keyring_environ(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "file_keyring.py").write_text(BACKEND)
    return {
        "PYTHONPATH": str(tmp_path),
        "PYTHON_KEYRING_BACKEND": "file_keyring.FileKeyring",
        "GEMFILES_HOME": str(tmp_path / "home"),
        "GOOGLE_API_KEY": "",
    }


def test_a_key_is_asked_for_kept_in_memory_and_used(start_kernel: StartKernel) -> None:
    kernel = start_kernel(GOOGLE_API_KEY="")

    given = kernel.run("%gemfiles key", KEY)
    kernel.run("%gemfiles ls")
    checked = kernel.run("%gemfiles key --check")

    assert given.asked == ["API key (not shown, not saved): "]
    assert given.error == ""
    assert "kept in memory until the kernel ends" in given.text
    print_ = Secret(KEY).fingerprint()[:8]
    assert checked.text.strip() == f"✓ The service accepts the key from %gemfiles key (fingerprint {print_})."
    assert KEY not in given.text + checked.text + repr(given.messages) + repr(checked.messages)


def test_a_key_in_memory_comes_before_the_environments(start_kernel: StartKernel) -> None:
    kernel = start_kernel()

    kernel.run("%gemfiles key", KEY)

    assert "from %gemfiles key" in kernel.run("%gemfiles key --check").text
    assert (
        "The key in memory is forgotten. GOOGLE_API_KEY still has one"
        in kernel.run("%gemfiles key --forget").text
    )
    assert "from GOOGLE_API_KEY" in kernel.run("%gemfiles key --check").text
    assert "No key was given here." in kernel.run("%gemfiles key --forget").text


def test_nothing_typed_changes_nothing(start_kernel: StartKernel) -> None:
    kernel = start_kernel()

    assert kernel.run("%gemfiles key", "  ").error == "KeyMissing: No key was given; nothing has changed."
    assert "Copy it again" in kernel.run("%gemfiles key", "two words").error
    assert "from GOOGLE_API_KEY" in kernel.run("%gemfiles key --check").text


def test_without_a_user_it_says_what_to_do(run_cells: RunCells) -> None:
    ran = run_cells("%gemfiles key")

    assert ran.error(1) == (
        "KeyMissing",
        "KeyMissing: A key can't be typed here: this notebook runs without a user. "
        "Set GOOGLE_API_KEY before starting it.",
    )


@pytest.mark.parametrize(
    "line",
    [f"key {KEY}", f"key {OTHER}", f"key --save={OTHER}", f"key --api-key={OTHER}", f"key --save {OTHER}"],
)
def test_a_key_on_the_line_is_refused_and_taken_out_of_the_history(
    start_kernel: StartKernel, tmp_path: Path, line: str
) -> None:
    key = OTHER if OTHER in line else KEY
    kernel = start_kernel(IPYTHONDIR=str(tmp_path / "ipython"))
    kernel.run("%xmode Verbose")

    said = kernel.run(f"x = 1\n%gemfiles {line}")
    inputs = kernel.run(
        "print(In, _ih, _i, _ii, _iii, [v for k, v in dict(globals()).items() if k[:2] == '_i'])"
    )
    kernel.run("get_ipython().history_manager.writeout_cache()")

    assert said.error.startswith("KeyTyped: A key has no place on the line")
    assert "It is out of IPython's history now; delete it from the cell" in said.error
    shown = [message for message in said.messages if message["msg_type"] != "execute_input"]
    assert key not in said.error + repr(shown)
    assert "***" in inputs.text
    assert key not in inputs.text
    (database,) = (tmp_path / "ipython").rglob("history.sqlite")
    with sqlite3.connect(database) as history:
        kept = history.execute("SELECT source, source_raw FROM history").fetchall()
    assert any("***" in raw for _, raw in kept)
    assert key not in repr(kept)
    assert all(
        key.encode() not in path.read_bytes() for path in database.parent.iterdir() if path.is_file()
    ), "neither in a page that was freed, nor in a log"


def test_a_mistyped_option_is_no_key(run_cells: RunCells) -> None:
    ran = run_cells("%gemfiles key --chek")

    assert "Unrecognized arguments: --chek. Did you mean --check?" in ran.error(1)[1]


def test_the_service_refuses_a_key(start_kernel: StartKernel, server: OfflineServer) -> None:
    kernel = start_kernel()
    server.fail_next("list", status=400, body=INVALID, content_type="application/json")

    said = kernel.run("%gemfiles key --check")

    assert said.error.startswith("KeyProblem: The service refuses the key from GOOGLE_API_KEY (fingerprint ")
    assert "Give another with %gemfiles key." in said.error


def test_a_key_with_its_quota_used_up_is_said_to_be_good(
    start_kernel: StartKernel, server: OfflineServer
) -> None:
    kernel = start_kernel()
    server.fail_next("list", status=429, body="too many", count=9)

    said = kernel.run("%gemfiles key --check")

    assert said.error == ""
    assert "! The service accepts the key from GOOGLE_API_KEY" in said.text
    assert "its quota is used up" in said.text


def test_a_service_out_of_reach_leaves_it_open(run_cells: RunCells) -> None:
    ran = run_cells("%gemfiles key --check", GOOGLE_GEMINI_BASE_URL="http://127.0.0.1:9")

    name, shown = ran.error(1)
    assert name == "CannotConnect"
    assert "is good is not known: Nothing answers at 127.0.0.1:9" in shown
    assert "%gemfiles doctor looks for the cause" in shown


def test_without_any_key_there_is_nothing_to_check(run_cells: RunCells) -> None:
    environ = {"GOOGLE_API_KEY": "", "GOOGLE_GEMINI_BASE_URL": ""}

    ran = run_cells("%gemfiles key --check", **environ)

    assert "No key is in use; the offline server is used." in ran.error(1)[1]


def test_a_saved_key_is_there_in_the_next_kernel(
    start_kernel: StartKernel, keyring_environ: dict[str, str]
) -> None:
    first = start_kernel(**keyring_environ)
    saved = first.run("%gemfiles key --save", KEY)
    second = start_kernel(**keyring_environ)
    checked = second.run("%gemfiles key --check")
    forgotten = second.run("%gemfiles key --forget")
    third = start_kernel(**keyring_environ)

    assert "kept in memory until the kernel ends and in the keyring" in saved.text
    assert "accepts the key from the keyring" in checked.text
    assert "The key in the keyring is forgotten. No key is left." in forgotten.text
    assert "No key is in use" in third.run("%gemfiles key --check").error


def test_without_keyring_it_says_what_to_install(start_kernel: StartKernel, tmp_path: Path) -> None:
    (tmp_path / "keyring.py").write_text("raise ImportError('not installed')")
    kernel = start_kernel(PYTHONPATH=str(tmp_path), GOOGLE_API_KEY="")

    said = kernel.run("%gemfiles key --save", KEY)

    assert "Saving a key needs the package keyring. pip install keyring, and try again." in said.error
    assert "No key is in use" in kernel.run("%gemfiles key --check").error


def test_a_secret_of_colab_is_found_and_asked_for_once(start_kernel: StartKernel, tmp_path: Path) -> None:
    (tmp_path / "google" / "colab").mkdir(parents=True)
    (tmp_path / "google" / "colab" / "__init__.py").touch()
    (tmp_path / "google" / "colab" / "userdata.py").write_text(COLAB)
    kernel = start_kernel(PYTHONPATH=str(tmp_path), GOOGLE_API_KEY="")
    kernel.run(f"from google.colab import userdata; userdata.SECRETS['GEMINI_API_KEY'] = {KEY!r}")

    checked = kernel.run("%gemfiles key --check")
    kernel.run("%gemfiles ls")

    assert "accepts the key from Colab's secret GEMINI_API_KEY" in checked.text
    assert kernel.run("print(userdata.asked)").text == "['GOOGLE_API_KEY', 'GEMINI_API_KEY']\n"


def test_help_says_what_it_can_do(run_cells: RunCells) -> None:
    ran = run_cells("%gemfiles key --help")

    assert all(option in ran.text(1) for option in ("--save", "--check", "--forget"))


def test_the_environment_of_these_tests_has_no_real_key() -> None:
    assert "GOOGLE_API_KEY" not in os.environ

"""The wheel as a user gets it: what is in it, and that Jupyter finds it enabled, with no Node anywhere."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
LOCK = REPOSITORY / "labextension" / "package-lock.json"
EXTENSION = "data/share/jupyter/labextensions/gemfiles-jupyter/"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build it once, from this checkout."""
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(target), str(REPOSITORY)]
    subprocess.run(command, check=True, timeout=600)
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """What it holds, its shared data by what it becomes."""
    with zipfile.ZipFile(wheel) as archive:
        return {name.partition(".data/")[2] or name for name in archive.namelist()}


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel, and Jupyter as it is here."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    command = [sys.executable, "-m", "pip", f"--python={python}", "install", "-q", "--no-deps", str(wheel)]
    subprocess.run(command, check=True, timeout=300)
    here = Path(pytest.__file__).parents[1]  # its packages, after those of the fresh environment
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "jupyter_of_the_tests.pth").write_text(f"{here}\n")
    return python


def asked(python: Path, *command: str) -> str:
    """Ask Jupyter in the fresh environment, with nothing but it on the PATH."""
    home = python.parents[1] / "home"
    environ = {"PATH": str(python.parent), "HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / "config")}
    answer = subprocess.run(
        [str(python), *command], capture_output=True, text=True, env=environ, timeout=120, check=False
    )
    assert answer.returncode == 0, answer.stderr
    return re.sub(r"\x1b\[\d+m", "", answer.stdout + answer.stderr)


def test_everything_is_in_the_wheel_and_nothing_else(names: set[str]) -> None:
    assert {
        f"{EXTENSION}package.json",
        f"{EXTENSION}install.json",
        f"{EXTENSION}schemas/gemfiles-jupyter/panel.json",
        f"{EXTENSION}static/style.js",
        "data/etc/jupyter/jupyter_server_config.d/gemfiles_jupyter.json",
        "gemfiles_jupyter/server/event_schemas/state/v1.yaml",
        "gemfiles_jupyter/widgets/static/panel.js",
        "gemfiles_jupyter/widgets/static/loader.js",
    } <= names
    assert any(name.startswith(f"{EXTENSION}static/remoteEntry.") for name in names)
    assert not [name for name in names if "node_modules" in name or name.endswith((".ts", ".tsx"))]
    assert not [name for name in names if name.startswith("gemfiles_jupyter/labextension/")]


def test_one_version_for_both(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith(f"{EXTENSION}package.json"))
        built = json.loads(archive.read(name))

    assert wheel.name.split("-")[1] == built["version"]


def test_jupyter_finds_both_extensions_enabled(python: Path) -> None:
    where = asked(python, "-m", "site")
    assert "fresh" in where, "it is the environment that was made"

    lab = asked(python, "-m", "jupyterlab.labextensions", "list")
    server = asked(python, "-m", "jupyter_server.extension.serverextension", "list")

    (line,) = (line for line in lab.splitlines() if "gemfiles-jupyter" in line)
    assert "enabled" in line
    assert "OK" in line
    assert "X" not in line
    lines = [line for line in server.splitlines() if "gemfiles_jupyter" in line]
    assert any("gemfiles_jupyter.server enabled" in line for line in lines)
    assert any(line.rstrip().endswith("OK") for line in lines)


def test_doctor_finds_both_extensions(python: Path) -> None:
    code = "from gemfiles_jupyter.workspace.installation import check_extensions as it; print(list(it()))"

    said = asked(python, "-c", code)

    assert "installed in JupyterLab" in said
    assert "said='enabled'" in said


def test_no_registry_is_named_in_the_lockfile() -> None:
    lock = json.loads(LOCK.read_text())

    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
    assert "registry." not in LOCK.read_text()

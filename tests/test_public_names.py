"""The public names: adding or losing one is a decision, not an accident."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import gemfiles_jupyter as gf

PUBLIC = [
    "Answer",
    "Client",
    "File",
    "FileList",
    "GemfilesError",
    "OfflineServer",
    "Panel",
    "Store",
    "UploadButton",
    "count_tokens",
    "delete_file",
    "generate",
    "get_file",
    "link",
    "list_files",
    "upload",
    "upload_many",
    "wait",
]


def test_the_public_names_are_these() -> None:
    assert gf.__all__ == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_resolves_to_what_it_says(name: str) -> None:
    value = getattr(gf, name)

    assert value.__name__ == name
    assert value.__doc__


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_loaded_in_a_fresh_interpreter(name: str) -> None:
    code = f"import gemfiles_jupyter as gf; assert gf.{name} is gf.{name}; print(gf.{name}.__name__)"

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == name


def test_dir_shows_the_names_before_they_are_used() -> None:
    code = "import gemfiles_jupyter as gf; print(*dir(gf))"

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert set(PUBLIC) <= set(run.stdout.split())


def test_dir_names_each_once_even_after_use() -> None:
    assert gf.upload

    assert len(dir(gf)) == len(set(dir(gf)))


@pytest.mark.parametrize("name", ["uplaod", "Workspace", "requests", "__wrapped__"])
def test_an_unknown_name_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError, match=f"has no attribute '{name}'"):
        getattr(gf, name)


def test_no_public_name_shadows_a_module() -> None:
    inner = {module.name for module in pkgutil.iter_modules(gf.__path__)}

    assert not inner & set(PUBLIC)


@pytest.mark.parametrize("name", ["client", "errors", "config", "workspace", "offline", "transfers", "views"])
def test_a_module_is_still_a_module_after_all_names_were_used(name: str) -> None:
    for public in PUBLIC:
        getattr(gf, public)

    importlib.import_module(f"gemfiles_jupyter.{name}")

    assert isinstance(getattr(gf, name), ModuleType)


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse(Path(gf.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    names = {alias.name for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}

    assert names - {"InteractiveShell"} == set(PUBLIC)


def test_the_version_is_the_distributions() -> None:
    from importlib.metadata import version

    assert gf.__version__ == version("gemfiles-jupyter")

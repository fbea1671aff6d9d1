"""The floors: imports point down only, and only where the design says."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import gemfiles_jupyter

ROOT = "gemfiles_jupyter"
PACKAGE = Path(gemfiles_jupyter.__file__).parent

# Top first; who stands on one floor never imports another of it, but for those in NEIGHBOURS.
FLOORS = (
    ("",),
    ("magics", "cli", "widgets", "server"),
    ("workspace",),
    ("views",),
    ("transfers",),
    ("client",),
    ("config",),
    ("keys",),
    ("errors", "safe_text"),
)
NEIGHBOURS = {("errors", "safe_text")}
# The offline server is beside the floors: these may start it, and nothing else knows of it.
OFFLINE_DOORS = {
    ("", "offline.testing"),
    ("cli.commands", "offline.serve"),
    ("config", "offline.launcher"),
    ("workspace.offline", "offline.launcher"),
}
# Who may import what of others.
FOREIGN = {
    "IPython": ("magics", "widgets"),
    "anywidget": ("widgets",),
    "ipywidgets": ("widgets",),
    "traitlets": ("magics", "widgets"),
    "requests": ("client.connections", "client.transport", "client.breaks"),
    "urllib3": ("client.transport", "client.breaks"),
    "tornado": ("offline", "server"),
    "jupyter_server": ("server",),
    "fsspec": ("transfers.remote",),
    "distributed": ("workspace.cluster",),
}


def modules() -> dict[str, Path]:
    """Every module of ours by its dotted name below the package; the package itself is ''."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] == "media":  # an installed package brings the sample media, and how they were made
            continue
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(source: str, module: str, *, is_package: bool) -> Iterator[str]:
    """Yield the full names that a module imports, also inside functions, but not for type checkers."""
    own = f"{ROOT}.{module}".rstrip(".")
    package = own if is_package else own.rpartition(".")[0]
    for node in running_nodes(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.rsplit(".", node.level - 1)[0] if node.level else ""
            origin = ".".join(filter(None, [above, node.module]))
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def running_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk a tree without the branches that only a type checker reads."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            for other in node.orelse:
                yield other
                yield from running_nodes(other)
            continue
        yield node
        yield from running_nodes(node)


def arrows() -> Iterator[tuple[str, str]]:
    """Yield (module, imported module of ours), both below the package."""
    known = modules()
    for module, path in known.items():
        names = imported(path.read_text(encoding="utf-8"), module, is_package=path.name == "__init__.py")
        for name in names:
            if name == ROOT or name.startswith(f"{ROOT}."):
                yield module, target(name, known)


def target(name: str, known: dict[str, Path]) -> str:
    """Return the module that a full name leads to: itself, or the one it is taken out of."""
    inner = name.removeprefix(ROOT).removeprefix(".")
    while inner not in known:
        inner = inner.rpartition(".")[0]
    return inner


def floor_of(module: str) -> int:
    top = module.partition(".")[0]
    return next(number for number, names in enumerate(FLOORS) if top in names)


def is_allowed(module: str, other: str) -> bool:
    top, other_top = module.partition(".")[0], other.partition(".")[0]
    if other_top == "offline":
        return top == "offline" or (module, other) in OFFLINE_DOORS
    if top == "offline":
        return False
    if top == other_top and top:
        return True
    return floor_of(module) < floor_of(other) or (top, other_top) in NEIGHBOURS


def test_every_module_stands_on_a_floor() -> None:
    tops = {module.partition(".")[0] for module in modules()}

    assert tops - {"offline"} <= {name for names in FLOORS for name in names}


def test_imports_point_down_only() -> None:
    wrong = [f"{module} -> {other}" for module, other in arrows() if not is_allowed(module, other)]

    assert wrong == []


def test_the_walk_sees_the_arrows_that_are_there() -> None:
    seen = set(arrows())

    assert ("cli.commands", "offline.serve") in seen
    assert ("config", "offline.launcher") in seen, "a lazy import inside a function"
    assert ("magics.upload", "workspace.workspace") in seen
    assert ("errors", "client.models") not in seen, "only for type checkers"


@pytest.mark.parametrize(
    ("module", "other"),
    [
        ("magics.upload", "cli"),
        ("cli", "magics"),
        ("workspace.workspace", "magics.live"),
        ("views.rows", "workspace.results"),
        ("transfers.manager", "views.rows"),
        ("client.files", "transfers.progress"),
        ("config", "client"),
        ("errors", "config"),
        ("safe_text", "errors"),
        ("workspace.workspace", ""),
        ("client.transport", "offline.launcher"),
        ("workspace.offline", "offline.storage"),
        ("offline.files", "errors"),
        ("offline.files", ""),
    ],
)
def test_an_arrow_that_points_elsewhere_is_refused(module: str, other: str) -> None:
    assert not is_allowed(module, other)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("import requests", "requests"),
        ("from ..errors import KeyProblem", f"{ROOT}.errors.KeyProblem"),
        ("from .. import errors", f"{ROOT}.errors"),
        ("from .models import File", f"{ROOT}.client.models.File"),
        ("def f():\n    from ..config import home", f"{ROOT}.config.home"),
        ("if TYPE_CHECKING:\n    import a\nelse:\n    import b", "b"),
    ],
    ids=["absolute", "relative", "from a package", "beside", "lazy", "not for type checkers"],
)
def test_the_walk_resolves_an_import(line: str, name: str) -> None:
    assert list(imported(line, "client.files", is_package=False)) == [name]


@pytest.mark.parametrize("library", FOREIGN)
def test_a_foreign_library_has_its_place(library: str) -> None:
    places = FOREIGN[library]
    importers = {
        module
        for module, path in modules().items()
        for name in imported(path.read_text(encoding="utf-8"), module, is_package=path.name == "__init__.py")
        if name.partition(".")[0] == library
    }

    assert importers, "a library that nobody uses should leave this table"
    assert [
        module for module in importers if not f"{module}.".startswith(tuple(f"{p}." for p in places))
    ] == []


def test_no_import_hides_from_the_walk() -> None:
    hiding = {
        module
        for module, path in modules().items()
        if {"import_module", "__import__"} & set(names_called(path.read_text(encoding="utf-8")))
    }

    assert hiding == {""}, "only the lazy public names, which lead down from the top"


def names_called(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func).rpartition(".")[2]


def loaded_by(statement: str) -> set[str]:
    """Return the modules that a fresh interpreter has after a statement."""
    code = f"import sys; {statement}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def ours(loaded: set[str]) -> set[str]:
    return {name for name in loaded if name.partition(".")[0] == ROOT}


@pytest.mark.parametrize("statement", [f"import {ROOT}", f"import {ROOT}.config"])
def test_importing_loads_nothing_heavy(statement: str) -> None:
    loaded = loaded_by(statement)

    assert not loaded & {"requests", "urllib3", "tornado", "IPython", "jupyter_core", "traitlets", "sqlite3"}


def test_importing_the_package_loads_one_module_of_ours() -> None:
    assert ours(loaded_by(f"import {ROOT}")) == {ROOT}


def test_importing_the_configuration_loads_only_the_ground_floors() -> None:
    ground = {ROOT, f"{ROOT}.config", f"{ROOT}.keys", f"{ROOT}.errors", f"{ROOT}.safe_text"}

    assert ours(loaded_by(f"import {ROOT}.config")) == ground


def test_an_offline_server_is_found_without_loading_a_client() -> None:
    loaded = loaded_by(f"import {ROOT}.offline.launcher")

    assert not loaded & {"requests", "tornado", "IPython"}
    assert all(name == ROOT or name.startswith(f"{ROOT}.offline") for name in ours(loaded))

"""Which files a path, pattern or folder names, as a person types it."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path, PurePath

from ..errors import SourceNotFound

__all__ = ["exists", "find_files", "is_wanted", "shown_path"]


Found = Sequence[tuple[Path, str]]


def find_files(
    text: str, *, is_recursive: bool = False, include: Sequence[str] = (), exclude: Sequence[str] = ()
) -> Found:
    """Return the files that a path, pattern or folder stands for, each with the name to show.

    Hidden files are left out, unless they are named.

    Raises
    ------
    SourceNotFound
        There is no such file, or no file in the folder or pattern.
    """
    path = _expanded(text)
    found = _found(path, is_recursive, is_pattern=glob.has_magic(text))
    if found is None:
        raise SourceNotFound(f"There is no file {shown_path(text)}.", hint=_nearest(path))
    is_filtered = bool(include or exclude) and found != [(path, path.name)]  # what was named is meant
    wanted = [item for item in found if not is_filtered or is_wanted(Path(item[1]), include, exclude)]
    if not wanted:
        raise _nothing(text, path, is_filtered=is_filtered and bool(found), is_recursive=is_recursive)
    return wanted


def _below(folder: Path, is_recursive: bool) -> Found:
    inner = [
        (path, path.relative_to(folder)) for path in sorted(folder.glob("**/*" if is_recursive else "*"))
    ]
    return [
        (path, below.as_posix())
        for path, below in inner
        if not any(part.startswith(".") for part in below.parts) and path.is_file()
    ]


def _found(path: Path, is_recursive: bool, *, is_pattern: bool) -> Found | None:
    if not exists(path):
        return [(one, one.name) for one in sorted(_matches(path)) if one.is_file()] if is_pattern else None
    return _below(path, is_recursive) if path.is_dir() else [(path, path.name)]


def _nothing(text: str, path: Path, *, is_filtered: bool, is_recursive: bool) -> SourceNotFound:
    """Say why nothing was found, which has three reasons."""
    shown = shown_path(text)
    if is_filtered:
        return SourceNotFound(
            f"{shown} holds files, but none that --include and --exclude leave.",
            hint="Patterns match names, such as *.pdf.",
        )
    if not _is_folder(path):
        return SourceNotFound(f"No file matches {shown}.")
    deeper = "" if is_recursive else "Use -r for the folders below it."
    return SourceNotFound(f"{shown} holds no files to upload.", hint=deeper)


def _expanded(text: str) -> Path:
    if not text:  # as a path it would stand for the current folder
        raise SourceNotFound("There is no file without a name.")
    try:
        return Path(text).expanduser()
    except RuntimeError:  # ~name of a user who does not exist
        return Path(text)


def _matches(pattern: Path) -> Iterator[Path]:
    """Yield what a pattern matches, as a shell does; ``**`` follows no links, which may lead in circles."""
    first = next(number for number, part in enumerate(pattern.parts) if glob.has_magic(part))
    folder = Path(*pattern.parts[:first])
    wanted = [part if part == "**" else re.sub(r"\*+", "*", part) for part in pattern.parts[first:]]
    if wanted[-1] == "**":
        wanted.append("*")
    for below in folder.glob("/".join(wanted)):
        hidden = [part for part in below.relative_to(folder).parts if part.startswith(".")]
        if all(any(fnmatch(part, name) for name in wanted if name.startswith(".")) for part in hidden):
            yield below


def is_wanted(inner: PurePath, include: Sequence[str], exclude: Sequence[str]) -> bool:
    """Whether patterns for names, or for paths below a folder, leave a file in."""
    names = (inner.name, inner.as_posix())
    is_included = not include or any(fnmatch(name, pattern) for pattern in include for name in names)
    return is_included and not any(fnmatch(name, pattern) for pattern in exclude for name in names)


def exists(path: Path) -> bool:
    """Whether there is a file or folder of that name."""
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that the file system can't even hold
        return False


def _is_folder(path: Path) -> bool:
    return exists(path) and path.is_dir()


def _nearest(path: Path) -> str:
    """Suggest what was probably meant, else say where we looked."""
    import difflib  # only where something is missing

    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return f"There is no folder {shown_path(str(path.parent))} either."
    close = difflib.get_close_matches(path.name, names, n=1)
    if close:
        return f"Did you mean {shown_path(str(path.with_name(close[0])))}?"
    return "Paths start from the current folder; put quotes around spaces."


def shown_path(text: str) -> str:
    """Show a path as typed, but never an absolute one: outputs are saved and shared."""
    return Path(text).name if Path(text).is_absolute() else text

"""What an upload of several files gives back, and which values are files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

from ..client.models import File
from ..transfers.progress import Phase, Progress
from ..views.quantities import count_text

if TYPE_CHECKING:
    from ..views.view import View

__all__ = ["FileList", "as_file", "held_files"]


class FileList(list[File]):
    """Files in the order of their sources; a list that also answers to names.

    ``files["notes.pdf"]`` finds a file by display name, by name, or by the name of its source: a stored
    file that stood for it may be called otherwise.

    Attributes
    ----------
    failed
        How the sources that did not arrive ended: ``item.label``, ``item.error``.
    """

    def __init__(
        self,
        files: Iterable[File] = (),
        failed: Sequence[Progress] = (),
        names: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(files)
        self.failed = tuple(failed)
        self._names = dict(names or {})

    @classmethod
    def of(cls, batch: Iterable[Progress]) -> FileList:
        """Collect the results of a batch."""
        ended = list(batch)
        arrived = [(item.label, item.file) for item in ended if item.phase is Phase.DONE and item.file]
        return cls(
            [file for _, file in arrived],
            [item for item in ended if item.phase is not Phase.DONE],
            {label: file.name for label, file in arrived},
        )

    @overload
    def __getitem__(self, key: SupportsIndex) -> File: ...

    @overload
    def __getitem__(self, key: slice) -> list[File]: ...

    @overload
    def __getitem__(self, key: str) -> File: ...

    def __getitem__(self, key: SupportsIndex | slice | str) -> File | list[File]:
        """Return a file by position, display name, name, or the name of its source."""
        if not isinstance(key, str):
            return super().__getitem__(key)
        named = [file for file in self if key in (file.display_name, file.name, file.id)]
        stood_for = [file for file in self if file.name == self._names.get(key)]
        for file in (*named, *stood_for):
            return file
        raise KeyError(key)

    def __repr__(self) -> str:
        lost = f", {len(self.failed)} failed" if self.failed else ""
        return f"<FileList: {count_text(len(self), 'file')}{lost}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002
        return self._view().bundle

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002
        """Show the table where IPython would print a list; within another value its short form."""
        printer.text(self._view().text if len(printer.stack) == 1 else repr(self))

    def _view(self) -> View:
        from ..views.tables import files_view  # an upload should not wait for it

        note = f"{len(self.failed)} failed, see .failed" if self.failed else ""
        return files_view(self, note=note)


def as_file(value: Any) -> File | None:
    """Return a value that is a file, ours or one of google-genai, as ours."""
    if isinstance(value, File):
        return value
    kind = type(value)
    if (kind.__module__, kind.__name__) == ("google.genai.types", "File") and value.name:
        return File.from_json(value.model_dump(mode="json", by_alias=True))
    return None


def held_files(value: object) -> tuple[File, ...]:
    """Return the files of a value: a file, or a list of nothing but files."""
    if not isinstance(value, list):
        file = as_file(value)
        return (file,) if file else ()
    files: list[File] = []
    for item in value:
        file = as_file(item)
        if file is None:  # all variables are looked at after each cell, and some are long lists
            return ()
        files.append(file)
    return tuple(files)

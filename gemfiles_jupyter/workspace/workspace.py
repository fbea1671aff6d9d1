"""The workspace: upload, find, list, remove, wait and ask, the same for every front end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from fnmatch import fnmatch

from ..client import Client
from ..client.files import DEFAULT_WAIT_SECONDS
from ..client.models import File, file_id
from ..client.prompts import Answer, Part, PromptOptions
from ..config import choose_endpoint, reached
from ..errors import AllFailed, FileUnavailable, InvalidUsage
from ..transfers.manager import TransferOptions, upload_all
from ..transfers.progress import Progress
from ..transfers.sources import SourceSpec, expand
from .prompt import compose
from .results import FileList

__all__ = ["Workspace", "current_workspace"]

OnProgress = Callable[[tuple[Progress, ...]], None]


class Workspace:
    """One client, and what a user does with it."""

    def __init__(self, client: Client) -> None:
        self.client = client

    @property
    def is_offline(self) -> bool:
        """Whether this is the offline server, which every output says."""
        return self.client.endpoint.is_offline

    def now(self) -> datetime:
        """Return the service's time."""
        return self.client.transport.now()

    def upload(
        self,
        specs: Sequence[SourceSpec],
        options: TransferOptions,
        on_progress: OnProgress,
        *,
        is_recursive: bool = False,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
    ) -> FileList:
        """Upload paths, patterns, folders and bytes.

        Raises
        ------
        SourceError
            Something named can't be sent at all; nothing was sent then.
        GemfilesError
            The only source failed.
        AllFailed
            Each of several sources failed. When some arrive, the rest is in ``.failed``.
        """
        sources = expand(specs, is_recursive=is_recursive, include=include, exclude=exclude)
        if len(sources) > 1 and (options.id or options.display_name):
            raise InvalidUsage(f"--id and --name are for one file, and this is {len(sources)}.")
        files = FileList.of(upload_all(self.client, sources, options, on_progress))
        if not files and files.failed:
            errors = [item.error for item in files.failed if item.error]
            if len(sources) == 1 and errors:
                raise errors[0]
            raise AllFailed(
                f"None of {len(sources)} files arrived.", hint="Each line above says why."
            ) from None
        return files

    def files(self, pattern: str | None = None) -> list[File]:
        """Return the stored files, newest first.

        Parameters
        ----------
        pattern
            Only those whose display name, name or MIME type it matches: ``*.pdf``, ``video/*``.
        """
        found = [file for file in self.client.files.list() if pattern is None or _matches(file, pattern)]
        return sorted(found, key=lambda file: str(file.create_time or ""), reverse=True)

    def find(self, reference: str | File) -> File:
        """Return the stored file that a name, URI or display name means.

        Raises
        ------
        FileUnavailable
            There is no such file.
        InvalidUsage
            Several files have that display name.
        """
        if isinstance(reference, File):
            return self.client.files.get(reference.name)
        if reference.startswith("files/") or "://" in reference:
            return self.client.files.get(reference)
        same = [file for file in self.client.files.list() if reference in (file.display_name, file.id)]
        if len(same) > 1:
            raise InvalidUsage(
                f"{len(same)} files are called {reference}.",
                hint=f"Say which one: {', '.join(file.name for file in same[:4])}.",
            )
        if same:
            return same[0]
        try:
            return self.client.files.get(file_id(reference))
        except (FileUnavailable, ValueError):
            raise FileUnavailable(
                f"There is no file {reference}.", status=404, hint="%gemfiles ls shows what is stored."
            ) from None

    def to_remove(self, references: Sequence[str | File], *, is_all: bool = False) -> list[File]:
        """Return the files that are to be deleted, each once.

        Raises
        ------
        InvalidUsage
            Neither files nor all of them are meant.
        """
        if is_all == bool(references):
            raise InvalidUsage("Say which files, or --all.", hint="%gemfiles ls shows what is stored.")
        if is_all:
            return self.files()
        found = [self.find(reference) for reference in references]
        return list({file.name: file for file in found}.values())

    def remove(self, file: File) -> None:
        """Delete a stored file."""
        self.client.files.delete(file.name)

    def wait(
        self,
        file: File,
        *,
        timeout_seconds: float = DEFAULT_WAIT_SECONDS,
        on_poll: Callable[[File, float], None] | None = None,
    ) -> File:
        """Wait until a file is ACTIVE."""
        return self.client.files.wait(file, timeout_seconds=timeout_seconds, on_poll=on_poll)

    def compose(
        self, text: str, variables: Mapping[str, object], first: Sequence[File] = ()
    ) -> tuple[Part, ...]:
        """Return the parts of a prompt, each file of it ready for use.

        Parameters
        ----------
        first
            Files that go before the text.
        """
        parts = [*(self._ready(file) for file in first), *compose(text, variables, self._ready)]
        if not parts:
            raise InvalidUsage("The prompt is empty.", hint="Write it below the %%gemprompt line.")
        return tuple(parts)

    def ask(self, parts: Sequence[Part], options: PromptOptions) -> Answer:
        """Return the whole answer to a prompt."""
        with _naming_files(parts):
            return self.client.prompts.generate(parts, options)

    def stream(self, parts: Sequence[Part], options: PromptOptions) -> Iterator[Answer]:
        """Yield the answer as it grows."""
        with _naming_files(parts):
            yield from self.client.prompts.stream(parts, options)

    def count_tokens(self, parts: Sequence[Part], model: str) -> int:
        """Return how many tokens a prompt takes."""
        return self.client.prompts.count_tokens(parts, model)

    def _ready(self, file: File) -> File:
        """Make sure that a prompt may use a file: await processing, explain what is gone."""
        with _naming_files([file]):
            return self.wait(file)


@contextmanager
def _naming_files(parts: Sequence[Part]) -> Iterator[None]:
    """Say which file is gone, and why if we know: the service only names an id, and no reason."""
    try:
        yield
    except FileUnavailable as error:
        for part in parts:
            if isinstance(part, File) and part.id in error.message:
                break
        else:
            raise
        left = part.expires_in()
        is_expired = left is not None and left.total_seconds() <= 0
        happened = "has expired" if is_expired else "is gone (deleted, or of another key)"
        raise FileUnavailable(
            f"{part.label} {happened}: {error.message}",
            status=error.status,
            reason=error.reason,
            hint="Upload it again.",
        ) from None


def _matches(file: File, pattern: str) -> bool:
    return any(fnmatch(text, pattern) for text in (file.label, file.name, file.mime_type or ""))


_current: list[Workspace] = []


def current_workspace() -> Workspace:
    """Return the workspace of the present settings, starting the offline server if it is meant.

    Asked anew for each command, because a key may have been set since, and the offline server stops
    when it is idle.
    """
    endpoint = reached(choose_endpoint())
    if not _current or _current[0].client.endpoint != endpoint:
        _current[:] = [Workspace(Client(endpoint=endpoint))]
    return _current[0]

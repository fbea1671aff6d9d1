"""File search stores as a user has them: make one, fill it, look into it, hand it to a prompt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..client.files import DEFAULT_WAIT_SECONDS
from ..client.models import File
from ..client.operation import Operation
from ..client.store_models import Document, DocumentOptions, FileSearchStore, MetadataValue
from ..config import MAX_DOCUMENT_BYTES
from ..errors import AllFailed, GemfilesError, InvalidUsage, SourceRefused, StoreUnavailable
from ..transfers.progress import Progress
from ..transfers.sources import SourceSpec, expand
from ..transfers.transfer import TransferOptions
from ..views.quantities import count_text
from ..views.stores import store_view
from .workspace import OnProgress, current_workspace

__all__ = ["Added", "OnRead", "Store"]

# Told the label of a document and the seconds that it is waited for.
OnRead = Callable[[str, float], None]

# By this key of its metadata a document is known again, so that nothing is added twice.
MARK_KEY = "gemfiles"


@dataclass(frozen=True, slots=True)
class Added:
    """How adding one document ended.

    Attributes
    ----------
    is_reused
        The store held it already.
    error
        Why it is not there; then there is no document.
    """

    label: str
    document: Document | None = None
    is_reused: bool = False
    error: GemfilesError | None = None


@dataclass(frozen=True, slots=True)
class Store:
    """A file search store: documents that a prompt can search, kept until they are deleted.

    Examples
    --------
    >>> lectures = gf.Store.create("lectures")  # doctest: +SKIP
    >>> lectures.upload("notes.pdf")  # doctest: +SKIP
    >>> client.models.generate_content(  # doctest: +SKIP
    ...     model=..., contents="Who wrote it?", config={"tools": [lectures.to_tool()]})

    Attributes
    ----------
    facts
        The store as the service last described it.
    """

    facts: FileSearchStore

    @classmethod
    def create(cls, display_name: str) -> Store:
        """Return the store of that name, made if there is none: a notebook can be run again."""
        same = _called(display_name)
        return same[0] if same else cls(current_workspace().client.stores.create(display_name))

    @classmethod
    def get(cls, reference: str) -> Store:
        """Return the store that a display name, id or ``fileSearchStores/ID`` means.

        Raises
        ------
        StoreUnavailable
            There is no such store.
        InvalidUsage
            Several stores have that display name.
        """
        if reference.startswith("fileSearchStores/"):
            return cls(current_workspace().client.stores.get(reference))
        same = _called(reference)
        if len(same) > 1:
            names = ", ".join(store.name for store in same[:4])
            raise InvalidUsage(f"{len(same)} stores are called {reference}.", hint=f"Say which one: {names}.")
        if not same:
            raise StoreUnavailable(
                f"There is no store {reference}.", status=404, hint="%gemfiles store ls shows them."
            )
        return same[0]

    @classmethod
    def list(cls) -> Sequence[Store]:
        """Return all stores of this key, newest first."""
        return [cls(facts) for facts in current_workspace().client.stores.list()]

    @property
    def name(self) -> str:
        """``fileSearchStores/{id}``."""
        return self.facts.name

    @property
    def label(self) -> str:
        """The display name, else the name."""
        return self.facts.label

    def refreshed(self) -> Store:
        """Return the store as it is now."""
        return Store(current_workspace().client.stores.get(self.name))

    def documents(self) -> Sequence[Document]:
        """Return its documents."""
        return [*current_workspace().client.stores.documents(self.name)]

    def find(self, reference: str) -> Document:
        """Return the document that a display name, id or full name means.

        Raises
        ------
        StoreUnavailable
            There is no such document.
        InvalidUsage
            Several have that display name.
        """
        same = [item for item in self.documents() if reference in (item.display_name, item.id, item.name)]
        if len(same) > 1:
            ids = ", ".join(document.id for document in same[:4])
            raise InvalidUsage(
                f"{len(same)} documents are called {reference}.", hint=f"Say which one: {ids}."
            )
        if not same:
            raise StoreUnavailable(
                f"{self.label} holds no document {reference}.",
                status=404,
                hint="%gemfiles store documents shows what it holds.",
            )
        return same[0]

    def upload(
        self,
        *sources: SourceSpec,
        metadata: Mapping[str, MetadataValue] | None = None,
        chunk_words: int | None = None,
        overlap_words: int | None = None,
        wait: bool = True,
        timeout_seconds: float = DEFAULT_WAIT_SECONDS,
        on_progress: OnProgress | None = None,
    ) -> Sequence[Document]:
        """Add paths, patterns, folders and bytes, and wait until they can be searched.

        What the store holds already, with the same content and metadata, is not added again.

        Parameters
        ----------
        metadata
            Said of each document, at most 19 keys: text, a number, or several texts.
        chunk_words, overlap_words
            How large the pieces are that are searched, at most 512, and what neighbours share.

        Raises
        ------
        GemfilesError
            One of them did not arrive, or could not be read.
        """
        options = DocumentOptions(metadata or {}, chunk_words, overlap_words)
        added = self.send(
            sources, options, on_progress or _silent, is_waiting=wait, timeout_seconds=timeout_seconds
        )
        return _documents(added)

    def import_file(
        self,
        file: File | str,
        *,
        metadata: Mapping[str, MetadataValue] | None = None,
        chunk_words: int | None = None,
        overlap_words: int | None = None,
        wait: bool = True,
        timeout_seconds: float = DEFAULT_WAIT_SECONDS,
    ) -> Document:
        """Add a stored file; the document lives on when the file expires."""
        options = DocumentOptions(metadata or {}, chunk_words, overlap_words)
        found = file if isinstance(file, File) else current_workspace().find(file)
        added = self.add([found], options, is_waiting=wait, timeout_seconds=timeout_seconds)
        return _documents(added)[0]

    def send(
        self,
        specs: Sequence[SourceSpec],
        options: DocumentOptions,
        on_progress: OnProgress,
        *,
        transfer: TransferOptions | None = None,
        is_recursive: bool = False,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        is_waiting: bool = True,
        timeout_seconds: float = DEFAULT_WAIT_SECONDS,
        on_read: OnRead | None = None,
    ) -> Sequence[Added]:
        """Upload sources as files, which can be resumed and are verified, and import these.

        The files stay for their 48 hours: a prompt may use them too.
        """
        for source in expand(specs, is_recursive=is_recursive, include=include, exclude=exclude):
            if source.size > MAX_DOCUMENT_BYTES:
                raise SourceRefused(
                    f"{source.label} is {source.size / 1024**2:.0f} MiB; a store takes documents up to "
                    f"{MAX_DOCUMENT_BYTES // 1024**2} MiB.",
                    hint="Split it.",
                )
        # The limits of files in a prompt, such as 50 MB of a PDF, are not those of a store.
        wanted = replace(transfer or TransferOptions(), is_forced=True, is_waiting=True)
        files = current_workspace().upload(
            specs, wanted, on_progress, is_recursive=is_recursive, include=include, exclude=exclude
        )
        failed = [Added(item.label, error=item.error or _lost(item)) for item in files.failed]
        added = self.add(
            files, options, is_waiting=is_waiting, timeout_seconds=timeout_seconds, on_read=on_read
        )
        return [*failed, *added]

    def add(
        self,
        files: Sequence[File],
        options: DocumentOptions,
        *,
        is_waiting: bool = True,
        timeout_seconds: float = DEFAULT_WAIT_SECONDS,
        on_read: OnRead | None = None,
    ) -> Sequence[Added]:
        """Import stored files, and say of each how it ended; one failure does not stop the rest."""
        held = {_identity(document.metadata): document for document in self.documents()}
        begun = [self._begin(file, options, held) for file in files]
        if not is_waiting:
            return [_begun_only(item) for item in begun]
        return [self._ended(item, timeout_seconds, on_read) for item in begun]

    def _begin(
        self, file: File, options: DocumentOptions, held: Mapping[object, Document]
    ) -> Added | tuple[str, Operation]:
        known = {**options.metadata, **_mark(file, options)}
        same = held.get(_identity(known))
        if same and (same.is_active or same.is_pending):
            return Added(file.label, same, is_reused=True)
        try:
            client = current_workspace().client
            operation = client.stores.import_file(self.name, file.name, replace(options, metadata=known))
        except GemfilesError as error:
            return Added(file.label, error=error)
        return file.label, operation

    def _ended(
        self, item: Added | tuple[str, Operation], timeout_seconds: float, on_read: OnRead | None
    ) -> Added:
        if isinstance(item, Added):
            return item
        label, operation = item
        try:
            document = current_workspace().client.stores.wait(
                operation,
                label,
                timeout_seconds=timeout_seconds,
                on_poll=(lambda waited: on_read(label, waited)) if on_read else None,
            )
        except GemfilesError as error:
            return Added(label, error=error)
        return Added(label, document)

    def remove(self, document: Document) -> None:
        """Delete one of its documents."""
        current_workspace().client.stores.delete_document(document.name)

    def delete(self, *, force: bool = False) -> None:
        """Delete the store; one that holds documents only with ``force``.

        Raises
        ------
        ServiceError
            It holds documents.
        """
        current_workspace().client.stores.delete(self.name, is_forced=force)

    def to_tool(self) -> dict[str, Any]:
        """Return the tool that lets a prompt of google-genai search it: ``config={"tools": [...]}``."""
        return {"file_search": {"file_search_store_names": [self.name]}}

    def __repr__(self) -> str:
        return f"<Store {self.label}: {count_text(self.facts.document_count, 'document')}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002
        return store_view(self.facts).bundle


def _called(reference: str) -> list[Store]:
    return [store for store in Store.list() if reference in (store.facts.display_name, store.facts.id)]


def _mark(file: File, options: DocumentOptions) -> dict[str, str]:
    """Return the digest of a file's content, with the chunks that were asked for."""
    if not file.sha256:
        return {}
    sizes = (options.chunk_words, options.overlap_words)
    asked = "" if sizes == (None, None) else f" {sizes[0] or '-'}/{'-' if sizes[1] is None else sizes[1]}"
    return {MARK_KEY: file.sha256 + asked}


def _identity(metadata: Mapping[str, MetadataValue]) -> object:
    """Return what two documents of the same content, chunks and metadata have in common."""
    if MARK_KEY not in metadata:
        return object()  # nobody knows what is in it
    return frozenset(
        (key, value if isinstance(value, (str, int, float)) else tuple(value))
        for key, value in metadata.items()
    )


def _begun_only(item: Added | tuple[str, Operation]) -> Added:
    return item if isinstance(item, Added) else Added(item[0])


def _documents(added: Sequence[Added]) -> list[Document]:
    errors = [item.error for item in added if item.error]
    if len(added) > 1 and len(errors) == len(added):
        raise AllFailed(f"None of {len(added)} documents was added: {errors[0]}")
    if errors:
        raise errors[0]
    return [item.document for item in added if item.document]


def _lost(item: Progress) -> GemfilesError:
    return GemfilesError(f"{item.label} did not arrive.", hint="Run it again to go on.")


def _silent(batch: tuple[Progress, ...]) -> None:
    """Show nothing."""

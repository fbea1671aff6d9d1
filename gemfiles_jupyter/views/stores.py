"""File search stores and their documents, as tables and lines."""

from __future__ import annotations

from collections.abc import Sequence

from ..client.store_models import Document, FileSearchStore, MetadataValue
from .quantities import clock_text, count_text, moment_text, size_text
from .rows import BAD, GOOD, OFFLINE, error_fragment
from .tables import LONGEST_TABLE, table
from .view import Fragment, View, fragment, lines

__all__ = [
    "added_line",
    "documents_view",
    "reading_view",
    "store_line",
    "store_view",
    "stores_view",
]


def stores_view(stores: Sequence[FileSearchStore], *, note: str = "") -> View:
    """Show stores as a table."""
    head = ["store", "documents", "size", "created", "name"]
    rows = [
        [store.label, _counts(store), size_text(store.size_bytes), moment_text(store.create_time), store.name]
        for store in stores[:LONGEST_TABLE]
    ]
    count = count_text(len(stores), "store")
    return table(head if rows else [], rows, " · ".join(filter(None, [count, note])))


def store_view(store: FileSearchStore, *, note: str = "") -> View:
    """Show all that is known of one store."""
    facts = {
        "store": store.label,
        "name": store.name,
        "documents": _counts(store),
        "size": size_text(store.size_bytes),
        "created": moment_text(store.create_time),
    }
    return table([], [[key, value] for key, value in facts.items() if value], note)


def documents_view(documents: Sequence[Document], *, note: str = "") -> View:
    """Show the documents of a store as a table."""
    head = ["document", "type", "size", "state", "metadata", "id"]
    rows = [
        [
            document.label,
            document.mime_type or "",
            size_text(document.size_bytes),
            document.state_text,
            _metadata(document),
            document.id,
        ]
        for document in documents[:LONGEST_TABLE]
    ]
    count = count_text(len(documents), "document")
    shown = f", the first {LONGEST_TABLE} shown" if len(documents) > LONGEST_TABLE else ""
    return table(head if rows else [], rows, " · ".join(filter(None, [count + shown, note])))


def reading_view(label: str, waited_seconds: float) -> View:
    """Show a document that the service still reads."""
    head = fragment(label, is_bold=True)
    return lines([head + fragment(f"   uploaded, being read {clock_text(waited_seconds)}")])


def added_line(
    label: str,
    store: FileSearchStore,
    document: Document | None,
    *,
    is_reused: bool = False,
    error: str = "",
    is_offline: bool = False,
) -> Fragment:
    """Return the line that says how adding one document ended."""
    if error:
        return error_fragment(label, error)
    facts = ["is in it already"] if is_reused else []
    if document is None:
        facts += ["being read"]
    else:
        size = size_text(document.size_bytes) if document.size_bytes is not None else ""
        facts += ([] if is_reused else [document.mime_type or "", size]) + [f"documents/{document.id}"]
    head = fragment("✓ ", colour=GOOD, is_bold=True)
    head += fragment(label, is_bold=True) + fragment(f" → {store.label}")
    return head + _facts(facts, is_offline)


def store_line(store: FileSearchStore, what: str, *, is_good: bool = True, is_offline: bool = False) -> View:
    """Show in one line what was done with a store."""
    mark = fragment("✓ ", colour=GOOD, is_bold=True) if is_good else fragment("✗ ", colour=BAD, is_bold=True)
    return lines([mark + fragment(store.label, is_bold=True) + _facts([what, store.name], is_offline)])


def _facts(facts: Sequence[str], is_offline: bool) -> Fragment:
    shown = [*facts, *([OFFLINE] if is_offline else [])]
    return fragment("".join(f" · {fact}" for fact in shown if fact))


def _counts(store: FileSearchStore) -> str:
    others = [
        f"{store.pending} pending" if store.pending else "",
        f"{store.failed} failed" if store.failed else "",
    ]
    return ", ".join([str(store.active), *filter(None, others)])


def _metadata(document: Document) -> str:
    """Return what was said of a document; the mark by which we know it again is nobody's concern."""
    return ", ".join(
        f"{key}={_value(value)}" for key, value in document.metadata.items() if key != "gemfiles"
    )


def _value(value: MetadataValue) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, (str, int, float)) else "|".join(value)

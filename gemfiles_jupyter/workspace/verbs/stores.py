"""The verbs of ``store``: their options, and what they do, the same for magics and command line."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence

from ...client.store_models import DocumentOptions, MetadataValue
from ...errors import AllFailed, InvalidUsage
from ...transfers.progress import Progress
from ...transfers.transfer import TransferOptions
from ...views.quantities import count_text
from ...views.rows import batch_step, batch_view
from ...views.stores import (
    added_line,
    documents_view,
    reading_view,
    store_line,
    store_view,
    stores_view,
)
from ...views.view import View, fragment, lines
from ..stores import Added, Store
from ..workspace import current_workspace
from .desk import Desk
from .parsing import VerbParser, positive
from .selecting import FILE
from .uploads import add_folders, add_waiting
from .verb import Verb

__all__ = ["STORE_VERB"]

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(action="ls")
    verbs = parser.add_subparsers(dest="action", metavar="ACTION", parser_class=VerbParser)
    verbs.add_parser("ls", help="list stores (also what bare store does)")
    create = verbs.add_parser("create", help="make a store, unless there is one of that name")
    create.add_argument("name", metavar="NAME", help="display name")
    for name, text in (("info", "show one store"), ("documents", "list the documents of a store")):
        _add_name(verbs.add_parser(name, help=text))
    upload = verbs.add_parser("upload", help="add documents, and wait until they can be searched")
    _add_name(upload)
    upload.add_argument(
        "sources", nargs="+", metavar="SOURCE", help="path, pattern or folder; in a notebook also $variable"
    )
    add_folders(upload)
    upload.add_argument("--name", metavar="TEXT", help="display name, instead of the file's own")
    upload.add_argument("--mime", metavar="TYPE", help="MIME type, instead of recognising it")
    imported = verbs.add_parser("import", help="add files that are stored already")
    _add_name(imported)
    imported.add_argument("files", nargs="+", metavar="FILE", help=FILE)
    for added in (upload, imported):
        _add_document_options(added)
    removed = verbs.add_parser("rm", help="delete a store, or some of its documents")
    _add_name(removed)
    removed.add_argument("documents", nargs="*", metavar="DOCUMENT", help="display name or id")
    removed.add_argument("-y", dest="is_sure", action="store_true", help="do not ask")


def _store(chosen: argparse.Namespace, desk: Desk) -> Store | Sequence[Store] | None:
    verbs: dict[str, Callable[[argparse.Namespace, Desk], Store | Sequence[Store] | None]] = {
        "ls": _ls,
        "create": _create,
        "info": _info,
        "documents": _documents,
        "upload": _upload,
        "import": _import,
        "rm": _rm,
    }
    return verbs[chosen.action or "ls"](chosen, desk)


def _ls(_: argparse.Namespace, desk: Desk) -> Sequence[Store]:
    stores = Store.list()
    desk.finish(stores_view([store.facts for store in stores], note=current_workspace().note))
    return stores


def _create(chosen: argparse.Namespace, desk: Desk) -> Store:
    before = {store.name for store in Store.list()}
    store = Store.create(chosen.name)
    what = "exists already" if store.name in before else "created"
    desk.finish(store_line(store.facts, what, is_offline=_is_offline()))
    return store


def _info(chosen: argparse.Namespace, desk: Desk) -> Store:
    store = desk.store(chosen.store).refreshed()
    desk.finish(store_view(store.facts, note=current_workspace().note))
    return store


def _documents(chosen: argparse.Namespace, desk: Desk) -> None:
    desk.finish(documents_view(desk.store(chosen.store).documents(), note=current_workspace().note))


def _upload(chosen: argparse.Namespace, desk: Desk) -> Store:
    store = desk.store(chosen.store)

    def on_progress(batch: tuple[Progress, ...]) -> None:
        desk.update(batch_view(batch, is_offline=_is_offline()), batch_step(batch))

    added = store.send(
        [spec for token in chosen.sources for spec in desk.sources(token)],
        _document_options(chosen),
        on_progress,
        transfer=TransferOptions(display_name=chosen.name, mime_type=chosen.mime),
        is_recursive=chosen.is_recursive,
        include=chosen.include,
        exclude=chosen.exclude,
        is_waiting=chosen.is_waiting,
        timeout_seconds=chosen.timeout,
        on_read=_reader(desk),
    )
    return _show_added(store, added, desk)


def _import(chosen: argparse.Namespace, desk: Desk) -> Store:
    store = desk.store(chosen.store)
    added = store.add(
        [current_workspace().find(desk.reference(token)) for token in chosen.files],
        _document_options(chosen),
        is_waiting=chosen.is_waiting,
        timeout_seconds=chosen.timeout,
        on_read=_reader(desk),
    )
    return _show_added(store, added, desk)


def _rm(chosen: argparse.Namespace, desk: Desk) -> None:
    store = desk.store(chosen.store).refreshed()
    if chosen.documents:
        _rm_documents(store, chosen, desk)
        return
    count = store.facts.document_count
    held = f"with its {count_text(count, 'document')}"
    question = f"Delete the store {store.label} {held}? They can't be brought back. [y/N] "
    if count and not chosen.is_sure and not desk.confirm(question, f"This deletes {store.label} {held}."):
        desk.finish(_nothing())
        return
    store.delete(force=bool(count))
    what = f"deleted {held}" if count else "deleted"
    desk.finish(store_line(store.facts, what, is_offline=_is_offline()))


def _rm_documents(store: Store, chosen: argparse.Namespace, desk: Desk) -> None:
    documents = [store.find(reference) for reference in dict.fromkeys(chosen.documents)]
    # One document that was named exactly is meant; more is asked about.
    count = len(documents)
    question = f"Delete {count} documents of {store.label}? They can't be brought back. [y/N] "
    statement = f"This deletes {count} documents of {store.label}."
    if count > 1 and not chosen.is_sure and not desk.confirm(question, statement):
        desk.finish(_nothing())
        return
    for document in documents:
        store.remove(document)
    names = ", ".join(document.label for document in documents)
    desk.finish(store_line(store.facts, f"deleted {names}", is_offline=_is_offline()))


def _show_added(store: Store, added: Sequence[Added], desk: Desk) -> Store:
    """Show how adding ended; a single failure is the line's own."""
    if len(added) == 1 and added[0].error:
        raise added[0].error
    rows = [
        added_line(
            item.label,
            store.facts,
            item.document,
            is_reused=item.is_reused,
            error=str(item.error or ""),
            is_offline=_is_offline(),
        )
        for item in added
    ]
    desk.finish(lines(rows))
    if added and all(item.error for item in added):
        raise AllFailed(f"None of {len(added)} documents was added.", hint="Each line above says why.")
    return store.refreshed()


def _reader(desk: Desk) -> Callable[[str, float], None]:
    return lambda label, waited: desk.update(reading_view(label, waited), (label, int(waited) // 10))


def _add_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("store", metavar="STORE", help="display name, ID or fileSearchStores/ID")


def _add_document_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--meta",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="said of each document, for filters: text or a number; a key given twice has several values",
    )
    parser.add_argument(
        "--chunk-words", type=positive, metavar="N", help="size of the pieces that are searched, up to 512"
    )
    parser.add_argument(
        "--overlap-words", type=positive, metavar="N", help="words that two neighbouring pieces share"
    )
    add_waiting(parser, "they can be searched")


def _document_options(chosen: argparse.Namespace) -> DocumentOptions:
    return DocumentOptions(_metadata(chosen.meta), chosen.chunk_words, chosen.overlap_words)


def _metadata(items: Sequence[str]) -> dict[str, MetadataValue]:
    given: dict[str, list[str]] = {}
    for item in items:
        key, equals, value = item.partition("=")
        if not key.strip() or not equals:
            raise InvalidUsage(f"--meta {item} is not KEY=VALUE.", hint="For example --meta year=1934.")
        given.setdefault(key.strip(), []).append(value)
    return {key: values if len(values) > 1 else _value(values[0]) for key, values in given.items()}


def _value(text: str) -> MetadataValue:
    return float(text) if _NUMBER.fullmatch(text) else text


def _nothing() -> View:
    return lines([fragment("Nothing was deleted.")])


def _is_offline() -> bool:
    return current_workspace().is_offline


STORE_VERB = Verb("store", "file search stores: documents that a prompt can search", _store, _declare)

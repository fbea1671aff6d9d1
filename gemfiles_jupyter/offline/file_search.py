"""The file search tool of a prompt: the chunks that share most words with it, found without a model."""

from __future__ import annotations

import heapq
import re
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass

from . import problems
from .backend import Backend
from .lenient_json import field, list_field, object_field
from .problems import JsonObject, Problem
from .store_resources import DocumentState, StoredDocument

_WORD = re.compile(r"\w+")
_DEFAULT_RESULTS = 5
_MAX_RESULTS = 100
_BATCH = 500
_STORE_NAME = re.compile("(?:fileSearchStores|ragStores)/([^/:]+)")


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk that was found."""

    store_name: str
    title: str
    text: str
    custom_metadata: tuple[JsonObject, ...] = ()

    def to_json(self) -> JsonObject:
        """Return the chunk as grounding metadata has it."""
        context: JsonObject = {"title": self.title, "text": self.text, "fileSearchStore": self.store_name}
        if self.custom_metadata:
            context["customMetadata"] = list(self.custom_metadata)
        return {"retrievedContext": context}


@dataclass(frozen=True, slots=True)
class Search:
    """What a search came to; the best passage is first."""

    passages: tuple[Passage, ...]
    chunk_count: int
    is_filtered: bool

    def grounding_json(self) -> JsonObject:
        """Return the grounding metadata of the answer."""
        return {"groundingChunks": [passage.to_json() for passage in self.passages]}


async def search_stores(backend: Backend, key_hash: str, message: JsonObject, words: str) -> Search | None:
    """Do what the prompt's ``tools: [{fileSearch: ...}]`` asks; None when it asks for no search.

    Raises
    ------
    Problem
        A store that it names does not exist for this key.
    """
    tools = [tool for tool in list_field(message, "tools") if isinstance(tool, dict)]
    asked = [object_field(tool, "fileSearch", "tools") for tool in tools]
    asked = [tool for tool in asked if tool]
    if not asked:
        return None
    wanted = _words(words)
    limit = max(_result_count(tool) for tool in asked)
    best: list[tuple[int, Passage]] = []
    chunk_count = 0
    for store_name in dict.fromkeys(name for tool in asked for name in _store_names(tool)):
        async for document, texts in _chunks(backend, key_hash, store_name):
            chunk_count += len(texts)
            scores = await backend.storage.work(_scores, wanted, texts)
            found = zip(scores, texts, strict=True)
            best += [(score, _passage(store_name, document, text)) for score, text in found if score]
            best = heapq.nlargest(limit, best, key=lambda item: item[0])
    passages = tuple(passage for _, passage in best)
    is_filtered = any(field(tool, "metadataFilter") for tool in asked)
    return Search(passages, chunk_count, is_filtered)


async def _chunks(
    backend: Backend, key_hash: str, store_name: str
) -> AsyncIterator[tuple[StoredDocument, list[str]]]:
    """Yield the chunks of all active documents of a store, a batch at a time."""
    match = _STORE_NAME.fullmatch(store_name)
    if match is None:
        raise Problem(400, f"* file_search_store_names: not the name of a store: {store_name[:100]!r}")
    storage, store_id, now = backend.storage, match.group(1), backend.clock.now_ns()
    stores = storage.catalogue.stores
    if await storage.ask(stores.store, store_id, key_hash, now) is None:
        raise problems.no_such_store(store_id)
    before: int | None = None
    while documents := await storage.ask(stores.documents, store_id, before, _BATCH):
        before = documents[-1].sequence
        for document in documents:
            if document.state_at(now) is not DocumentState.ACTIVE:
                continue
            after = -1
            while batch := await storage.ask(stores.chunks, document.sequence, after, _BATCH):
                after = batch[-1][0]
                yield document, [text for _, text in batch]


def _passage(store_name: str, document: StoredDocument, text: str) -> Passage:
    title = document.request.display_name or document.document_id
    return Passage(store_name, title, text, document.request.custom_metadata)


def _scores(wanted: Collection[str], texts: Sequence[str]) -> list[int]:
    return [len(_words(text).intersection(wanted)) for text in texts]


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


def _store_names(tool: JsonObject) -> list[str]:
    names = [str(name) for name in list_field(tool, "fileSearchStoreNames")]
    if not names:
        raise Problem(400, "* tools.file_search: file_search_store_names is not specified")
    return names


def _result_count(tool: JsonObject) -> int:
    count = field(tool, "topK")
    if count is None:
        return _DEFAULT_RESULTS
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= _MAX_RESULTS:
        raise problems.bad_value("tools.file_search.top_k", "TYPE_INT32", count)
    return count

"""File search stores on the wire: stores, documents, operations, and uploads by every protocol."""

from __future__ import annotations

import io
import json
import re
from urllib.parse import urlsplit

import pytest

from gemfiles_jupyter.offline.testing import OfflineServer

STORES = "/v1beta/fileSearchStores"
CHUNK = 8 * 1024**2
BOUNDARY = "frontier-123"
OTHER_KEY = "another-key"
MOST_POLLS = 2000
UPLOAD_TYPE = "type.googleapis.com/google.ai.generativelanguage.v1main.UploadToFileSearchStoreResponse"


class Shop:
    """Calls of the stores' API over one wire."""

    def __init__(self, wire):
        self.wire = wire

    def create(self, **store):
        answer = self.wire.request("POST", STORES, store)
        assert answer.status == 200, answer.body
        return answer.json["name"]

    def get(self, name):
        answer = self.wire.get(f"/v1beta/{name}")
        assert answer.status == 200, answer.body
        return answer.json

    def start(self, store, size=None, mime_type="text/plain", *, expect=200, **request):
        headers = {
            "X-Goog-Upload-Protocol": "resumable",
            "X-Goog-Upload-Command": "start",
            "X-Goog-Upload-Header-Content-Type": mime_type,
        }
        if size is not None:
            headers["X-Goog-Upload-Header-Content-Length"] = str(size)
        answer = self.wire.request(
            "POST", f"/upload/v1beta/{store}:uploadToFileSearchStore", request, headers
        )
        assert answer.status == expect, answer.body
        if expect != 200:
            return answer
        parts = urlsplit(answer.headers["X-Goog-Upload-URL"])
        return f"{parts.path}?{parts.query}"

    def upload(self, store, content, mime_type="text/plain", **request):
        """Send a document and return its operation."""
        session = self.start(store, len(content), mime_type, **request)
        answer = self.wire.command(session, "upload, finalize", content, 0)
        assert answer.status == 200, answer.body
        return answer.json

    def finished(self, operation):
        """Poll an operation to its end."""
        for _ in range(MOST_POLLS):
            operation = self.get(operation["name"])
            if operation.get("done"):
                return operation
        raise AssertionError(f"still not done: {operation}")

    def add(self, store, content, mime_type="text/plain", **request):
        """Send a document, and return it once it is read."""
        operation = self.finished(self.upload(store, content, mime_type, **request))
        return self.get(operation["response"]["documentName"])

    def search(self, store, words, **tool):
        tools = [{"fileSearch": {"fileSearchStoreNames": [store], **tool}}]
        answer = self.wire.generate([{"text": words}], tools=tools)
        assert answer.status == 200, answer.body
        (candidate,) = answer.json["candidates"]
        found = candidate["groundingMetadata"]["groundingChunks"]
        return [item["retrievedContext"] for item in found], candidate["content"]["parts"][0]["text"]


@pytest.fixture
def shop(wire):
    return Shop(wire)


@pytest.fixture
def store(shop):
    return shop.create(displayName="lectures")


def pdf_with(words: str) -> bytes:
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    page = writer.add_blank_page(300, 200)
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    font_object = DictionaryObject({NameObject(key): NameObject(value) for key, value in font.items()})
    fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font_object)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    stream = DecodedStreamObject()
    stream.set_data(f"BT /F1 12 Tf 20 100 Td ({words}) Tj ET".encode())
    page[NameObject("/Contents")] = writer._add_object(stream)
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


# Stores


@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha"])
@pytest.mark.parametrize("collection", ["fileSearchStores", "ragStores"])
def test_a_store_is_made_shown_listed_and_deleted(wire, version, collection):
    made = wire.request("POST", f"/{version}/{collection}", {"displayName": "My Lectures!"})
    name = made.json["name"]

    shown = wire.get(f"/{version}/{name}")
    listed = wire.get(f"/{version}/{collection}")
    deleted = wire.request("DELETE", f"/{version}/{name}")

    assert re.fullmatch(f"{collection}/my-lectures-[a-z0-9]{{12}}", name)
    assert list(made.json) == ["name", "displayName", "createTime", "updateTime"]
    assert shown.json == made.json
    assert listed.json == {collection: [made.json]}
    assert (deleted.status, deleted.json) == (200, {})
    assert wire.get(f"/{version}/{name}").status == 403
    assert wire.get(f"/{version}/{collection}").json == {}


@pytest.mark.parametrize(
    ("display_name", "pattern"),
    [
        ("", "[a-z0-9]{12}-[a-z0-9]{12}"),
        ("大きさ", "[a-z0-9]{12}-[a-z0-9]{12}"),
        ("kb/change log.md", "kbchange-logmd-[a-z0-9]{12}"),
        ("x" * 512, "x{27}-[a-z0-9]{12}"),
        ("- a -", "a-[a-z0-9]{12}"),
    ],
    ids=["none", "nothing to keep", "signs", "long", "dashes"],
)
def test_the_id_keeps_what_it_can_of_the_name(shop, display_name, pattern):
    assert re.fullmatch(f"fileSearchStores/{pattern}", shop.create(displayName=display_name))


def test_stores_come_in_pages_of_10_and_at_most_20(wire, shop):
    made = [shop.create(displayName=f"store {number}") for number in range(23)][::-1]

    first = wire.get(STORES).json
    most = wire.get(f"{STORES}?pageSize=100").json
    second = wire.get(f"{STORES}?pageSize=20&pageToken={most['nextPageToken']}").json

    names = [[store["name"] for store in page["fileSearchStores"]] for page in (first, most, second)]
    assert names == [made[:10], made[:20], made[20:]]
    assert "nextPageToken" not in second


@pytest.mark.parametrize("query", ["pageSize=x", "pageSize=-1", "pageToken=nonsense"])
def test_a_wrong_page_is_400(wire, query):
    assert wire.get(f"{STORES}?{query}").status == 400


@pytest.mark.parametrize(
    "body", ["[]", "{", {"displayName": 3}, {"displayName": "x" * 513}], ids=["list", "cut", "number", "long"]
)
def test_a_wrong_store_is_400(wire, body):
    assert wire.request("POST", STORES, body).status == 400


def test_a_store_is_its_keys_alone(wire, shop, store):
    document = shop.add(store, b"secret words")["name"]
    operation = document.replace("/documents/", "/upload/operations/")
    tools = [{"fileSearch": {"fileSearchStoreNames": [store]}}]
    body = {"contents": [{"parts": [{"text": "secret"}]}], "tools": tools}
    start = {"X-Goog-Upload-Protocol": "resumable", "X-Goog-Upload-Command": "start"}

    statuses = [
        wire.get(f"/v1beta/{store}", key=OTHER_KEY).status,
        wire.get(f"/v1beta/{store}/documents", key=OTHER_KEY).status,
        wire.get(f"/v1beta/{document}", key=OTHER_KEY).status,
        wire.get(f"/v1beta/{operation}", key=OTHER_KEY).status,
        wire.request("DELETE", f"/v1beta/{document}?force=true", key=OTHER_KEY).status,
        wire.request("DELETE", f"/v1beta/{store}?force=true", key=OTHER_KEY).status,
        wire.request("POST", f"/v1beta/{store}:importFile", {"fileName": "files/a"}, key=OTHER_KEY).status,
        wire.request("POST", f"/v1beta/{store}:uploadToFileSearchStore", {}, key=OTHER_KEY).status,
        wire.request(
            "POST", f"/upload/v1beta/{store}:uploadToFileSearchStore", {}, start, key=OTHER_KEY
        ).status,
        wire.request("POST", "/v1beta/models/gemini-2.5-flash:generateContent", body, key=OTHER_KEY).status,
    ]

    assert statuses == [403, 403, 403, 404, 403, 403, 403, 403, 403, 403]
    assert wire.get(STORES, key=OTHER_KEY).json == {}
    assert wire.get(STORES, key=None).status == 403
    assert shop.get(store)["activeDocumentsCount"] == "1"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "POST"])
def test_a_method_that_a_store_has_not_is_405(wire, store, method):
    assert wire.request(method, f"/v1beta/{store}", {}).status == 405


# Documents and operations


def test_a_document_is_pending_until_its_time_is_over(server, wire, shop, store):
    server.set(processing_seconds=60)

    answer = shop.upload(store, b"some words", displayName="notes.txt")
    document = answer["response"]["documentName"]
    early, counts = shop.get(document), shop.get(store)
    polled = shop.get(answer["name"])
    server.advance(61)
    done = shop.finished(answer)

    name = document.rpartition("/")[2]
    assert re.fullmatch("notestxt-[a-z0-9]{12}", name)
    assert answer == {
        "name": f"{store}/upload/operations/{name}",
        "response": {
            "@type": UPLOAD_TYPE,
            "parent": store,
            "documentName": f"{store}/documents/{name}",
            "mimeType": "text/plain",
            "sizeBytes": "10",
        },
    }
    assert polled == {"name": answer["name"]}
    assert done == {"name": answer["name"], "done": True, "response": answer["response"]}
    assert early["state"] == "STATE_PENDING"
    assert (counts["pendingDocumentsCount"], counts["sizeBytes"]) == ("1", "10")
    assert "activeDocumentsCount" not in counts
    late = shop.get(document)
    assert late["state"] == "STATE_ACTIVE"
    assert late["updateTime"] > late["createTime"]
    assert list(late) == [
        *("name", "displayName", "updateTime", "createTime", "state", "sizeBytes", "mimeType")
    ]
    assert shop.get(store)["activeDocumentsCount"] == "1"
    assert wire.get(f"/v1beta/{store}/documents").json == {"documents": [late]}


@pytest.mark.parametrize(
    ("content", "mime_type", "reason"),
    [
        (b"%PDF-1.4 broken", "application/pdf", "could not be read"),
        (b"\x89PNG", "image/png", "The offline server reads text and PDF, not image/png."),
    ],
    ids=["broken", "unreadable"],
)
def test_a_document_that_cannot_be_read_fails_with_the_reason(shop, store, content, mime_type, reason):
    answer = shop.upload(store, content, mime_type)

    done = shop.finished(answer)

    assert done["error"]["code"] == 3
    assert reason in done["error"]["message"]
    assert "response" not in done
    assert shop.get(answer["response"]["documentName"])["state"] == "STATE_FAILED"
    assert shop.get(store)["failedDocumentsCount"] == "1"


def test_a_test_decides_how_processing_ends(server, shop, store):
    server.set(processing_outcome="failed")

    done = shop.finished(shop.upload(store, b"words"))

    assert done["error"]["message"] == "The document could not be processed."


def test_documents_come_in_pages(wire, shop, store):
    for number in range(5):
        shop.add(store, b"words", displayName=f"d{number}")

    first = wire.get(f"/v1beta/{store}/documents?pageSize=3").json
    second = wire.get(f"/v1beta/{store}/documents?pageSize=3&pageToken={first['nextPageToken']}").json

    names = [document["displayName"] for document in first["documents"] + second["documents"]]
    assert names == ["d4", "d3", "d2", "d1", "d0"]
    assert "nextPageToken" not in second


@pytest.mark.parametrize("force", ["true", "True", "1"])
def test_what_is_not_empty_is_deleted_only_by_force(wire, server, shop, store, force):
    document = shop.add(store, b"words")["name"]
    shop.add(store, b"more words")

    refused = wire.request("DELETE", f"/v1beta/{store}")
    also_refused = wire.request("DELETE", f"/v1beta/{document}?force=false")
    first = wire.request("DELETE", f"/v1beta/{document}?force={force}")
    second = wire.request("DELETE", f"/v1beta/{store}?force={force}")

    error = {
        "code": 400,
        "message": "Cannot delete non-empty FileSearchStore",
        "status": "FAILED_PRECONDITION",
    }
    assert refused.json == {"error": error}
    assert also_refused.message == "Cannot delete non-empty Document"
    assert (first.status, second.status) == (200, 200)
    assert wire.get(f"/v1beta/{document}").status == 403
    assert list((server.data / "blobs").iterdir()) == []


def test_a_document_without_chunks_needs_no_force(wire, shop, store):
    document = shop.add(store, b"")["name"]

    assert wire.request("DELETE", f"/v1beta/{document}").status == 200
    assert wire.request("DELETE", f"/v1beta/{store}").status == 200


def test_a_flag_that_is_none_is_400(wire, store):
    assert wire.request("DELETE", f"/v1beta/{store}?force=perhaps").status == 400


@pytest.mark.parametrize("path", ["operations/x", "upload/operations/x", "documents/x"])
def test_what_is_not_there_is_said(wire, store, path):
    answer = wire.get(f"/v1beta/{store}/{path}")

    assert answer.status in (403, 404)
    assert answer.json["error"]["status"] in ("PERMISSION_DENIED", "NOT_FOUND")


def test_an_upload_is_no_import(wire, shop, store):
    name = shop.upload(store, b"words")["name"]

    assert wire.get(f"/v1beta/{name.replace('/upload', '')}").status == 404


# Uploads


def test_a_session_takes_chunks_and_says_its_end_again(shop, wire, store):
    content = b"word " * (CHUNK // 5 + 1)
    session = shop.start(store, len(content), displayName="long")

    assert session.startswith(f"/upload/v1beta/{store}:uploadToFileSearchStore?upload_id=")
    assert wire.command(session, "upload", content[:CHUNK], 0).upload_status == "active"
    assert wire.query(session).received == CHUNK
    final = wire.command(session, "upload, finalize", content[CHUNK:], CHUNK)
    again = wire.query(session)

    assert final.upload_status == again.upload_status == "final"
    assert final.json["response"]["sizeBytes"] == str(len(content))
    assert again.json == final.json
    assert len(wire.get(f"/v1beta/{store}/documents").json["documents"]) == 1


@pytest.mark.parametrize("method", ["uploadToFileSearchStore", "uploadToRagStore"])
@pytest.mark.parametrize("collection", ["fileSearchStores", "ragStores"])
@pytest.mark.parametrize(
    ("query", "headers"),
    [("", {"X-Goog-Upload-Protocol": "multipart"}), ("?uploadType=multipart", {})],
    ids=["protocol", "uploadType"],
)
def test_multipart_is_a_document(wire, shop, store, method, collection, query, headers):
    store = store.replace("fileSearchStores", collection)
    body = (
        f'--{BOUNDARY}\r\nContent-Type: application/json\r\n\r\n{{"display_name": "Größe"}}\r\n'
        f"--{BOUNDARY}\r\nContent-Type: text/markdown\r\n\r\n# words\r\n--{BOUNDARY}--"
    ).encode()
    headers = {"Content-Type": f"multipart/related; boundary={BOUNDARY}", **headers}

    answer = wire.request("POST", f"/upload/v1/{store}:{method}{query}", body, headers)

    assert answer.status == 200, answer.body
    document = shop.get(answer.json["response"]["documentName"])
    assert document["name"].startswith(f"{collection}/")
    assert (document["displayName"], document["mimeType"]) == ("Größe", "text/markdown")
    assert document["sizeBytes"] == "7"


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("", {"X-Goog-Upload-Protocol": "raw", "X-Goog-Upload-Header-Content-Type": "text/csv"}),
        ("?uploadType=media", {"Content-Type": "text/csv"}),
    ],
    ids=["protocol", "uploadType"],
)
def test_raw_bytes_are_a_document(wire, shop, store, query, headers):
    answer = wire.request("POST", f"/upload/v1beta/{store}:uploadToRagStore{query}", b"a,b", headers)

    assert shop.get(answer.json["response"]["documentName"])["mimeType"] == "text/csv"


def test_the_older_resumable_protocol_makes_a_document(wire, store):
    headers = {"X-Upload-Content-Type": "text/plain", "X-Upload-Content-Length": "6"}
    path = f"/upload/v1beta/{store}:uploadToRagStore?uploadType=resumable"
    parts = urlsplit(wire.request("POST", path, {"displayName": "x"}, headers).headers["Location"])
    session = f"{parts.path}?{parts.query}"

    half = wire.request("PUT", session, b"abc", {"Content-Range": "bytes 0-2/6"}, key=None)
    whole = wire.request("PUT", session, b"def", {"Content-Range": "bytes 3-5/6"}, key=None)

    assert (half.status, whole.status) == (308, 200)
    assert whole.json["response"]["sizeBytes"] == "6"


def test_metadata_alone_makes_an_empty_document(wire, shop, store):
    answer = wire.request("POST", f"/v1beta/{store}:uploadToFileSearchStore", {"displayName": "empty"})

    shop.finished(answer.json)
    document = shop.get(answer.json["response"]["documentName"])
    assert (document["displayName"], document["sizeBytes"]) == ("empty", "0")
    assert document["state"] == "STATE_ACTIVE"


@pytest.mark.parametrize(
    ("content", "mime_type"),
    [(b"words", "text/plain"), (b"%PDF-1.7", "application/pdf")],
    ids=["text", "pdf"],
)
def test_a_type_that_is_not_said_is_seen(shop, store, content, mime_type):
    answer = shop.upload(store, content, "application/octet-stream")

    assert answer["response"]["mimeType"] == mime_type


def test_a_refused_type_ends_the_upload(shop, wire, store, server):
    session = shop.start(store, 2, "application/x-msdownload")

    answer = wire.command(session, "upload, finalize", b"MZ", 0)
    again = wire.query(session)

    assert (answer.status, answer.upload_status) == (400, "final")
    assert answer.message == again.message == "Unsupported MIME type: application/x-msdownload"
    assert list((server.data / "blobs").iterdir()) == []


def test_more_than_100_mib_are_refused_before_they_are_sent(shop, wire, store):
    limit = 100 * 1024**2

    refused = shop.start(store, limit + 1, expect=400)
    taken = shop.start(store, limit)
    raw = wire.raw(
        f"POST /upload/v1/{store}:uploadToFileSearchStore?uploadType=media HTTP/1.1\r\n"
        f"Host: {wire.netloc}\r\nx-goog-api-key: {wire.server.key}\r\nExpect: 100-continue\r\n"
        f"Content-Length: {limit + 2 * 1024**2}\r\nConnection: close\r\n\r\n".encode()
    )

    assert refused.message == f"File size exceeds the limit of {limit} bytes."
    assert taken
    assert b" 400 " in raw.splitlines()[0]


def test_a_store_that_goes_away_ends_its_uploads(shop, wire, store):
    session = shop.start(store, 5)
    wire.request("DELETE", f"/v1beta/{store}")

    answer = wire.command(session, "upload, finalize", b"words", 0)

    assert (answer.status, answer.upload_status) == (403, "final")
    assert "FileSearchStore" in answer.message


def test_documents_take_nothing_of_the_files_storage(server, wire, shop, store):
    server.set(quota_bytes=10)

    shop.add(store, b"w " * 50)

    assert wire.upload(b"0123456789")["sizeBytes"] == "10"


# Import


def test_an_imported_file_outlives_the_file(wire, shop, store):
    file = wire.upload(b"owls hunt at night", displayName="owls.txt")["name"]

    begun = wire.request(
        "POST",
        f"/v1beta/{store}:importFile",
        {"file_name": file, "customMetadata": [{"key": "a", "stringValue": "b"}]},
    )
    wire.request("DELETE", f"/v1beta/{file}")
    done = shop.finished(begun.json)

    assert begun.json["name"].startswith(f"{store}/operations/owlstxt-")
    assert list(begun.json) == ["name"]
    assert done["response"]["@type"].endswith(".ImportFileResponse")
    assert done["response"]["parent"] == store
    document = shop.get(done["response"]["documentName"])
    assert document["displayName"] == "owls.txt"
    assert document["customMetadata"] == [{"key": "a", "stringValue": "b"}]
    assert shop.search(store, "owls")[0][0]["text"] == "owls hunt at night"


def test_what_cannot_be_imported_is_refused(server, wire, store, mp4):
    server.set(processing_seconds=60)
    film = wire.upload(mp4, "video/mp4")["name"]

    def imported(name):
        answer = wire.request("POST", f"/v1beta/{store}:importFile", {"fileName": name})
        return answer.status, answer.json["error"]["status"]

    assert imported("files/nothing") == (403, "PERMISSION_DENIED")
    assert imported(film) == (400, "FAILED_PRECONDITION")
    assert imported("") == (400, "INVALID_ARGUMENT")
    assert wire.get(f"/v1beta/{store}/documents").json == {}


# Metadata and chunking


def test_every_kind_of_metadata_comes_back(shop, store):
    sent = [
        {"key": "author", "string_value": "Robert Graves"},
        {"key": "year", "numericValue": 1934},
        {"key": "tags", "stringListValue": {"values": ["a", "b"]}},
        *({"key": f"k{number}", "stringValue": ""} for number in range(17)),
    ]

    document = shop.add(store, b"words", customMetadata=sent)

    assert document["customMetadata"] == [{"key": "author", "stringValue": "Robert Graves"}, *sent[1:]]


WRONG = {
    "21 keys": {"customMetadata": [{"key": f"k{number}", "stringValue": "v"} for number in range(21)]},
    "no key": {"customMetadata": [{"stringValue": "v"}]},
    "no value": {"customMetadata": [{"key": "k"}]},
    "two values": {"customMetadata": [{"key": "k", "stringValue": "v", "numericValue": 1}]},
    "a text for a number": {"customMetadata": [{"key": "k", "numericValue": "1"}]},
    "a truth for a number": {"customMetadata": [{"key": "k", "numericValue": True}]},
    "a number without end": {"customMetadata": [{"key": "k", "numericValue": 10**400}]},
    "numbers in a list": {"customMetadata": [{"key": "k", "stringListValue": {"values": [1]}}]},
    "key twice": {"customMetadata": [{"key": "k", "stringValue": "v"}, {"key": "k", "stringValue": "w"}]},
    "no message": {"customMetadata": ["k"]},
    "513 words": {"chunkingConfig": {"whiteSpaceConfig": {"maxTokensPerChunk": 513}}},
    "no words": {"chunkingConfig": {"whiteSpaceConfig": {"maxTokensPerChunk": 0}}},
    "all overlap": {"chunkingConfig": {"whiteSpaceConfig": {"maxTokensPerChunk": 5, "maxOverlapTokens": 5}}},
    "negative overlap": {"chunkingConfig": {"whiteSpaceConfig": {"maxOverlapTokens": -1}}},
    "a word for words": {"chunkingConfig": {"whiteSpaceConfig": {"maxTokensPerChunk": "many"}}},
    "long name": {"displayName": "x" * 513},
}


@pytest.mark.parametrize("request_", WRONG.values(), ids=WRONG)
def test_a_request_that_breaks_a_rule_is_refused_at_the_start(shop, wire, store, request_):
    file = wire.upload(b"x")["name"]

    answer = shop.start(store, 1, expect=400, **request_)
    imported = wire.request("POST", f"/v1beta/{store}:importFile", {"fileName": file, **request_})

    assert answer.json["error"]["status"] == "INVALID_ARGUMENT"
    assert imported.status == 400


def chunking(words: object, overlap: object) -> dict[str, object]:
    return {"whiteSpaceConfig": {"maxTokensPerChunk": words, "max_overlap_tokens": overlap}}


def test_chunks_are_as_asked_and_can_be_counted(shop, store):
    words = [f"w{number}" for number in range(95)]

    shop.add(store, " ".join(words).encode(), chunkingConfig=chunking("10", 2))
    found, text = shop.search(store, " ".join(words), topK=100)

    assert sorted(item["text"] for item in found) == sorted(
        " ".join(words[start : start + 10]) for start in range(0, 93, 8)
    )
    assert "Of 12 chunks" in text


def test_the_text_of_a_pdf_is_cut_too(shop, store):
    shop.add(
        store,
        pdf_with("Owls hunt at night and sleep by day"),
        "application/pdf",
        chunkingConfig=chunking(4, 0),
    )

    found, _ = shop.search(store, "sleep")

    assert [item["text"].split() for item in found] == [["and", "sleep", "by", "day"]]


# The file search tool


def test_the_best_chunk_answers_and_is_named(shop, store):
    shop.add(store, b"Owls hunt at night.", displayName="owls.txt")
    metadata = [{"key": "author", "stringValue": "Graves"}]
    shop.add(
        store, b"Who wrote Claudius? Robert Graves did.", displayName="books.txt", customMetadata=metadata
    )
    shop.add(store, b"", displayName="empty.txt")

    found, text = shop.search(store, "Who wrote Claudius at night?", topK=2)

    assert found == [
        {
            "title": "books.txt",
            "text": "Who wrote Claudius? Robert Graves did.",
            "fileSearchStore": store,
            "customMetadata": metadata,
        },
        {"title": "owls.txt", "text": "Owls hunt at night.", "fileSearchStore": store},
    ]
    assert "this one from `books.txt` fits best" in text
    assert "    Who wrote Claudius? Robert Graves did." in text
    assert "not a model" in text


def test_no_chunk_that_fits_is_said_too(shop, store):
    shop.add(store, b"Owls hunt at night.")

    found, text = shop.search(store, "zebra", metadataFilter='author="x"')

    assert found == []
    assert "none shares a word" in text
    assert "filter was not applied" in text


def test_a_pending_document_is_not_found(server, shop, store):
    server.set(processing_seconds=60)
    shop.upload(store, b"Owls hunt at night.")

    assert shop.search(store, "owls")[0] == []


def test_the_last_event_of_a_stream_is_grounded(shop, wire, store):
    shop.add(store, b"Owls hunt at night.")
    tools = [{"file_search": {"file_search_store_names": [store]}}]

    answer = wire.generate([{"text": "owls"}], "streamGenerateContent?alt=sse", tools=tools)

    events = [json.loads(line[6:]) for line in answer.body.decode().splitlines() if line]
    assert [("groundingMetadata" in event["candidates"][0]) for event in events] == [
        *[False] * (len(events) - 1),
        True,
    ]


@pytest.mark.parametrize(
    ("tool", "status"),
    [
        ({}, 200),
        ({"topK": 3}, 400),
        ({"fileSearchStoreNames": ["fileSearchStores/nothing"]}, 403),
        ({"fileSearchStoreNames": ["nonsense"]}, 400),
        ({"fileSearchStoreNames": ["fileSearchStores/nothing"], "topK": 0}, 400),
        ({"fileSearchStoreNames": ["fileSearchStores/nothing"], "topK": "x"}, 400),
    ],
    ids=["nothing", "no names", "no such store", "no name", "none wanted", "no number"],
)
def test_a_tool_that_asks_for_what_is_not_there_is_refused(wire, tool, status):
    answer = wire.generate([{"text": "owls"}], tools=[{"fileSearch": tool}])

    assert answer.status == status


def test_other_tools_are_passed_over(wire):
    assert wire.generate([{"text": "x"}], tools=[{"googleSearch": {}}, "x"]).status == 200


# Durability


@pytest.fixture
def own(tmp_path, wire_to):
    """A server of the test's own, and a shop in it."""
    with OfflineServer(tmp_path / "data") as server:
        yield server, Shop(wire_to(server))


def test_stores_documents_and_sessions_survive_a_kill(own):
    server, shop = own
    store = shop.create(displayName="lectures")
    document = shop.add(store, b"Owls hunt at night.")
    content = b"word " * (CHUNK // 5 + 1)
    session = shop.start(store, len(content), displayName="long", chunkingConfig=chunking(100, 0))
    shop.wire.command(session, "upload", content[:CHUNK], 0)

    server.kill()
    server.start()
    received = shop.wire.query(session).received
    final = shop.wire.command(session, "upload, finalize", content[received:], received)
    server.kill()  # most likely while it is being cut
    server.start()
    again = shop.wire.query(session)

    assert received == CHUNK
    assert again.json == final.json
    assert shop.finished(final.json)["done"]
    assert shop.get(document["name"]) == document
    _, text = shop.search(store, "word")
    assert f"Of {len(content.split()) // 100 + 2:,} chunks" in text
    assert list((server.data / "blobs").iterdir()) == []


def test_reset_empties_the_stores(server, wire, shop, store):
    shop.add(store, b"words")

    server.reset()

    assert wire.get(STORES).json == {}
    assert list((server.data / "blobs").iterdir()) == []

"""Texts are cut at white space into chunks of so many words that share as many as asked."""

from __future__ import annotations

from itertools import pairwise

import pytest

from gemfiles_jupyter.offline.chunking import ChunkSize, chunks, sniffed_type, text_of


@pytest.mark.parametrize(
    ("count", "size", "expected"),
    [
        (0, ChunkSize(3, 1), []),
        (1, ChunkSize(3, 1), ["0"]),
        (3, ChunkSize(3, 1), ["0 1 2"]),
        (4, ChunkSize(3, 1), ["0 1 2", "2 3"]),
        (5, ChunkSize(3, 1), ["0 1 2", "2 3 4"]),
        (5, ChunkSize(2, 0), ["0 1", "2 3", "4"]),
        (4, ChunkSize(3, 2), ["0 1 2", "1 2 3"]),
        (2, ChunkSize(1, 0), ["0", "1"]),
    ],
    ids=["nothing", "one word", "just full", "one more", "two full", "no overlap", "much overlap", "single"],
)
def test_chunks_overlap_as_asked(count, size, expected):
    text = " ".join(map(str, range(count)))

    assert list(chunks(text, size)) == expected


@pytest.mark.parametrize("words", [1, 2, 7, 200, 512])
@pytest.mark.parametrize("overlap", [0, 1, 6, 199])
@pytest.mark.parametrize("count", [1, 6, 7, 8, 1000])
def test_no_word_is_lost_and_no_chunk_too_long(words, overlap, count):
    if overlap >= words:
        return
    text = "\n".join(map(str, range(count)))

    cut = [chunk.split() for chunk in chunks(text, ChunkSize(words, overlap))]

    assert all(len(chunk) <= words for chunk in cut)
    fresh = cut[0] + [word for chunk in cut[1:] for word in chunk[overlap:]]
    assert fresh == text.split()
    assert all(before[-overlap:] == after[:overlap] for before, after in pairwise(cut) if overlap)


def test_a_chunk_keeps_its_line_breaks():
    assert list(chunks("a\n\n  b\tc\nd", ChunkSize(3, 0))) == ["a\n\n  b\tc", "d"]


def test_a_word_without_end_is_cut():
    assert [len(chunk) for chunk in chunks("x" * 2500, ChunkSize(1, 0))] == [1000, 1000, 500]


def test_text_is_read_whatever_its_bytes(tmp_path):
    path = tmp_path / "blob"
    path.write_bytes(b"\xef\xbb\xbfa \xff b")

    assert text_of(path, "text/markdown; charset=utf-8") == "a � b"
    assert text_of(path, "video/mp4") is None


@pytest.mark.parametrize(
    ("content", "mime_type"),
    [
        (b"%PDF-1.7 ...", "application/pdf"),
        (b"words", "text/plain"),
        (b"", "text/plain"),
        (b"\x89PNG\0", "application/octet-stream"),
    ],
    ids=["pdf", "text", "empty", "binary"],
)
def test_a_type_is_seen_in_the_bytes(tmp_path, content, mime_type):
    path = tmp_path / "blob"
    path.write_bytes(content)

    assert sniffed_type(path) == mime_type

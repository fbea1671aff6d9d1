"""Addresses of remote sources: told from paths, shown and kept without credentials."""

from __future__ import annotations

from pathlib import Path

import pytest

from gemfiles_jupyter.transfers.addresses import (
    can_reopen,
    has_pattern,
    is_address,
    kept_address,
    local_path,
    name_in,
    shown_address,
)

CANARY = "CANARYsecret"


@pytest.mark.parametrize(
    "text",
    [
        "https://host/lecture.mp4",
        "s3://bucket/key",
        "memory://x",
        "zip://*.txt::https://host/a.zip",
        "zip::s3://bucket/a.zip",
        "HF://datasets/a/b",
    ],
)
def test_an_address_is_told_from_a_path(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    ["lecture.mp4", "/home/ada/x.txt", "C:\\talks\\a.mp4", "C://a.mp4", "a::b.txt", "notes: part://1", ""],
)
def test_a_path_is_no_address(text: str) -> None:
    assert not is_address(text)


def test_a_file_url_is_a_path() -> None:
    assert local_path("file:///home/ada/my%20notes.txt") == "/home/ada/my notes.txt"
    assert local_path("notes.txt") == "notes.txt"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://host/lecture.mp4", "https://host/lecture.mp4"),
        ("https://host:8080/a@v2/b.mp4", "https://host:8080/a@v2/b.mp4"),
        (f"https://ada:{CANARY}@host/b.mp4", "https://host/b.mp4"),
        (f"https://{CANARY}@host/b.mp4", "https://host/b.mp4"),
        (f"https://host/b.mp4?X-Amz-Signature={CANARY}&x=1", "https://host/b.mp4"),
        (f"https://host/b.mp4#{CANARY}", "https://host/b.mp4"),
        (f"s3://AKID:{CANARY}/{CANARY}@bucket/b.mp4", "s3://bucket/b.mp4"),
        (f"s3://bucket/b.mp4?versionId={CANARY}", "s3://bucket/b.mp4"),
        ("s3://bucket/?.txt", "s3://bucket/?.txt"),
        ("abfs://container@account/b.mp4", "abfs://container@account/b.mp4"),
        (f"ftp://ada:{CANARY}@host/b.mp4", "ftp://host/b.mp4"),
        (f"zip://a.txt::https://ada:{CANARY}@host/a.zip?sig={CANARY}", "zip://a.txt::https://host/a.zip"),
    ],
)
def test_what_may_be_a_credential_is_neither_shown_nor_kept(address: str, shown: str) -> None:
    assert shown_address(address) == shown
    assert CANARY not in kept_address(address)
    assert can_reopen(kept_address(address)) == (address == shown)


def test_addresses_are_told_apart_by_what_is_left_out() -> None:
    one, two = kept_address("https://host/get?id=1"), kept_address("https://host/get?id=2")

    assert one != two
    assert one == kept_address("https://host/get?id=1")


def test_a_path_can_be_opened_again_while_it_is_there(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("x")

    assert can_reopen(str(path))
    assert not can_reopen(str(tmp_path / "y.txt"))
    assert not can_reopen("")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://host/a/My%20Talk.mp4?sig=x", "My Talk.mp4"),
        ("https://host/a%2Fb.txt", "a_b.txt"),
        ("https://host/", "host"),
        ("s3://bucket/deep/100%25.txt", "100%25.txt"),
        ("zip://inner/a.txt::https://host/all.zip", "a.txt"),
        ("memory://", "untitled"),
    ],
)
def test_a_source_is_called_as_its_address_ends(address: str, name: str) -> None:
    assert name_in(address) == name


def test_a_question_mark_is_a_pattern_but_not_in_the_web() -> None:
    assert has_pattern("s3://bucket/?.txt")
    assert has_pattern("https://host/*.txt")
    assert not has_pattern("https://host/x?id=1")
    assert not has_pattern("zip://a.txt::s3://bucket/*.zip")

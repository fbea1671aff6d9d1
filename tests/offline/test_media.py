"""What inspections find in real bytes."""

from __future__ import annotations

import pytest

from gemfiles_jupyter.offline.media import inspect


def test_finds_the_duration_and_size_of_a_video(mp4, tmp_path):
    path = tmp_path / "film"
    path.write_bytes(mp4)

    facts = inspect(path, "video/mp4")

    assert (facts.duration_ms, facts.width, facts.height, facts.problem) == (3500, 320, 240, "")


def test_finds_pixels_seconds_and_pages(png, wav, pdf):
    image, sound, document = (
        inspect(png, "image/png"),
        inspect(wav, "audio/wav"),
        inspect(pdf, "application/pdf"),
    )

    assert (image.width, image.height) == (1000, 300)
    assert sound.duration_ms == 2000
    assert document.pages == 3


def test_counts_characters_not_bytes():
    facts = inspect("Grüße\n\nzweite Zeile\n".encode(), "text/plain")

    assert facts.characters == 20
    assert facts.first_lines == ["Grüße", "zweite Zeile"]


@pytest.mark.parametrize("mime_type", ["video/mp4", "image/png", "audio/wav", "application/pdf"])
@pytest.mark.parametrize("content", [b"", b"no media at all", b"%PDF-1.4 broken", bytes(range(256)) * 40])
def test_says_what_is_wrong_with_bytes_it_cannot_read(mime_type, content):
    facts = inspect(content, mime_type)

    assert facts.problem


def test_a_video_without_pictures_is_a_problem(wav):
    assert inspect(wav, "video/mp4").problem == "The file contains no readable video."

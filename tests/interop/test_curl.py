"""The shell samples of the service's pages, as they are written there: only the host is another."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent / "curl"
HOST = "https://generativelanguage.googleapis.com"
MIB = 1024**2
SIZES = {"8 MiB": 8 * MIB, "8 MiB + 1": 8 * MIB + 1, "20 MiB": 20 * MIB}
# What the pages say in the samples of each kind: variable, display name, question, type in the prompt.
PAGES = {
    "image": ("IMG_PATH_2", "TEXT", "Can you tell me about the instruments in this photo?", "image/jpeg"),
    "audio": ("AUDIO_PATH", "AUDIO", "Describe this audio clip", "audio/mp3"),
    "text": ("TEXT_PATH", "TEXT", "Can you add a few more lines to this poem?", "text/plain"),
    "video": ("VIDEO_PATH", "VIDEO_PATH", "Describe this video clip", "video/mp4"),
    "pdf": ("PDF_PATH", "TEXT", "Can you add a few more lines to this poem?", "application/pdf"),
}


@pytest.fixture
def sample(server, tmp_path):
    """Run samples one after the other in one shell; return what they print."""
    for program in ("bash", "curl", "jq", "file"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")

    def sample(*names: str, media: Path, kind: str = "text", **changes: str) -> str:
        variable, display_name, question, prompt_type = PAGES[kind]
        text = "\n".join((SCRIPTS / f"{name}.sh").read_text(encoding="utf-8") for name in names)
        changes = {
            "MEDIA_PATH": variable,
            "DISPLAY_NAME=MEDIA": f"DISPLAY_NAME={display_name}",
            "PROMPT_TYPE": prompt_type,
            "PROMPT": question,
            **changes,
            HOST: server.address,
        }
        for old, new in changes.items():
            text = text.replace(old, new)
        keys = dict.fromkeys(("GEMINI_API_KEY", "GOOGLE_API_KEY"), server.key)
        done = subprocess.run(
            ["bash", "-c", text],
            cwd=tmp_path,
            env={**os.environ, **keys, "BASE_URL": server.address, variable: str(media)},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
        )
        return done.stdout

    return sample


@pytest.fixture
def file_info(tmp_path):
    """What the upload answered."""

    def file_info() -> dict:
        return json.loads((tmp_path / "file_info.json").read_bytes())["file"]

    return file_info


@pytest.fixture
def poem(tmp_path):
    path = tmp_path / "poem.txt"
    path.write_text("Roses are red\n", encoding="utf-8")
    return path


@pytest.fixture
def media_of(media, poem, tmp_path):
    """A file of each kind, as small as a file of it can be."""
    mp3, jpeg = tmp_path / "sample.mp3", tmp_path / "organ.jpg"
    mp3.write_bytes((b"\xff\xfb\x90\x00" + bytes(413)) * 20)
    size = b"\xff\xc0\x00\x0b\x08\x00\x20\x00\x40\x01\x01\x11\x00"  # 64 x 32 pixels
    jpeg.write_bytes(
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + size + b"\xff\xd9"
    )
    return {
        "image": jpeg,
        "audio": mp3,
        "text": poem,
        "video": media / "lecture.mp4",
        "pdf": media / "handout.pdf",
    }


@pytest.mark.parametrize("kind", PAGES)
def test_the_sample_of_the_reference_uploads_and_prompts(sample, media_of, file_info, kind):
    media = media_of[kind]
    wait = ["wait"] if kind == "video" else []

    printed = sample("upload", media=media, kind=kind)
    uploaded = file_info()
    answer = sample("upload", *wait, "generate", media=media, kind=kind)

    assert printed == f'file_uri="{uploaded["uri"]}"\n'
    assert uploaded["displayName"] == PAGES[kind][1]
    assert uploaded["sizeBytes"] == str(media.stat().st_size)
    assert f"{PAGES[kind][1]}`: {PAGES[kind][3]}" in answer
    assert PAGES[kind][2] in answer.splitlines()[-1]


def test_the_samples_of_the_guide_get_list_and_delete(sample, poem, stored):
    printed = sample("upload", "get", "list", media=poem)
    listed = json.loads(printed.partition("My files: \n")[2])
    name = listed["files"][0]["name"]

    assert f"name={name}\nfile_uri={stored(name)['uri']}\n" in printed
    assert listed == {"files": [stored(name)]}

    assert sample("upload", "get", "delete", media=poem).endswith("{}\n")
    assert len(json.loads(sample("list", media=poem).partition("\n")[2])["files"]) == 1


def test_the_sample_of_the_guide_sends_its_key_in_a_header(sample, poem, file_info):
    sample(
        "upload",
        media=poem,
        **{'?key=${GEMINI_API_KEY}" \\\n': '" \\\n  -H "x-goog-api-key: $GEMINI_API_KEY" \\\n'},
    )

    assert "key=" not in file_info()["uri"]


def test_a_stream_comes_in_several_events(sample, poem):
    printed = sample("upload", "stream", media=poem)

    events = [json.loads(line.removeprefix("data: ")) for line in printed.splitlines()[1:] if line]
    assert len(events) >= 3
    assert events[-1]["candidates"][0]["finishReason"] == "STOP"


@pytest.mark.parametrize("size", SIZES)
def test_uploads_of_every_size(sample, file_info, tmp_path, size):
    media = tmp_path / "big.txt"
    media.write_bytes((b"all work and no play\n" * (SIZES[size] // 21 + 1))[: SIZES[size]])

    sample("upload", media=media, **{"DISPLAY_NAME=MEDIA": "DISPLAY_NAME='Größe 大きさ'"})

    assert file_info()["sizeBytes"] == str(SIZES[size])
    assert file_info()["displayName"] == "Größe 大きさ"


def test_uploads_nothing(sample, file_info, tmp_path):
    media = tmp_path / "empty.txt"
    media.touch()

    # Of an empty file, `file` says inode/x-empty.
    sample("upload", media=media, **{'$(file -b --mime-type "${TEXT_PATH}")': "text/plain"})

    assert file_info()["sizeBytes"] == "0"


def test_use_after_delete_gives_the_text_of_the_service(sample, poem, tmp_path):
    # `get` leaves the address without the quotes that `upload` gave it.
    quoted = {"'$file_uri'": "\"'$file_uri'\""}

    sample("upload", "get", "delete", "generate", media=poem, **quoted)

    answer = json.loads((tmp_path / "response.json").read_bytes())
    assert answer["error"]["status"] == "PERMISSION_DENIED"
    assert answer["error"]["message"].startswith("You do not have permission to access the File ")


def test_a_bare_body_is_a_file(sample, poem, stored, file_info):
    sample("bare", media=poem)

    assert stored(file_info()["name"])["mimeType"] == "text/plain"
    assert file_info()["sizeBytes"] == "13"  # -d leaves out the newline

"""Shell scripts that send what the samples of the service's public pages send: only the host is another.

The requests, the quoting, and how answers are taken apart are those of the samples, with their
oddities; the words around them are ours.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).parent / "curl"
HOST = "https://generativelanguage.googleapis.com"
MIB = 1024**2
SIZES = {"8 MiB": 8 * MIB, "8 MiB + 1": 8 * MIB + 1, "20 MiB": 20 * MIB}
# What the answer says of the file, and the question it repeats.
KINDS = {
    "image": ("`IMAGE`: image/jpeg", "64 × 32", "What is in this image?"),
    "audio": ("`AUDIO`: audio/mpeg", " s", "What is said here?"),
    "text": ("`TEXT`: text/plain", "Roses are red", "How does it go on?"),
    "video": ("`VIDEO`: video/mp4", " s", "What happens here?"),
    "video_polled": ("`VIDEO`: video/mp4", " s", "What happens here?"),
    "pdf": ("`PDF`: application/pdf", "page", "Sum it up."),
}


@pytest.fixture
def paths(media: Path, tmp_path: Path) -> dict[str, Path]:
    """A file of each kind, under the variable by which its script knows it."""
    mp3, jpeg, poem = tmp_path / "sample.mp3", tmp_path / "organ.jpg", tmp_path / "poem.txt"
    mp3.write_bytes((b"\xff\xfb\x90\x00" + bytes(413)) * 20)
    size = b"\xff\xc0\x00\x0b\x08\x00\x20\x00\x40\x01\x01\x11\x00"  # 64 x 32 pixels
    jpeg.write_bytes(
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + size + b"\xff\xd9"
    )
    poem.write_text("Roses are red\n", encoding="utf-8")
    return {
        "IMAGE_PATH": jpeg,
        "AUDIO_PATH": mp3,
        "TEXT_PATH": poem,
        "VIDEO_PATH": media / "lecture.mp4",
        "PDF_PATH": media / "handout.pdf",
    }


@pytest.fixture
def sample(server, tmp_path: Path, paths: dict[str, Path]) -> Callable[..., str]:
    """Run scripts one after the other in one shell; return what they print."""
    for program in ("bash", "curl", "jq", "file"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")

    def sample(*names: str, text_path: Path | None = None, **changes: str) -> str:
        script = "\n".join((SCRIPTS / f"{name}.sh").read_text(encoding="utf-8") for name in names)
        for old, new in {**changes, HOST: server.address}.items():
            assert old in script
            script = script.replace(old, new)
        files = {**paths, "TEXT_PATH": text_path or paths["TEXT_PATH"]}
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=tmp_path,
            env={**os.environ, "GEMINI_API_KEY": server.key, **{name: str(files[name]) for name in files}},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
        )
        return done.stdout

    return sample


@pytest.fixture
def answered(tmp_path: Path) -> Callable[[str], Any]:
    """What a script left of the answers: ``file_info`` or ``response``."""

    def answered(name: str) -> Any:
        return json.loads((tmp_path / f"{name}.json").read_bytes())

    return answered


@pytest.mark.parametrize("kind", KINDS)
def test_the_sample_uploads_and_asks(sample, answered, paths, stored, server, kind):
    said, seen, question = KINDS[kind]
    server.set(processing_seconds=0)

    printed = sample(kind).splitlines()
    file = answered("file_info")["file"]
    text = json.loads(printed[-1])

    assert printed[0] == f'file_uri="{file["uri"]}"'
    assert file["sizeBytes"] == str(paths[f"{kind.partition('_')[0].upper()}_PATH"].stat().st_size)
    assert stored(file["name"])["state"] == "ACTIVE"
    assert said in text
    assert seen in text
    assert question in text
    assert {request["status"] for request in server.requests()} == {200}


def test_the_guide_asks_about_an_image_in_the_request(sample):
    text = json.loads(sample("image_inline"))

    for words in ("`inline data`: image/jpeg", "64 × 32", "> What is in this image?"):
        assert words in text


@pytest.mark.parametrize("kind", KINDS)
def test_the_guide_asks_through_interactions(sample, answered, server, kind):
    said, seen, question = KINDS[kind]
    server.set(processing_seconds=0)

    printed = sample(kind, f"interaction_{kind.partition('_')[0]}").splitlines()
    text = json.loads(printed[-1])

    assert answered("response")["status"] == "completed"
    for words in (said, seen, question, "offline server, not a model"):
        assert words in text
    assert {request["status"] for request in server.requests()} == {200}


def test_an_interaction_comes_in_several_events(sample):
    printed = sample("text", "interaction_stream")

    names = [line[7:] for line in printed.splitlines() if line.startswith("event: ")]
    assert names[:3] == ["interaction.created", "interaction.status_update", "step.start"]
    assert names.count("step.delta") >= 3
    assert names[-3:] == ["step.stop", "interaction.completed", "done"]


def test_an_interaction_goes_on_with_the_file_of_the_one_before(sample):
    printed = sample("text", "interaction_text", "interaction_goes_on").splitlines()

    # Only the last script prints the answer in lines.
    assert any(line.startswith("- `TEXT`: text/plain") for line in printed)
    assert "> And now?" in printed


def test_an_interaction_after_delete_gives_the_text_of_the_service(sample, answered):
    sample("text", "get", "delete", "interaction_pdf", **{'jq -r ".file.uri"': 'jq -r ".uri"'})
    error = answered("response")["error"]

    assert error["code"] == "permission_denied"
    assert error["message"].startswith("You do not have permission to access the File ")


def test_a_video_is_waited_for_in_the_way_of_the_reference(sample, server):
    server.set(processing_seconds=3)  # less than the one pause that the sample makes

    printed = sample("video").splitlines()

    assert "still processing" in printed
    assert "`VIDEO`: video/mp4" in printed[-1]
    assert [request["status"] for request in server.requests()] == [200, 200, 403, 200]


def test_a_video_is_waited_for_in_the_way_of_the_guide(sample, server):
    server.set(processing_seconds=2)

    printed = sample("video_polled").splitlines()

    assert printed.count("state=PROCESSING") >= 1
    assert "state=ACTIVE" in printed
    assert "`VIDEO`: video/mp4" in printed[-1]


@pytest.mark.parametrize("said", ["audio/mp3", "audio/mpeg", "", "nonsense"])
def test_a_type_may_be_said_in_another_way(sample, said):
    printed = sample("audio", **{'"${MIME_TYPE}"': f'"{said}"'})

    assert f"`AUDIO`: {said if '/' in said else 'audio/mpeg'}" in printed


def test_a_type_that_is_one_but_no_prompt_takes_is_refused(sample, answered):
    sample("audio", **{'"${MIME_TYPE}"': '"application/zip"'})

    assert answered("response")["error"]["message"] == "Unsupported MIME type: application/zip"


def test_the_samples_get_list_and_delete(sample, stored):
    printed = sample("text", "get", "list")
    listed = json.loads(printed.partition("Files:\n")[2])
    name = listed["files"][0]["name"]

    assert f"name={name}\nfile_uri={stored(name)['uri']}\n" in printed
    assert listed == {"files": [stored(name)]}

    assert sample("text", "get", "delete").endswith("{}\n")
    assert len(json.loads(sample("list_with_key_in_address").partition("\n")[2])["files"]) == 1


def test_a_list_of_several_pages(sample):
    names = [
        json.loads(sample("bare", "list").partition("Files:\n")[2])["files"][0]["name"] for _ in range(3)
    ]
    first = json.loads(sample("list", **{"/v1beta/files": "/v1beta/files?pageSize=2"}).partition("\n")[2])
    query = f"/v1beta/files?pageSize=2&pageToken={first['nextPageToken']}"
    second = json.loads(sample("list", **{"/v1beta/files": query}).partition("\n")[2])

    assert [file["name"] for file in first["files"] + second["files"]] == names[::-1]
    assert "nextPageToken" not in second


def test_the_sample_that_forgets_its_key_gets_the_error_of_the_service(sample, server):
    printed = sample("text", "get_without_key")

    assert "name=null" in printed
    assert "the File null or it may not exist." in printed
    assert [request["status"] for request in server.requests()][-2:] == [404, 403]


def test_only_a_key_in_the_address_comes_back_in_the_upload_url(sample, server):
    sample("text", **{"rm start.headers": "cp start.headers text.headers"})
    sample("audio", **{"rm start.headers": "cp start.headers audio.headers"})

    with_key, without = (
        sample("list", **{'echo "Files:"': f"grep -i upload-url {name}.headers"}).splitlines()[0]
        for name in ("text", "audio")
    )

    assert f"&key={server.key}" in with_key
    assert "key=" not in without


def test_a_stream_comes_in_several_events(sample):
    printed = sample("text", "stream")

    events = [json.loads(line[6:]) for line in printed.splitlines() if line.startswith("data: ")]
    assert len(events) >= 3
    assert events[-1]["candidates"][0]["finishReason"] == "STOP"


@pytest.mark.parametrize("size", SIZES)
def test_uploads_of_every_size(sample, answered, tmp_path, size):
    path = tmp_path / "big.txt"
    path.write_bytes((b"all work and no play\n" * (SIZES[size] // 21 + 1))[: SIZES[size]])

    sample("text", text_path=path, **{"DISPLAY_NAME=TEXT": "DISPLAY_NAME='Größe 大きさ'"})

    assert answered("file_info")["file"]["sizeBytes"] == str(SIZES[size])
    assert answered("file_info")["file"]["displayName"] == "Größe 大きさ"


def test_uploads_from_a_stream(sample, answered):
    # Nothing tells curl how long its standard input is, so the sample's own header does.
    sample("text", **{'"@${TEXT_PATH}"': '@- < "${TEXT_PATH}"'})

    assert answered("file_info")["file"]["sizeBytes"] == "14"


def test_uploads_nothing(sample, answered, tmp_path):
    path = tmp_path / "empty.txt"
    path.touch()

    # Of an empty file, `file` says inode/x-empty.
    sample("text", text_path=path, **{'$(file -b --mime-type "${TEXT_PATH}")': "text/plain"})

    assert answered("file_info")["file"]["sizeBytes"] == "0"


def test_use_after_delete_gives_the_text_of_the_service(sample, answered):
    sample("text", "get", "ask_again")
    before = answered("response")
    sample("text", "get", "delete", "ask_again")
    after = answered("response")

    assert "`TEXT`: text/plain" in before["candidates"][0]["content"]["parts"][0]["text"]
    assert after["error"]["status"] == "PERMISSION_DENIED"
    assert after["error"]["message"].startswith("You do not have permission to access the File ")


def test_a_bare_body_is_a_file(sample, stored, answered):
    sample("bare")
    file = answered("file_info")["file"]

    assert stored(file["name"])["mimeType"] == "text/plain"
    assert file["sizeBytes"] == "13"  # -d leaves out the newline

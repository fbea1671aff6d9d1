"""Remote sources end to end: from a web server, from memory and out of archives, to an offline server."""

from __future__ import annotations

import hashlib
import random
import ssl
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

import gemfiles_jupyter as gf
from gemfiles_jupyter.config import MAX_FILE_BYTES, home
from gemfiles_jupyter.errors import (
    CannotConnect,
    GemfilesError,
    InvalidUsage,
    SourceChanged,
    SourceNotFound,
    SourceRefused,
)
from gemfiles_jupyter.offline.testing import OfflineServer
from gemfiles_jupyter.transfers.read_ahead import BLOCK_BYTES
from gemfiles_jupyter.transfers.sources import expand
from gemfiles_jupyter.transfers.transfer import TransferOptions
from gemfiles_jupyter.workspace.workspace import current_workspace

from .web import Page, Web

MIB = 1024 * 1024
CANARY = "CANARYsecret"

pytestmark = pytest.mark.usefixtures("at_server")


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as server:
        yield server


@pytest.fixture
def memory() -> Iterator[Any]:
    filesystem = fsspec.filesystem("memory")
    filesystem.store.clear()
    yield filesystem
    filesystem.store.clear()


def silent(batch: Any) -> None:
    """Show nothing."""


def noise(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sent_to(server: OfflineServer) -> int:
    return sum(int(it["received_bytes"]) for it in server.requests() if "upload" in it["path"])


@pytest.mark.parametrize(
    "kind",
    [{}, {"has_ranges": False}, {"has_length": False}, {"has_version": False}],
    ids=["ranges", "no ranges", "no size", "no version"],
)
@pytest.mark.parametrize("size", [0, 11, 9 * MIB + 1])
def test_a_web_address_is_uploaded(web: Web, kind: dict[str, bool], size: int) -> None:
    web.pages["noise.bin"] = Page(noise(size), **kind)  # type: ignore[arg-type]

    file = gf.upload(web.url("noise.bin"))

    assert (file.display_name, file.size_bytes, file.sha256) == ("noise.bin", size, digest(noise(size)))


def test_the_type_is_told_by_name_and_first_bytes(web: Web, media: Path) -> None:
    web.pages["lecture.mp4"] = Page((media / "lecture.mp4").read_bytes())
    web.pages["download"] = Page((media / "lecture.mp4").read_bytes() + b"\0")

    assert gf.upload(web.url("lecture.mp4")).mime_type == "video/mp4"
    assert gf.upload(web.url("download")).mime_type == "video/mp4"


def test_an_unchanged_source_is_not_read_again(web: Web, server: OfflineServer) -> None:
    web.pages["notes.txt"] = Page(noise(3 * MIB))
    first = gf.upload(web.url("notes.txt"), mime_type="text/plain")
    web.forget()
    server.clear_requests()

    again = gf.upload(web.url("notes.txt"), mime_type="text/plain")

    assert again.name == first.name
    assert (web.sent["notes.txt"], web.methods["GET"], sent_to(server)) == (0, 0, 0)


def test_an_unchanged_source_of_a_plain_type_is_not_even_sniffed(web: Web) -> None:
    web.pages["notes.txt"] = Page(b"some text")
    first = gf.upload(web.url("notes.txt"))
    web.forget()

    assert gf.upload(web.url("notes.txt")).name == first.name
    assert web.methods["GET"] == 0


def test_a_source_that_changed_is_sent_anew(web: Web) -> None:
    web.pages["notes.txt"] = Page(b"one")
    first = gf.upload(web.url("notes.txt"))
    web.pages["notes.txt"] = Page(b"two")

    second = gf.upload(web.url("notes.txt"))

    assert second.name != first.name
    assert second.sha256 == digest(b"two")


def test_without_a_version_nothing_is_taken_for_unchanged(web: Web, server: OfflineServer) -> None:
    web.pages["notes.txt"] = Page(b"one", has_version=False)
    first = gf.upload(web.url("notes.txt"))
    web.pages["notes.txt"] = Page(b"two", has_version=False)
    second = gf.upload(web.url("notes.txt"))
    server.clear_requests()
    third = gf.upload(web.url("notes.txt"))

    assert [file.sha256 for file in (first, second)] == [digest(b"one"), digest(b"two")]
    assert third.name == second.name, "read, to find that it is the same"
    assert sent_to(server) == 0


@pytest.mark.parametrize("has_ranges", [True, False], ids=["ranges", "no ranges"])
def test_a_source_that_breaks_off_is_read_on(web: Web, has_ranges: bool) -> None:
    page = web.pages["noise.bin"] = Page(noise(20 * MIB), has_ranges=has_ranges)
    sources = expand([web.url("noise.bin")])
    assert sources[0].mime_type == "application/octet-stream"
    page.breaks = 2

    (file,) = gf.upload_many(list(sources))

    assert file.sha256 == digest(page.data)
    assert page.breaks == 0, "both faults fired"


def test_an_upload_that_breaks_off_reads_the_source_from_there(web: Web, server: OfflineServer) -> None:
    web.pages["noise.bin"] = Page(noise(24 * MIB))
    server.fail_next("data", keep_bytes=3 * MIB)

    file = gf.upload(web.url("noise.bin"))

    assert server.all_fired()
    assert file.sha256 == digest(noise(24 * MIB))
    assert web.sent["noise.bin"] < 44 * MIB, "what was read ahead is read again, not the whole"


def test_a_source_rewritten_while_it_is_sent_is_refused(web: Web) -> None:
    page = web.pages["noise.bin"] = Page(noise(9 * MIB))
    sources = expand([web.url("noise.bin")])
    assert sources[0].mime_type
    page.after = lambda: web.pages.update({"noise.bin": Page(noise(9 * MIB, seed=2))})

    with pytest.raises(SourceChanged, match=r"noise\.bin was rewritten while it was being sent"):
        current_workspace().upload(list(sources), TransferOptions(), silent)

    assert gf.list_files() == []


def test_a_source_that_vanishes_while_it_is_sent_is_refused(web: Web) -> None:
    page = web.pages["noise.bin"] = Page(noise(9 * MIB))
    sources = expand([web.url("noise.bin")])
    assert sources[0].mime_type
    page.after = web.pages.clear

    with pytest.raises((SourceChanged, SourceNotFound)):
        current_workspace().upload(list(sources), TransferOptions(), silent)


@pytest.mark.parametrize(
    ("page", "error", "match"),
    [
        (None, SourceNotFound, r"There is no file http://localhost:\d+/x.mp4\.$"),
        (Page(b"x", needs="token"), SourceRefused, r"not for us to read \(HTTP 403\)"),
        (Page(size=MAX_FILE_BYTES + 1, parts=lambda a, b: bytes(b - a)), SourceRefused, "2.15 GB"),
    ],
    ids=["missing", "forbidden", "too large"],
)
def test_what_can_not_be_sent_is_refused_before_a_byte(
    web: Web, server: OfflineServer, page: Page | None, error: type[GemfilesError], match: str
) -> None:
    web.pages.update({"x.mp4": page} if page else {})

    with pytest.raises(error, match=match):
        gf.upload(web.url("x.mp4"))

    assert sent_to(server) == 0


def test_a_source_of_unknown_size_is_given_up_at_the_limit(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gemfiles_jupyter.transfers.remote_search.MAX_FILE_BYTES", MIB)
    page = Page(size=512 * MIB, parts=lambda a, b: bytes(b - a), has_length=False)
    web.pages["endless.bin"] = page

    with pytest.raises(SourceRefused, match="larger than 2 GiB"):
        gf.upload(web.url("endless.bin"))

    assert web.sent["endless.bin"] < 64 * MIB


def test_a_server_that_is_not_there_is_a_network_error() -> None:
    with pytest.raises(CannotConnect, match="its server was not reached"):
        gf.upload("http://localhost:1/x.mp4")


def test_credentials_in_an_address_open_it_and_stay_out_of_everything(
    web: Web, server: OfflineServer, capfd: pytest.CaptureFixture[str]
) -> None:
    web.pages["talk.txt"] = Page(b"hello", needs=CANARY)
    address = web.url(f"talk.txt?X-Amz-Signature={CANARY}").replace("//", f"//ada:{CANARY}@")
    (source,) = expand([address])

    file = gf.upload(address)
    web.forget()
    again = gf.upload(address)
    assert web.methods["GET"] == 0, "the same address is known again"
    gone = address.replace("talk.txt", "none.txt")
    with pytest.raises(SourceNotFound) as problem:
        gf.upload(gone)

    assert again.name == file.name
    seen = [repr(source), source.place, file.display_name or "", str(problem.value), *capfd.readouterr()]
    seen += [str(request) for request in server.requests()]
    # By another process: closing one of these files here would drop the locks of SQLite.
    stored = subprocess.run(["cat", *map(str, home().glob("journal.db*"))], capture_output=True, check=True)
    seen.append(stored.stdout.decode("latin-1"))
    assert "talk.txt" in seen[-1]
    assert [text for text in seen if CANARY in text] == []


def test_an_expired_file_is_sent_again_from_its_address(web: Web, server: OfflineServer) -> None:
    web.pages["notes.txt"] = Page(b"tides in May")
    file = gf.upload(web.url("notes.txt"))
    server.advance(49 * 3600)

    answer = gf.generate(file, "What is it about?")

    assert "tides in May" in answer.text
    assert [it.display_name for it in gf.list_files()] == ["notes.txt"]


def test_an_address_with_a_signature_is_not_sent_again_and_says_why(web: Web, server: OfflineServer) -> None:
    web.pages["notes.txt"] = Page(b"tides in May")
    file = gf.upload(web.url("notes.txt?sig=abc"))
    server.advance(49 * 3600)

    with pytest.raises(GemfilesError, match="its source needs credentials that are not kept"):
        gf.generate(file, "What is it about?")


def test_an_interrupted_upload_goes_on_from_its_address(web: Web, server: OfflineServer) -> None:
    web.pages["noise.bin"] = Page(noise(40 * MIB))

    def stop(batch: Any) -> None:
        if batch[0].sent > 8 * MIB and not batch[0].phase.is_over:
            raise KeyboardInterrupt

    server.set(body_idle_seconds=5)
    server.fail_next("data", nth=2, delay_seconds=1.0)
    with pytest.raises(KeyboardInterrupt):
        gf.upload(web.url("noise.bin"), on_progress=stop)
    (left,) = (it for it in current_workspace().transfers(is_open=True) if it.path == web.url("noise.bin"))

    files, _ = current_workspace().resume([left.id], silent)

    assert [file.sha256 for file in files] == [digest(noise(40 * MIB))]
    assert any(it["command"] == "query" for it in server.requests())


def test_a_source_in_memory_a_folder_and_a_pattern(memory: Any) -> None:
    for name in ("one.txt", "two.txt", ".hidden", "deep/three.txt", "four.csv"):
        memory.pipe(f"/talks/{name}", f"This is {name}".encode())

    def names(*specs: object, **options: Any) -> list[str]:
        return [source.label for source in expand(specs, **options)]

    assert names("memory://talks/one.txt") == ["one.txt"]
    assert names("memory://talks") == ["four.csv", "one.txt", "two.txt"]
    assert names("memory://talks/", is_recursive=True) == ["deep/three.txt", "four.csv", "one.txt", "two.txt"]
    assert names("memory://talks/*.txt", exclude=["two*"]) == ["one.txt"]
    assert names("memory://talks/one.txt", "memory://talks/*.txt") == ["one.txt", "two.txt"], "each once"
    assert names({"First": "memory://talks/one.txt"}) == ["First.txt"]
    assert [file.display_name for file in gf.upload_many("memory://talks/*.txt")] == ["one.txt", "two.txt"]
    with pytest.raises(SourceNotFound, match="No file matches"):
        names("memory://talks/*.pdf")
    with pytest.raises(SourceNotFound, match=r"There is no file memory://talks/none\.txt"):
        names("memory://talks/none.txt")


def test_an_archive_stands_for_the_files_in_it(web: Web, tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("a.txt", "b/c.txt"):
            archive.writestr(name, f"This is {name}. " * 1000)
    web.pages["all.zip"] = Page(path.read_bytes())
    address = web.url("all.zip")

    files = gf.upload_many([f"zip://::{address}", f"zip://b/c.txt::{path}"], recursive=True)

    assert [file.display_name for file in files] == ["a.txt", "b/c.txt", "c.txt"]
    assert files["a.txt"].sha256 == digest(b"This is a.txt. " * 1000)


def test_a_file_address_is_a_path(tmp_path: Path) -> None:
    path = tmp_path / "my notes.txt"
    path.write_text("notes")

    assert gf.upload(path.as_uri()).display_name == "my notes.txt"


@pytest.mark.parametrize(
    ("address", "match"),
    [
        ("nope://x", "is no kind of address that fsspec knows"),
        ("abfs://c@a/x.mp4", "fsspec needs another package, which is not installed"),
    ],
)
def test_an_address_that_needs_more_says_what(address: str, match: str) -> None:
    with pytest.raises(InvalidUsage, match=match):
        gf.upload(address)


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("fsspec", "read through fsspec, with aiohttp, which is not installed"),
        ("aiohttp", "For https:// fsspec needs aiohttp, which is not installed"),
    ],
)
def test_without_the_extra_it_says_what_to_install(missing: str, said: str) -> None:
    code = f"""
import sys
sys.modules[{missing!r}] = None
import gemfiles_jupyter as gf
try:
    gf.upload("https://host/x.mp4?sig={CANARY}")
except gf.GemfilesError as error:
    print(error)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said in run.stdout
    assert 'pip install "gemfiles-jupyter[remote]"' in run.stdout
    assert CANARY not in run.stdout + run.stderr


def test_a_big_source_takes_no_more_memory_than_a_few_blocks(web: Web) -> None:
    size = 160 * MIB
    web.pages["big.bin"] = Page(size=size, parts=lambda start, end: bytes(end - start))
    code = """
import resource, sys
import gemfiles_jupyter as gf
gf.upload(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(gf.upload(sys.argv[2]).size_bytes, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    web.pages["small.bin"] = Page(noise(2 * MIB))
    command = [sys.executable, "-c", code, web.url("small.bin"), web.url("big.bin")]

    run = subprocess.run(command, capture_output=True, text=True, check=True)

    uploaded, grown_kib = map(int, run.stdout.split())
    assert uploaded == size
    assert grown_kib * 1024 < 16 * BLOCK_BYTES


def test_a_server_with_a_certificate_that_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    command += ["-addext", "subjectAltName=DNS:localhost", "-out", str(certificate), "-keyout", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    code = "import gemfiles_jupyter as gf, sys; print(gf.upload(sys.argv[1]).sha256)"
    with Web(context) as web:
        web.pages["noise.bin"] = Page(noise(3 * MIB))
        command = [sys.executable, "-c", code, web.url("noise.bin")]
        refused = subprocess.run(command, capture_output=True, text=True, check=False)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        trusted = subprocess.run(command, capture_output=True, text=True, check=False)

    assert "the certificate of its server is not trusted" in refused.stderr
    assert trusted.stdout.strip() == digest(noise(3 * MIB)), trusted.stderr

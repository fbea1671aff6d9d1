"""The ways to upload that are compared; each runs in a process of its own and prints its figures as JSON.

    python tests/benchmarks/senders.py NAME ADDRESS FILE [FILE ...] [--workers N] [--small]

A sender is timed from its first call to its answer; importing it and making its client is not part of
that (`first-byte` in run.py measures those).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import resource
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

KEY = "benchmark"
START = {
    "X-Goog-Upload-Protocol": "resumable",
    "X-Goog-Upload-Command": "start",
    "X-Goog-Upload-Header-Content-Type": "application/octet-stream",
    "x-goog-api-key": KEY,
}
FINAL = {"X-Goog-Upload-Command": "upload, finalize", "X-Goog-Upload-Offset": "0"}
BLOCK_BYTES = 256 * 1024

Send = Callable[[], None]
Paths = list[Path]


def ours(address: str, paths: Paths, _: int) -> Send:
    """Our client, one source after the other, as it is: streamed, hashed beside, verified."""
    from gemfiles_jupyter.client import Client
    from gemfiles_jupyter.client.uploads import NewFile, Watch, choose_id
    from gemfiles_jupyter.config import Endpoint, Secret
    from gemfiles_jupyter.transfers.progress import Meter, Phase
    from gemfiles_jupyter.transfers.sources import expand

    client = Client(endpoint=Endpoint(address, Secret(KEY)))

    def send() -> None:
        for source in expand(paths):
            meter = Meter(source.label, source.size)
            meter.enter(Phase.UPLOADING)
            watch = Watch(
                lambda pulse, meter=meter: meter.pulse(pulse.sent, pulse.attempt, pulse.trouble),
                _ignore,
                threading.Event(),
            )
            client.uploads.send(source, NewFile(choose_id(), source.mime_type, source.label), watch)

    return send


def ours_unhashed(address: str, paths: Paths, workers: int) -> Send:
    """Our client without verification; no option of the product, so it is taken out here."""
    from gemfiles_jupyter.client import content, uploads

    class UnhashedReader(content.HashingReader):
        def _hand_over(self, _: bytearray, offset: int, count: int) -> bool:
            self._hashed_to = offset + count
            return False

    uploads.HashingReader = UnhashedReader  # type: ignore[misc]
    content.RING_BLOCKS = 1  # the others are for the thread that hashes
    return ours(address, paths, workers)


def ours_silent(address: str, paths: Paths, workers: int) -> Send:
    """Our client without anybody looking at the progress."""
    from gemfiles_jupyter.transfers.progress import Meter

    Meter.pulse = _ignore  # type: ignore[method-assign]
    return ours_unhashed(address, paths, workers)


def ours_many(address: str, paths: Paths, workers: int) -> Send:
    """What the magics call: workers, meters, progress ten times a second."""
    from gemfiles_jupyter.client import Client
    from gemfiles_jupyter.config import Endpoint, Secret
    from gemfiles_jupyter.transfers.manager import TransferOptions, upload_all
    from gemfiles_jupyter.transfers.sources import expand
    from gemfiles_jupyter.views import rows  # noqa: F401  the views of a front end are loaded too

    client = Client(endpoint=Endpoint(address, Secret(KEY)), workers=workers)

    def send() -> None:
        results = upload_all(client, expand(paths), TransferOptions(workers=workers), _ignore)
        errors = [result.error for result in results if result.error]
        assert not errors, errors[0]

    return send


def genai(address: str, paths: Paths, workers: int) -> Send:
    """google-genai as its documentation shows it; on threads where there are workers."""
    from google import genai as google_genai
    from google.genai import types

    client = google_genai.Client(api_key=KEY, http_options=types.HttpOptions(base_url=address))

    def one(path: Path) -> None:
        assert client.files.upload(file=str(path), config={"mime_type": "text/plain"}).name

    def send() -> None:
        if workers == 1:
            for path in paths:
                one(path)
            return
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(one, paths))

    return send


def raw(address: str, paths: Paths, _: int) -> Send:
    """The least that Python can do: start, then one streaming request of `readinto` and `sendall`."""
    parts = urlsplit(address)

    def connect() -> socket.socket:
        connection = socket.create_connection((parts.hostname, parts.port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
            return context.wrap_socket(connection, server_hostname=parts.hostname)
        return connection

    def ask(connection: socket.socket, target: str, headers: dict[str, str], blocks: Iterable) -> str:
        lines = [f"POST {target} HTTP/1.1", f"Host: {parts.netloc}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        for block in blocks:
            connection.sendall(block)
        answer = connection.recv(65536).decode()
        assert answer.startswith("HTTP/1.1 200"), answer
        return answer

    def send() -> None:
        for path in paths:
            size = path.stat().st_size
            with connect() as connection:
                start = START | {"X-Goog-Upload-Header-Content-Length": str(size), "Content-Length": "0"}
                opened = ask(connection, "/upload/v1beta/files", start, ())
                url = urlsplit(_upload_url(opened))
                headers = FINAL | {"Content-Length": str(size)}
                ask(connection, f"{url.path}?{url.query}", headers, _blocks(path))

    return send


def curl_t(address: str, paths: Paths, _: int) -> Send:
    """`curl -T`, which streams."""
    return _curl(address, paths, lambda path: ["-X", "POST", "-T", str(path)])


def curl_docs(address: str, paths: Paths, _: int) -> Send:
    """curl as in the public documentation, which reads the whole file into memory."""
    return _curl(address, paths, lambda path: ["--data-binary", f"@{path}"])


def _curl(address: str, paths: Paths, body: Callable[[Path], list[str]]) -> Send:
    def run(url: str, headers: dict[str, str], *more: str) -> str:
        command = ["curl", "-sS", "-i", url]
        for name, value in headers.items():
            command += ["-H", f"{name}: {value}"]
        if "SSL_CERT_FILE" in os.environ:
            command += ["--cacert", os.environ["SSL_CERT_FILE"]]
        done = subprocess.run([*command, *more], capture_output=True, text=True, check=True)
        return done.stdout

    def send() -> None:
        for path in paths:
            start = START | {"X-Goog-Upload-Header-Content-Length": str(path.stat().st_size)}
            opened = run(f"{address}/upload/v1beta/files", start, "-d", "{}")
            assert "final" in run(_upload_url(opened), FINAL, *body(path))

    return send


def _upload_url(answer: str) -> str:
    found = re.search(r"(?i)^x-goog-upload-url: *(\S+)", answer, re.MULTILINE)
    assert found, answer
    return found[1]


def _blocks(path: Path) -> Iterable[memoryview]:
    buffer = memoryview(bytearray(BLOCK_BYTES))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            yield buffer[:count]


SENDERS = {
    "ours": ours,
    "ours-unhashed": ours_unhashed,
    "ours-silent": ours_silent,
    "ours-many": ours_many,
    "google-genai": genai,
    "raw": raw,
    "curl -T": curl_t,
    "curl of the docs": curl_docs,
}


def _ignore(*_: object) -> None:
    """Do nothing with what is told."""


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def _peak_kib() -> int:
    """Return the peak of this process or of a child; ru_maxrss of this one would begin with its parent's."""
    own = re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())
    assert own, "Linux tells it"
    return max(int(own[1]), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=SENDERS)
    parser.add_argument("address")
    parser.add_argument("paths", type=Path, nargs="+", help="files, or one folder")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--may-fail", action="store_true", help="say so in the figures")
    options = parser.parse_args()
    paths = options.paths
    if paths[0].is_dir():
        paths = sorted(paths[0].iterdir())
    send = SENDERS[options.name](options.address, paths, options.workers)
    cpu, peak, began, failure = _cpu_seconds(), _peak_kib(), time.perf_counter(), ""
    with contextlib.ExitStack() as stack:
        if options.may_fail:
            stack.enter_context(contextlib.suppress(Exception))
        failure = "failed"
        send()
        failure = ""
    figures = {
        "seconds": time.perf_counter() - began,
        "cpu_seconds": _cpu_seconds() - cpu,
        "growth_mib": (_peak_kib() - peak) / 1024,
        "failure": failure,
    }
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())

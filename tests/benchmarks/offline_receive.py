"""How fast the offline server receives, against itself doing less.

    python tests/benchmarks/offline_receive.py [--mib 1024] [--rounds 5]

Three servers differ in what they do with the bytes: discard them, write them, write
and hash them (the real one).  One stream, and two at once; cases are shuffled
within a round, and medians are printed as a table for CONTRIBUTING.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from gemfiles_jupyter.offline import blobs
from gemfiles_jupyter.offline.serve import serve

VARIANTS = ("discard", "write", "write + hash")
MIB = 1024**2
BLOCK = bytes(256 * 1024)


class Discarding(blobs.PartialBlob):
    """Counts bytes, and that is all."""

    def write(self, blocks: Sequence[bytes]) -> None:
        self.size_bytes += sum(map(len, blocks))

    def digest(self, start: int, blocks: Sequence[bytes]) -> None:
        pass

    def hexdigest(self) -> str:
        return "0" * 64


class Writing(blobs.PartialBlob):
    """Writes, and does not hash."""

    def digest(self, start: int, blocks: Sequence[bytes]) -> None:
        pass

    def hexdigest(self) -> str:
        return "0" * 64


def serve_variant(variant: str, data: str) -> int:
    from gemfiles_jupyter.offline import storage

    classes = {"discard": Discarding, "write": Writing, "write + hash": blobs.PartialBlob}
    storage.PartialBlob = classes[variant]  # type: ignore[misc]
    return serve(["--data", data])


@contextlib.contextmanager
def running(variant: str, data: str) -> Iterator[str]:
    command = [sys.executable, __file__, "--serve", variant, "--data", data]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


def exchange(address: str, target: str, headers: dict[str, str], size: int) -> dict[str, str]:
    """Send one request with a body of zeros and return the headers of its answer."""
    netloc = urlsplit(address).netloc
    head = f"POST {target} HTTP/1.1\r\nHost: {netloc}\r\nContent-Length: {size}\r\nConnection: close\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
    with socket.create_connection(("127.0.0.1", int(netloc.rpartition(":")[2]))) as connection:
        connection.sendall(head.encode())
        for _ in range(size // len(BLOCK)):
            connection.sendall(BLOCK)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    lines = answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    assert lines[0].split()[1] == "200", lines[0]
    return dict(line.split(": ", 1) for line in lines[1:])


def upload(address: str, size: int) -> None:
    start = {
        "X-Goog-Upload-Protocol": "resumable",
        "X-Goog-Upload-Command": "start",
        "x-goog-api-key": "benchmark",
    }
    url = urlsplit(exchange(address, "/upload/v1beta/files", start, 0)["X-Goog-Upload-URL"])
    data = {"X-Goog-Upload-Command": "upload, finalize", "X-Goog-Upload-Offset": "0"}
    exchange(address, f"{url.path}?{url.query}", data, size)


def measure(address: str, size: int, streams: int) -> float:
    """Return MiB a second over all streams."""
    threads = [threading.Thread(target=upload, args=(address, size // streams)) for _ in range(streams)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return size / MIB / (time.perf_counter() - began)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--serve", choices=VARIANTS, help=argparse.SUPPRESS)
    parser.add_argument("--data", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve_variant(options.serve, options.data)
    cases = [(variant, streams) for variant in VARIANTS for streams in (1, 2)]
    speeds: dict[tuple[str, int], list[float]] = {case: [] for case in cases}
    for _ in range(options.rounds):
        random.shuffle(cases)
        for variant, streams in cases:
            with (
                tempfile.TemporaryDirectory() as folder,
                running(variant, str(Path(folder) / "data")) as address,
            ):
                speeds[variant, streams].append(measure(address, options.mib * MIB, streams))
    print("| server | one stream, MiB/s | ratio | two streams, MiB/s | ratio |\n|---|---|---|---|---|")
    for variant in VARIANTS:
        row = [f"| {variant} "]
        for streams in (1, 2):
            speed = statistics.median(speeds[variant, streams])
            ratio = speed / statistics.median(speeds["discard", streams])
            row.append(f"| {speed:.0f} | {ratio:.2f} ")
        print("".join(row) + "|")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Kills the offline server with SIGKILL under uploaders, again and again, and counts what was lost.

    python tests/offline/kill_loop.py --runs 300

Uploaders send random bytes in chunks, query after every broken request, and remember
what was acknowledged.  After each restart nothing acknowledged may be missing: not a
byte of a session, not a file.  Ends with exit code 1 if anything was.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import http.client
import json
import random
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from gemfiles_jupyter.offline.testing import OfflineServer

MIB = 1024**2
CHUNK = 8 * MIB
BROKEN = (OSError, http.client.HTTPException)


@dataclass
class Report:
    """What a run found."""

    kills: int = 0
    files: int = 0
    resumed: int = 0
    losses: list[str] = field(default_factory=list)
    slowest_start_seconds: float = 0.0


def request(server, method, target, body=b"", **headers):
    netloc = urlsplit(server.address).netloc
    connection = http.client.HTTPConnection(netloc, timeout=30)
    try:
        connection.request(
            method, target, body, {name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


@contextlib.contextmanager
def riding_out_a_crash():
    try:
        yield
    except BROKEN:
        time.sleep(0.01)


class Uploader(threading.Thread):
    """Uploads one file after the other until told to stop, through every crash."""

    def __init__(self, server: OfflineServer, report: Report, stop: threading.Event, seed: int) -> None:
        super().__init__()
        self.server, self.report, self.stopped = server, report, stop
        self.random = random.Random(seed)

    def run(self) -> None:
        try:
            while not self.stopped.is_set():
                with riding_out_a_crash():
                    size = self.random.choice([1000, 3 * MIB, CHUNK + 5, 20 * MIB])
                    self.upload(self.random.randbytes(size))
        except Exception as error:
            self.report.losses.append(f"{type(error).__name__}: {error}")
            raise

    def upload(self, content: bytes) -> None:
        _, headers, _ = request(
            self.server,
            "POST",
            "/upload/v1beta/files",
            x_goog_api_key=self.server.key,
            X_Goog_Upload_Command="start",
            X_Goog_Upload_Header_Content_Length=str(len(content)),
        )
        url = urlsplit(headers["X-Goog-Upload-URL"])
        session = f"{url.path}?{url.query}"
        acknowledged = offset = 0
        while not self.stopped.is_set():
            is_last = len(content) - offset <= CHUNK
            try:
                status, headers, body = request(
                    self.server,
                    "POST",
                    session,
                    content[offset:] if is_last else content[offset : offset + CHUNK],
                    X_Goog_Upload_Command="upload, finalize" if is_last else "upload",
                    X_Goog_Upload_Offset=str(offset),
                )
                if status != 200:
                    raise http.client.HTTPException(f"{status} {body[:100]!r}")
                if is_last:
                    self.check(content, body)
                    return
                acknowledged = offset = offset + CHUNK
            except BROKEN:
                answer = self.ask(session, acknowledged)
                if answer is None:
                    return
                if isinstance(answer, bytes):
                    self.check(content, answer)
                    return
                offset = answer
                self.report.resumed += 1

    def ask(self, session: str, acknowledged: int) -> int | bytes | None:
        """Query until somebody answers: an offset, or the final body."""
        while not self.stopped.is_set():
            try:
                status, headers, body = request(self.server, "POST", session, X_Goog_Upload_Command="query")
            except BROKEN:
                time.sleep(0.01)
                continue
            if status != 200:
                self.report.losses.append(f"a session is gone: {status} {body[:100]!r}")
                return None
            if headers["X-Goog-Upload-Status"] == "final":
                return body
            received = int(headers["X-Goog-Upload-Size-Received"])
            if received < acknowledged:
                self.report.losses.append(f"{acknowledged} bytes acknowledged, {received} kept")
            return received
        return None

    def check(self, content: bytes, body: bytes) -> None:
        """Compare the file with what was sent, once the server answers again."""
        file = json.loads(body)["file"]
        digest = base64.b64decode(file["sha256Hash"]).decode()
        if digest != hashlib.sha256(content).hexdigest():
            self.report.losses.append(f"{file['name']} has another hash")
        path = f"/v1beta/{file['name']}"
        is_deleting = False
        while not self.stopped.is_set():
            with riding_out_a_crash():
                status, _, _ = request(self.server, "GET", path, x_goog_api_key=self.server.key)
                if status != 200 and not is_deleting:
                    self.report.losses.append(f"{file['name']} was acknowledged and is gone")
                is_deleting = True  # from here on it may be gone, whether or not the answer arrives
                request(self.server, "DELETE", path, x_goog_api_key=self.server.key)
                self.report.files += 1
                return


def kill_loop(data: Path, runs: int, uploaders: int = 4, seed: int = 0) -> Report:
    """Kill and restart a server `runs` times under uploaders."""
    report = Report()
    stop = threading.Event()
    chance = random.Random(seed)
    with OfflineServer(data) as server:
        threads = [Uploader(server, report, stop, seed + index) for index in range(uploaders)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(runs):
                time.sleep(chance.uniform(0.0, 0.4))
                server.kill()
                began = time.monotonic()
                server.start()
                report.slowest_start_seconds = max(report.slowest_start_seconds, time.monotonic() - began)
                report.kills += 1
            time.sleep(0.2)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        server.reset()
        left = list((data / "blobs").iterdir())
        if left:
            report.losses.append(f"{len(left)} blobs belong to nothing")
    return report


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--uploaders", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = kill_loop(Path(folder) / "data", options.runs, options.uploaders, options.seed)
    print(
        f"{report.kills} kills, {report.files} files complete, {report.resumed} times resumed, "
        f"slowest start {report.slowest_start_seconds:.2f} s, {len(report.losses)} losses"
    )
    for loss in report.losses:
        print(" ", loss)
    return 1 if report.losses else 0


if __name__ == "__main__":
    sys.exit(main())

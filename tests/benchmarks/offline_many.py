"""How the offline server does with many files: ``python tests/benchmarks/offline_many.py [--files 10000]``.

Prints the median and the slowest of all pages of 100, and how long the server takes to start on them.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import time
from urllib.parse import urlsplit

from gemfiles_jupyter.offline.testing import OfflineServer

PAGE = 100


def ask(
    server: OfflineServer, method: str, path: str, count: int = 1
) -> list[tuple[float, dict[str, object]]]:
    """Send the same request over one connection, and return how long each took and what it said."""
    connection = http.client.HTTPConnection(urlsplit(server.address).netloc)
    answers = []
    for _ in range(count):
        start = time.perf_counter()
        body = '{"file": {}}' if method == "POST" else None
        headers = {"x-goog-api-key": server.key, "Content-Type": "application/json"}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answers.append((time.perf_counter() - start, json.loads(answer.read())))
    connection.close()
    return answers


def main() -> None:
    """Fill a server, list it page by page, and start it again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    chosen = parser.parse_args()
    with OfflineServer() as server:
        ask(server, "POST", "/v1beta/files", chosen.files)
        token, seconds, seen = "", [], 0
        while True:
            ((took, page),) = ask(server, "GET", f"/v1beta/files?pageSize={PAGE}&pageToken={token}")
            files = page.get("files")
            seconds.append(took)
            seen += len(files) if isinstance(files, list) else 0
            token = str(page.get("nextPageToken", ""))
            if not token:
                break
        server.stop()
        start = time.perf_counter()
        server.start()
        restart = time.perf_counter() - start
    print(
        f"{seen} files: a page of {PAGE} takes {1000 * statistics.median(seconds):.1f} ms (median),", end=" "
    )
    print(f"{1000 * max(seconds):.1f} ms (slowest of {len(seconds)}); a start takes {restart:.2f} s")


if __name__ == "__main__":
    main()

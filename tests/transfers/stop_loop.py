"""Stop an uploading process at random instants, and see that running it again finishes the job.

``python tests/transfers/stop_loop.py --runs 300 --how kill`` (or ``interrupt``); a few runs are part
of the test suite. Every run prints its seed, and ``--seed N --runs 1`` plays it again.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from gemfiles_jupyter.offline.testing import OfflineServer

MIB = 1024 * 1024
HOW = {"kill": signal.SIGKILL, "interrupt": signal.SIGINT}
SCRIPT = """
import sys
import gemfiles_jupyter as gf
def show(batch):
    print("under way", file=sys.stderr, flush=True)
try:
    print(gf.upload(sys.argv[1], mime_type="text/plain", on_progress=show).sha256)
except KeyboardInterrupt:
    sys.exit(130)
"""


@dataclass
class Tally:
    """What came of the runs."""

    runs: int = 0
    stops: int = 0
    resumed: int = 0
    corrupted: int = 0
    duplicated: int = 0
    unfinished: int = 0
    most_sent_again: int = 0

    @property
    def is_good(self) -> bool:
        """Whether every run ended with the right bytes in one file, and little was sent again."""
        return self.corrupted == self.duplicated == self.unfinished == 0

    def __str__(self) -> str:
        return (
            f"{self.runs} runs, {self.stops} stops, {self.resumed} sessions gone on with: "
            f"{self.corrupted} corrupted, {self.duplicated} duplicated, {self.unfinished} unfinished; "
            f"a stop cost at most {self.most_sent_again / MIB:.1f} MiB again"
        )


def run_once(server: OfflineServer, folder: Path, how: signal.Signals, seed: int, tally: Tally) -> None:
    """Upload one source, stopping the process up to three times on the way."""
    chance = random.Random(seed)
    source = folder / f"source-{seed}.bin"
    size = chance.randrange(64 * MIB, 128 * MIB)
    source.write_bytes(chance.randbytes(MIB) * (size // MIB) + chance.randbytes(size % MIB))
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    server.reset()
    environ = {**os.environ, "GEMFILES_HOME": str(folder / f"home-{seed}")}
    environ |= {"GOOGLE_GEMINI_BASE_URL": server.address, "GOOGLE_API_KEY": server.key}
    stops = 0
    for _ in range(chance.randint(1, 3)):
        stops += _started_and_stopped(source, environ, how, chance.uniform(0.0, 0.3))
    command = [sys.executable, "-c", SCRIPT, str(source)]
    last = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)
    data = [it for it in server.requests() if "upload" in it["command"]]
    again = sum(int(it["received_bytes"]) for it in data) - size
    files = sum("finalize" in it["command"] and it["status"] == 200 for it in data)
    tally.runs += 1
    tally.stops += stops
    tally.resumed += sum(it["command"] == "query" for it in server.requests())
    tally.unfinished += last.returncode != 0
    tally.corrupted += last.returncode == 0 and last.stdout.strip() != digest
    tally.duplicated += files > 1
    if stops:
        tally.most_sent_again = max(tally.most_sent_again, again // stops)
    if last.returncode or last.stdout.strip() != digest or files > 1:
        print(f"seed {seed}: exit {last.returncode}, {files} files\n{last.stderr[-2000:]}", flush=True)
    source.unlink()


def _started_and_stopped(source: Path, environ: dict[str, str], how: signal.Signals, after: float) -> int:
    """Start the upload and stop it a while after its first sign of life; return 1 if it was still at it."""
    command = [sys.executable, "-c", SCRIPT, str(source)]
    with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        process.stderr.readline()
        time.sleep(after)
        is_running = process.poll() is None
        process.send_signal(how)
        process.stderr.read()
    return int(is_running)


def run_many(how: str, runs: int, seed: int) -> Tally:
    """Run with seeds from ``seed`` on."""
    tally = Tally()
    # Who runs in the background ignores SIGINT, and so would those that are to be interrupted.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as folder, OfflineServer() as server:
        for number in range(runs):
            run_once(server, Path(folder), HOW[how], seed + number, tally)
            if runs > 20 and number % 20 == 19:
                print(tally, flush=True)
    return tally


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--how", choices=sorted(HOW), default="kill")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    chosen = parser.parse_args()
    print(f"{chosen.how}, seeds from {chosen.seed}", flush=True)
    tally = run_many(chosen.how, chosen.runs, chosen.seed)
    print(tally)
    return 0 if tally.is_good else 1


if __name__ == "__main__":
    sys.exit(main())

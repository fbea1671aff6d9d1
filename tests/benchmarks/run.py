"""How fast uploads are, against other clients on the same server in the same run.

    python tests/benchmarks/run.py [--quick] [--only NAME ...] [--rounds N]

Prints tables in Markdown.  Cases are shuffled within a round and medians are shown: on a shared machine
only the ratios within one table mean something.  The server is a sink that discards (sink.py), the links
are emulated (link.py; they need root), google-genai and curl have to be there.
"""

from __future__ import annotations

import argparse
import compileall
import math
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from link import SERVER, Link, is_possible
from measure import (
    MIB,
    Case,
    Figures,
    Sink,
    make_certificate,
    make_file,
    make_text,
    medians,
    send,
    sink,
    table,
)

import gemfiles_jupyter
from gemfiles_jupyter.client.files import poll_delay

LINKS = ((100e6, 0.02), (100e6, 0.05), (100e6, 0.1), (100e6, 0.2), (1e9, 0.0), (1e9, 0.02))
FULL = ("raw", "ours-unhashed", "ours", "google-genai", "curl -T", "curl of the docs")
COMPARED = ("raw", "ours", "google-genai")

OURS_STARTS = "import gemfiles_jupyter as gf; gf.upload({path!r})"
OUR_CLIENT_STARTS = """
import threading
from pathlib import Path
from gemfiles_jupyter.client import Client
from gemfiles_jupyter.client.uploads import NewFile, Watch
from gemfiles_jupyter.transfers.sources import PathSource
path = Path({path!r})
Client().uploads.send(
    PathSource(path, path.name, path.stat().st_size), NewFile("first", "text/plain"),
    Watch(lambda pulse: None, lambda session: None, threading.Event()))
"""
GENAI_STARTS = """
from google import genai
client = genai.Client()
client.files.upload(file={path!r}, config={{"mime_type": "text/plain"}})
"""


class Run:
    """One run of the benchmarks: where its files are, and how much is measured."""

    def __init__(self, folder: Path, rounds: int, congestion: str, *, is_quick: bool) -> None:
        self.folder, self.rounds, self.congestion, self.is_quick = folder, rounds, congestion, is_quick

    def loopback(self) -> None:
        with sink() as to:
            self._sizes("Loopback, plain", to)

    def tls(self) -> None:
        with sink(certificate=make_certificate(self.folder)) as to:
            self._sizes("Loopback, TLS", to)

    def _sizes(self, title: str, to: Sink) -> None:
        for size in (64,) if self.is_quick else (16, 128, 1024):
            path = make_file(self.folder, size * MIB)
            found = medians([Case(sender, path) for sender in FULL], to, self.rounds)
            of = {case.sender: figures for case, figures in found.items()}
            rows = [(sender, *_speeds(of, sender, size)) for sender in FULL]
            columns = ("sender", "MiB/s", "x google-genai", "x raw", "CPU s/GiB", "growth MiB")
            table(f"{title}, one file of {size} MiB", columns, rows)

    def links(self) -> None:
        rows = []
        for rate, round_trip in LINKS[3:4] + LINKS[5:] if self.is_quick else LINKS:
            size = 256 if rate < 1e9 else 1024
            path = make_file(self.folder, (size // 4 if self.is_quick else size) * MIB)
            with Link(rate, round_trip, congestion=self.congestion) as link, _far_sink(link) as to:
                found = medians([Case(sender, path) for sender in COMPARED], to, self.rounds)
            seconds = {case.sender: figures["seconds"] for case, figures in found.items()}
            line = path.stat().st_size * 8 / rate
            rows.append(
                (
                    f"{rate / 1e6:.0f} Mbit/s, {round_trip * 1e3:.0f} ms",
                    path.stem,
                    *(f"{line / seconds[sender]:.0%}" for sender in COMPARED),
                    f"{seconds['raw'] / seconds['ours']:.2f}",
                    f"{seconds['google-genai'] / seconds['ours']:.2f}",
                )
            )
        columns = ("link", "file", *(f"{sender}, of the line" for sender in COMPARED))
        table(
            f"Links (congestion control: {self.congestion or _congestion()})",
            (*columns, "x raw", "x google-genai"),
            rows,
        )

    def loss(self) -> None:
        path = make_file(self.folder, 4 * MIB)
        with Link(100e6, 0.05, loss=0.01, congestion="reno") as link, _far_sink(link) as to:
            found = medians([Case(sender, path) for sender in COMPARED], to, self.rounds)
        seconds = {case.sender: figures["seconds"] for case, figures in found.items()}
        rows = [(sender, f"{path.stat().st_size * 8 / 1e8 / seconds[sender]:.0%}") for sender in COMPARED]
        table("100 Mbit/s, 50 ms, 1 % loss; others choose reno", ("sender", "of the line"), rows)

    def small(self) -> None:
        """Many small files, over a link and, as its emulation takes a core of its own, without one."""
        count, few = (100, 10) if self.is_quick else (500, 50)
        folders = {number: self.folder / f"{number} files" for number in (count, few)}
        for number, folder in folders.items():
            folder.mkdir()
            for index in range(number):
                make_text(folder, 100 * 1024, f"{index:03}.txt")
        cases = [
            Case("ours-many", folders[count], 16),
            Case("ours-many", folders[count], 32),
            Case("google-genai", folders[count], 16),
            Case("google-genai", folders[count], 32),
            Case("google-genai", folders[few], 1),
        ]
        title = f"{count} files of 100 KiB, {{}} (the loop: {few} files, scaled)"
        with sink(late=0.05) as to:
            self._many(title.format("answers 50 ms late"), cases, count, to)
        if is_possible():
            with Link(1e9, 0.05, congestion=self.congestion) as link, _far_sink(link) as to:
                self._many(title.format("a link of 50 ms"), cases, count, to)

    def _many(self, title: str, cases: list[Case], count: int, to: Sink) -> None:
        found = medians(cases, to, self.rounds)
        scale = {case: count / len(list(case.paths.iterdir())) for case in cases}
        seconds = {case: figures["seconds"] * scale[case] for case, figures in found.items()}
        threads = {case.workers: seconds[case] for case in cases[2:4]}
        rows = [
            (
                case.sender,
                case.workers,
                f"{seconds[case]:.2f}",
                f"{seconds[cases[4]] / seconds[case]:.1f}",
                f"{threads.get(case.workers, seconds[case]) / seconds[case]:.2f}",
                f"{found[case]['cpu_seconds'] * scale[case] / count * 1e3:.1f}",
            )
            for case in cases
        ]
        loop, as_many = "x google-genai loop", "x google-genai, as many threads"
        table(title, ("sender", "workers", "seconds", loop, as_many, "CPU ms a file"), rows)

    def resume(self) -> None:
        size = (64 if self.is_quick else 256) * MIB
        path = make_file(self.folder, size)
        rows = []
        with sink() as to:
            for sender in ("ours-unhashed", "google-genai"):
                whole, cut, bytes_sent = [], [], 0.0
                for _ in range(self.rounds):
                    whole.append(_seconds(send(Case(sender, path), to)))
                    to.ask("DELETE", "/facts")
                    to.ask("POST", "/cut", str(int(size * 0.6)).encode())
                    cut.append(_seconds(send(Case(sender, path), to, may_fail=True)))
                    bytes_sent = to.ask("GET", "/facts")["content_bytes"]
                ratio = statistics.median(cut) / statistics.median(whole)
                cost = "gives up" if math.isnan(ratio) else f"{ratio:.2f} x"
                rows.append((sender, cost, f"{bytes_sent / size:.2f} x"))
        columns = ("sender", "time against uncut", "content bytes that arrived")
        table(f"Connection cut at 60 % of {path.stem}", columns, rows)

    def polling(self) -> None:
        chance = random.Random(0)
        rows = []
        for seconds in (0.5, 1, 2, 7, 15, 30, 60):
            tries = [_notice(chance.uniform(0.8, 1.2) * seconds) for _ in range(2000)]
            late, polls = statistics.mean(try_[0] for try_ in tries), max(try_[1] for try_ in tries)
            rows.append((seconds, f"{late:.2f}", f"{max(0.3, 0.15 * seconds):.2f}", polls))
        columns = ("processing, s", "noticed late by, mean s", "target, s", "most polls")
        table("Waiting for ACTIVE (arithmetic over poll_delay, answers in no time)", columns, rows)

    def progress(self) -> None:
        size = 128 if self.is_quick else 1024
        senders = ("ours-silent", "ours-unhashed", "ours", "ours-many")
        with sink() as to:
            path = make_file(self.folder, size * MIB)
            found = medians([Case(sender, path) for sender in senders], to, self.rounds)
        rows = [
            (case.sender, f"{figures['seconds']:.2f}", f"{figures['cpu_seconds'] * 1024 / size:.2f}")
            for case, figures in found.items()
        ]
        table(f"What progress and hashing cost, {path.stem}", ("sender", "seconds", "CPU s/GiB"), rows)

    def memory(self) -> None:
        size = (256 if self.is_quick else 2048) * MIB
        rows = []
        with sink() as to:
            path = make_file(self.folder, size)
            for sender in ("ours", "ours-many", "google-genai"):
                figures = send(Case(sender, path), to)
                rows.append((sender, f"{figures['growth_mib']:.1f}" if figures else "-"))
        table(f"Growth of the process, {path.stem}", ("sender", "MiB"), rows)

    def first_byte(self) -> None:
        path = str(make_file(self.folder, 16 * MIB))
        compileall.compile_dir(str(Path(gemfiles_jupyter.__file__).parent), quiet=1)  # as pip does
        programs = {
            "gf.upload": OURS_STARTS,
            "our client alone": OUR_CLIENT_STARTS,
            "google-genai": GENAI_STARTS,
        }
        taken: dict[str, list[float]] = {name: [] for name in programs}
        with sink() as to:
            environment = to.environment() | {
                "GOOGLE_API_KEY": "benchmark",
                "GOOGLE_GEMINI_BASE_URL": to.address,
            }
            for turn in range(self.rounds + 2):
                for name in random.sample(list(programs), len(programs)):
                    to.ask("DELETE", "/facts")
                    environment["GEMFILES_HOME"] = str(self.folder / f"home {turn} {name}")
                    began = time.monotonic()
                    program = programs[name].format(path=path)
                    subprocess.run(
                        [sys.executable, "-c", program], env=environment, check=True, capture_output=True
                    )
                    taken[name].append(to.ask("GET", "/facts")["first_body"] - began)
        seconds = {name: statistics.median(times) for name, times in taken.items()}
        rows = [
            (name, f"{value * 1e3:.0f}", f"{value / seconds['google-genai']:.2f}")
            for name, value in seconds.items()
        ]
        table("From process start to the first byte of the body", ("sender", "ms", "x google-genai"), rows)


def _speeds(of: dict[str, Figures], sender: str, size: int) -> tuple[str, ...]:
    if sender not in of:
        return ("can't",) + ("-",) * 4
    seconds = of[sender]["seconds"]
    return (
        f"{size / seconds:.0f}",
        f"{of['google-genai']['seconds'] / seconds:.2f}",
        f"{of['raw']['seconds'] / seconds:.2f}",
        f"{of[sender]['cpu_seconds'] * 1024 / size:.2f}",
        f"{of[sender]['growth_mib']:.1f}",
    )


def _far_sink(link: Link):  # type: ignore[no-untyped-def]
    return sink(SERVER, at=link.server, reach_by=link.client)


def _seconds(figures: Figures | None) -> float:
    return math.nan if figures is None or figures["failure"] else figures["seconds"]


def _notice(processing_seconds: float) -> tuple[float, int]:
    """Return how late the end is noticed, and after how many polls."""
    now, polls = 0.0, 0
    while now < processing_seconds:
        now += poll_delay(now)
        polls += 1
    return now - processing_seconds, polls


def _congestion() -> str:
    return Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()


CASES: dict[str, Callable[[Run], None]] = {
    "loopback": Run.loopback,
    "tls": Run.tls,
    "links": Run.links,
    "loss": Run.loss,
    "small": Run.small,
    "resume": Run.resume,
    "polling": Run.polling,
    "progress": Run.progress,
    "memory": Run.memory,
    "first-byte": Run.first_byte,
}
NEED_A_LINK = {"links", "loss"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller files, fewer cases")
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--congestion", default="", help="of links, such as cubic; default: the machine's")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leaves no sink and no link behind
    for name in options.only:
        if name in NEED_A_LINK and not is_possible():
            print(f"\n{name}: left out, an emulated link needs root and /dev/net/tun")
            continue
        with tempfile.TemporaryDirectory() as folder:
            CASES[name](Run(Path(folder), options.rounds, options.congestion, is_quick=options.quick))
    return 0


if __name__ == "__main__":
    sys.exit(main())

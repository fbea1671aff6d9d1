"""Sinks, sender processes and medians, for run.py."""

from __future__ import annotations

import contextlib
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
MIB = 1024**2
CALM = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


@dataclass(frozen=True)
class Sink:
    """A running sink, and what a process needs to reach it."""

    address: str
    prefix: list[str] = field(default_factory=list)
    certificate: Path | None = None

    def environment(self) -> dict[str, str]:
        """Return the environment of a sender: no proxies, and the certificate that it should trust."""
        unwanted = {*CALM, *(name.upper() for name in CALM)}
        environment = {name: value for name, value in os.environ.items() if name not in unwanted}
        if self.certificate:
            trusted = str(self.certificate)
            environment |= {"SSL_CERT_FILE": trusted, "REQUESTS_CA_BUNDLE": trusted}
        return environment

    def ask(self, method: str, target: str, body: bytes | None = None) -> dict[str, float]:
        """Ask a sink on this machine for its facts, or tell it what to do."""
        request = urllib.request.Request(f"{self.address}{target}", body, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as answer:
            facts: dict[str, float] = json.load(answer)
            return facts


@contextlib.contextmanager
def sink(
    host: str = "127.0.0.1",
    *,
    at: Sequence[str] = (),
    reach_by: Sequence[str] = (),
    certificate: Path | None = None,
    late: float = 0.0,
) -> Iterator[Sink]:
    """Run a sink.

    Parameters
    ----------
    at, reach_by
        Prefixes of commands that run where the sink is, and where its senders are.
    late
        Seconds that each answer comes late: a round trip, as who waits for answers feels it.
    """
    command = [*at, sys.executable, str(HERE / "sink.py"), "--host", host, "--late", str(late)]
    command += ["--tls", str(certificate)] if certificate else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Sink(process.stdout.readline().strip(), list(reach_by), certificate)
        finally:
            process.kill()


def make_certificate(folder: Path) -> Path:
    """Make a certificate for 127.0.0.1 that signs itself; key and certificate in one file."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=sink"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    certificate.write_text(certificate.read_text() + key.read_text())
    return certificate


def make_text(folder: Path, size: int, name: str) -> Path:
    """Make a text like no other, else one of them would be reused."""
    path = folder / name
    line = f"What {name} says of the tides.\n".encode()
    path.write_bytes((line * (size // len(line) + 1))[:size])
    return path


def make_file(folder: Path, size: int) -> Path:
    """Make a sparse file, and read it once so that everybody finds it in the cache."""
    path = folder / f"{size // MIB} MiB.bin"
    with path.open("wb") as file:
        file.truncate(size)
    with path.open("rb", buffering=0) as file:
        while file.read(16 * MIB):
            pass
    return path


@dataclass(frozen=True)
class Case:
    """One sender with its sources."""

    sender: str
    paths: Path
    workers: int = 1


Figures = dict[str, float]


def send(case: Case, to: Sink, *, may_fail: bool = False) -> Figures | None:
    """Run a sender once; None where it can't do this at all."""
    command = [*to.prefix, sys.executable, str(HERE / "senders.py"), case.sender, to.address]
    command += [str(case.paths), "--workers", str(case.workers)] + (["--may-fail"] if may_fail else [])
    with tempfile.TemporaryDirectory() as home:  # where our journal is: empty, nothing is reused
        environment = to.environment() | {"GEMFILES_HOME": home}
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment, timeout=600
        )
    if done.returncode:
        print(f"{case.sender}: {(done.stderr.strip().splitlines() or ['?'])[-1]}", file=sys.stderr)
        return None
    figures: Figures = json.loads(done.stdout)
    return figures


def medians(cases: Sequence[Case], to: Sink, rounds: int) -> dict[Case, Figures]:
    """Run every case once a round, shuffled, and return the median of each figure."""
    found: dict[Case, list[Figures]] = {case: [] for case in cases}
    for _ in range(rounds):
        for case in random.sample(cases, len(cases)):
            figures = send(case, to)
            if figures:
                found[case].append(figures)
    return {
        case: {
            name: statistics.median(one[name] for one in runs)
            for name in ("seconds", "cpu_seconds", "growth_mib")
        }
        for case, runs in found.items()
        if runs
    }


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print one table in Markdown."""
    print(f"\n### {title}\n")
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |", flush=True)

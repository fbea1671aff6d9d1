"""``gemfiles upload`` of sources that are elsewhere: what arrives, and how much memory that takes.

``python tests/transfers/remote_run.py --mib 1024`` sends a file of that size over https, with ranges and
without, and small ones from a bucket (moto's server), from archives and from memory; a smaller number is part
of the test suite.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import logging
import os
import re
import ssl
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # as a script it has no package

from web import BLOCK, Page, Web

import gemfiles_jupyter as gf
from gemfiles_jupyter.cli import main as gemfiles

MIB = 1024 * 1024
FILL = os.urandom(BLOCK - 8)
SMALL = b"The tide turns twice a day.\n" * 1000
# So much more memory than a small file takes is for blocks that are read ahead and sent.
MOST_GROWN_MIB = 64
LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Sent:
    """What came of one line."""

    address: str
    mib: float
    is_right: bool
    seconds: float
    peak_mib: float


def content(start: int, end: int) -> bytes:
    """Return a part of a file whose blocks are all different."""
    first, last = start // BLOCK, -(-end // BLOCK)
    blocks = b"".join(number.to_bytes(8, "big") + FILL for number in range(first, last))
    return blocks[start - first * BLOCK : end - first * BLOCK]


def digest_of(size: int) -> str:
    whole = hashlib.sha256()
    for start in range(0, size, MIB):
        whole.update(content(start, min(size, start + MIB)))
    return whole.hexdigest()


def archive() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("notes.txt", SMALL)
    return packed.getvalue()


@contextlib.contextmanager
def bucket() -> Iterator[None]:
    """Serve a bucket with a text and an archive, and point the environment at it."""
    import boto3
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    try:
        client = boto3.client("s3")
        client.create_bucket(Bucket="course")
        client.put_object(Bucket="course", Key="week 1/notes.txt", Body=SMALL)
        client.put_object(Bucket="course", Key="all.zip", Body=archive())
        yield
    finally:
        server.stop()


@contextlib.contextmanager
def tls_web(folder: Path) -> Iterator[Web]:
    """Serve https with a certificate that the environment trusts."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-out", str(certificate), "-keyout", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    os.environ["SSL_CERT_FILE"] = str(certificate)
    with Web(context) as web:
        yield web


def in_a_process(address: str) -> tuple[str, float]:
    """Upload an address, and return what was printed and the most memory that was used, in MiB."""
    command = [str(Path(sys.executable).with_name("gemfiles")), "upload", "--json", address]
    peak_kib = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while (
            process.poll() is None
        ):  # what the system says after its end is at least what this process takes
            peak_kib = max(peak_kib, peak_of(process.pid))
            time.sleep(LOOK_SECONDS)
        printed = process.stdout.read()
    if process.returncode:
        raise SystemExit(f"{address}: exit code {process.returncode}")
    return printed, peak_kib / 1024


def peak_of(pid: int) -> int:
    """Return the most memory that a process has used so far, in KiB (Linux)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) if found else 0


def in_this_process(address: str) -> tuple[str, float]:
    """Upload what is in this process' own memory, by the same line."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = gemfiles(["upload", "--json", address])
    assert code == 0
    return printed.getvalue(), 0.0


def sent(address: str, sha256: str, run: Callable[[str], tuple[str, float]] = in_a_process) -> Sent:
    start = time.monotonic()
    printed, peak = run(address)
    record = json.loads(printed)
    return Sent(
        address.partition("://")[0] + "://" + address.rpartition("/")[2],
        round(record["size_bytes"] / MIB, 2),
        gf.get_file(record["name"]).sha256 == sha256,
        round(time.monotonic() - start, 1),
        round(peak, 1),
    )


def run(size: int) -> list[Sent]:
    """Send all of them to an offline server; the first is small, and says what memory a command takes."""
    import fsspec

    small = hashlib.sha256(SMALL).hexdigest()
    fsspec.filesystem("memory").pipe("/course/notes.txt", SMALL)
    with (
        tempfile.TemporaryDirectory() as folder,
        gf.OfflineServer() as server,
        bucket(),
        tls_web(Path(folder)) as web,
    ):
        home = str(Path(folder) / "home")
        os.environ |= {
            "GEMFILES_HOME": home,
            "GOOGLE_GEMINI_BASE_URL": server.address,
            "GOOGLE_API_KEY": server.key,
        }
        web.pages["notes.txt"] = Page(SMALL)
        web.pages["ranges.bin"] = Page(size=size, parts=content)
        web.pages["no-ranges.bin"] = Page(size=size + 1, parts=content, has_ranges=False)
        return [
            sent(web.url("notes.txt"), small),
            sent(web.url("ranges.bin"), digest_of(size)),
            sent(web.url("no-ranges.bin"), digest_of(size + 1)),
            sent("s3://course/week 1/notes.txt", small),
            sent("zip://notes.txt::s3://course/all.zip", small),
            sent("memory://course/notes.txt", small, in_this_process),
        ]


def main() -> int:
    """Run once, and say what came of it, a line an address."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=1024)
    outcomes = run(parser.parse_args().mib * MIB)
    for outcome in outcomes:
        print(json.dumps(asdict(outcome)))
    base, *others = [outcome.peak_mib for outcome in outcomes]
    is_small = all(peak - base < MOST_GROWN_MIB for peak in others[:2])
    return 0 if is_small and all(outcome.is_right for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())

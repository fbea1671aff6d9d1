"""Uploads through a Dask cluster of processes, one of which is killed; and ``--dask`` on the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("dask_run.py")
ON_A_LINE = """
import sys
from distributed import LocalCluster
from gemfiles_jupyter.cli import main
if __name__ == "__main__":
    with LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as cluster:
        sys.exit(main(["upload", "--dask", cluster.scheduler_address, "--json", *sys.argv[1:]]))
"""


@pytest.mark.parametrize("journals", ["shared", "each"])
def test_each_file_arrives_once_though_a_worker_is_killed(journals: str) -> None:
    command = [sys.executable, str(SCRIPT), "--files", "60", "--workers", "2", "--journals", journals]

    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    assert run.returncode == 0, run.stdout + run.stderr
    outcome = json.loads(run.stdout)
    assert outcome["looks"], "the scheduler was seen with our tasks in it"


@pytest.mark.usefixtures("at_server")
def test_the_command_line_sends_through_a_cluster(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.txt").write_text(f"This is {name}.")
    command = [sys.executable, "-c", ON_A_LINE, str(tmp_path)]

    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    assert run.returncode == 0, run.stderr
    assert [json.loads(line)["display_name"] for line in run.stdout.splitlines()] == [
        "one.txt",
        "two.txt",
    ]


@pytest.mark.usefixtures("at_server")
def test_an_address_without_a_scheduler_is_a_network_error(tmp_path: Path) -> None:
    path = tmp_path / "one.txt"
    path.write_text("one")
    code = "import sys; from gemfiles_jupyter.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "upload", "--dask", "tcp://127.0.0.1:1", str(path)]

    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert run.returncode == 5, run.stderr
    assert "There is no Dask scheduler at tcp://127.0.0.1:1" in run.stderr

"""``%gemupload`` of addresses, in a real kernel: uploaded, or linked."""

from __future__ import annotations

from pathlib import Path

from .conftest import RunCells

CANARY = "CANARYsecret"


def test_an_address_is_uploaded_and_one_address_gives_one_file(run_cells: RunCells) -> None:
    ran = run_cells(
        "import fsspec; memory = fsspec.filesystem('memory')\n"
        "for name in ('one', 'two'): memory.pipe(f'/talks/{name}.txt', name.encode())",
        "x = %gemupload memory://talks/one.txt",
        "y = %gemupload memory://talks/*.txt\nz = %gemupload memory://talks/o*.txt -q",
        "x.display_name, [f.display_name for f in y], type(x).__name__, type(z).__name__",
    )

    assert "✓ one.txt → x" in ran.text(2)
    assert ran.text(4) == "('one.txt', ['one.txt', 'two.txt'], 'File', 'FileList')"


def test_what_may_be_a_credential_is_not_in_the_output(run_cells: RunCells) -> None:
    ran = run_cells(f"x = %gemupload http://ada:{CANARY}@localhost:1/talk.mp4?sig={CANARY}")

    assert "http://localhost:1/talk.mp4 can't be read: its server was not reached" in str(ran.outputs(1))
    assert CANARY not in str(ran.outputs(1))


def test_the_workers_of_a_cluster_may_send(run_cells: RunCells, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.txt").write_text(f"This is {name}.")

    ran = run_cells(
        "from distributed import LocalCluster\n"
        "cluster = LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None)\n"
        "address = cluster.scheduler_address",
        "x = %gemupload one.txt two.txt --dask $address",
        "cluster.close()\n[file.display_name for file in x]",
    )

    assert ran.text(2).startswith("2 files → x · 2 ✓ · ")
    assert ran.text(3) == "['one.txt', 'two.txt']"


def test_a_link_goes_into_a_variable_and_a_prompt(run_cells: RunCells) -> None:
    ran = run_cells(
        "talk = %gemupload --link https://youtu.be/9hE5-98ZeCg",
        "%%gemprompt\nSummarise {talk} in five points.",
        "%gemupload --link https://host/a.mp4 https://host/b.mp4 -v both",
        "[f.uri for f in both], talk.mime_type",
    )

    assert "https://youtu.be/9hE5-98ZeCg" in ran.text(2)
    assert ran.text(4) == "(['https://host/a.mp4', 'https://host/b.mp4'], 'video/*')"

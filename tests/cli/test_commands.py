"""``gemfiles`` as its user meets it: a process with stdout, stderr and an exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gemfiles_jupyter.offline.testing import OfflineServer

from .running import Run, lines_of

NO_VIDEO = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(64)


# Uploading


@pytest.mark.usefixtures("at_server")
def test_an_upload_says_what_became_of_it_on_stdout(gemfiles: Run) -> None:
    run = gemfiles("upload", "notes.txt")

    assert run.returncode == 0
    assert run.stdout.startswith("✓ notes.txt · text/plain · 23 B · files/")
    assert len(run.stdout.splitlines()) == 1
    assert "notes.txt   23 B" in run.stderr or run.stderr == ""


@pytest.mark.usefixtures("at_server")
def test_progress_goes_to_stderr(gemfiles: Run, media: Path) -> None:
    run = gemfiles("upload", str(media / "lecture.mp4"))

    assert "uploaded, processing" in run.stderr
    assert "processing" not in run.stdout


@pytest.mark.usefixtures("at_server")
def test_json_is_a_line_a_file_and_nothing_else(gemfiles: Run) -> None:
    run = gemfiles("upload", "notes.txt", "plan.txt", "--json")

    assert (run.returncode, run.stderr) == (0, "")
    notes, plan = lines_of(run)
    assert (notes["source"], notes["phase"], notes["size_bytes"]) == ("notes.txt", "done", 23)
    assert (plan["source"], plan["state"], plan["is_verified"]) == ("plan.txt", "ACTIVE", True)


@pytest.mark.usefixtures("at_server")
def test_json_holds_any_name_on_any_terminal(gemfiles: Run, here: Path) -> None:
    name = b"\xff \xe2\x80\xae.txt".decode("utf-8", "surrogateescape")
    (here / name).write_text("x")

    run = gemfiles("upload", "*.txt", "--json", PYTHONIOENCODING="ascii")

    assert (run.returncode, run.stderr) == (0, "")
    assert len(lines_of(run)) == 3
    assert run.stdout.isascii()


@pytest.mark.usefixtures("at_server")
def test_a_terminal_that_knows_no_check_marks_is_no_reason_to_fail(gemfiles: Run) -> None:
    run = gemfiles("upload", "notes.txt", PYTHONIOENCODING="ascii")

    assert run.returncode == 0
    assert "Traceback" not in run.stderr
    assert "notes.txt" in run.stdout


@pytest.mark.usefixtures("at_server")
def test_some_that_fail_are_exit_code_1(gemfiles: Run, here: Path) -> None:
    (here / "broken.mp4").write_bytes(NO_VIDEO)

    run = gemfiles("upload", "notes.txt", "broken.mp4")

    assert run.returncode == 1
    assert "✗ The service could not process broken.mp4" in run.stdout
    assert "✓ notes.txt" in run.stdout


@pytest.mark.usefixtures("at_server")
def test_quiet_shows_errors_only(gemfiles: Run, here: Path) -> None:
    (here / "broken.mp4").write_bytes(NO_VIDEO)

    good = gemfiles("upload", "-q", "notes.txt")
    bad = gemfiles("upload", "-q", "plan.txt", "broken.mp4")

    assert (good.returncode, good.stdout, good.stderr) == (0, "", "")
    assert (bad.returncode, bad.stdout) == (1, "")
    assert "✗ The service could not process broken.mp4" in bad.stderr


@pytest.mark.usefixtures("at_server")
def test_a_video_that_can_not_be_processed_is_exit_code_6(gemfiles: Run, here: Path) -> None:
    (here / "broken.mp4").write_bytes(NO_VIDEO)

    run = gemfiles("upload", "broken.mp4")

    assert run.returncode == 6
    assert run.stderr.splitlines()[-1].startswith("gemfiles: The service could not process broken.mp4: ")


@pytest.mark.usefixtures("at_server")
def test_a_dry_run_tells_what_would_happen_and_sends_nothing(gemfiles: Run, here: Path) -> None:
    (here / "all.zip").write_bytes(b"PK\x03\x04" + bytes(30))

    table = gemfiles("upload", "--dry-run", "notes.txt", "all.zip")
    records = gemfiles("upload", "--dry-run", "--json", "notes.txt", "all.zip")
    good = gemfiles("upload", "--dry-run", "notes.txt")

    assert [table.returncode, records.returncode, good.returncode] == [1, 1, 0]
    assert "the service refuses" in table.stdout
    assert "2 sources · 1 sent · 1 refused" in table.stdout.splitlines()[-1]
    sent, refused = lines_of(records)
    assert (sent["source"], sent["action"], refused["action"]) == ("notes.txt", "send", "refuse")
    assert gemfiles("ls").stdout.startswith("0 files")


# Listing, waiting, removing


def test_ls_lists(gemfiles: Run, notes: str) -> None:
    table, nothing, as_json = gemfiles("ls"), gemfiles("ls", "*.mp4"), gemfiles("ls", "--json")

    assert [table.returncode, nothing.returncode] == [0, 0]
    assert notes in table.stdout
    assert nothing.stdout == "0 files, 0 B\n"
    assert [line["name"] for line in lines_of(as_json)] == [notes]


@pytest.mark.parametrize("by", ["notes.txt", "name", "id"])
def test_info_shows_one(by: str, gemfiles: Run, notes: str) -> None:
    reference = {"name": notes, "id": notes.partition("/")[2]}.get(by, by)

    run, as_json = gemfiles("info", reference), gemfiles("info", reference, "--json")

    assert f"name     {notes}" in run.stdout
    assert lines_of(as_json)[0]["name"] == notes


def test_a_file_that_is_not_there_is_exit_code_1(gemfiles: Run, notes: str) -> None:
    run = gemfiles("info", "plan.txt")

    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == "gemfiles: There is no file plan.txt. gemfiles ls shows what is stored.\n"
    assert notes


def test_wait_waits(gemfiles: Run, at_server: OfflineServer, media: Path) -> None:
    at_server.set(processing_seconds=1.0)
    gemfiles("upload", "--no-wait", str(media / "lecture.mp4"))

    run = gemfiles("wait", "lecture.mp4")

    assert run.returncode == 0
    assert "ACTIVE" in run.stdout


def test_waiting_in_vain_is_exit_code_6(gemfiles: Run, at_server: OfflineServer, media: Path) -> None:
    at_server.set(processing_seconds=3600)
    gemfiles("upload", "--no-wait", str(media / "lecture.mp4"))

    run = gemfiles("wait", "lecture.mp4", "--timeout", "0")

    assert run.returncode == 6
    assert "still processing after 0 s. Wait on with gemfiles wait files/" in run.stderr


def test_rm_deletes_one_without_asking(gemfiles: Run, notes: str) -> None:
    run = gemfiles("rm", "notes.txt")

    assert (run.returncode, run.stdout) == (0, "✓ deleted 1 file: notes.txt\n")
    assert notes not in gemfiles("ls").stdout


@pytest.mark.parametrize("what", [["--all"], ["notes.txt", "plan.txt"]])
def test_rm_of_several_needs_a_yes_where_nobody_can_be_asked(
    what: list[str], gemfiles: Run, notes: str
) -> None:
    gemfiles("upload", "plan.txt")

    run = gemfiles("rm", *what)

    assert run.returncode == 2
    assert run.stderr.startswith("gemfiles: This deletes 2 files, 45 B: ")
    assert run.stderr.endswith("Add -y to say that you mean it.\n")
    assert notes in gemfiles("ls").stdout
    assert gemfiles("rm", "-y", *what).returncode == 0
    assert gemfiles("ls").stdout == "0 files, 0 B\n"


def test_rm_takes_patterns_and_filters_and_shows_first(gemfiles: Run, notes: str) -> None:
    gemfiles("upload", "plan.txt")

    dry = gemfiles("rm", "*.txt", "--dry-run")
    asked = gemfiles("rm", "--type", "text")
    old = gemfiles("rm", "--older", "24h", "-y")
    done = gemfiles("rm", "*.txt", "--mine", "-y", "--json")

    assert dry.stdout.endswith("2 files, 45 B · nothing was deleted\n")
    assert (asked.returncode, asked.stdout) == (2, "")
    assert old.stdout == "✓ deleted 0 files\n"
    assert {line["display_name"] for line in lines_of(done)} == {"notes.txt", "plan.txt"}
    assert gemfiles("ls", "--state", "active").stdout == "0 files, 0 B\n"
    assert notes


def test_some_that_can_not_be_deleted_are_exit_code_1(
    gemfiles: Run, notes: str, at_server: OfflineServer
) -> None:
    gemfiles("upload", "plan.txt")
    at_server.faults({"plane": "delete", "action": "answer", "status": 400, "body": "no"})

    run = gemfiles("rm", "--all", "-y")

    assert run.returncode == 1
    assert "✓ deleted 1 file: " in run.stdout
    assert run.stderr == "gemfiles: 1 of 2 files were not deleted. Each line above says why.\n"
    assert notes


def test_ls_sorts(gemfiles: Run, notes: str) -> None:
    gemfiles("upload", "plan.txt")

    by_name = lines_of(gemfiles("ls", "--sort", "name", "--json"))
    reverse = lines_of(gemfiles("ls", "--sort", "name", "--reverse", "--json"))

    assert [line["display_name"] for line in by_name] == ["notes.txt", "plan.txt"]
    assert reverse == by_name[::-1]
    assert by_name[0]["name"] == notes


def test_quota_and_count_say_it_to_people_and_programs(gemfiles: Run, notes: str) -> None:
    table, as_json = gemfiles("quota"), lines_of(gemfiles("quota", "--json"))
    counted, counts = gemfiles("count", "*.txt"), lines_of(gemfiles("count", notes, "--json"))

    assert table.stdout.startswith("23 B of 21.5 GB (20 GiB) used, under 0.1 % · 1 file\n")
    assert (as_json[0]["used_bytes"], as_json[0]["files"]) == (23, 1)
    assert "tokens · gemini-" in counted.stdout
    assert counts[0]["label"] == "notes.txt"
    assert int(str(counts[0]["tokens"])) > 0


def test_code_is_printed(gemfiles: Run, notes: str) -> None:
    run = gemfiles("code", "notes.txt")

    assert run.returncode == 0
    compile(run.stdout, "code", "exec")
    assert f"notes_file = client.files.get(name='{notes}')" in run.stdout


@pytest.mark.parametrize("verb", ["use", "restore"])
def test_verbs_for_variables_are_only_for_notebooks(verb: str, gemfiles: Run, notes: str) -> None:
    run = gemfiles(verb, notes)

    assert run.returncode == 2
    assert f"invalid choice: '{verb}'" in run.stderr


# Asking


def test_a_prompt_is_answered_on_stdout(gemfiles: Run, notes: str) -> None:
    streamed = gemfiles("prompt", "What is this?", "--files", f"notes.txt,{notes}")
    whole = gemfiles("prompt", "-", "--files", "notes.txt", "--no-stream", stdin="What is this?")

    assert (streamed.returncode, streamed.stderr) == (0, "")
    assert streamed.stdout.count("notes.txt") >= 2
    assert "What is this?" in whole.stdout


@pytest.mark.usefixtures("at_server")
def test_a_prompt_uploads_a_path_first(gemfiles: Run) -> None:
    run = gemfiles("prompt", "What is this?", "--files", "plan.txt")

    assert run.returncode == 0
    assert "plan.txt" in run.stdout
    assert "plan.txt" in gemfiles("ls").stdout


@pytest.mark.usefixtures("at_server")
def test_a_prompt_answers_in_json_that_fits_a_schema(gemfiles: Run, here: Path) -> None:
    facts = {"type": "object", "properties": {"name": {"type": "string"}, "size_bytes": {"type": "integer"}}}
    (here / "facts.json").write_text(json.dumps(facts))

    fitted = gemfiles("prompt", "What is it?", "--files", "plan.txt", "--schema", "facts.json")
    free = gemfiles("prompt", "What is it?", "-f", "json")

    assert json.loads(fitted.stdout) == {"name": "plan.txt", "size_bytes": 22}
    assert (fitted.returncode, fitted.stderr) == (0, "")
    assert json.loads(free.stdout)["note"].startswith("Offline server")


def test_a_prompt_that_is_not_json_is_an_error_and_printed_all_the_same(
    gemfiles: Run, at_server: OfflineServer
) -> None:
    answer = {"candidates": [{"content": {"parts": [{"text": "Well,\tno."}]}, "finishReason": "MAX_TOKENS"}]}
    body = f"data: {json.dumps(answer)}\n\n"
    at_server.fail_next("generate", status=200, body=body, content_type="text/event-stream", count=2)

    as_json = gemfiles("prompt", "Hi", "-f", "json")
    as_text = gemfiles("prompt", "Hi")

    assert (as_json.returncode, as_json.stdout) == (1, "Well,\tno.\n")
    assert as_json.stderr.endswith("was cut off before its JSON was complete. Ask for less of it.\n")
    assert (as_text.returncode, as_text.stdout) == (0, "Well,\tno.\n")
    assert as_text.stderr == "cut off: the model's limit of tokens (MAX_TOKENS) was reached\n"


def test_a_dry_run_of_a_prompt_uploads_nothing(gemfiles: Run, notes: str) -> None:
    run = gemfiles("prompt", "Compare these", "--files", f"{notes},plan.txt", "--dry-run")

    assert run.returncode == 0
    assert "notes.txt" in run.stdout
    assert "would be uploaded" in run.stdout
    assert "nothing was sent to the model" in run.stdout
    assert "plan.txt" not in gemfiles("ls").stdout

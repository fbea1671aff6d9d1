"""What is looked at before a byte is sent, and what a dry run tells; nothing of it sends anything."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from gemfiles_jupyter.client import Client
from gemfiles_jupyter.config import Endpoint
from gemfiles_jupyter.errors import GemfilesError, InvalidUsage, QuotaExceeded, SourceError, SourceRefused
from gemfiles_jupyter.offline.testing import OfflineServer
from gemfiles_jupyter.transfers.journal import user_journal
from gemfiles_jupyter.transfers.manager import TransferOptions, upload_all
from gemfiles_jupyter.transfers.plan import Fate
from gemfiles_jupyter.transfers.progress import Progress
from gemfiles_jupyter.transfers.reuse import ReusePolicy
from gemfiles_jupyter.transfers.sources import BytesSource, Source, expand
from gemfiles_jupyter.views.preflight import plan_records, plan_view
from gemfiles_jupyter.workspace.dry_run import Plan, plan
from gemfiles_jupyter.workspace.preflight import check

GIB = 1024**3
PDF_SAID = "the service takes PDFs up to 50 MB"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GEMFILES_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture
def client(endpoint: Endpoint) -> Client:
    return Client(endpoint=endpoint)


def sparse(name: str, size: int, head: bytes = b"") -> str:
    with Path(name).open("wb") as file:
        file.write(head)
        file.truncate(size)
    return name


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "a")
    return buffer.getvalue()


def text(name: str, words: str = "") -> BytesSource:
    return BytesSource((words or name).encode(), name)


def send(client: Client, *sources: Source) -> None:
    upload_all(client, sources, TransferOptions(), lambda _: None)


def planned(client: Client, *specs: object, **options: object) -> Plan:
    return plan(client, user_journal(), expand(specs), TransferOptions(**options))  # type: ignore[arg-type]


def fates(made: Plan) -> list[Fate]:
    return [row.fate for row in made.rows]


def shown(made: Plan) -> str:
    return plan_view(made.rows, made.tokens).text


# Before an upload


def test_every_source_that_would_be_refused_is_named_at_once(client: Client, server: OfflineServer) -> None:
    names = [sparse("big.mp4", 2 * GIB + 1), sparse("scan.pdf", 61_000_000, b"%PDF-1.7")]
    Path("all.zip").write_bytes(zipped())

    with pytest.raises(SourceError) as caught:
        check(client, expand([*names, "all.zip"]), TransferOptions())

    said = str(caught.value)
    assert said.startswith(
        "3 sources can't be sent. big.mp4 is 2.15 GB; the service takes files up to 2 GiB."
    )
    assert f"scan.pdf is 61 MB; {PDF_SAID}." in said
    assert "all.zip is of type application/zip, which the service refuses. Unpack it" in said
    assert server.requests() == []


def test_one_source_that_would_be_refused_stops_no_other(client: Client) -> None:
    check(client, expand([sparse("fine.txt", 3), sparse("scan.pdf", 61_000_000)]), TransferOptions())


def test_what_is_to_be_done_about_several_is_said_once(client: Client) -> None:
    names = [sparse("a.pdf", 61_000_000), sparse("b.pdf", 62_000_000)]

    with pytest.raises(SourceError) as caught:
        check(client, expand(names), TransferOptions())

    assert str(caught.value) == (
        f"2 sources can't be sent. a.pdf is 61 MB; {PDF_SAID}. b.pdf is 62 MB; {PDF_SAID}. "
        "Split it, or pass --force to try anyway."
    )


def test_a_single_refusal_is_itself(client: Client) -> None:
    with pytest.raises(SourceRefused, match=r"^scan\.pdf is 61 MB; "):
        check(client, expand([sparse("scan.pdf", 61_000_000)]), TransferOptions())


def test_of_very_many_refusals_the_first_are_named_and_the_others_counted(client: Client) -> None:
    with pytest.raises(SourceError) as caught:
        check(client, [BytesSource(zipped(), f"{number}.zip") for number in range(30)], TransferOptions())

    assert "19.zip is of type" in str(caught.value)
    assert str(caught.value).endswith("And 10 more.")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("scan.pdf", TransferOptions(is_forced=True)),
        ("scan.zip", TransferOptions(is_forced=True)),
        ("scan.zip", TransferOptions(mime_type="text/plain")),
        ("scan.txt", TransferOptions()),
        ("scan", TransferOptions()),
    ],
    ids=["forced size", "forced type", "type said", "text", "unknown"],
)
def test_what_may_be_taken_passes(name: str, options: TransferOptions, client: Client) -> None:
    check(client, expand([sparse(name, 61_000_000)]), options)


def test_a_file_that_vanished_is_refused(client: Client) -> None:
    sources = expand([sparse("a.txt", 1)])
    Path("a.txt").unlink()

    with pytest.raises(SourceRefused, match=r"^a\.txt can't be read: "):
        check(client, sources, TransferOptions())


def test_a_name_is_for_one_source(client: Client) -> None:
    for options in (TransferOptions(id="x"), TransferOptions(display_name="x")):
        with pytest.raises(InvalidUsage, match=r"^--id and --name are for one file, and this is 2\.$"):
            check(client, [text("a"), text("b")], options)
        with pytest.raises(InvalidUsage):
            plan(client, user_journal(), [text("a"), text("b")], options)


def test_what_does_not_fit_into_the_storage_is_refused_before_it_is_sent(
    client: Client, server: OfflineServer
) -> None:
    names = [sparse(f"{number}.mp4", 2 * GIB - number) for number in range(11)]

    with pytest.raises(QuotaExceeded) as caught:
        check(client, expand(names), TransferOptions())

    assert str(caught.value) == (
        "This needs 23.6 GB, and of the storage of 21.5 GB only 21.5 GB are free. "
        "Free some with %gemfiles rm, or pass --force to try anyway."
    )
    assert [request["method"] for request in server.requests()] == ["GET"]
    check(client, expand(names), TransferOptions(is_forced=True))
    check(client, expand(names[:10]), TransferOptions())


def test_what_may_be_stored_already_needs_no_room(client: Client) -> None:
    send(client, text("0.txt", "1234567"))
    names = [sparse(f"{number}.mp4", 2 * GIB - number) for number in range(9)]

    check(client, [*expand(names), *[text(f"{n}.txt", "1234567") for n in range(99)]], TransferOptions())


def test_small_uploads_cost_no_request(client: Client, server: OfflineServer) -> None:
    check(client, [text("a"), *expand([sparse("b.mp4", GIB - 2)])], TransferOptions())

    assert server.requests() == []


def test_a_storage_that_can_not_be_looked_at_stops_nobody(client: Client, server: OfflineServer) -> None:
    names = [sparse(f"{number}.mp4", 2 * GIB - number) for number in range(10)]
    server.fail_next("list", status=500)

    check(client, expand(names), TransferOptions())

    assert server.all_fired()


# A dry run


def test_a_plan_says_what_would_become_of_each_source(
    client: Client, server: OfflineServer, media: Path
) -> None:
    send(client, *expand([media / "chart.png"]))
    sparse("scan.pdf", 61_000_000, b"%PDF-1.7")
    sent_before = stored(client)

    made = planned(client, media / "chart.png", media / "lecture.mp4", "scan.pdf", b"new words")

    assert fates(made) == [Fate.REUSE, Fate.SEND, Fate.REFUSE, Fate.SEND]
    lines = shown(made).splitlines()
    assert lines[0].split() == ["source", "type", "size", "tokens", "would", "be", "because"]
    assert "reused" in lines[1]
    assert f"it is stored as {sent_before[0]}" in lines[1]
    assert "the service does not have it" in lines[2]
    assert PDF_SAID in lines[3]
    assert "4 sources · 2 sent · 1 reused · 1 refused · 92.3 kB to send" in lines[-1]
    assert "dry run: nothing was sent" in lines[-1]
    assert stored(client) == sent_before
    assert made.failed == (made.rows[2],)
    assert server.requests(), "what is stored was asked for"


def stored(client: Client) -> list[str]:
    return [file.name for file in client.files.list()]


def test_the_same_content_twice_would_be_sent_once(client: Client) -> None:
    made = plan(client, user_journal(), [text("a.txt", "x"), text("b.txt", "x")], TransferOptions())
    never = plan(
        client,
        user_journal(),
        [text("a.txt", "x"), text("b.txt", "x")],
        TransferOptions(reuse=ReusePolicy.NEVER),
    )

    assert fates(made) == [Fate.SEND, Fate.REUSE]
    assert "same content as a.txt" in shown(made)
    assert fates(never) == [Fate.SEND, Fate.SEND]


def test_what_was_left_unfinished_would_be_resumed(client: Client, server: OfflineServer) -> None:
    big = sparse("big.mp4", 32 * 1024**2)
    (source,) = expand([big])
    server.fail_next("data", nth=2, delay_seconds=5)

    def stop(batch: tuple[Progress, ...]) -> None:
        if batch[0].sent > 8 * 1024**2 and not batch[0].phase.is_over:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        upload_all(client, [source], TransferOptions(), stop)

    made = planned(client, big)

    assert fates(made) == [Fate.RESUME]
    assert 0 < made.rows[0].to_send < source.size


def test_forced_nothing_would_be_refused(client: Client) -> None:
    assert fates(planned(client, sparse("scan.pdf", 61_000_000), is_forced=True)) == [Fate.SEND]


def test_an_unknown_type_is_sent_with_a_word_of_warning(client: Client) -> None:
    made = planned(client, bytes(range(128, 255)))

    assert fates(made) == [Fate.SEND]
    assert "its type is not recognised, so a prompt may refuse it" in shown(made)


def test_what_would_not_fit_is_said_with_the_plan(client: Client) -> None:
    names = [sparse(f"{number}.mp4", 2 * GIB - number, b"%d" % number) for number in range(11)]

    assert "This needs 23.6 GB" in str(planned(client, *names).problem)


@pytest.mark.parametrize(
    ("name", "tokens"),
    [("lecture.mp4", 8 * 263), ("interview.m4a", None), ("chart.png", 258), ("handout.pdf", 258)],
)
def test_tokens_are_estimated_as_the_service_counts_them(
    name: str, tokens: int | None, client: Client, media: Path
) -> None:
    (estimate,) = planned(client, media / name).tokens
    (file,) = [
        item.file for item in upload_all(client, expand([media / name]), TransferOptions(), lambda _: None)
    ]
    assert file is not None

    counted = client.prompts.count_tokens([file], "gemini-2.5-flash")

    assert estimate == counted
    assert tokens in (None, estimate) or estimate % tokens == 0


def test_tokens_of_text_and_bytes_are_estimated_too(client: Client, media: Path) -> None:
    picture = (media / "chart.png").read_bytes()
    broken = b"%PDF-1.7 and no pages"

    assert planned(client, b"four" * 100_000, picture, broken, b"").tokens == (
        100_000,
        planned(client, media / "chart.png").tokens[0],
        None,
        0,
    )


def test_a_plan_of_very_many_shows_what_is_refused_first(client: Client) -> None:
    many = [text(f"{number}.txt") for number in range(120)]

    made = plan(client, user_journal(), [*many, BytesSource(zipped(), "last.zip")], TransferOptions())

    lines = shown(made).splitlines()
    assert lines[1].startswith("last.zip")
    assert len(lines) == 102
    assert lines[-1].startswith("the first 100 of 121 shown · 121 sources · 120 sent · 1 refused")


def test_a_plan_is_told_to_programs_too(client: Client) -> None:
    made = planned(client, b"words")

    (record,) = plan_records(made.rows, made.tokens)

    assert record == {
        "source": "untitled",
        "mime_type": "text/plain",
        "size_bytes": 5,
        "action": "send",
        "to_send_bytes": 5,
        "tokens": 2,
        "name": None,
        "reason": "the service does not have it",
    }


def test_foreign_names_in_a_plan_are_escaped(client: Client) -> None:
    made = plan(client, user_journal(), [text("<img src=x onerror=alert(1)>\x1b[2J.txt")], TransferOptions())
    view = plan_view(made.rows, made.tokens)

    assert "<img" not in view.html
    assert "\x1b" not in view.text


def test_an_unreadable_source_is_refused_in_the_plan(client: Client) -> None:
    sources = expand([sparse("a.txt", 1)])
    Path("a.txt").unlink()

    made = plan(client, user_journal(), sources, TransferOptions(is_forced=True))

    assert fates(made) == [Fate.REFUSE]
    with pytest.raises(GemfilesError, match="can't be read"):
        raise made.rows[0].error or AssertionError

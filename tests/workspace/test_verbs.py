"""Lines are parsed the same for all front ends, and errors say what was probably meant."""

from __future__ import annotations

import argparse

import pytest

from gemfiles_jupyter.cli import build_parser
from gemfiles_jupyter.errors import InvalidUsage
from gemfiles_jupyter.transfers.manager import TransferOptions
from gemfiles_jupyter.workspace.verbs.parsing import HelpShown, VerbParser, comma_list, positive, seconds
from gemfiles_jupyter.workspace.verbs.uploads import add_upload, transfer_options


@pytest.fixture
def upload() -> VerbParser:
    parser = VerbParser(prog="%gemupload")
    add_upload(parser, "path")
    return parser


@pytest.fixture
def verbs() -> VerbParser:
    return build_parser()


def complaint(parser: VerbParser, line: str) -> str:
    with pytest.raises(InvalidUsage) as caught:
        parser.parse_args(line.split())
    return str(caught.value)


def test_an_upload_without_options_has_the_defaults(upload: VerbParser) -> None:
    assert transfer_options(upload.parse_args(["a.txt"])) == TransferOptions()


def test_every_option_of_an_upload_reaches_the_transfer(upload: VerbParser) -> None:
    line = "a b --name N --id i-1 --mime text/x --no-wait --timeout 2m -j 7 --force"

    chosen = upload.parse_args(line.split())

    assert chosen.sources == ["a", "b"]
    options = transfer_options(chosen)
    assert (options.display_name, options.id, options.mime_type) == ("N", "i-1", "text/x")
    assert (options.is_waiting, options.timeout_seconds, options.workers) == (False, 120.0, 7)
    assert options.is_forced


def test_options_may_stand_before_and_after_the_sources(upload: VerbParser) -> None:
    chosen = upload.parse_args(
        ["-r", "folder", "--include", "*.txt", "--exclude", "a*", "--include", "*.md", "-q"]
    )

    assert chosen.sources == ["folder"]
    assert (chosen.include, chosen.exclude) == (["*.txt", "*.md"], ["a*"])
    assert chosen.is_recursive
    assert chosen.is_quiet


def test_two_lines_do_not_share_their_lists(upload: VerbParser) -> None:
    upload.parse_args(["a", "--include", "*.txt"])

    assert upload.parse_args(["a"]).include == []


def test_what_follows_two_dashes_is_no_option(upload: VerbParser) -> None:
    assert upload.parse_args(["--", "-r"]).sources == ["-r"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a --nam x", "Unrecognized arguments: --nam x. Did you mean --name?"),
        ("a --no_wait", "Unrecognized arguments: --no_wait. Did you mean --no-wait?"),
        ("a --zzzz", "Unrecognized arguments: --zzzz. See %gemupload --help."),
        ("", "The following arguments are required: SOURCE. See %gemupload --help."),
        ("a --timeout", "Argument --timeout: expected one argument. See %gemupload --help."),
        (
            "a --timeout soon",
            "Argument --timeout: 'soon' is not a time such as 90s, 10m, 1h or 2d. See %gemupload --help.",
        ),
        ("a -j 0", "Argument -j: '0' is not a number from 1 on. See %gemupload --help."),
        ("a -j many", "Argument -j: 'many' is not a number from 1 on. See %gemupload --help."),
        ("a -j -1", "Argument -j: '-1' is not a number from 1 on. See %gemupload --help."),
        ("a --name b --name c", "Argument --name: given twice. See %gemupload --help."),
    ],
    ids=[
        "misspelt",
        "underscore",
        "unlike any",
        "nothing",
        "no value",
        "no time",
        "no worker",
        "no number",
        "negative",
        "twice",
    ],
)
def test_a_wrong_line_is_answered_with_what_to_do(line: str, said: str, upload: VerbParser) -> None:
    assert complaint(upload, line) == said


def test_an_unknown_verb_is_answered_with_the_nearest(verbs: VerbParser) -> None:
    said = complaint(verbs, "uplaod a.txt")

    assert "'uplaod'" in said
    assert said.endswith("Did you mean upload?")


def test_a_missing_verb_says_where_they_are_listed(verbs: VerbParser) -> None:
    assert complaint(verbs, "").endswith("See gemfiles --help.")


def test_a_wrong_option_of_a_verb_is_answered_with_one_of_that_verb(verbs: VerbParser) -> None:
    assert complaint(verbs, "rm --al").endswith("Did you mean --all?")
    assert complaint(verbs, "upload a --timeot 3").endswith("Did you mean --timeout?")


def test_an_option_is_not_guessed_from_its_beginning(upload: VerbParser) -> None:
    assert "Unrecognized arguments: --time" in complaint(upload, "a --time 3")


@pytest.mark.parametrize("line", ["--help", "-h"])
def test_help_is_printed_and_ends_the_line_not_the_process(
    line: str, upload: VerbParser, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(HelpShown):
        upload.parse_args([line])

    shown = capsys.readouterr()
    assert shown.out.startswith("usage: %gemupload")
    assert "--no-wait" in shown.out
    assert shown.err == ""


def test_the_help_of_a_verb_is_its_own(verbs: VerbParser, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(HelpShown):
        verbs.parse_args(["rm", "--help"])

    assert capsys.readouterr().out.startswith("usage: gemfiles rm")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("90", 90),
        ("90s", 90),
        ("1.5s", 1.5),
        ("10m", 600),
        ("10M", 600),
        ("1h", 3600),
        ("2d", 172_800),
        (" 5s ", 5),
        ("0", 0),
    ],
)
def test_times_are_read(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "s", "-1", "1w", "1 m", "1:30", "1e3", "nan", "inf", "٣", "1m30s"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not a time such as 90s, 10m, 1h or 2d"):
        seconds(text)


@pytest.mark.parametrize(("text", "value"), [("1", 1), ("32", 32), ("007", 7)])
def test_counts_are_read(text: str, value: int) -> None:
    assert positive(text) == value


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "four", "٣", "²", "1_000", " 1"])
def test_what_is_no_count_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not a number from 1 on"):
        positive(text)


@pytest.mark.parametrize(
    ("text", "items"), [("a", ["a"]), ("a,b", ["a", "b"]), (" a , b c ,", ["a", "b c"]), (",", []), ("", [])]
)
def test_lists_are_read(text: str, items: list[str]) -> None:
    assert comma_list(text) == items


@pytest.mark.parametrize("action", ["status", "start", "stop"])
def test_the_offline_verb_has_its_actions(action: str, verbs: VerbParser) -> None:
    assert verbs.parse_args(["offline", action]).action == action
    assert verbs.parse_args(["offline"]).action == "status"

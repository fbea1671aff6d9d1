"""What a prompt can be told and what becomes of it, the same for magic and command line."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from ...client.models import File
from ...client.prompts import Answer, Part, PromptOptions
from ...config import DEFAULT_MODEL
from ...errors import GemfilesError, InvalidUsage, UnknownVariable, UnusableAnswer
from ...transfers.manager import TransferOptions
from ...transfers.sources import expand
from ...views.answers import AnswerForm, Foot, end_warning, usage_facts
from ..code_blocks import code_in
from ..prompt import compose, labelled
from ..rehearsal import rehearsal_view
from ..renewal import Renewer
from ..schemas import AnswerSchema, read_json, schema_in_file, schema_of
from ..workspace import Workspace, current_workspace
from .desk import Desk
from .parsing import comma_list

__all__ = ["Answered", "Stage", "add_prompt", "ask"]

HOTTEST = 2.0


class Stage(Protocol):
    """Where an answer appears."""

    def waiting(self, file: File, waited_seconds: float) -> None:
        """Show that a file of the prompt is still being processed."""

    def give_up(self) -> None:
        """Show that the prompt was not sent after all; the error says why."""

    def show(self, answer: Answer, form: AnswerForm, foot: Foot, *, is_last: bool) -> None:
        """Show what has come of an answer, and at last all of it with the line below."""

    def keep(self, answer: Answer) -> None:
        """Keep an answer that is not the result, because it broke off or is of no use."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A prompt's answer; `value` is what was asked for: the answer itself, or the objects of its JSON."""

    answer: Answer
    form: AnswerForm
    value: object


def add_prompt(parser: argparse.ArgumentParser, forms: Sequence[AnswerForm], schema_help: str) -> None:
    """Declare the arguments of ``prompt``."""
    parser.add_argument("-m", "--model", default=DEFAULT_MODEL, help=f"default: {DEFAULT_MODEL}")
    parser.add_argument(
        "-f",
        dest="form",
        choices=[form.value for form in forms],
        help=f"what to make of it; default: {forms[0].value}, or json with --schema",
    )
    parser.set_defaults(default_form=forms[0])
    parser.add_argument("--schema", metavar="NAME", help=schema_help)
    parser.add_argument("--system", metavar="TEXT", help="a system instruction")
    parser.add_argument("--temperature", type=_temperature, metavar="T", help=f"0 to {HOTTEST:g}")
    parser.add_argument(
        "--files", type=comma_list, default=[], metavar="A,B", help="files that go before the text"
    )
    parser.add_argument(
        "--stores", type=comma_list, default=[], metavar="A,B", help="file search stores that it may search"
    )
    parser.add_argument(
        "--no-labels",
        dest="is_labelled",
        action="store_false",
        help="do not tell the model the names of several files",
    )
    parser.add_argument(
        "--no-stream", dest="is_streaming", action="store_false", help="show the answer when it is whole"
    )
    parser.add_argument(
        "--dry-run",
        dest="is_dry_run",
        action="store_true",
        help="show what would be sent and its tokens, and send nothing to the model",
    )


def ask(chosen: argparse.Namespace, text: str, desk: Desk, stage: Stage) -> Answered | None:
    """Ask what a line and its text say; return the answer, or nothing after a dry run.

    Raises
    ------
    UnusableAnswer
        It is empty, or not the JSON that was asked for; what there is was shown and kept.
    """
    form = _form(chosen)
    schema = _schema(chosen.schema, desk.variables) if chosen.schema else None
    workspace = current_workspace()
    options = PromptOptions(
        chosen.model,
        chosen.system,
        chosen.temperature,
        tuple(desk.store(token).name for token in chosen.stores),
        is_json=form is AnswerForm.JSON,
        schema=schema.json_schema if schema else None,
    )
    renewer = workspace.renewer(partial(desk.follow, is_offline=workspace.is_offline), desk.replace)
    if chosen.is_dry_run:
        _rehearse(chosen, text, desk, workspace, options, renewer)
        return None
    parts = _parts(chosen, text, desk, workspace, renewer, stage)
    give = workspace.questions.stream if chosen.is_streaming else workspace.questions.answer_once
    answer = _followed(give(parts, options, renewer), form, stage, workspace)
    _show_end(answer, form, desk, stage, workspace)
    return Answered(answer, form, _value(answer, form, schema, stage))


def _parts(
    chosen: argparse.Namespace,
    text: str,
    desk: Desk,
    workspace: Workspace,
    renewer: Renewer,
    stage: Stage,
) -> tuple[Part, ...]:
    """Return the parts to send, their files uploaded, awaited and renewed."""
    compose(text, desk.variables)  # a clip that makes no sense is said before anything is uploaded
    show = partial(desk.follow, is_offline=workspace.is_offline)
    first: list[File] = []
    for token in chosen.files:
        named = _named(token, desk, workspace)
        first += workspace.upload([named], TransferOptions(), show) if isinstance(named, Path) else named
    try:
        return workspace.questions.compose(
            text,
            desk.variables,
            first,
            renewer,
            is_labelled=chosen.is_labelled,
            on_poll=stage.waiting,
        )
    except (GemfilesError, KeyboardInterrupt):
        stage.give_up()
        raise


def _rehearse(
    chosen: argparse.Namespace,
    text: str,
    desk: Desk,
    workspace: Workspace,
    options: PromptOptions,
    renewer: Renewer,
) -> None:
    named = [_named(token, desk, workspace) for token in chosen.files]
    unsent = [item for item in named if isinstance(item, Path)]
    first = [file for item in named if not isinstance(item, Path) for file in item]
    parts = [*first, *compose(text, desk.variables)]
    shown = labelled(parts) if chosen.is_labelled else parts
    desk.finish(rehearsal_view(workspace, shown, options, renewer, expand(unsent)))


def _followed(answers: Iterator[Answer], form: AnswerForm, stage: Stage, workspace: Workspace) -> Answer:
    """Show an answer as it comes; return it whole."""
    answer: Answer | None = None
    try:
        for answer in answers:
            stage.show(answer, form, Foot(), is_last=False)
    except (GemfilesError, KeyboardInterrupt) as error:
        is_stopped = isinstance(error, KeyboardInterrupt)
        if answer and answer.text:
            warning = "stopped here" if is_stopped else "it broke off here"
            stage.keep(answer)
            stage.show(answer, form, _foot(answer, workspace, warning), is_last=True)
        else:
            stage.give_up()
        if is_stopped:
            kept = "; what had come of the answer is in _" if answer and answer.text else ""
            raise KeyboardInterrupt(f"stopped{kept}") from None
        raise
    if answer is None or not answer.text.strip():
        stage.give_up()
        raise _empty(answer or Answer(""))
    return answer


def _show_end(answer: Answer, form: AnswerForm, desk: Desk, stage: Stage, workspace: Workspace) -> None:
    warnings, facts = [end_warning(answer)], []
    if form is AnswerForm.CODE:
        code = code_in(answer.text)
        if not code:
            warnings.append("there is no code block in it")
        elif desk.offer(code):
            facts.append("the cell below has the code")
    warning = "; ".join(filter(None, warnings))
    stage.show(answer, form, _foot(answer, workspace, warning, *facts), is_last=True)


def _empty(answer: Answer) -> UnusableAnswer:
    reason = end_warning(answer) or "it gave no reason"
    is_cut = answer.finish_reason == "MAX_TOKENS"
    return UnusableAnswer(
        f"The model answered with nothing: {reason}.",
        answer=answer,
        hint="Ask for less, or in other words." if is_cut else "Ask in other words.",
    )


def _foot(answer: Answer, workspace: Workspace, warning: str, *facts: str) -> Foot:
    known = [*facts, answer.model, usage_facts(answer.usage), workspace.note]
    return Foot(tuple(filter(None, known)), warning)


def _value(answer: Answer, form: AnswerForm, schema: AnswerSchema | None, stage: Stage) -> object:
    if form is not AnswerForm.JSON:
        return answer
    try:
        return read_json(answer, schema)
    except UnusableAnswer:
        stage.keep(answer)
        raise


def _form(chosen: argparse.Namespace) -> AnswerForm:
    if chosen.schema and chosen.form not in (None, AnswerForm.JSON.value):
        raise InvalidUsage(f"--schema is for JSON, not for -f {chosen.form}.", hint="Leave -f out.")
    return AnswerForm(chosen.form or (AnswerForm.JSON if chosen.schema else chosen.default_form))


def _schema(token: str, variables: Mapping[str, object]) -> AnswerSchema:
    """Return the schema of a variable, or of a JSON file."""
    name = token.removeprefix("$")
    if name in variables:
        return schema_of(variables[name], name)
    path = Path(token).expanduser()
    if path.is_file():
        return schema_in_file(path)
    close = difflib.get_close_matches(name, [known for known in variables if known[:1] != "_"], n=1)
    raise UnknownVariable(
        f"There is no schema {name}: neither a variable nor a file.",
        hint=f"Did you mean {close[0]}?" if close else "Run the cell that makes it, or check the name.",
    )


def _named(token: str, desk: Desk, workspace: Workspace) -> Path | Sequence[File]:
    """Return what a word of ``--files`` means: a path that is here, or stored files."""
    is_variable = token.lstrip("$") in desk.variables
    path = Path(token).expanduser()
    if not is_variable and path.exists():
        return path
    return [item if isinstance(item, File) else workspace.find(item) for item in desk.references(token)]


def _temperature(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= HOTTEST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a temperature from 0 to {HOTTEST:g}")
    return value

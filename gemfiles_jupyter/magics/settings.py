"""What a user may set once for all lines: ``%config GemfilesMagics``, or a profile's configuration."""

from __future__ import annotations

import argparse
from typing import Any

from traitlets import Bool, Enum, Integer, TraitError, TraitType, Unicode, observe, validate
from traitlets.config import Configurable

from ..client.files import DEFAULT_WAIT_SECONDS
from ..config import DEFAULT_MODEL
from ..transfers.reuse import ReusePolicy
from ..workspace.verbs.parsing import seconds
from . import files, prompt, upload

__all__ = ["Settings"]

_PARSERS = (upload.PARSER, files.PARSER, prompt.PARSER)
# Setting -> what the option's value is called.
_OPTIONS = {
    "model": "model",
    "workers": "workers",
    "reuse": "reuse",
    "quiet": "is_quiet",
    "timeout": "timeout",
}


class Duration(TraitType):  # type: ignore[type-arg]
    """Seconds, which may be written as a line writes them."""

    info_text = "a time such as 90, '90s', '10m' or '1h'"

    def validate(self, obj: Any, value: Any) -> float:
        """Return seconds."""
        if isinstance(value, str):
            try:
                value = seconds(value)
            except argparse.ArgumentTypeError:
                self.error(obj, value)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
            self.error(obj, value)
        return float(value)


class Settings(Configurable):
    """Defaults of the magics' options; what a line says goes before them."""

    model = Unicode(DEFAULT_MODEL, help="The model of %gemprompt, count and code: -m.").tag(config=True)
    workers = Integer(
        None,
        allow_none=True,
        min=1,
        help="Uploads at a time: -j. None is few for big files and many for small ones.",
    ).tag(config=True)
    reuse = Enum(
        [policy.value for policy in ReusePolicy],
        ReusePolicy.AUTO.value,
        help="Whether a stored file stands for the same content: --reuse.",
    ).tag(config=True)
    quiet = Bool(False, help="Whether %gemupload shows errors only: -q.").tag(config=True)
    timeout = Duration(
        DEFAULT_WAIT_SECONDS, help="How long to wait until a file is ACTIVE: --timeout. 90, '10m', '1h'."
    ).tag(config=True)

    @validate("model")
    def _check_model(self, proposal: Any) -> str:
        name = str(proposal["value"]).strip()
        if not name or len(name.split()) > 1:
            raise TraitError(f"{proposal['value']!r} is not the name of a model.")
        return name

    @observe(*_OPTIONS)
    def _apply(self, change: Any) -> None:
        _set_default(_OPTIONS[change["name"]], change["new"])

    def restore_defaults(self) -> None:
        """Let the options have their own defaults again."""
        for name, option in _OPTIONS.items():
            _set_default(option, self.traits()[name].default_value)


def _set_default(option: str, value: object) -> None:
    for action in (it for parser in _PARSERS for verb in parser.all_parsers() for it in verb._actions):
        if action.dest == option:
            action.default = value

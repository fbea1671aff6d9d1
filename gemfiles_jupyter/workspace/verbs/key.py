"""``key``: give a key without showing it, ask whether it is good, forget it."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence

from ...client import Client
from ...config import Choice, choose, find_key, home
from ...errors import InvalidUsage, KeyMissing, KeyProblem, KeyTyped, NetworkError, QuotaExceeded
from ...keys import Secret, forget_key, forget_saved_key, remember_key, save_key
from ...views.view import Fragment, fragment, lines
from .desk import Desk
from .parsing import VerbParser
from .verb import Verb

__all__ = ["KEY_VERB", "typed_keys"]

SHOWN_FINGERPRINT = 8
_OPTION = re.compile(r"-{1,2}[a-z-]{0,16}")


def typed_keys(words: Sequence[str]) -> list[str]:
    """Return what can't be an option of ``key``, and may be a key: ``AIza...``, ``--key=AIza...``."""
    return [word.rpartition("=")[2] for word in words if not _OPTION.fullmatch(word)]


def _declare(parser: argparse.ArgumentParser) -> None:
    assert isinstance(parser, VerbParser)
    parser.check_words = _refuse_keys
    parser.description = "Ask for an API key without showing it, and keep it until the kernel ends."
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--save", dest="is_saving", action="store_true", help="keep it in the system's keyring too"
    )
    what.add_argument(
        "--check",
        dest="is_checking",
        action="store_true",
        help="ask the service whether the key in use is good, and say where it is from",
    )
    what.add_argument(
        "--forget",
        dest="is_forgetting",
        action="store_true",
        help="forget what was given here, in memory and in the keyring",
    )


def _refuse_keys(words: Sequence[str]) -> None:
    if typed_keys(words):
        raise KeyTyped(
            "A key has no place on the line, which the notebook and the history keep.",
            hint="Leave it out, and you are asked; and take it out of the history.",
        )


def _key(chosen: argparse.Namespace, desk: Desk) -> None:
    if chosen.is_checking:
        shown = _check()
    elif chosen.is_forgetting:
        shown = _forget()
    elif chosen.is_saving or desk.is_lasting:
        shown = _take(desk.ask_key(), desk, is_saving=chosen.is_saving)
    else:
        raise InvalidUsage(
            "A command forgets a key when it ends.",
            hint="gemfiles key --save keeps it in the keyring; or set GOOGLE_API_KEY.",
        )
    desk.finish(lines(shown))


def _take(key: Secret, desk: Desk, *, is_saving: bool) -> list[Fragment]:
    if not key:
        raise KeyMissing("No key was given; nothing has changed.")
    if not key.is_header_safe():
        raise KeyProblem("That holds characters that no key has.", hint="Copy it again.")
    if is_saving:
        save_key(home(), key)
    if desk.is_lasting:
        remember_key(key)
    kept = " and ".join(
        [
            *(["in memory until the kernel ends"] if desk.is_lasting else []),
            *(["in the keyring"] if is_saving else []),
        ]
    )
    shown = [fragment(f"✓ The key ({_print(key)}) is kept {kept}.")]
    choice = choose()
    if choice.endpoint.key != key:
        shown.append(
            fragment(f"It is not in use: {choice.key_source or choice.reason} comes first.", is_dim=True)
        )
    else:
        shown.append(fragment("%gemfiles key --check asks the service whether it is good.", is_dim=True))
    return shown


def _check() -> list[Fragment]:
    choice = choose()
    key = choice.endpoint.key
    if key is None:
        where = (
            "the offline server is used" if choice.endpoint.is_offline else "the base URL is used without one"
        )
        why = f" ({choice.reason})" if "=" in choice.reason else ""
        raise KeyMissing(f"No key is in use{why}; {where}.", hint=_how(choice))
    said = f"the key from {choice.key_source} ({_print(key)})"
    try:
        next(Client(endpoint=choice.endpoint).files.list(1, retries=1), None)
    except QuotaExceeded as error:
        return [fragment(f"! The service accepts {said}, but its quota is used up: {error.message}")]
    except KeyProblem as error:
        raise KeyProblem(
            f"The service refuses {said}: {error.message}", hint="Give another with %gemfiles key."
        ) from None
    except NetworkError as error:
        raise type(error)(
            f"Whether {said} is good is not known: {error.message}",
            hint="%gemfiles doctor looks for the cause.",
        ) from None
    return [fragment(f"✓ The service accepts {said}.")]


def _forget() -> list[Fragment]:
    forgotten = [
        *(["in memory"] if forget_key() else []),
        *(["in the keyring"] if forget_saved_key(home()) else []),
    ]
    said = f"The key {' and '.join(forgotten)} is forgotten." if forgotten else "No key was given here."
    key, source = find_key()
    rest = f"{source} still has one ({_print(key)})." if key else "No key is left."
    return [fragment(f"{said} {rest}")]


def _how(choice: Choice) -> str:
    if choice.reason.startswith("GEMFILES_OFFLINE"):
        return "Unset GEMFILES_OFFLINE, and give a key with %gemfiles key."
    return "Give one with %gemfiles key, or set GOOGLE_API_KEY."


def _print(key: Secret) -> str:
    return f"fingerprint {key.fingerprint()[:SHOWN_FINGERPRINT]}"


KEY_VERB = Verb("key", "give an API key without showing it, check it, forget it", _key, _declare)

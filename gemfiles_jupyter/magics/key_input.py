"""Keys and the places where a notebook would keep them: a field that shows nothing, and IPython's history."""

from __future__ import annotations

import getpass
import sqlite3
from collections.abc import Sequence
from typing import Any

from ..errors import KeyMissing
from ..keys import Secret
from .asking import answer_to

__all__ = ["asked_key", "erase_from_history"]

MASK = "***"
SHORTEST_KEY = 8


def asked_key() -> Secret:
    """Ask for a key below the cell.

    Raises
    ------
    KeyMissing
        There is no one to ask (nbclient, papermill, a pipe).
    """
    typed = answer_to("API key (not shown, not saved): ", getpass.getpass)
    if typed is None:
        raise KeyMissing(
            "A key can't be typed here: this notebook runs without a user.",
            hint="Set GOOGLE_API_KEY before starting it.",
        )
    return Secret(typed)


def erase_from_history(shell: Any, words: Sequence[str]) -> bool:
    """Mask words in the history of this session, in memory and on disk; return whether they are gone.

    The cell itself is the front end's, and can't be changed from here.
    """
    keys = [word for word in words if len(word) >= SHORTEST_KEY]
    history = shell.history_manager
    if not keys or history is None:
        return False
    for inputs in (history.input_hist_raw, history.input_hist_parsed):
        inputs[:] = [_masked(text, keys) for text in inputs]
    for name in ("_i", "_ii", "_iii", "_i00"):
        setattr(history, name, _masked(getattr(history, name), keys))
    for name, value in list(shell.user_ns.items()):
        if name.startswith("_i") and isinstance(value, str):
            shell.user_ns[name] = _masked(value, keys)
    with history.db_input_cache_lock:
        history.db_input_cache[:] = [
            (number, *(_masked(text, keys) for text in texts)) for number, *texts in history.db_input_cache
        ]
    return _erase_on_disk(history, keys)


def _erase_on_disk(history: Any, keys: Sequence[str]) -> bool:
    database = getattr(history, "db", None)
    if not getattr(history, "enabled", False) or not isinstance(database, sqlite3.Connection):
        return True  # nothing was written
    try:
        with history.db_output_cache_lock, database:
            database.execute("PRAGMA secure_delete = ON")
            for key in keys:
                masked = "replace(source, ?, ?)", "replace(source_raw, ?, ?)"
                database.execute(
                    f"UPDATE history SET source = {masked[0]}, source_raw = {masked[1]} WHERE session = ?",  # noqa: S608
                    (key, MASK, key, MASK, history.session_number),
                )
    except sqlite3.Error:  # another process is writing, or the disk is full
        return False
    return True


def _masked(text: str, keys: Sequence[str]) -> str:
    for key in keys:
        text = text.replace(key, MASK)
    return text

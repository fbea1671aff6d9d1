"""Questions below a cell, where there may be no one to answer."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["answer_to"]


def answer_to(question: str, ask: Callable[[str], str]) -> str | None:
    """Ask, and return the answer without white space around it.

    Parameters
    ----------
    ask
        `input`, or `getpass.getpass` for what must not be shown.

    Returns
    -------
    str or None
        ``None`` if no one is there to ask: front ends without input (nbclient, papermill) refuse in one
        way or another, and a pipe ends.
    """
    try:
        return ask(question).strip()
    except (EOFError, RuntimeError, NotImplementedError):
        return None

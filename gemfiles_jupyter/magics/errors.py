"""One-line errors that fail the cell: no traceback through our code, no frame that could show a secret."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from ..errors import GemfilesError
from ..workspace.verbs.parsing import HelpShown

__all__ = ["short_errors"]

_Function = TypeVar("_Function", bound=Callable[..., Any])


def short_errors(function: _Function) -> _Function:
    """Let a magic fail with one line that says what, why and what to do, of our own error type."""

    @functools.wraps(function)
    def run(*args: Any, **options: Any) -> Any:
        failure: Any
        try:
            return function(*args, **options)
        except HelpShown:
            return None
        except GemfilesError as error:
            failure = error
        except KeyboardInterrupt as error:
            failure = KeyboardInterrupt(str(error) or "stopped; run the cell again to go on")
        # Raised anew out here, so that neither its context nor its frames go into the notebook.
        line = f"{type(failure).__name__}: {failure}"
        failure._render_traceback_ = lambda: [line]
        raise failure.with_traceback(None) from None

    return run  # type: ignore[return-value]

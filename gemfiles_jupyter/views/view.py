"""One thing to show, in both forms that every front end can show."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..safe_text import safe_text

__all__ = ["Colour", "Fragment", "View", "fragment", "lines", "monospaced"]

# A file may be called a$b$c.txt: MathJax, old or new, shall not take that for a formula.
NO_MATHS = 'class="tex2jax_ignore mathjax_ignore"'
# The rules of front ends for <pre> differ, also in which font it has.
_PRE_STYLE = (
    "margin:0;white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere;"
    "font-family:var(--jp-code-font-family,monospace)"
)
_STYLE = "white-space:pre-wrap;line-height:1.5;font-variant-numeric:tabular-nums"


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour of the front end's theme.

    Attributes
    ----------
    variable
        The theme's name for it.
    plain
        What it is where there is no theme, and in a notebook that JupyterLab does not trust, which keeps no
        variables; to be seen on white and on black.
    """

    variable: str
    plain: str

    def style(self, what: str) -> str:
        """Return the declaration that gives a property this colour."""
        return f"{what}:{self.plain};{what}:var({self.variable},{self.plain})"


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a line: text, and the same as safe HTML."""

    text: str
    html: str

    def __add__(self, other: Fragment) -> Fragment:
        return Fragment(self.text + other.text, self.html + other.html)


@dataclass(frozen=True, slots=True)
class View:
    """What to show: ``text/plain`` and ``text/html``, static, without script or foreign asset."""

    text: str
    html: str = field(repr=False)

    @property
    def bundle(self) -> dict[str, str]:
        """The MIME bundle that goes into a notebook."""
        return {"text/plain": self.text, "text/html": self.html}

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002
        return self.bundle


def fragment(
    text: object, *, colour: Colour | None = None, is_dim: bool = False, is_bold: bool = False
) -> Fragment:
    """Return foreign or own text as a fragment: made safe, escaped, optionally styled."""
    safe = safe_text(str(text))
    styles = [
        colour.style("color") if colour else "",
        "opacity:.65" if is_dim else "",
        "font-weight:600" if is_bold else "",
    ]
    style = ";".join(filter(None, styles))
    escaped = html.escape(safe, quote=True)
    return Fragment(safe, f'<span style="{style}">{escaped}</span>' if style else escaped)


def lines(rows: Iterable[Fragment]) -> View:
    """Stack fragments as lines."""
    rows = list(rows)
    body = "<br>".join(row.html for row in rows)
    return View("\n".join(row.text for row in rows), f'<div {NO_MATHS} style="{_STYLE}">{body}</div>')


def monospaced(text: str) -> str:
    """Return text that was made safe as HTML in which columns stand below each other: code, JSON."""
    return f'<pre style="{_PRE_STYLE}">{html.escape(text)}</pre>'

"""A share as a bar: blocks in text, boxes in HTML."""

from __future__ import annotations

from .view import Colour, Fragment

__all__ = ["bar"]

CELLS = 20

_BOX = "display:inline-block;width:12em;height:.55em;border-radius:.3em;vertical-align:.08em"
_TRACK = f"{_BOX};{Colour('--jp-border-color2', 'rgba(128,128,128,.4)').style('background-color')}"
_FILL = "display:block;height:100%;border-radius:.3em;" + Colour("--jp-brand-color1", "#1976d2").style(
    "background-color"
)


def bar(share: float, *, has_track: bool = True) -> Fragment:
    """Return a bar that is full at 1; what is more than nothing is seen.

    Parameters
    ----------
    has_track
        Show what is left to 1 as well.
    """
    full = int(share * CELLS)
    text = "█" * full + ("░" * (CELLS - full) if has_track else "" if full or not share else "▏")
    least = "" if has_track or not share else ";min-width:2px"
    style = _TRACK if has_track else _BOX
    return Fragment(
        text, f'<span style="{style}"><span style="{_FILL};width:{share:.1%}{least}"></span></span>'
    )

"""What was found when looking for trouble: a table of checks, each with what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from .rows import BAD, GOOD
from .tables import table, wrapping
from .view import Colour, Fragment, View, fragment

__all__ = ["Check", "Verdict", "check_record", "checks_view"]


class Verdict(str, Enum):
    """How a check went."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    said
        What was found.
    fix
        What to do, where there is something.
    """

    name: str
    verdict: Verdict
    said: str
    fix: str = ""


_MARKS = {
    Verdict.GOOD: fragment("✓", colour=GOOD),
    Verdict.DOUBTFUL: fragment("!", colour=Colour("--jp-warn-color0", "#b26a00"), is_bold=True),
    Verdict.BAD: fragment("✗", colour=BAD, is_bold=True),
}


def checks_view(checks: Sequence[Check]) -> View:
    """Show checks as a table, what to do below each, and at last how many need something."""
    rows: list[list[str | Fragment]] = []
    for check in checks:
        rows.append([_MARKS[check.verdict], check.name, wrapping(check.said)])
        if check.fix:
            rows.append(["", "", wrapping(fragment(f"→ {check.fix}", is_dim=True))])
    bad = sum(check.verdict is Verdict.BAD for check in checks)
    doubtful = sum(check.verdict is Verdict.DOUBTFUL for check in checks)
    said = [f"{bad} to fix" if bad else "", f"{doubtful} to look at" if doubtful else ""]
    return table([], rows, ", ".join(filter(None, said)) or "All is well.")


def check_record(check: Check) -> dict[str, object]:
    """Return a check for programs."""
    return {"check": check.name, "verdict": check.verdict.value, "found": check.said, "fix": check.fix}

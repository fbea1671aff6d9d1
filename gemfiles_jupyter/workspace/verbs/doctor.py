"""``doctor``: what keeps things from working, and what to do about it."""

from __future__ import annotations

import argparse

from ...views.doctor import check_record, checks_view
from ..doctor import Diagnosis, examine
from .desk import Desk
from .verb import Verb

__all__ = ["DOCTOR_VERB"]


def _doctor(_: argparse.Namespace, desk: Desk) -> Diagnosis:
    diagnosis = examine()
    desk.finish(checks_view(diagnosis.checks), map(check_record, diagnosis.checks))
    return diagnosis


DOCTOR_VERB = Verb("doctor", "look for what keeps things from working", _doctor, has_records=True)

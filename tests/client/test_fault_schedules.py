"""Random schedules of faults, each of which an upload has to survive."""

from __future__ import annotations

import os
import random

import pytest

from gemfiles_jupyter.offline.testing import OfflineServer

from .fault_schedules import run, schedule

RUNS = 60
# A seed in the environment plays a run again; without one they are the same each time.
FIRST_SEED = int(os.environ.get("GEMFILES_FAULT_SEED", "1"))


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + RUNS))
def test_an_upload_survives_the_faults_of(seed: int, server: OfflineServer) -> None:
    outcome = run(seed, server)
    print(outcome)

    assert outcome.verdict == "finished", outcome
    assert outcome.is_all_fired, outcome


def test_schedules_have_one_to_six_faults_of_many_kinds() -> None:
    plans = [schedule(seed) for seed in random.Random(0).sample(range(10**6), 500)]

    assert {len(plan.faults) for plan in plans} == {1, 2, 3, 4, 5, 6}
    assert len({kind for plan in plans for kind in plan.kinds}) > 30

"""A few random stops in every test run; ``stop_loop.py`` does hundreds."""

from __future__ import annotations

import time

import pytest

from . import stop_loop


@pytest.mark.parametrize("how", ["kill", "interrupt"])
def test_a_stopped_upload_goes_on_to_the_right_bytes(how: str) -> None:
    seed = int(time.time())
    print(f"seed {seed}: python tests/transfers/stop_loop.py --how {how} --seed {seed} --runs 4")

    tally = stop_loop.run_many(how, 4, seed)

    assert tally.is_good, str(tally)
    assert tally.stops, "not one run was stopped on the way"

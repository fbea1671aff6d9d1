"""Where a transfer stands, measured with a clock that the test moves."""

from __future__ import annotations

import dataclasses

import pytest

from gemfiles_jupyter.client.models import File
from gemfiles_jupyter.errors import GemfilesError
from gemfiles_jupyter.transfers.progress import Meter, Phase, Progress

MB = 1_000_000


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def meter(clock: Clock) -> Meter:
    return Meter("lecture.mp4", 100 * MB, clock)


def send(meter: Meter, clock: Clock, *, rate: float, seconds: float, step: float = 0.1) -> None:
    """Send at a steady rate for some seconds."""
    start = meter.snapshot().sent
    for tick in range(1, round(seconds / step) + 1):
        clock.now += step
        meter.pulse(round(start + rate * step * tick), 0, "")


def test_a_transfer_begins_queued_with_nothing_measured(meter: Meter) -> None:
    assert meter.snapshot() == Progress("lecture.mp4", 100 * MB)


def test_a_snapshot_does_not_change(meter: Meter) -> None:
    snapshot = meter.snapshot()

    meter.pulse(5, 0, "")

    assert snapshot.sent == 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        snapshot.sent = 5  # type: ignore[misc]


def test_there_is_no_rate_before_there_is_something_to_measure(meter: Meter, clock: Clock) -> None:
    meter.enter(Phase.UPLOADING)
    meter.pulse(MB, 0, "")
    clock.now += 0.1
    meter.pulse(2 * MB, 0, "")

    assert meter.snapshot().rate is None
    assert meter.snapshot().eta_seconds is None


def test_a_steady_rate_is_measured(meter: Meter, clock: Clock) -> None:
    meter.enter(Phase.UPLOADING)

    send(meter, clock, rate=4 * MB, seconds=3)

    assert meter.snapshot().rate == pytest.approx(4 * MB, rel=0.01)


def test_the_rate_is_that_of_the_last_seconds(meter: Meter, clock: Clock) -> None:
    meter.enter(Phase.UPLOADING)
    send(meter, clock, rate=10 * MB, seconds=5)

    send(meter, clock, rate=1 * MB, seconds=6)

    assert meter.snapshot().rate == pytest.approx(1 * MB, rel=0.01)


def test_the_rate_follows_a_change_within_the_window(meter: Meter, clock: Clock) -> None:
    meter.enter(Phase.UPLOADING)
    send(meter, clock, rate=10 * MB, seconds=5)

    send(meter, clock, rate=1 * MB, seconds=2)

    assert 1 * MB < (meter.snapshot().rate or 0) < 10 * MB


def test_the_time_left_is_what_is_left_at_the_present_rate(meter: Meter, clock: Clock) -> None:
    meter.enter(Phase.UPLOADING)

    send(meter, clock, rate=4 * MB, seconds=5)

    assert meter.snapshot().eta_seconds == pytest.approx(80 / 4, rel=0.01)


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.UPLOADING])
def test_there_is_a_time_left_only_while_uploading(phase: Phase) -> None:
    assert Progress("x", 10, phase=phase, sent=5, rate=1.0).eta_seconds is None


@pytest.mark.parametrize("rate", [None, 0.0])
def test_there_is_no_time_left_without_a_rate(rate: float | None) -> None:
    assert Progress("x", 10, phase=Phase.UPLOADING, sent=5, rate=rate).eta_seconds is None


def test_a_fault_takes_bytes_back_and_the_rate_starts_anew(meter: Meter, clock: Clock) -> None:
    meter.enter(Phase.UPLOADING)
    send(meter, clock, rate=10 * MB, seconds=3)

    clock.now += 1
    meter.pulse(8 * MB, 1, "The connection broke")

    snapshot = meter.snapshot()
    assert (snapshot.phase, snapshot.sent) == (Phase.RETRYING, 8 * MB)
    assert (snapshot.attempt, snapshot.trouble) == (1, "The connection broke")
    assert snapshot.rate is None


def test_the_rate_after_a_fault_counts_only_what_came_after_it(meter: Meter, clock: Clock) -> None:
    meter.enter(Phase.UPLOADING)
    send(meter, clock, rate=10 * MB, seconds=3)
    meter.pulse(8 * MB, 1, "The connection broke")

    send(meter, clock, rate=2 * MB, seconds=1)

    snapshot = meter.snapshot()
    assert (snapshot.phase, snapshot.attempt, snapshot.trouble) == (Phase.UPLOADING, 0, "")
    assert snapshot.rate == pytest.approx(2 * MB, rel=0.01)


def test_a_slow_link_with_few_signs_of_life_still_has_a_rate(meter: Meter, clock: Clock) -> None:
    meter.enter(Phase.UPLOADING)

    send(meter, clock, rate=0.05 * MB, seconds=80, step=20)

    assert meter.snapshot().rate == pytest.approx(0.05 * MB, rel=0.01)


def test_the_phase_and_the_whole_are_timed(meter: Meter, clock: Clock) -> None:
    clock.now += 30
    meter.enter(Phase.UPLOADING)
    clock.now += 5
    meter.enter(Phase.PROCESSING)
    clock.now += 7

    snapshot = meter.snapshot()

    assert (snapshot.phase_seconds, snapshot.total_seconds) == (7, 12)


def test_waiting_in_the_queue_is_no_part_of_the_whole(meter: Meter, clock: Clock) -> None:
    clock.now += 30

    assert meter.snapshot().total_seconds == 0


def test_entering_a_phase_again_does_not_restart_its_time(meter: Meter, clock: Clock) -> None:
    meter.enter(Phase.PROCESSING)
    clock.now += 5
    meter.enter(Phase.PROCESSING)
    clock.now += 5

    assert meter.snapshot().phase_seconds == 10


@pytest.mark.parametrize("phase", [Phase.DONE, Phase.FAILED, Phase.PAUSED])
def test_time_stands_still_at_the_end(phase: Phase, meter: Meter, clock: Clock) -> None:
    meter.enter(Phase.UPLOADING)
    clock.now += 5
    meter.enter(phase)
    clock.now += 500

    assert meter.snapshot().total_seconds == 5


@pytest.mark.parametrize("phase", [Phase.DONE, Phase.FAILED, Phase.PAUSED])
def test_a_late_sign_of_life_does_not_undo_the_end(phase: Phase, meter: Meter) -> None:
    meter.enter(Phase.UPLOADING)
    meter.pulse(5 * MB, 0, "")
    meter.enter(phase)

    meter.pulse(6 * MB, 0, "")

    assert meter.snapshot().phase is phase
    assert meter.snapshot().sent == 5 * MB


def test_what_was_paused_does_not_end_otherwise(meter: Meter) -> None:
    meter.enter(Phase.UPLOADING)
    meter.enter(Phase.PAUSED)

    meter.enter(Phase.FAILED, error=GemfilesError("too late"))

    assert meter.snapshot().phase is Phase.PAUSED
    assert meter.snapshot().error is None


def test_the_result_stays_with_the_transfer(meter: Meter) -> None:
    file = File("files/abc")
    meter.declare("video/mp4")
    meter.enter(Phase.UPLOADING)
    meter.uploaded(file, is_verified=True, sent_bytes=101 * MB)
    meter.enter(Phase.PROCESSING)
    error = GemfilesError("It did not work")

    meter.enter(Phase.FAILED, error=error)

    snapshot = meter.snapshot()
    assert (snapshot.file, snapshot.error, snapshot.mime_type) == (file, error, "video/mp4")
    assert (snapshot.sent, snapshot.sent_bytes, snapshot.is_verified) == (100 * MB, 101 * MB, True)


def test_the_file_as_it_was_last_seen_replaces_the_first_one(meter: Meter) -> None:
    meter.uploaded(File("files/abc"), is_verified=True, sent_bytes=0)
    ready = File("files/abc", video_seconds=12.0)

    meter.enter(Phase.DONE, file=ready)

    assert meter.snapshot().file is ready


def test_nothing_more_happens_after_the_last_phases() -> None:
    over = {phase.value for phase in Phase if phase.is_over}

    assert over == {"done", "failed", "paused", "cancelled"}

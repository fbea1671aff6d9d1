"""Sizes, durations and times the way people say them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from gemfiles_jupyter.views.quantities import clock_text, lifetime_text, moment_text, rate_text, size_text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, "? B"),
        (0, "0 B"),
        (1, "1 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1234, "1.2 kB"),
        (99_949, "99.9 kB"),
        (99_950, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (4_200_000, "4.2 MB"),
        (412_000_000, "412 MB"),
        (999_999_999, "1.0 GB"),
        (2 * 1024**3, "2.1 GB"),
        (20 * 1024**3, "21.5 GB"),
        (1_500_000_000_000, "1.5 TB"),
        (9_999_000_000_000_000, "9999 TB"),
    ],
)
def test_sizes(count: int | None, text: str) -> None:
    assert size_text(count) == text


@pytest.mark.parametrize(("rate", "text"), [(None, ""), (0.0, "0 B/s"), (18_200_000.0, "18.2 MB/s")])
def test_rates(rate: float | None, text: str) -> None:
    assert rate_text(rate) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (-5, "0:00"),
        (0, "0:00"),
        (0.4, "0:00"),
        (37, "0:37"),
        (59.6, "1:00"),
        (725, "12:05"),
        (3599.7, "1:00:00"),
        (3723, "1:02:03"),
        (360_000, "100:00:00"),
    ],
)
def test_durations(seconds: float | None, text: str) -> None:
    assert clock_text(seconds) == text


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (None, ""),
        (timedelta(hours=-1), "expired"),
        (timedelta(0), "expired"),
        (timedelta(seconds=1), "1 min"),
        (timedelta(minutes=12), "12 min"),
        (timedelta(minutes=89), "89 min"),
        (timedelta(minutes=90), "2 h"),
        (timedelta(hours=31, minutes=10), "31 h"),
        (timedelta(hours=48), "48 h"),
    ],
)
def test_times_to_live(left: timedelta | None, text: str) -> None:
    assert lifetime_text(left) == text


def test_moments_are_in_utc_wherever_they_come_from() -> None:
    summer = timezone(timedelta(hours=2))

    assert moment_text(datetime(2026, 11, 23, 23, 5, tzinfo=summer)) == "2026-11-23 21:05 UTC"
    assert moment_text(None) == ""

"""How full the storage is, as figures, as bars and as records."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone

from gemfiles_jupyter.client.models import File
from gemfiles_jupyter.config import STORAGE_BYTES
from gemfiles_jupyter.views.quota import quota_view
from gemfiles_jupyter.views.records import usage_record
from gemfiles_jupyter.views.usage import Release, Share, Usage

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=timezone.utc)
GB = 10**9


def file(name: str, mime_type: str, size: int | None, left_hours: float | None) -> File:
    expires = None if left_hours is None else NOW + timedelta(hours=left_hours)
    return File(f"files/{name}", name, mime_type, size, expiration_time=expires)


FILES = [
    file("talk.mp4", "video/mp4", 4 * GB, 47.5),
    file("short.mov", "video/quicktime", GB, 2),
    file("notes.pdf", "application/pdf", 2 * GB, 13),
    file("data.bin", "application/octet-stream", 1, 5.9),
    file("odd", "", None, -1),
]


def test_figures_add_up() -> None:
    usage = Usage.of(FILES, NOW)

    assert (usage.used_bytes, usage.limit_bytes, usage.count) == (7 * GB + 1, STORAGE_BYTES, 5)
    assert usage.shares == (Share("video", 5 * GB, 2), Share("pdf", 2 * GB, 1), Share("other", 1, 2))
    assert [item.label for item in usage.biggest] == [
        *("talk.mp4", "notes.pdf", "short.mov", "data.bin", "odd")
    ]
    assert usage.releases[0] == Release(0, 6, GB + 1, 3)
    assert usage.releases[2] == Release(12, 18, 2 * GB, 1)
    assert usage.releases[7] == Release(42, 48, 4 * GB, 1)
    assert sum(release.count for release in usage.releases) == 5


def test_what_comes_after_two_days_or_never_is_later() -> None:
    usage = Usage.of([file("kept", "text/plain", 5, None), file("new", "text/plain", 6, 48.01)], NOW)

    assert usage.releases[-1] == Release(48, None, 5, 1)
    assert usage.releases[-2] == Release(42, 48, 6, 1), "a clock that is a little ahead"


def test_the_view_has_bars_that_compare() -> None:
    text = quota_view(Usage.of(FILES, NOW), now=NOW, note="offline server").text

    head, kinds, biggest, releases = (part.splitlines() for part in text.split("\n\n"))
    assert head == [
        "7.0 GB of 21.5 GB (20 GiB) used, 32.6 % · 5 files · offline server",
        "██████░░░░░░░░░░░░░░ 14.5 GB free",
    ]
    assert kinds == [
        "by type    size                        files",
        "video    5.0 GB  ████████████████████      2",
        "pdf      2.0 GB  ████████                  1",
        "other       1 B  ▏                         2",
    ]
    assert biggest[:2] == [
        "biggest      size  expires in  name",
        "talk.mp4   4.0 GB  48 h        files/talk.mp4",
    ]
    assert releases[:3] == [
        "expires in   frees                        files",
        "0–6 h       1.0 GB  █████                     3",
        "12–18 h     2.0 GB  ██████████                1",
    ], "steps in which nothing expires are left out"
    assert releases[-1] == "42–48 h     4.0 GB  ████████████████████      1"


def test_both_forms_say_the_same_and_nothing_is_fetched() -> None:
    view = quota_view(Usage.of(FILES, NOW), now=NOW, note="offline server")

    for word in ("32.6 %", "14.5 GB free", "talk.mp4", "files/notes.pdf", "42–48 h", "offline server"):
        assert word in view.text
        assert word in view.html
    assert "http" not in view.html
    assert "<svg" not in view.html
    assert len(view.html) < 10_000


def test_bars_are_seen_where_variables_of_styles_are_left_out() -> None:
    html = quota_view(Usage.of(FILES, NOW), now=NOW).html

    kept = re.sub(r"[\w-]+:var\((?:[^()]|\([^()]*\))*\)", "", html)

    assert "var(" not in kept
    assert kept.count("background-color:#1976d2") == html.count("var(--jp-brand-color1") > 4


def test_an_empty_storage_is_two_lines() -> None:
    assert quota_view(Usage.of([], NOW), note="").text.splitlines() == [
        "0 B of 21.5 GB (20 GiB) used, 0.0 % · 0 files",
        "░░░░░░░░░░░░░░░░░░░░ 21.5 GB free",
    ]


def test_a_storage_that_is_more_than_full_is_full() -> None:
    usage = Usage.of([file("big", "video/mp4", 30 * GB, 1)], NOW)

    assert quota_view(usage).text.splitlines()[:2] == [
        "30.0 GB of 21.5 GB (20 GiB) used, 100.0 % · 1 file",
        "████████████████████ 0 B free",
    ]


def test_the_record_has_every_figure() -> None:
    record = json.loads(json.dumps(usage_record(Usage.of(FILES, NOW))))

    assert (record["used_bytes"], record["limit_bytes"], record["files"]) == (7 * GB + 1, STORAGE_BYTES, 5)
    assert record["by_type"][1] == {"type": "pdf", "size_bytes": 2 * GB, "files": 1}
    assert record["biggest"][0]["name"] == "files/talk.mp4"
    assert record["expires"][0] == {"from_hours": 0, "until_hours": 6, "size_bytes": GB + 1, "files": 3}

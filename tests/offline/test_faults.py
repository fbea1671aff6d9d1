"""Scripted faults do what they say, and count."""

from __future__ import annotations

import http.client
import json

import pytest

MIB = 1024**2
BROKEN = (ConnectionError, http.client.HTTPException)


def test_a_planned_answer_comes_instead_of_the_real_one(wire, server):
    server.fail_next(
        "start",
        status=429,
        retry_after=7,
        upload_status="active",
        body='{"error": {}}',
        content_type="application/json",
    )

    answer = wire.begin(3)

    assert answer.status == 429
    assert answer.headers["Retry-After"] == "7"
    assert answer.upload_status == "active"
    assert answer.body == b'{"error": {}}'
    assert wire.begin(3).status == 200
    assert server.fired() == [1]


def test_nth_and_count_choose_the_requests(wire, server):
    server.fail_next("list", status=500, nth=2, count=2)

    statuses = [wire.get("/v1beta/files").status for _ in range(5)]

    assert statuses == [200, 500, 500, 200, 200]
    assert server.all_fired()


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("keep", [0, 1, 3 * MIB])
def test_keeping_some_bytes_leaves_a_session_to_resume(wire, server, keep, reset):
    session = wire.start(8 * MIB)
    server.fail_next("data", keep_bytes=keep, reset=reset)

    with pytest.raises(BROKEN):
        wire.command(session, "upload, finalize", bytes(8 * MIB), 0)

    assert wire.query(session).received == keep
    rest = wire.command(session, "upload, finalize", bytes(8 * MIB - keep), keep)
    assert rest.json["file"]["sizeBytes"] == str(8 * MIB)
    assert server.all_fired()


def test_a_lost_answer_was_processed(wire, server):
    session = wire.start(3, name="files/mine")
    server.fail_next("finalize", action="drop-answer")

    with pytest.raises(BROKEN):
        wire.command(session, "upload, finalize", b"abc", 0)

    assert wire.names() == ["files/mine"]
    assert wire.query(session).upload_status == "final"


def test_a_dropped_request_was_not_processed(wire, server):
    name = wire.upload(b"x")["name"]
    server.fail_next("delete", action="drop", reset=True)

    with pytest.raises(BROKEN):
        wire.request("DELETE", f"/v1beta/{name}")

    assert wire.names() == [name]


def test_an_answer_may_be_cut_or_empty(wire, server):
    first, second = wire.start(3), wire.start(3)
    server.faults(
        {"plane": "finalize", "action": "truncate"}, {"plane": "finalize", "action": "empty", "nth": 2}
    )

    cut = wire.command(first, "upload, finalize", b"abc", 0)
    empty = wire.command(second, "upload, finalize", b"abc", 0)

    assert cut.status == empty.status == 200
    with pytest.raises(json.JSONDecodeError):
        cut.json  # noqa: B018 - reading it is the test
    assert (empty.body, empty.upload_status) == (b"", None)
    assert len(wire.names()) == 2
    assert server.fired() == [1, 1]


def test_a_delay_changes_nothing_else(wire, server):
    server.fail_next("get", delay_seconds=0.05)
    name = wire.upload(b"x")["name"]

    assert wire.get(f"/v1beta/{name}").status == 200
    assert server.requests()[-1]["seconds"] >= 0.05


def test_a_fault_that_never_came_is_noticed(server):
    server.fail_next("cancel")

    assert not server.all_fired()
    server.clear_faults()
    assert server.fired() == []


@pytest.mark.parametrize(
    "fault", [{"plane": "moon", "action": "drop"}, {"plane": "get", "action": "x"}, {"a": 1}]
)
def test_a_fault_that_makes_no_sense_is_refused(server, fault):
    with pytest.raises(ValueError, match=r"unknown|unexpected"):
        server.faults(fault)


def test_requests_are_logged_without_secrets(wire, server):
    session = wire.start(3)
    wire.command(session, "upload, finalize", b"abc", 0)
    wire.get(f"/v1beta/files?key={server.key}", key=None)

    requests = server.requests()

    assert [request["planes"] for request in requests] == [["start"], ["data", "finalize"], ["list"]]
    assert [request["received_bytes"] for request in requests][1:] == [3, 0]
    assert requests[0]["key"] == requests[2]["key"] != ""
    assert server.key not in json.dumps(requests)
    assert "upload_id" not in json.dumps(requests)
    server.clear_requests()
    assert server.requests() == []


def test_reset_makes_the_server_new(wire, server, mp4):
    server.set(quota_bytes=1, processing_outcome="failed")
    server.advance(1000)
    session = wire.start(1)
    server.fail_next("get")

    server.reset()

    assert wire.query(session).status == 404
    assert server.fired() == []
    assert wire.upload(mp4, "video/mp4")["state"] == "ACTIVE"


def test_a_setting_that_does_not_exist_is_refused(server):
    with pytest.raises(ValueError, match="quota"):
        server.set(quota_bytes="much")  # type: ignore[arg-type]

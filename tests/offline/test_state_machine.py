"""Random sequences of everything a client may do, against a model of what must be."""

from __future__ import annotations

import hashlib
import os

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    precondition,
    rule,
)

from gemfiles_jupyter.offline.testing import OfflineServer

CHUNK = 8 * 1024**2
TTL_SECONDS = 1000


class Model:
    """One upload session as it must be."""

    def __init__(self, path: str, declared: int | None, name: str | None) -> None:
        self.path, self.declared, self.name = path, declared, name
        self.content = b""
        self.status = "active"
        self.final_body = b""


class FilesMachine(RuleBasedStateMachine):
    """Start, upload, repeat, query, finalize, cancel, restart, wait, delete, list."""

    server: OfflineServer
    make_wire: type

    sessions = Bundle("sessions")
    files = Bundle("files")

    def __init__(self) -> None:
        super().__init__()
        self.server.reset()
        self.server.set(ttl_seconds=TTL_SECONDS)
        self.wire = self.make_wire(self.server)
        self.now = 0.0
        self.live: dict[str, tuple[float, bytes]] = {}  # name: (moment of expiration, content)
        self.order: list[str] = []

    @rule(target=sessions, size=st.none() | st.integers(0, 40), id_number=st.none() | st.integers(0, 3))
    def start(self, size, id_number):
        name = None if id_number is None else f"files/chosen-{id_number}"
        file = {} if name is None else {"name": name}
        return Model(self.wire.start(size, **file), size, name)

    @rule(session=sessions, content=st.binary(max_size=50), shift=st.sampled_from([0, 0, 0, 1, -1, 7]))
    def upload_and_finalize(self, session, content, shift):
        offset = max(0, len(session.content) + shift)
        answer = self.wire.command(session.path, "upload, finalize", content, offset)
        if session.status != "active":
            assert (answer.status, answer.upload_status) == (400, session.status)
        elif offset != len(session.content):
            assert (answer.status, answer.upload_status) == (409, "active")
        elif session.declared is not None and offset + len(content) > session.declared:
            assert (answer.status, answer.upload_status) == (400, "active")
        else:
            session.content += content
            self.expect_end(session, answer)

    @rule(session=sessions)
    def finalize(self, session):
        answer = self.wire.command(session.path, "finalize")
        if session.status == "active":
            self.expect_end(session, answer)
        elif session.status == "final":
            self.expect_outcome(session, answer)
        else:
            assert (answer.status, answer.upload_status) == (400, "cancelled")

    @rule(session=sessions, size=st.integers(1, 50))
    def upload_misaligned(self, session, size):
        answer = self.wire.command(session.path, "upload", bytes(size), len(session.content))
        assert answer.status == 400
        assert answer.upload_status == session.status

    @rule(session=sessions)
    def query(self, session):
        answer = self.wire.query(session.path)
        if session.status == "active":
            assert (answer.upload_status, answer.received) == ("active", len(session.content))
        elif session.status == "final":
            self.expect_outcome(session, answer)
        else:
            assert answer.status == 410

    @rule(session=sessions)
    def cancel(self, session):
        answer = self.wire.command(session.path, "cancel")
        if session.status == "final":
            assert (answer.status, answer.upload_status) == (400, "final")
        else:
            session.status = "cancelled"
            assert (answer.status, answer.upload_status) == (200, "cancelled")

    @rule(target=files, session=sessions)
    def pick(self, session):
        return session.name if session.name in self.live else multiple()

    @rule(name=consumes(files))
    def delete(self, name):
        self.expire()
        answer = self.wire.request("DELETE", f"/v1beta/{name}")
        assert answer.status == (200 if self.live.pop(name, None) else 403)

    @rule(name=files)
    def get(self, name):
        self.expire()
        answer = self.wire.get(f"/v1beta/{name}")
        assert answer.status == (200 if name in self.live else 403)

    @rule(seconds=st.sampled_from([1, 300, TTL_SECONDS]))
    def advance(self, seconds):
        self.server.advance(seconds)
        self.now += seconds

    @precondition(lambda self: self.order)
    @rule(is_crash=st.booleans())
    def restart(self, is_crash):
        if is_crash:
            self.server.kill()
        self.server.restart()
        self.server.set(ttl_seconds=TTL_SECONDS)

    @invariant()
    def lists_what_lives_newest_first(self):
        self.expire()
        assert self.wire.names() == [name for name in reversed(self.order) if name in self.live]

    def expect_end(self, session, answer):
        self.expire()
        if session.declared is not None and len(session.content) != session.declared:
            assert (answer.status, answer.upload_status) == (400, "active")
            return
        session.status = "final"
        assert answer.upload_status == "final"
        if session.name in self.live:
            assert answer.status == 409
            session.name, session.final_body = None, answer.body
            return
        assert answer.status == 200
        file = answer.json["file"]
        assert session.name in (None, file["name"])
        assert file["sizeBytes"] == str(len(session.content))
        session.name, session.final_body = file["name"], answer.body
        self.live[session.name] = (self.now + TTL_SECONDS, session.content)
        self.order = [name for name in self.order if name != session.name] + [session.name]

    def expect_outcome(self, session, answer):
        self.expire()
        assert answer.upload_status == "final"
        if session.name is None:
            assert (answer.status, answer.body) == (409, session.final_body)
        elif session.name in self.live and self.live[session.name][1] == session.content:
            assert answer.json["file"]["name"] == session.name
        else:
            assert answer.status == 200

    def expire(self):
        # Seconds of real time pass beside the clock that is moved: no test comes near the border.
        self.live = {name: item for name, item in self.live.items() if item[0] > self.now}

    def teardown(self):
        blobs = {path.read_bytes() for path in (self.server.data / "blobs").iterdir()}
        for _, content in self.live.values():
            assert content in blobs, hashlib.sha256(content).hexdigest()


def test_any_sequence_of_requests_keeps_to_the_model(gemfiles_offline, wire_to):
    FilesMachine.server = gemfiles_offline
    FilesMachine.make_wire = wire_to
    case = FilesMachine.TestCase()
    case.settings = settings(
        max_examples=int(os.environ.get("GEMFILES_STATE_MACHINE_EXAMPLES", "12")),
        stateful_step_count=50,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )

    case.runTest()

"""A running server: opens the storage, listens, and ends in good order."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import os
import secrets
import signal
import socket
import sys
import time
from pathlib import Path

from tornado.netutil import bind_sockets

from .application import OfflineApplication
from .backend import Backend
from .clock import Clock
from .connections import GuardedServer, room_for_connections
from .doors import Doors
from .faults import Faults
from .request_log import RequestLog
from .runtime import Runtime, kept_key
from .sessions import Sessions
from .settings import Settings
from .storage import Storage, StorageError
from .store_documents import resume_chunking

_SWEEP_SECONDS = 30.0
_FINISH_SECONDS = 3.5
_POLL_SECONDS = 0.02
_BLOCK_BYTES = 512 * 1024  # smaller ones cost a quarter of the throughput
_UNLIMITED_BYTES = 2**62  # handlers have limits of their own, and better answers


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Serve until a signal or idleness; return the exit code."""
    try:
        return asyncio.run(_serve(options, settings))
    except StorageError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"Can't listen on {options.host}:{options.port}: {error.strerror}.", file=sys.stderr)
    return 1


async def _serve(options: argparse.Namespace, settings: Settings) -> int:
    clock = Clock()
    storage = Storage(options.data.absolute(), clock, settings, patience_seconds=options.patience_seconds)
    try:
        sockets = _listen(options.host, options.port)
        backend = _backend(options, settings, clock, storage, sockets[0].getsockname()[1])
        ended = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            _on_signal(number, ended)
        server = _http_server(options, backend, sockets[0].getsockname()[1])
        server.add_sockets(sockets)
        await storage.resume_processing()
        await resume_chunking(backend)
        _announce(options, backend)
        try:
            await _until_the_end(backend, ended, options.idle_minutes * 60)
        finally:
            server.stop()
            await _finish(server, backend)
            if options.runtime is not None:
                _withdraw(options.runtime, backend)
    finally:
        storage.close()
    return 0


def _listen(host: str, port: int) -> list[socket.socket]:
    return bind_sockets(port, address=host, family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def _backend(
    options: argparse.Namespace, settings: Settings, clock: Clock, storage: Storage, port: int
) -> Backend:
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(options.host, options.host)  # noqa: S104
    return Backend(
        address=f"http://{name}:{port}",
        instance=secrets.token_hex(16),
        control_token=options.control,
        owner_token=None if options.runtime is None else secrets.token_urlsafe(24),
        clock=clock,
        settings=settings,
        initial_settings=dataclasses.replace(settings),
        storage=storage,
        sessions=Sessions(storage),
        faults=Faults(),
        log=RequestLog(verbose=options.verbose),
    )


def _http_server(options: argparse.Namespace, backend: Backend, port: int) -> GuardedServer:
    server = GuardedServer(
        OfflineApplication(backend, Doors(options.host, port, options.allow_origin)),
        chunk_size=_BLOCK_BYTES,
        max_body_size=_UNLIMITED_BYTES,
        max_buffer_size=64 * 1024**2,
    )
    server.settings = backend.settings
    server.max_connections = room_for_connections()
    return server


def _on_signal(number: signal.Signals, ended: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(number, ended.set)
    except NotImplementedError:  # Windows
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(ended.set))


def _announce(options: argparse.Namespace, backend: Backend) -> None:
    """Tell where the server is: on stdout, and in the runtime file that launchers read."""
    if options.runtime is not None:
        folder: Path = options.runtime.parent
        Runtime(
            address=backend.address,
            pid=os.getpid(),
            data=str(backend.storage.folder),
            instance=backend.instance,
            key=kept_key(folder),
            owner_token=backend.owner_token or "",
        ).write(options.runtime)
    print(backend.address, flush=True)


def _withdraw(path: Path, backend: Backend) -> None:
    runtime = Runtime.read(path)
    if runtime is not None and runtime.instance == backend.instance:
        path.unlink(missing_ok=True)


async def _until_the_end(backend: Backend, ended: asyncio.Event, idle_seconds: float) -> None:
    """Wait for a signal, sweeping now and then, or until nobody has asked for long."""
    pause = min(_SWEEP_SECONDS, idle_seconds / 4) if idle_seconds else _SWEEP_SECONDS
    while not ended.is_set():
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(ended.wait(), pause)
            return
        await backend.storage.sweep()
        backend.sessions.forget_abandoned()
        quiet = (time.monotonic_ns() - backend.log.last_ns) / 1e9
        if idle_seconds and quiet > idle_seconds and not backend.log.under_way:
            return


async def _finish(server: GuardedServer, backend: Backend) -> None:
    """Let requests that are under way end; then close what is left."""
    deadline = time.monotonic() + _FINISH_SECONDS
    while backend.log.under_way and time.monotonic() < deadline:
        await asyncio.sleep(_POLL_SECONDS)
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(server.close_all_connections(), 1 - 2 * _POLL_SECONDS)
    await asyncio.sleep(_POLL_SECONDS)  # what the closed connections had sent goes to the disk

"""Who may do a transfer: it is entered as new, gone on with, or busy elsewhere.

Each of these is for one transaction of the journal, so that two who ask at once do not both get it.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import time
from dataclasses import replace

from .entries import Claim, Entry, Verdict, this_host
from .entry_table import IS_UNFINISHED, insert, select, update

__all__ = ["begin", "claim", "entry_of_ours", "give_up_same"]

OF_CONTENT = "size = ? AND sample = ? AND mime_type = ? AND endpoint = ? AND key = ?"
OF_SOURCE = f"path = NULLIF(?, '') AND endpoint = ? AND key = ? AND {IS_UNFINISHED}"


def entry_of_ours(wanted: Entry) -> Entry:
    """Return an entry with an id of its own, whose worker is this process."""
    now, random = time.time(), secrets.token_hex(12)
    return replace(
        wanted,
        id=random[:8],
        owner=random[8:],
        host=this_host(),
        pid=os.getpid(),
        heartbeat=now,
        created=now,
    )


def begin(cursor: sqlite3.Cursor, entry: Entry) -> bool:
    """Enter a transfer, if the journal knows neither its content nor an unfinished one of its source.

    In one statement, for it is done for each of many small files.
    """
    known = f"{OF_CONTENT} AND ({IS_UNFINISHED} OR phase = 'done') OR {OF_SOURCE}"
    return insert(cursor, entry, unless=known, values=(*_content(entry), *_source(entry)))


def claim(cursor: sqlite3.Cursor, entry: Entry, since: float, *, has_chosen_id: bool) -> Claim:
    """Enter a transfer, or go on with what was left of it, unless another worker is at it.

    Parameters
    ----------
    since
        What was stored later (seconds since the epoch) makes it busy, too: the caller has to look again.
    has_chosen_id
        Only a transfer of that very file id may be gone on with.
    """
    same = select(
        cursor,
        f"{OF_CONTENT} AND ({IS_UNFINISHED} OR phase = 'done' AND heartbeat >= ?) ORDER BY created",
        (*_content(entry), since),
    )
    for other in same:
        if other.is_live or other.phase == "done":
            return Claim(Verdict.BUSY, other)
    for other in same:
        is_same_source = (other.path, other.modified_ns) == (entry.path, entry.modified_ns)
        is_same_id = other.file_id == entry.file_id or not has_chosen_id
        if other.path and is_same_source and is_same_id and other.display_name == entry.display_name:
            mine = {name: getattr(entry, name) for name in ("owner", "host", "pid", "heartbeat")}
            ours = {**mine, "phase": "queued", "request": "", "error": ""}
            update(cursor, other.id, ours)
            return Claim(Verdict.ADOPTED, replace(other, **ours))
    _give_up_others(cursor, entry)
    insert(cursor, entry)
    return Claim(Verdict.NEW, entry)


def give_up_same(cursor: sqlite3.Cursor, stored: Entry) -> None:
    """End what was left unfinished of a source that needs no sending any more."""
    left = f"{OF_CONTENT} AND path = ? AND {IS_UNFINISHED}"
    for other in select(cursor, left, (*_content(stored), stored.path)):
        if not other.is_live:
            changes = {"phase": "cancelled", "session": "", "error": "it was stored already"}
            update(cursor, other.id, changes)


def _give_up_others(cursor: sqlite3.Cursor, entry: Entry) -> None:
    """End what was left unfinished of a source that is sent anew, because it has changed."""
    for other in select(cursor, OF_SOURCE, _source(entry)):
        is_another = (other.size, other.modified_ns) != (entry.size, entry.modified_ns)
        if is_another and not other.is_live:
            changes = {"phase": "cancelled", "session": "", "error": "its source changed"}
            update(cursor, other.id, changes)


def _content(entry: Entry) -> tuple[object, ...]:
    return (entry.size, entry.sample, entry.mime_type, entry.endpoint, entry.key)


def _source(entry: Entry) -> tuple[object, ...]:
    return (entry.path, entry.endpoint, entry.key)

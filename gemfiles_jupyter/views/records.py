"""Files and transfers as plain records, for programs that read our output."""

from __future__ import annotations

from ..client.models import File, str_of
from ..transfers.progress import Progress
from .usage import Usage

__all__ = ["file_record", "progress_record", "usage_record"]


def progress_record(item: Progress) -> dict[str, object]:
    """Return how one transfer ended, as it goes into a JSON line."""
    facts: dict[str, object] = {
        "source": item.label,
        "phase": item.phase.value,
        "sent_bytes": item.sent_bytes,
    }
    if item.file:
        facts |= {**file_record(item.file), "is_verified": item.is_verified}
    if item.error:
        facts |= {"error": str(item.error), "error_type": type(item.error).__name__}
    return facts


def file_record(file: File) -> dict[str, object]:
    """Return a file as it goes into a JSON line; sizes in bytes, times in ISO 8601."""
    return {
        "name": file.name,
        "display_name": file.display_name,
        "uri": file.uri,
        "mime_type": file.mime_type,
        "size_bytes": file.size_bytes,
        "state": str_of(file.state),
        "sha256": file.sha256,
        "create_time": file.create_time.isoformat() if file.create_time else None,
        "expiration_time": file.expiration_time.isoformat() if file.expiration_time else None,
        "video_seconds": file.video_seconds,
    }


def usage_record(usage: Usage) -> dict[str, object]:
    """Return how full the storage is, as it goes into a JSON line."""
    return {
        "used_bytes": usage.used_bytes,
        "limit_bytes": usage.limit_bytes,
        "files": usage.count,
        "by_type": [
            {"type": share.kind, "size_bytes": share.size_bytes, "files": share.count}
            for share in usage.shares
        ],
        "biggest": [file_record(file) for file in usage.biggest],
        "expires": [
            {
                "from_hours": release.from_hours,
                "until_hours": release.until_hours,
                "size_bytes": release.size_bytes,
                "files": release.count,
            }
            for release in usage.releases
        ],
    }

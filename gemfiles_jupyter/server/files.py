"""Routes about the service and the stored files."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import partial
from importlib.metadata import version

from tornado import web

from ..client.models import file_id
from ..config import STORAGE_BYTES, choose_endpoint
from ..errors import GemfilesError, InvalidUsage
from ..views.panel import file_record, place_text, problem_record
from ..workspace.listing import Listed
from .handler import GemfilesHandler, text_of

__all__ = ["FilesHandler", "RenewHandler", "StatusHandler", "VariableHandler"]


class StatusHandler(GemfilesHandler):
    """Where requests go, and whether that makes sense."""

    @web.authenticated
    async def get(self) -> None:
        """Answer without asking the service."""
        await self.answer(_status)


class FilesHandler(GemfilesHandler):
    """The stored files."""

    @web.authenticated
    async def get(self) -> None:
        """List them; what is wrong comes with the last that is known."""

        def listed() -> dict[str, object]:
            try:
                return _listed_record(self.parts.listing.listed())
            except GemfilesError as error:  # there is nothing to list from
                return _listed_record(Listed((), datetime.now(timezone.utc), error))

        await self.answer(listed)

    @web.authenticated
    async def delete(self) -> None:
        """Delete those that are named."""
        names = [_checked(name) for name in self.get_query_arguments("name")]

        def remove() -> dict[str, object]:
            if not names:
                raise InvalidUsage("Say which files.")
            outcomes = self.parts.listing.remove(names)
            failed = [
                {"name": name, "message": error.message, "hint": error.hint}
                for name, error in outcomes.items()
                if error
            ]
            return {"removed": [name for name, error in outcomes.items() if not error], "failed": failed}

        await self.answer(remove)
        self.parts.watch.wake()


class RenewHandler(GemfilesHandler):
    """Sending a stored file again."""

    @web.authenticated
    async def post(self) -> None:
        """Begin; the transfer is told of as any other."""
        name = _checked(text_of(self.message(), "name"))
        await self.answer(lambda: {"transfer": self.parts.activity.renew(name)})
        self.parts.watch.wake()


class VariableHandler(GemfilesHandler):
    """Which variable holds a file."""

    @web.authenticated
    async def post(self) -> None:
        """Write it down, and return the file."""
        message = self.message()
        name, variable = _checked(text_of(message, "name")), text_of(message, "variable")
        await self.answer(partial(self._named, name, variable))
        self.parts.watch.wake()

    def _named(self, name: str, variable: str) -> dict[str, object]:
        self.parts.activity.set_variable(name, variable)
        listed = self.parts.listing.listed()
        found = next((item for item in listed.files if item.file.name == name), None)
        if found is None:
            raise listed.problem or InvalidUsage(f"{name} is gone.")
        return file_record(found.file, listed.now, variable=found.variable, is_renewable=found.is_renewable)


def _status() -> dict[str, object]:
    facts: dict[str, object] = {
        "version": version("gemfiles-jupyter"),
        "now": _iso(datetime.now(timezone.utc)),
    }
    try:
        endpoint = choose_endpoint()
    except GemfilesError as error:
        return {**facts, "place": "", "isOffline": False, "problem": problem_record(error)}
    return {**facts, "place": place_text(endpoint), "isOffline": endpoint.is_offline, "problem": None}


def _listed_record(listed: Listed) -> dict[str, object]:
    files = [
        file_record(item.file, listed.now, variable=item.variable, is_renewable=item.is_renewable)
        for item in listed.files
    ]
    return {
        "files": files,
        "used": listed.used_bytes,
        "limit": STORAGE_BYTES,
        "now": _iso(listed.now),
        "problem": problem_record(listed.problem) if listed.problem else None,
    }


def _checked(name: str) -> str:
    """Return the name of a file, and of nothing else."""
    try:
        return f"files/{file_id(name)}"
    except ValueError:
        raise InvalidUsage(
            f"{name!r} is not the name of a file.", hint="Names look like files/abc123."
        ) from None


def _iso(when: datetime) -> str:
    return when.isoformat().replace("+00:00", "Z")

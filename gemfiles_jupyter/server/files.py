"""Routes about the service and the stored files."""

from __future__ import annotations

from tornado import web

from .handler import GemfilesHandler

__all__ = ["CodeHandler", "FilesHandler", "NamesHandler", "RenewHandler", "StatusHandler", "VariableHandler"]


class StatusHandler(GemfilesHandler):
    """Where requests go, and whether that makes sense."""

    @web.authenticated
    async def get(self) -> None:
        """Answer without asking the service."""
        await self.answer(self.panel.status)


class FilesHandler(GemfilesHandler):
    """The stored files."""

    @web.authenticated
    async def get(self) -> None:
        """List them; what is wrong comes with the last that is known."""
        await self.answer(self.panel.files)

    @web.authenticated
    async def delete(self) -> None:
        """Delete those that are named."""
        names = self.get_query_arguments("name")
        await self.answer(lambda: self.panel.remove(names))


class CodeHandler(GemfilesHandler):
    """Using stored files without us."""

    @web.authenticated
    async def get(self) -> None:
        """Return code for those that are named."""
        names = self.get_query_arguments("name")
        await self.answer(lambda: self.panel.code(names))


class NamesHandler(GemfilesHandler):
    """Names for variables that are to hold what is uploaded."""

    @web.authenticated
    async def get(self) -> None:
        """Return one for each label."""
        labels = self.get_query_arguments("label", strip=False)
        await self.answer(lambda: self.panel.names(labels))


class RenewHandler(GemfilesHandler):
    """Sending a stored file again."""

    @web.authenticated
    async def post(self) -> None:
        """Begin; the transfer is told of as any other."""
        message = self.message()
        await self.answer(lambda: self.panel.renew(message))


class VariableHandler(GemfilesHandler):
    """Which variable holds a file."""

    @web.authenticated
    async def post(self) -> None:
        """Write it down, and return the file."""
        message = self.message()
        await self.answer(lambda: self.panel.set_variable(message))

"""What the widgets have in common: messages to and from their page, and what a saved notebook keeps."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import anywidget
from ipywidgets import CallbackDispatcher
from traitlets import Bool, Unicode

from ..client.models import File
from ..views.view import View
from . import assets
from .kernel import this_kernel
from .requests import Request, answered

__all__ = ["Home"]

# Tells JupyterLab, where it has our extension, to show the static form once the kernel is gone.
PANEL_MIME = "application/vnd.gemfiles-jupyter.panel+json"


class Home(anywidget.AnyWidget):
    """A widget whose page asks this kernel as the sidebar asks the Jupyter server.

    Its state is small, and holds neither files nor secrets: the page gets even the code that draws it in a
    message, so that a notebook that was saved with its widgets stays small, too.

    Attributes
    ----------
    static_view
        Returns what is shown where there is no kernel; each widget has its own.
    """

    static_view: Callable[[], View]

    _esm = Unicode().tag(sync=True)
    _ipython_display_ = None  # ipywidgets 7 would show itself without the static form
    _code = Unicode().tag(sync=True)
    _key = Unicode().tag(sync=True)
    _kind = Unicode().tag(sync=True)
    accept = Unicode(help="Kinds of files that are wanted, such as 'video/*' or '.pdf'; all by default.").tag(
        sync=True
    )
    multiple = Bool(help="Whether more than one file at a time is wanted.").tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        self._kernel = this_kernel()
        self._arrivals = CallbackDispatcher()
        super().__init__(_esm=assets.loader(), _code=assets.code_id(), _key=secrets.token_hex(8), **traits)
        self.on_msg(self._on_message)
        self._kernel.listen(self)

    def __repr__(self) -> str:
        """Return what a box that it stands in says, and saves, of it."""
        return f"{type(self).__name__}(accept={self.accept!r}, multiple={self.multiple})"

    def tell(self, event: dict[str, object]) -> None:
        """Tell the page what happens; may be called from any thread."""
        self.send({"kind": "event", "event": event})

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        shown = super()._repr_mimebundle_(**options)
        if shown is None:  # closed
            return None
        data, metadata = shown
        return {**data, PANEL_MIME: {}, **self.static_view().bundle}, metadata

    def _on_message(self, _: object, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Hand a message over to a thread: the kernel has other things to do."""
        if content.get("kind") == "code":
            self.send({"kind": "code"}, buffers=[assets.code()])
        elif content.get("kind") == "request":
            self.send({"kind": "taken", "id": content.get("id")})
            request = Request.of(content, buffers)
            pool = self._kernel.disk if request.is_slice else self._kernel.service
            pool.submit(self._answer, content.get("id"), request)

    def _answer(self, id: object, request: Request) -> None:  # noqa: A002
        status, record = answered(self._kernel, request, self._expect)
        self.send({"kind": "answer", "id": id, "status": int(status), "body": record})

    def _expect(self, transfer: str) -> None:
        self._kernel.expect(transfer, self._has_arrived)

    def _has_arrived(self, file: File) -> None:
        """Take a file that was uploaded here, and that a prompt may use now."""
        self._arrivals(file)

"""The Files API over requests: files, uploads and prompts at one endpoint; knows nothing of Jupyter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..config import Endpoint, Secret, choose_endpoint, reached
from .files import Files
from .transport import Transport
from .uploads import Uploads

if TYPE_CHECKING:  # most uploads never ask
    from .prompts import Prompts
    from .stores import Stores

__all__ = ["Client"]


class Client:
    """One endpoint, and what can be done there.

    Parameters
    ----------
    api_key
        Default: ``GOOGLE_API_KEY``, then ``GEMINI_API_KEY``; without any, the offline server.
    base_url
        Default: ``GOOGLE_GEMINI_BASE_URL``, then Google's service.
    endpoint
        Instead of all these, a place that was decided before.
    workers
        The most connections at a time.

    Attributes
    ----------
    endpoint
        Where requests go.
    files, uploads, prompts, stores
        The stored files, sending new ones, asking about them, and file search stores.

    Raises
    ------
    GemfilesError
        The settings contradict each other, or the offline server does not start.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        endpoint: Endpoint | None = None,
        workers: int = 32,
    ) -> None:
        key = Secret(api_key.strip()) if api_key else None
        api_key = None  # verbose tracebacks show arguments
        self.endpoint = endpoint or reached(choose_endpoint(key, base_url))
        self.transport = Transport(self.endpoint, workers=workers)
        self.files = Files(self.transport)
        self.uploads = Uploads(self.transport)

    @property
    def prompts(self) -> Prompts:
        """Questions about files; loaded when first used."""
        from .prompts import Prompts

        return Prompts(self.transport)

    @property
    def stores(self) -> Stores:
        """File search stores; loaded when first used."""
        from .stores import Stores

        return Stores(self.transport)

    def to_genai(self) -> Any:
        """Return a ``google.genai.Client`` of the same place and key: it sees the same files.

        Raises
        ------
        ImportError
            google-genai is not installed.
        """
        from google import genai

        key, options = self.endpoint.key, {"base_url": self.endpoint.base_url}
        return genai.Client(api_key=key.reveal() if key else None, http_options=options)

    def __repr__(self) -> str:
        endpoint = getattr(self, "endpoint", None)  # none yet in the traceback of a failed start
        if endpoint is None:
            return "<Client>"
        return f"<Client of the {'offline server' if endpoint.is_offline else endpoint.base_url}>"

"""The Files API over requests: files, uploads and prompts at one endpoint; knows nothing of Jupyter."""

from __future__ import annotations

from ..config import Endpoint
from .files import Files
from .prompts import Prompts
from .transport import Transport
from .uploads import Uploads

__all__ = ["Client"]


class Client:
    """One endpoint, and what can be done there.

    Parameters
    ----------
    endpoint
        From `gemfiles_jupyter.config.choose_endpoint`.
    workers
        The most connections at a time.

    Attributes
    ----------
    files, uploads, prompts
        The stored files, sending new ones, and asking about them.
    """

    def __init__(self, endpoint: Endpoint, *, workers: int = 8) -> None:
        self.endpoint = endpoint
        self.transport = Transport(endpoint, workers=workers)
        self.files = Files(self.transport)
        self.uploads = Uploads(self.transport)
        self.prompts = Prompts(self.transport)

    def __repr__(self) -> str:
        place = "offline server" if self.endpoint.is_offline else self.endpoint.base_url
        return f"<Client of the {place}>"

"""A Dask cluster as an executor: for ``--dask ADDRESS``."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from ..errors import CannotConnect, InvalidUsage

__all__ = ["dask_executor"]

CONNECT_SECONDS = 10


@contextmanager
def dask_executor(address: str) -> Iterator[Executor]:
    """Connect to the scheduler at an address such as ``tcp://10.0.0.1:8786`` for a while.

    Raises
    ------
    InvalidUsage
        Dask is not installed.
    CannotConnect
        There is no scheduler.
    """
    try:
        from distributed import Client
    except ImportError:
        raise InvalidUsage(
            "--dask needs Dask, which is not installed.", hint='pip install "gemfiles-jupyter[dask]"'
        ) from None
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise CannotConnect(
            f"There is no Dask scheduler at {address}: {type(error).__name__}.",
            hint="Its address looks like tcp://10.0.0.1:8786.",
        ) from None
    with client:
        yield client.get_executor(pure=False)

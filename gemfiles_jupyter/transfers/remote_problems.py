"""What the errors of remote file systems mean, in our words.

Those file systems are foreign code that raises what its network libraries raise, with addresses, and the
signatures in them, in the text. So no text of theirs is passed on, only what can be told from the error.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator

from ..errors import CannotConnect, GemfilesError, InvalidUsage, SourceNotFound, SourceRefused
from .addresses import is_web, scheme_of, shown_address

__all__ = ["is_final", "no_fsspec", "problem_of"]

_NOT_THERE = (404, 410)
_NOT_FOR_US = (401, 403)
_INSTALL = 'pip install "gemfiles-jupyter[remote]"'


def is_final(error: Exception) -> bool:
    """Whether trying again is of no use: the file is not there, or not for us."""
    status = _status_of(error)
    if status:
        return status in (*_NOT_THERE, *_NOT_FOR_US)
    is_broken = any(_is_of_connection(inner) for inner in _chain(error))
    return isinstance(error, (FileNotFoundError, PermissionError, ImportError)) and not is_broken


def problem_of(error: Exception, address: str) -> GemfilesError:
    """Return what a person is told of an error about an address."""
    if isinstance(error, ImportError):
        return _missing(error, address)
    shown = shown_address(address)
    status = _status_of(error)
    if any(isinstance(inner, ssl.SSLCertVerificationError) for inner in _chain(error)):
        return CannotConnect(
            f"{shown} can't be read: the certificate of its server is not trusted.",
            hint="Behind a proxy, name its certificates in SSL_CERT_FILE.",
        )
    if status in _NOT_FOR_US or (isinstance(error, PermissionError) and not status):
        said = f" (HTTP {status})" if status else ""
        return SourceRefused(
            f"{shown} is not for us to read{said}.",
            hint="Check the credentials; an address that was signed may have expired.",
        )
    if status in _NOT_THERE or is_final(error):
        return SourceNotFound(f"There is no file {shown}.")
    if status or any(_is_of_connection(inner) for inner in _chain(error)):
        said = f"its server answers HTTP {status}" if status else "its server was not reached"
        return CannotConnect(f"{shown} can't be read: {said}.", hint="Try again later.")
    return SourceRefused(f"{shown} can't be read: {_reason(error)}.")


def no_fsspec(address: str) -> InvalidUsage:
    """Return what a person is told who has not installed what reads remote files."""
    also = ", with aiohttp" if is_web(address) else ""
    return InvalidUsage(
        f"{shown_address(address)} is an address, and those are read through fsspec{also}, "
        "which is not installed.",
        hint=_INSTALL,
    )


def _missing(error: ImportError, address: str) -> InvalidUsage:
    """Say what fsspec takes for this kind of address."""
    # What fsspec says of others is like: Install s3fs to access S3
    what, hint = ("aiohttp", _INSTALL) if is_web(address) else ("another package", str(error)[:200])
    return InvalidUsage(
        f"For {scheme_of(address)}:// fsspec needs {what}, which is not installed.", hint=hint
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it came of."""
    inner: BaseException | None = error
    for _ in range(8):
        if inner is None:
            return
        yield inner
        inner = inner.__cause__ or inner.__context__


def _status_of(error: Exception) -> int:
    """Return the HTTP status that an error speaks of; 0 if it does of none."""
    for inner in _chain(error):
        status = getattr(inner, "status", None)
        if isinstance(status, int) and 400 <= status < 600:
            return status
    return 0


def _is_of_connection(error: BaseException) -> bool:
    """Whether a connection was not made or broke; what aiohttp raises is known by its name."""
    if isinstance(error, (ConnectionError, TimeoutError, ssl.SSLError)):
        return True
    named = {kind.__name__ for kind in type(error).__mro__}
    return bool(named & {"ClientConnectionError", "ClientPayloadError", "EndpointConnectionError"})


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__

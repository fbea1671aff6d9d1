"""Nobody without a token, an XSRF token or leave gets anywhere, and no byte of theirs is taken."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.auth import Authorizer
from tornado.httpclient import HTTPClientError

from gemfiles_jupyter.server.handler import GemfilesHandler
from gemfiles_jupyter.server.uploads import UploadHandler

from .conftest import Ask

ROUTES = (
    "status",
    "files",
    "files/code",
    "files/renew",
    "files/variable",
    "names",
    "transfers",
    "transfers/ab12",
    "uploads",
    "uploads/ab12",
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
MANY_BYTES = bytes(1_000_000)


class Nobody(Authorizer):
    """Lets nobody do anything with our routes."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:  # noqa: ARG002
        return resource != "gemfiles"


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of the pieces of bodies that reach our handlers, which still do with them what they do."""
    sizes: list[int] = []
    for kind in (GemfilesHandler, UploadHandler):
        original = kind.data_received

        async def count(self: Any, chunk: bytes, original: Any = original) -> None:
            sizes.append(len(chunk))
            await original(self, chunk)

        monkeypatch.setattr(kind, "data_received", count)
    return sizes


@pytest.fixture
def cookie(jp_asyncio_loop: Any, jp_fetch: Any, jp_auth_header: dict[str, str]) -> str:
    """What a browser has that has opened the server with its token."""
    token = jp_auth_header["Authorization"].removeprefix("token ")
    fetch = jp_fetch("api", "me", params={"token": token}, headers={"Authorization": ""})
    answer = jp_asyncio_loop.run_until_complete(fetch)
    given = [line.partition(";")[0] for line in answer.headers.get_list("Set-Cookie")]
    return "; ".join(line for line in given if not line.startswith("_xsrf"))


async def refused(jp_fetch: Any, method: str, route: str, headers: dict[str, str]) -> HTTPClientError:
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(
            "gemfiles",
            "api",
            *route.split("/"),
            method=method,
            headers=headers,
            body=None if method in ("GET", "HEAD") else MANY_BYTES,
            allow_nonstandard_methods=True,
        )
    return caught.value


def test_these_are_all_routes(jp_serverapp: Any) -> None:
    rules = [
        rule
        for router in jp_serverapp.web_app.default_router.rules
        for rule in getattr(router.target, "rules", [])
    ]
    ours = [
        rule.matcher.regex.pattern
        for rule in rules
        if "/gemfiles/" in getattr(rule.matcher, "regex", re.compile("")).pattern
    ]

    assert len(ours) == len(ROUTES)
    for route in ROUTES:
        assert any(re.fullmatch(pattern, f"/a%40b/gemfiles/api/{route}") for pattern in ours), route


@pytest.mark.parametrize("is_lax", [True, False], ids=["lax", "strict"])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("token", ["", "token wrong"], ids=["no token", "a wrong token"])
async def test_nobody_unknown_gets_in(
    method: str, token: str, home: Path, jp_fetch: Any, taken: list[int]
) -> None:
    for route in ROUTES:
        error = await refused(jp_fetch, method, route, {"Authorization": token})

        assert error.code == 403, route
    assert taken == []
    assert not home.exists()


async def test_the_same_bytes_with_a_token_are_taken(ask: Ask, taken: list[int]) -> None:
    begun = await ask("POST", "uploads", {"name": "a.bin", "size": len(MANY_BYTES)})

    answer = await ask("PUT", f"uploads/{begun.json['id']}", body=MANY_BYTES, offset=0)

    assert answer.json == {"offset": len(MANY_BYTES)}
    assert sum(taken) > len(MANY_BYTES)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_a_cookie_needs_an_xsrf_token(
    method: str, cookie: str, jp_fetch: Any, taken: list[int]
) -> None:
    for route in ROUTES:
        error = await refused(jp_fetch, method, route, {"Authorization": "", "Cookie": cookie})

        assert error.code == 403, route
        assert "_xsrf" in error.response.body.decode(), route
    assert taken == []


async def test_a_cookie_with_an_xsrf_token_gets_in(cookie: str, jp_fetch: Any) -> None:
    headers = {"Authorization": "", "Cookie": f"{cookie}; _xsrf=abc", "X-XSRFToken": "abc"}

    answer = await jp_fetch("gemfiles", "api", "transfers", method="DELETE", headers=headers)

    assert answer.code == 204


async def test_another_sites_page_is_refused(cookie: str, jp_fetch: Any) -> None:
    headers = {"Authorization": "", "Cookie": cookie, "Origin": "https://evil.example"}

    error = await refused(jp_fetch, "GET", "files", headers)

    assert error.code in (403, 404)


@pytest.mark.parametrize("method", METHODS)
async def test_who_may_not_is_refused(
    method: str, home: Path, jp_serverapp: Any, jp_fetch: Any, taken: list[int]
) -> None:
    jp_serverapp.web_app.settings["authorizer"] = Nobody(parent=jp_serverapp)

    for route in ROUTES:
        error = await refused(jp_fetch, method, route, {})

        assert error.code == 403, route
    assert taken == []
    assert not home.exists()


async def test_a_body_over_the_limit_is_refused_before_it_is_taken(ask: Ask, taken: list[int]) -> None:
    answer = await ask("POST", "transfers", body=bytes(2_000_000))

    assert answer.status == 413
    assert taken == []

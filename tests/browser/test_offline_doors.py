"""No page of another site gets anything from the offline server, or into it."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

from gemfiles_jupyter.offline.testing import OfflineServer

pytest.importorskip("playwright", reason="playwright is not installed")

from playwright.sync_api import Browser, Page

from . import lab

pytestmark = pytest.mark.skipif(lab.find_chromium() is None, reason="chromium is not installed")


class EvilPage(http.server.BaseHTTPRequestHandler):
    """A page of some other site."""

    def do_GET(self) -> None:
        body = b"<!doctype html><title>evil</title><body></body>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def evil() -> Iterator[str]:
    """The address of a page of another site (localhost is another site than 127.0.0.1)."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), EvilPage) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://localhost:{site.server_address[1]}"
        site.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser in which a foreign name leads to this machine, as after DNS rebinding."""
    with lab.running_browser("--host-resolver-rules=MAP evil.test 127.0.0.1") as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, evil: str) -> Iterator[Page]:
    """That page in a browser."""
    page = browser.new_page()
    page.goto(evil)
    yield page
    page.close()


def handled(server: OfflineServer) -> list[tuple[str, str]]:
    """Return the requests that a handler answered with a success."""
    return [(it["method"], it["path"]) for it in server.requests() if it["status"] < 400]


FETCH = """async ([url, options]) => {
  try { const answer = await fetch(url, options); return [answer.type, answer.status]; }
  catch (error) { return ["blocked", 0]; }
}"""


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="get"),
        pytest.param({"mode": "no-cors"}, id="no-cors get"),
        pytest.param({"method": "POST", "mode": "no-cors", "body": "{}"}, id="no-cors post"),
        pytest.param(
            {"method": "POST", "body": "{}", "headers": {"x-goog-api-key": "k"}}, id="post with a key"
        ),
        pytest.param({"method": "DELETE"}, id="delete"),
    ],
)
def test_fetch_from_another_site_is_refused(
    server: OfflineServer, page: Page, options: dict[str, object]
) -> None:
    kind, _ = page.evaluate(FETCH, [f"{server.address}/v1beta/files?key={server.key}", options])

    assert kind in ("blocked", "opaque"), "the page can read nothing"
    assert handled(server) == []


def test_a_form_of_another_site_is_refused(server: OfflineServer, page: Page) -> None:
    page.set_content(
        f'<form method="post" enctype="text/plain" action="{server.address}/v1beta/files?key={server.key}">'
        '<input name="{\\"file\\": {}, \\"x\\": \\"" value="\\"}"></form>'
    )

    with page.expect_navigation():
        page.evaluate("document.forms[0].submit()")

    assert handled(server) == []


@pytest.mark.parametrize("tag", ["img", "script", "iframe"])
def test_a_tag_of_another_site_loads_nothing(server: OfflineServer, page: Page, tag: str) -> None:
    script = """([tag, url]) => new Promise(done => {
      const it = document.createElement(tag);
      it.onload = () => done("loaded"); it.onerror = () => done("refused");
      it.src = url; document.body.append(it);
    })"""

    page.evaluate(script, [tag, f"{server.address}/v1beta/files?key={server.key}"])

    assert handled(server) == []


def test_a_foreign_name_for_this_machine_is_refused(server: OfflineServer, page: Page) -> None:
    port = server.address.rpartition(":")[2]

    answer = page.goto(f"http://evil.test:{port}/v1beta/files?key={server.key}")

    assert answer is not None
    assert answer.status == 403
    assert handled(server) == []


def test_a_websocket_is_refused(server: OfflineServer, page: Page) -> None:
    script = """url => new Promise(done => {
      const socket = new WebSocket(url);
      socket.onopen = () => done("open"); socket.onerror = () => done("refused");
    })"""

    assert page.evaluate(script, server.address.replace("http", "ws") + "/v1beta/files") == "refused"
    assert handled(server) == []


def test_its_own_user_may_look(server: OfflineServer, page: Page) -> None:
    answer = page.goto(f"{server.address}/v1beta/files?key={server.key}")

    assert answer is not None
    assert answer.status == 200, "else the tests above would prove nothing"
    assert handled(server) == [("GET", "/v1beta/files")]

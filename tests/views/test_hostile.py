"""Whatever a file, the service or an error says, it stays text: no tag, no escape sequence, no formula."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timezone
from html.parser import HTMLParser

import pytest

from gemfiles_jupyter.client.models import File, Status
from gemfiles_jupyter.errors import GemfilesError
from gemfiles_jupyter.transfers.progress import Phase, Progress
from gemfiles_jupyter.views.quota import quota_view
from gemfiles_jupyter.views.rows import batch_view, error_fragment, removed_view, transfer_view, waiting_view
from gemfiles_jupyter.views.storage import bound_line, code_view, kept_line, lost_line, tokens_view
from gemfiles_jupyter.views.tables import file_view, files_view
from gemfiles_jupyter.views.usage import Usage
from gemfiles_jupyter.views.view import Colour, View, fragment, lines
from gemfiles_jupyter.workspace.results import FileList

PAYLOADS = [
    "<script>window.__pwn=1</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "'><svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1)>",
    "</span></div><script>alert(1)</script>",
    "</td></tr></table><script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "<!--<img src=x onerror=alert(1)>-->",
    "--><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<iframe src=javascript:alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=javascript:alert(1)>x</a>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)>",
    "<math><mi xlink:href=javascript:alert(1)>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<form action=javascript:alert(1)><input type=submit>",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "<base href=https://evil.example>",
    "<link rel=stylesheet href=https://evil.example>",
    "<style>@import 'https://evil.example'</style>",
    '" style="background:url(https://evil.example)',
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    "<img name=cookie id=cookie>",
    "<form id=defaultView>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)",
    "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "<\u2028script>alert(1)</script>",
    "＜script＞alert(1)＜/script＞",
    r"$\href{javascript:alert(1)}{x}$",
    r"\(\href{javascript:alert(1)}{x}\)",
    "${7*7} {{7*7}} <%= 7*7 %>",
    "`<img src=x onerror=alert(1)>`",
    "[x](javascript:alert(1))",
    "![x](https://evil.example/pixel.png)",
    "\x1b]52;c;cm0gLXJmIC8=\x07",
    "\x1b]0;title\x07\x1b[2J",
    "\x9b31m\x9d52;c;aGk=\x9c",
    "failed\rdone   ",
    "one\ntwo\u2029three\x85four",
    "invoice\u202efdp.exe\u2066x\u2069",
    "half a pair \ud83d",
]
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=timezone.utc)
STEERING = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def hostile_file(text: str) -> File:
    return File(
        "files/abc" + text,
        display_name=text,
        mime_type=text,
        size_bytes=5,
        uri=text,
        sha256_hash=text,
        state=text,
        error=Status(3, text),
    )


def transfer(text: str, phase: Phase) -> Progress:
    return Progress(
        text,
        10,
        mime_type=text,
        phase=phase,
        sent=5,
        attempt=1,
        trouble=text,
        file=hostile_file(text),
        error=GemfilesError(text, hint=text),
    )


VIEWS: dict[str, Callable[[str], View]] = {
    **{
        f"transfer {phase.value}": lambda text, phase=phase: transfer_view(  # type: ignore[misc]
            transfer(text, phase), variable=text, is_offline=True
        )
        for phase in Phase
    },
    "batch": lambda text: batch_view([transfer(text, phase) for phase in Phase], variable=text),
    "batch over": lambda text: batch_view([transfer(text, Phase.DONE), transfer(text, Phase.FAILED)]),
    "files": lambda text: files_view([hostile_file(text)], variables={f"files/abc{text}": text}, note=text),
    "file": lambda text: file_view(hostile_file(text), variable=text, note=text),
    "removed": lambda text: removed_view([hostile_file(text)] * 2, [(text, text)], is_offline=True),
    "quota": lambda text: quota_view(Usage.of([hostile_file(text)], NOW), now=NOW, note=text),
    "restored": lambda text: lines(
        [
            bound_line(text, [hostile_file(text)]),
            bound_line(text, [hostile_file(text)] * 2, [text], is_list=True),
            lost_line(text, [text]),
            kept_line(text, text),
        ]
    ),
    "tokens": lambda text: tokens_view([(text, 5)], text),
    "code": lambda text: code_view(text.replace("\n", " ")),
    "waiting": lambda text: waiting_view(hostile_file(text), 5),
    "error": lambda text: lines([error_fragment(text, text)]),
    "fragment": lambda text: lines(
        [fragment(text, is_dim=True, is_bold=True, colour=Colour("--red", "#f00"))]
    ),
    "results": lambda text: of_bundle(FileList([hostile_file(text)])._repr_mimebundle_()),
}


def of_bundle(bundle: dict[str, str]) -> View:
    return View(bundle["text/plain"], bundle["text/html"])


class Outline(HTMLParser):
    """Collects tags with their attributes, and whatever else is not text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[object] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        self.found.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        self.found.append(("comment", data))

    def handle_decl(self, decl: str) -> None:
        self.found.append(("declaration", decl))

    def unknown_decl(self, data: str) -> None:
        self.found.append(("declaration", data))

    def handle_pi(self, data: str) -> None:
        self.found.append(("instruction", data))


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
@pytest.mark.parametrize("name", VIEWS)
def test_hostile_text_has_the_tags_of_harmless_text(name: str, payload: str) -> None:
    harmless = VIEWS[name]("harmless").html

    html = VIEWS[name](payload).html

    assert Outline(html).found == Outline(harmless).found
    assert html.count("<") == harmless.count("<")


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
@pytest.mark.parametrize("name", VIEWS)
def test_no_form_holds_a_character_that_steers(name: str, payload: str) -> None:
    view = VIEWS[name](payload)

    assert not STEERING.search(view.text)
    assert not STEERING.search(view.html)
    assert view.text.count("\n") == VIEWS[name]("harmless").text.count("\n")
    assert view.text.encode()
    assert view.html.encode()


@pytest.mark.parametrize("name", VIEWS)
def test_nothing_is_typeset_run_or_fetched(name: str) -> None:
    found = Outline(VIEWS[name]("a$b$c.txt").html).found
    (tag, attributes), *_ = (item for item in found if isinstance(item, tuple))

    assert tag == "div"
    assert dict(attributes)["class"] == "tex2jax_ignore mathjax_ignore"
    names = {name for item in found if isinstance(item, tuple) for name, _ in item[1]}
    assert names <= {"style", "class"}
    assert {item[0] for item in found if isinstance(item, tuple)} <= {
        *("div", "span", "br", "pre"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }


def test_one_file_is_kept_in_less_than_2_kb() -> None:
    done = transfer_view(transfer("lecture with a long but decent name (final version 2).mp4", Phase.DONE))

    assert len(done.text.encode()) + len(done.html.encode()) < 2000

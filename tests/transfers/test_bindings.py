"""What the journal remembers of variables: by place, key and notebook, and only the last."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from gemfiles_jupyter.transfers.bindings import Binding, Bindings
from gemfiles_jupyter.transfers.journal import Journal


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "home")
    yield journal
    journal.database.close()


@pytest.fixture
def bindings(journal: Journal) -> Bindings:
    return Bindings(journal.database, "offline", "k1", "/nb/a.ipynb")


def test_variables_are_remembered_in_order(bindings: Bindings) -> None:
    lecture, notes = Binding("lecture", ("files/1",)), Binding("notes", ("files/3", "files/2"), is_list=True)

    bindings.change([lecture], [])
    bindings.change([notes], [])

    assert bindings.all() == [lecture, notes]


def test_a_variable_is_what_it_held_last(bindings: Bindings) -> None:
    bindings.change([Binding("x", ("files/1", "files/2", "files/3"), is_list=True)], [])

    bindings.change([Binding("x", ("files/4",))], [])

    assert bindings.all() == [Binding("x", ("files/4",))]


def test_a_variable_that_holds_no_file_any_more_is_forgotten(bindings: Bindings) -> None:
    bindings.change([Binding("x", ("files/1",)), Binding("y", ("files/2",))], [])

    bindings.change([], ["x"])

    assert bindings.all() == [Binding("y", ("files/2",))]


def test_a_list_of_one_is_a_list(bindings: Bindings) -> None:
    bindings.change([Binding("x", ("files/1",), is_list=True)], [])

    assert bindings.all() == [Binding("x", ("files/1",), is_list=True)]


@pytest.mark.parametrize(
    "place",
    [
        ("offline", "k1", "/nb/b.ipynb"),
        ("offline", "k2", "/nb/a.ipynb"),
        ("https://x.test", "k1", "/nb/a.ipynb"),
    ],
    ids=["notebook", "key", "endpoint"],
)
def test_another_has_its_own(place: tuple[str, str, str], journal: Journal, bindings: Bindings) -> None:
    other = Bindings(journal.database, *place)
    bindings.change([Binding("x", ("files/1",))], [])
    other.change([Binding("x", ("files/2",))], [])

    assert bindings.all() == [Binding("x", ("files/1",))]
    assert other.all() == [Binding("x", ("files/2",))]


def test_a_change_that_fails_changes_nothing(bindings: Bindings) -> None:
    bindings.change([Binding("x", ("files/1",))], [])

    with pytest.raises(sqlite3.Error):
        bindings.change([Binding("y", ("files/2",)), Binding("y", ("files/3",))], ["x"])

    assert bindings.all() == [Binding("x", ("files/1",))]

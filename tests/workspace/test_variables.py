"""Variables that hold files: which, under which names, and having them back."""

from __future__ import annotations

import pytest

from gemfiles_jupyter.client.models import File
from gemfiles_jupyter.transfers.bindings import Binding
from gemfiles_jupyter.workspace.results import FileList, held_files
from gemfiles_jupyter.workspace.variables import bindings_of, free_name, holders

ONE, TWO = File("files/1", display_name="one.txt"), File("files/2", display_name="two.txt")


@pytest.mark.parametrize(
    ("value", "files"),
    [
        (ONE, (ONE,)),
        (FileList([ONE, TWO]), (ONE, TWO)),
        ([TWO], (TWO,)),
        ([], ()),
        ([ONE, 5], ()),
        ("one.txt", ()),
        (None, ()),
    ],
)
def test_a_value_holds_files(value: object, files: tuple[File, ...]) -> None:
    assert held_files(value) == files


def test_a_file_is_held_by_its_own_variable_rather_than_by_a_list() -> None:
    variables = {"_": ONE, "both": [ONE, TWO], "one": ONE, "again": ONE, "_hidden": TWO}

    assert holders(variables) == {"files/1": "one", "files/2": "both[1]"}


def test_what_is_remembered_are_public_variables_with_files() -> None:
    variables = {"_1": ONE, "one": ONE, "few": FileList([TWO]), "none": FileList(), "text": "x"}

    assert bindings_of(variables) == {
        "one": Binding("one", ("files/1",)),
        "few": Binding("few", ("files/2",), is_list=True),
    }


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("lecture.mp4", "lecture"),
        ("week 3: notes (final).pdf", "week_3_notes_final"),
        ("folder/inner/a-b.tar.gz", "a_b_tar"),
        ("3.txt", "file_3"),
        ("潮汐.mp4", "潮汐"),
        ("été.txt", "été"),
        ("👩.mp4", "file"),
        (".mp4", "mp4"),
        ("___.txt", "file"),
        ("Z\u0075\u0308rich \ufb01nal.txt", "Z\u00fcrich_final"),
        ("class.py", "class_2"),
        ("list.txt", "list_2"),
        ("taken.txt", "taken_2"),
        ("held.txt", "held"),
        ("busy.txt", "busy_3"),
        ("x" * 300 + ".txt", "x" * 40),
        ("'; import os; '.txt", "import_os"),
    ],
)
def test_a_name_is_made_of_the_files_own(label: str, name: str) -> None:
    file = File("files/1", display_name=label)
    variables = {"taken": 5, "held": file, "busy": ONE.__class__("files/9"), "busy_2": "x"}

    found = free_name(file, variables)

    assert found == name
    assert found.isidentifier()

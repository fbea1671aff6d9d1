"""Files that are only an address on the web."""

from __future__ import annotations

import pytest

import gemfiles_jupyter as gf
from gemfiles_jupyter.errors import InvalidUsage, ServiceError
from gemfiles_jupyter.offline.testing import OfflineServer
from gemfiles_jupyter.workspace.variables import bindings_of

CANARY = "CANARYsecret"
TALK = "https://www.youtube.com/watch?v=9hE5-98ZeCg"


def test_a_link_is_a_part_with_the_address_itself() -> None:
    file = gf.link("https://host/talks/lecture.mp4")

    assert file.to_part() == {
        "file_data": {"file_uri": "https://host/talks/lecture.mp4", "mime_type": "video/mp4"}
    }
    assert (file.label, file.is_active) == ("lecture.mp4", True)


def test_a_prompt_takes_a_link_without_asking_about_it(at_server: OfflineServer) -> None:
    talk = gf.link(TALK, name="Talk")

    answer = gf.generate(talk, "What is it about?")

    assert TALK in answer.text
    assert [it["path"].rpartition(":")[2] for it in at_server.requests()] == ["generateContent"]


@pytest.mark.usefixtures("at_server")
def test_the_offline_server_says_that_it_does_not_fetch() -> None:
    with pytest.raises(ServiceError, match="the offline server fetches nothing from the web"):
        gf.generate(gf.link("https://host/lecture.mp4"), "What is it about?")


@pytest.mark.parametrize(
    ("url", "match"),
    [
        ("http://host/a.mp4", "is no https address"),
        ("lecture.mp4", "is no https address"),
        ("https://", "is no https address"),
        (f"https://ada:{CANARY}@host/a.mp4", "comes with a password"),
        ("https://host/watch", "does not tell its type"),
    ],
)
def test_what_is_no_public_address_is_refused(url: str, match: str) -> None:
    with pytest.raises(InvalidUsage, match=match) as refused:
        gf.link(url)

    assert CANARY not in str(refused.value)


def test_a_type_may_be_said() -> None:
    assert gf.link("https://host/watch", "video/mp4").mime_type == "video/mp4"


def test_a_signature_goes_to_the_service_and_is_neither_shown_nor_remembered() -> None:
    file = gf.link(f"https://host/a.mp4?sig={CANARY}")

    assert CANARY in file.to_part()["file_data"]["file_uri"]
    assert CANARY not in repr(file)
    assert bindings_of({"talk": file, "talks": [file]}) == {}

"""Where requests go and with which key; a key that no representation shows."""

from __future__ import annotations

import copy
import dataclasses
import logging
import os
import pickle
import sys
from pathlib import Path

import pytest

from gemfiles_jupyter import config
from gemfiles_jupyter.config import SERVICE_URL, Endpoint, Secret, choose_endpoint, home, reached
from gemfiles_jupyter.errors import CannotConnect, GemfilesError, InvalidUsage, KeyProblem
from gemfiles_jupyter.offline import launcher

KEY = "AIzaSyA-test-key_0123456789abcdefghijkl"
GATEWAY = "https://gateway.example/gemini"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL", "GEMFILES_OFFLINE"):
        monkeypatch.delenv(name, raising=False)


def revealed(endpoint: Endpoint) -> str | None:
    return endpoint.key.reveal() if endpoint.key else None


# The key


def test_an_explicit_key_beats_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "of-the-environment")

    assert revealed(choose_endpoint(Secret("explicit"))) == "explicit"


def test_google_api_key_beats_gemini_api_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "second")
    monkeypatch.setenv("GOOGLE_API_KEY", "first")

    assert revealed(choose_endpoint()) == "first"


def test_gemini_api_key_is_taken_where_the_other_is_blank(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "  ")
    monkeypatch.setenv("GEMINI_API_KEY", "second")

    assert revealed(choose_endpoint()) == "second"


def test_spaces_around_a_key_of_the_environment_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", f" {KEY}\n")

    assert revealed(choose_endpoint()) == KEY


@pytest.mark.parametrize(
    "text",
    ["sec\nret", "sec ret", "sécret", "sec\x00ret", "sec\u200bret", "sec\x7fret", "секрет", "sec\tret"],
    ids=["newline", "space", "accent", "nul", "zero-width space", "DEL", "Cyrillic", "tab"],
)
@pytest.mark.parametrize("is_explicit", [True, False], ids=["explicit", "environment"])
def test_a_key_that_is_none_is_refused_without_showing_it(
    text: str, is_explicit: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_explicit and "\x00" not in text:
        monkeypatch.setenv("GOOGLE_API_KEY", text)

    with pytest.raises(KeyProblem) as caught:
        choose_endpoint(Secret(text) if is_explicit or "\x00" in text else None)

    assert "sec" not in repr(caught.value)
    assert "ret" not in str(caught.value)


# The address


def test_an_explicit_address_beats_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "https://other.example")

    assert choose_endpoint(base_url=GATEWAY).base_url == GATEWAY


def test_the_environments_address_beats_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", GATEWAY)

    assert choose_endpoint(Secret(KEY)).base_url == GATEWAY


def test_a_key_alone_means_the_service() -> None:
    endpoint = choose_endpoint(Secret(KEY))

    assert endpoint.base_url == SERVICE_URL
    assert endpoint.is_google
    assert not endpoint.is_offline


def test_an_address_without_a_key_is_a_gateway_that_adds_its_own() -> None:
    endpoint = choose_endpoint(base_url=GATEWAY)

    assert endpoint == Endpoint(GATEWAY, None)
    assert not endpoint.is_google


def test_neither_key_nor_address_means_the_offline_server() -> None:
    assert choose_endpoint() == Endpoint("", None, is_offline=True)


@pytest.mark.parametrize(
    "url", ["https://gateway.example/", "  https://gateway.example  ", "https://gateway.example//"]
)
def test_slashes_and_spaces_at_the_end_of_an_address_are_dropped(url: str) -> None:
    assert choose_endpoint(base_url=url).base_url == "https://gateway.example"


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2@gateway.example",
        "https://hunter2@gateway.example",
        "https://gateway.example?key=hunter2",
        "https://gateway.example/#hunter2",
        "gateway.example/hunter2",
        "//gateway.example/hunter2",
        "ftp://gateway.example/hunter2",
        "https:///hunter2",
        "https://[hunter2",
        "https://gateway.example:hunter2",
        "https://gateway.example:99999/hunter2",
    ],
    ids=[
        "user and password",
        "user",
        "query",
        "fragment",
        "no scheme",
        "no scheme but slashes",
        "scheme of something else",
        "no host",
        "half an IPv6 address",
        "a port that is no number",
        "a port that is too large",
    ],
)
@pytest.mark.parametrize("is_explicit", [True, False], ids=["explicit", "environment"])
def test_an_unusable_address_is_refused_without_showing_it(
    url: str, is_explicit: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_explicit:
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", url)

    with pytest.raises(InvalidUsage) as caught:
        choose_endpoint(Secret(KEY), url if is_explicit else None)

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "is_google"),
    [
        (SERVICE_URL, True),
        ("https://EU-generativelanguage.GoogleAPIs.com", True),
        ("https://googleapis.com.evil.example", False),
        ("https://evilgoogleapis.com", False),
        ("", False),
    ],
)
def test_only_googles_own_hosts_are_google(url: str, is_google: bool) -> None:
    assert Endpoint(url).is_google is is_google


# GEMFILES_OFFLINE


def test_always_wins_over_the_key_and_address_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMFILES_OFFLINE", "always")
    monkeypatch.setenv("GOOGLE_API_KEY", KEY)
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", GATEWAY)

    assert choose_endpoint() == Endpoint("", None, is_offline=True)


def test_always_gives_way_to_what_is_explicit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMFILES_OFFLINE", "always")

    assert not choose_endpoint(Secret(KEY)).is_offline
    assert not choose_endpoint(base_url=GATEWAY).is_offline


def test_never_makes_a_missing_key_an_error_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMFILES_OFFLINE", "never")

    with pytest.raises(KeyProblem, match="Set GOOGLE_API_KEY"):
        choose_endpoint()


def test_never_changes_nothing_where_there_is_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMFILES_OFFLINE", "never")

    assert choose_endpoint(Secret(KEY)).base_url == SERVICE_URL


@pytest.mark.parametrize("word", ["", "auto", "AUTO", " auto "])
def test_auto_is_the_default(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMFILES_OFFLINE", word)

    assert choose_endpoint().is_offline
    assert not choose_endpoint(Secret(KEY)).is_offline


def test_another_word_is_an_error_that_names_the_right_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMFILES_OFFLINE", "yes")

    with pytest.raises(InvalidUsage, match=r"GEMFILES_OFFLINE=yes is not known\. Use auto, never or always"):
        choose_endpoint(Secret(KEY))


def test_a_real_key_never_reaches_the_offline_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", KEY)
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    monkeypatch.setenv("GEMFILES_OFFLINE", "always")
    launcher.stop(home())

    endpoint = reached(choose_endpoint())

    server = launcher.ensure(home())
    assert endpoint.is_offline
    assert endpoint.base_url == server.address
    assert revealed(endpoint) == server.key != KEY
    if sys.platform == "linux":
        process = Path(f"/proc/{server.pid}")
        assert KEY.encode() not in process.joinpath("environ").read_bytes()
        assert server.key.encode() not in process.joinpath("cmdline").read_bytes()


def test_an_endpoint_that_has_an_address_is_reached_as_it_is() -> None:
    endpoint = Endpoint(GATEWAY, Secret(KEY))

    assert reached(endpoint) is endpoint


def test_an_offline_server_that_does_not_start_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "offline").mkdir()
    (tmp_path / "offline" / "data").write_text("in the way of the folder")
    monkeypatch.setenv("GEMFILES_HOME", str(tmp_path))

    with pytest.raises(CannotConnect, match="The offline server does not start"):
        reached(choose_endpoint())


# Secrets


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        format,
        lambda secret: f"{secret}",
        lambda secret: f"{secret!r:>40}",
        lambda secret: "%s %r" % (secret, secret),  # noqa: UP031
        lambda secret: repr([secret, {"key": secret}]),
        lambda secret: repr(Endpoint(GATEWAY, secret)),
        lambda secret: str(dir(secret)),
        lambda secret: logging.LogRecord("n", 10, "p", 1, "%s", (secret,), None).getMessage(),
    ],
    ids=["repr", "str", "format", "f-string", "padded", "percent", "nested", "endpoint", "dir", "log"],
)
def test_no_text_shows_a_secret(show: object) -> None:
    assert KEY not in show(Secret(KEY))  # type: ignore[operator]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_can_not_be_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="can't be pickled"):
        pickle.dumps(Secret(KEY), protocol)


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy])
def test_a_secret_can_not_be_copied(clone: object) -> None:
    with pytest.raises(TypeError, match="can't be pickled or copied"):
        clone(Secret(KEY))  # type: ignore[operator]


def test_a_secret_has_no_dict_to_look_into() -> None:
    with pytest.raises(TypeError):
        vars(Secret(KEY))


def test_an_endpoint_with_a_key_does_not_become_a_dict() -> None:
    with pytest.raises(TypeError, match="can't be pickled or copied"):
        dataclasses.asdict(Endpoint(GATEWAY, Secret(KEY)))


def test_secrets_of_the_same_text_are_equal_and_hash_alike() -> None:
    assert Secret(KEY) == Secret(KEY)
    assert Secret(KEY) != Secret("other")
    assert Secret(KEY) != KEY
    assert len({Secret(KEY), Secret(KEY)}) == 1


def test_an_empty_secret_is_false() -> None:
    assert not Secret("")
    assert Secret(KEY)


def test_only_reveal_gives_the_text() -> None:
    assert Secret(KEY).reveal() == KEY


@pytest.mark.parametrize("function", ["choose", "_checked_key", "find_key"])
def test_no_frame_of_a_key_problem_holds_the_key_as_text(
    function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A verbose traceback prints the local variables of every frame."""
    monkeypatch.setenv("GOOGLE_API_KEY", f"{KEY} x")
    assert callable(getattr(config, function))

    with pytest.raises(GemfilesError) as caught:
        choose_endpoint()

    frames = [entry.frame for entry in caught.traceback if "gemfiles_jupyter" in str(entry.path)]
    assert frames
    assert all(KEY not in repr(value) for frame in frames for value in frame.f_locals.values())


# Home


def test_home_is_the_chosen_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GEMFILES_HOME", str(tmp_path))

    assert home() == tmp_path


def test_home_may_begin_with_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMFILES_HOME", os.path.join("~", "kept"))  # noqa: PTH118

    assert home() == Path.home() / "kept"


def test_home_is_in_jupyters_data_folder_by_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("GEMFILES_HOME")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))

    assert home() == tmp_path / "gemfiles"

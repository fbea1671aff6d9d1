"""get, list, delete, create, register, download."""

from __future__ import annotations

import time

import pytest

UPLOADS = "/v1beta/files"


def test_get_answers_with_the_resource_itself(wire):
    file = wire.upload(b"abc", display_name="x")

    answers = [wire.get(f"/{version}/{file['name']}") for version in ("v1", "v1beta", "v1alpha")]

    assert [answer.json for answer in answers] == [file] * 3
    assert answers[0].headers["Server"] == "gemfiles-offline"
    assert answers[0].headers["Content-Type"] == "application/json; charset=UTF-8"


def test_an_empty_list_is_an_empty_object(wire):
    assert wire.get(UPLOADS).body == b"{}\n"


def test_lists_pages_newest_first(wire):
    names = [wire.upload(b"x")["name"] for _ in range(25)]

    pages, token = [], ""
    while True:
        page = wire.get(f"{UPLOADS}?pageToken={token}").json
        pages.append([file["name"] for file in page["files"]])
        token = page.get("nextPageToken", "")
        if not token:
            break

    assert [len(page) for page in pages] == [10, 10, 5]
    assert [name for page in pages for name in page] == names[::-1]


def test_no_survivor_is_skipped_when_files_go_between_pages(wire):
    names = [wire.upload(b"x")["name"] for _ in range(6)][::-1]
    first = wire.get(f"{UPLOADS}?pageSize=2").json

    for name in (names[0], names[1], names[3]):
        wire.request("DELETE", f"/v1beta/{name}")
    rest = wire.get(f"{UPLOADS}?pageSize=100&pageToken={first['nextPageToken']}").json

    assert [file["name"] for file in rest["files"]] == [names[2], names[4], names[5]]


@pytest.mark.parametrize(("size", "count"), [("0", 10), ("", 10), ("7", 7), ("1000000000", 12)])
def test_page_sizes_are_clamped(wire, size, count):
    for _ in range(12):
        wire.upload(b"x")

    assert len(wire.get(f"{UPLOADS}?pageSize={size}").json["files"]) == count


@pytest.mark.parametrize(
    "query", ["pageSize=-1", "pageSize=x", "pageSize=1e3", "pageToken=x", "pageToken=AAAA"]
)
def test_page_arguments_that_make_no_sense_are_400(wire, query):
    assert wire.get(f"{UPLOADS}?{query}").status == 400


def test_a_page_token_of_another_key_is_refused(wire):
    for _ in range(2):
        wire.upload(b"x")
    token = wire.get(f"{UPLOADS}?pageSize=1").json["nextPageToken"]

    assert wire.get(f"{UPLOADS}?pageToken={token}", key="another").status == 400


def test_files_belong_to_their_key(wire):
    name = wire.upload(b"x")["name"]

    assert wire.get(UPLOADS, key="another").json == {}
    assert wire.get(f"/v1beta/{name}", key="another").status == 403
    assert wire.request("DELETE", f"/v1beta/{name}", key="another").status == 403
    assert wire.get(f"/v1beta/{name}").status == 200


def test_delete_answers_an_empty_object_once(wire, server):
    name = wire.upload(b"x")["name"]

    first = wire.request("DELETE", f"/v1beta/{name}", "{}")
    second = wire.request("DELETE", f"/v1beta/{name}")

    assert (first.status, first.body) == (200, b"{}\n")
    assert second.status == 403
    assert second.json["error"] == {
        "code": 403,
        "message": f"You do not have permission to access the File {name[6:]} or it may not exist.",
        "status": "PERMISSION_DENIED",
    }
    assert list((server.data / "blobs").iterdir()) == []


def test_a_file_expires_after_48_hours(wire, server):
    name = wire.upload(b"x")["name"]

    server.advance(48 * 3600 - 5)
    before = wire.get(f"/v1beta/{name}").status
    server.advance(10)

    assert before == 200
    assert wire.get(f"/v1beta/{name}").status == 403
    assert wire.names() == []
    assert wire.upload(b"y", name=name)["name"] == name


def test_an_expired_file_is_gone_at_once_and_not_only_when_it_is_swept(wire, server):
    server.set(ttl_seconds=0.3)
    file = wire.upload(b"x")
    path = f"/v1beta/{file['name']}"

    deadline = time.monotonic() + 20
    while wire.get(path).status == 200:
        assert time.monotonic() < deadline, "it does not expire"

    assert len(list((server.data / "blobs").iterdir())) == 1, "it was swept: nothing is shown"
    assert wire.get(UPLOADS).json == {}
    assert wire.generate([{"fileData": {"fileUri": file["uri"]}}]).status == 403
    assert wire.request("DELETE", path).status == 403


def test_an_upload_under_way_does_not_expire_with_the_files(wire, server):
    session = wire.start(3)
    server.advance(49 * 3600)

    file = wire.command(session, "upload, finalize", b"abc", 0).json["file"]
    server.advance(47 * 3600)

    assert wire.names() == [file["name"]]


@pytest.mark.parametrize(
    "path", ["files/..%2fx", "files/%00", "files/A_b", "files/" + "x" * 300, "files/%ff"]
)
def test_names_that_cannot_be_are_answered_like_missing_files(wire, path):
    assert wire.get(f"/v1beta/{path}").status in (400, 403, 404)


@pytest.mark.parametrize(
    "path", ["/", "/v2/files", "/v1beta/files/a/b", "/v1beta/./files", "/v1beta/files;x", "/favicon.ico"]
)
def test_other_addresses_are_404(wire, path):
    answer = wire.get(path)

    assert answer.status == 404
    assert answer.json["error"]["status"] == "NOT_FOUND"


def test_two_slashes_at_the_start_are_one(wire):
    assert wire.get("//v1beta/files").status == 200


def test_no_key_is_refused(wire):
    answer = wire.get(UPLOADS, key=None)

    assert answer.status == 403
    assert answer.message.startswith("Method doesn't allow unregistered callers")


def test_a_key_may_be_refused_for_a_test(wire, server):
    server.set(accepted_keys=["good"])

    bad, good = wire.begin(3, key="bad"), wire.begin(3, key="good")

    assert bad.status == 400
    assert bad.message == "API key not valid. Please pass a valid API key."
    assert bad.json["error"]["details"][0]["reason"] == "API_KEY_INVALID"
    assert good.status == 200


def test_the_key_may_stand_in_the_address(wire, server):
    name = wire.upload(b"x")["name"]

    assert wire.get(f"/v1beta/{name}?key={server.key}", key=None).status == 200


def test_a_video_is_processed_and_then_has_its_duration(wire, server, mp4):
    server.set(processing_seconds=60)
    file = wire.upload(mp4, "video/mp4")
    during = wire.get(f"/v1beta/{file['name']}").json
    server.advance(61)
    after = wire.get(f"/v1beta/{file['name']}").json

    assert file["state"] == during["state"] == "PROCESSING"
    assert "videoMetadata" not in during
    assert after["state"] == "ACTIVE"
    assert after["videoMetadata"] == {"videoDuration": "3.5s"}
    assert after["updateTime"] > after["createTime"]


def test_a_broken_video_fails_with_a_reason(wire, mp4):
    file = wire.upload(mp4[:100], "video/mp4")

    assert file["state"] == "FAILED"
    assert file["error"] == {"code": 3, "message": "The file contains no readable video."}


@pytest.mark.parametrize(("outcome", "state"), [("failed", "FAILED"), ("active", "ACTIVE")])
def test_a_test_may_decide_how_processing_ends(wire, server, mp4, outcome, state):
    server.set(processing_outcome=outcome)

    file = wire.upload(mp4 if outcome == "failed" else b"no film", "video/mp4")

    assert file["state"] == state


def test_enums_may_be_asked_for_as_numbers(wire):
    name = wire.upload(b"x")["name"]

    one = wire.get(f"/v1beta/{name}?$alt=json;enum-encoding=int").json
    page = wire.get("/v1beta/files?%24alt=json%3Benum-encoding%3Dint").json

    assert (one["state"], one["source"]) == (2, 1)
    assert page["files"][0]["state"] == 2


def test_metadata_alone_makes_an_empty_file(wire):
    answer = wire.request(
        "POST", "/v1beta/files", "{'file': {'displayName': 'x', 'mime_type': 'text/plain'}}"
    )

    assert answer.json["file"]["sizeBytes"] == "0"
    assert wire.names() == [answer.json["file"]["name"]]


def test_register_needs_a_bearer_and_takes_all_or_nothing(wire):
    bearer = {"Authorization": "Bearer token"}
    good = {"uris": ["gs://bucket/a/lecture.mp4", "gs://bucket/notes.txt"]}

    without = wire.request("POST", "/v1beta/files:register", good)
    bad = wire.request("POST", "/v1beta/files:register", {"uris": ["gs://bucket/a", "http://x"]}, bearer)
    answer = wire.request("POST", "/v1beta/files:register", good, bearer)

    assert (without.status, bad.status) == (401, 400)
    assert [file["source"] for file in answer.json["files"]] == ["REGISTERED"] * 2
    assert [file["mimeType"] for file in answer.json["files"]] == ["video/mp4", "text/plain"]
    assert sorted(wire.names()) == sorted(file["name"] for file in answer.json["files"])


def test_a_token_alone_is_a_caller_of_its_own(wire):
    bearer = {"Authorization": "Bearer token"}
    body = {"uris": ["gs://bucket/notes.txt"]}

    (file,) = wire.request("POST", "/v1beta/files:register", body, bearer, key=None).json["files"]

    assert wire.get("/v1beta/files", key=None, headers=bearer).json["files"] == [file]
    assert wire.names() == []


def test_generated_files_are_downloaded(wire, server):
    content = bytes(range(256)) * 5000
    name = server.add_generated(content, "video/mp4", display_name="film")

    file = wire.get(f"/v1beta/{name}").json
    answer = wire.get(f"/v1beta/{name}:download?alt=media")

    assert file["source"] == "GENERATED"
    assert file["downloadUri"].endswith(f"/v1beta/{name}:download?alt=media")
    assert (answer.headers["Content-Type"], answer.body) == ("video/mp4", content)
    assert wire.get(f"/v1beta/{name}:download?alt=media", key="another").status == 403


def test_uploaded_files_cannot_be_downloaded(wire):
    name = wire.upload(b"x")["name"]

    assert wire.get(f"/v1beta/{name}:download?alt=media").status == 400
    assert wire.get("/v1beta/files/nothing:download?alt=media").status == 403

"""The panel in JupyterLab, used as a person does: one Lab, one page, one thing after the other."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest

pytest.importorskip("playwright", reason="playwright is not installed")

from playwright.sync_api import Browser, expect

from . import lab
from .panel import MIB, SLOWLY, Desk, Heard, LabPanel, running_desk

pytestmark = pytest.mark.skipif(lab.find_chromium() is None, reason="chromium is not installed")

PERCENT = re.compile(r"\d+ %")
DROP_MIB = int(os.environ.get("GEMFILES_DROP_MIB", "160"))
MOST_GROWTH = 64 * MIB


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with running_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with lab.running_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def opened(browser: Browser, desk: Desk) -> LabPanel:
    panel = LabPanel.open(browser.new_context(viewport={"width": 1500, "height": 900}), desk)
    panel.run(0)
    panel.await_cell(0)
    return panel


@pytest.fixture
def panel(opened: LabPanel) -> Iterator[LabPanel]:
    """The panel, with nothing under way and a service that does as it should."""
    opened.clear()
    yield opened
    opened.desk.service.clear_faults()
    assert opened.errors == []


@pytest.fixture
def slow(panel: LabPanel) -> None:
    panel.desk.service.faults(SLOWLY)


@pytest.mark.usefixtures("slow")
def test_the_context_menu_uploads_with_progress_everywhere(panel: LabPanel) -> None:
    panel.desk.write("context.bin", 48 * MIB)

    panel.choose("context.bin", "Upload to Gemini")

    row = panel.transfer("context.bin")
    expect(row.get_by_role("progressbar")).to_be_visible()
    expect(row).to_contain_text(PERCENT)
    expect(panel.status).to_contain_text(PERCENT)
    panel.expect_phase("context.bin", "done")
    expect(panel.status.get_by_role("button")).to_have_count(0)
    expect(panel.page.locator(".Toastify__toast")).to_have_count(0)  # it would lie over the panel
    expect(panel.file("context.bin")).to_contain_text("50.3 MB")


@pytest.mark.usefixtures("slow")
def test_where_the_panel_is_closed_there_is_one_notification(panel: LabPanel) -> None:
    panel.desk.write("closed.bin", 24 * MIB)
    panel.page.get_by_role("tab", name="Gemini files").click()
    expect(panel.root).to_be_hidden()

    panel.choose("closed.bin", "Upload to Gemini")

    toast = panel.page.locator(".Toastify__toast", has_text="closed.bin")
    expect(toast).to_contain_text("Uploading closed.bin to Gemini")
    expect(toast.filter(has_text="closed.bin is ready for prompts")).to_be_visible(timeout=30_000)
    expect(toast).to_have_count(1)  # the one with the bar is gone
    panel.show()


def test_files_of_the_desktop_arrive_as_they_are(panel: LabPanel) -> None:
    sizes = {"one.bin": 3 * MIB + 17, "two.bin": 0, "three.bin": 12345}
    sums = {name: lab.make_file(panel.desk.desktop / name, size) for name, size in sizes.items()}

    panel.drop(*sums)

    for name, digest in sums.items():
        panel.expect_phase(name, "done")
        expect(panel.file(name)).to_be_visible()
        assert panel.desk.stored(name).sha256 == digest


def test_a_large_drop_arrives_whole_and_the_server_does_not_grow(panel: LabPanel) -> None:
    panel.upload("small.bin")  # what is loaded only once does not count
    digest = lab.make_file(panel.desk.desktop / "large.bin", DROP_MIB * MIB)
    before = panel.desk.peak_bytes(is_reset=True)

    panel.drop("large.bin")

    panel.expect_phase("large.bin", "done", seconds=600)
    growth = panel.desk.peak_bytes() - before
    print(f"the server grew by {growth / MIB:.1f} MiB for {DROP_MIB} MiB")
    assert panel.desk.stored("large.bin").sha256 == digest
    assert growth < MOST_GROWTH


def test_files_are_dragged_out_of_the_file_browser(panel: LabPanel) -> None:
    panel.desk.write("dragged.txt", 100)

    panel.item("dragged.txt").hover()
    panel.page.mouse.down()
    box = panel.root.bounding_box()
    assert box
    panel.page.mouse.move(box["x"] + 60, box["y"] + 300, steps=8)
    expect(panel.page.get_by_text("Drop to upload")).to_be_visible()
    panel.page.mouse.up()

    expect(panel.page.get_by_text("Drop to upload")).to_be_hidden()
    panel.expect_phase("dragged.txt", "done")


def test_a_variable_is_inserted_and_run_only_by_the_user(panel: LabPanel) -> None:
    panel.upload("my lecture.txt")
    count = panel.cells.count()
    panel.cells.last.locator(".jp-InputArea-prompt").click()

    panel.file("my lecture.txt").click()
    panel.press("Insert variable")

    expect(panel.cells).to_have_count(count + 1)
    assert "my_lecture = gf.get_file(" in panel.source(count)
    expect(panel.cells.nth(count).locator(".jp-InputArea-prompt")).to_have_text("[ ]:")
    expect(panel.file("my lecture.txt")).to_contain_text("my_lecture")
    panel.run(count)
    panel.await_cell(count)
    shown = panel.add_cell("print(my_lecture.display_name, my_lecture.state.value)")
    panel.run(shown)
    assert panel.await_cell(shown).strip() == "my lecture.txt ACTIVE"


def test_a_prompt_cell_is_inserted_and_works(panel: LabPanel) -> None:
    panel.upload("question.txt")
    count = panel.cells.count()
    panel.cells.last.locator(".jp-InputArea-prompt").click()

    panel.file("question.txt").click()
    panel.press("Insert prompt cell")

    expect(panel.cells.last).to_contain_text("%%gemprompt")
    last = panel.cells.count() - 1
    assert panel.source(last) == "%%gemprompt\nSummarise {question}."
    for index in range(count, last + 1):
        expect(panel.cells.nth(index).locator(".jp-InputArea-prompt")).to_have_text("[ ]:")
        panel.run(index)
        panel.await_cell(index)
    # Markdown is drawn a moment after the cell has run.
    expect(panel.cells.nth(last).locator(".jp-OutputArea")).to_contain_text("question.txt")


def test_a_row_is_dragged_into_the_notebook(panel: LabPanel) -> None:
    panel.upload("row.txt")
    count = panel.cells.count()

    panel.file("row.txt").locator(".jp-gemfiles-Cell-label").hover()
    panel.page.mouse.down()
    box = panel.cells.first.bounding_box()
    assert box
    panel.page.mouse.move(box["x"] + 200, box["y"] + 10, steps=10)
    panel.page.mouse.up()

    expect(panel.cells).to_have_count(count + 1)
    sources = [panel.source(index) for index in range(count + 1)]
    assert sum("row = gf.get_file(" in source for source in sources) == 1


def test_upload_and_insert_variable_is_one_upload(panel: LabPanel) -> None:
    panel.desk.write("chapter.txt", 5000)
    count = panel.cells.count()
    panel.cells.last.locator(".jp-InputArea-prompt").click()

    panel.choose("chapter.txt", "Upload to Gemini and Insert Variable")

    panel.expect_phase("chapter.txt", "done")
    assert "chapter = %gemupload chapter.txt" in panel.source(count)
    panel.run(count)
    assert "chapter" in panel.await_cell(count)
    expect(panel.file("chapter.txt")).to_have_count(1)


def test_several_are_deleted_after_a_question(panel: LabPanel) -> None:
    for name in ("old-a.txt", "old-b.txt", "kept.txt"):
        panel.upload(name)

    panel.file("old-a.txt").click()
    panel.file("old-b.txt").click(modifiers=["Control"])
    panel.press("Delete 2 files")
    question = panel.root.get_by_role("alertdialog")
    expect(question).to_contain_text("Delete 2 files (")
    question.get_by_role("button", name="Keep").click()
    expect(panel.file("old-a.txt")).to_be_visible()
    panel.press("Delete 2 files")
    question.get_by_role("button", name="Delete").click()

    expect(panel.file("old-a.txt")).to_have_count(0)
    expect(panel.file("old-b.txt")).to_have_count(0)
    expect(panel.file("kept.txt")).to_be_visible()


@pytest.mark.usefixtures("slow")
def test_the_transfer_of_a_cell_is_paused_and_resumed_here(panel: LabPanel) -> None:
    panel.desk.write("cell.bin", 48 * MIB)
    cell = panel.add_cell("from_cell = %gemupload cell.bin")

    panel.run(cell)
    expect(panel.transfer("cell.bin")).to_contain_text(PERCENT, timeout=30_000)
    panel.press("Pause cell.bin")
    panel.expect_phase("cell.bin", "paused")
    panel.desk.service.clear_faults()
    panel.press("Resume cell.bin")

    panel.expect_phase("cell.bin", "done")


@pytest.mark.usefixtures("slow")
def test_cancelling_does_not_wait_for_a_busy_kernel(panel: LabPanel) -> None:
    panel.desk.write("busy.bin", 96 * MIB)
    cell = panel.add_cell("import time; time.sleep(60)")

    panel.run(cell)
    panel.choose("busy.bin", "Upload to Gemini")
    expect(panel.transfer("busy.bin")).to_contain_text(PERCENT, timeout=30_000)
    panel.press("Cancel busy.bin")

    panel.expect_phase("busy.bin", "cancelled", seconds=10)
    prompt = panel.cells.nth(cell).locator(".jp-InputArea-prompt")
    expect(prompt).to_have_text("[*]:")
    prompt.click()
    panel.page.keyboard.press("i")
    panel.page.keyboard.press("i")
    panel.await_cell(cell)


def test_after_a_reload_the_same_file_goes_on_where_it_was(panel: LabPanel) -> None:
    page, pattern = panel.page, "**/gemfiles/api/uploads/*"
    offsets: list[int] = []

    def let_two_pass(route, request):  # type: ignore[no-untyped-def]
        offsets.append(int(request.url.partition("offset=")[2].partition("&")[0]))
        if len(offsets) < 3:
            route.continue_()

    digest = lab.make_file(panel.desk.desktop / "film.bin", 12 * MIB)
    page.route(pattern, let_two_pass)
    panel.drop("film.bin")
    expect(panel.transfer("film.bin")).to_contain_text("receiving")
    page.wait_for_function("() => JSON.parse(sessionStorage['gemfiles-jupyter:uploads'])[0].sent > 2e6")
    page.reload()
    page.unroute(pattern)
    panel.wait()
    panel.show()

    panel.expect_phase("film.bin", "paused")
    expect(panel.transfer("film.bin")).to_contain_text("The page was reloaded.")
    with page.expect_request(pattern) as first:
        panel.drop("film.bin")
    assert f"offset={3 * MIB}" in first.value.url
    panel.expect_phase("film.bin", "done")
    assert panel.desk.stored("film.bin").sha256 == digest


def test_the_whole_way_by_keyboard(browser: Browser, desk: Desk) -> None:
    context = browser.new_context(viewport={"width": 1500, "height": 900})
    panel = LabPanel.open(context, desk, is_shown=False)
    lab.make_file(desk.desktop / "typed.txt", 700)
    keys, count = panel.page.keyboard, panel.cells.count()

    keys.press("Control+Shift+c")
    keys.type("Show Gemini Files")
    keys.press("Enter")
    panel.await_focus()
    panel.tab_to("Upload")
    with panel.page.expect_file_chooser() as chooser:
        keys.press("Enter")
    chooser.value.set_files(desk.desktop / "typed.txt")
    expect(panel.file("typed.txt")).to_have_attribute("data-state", "ACTIVE", timeout=30_000)
    keys.press("/")
    keys.type("typed")
    keys.press("ArrowDown")
    keys.press("Space")
    expect(panel.root.get_by_text("1 selected")).to_be_visible()
    keys.press("Enter")
    keys.press("Enter")  # the first of the menu
    expect(panel.cells).to_have_count(count + 1)
    assert "typed = gf.get_file(" in panel.source(count)
    keys.press("Delete")
    expect(panel.root.get_by_role("alertdialog")).to_contain_text("Delete typed.txt")
    keys.press("Enter")

    expect(panel.file("typed.txt")).to_have_count(0)
    context.close()


def test_the_browser_gets_neither_key_nor_upload_url(browser: Browser, desk: Desk) -> None:
    context = browser.new_context(viewport={"width": 1500, "height": 900})
    heard = Heard(context)
    panel = LabPanel.open(context, desk)
    panel.clear()
    desk.service.faults(SLOWLY)
    desk.write("secret.bin", 48 * MIB)
    panel.choose("secret.bin", "Upload to Gemini")
    lab.make_file(desk.desktop / "heard.bin", 3 * MIB)
    panel.drop("heard.bin")
    expect(panel.transfer("secret.bin")).to_contain_text(PERCENT)

    sessions = desk.upload_ids()
    during = heard.page_texts(panel.page)
    desk.service.clear_faults()
    panel.expect_phase("secret.bin", "done")
    panel.expect_phase("heard.bin", "done")
    heard_texts = {
        "page": [*during, *heard.page_texts(panel.page)],
        "answers": heard.answer_texts(),
        "messages": heard.messages,
    }

    assert sessions, "an upload was under way"
    for kind, texts in heard_texts.items():
        everything = "\n".join(texts)
        assert "secret.bin" in everything, f"the upload is in what was looked at: {kind}"
        assert [text for text in (desk.service.key, "upload_id=", *sessions) if text in everything] == [], (
            kind
        )
    context.close()


def test_notebook_7_shows_the_same_panel(browser: Browser, desk: Desk) -> None:
    context = browser.new_context(viewport={"width": 1300, "height": 900})
    panel = LabPanel.open(context, desk, app="notebooks")
    panel.run(0)
    panel.await_cell(0)

    panel.upload("classic.txt")
    panel.file("classic.txt").click()
    panel.press("Insert variable")

    expect(panel.cells).to_have_count(2)
    panel.run(1)
    assert "Error" not in panel.await_cell(1)
    # Notebook 7.6 has an error of its own, without us too.
    assert [error for error in panel.errors if "gemfiles" in error] == []
    context.close()

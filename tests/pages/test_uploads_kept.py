"""Files that were brought are held as long as a field holds them, and not much longer."""

from __future__ import annotations

import ast
from dataclasses import dataclass

import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec
from streamlit.testing.v1 import AppTest

from lib.ui.access import sessions, uploads
from lib.ui.access.uploads import BY_ONE, ON_ITS_WAY, Bounds, Refusal
from tests.house import FILES, tree_of
from tests.pages.clone_form import bring
from tests.pages.house import House
from tests.parts.speech import spoken

VISITOR = "test session id"
"""As `AppTest` calls each of its visitors."""


@dataclass
class Held:
    """A process's files, and the seconds that its clock shows."""

    files: MemoryUploadedFileManager
    bounds: Bounds
    now: float = 1_000.0

    def ids(self) -> set[str]:
        return {file_id for held in self.files.file_storage.values() for file_id in held}


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    """Everybody is in and connected."""
    files = MemoryUploadedFileManager("/upload")
    found = Held(files, Bounds(files, lambda: found.now))
    monkeypatch.setattr(sessions, "is_in", lambda session_id: True)
    monkeypatch.setattr(sessions, "is_connected", lambda session_id: True)
    monkeypatch.setattr(uploads, "bounds", lambda: found.bounds)
    return found


def a_file(name: str, data: bytes = b"x") -> UploadedFileRec:
    return UploadedFileRec(name, f"{name}.wav", "audio/wav", data)


def test_what_no_field_holds_is_freed_once_it_cannot_be_on_its_way_to_one(held: Held) -> None:
    held.bounds.take("ann", a_file("used"))
    held.bounds.take("ann", a_file("left"))
    held.bounds.take("bob", a_file("bobs"))
    held.now += ON_ITS_WAY + 1
    held.bounds.take("ann", a_file("new"))

    held.bounds.keep_only("ann", {"used"})

    assert held.ids() == {"used", "new", "bobs"}


def test_room_for_what_arrives_is_kept_for_it_alone_until_it_has_come(held: Held) -> None:
    with held.bounds.expect("ann", BY_ONE) as refusal:
        assert refusal is None
        with held.bounds.expect("ann", 1) as second:
            assert second is Refusal.FULL_FOR_ONE
        with held.bounds.expect("bob", 1) as anothers:
            assert anothers is None
    with held.bounds.expect("ann", BY_ONE) as refusal:
        assert refusal is None


def pages() -> None:
    """Pages of a small app: some draw a field for a file, and not all come to their end."""
    import streamlit as st

    from lib.ui.access import uploads
    from lib.ui.shared import fields

    page = st.session_state["page"]
    with uploads.page_run(page):
        if page == "stops":
            st.stop()
        if page == "has a field":
            fields.file("Recording", key="clone_upload")


@pytest.fixture
def visitor(held: Held) -> AppTest:
    """On the page with the field, to which a file was brought a while ago."""
    visitor = AppTest.from_function(pages)
    visitor.session_state["page"] = "has a field"
    visitor = bring(visitor.run(), spoken())
    held.bounds.take(VISITOR, a_file(given(visitor).file_id))
    held.now += ON_ITS_WAY + 1
    return visitor


def test_a_file_is_held_while_its_field_is_drawn(held: Held, visitor: AppTest) -> None:
    visitor.run()
    assert held.ids() == {given(visitor).file_id}


@pytest.mark.parametrize("page", ["has none", "stops"])
def test_a_file_is_freed_on_another_page(held: Held, visitor: AppTest, page: str) -> None:
    visitor.session_state["page"] = page
    visitor.run()
    assert not visitor.exception
    assert held.ids() == set()


def test_a_visitor_who_is_out_again_holds_nothing(
    held: Held, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = house.open("clone")
    held.bounds.take(VISITOR, a_file("recording"))
    monkeypatch.setenv("VOICEKEEP_SECRETS", '[team]\npassphrase = "correct horse battery staple"')
    visitor.run()
    assert held.ids() == set()


def test_every_field_for_a_file_says_what_it_holds() -> None:
    taking = {"file_uploader", "audio_input", "camera_input"}
    found = {
        file
        for file in FILES
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Attribute) and node.attr in taking
    }
    assert found == {"lib/ui/shared/fields.py"}


def given(visitor: AppTest) -> UploadedFile:
    """The file that the field holds."""
    value = visitor.file_uploader(key="clone_upload").value
    assert isinstance(value, UploadedFile)
    return value


def releasing() -> None:
    """A page that takes over what was brought."""
    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    from lib.ui.access import uploads
    from lib.ui.shared import fields

    file = fields.file("Recording", key="clone_upload")
    if file:
        run = get_script_run_ctx()
        before = run.uploaded_file_mgr.get_files(run.session_id, [file.file_id])
        uploads.release(file)
        after = run.uploaded_file_mgr.get_files(run.session_id, [file.file_id])
        st.write(f"There was {len(before)} file, there are {len(after)}.")
        st.write(f"Its object is {'closed' if file.closed else 'open'}.")


def test_what_something_else_has_now_is_freed_at_once() -> None:
    visitor = bring(AppTest.from_function(releasing).run(), spoken())
    assert not visitor.exception
    told = [item.value for item in visitor.markdown]
    assert told == ["There was 1 file, there are 0.", "Its object is closed."]

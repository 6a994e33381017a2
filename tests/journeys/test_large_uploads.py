"""A file of 200 MB: it comes through a real server, waits on the disk, and its memory is freed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from streamlit.proto.Common_pb2 import FileUploaderState, UploadedFileInfo
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.journeys.courier import courier
from tests.journeys.servers import ROOT, App, start_app
from tests.journeys.stranger import Stranger, calling
from tests.parts.processes import twice

MEGABYTE = 1024 * 1024
LARGE = bytes(range(256)) * (200 * MEGABYTE // 256)
BESIDE = 150
"""Megabytes that anything may take for a moment beside the copy that Streamlit holds."""
TAKEN = 204
PAGE = """
from pathlib import Path

import streamlit as st

from lib.clock import SystemClock
from lib.roles import Person, TeamRole
from lib.studio.core.drafts import Drafts
from lib.ui.access import uploads
from lib.ui.shared import fields

uploads.share_copies()
drafts = Drafts(Path("drafts"), SystemClock())
file = fields.file("Recording", key="recording", max_upload_size=200)
if file is not None:
    person = Person("Ada", TeamRole.MEMBER)
    drafts.bring("ada", file.getvalue(), file.name, person=person)
    uploads.release(file)
for draft in drafts.of("ada"):
    st.write(f"Here: {draft.sha256}")
"""


@pytest.mark.slow
def test_a_file_of_200_mb_is_taken_put_on_the_disk_and_freed(tmp_path: Path) -> None:
    script = tmp_path / "page.py"
    script.write_text(PAGE)

    def begin() -> App:
        options = ["--server.maxUploadSize", "201"]
        started = start_app(tmp_path, {"PYTHONPATH": str(ROOT)}, options=options, script=script)
        started.child.wait_for_port(started.port)
        return started

    app = twice(begin)
    with app.child, calling(app.port) as visitor, courier(app) as person:
        visitor.run()
        before = app.memory()
        assert person.brings(visitor.session_id, "a-file", LARGE) == TAKEN
        assert app.memory() > before + 190
        assert f"Here: {hashlib.sha256(LARGE).hexdigest()}" in visitor.says(holding(visitor))
        again = visitor.says(holding(visitor))
        assert app.memory() < before + 40
        assert app.memory("VmHWM") < before + 200 + BESIDE
        assert again.count("Here: ") == 1
    (sound,) = (tmp_path / "drafts").glob("*.sound")
    assert sound.stat().st_size == len(LARGE)


def holding(visitor: Stranger) -> WidgetState:
    """What a browser says of a field that holds the file that was brought."""
    info = UploadedFileInfo(file_id="a-file", name="holiday.mov", size=len(LARGE))
    state = FileUploaderState(uploaded_file_info=[info])
    return WidgetState(id=visitor.id_of("recording"), file_uploader_state_value=state)

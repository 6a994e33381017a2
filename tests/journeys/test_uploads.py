"""What visitors bring to a running app: who may, how much, and when it is gone again."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import WebSocket
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from lib.ui.access.entry import LONGEST_OF_STRANGERS, MOST_STRANGERS
from lib.ui.access.uploads import BY_ONE, IN_ALL, MEGABYTE, SMALLEST
from tests.journeys.conftest import Enter
from tests.journeys.courier import courier
from tests.journeys.servers import App, running_app
from tests.journeys.stranger import Stranger, calling
from tests.parts.processes import free_port

PASSPHRASE = "correct horse battery staple"
INSIDE = "Your voices"
ASKED = "Enter its passphrase to continue."
NOT_TAKEN = "Your file was not uploaded"
HELD_FILES = "UploadedFileManager"
TAKEN, REFUSED, NO_SESSION, NO_ROOM = 204, 403, 400, 507
LARGE = bytes(19 * MEGABYTE)
"""Nearly the largest that a recording may be."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with running_app(tmp_path_factory.mktemp("team"), of_a_team()) as started:
        yield started


def of_a_team() -> dict[str, str]:
    return {
        "NANOGPT_API_KEY": "sk-nano-test",
        "NANOGPT_BASE_URL": f"http://127.0.0.1:{free_port()}/api",
        "VOICEKEEP_SECRETS": f'[team]\npassphrase = "{PASSPHRASE}"',
    }


def enters(app: App, stack: ExitStack) -> Stranger:
    """A colleague who has signed in."""
    colleague = stack.enter_context(calling(app.port))
    colleague.run()
    assert INSIDE in colleague.guess(PASSPHRASE)
    return colleague


@pytest.mark.parametrize("length", ["Content-Length: 19000000", "Transfer-Encoding: chunked"])
def test_a_strangers_file_is_refused_before_its_first_byte(app: App, length: str) -> None:
    with calling(app.port) as stranger, courier(app) as person:
        stranger.run()
        for session_id in (stranger.session_id, "no-such-session", ""):
            path = f"/_stcore/upload_file/{session_id}/a-file"
            assert person.announces(path, length) == (REFUSED, True)


def test_a_connection_that_has_not_asked_for_a_page_brings_nothing_to_a_cold_app(
    tmp_path: Path,
) -> None:
    with running_app(tmp_path, of_a_team()) as cold, calling(cold.port) as stranger:
        message = BackMsg()
        message.file_urls_request.request_id = "1"
        message.file_urls_request.file_names.append("a.wav")
        stranger.socket.send(message.SerializeToString())
        answer = ForwardMsg.FromString(stranger.socket.recv(timeout=30, decode=False))
        address = answer.file_urls_response.file_urls[0].upload_url
        with courier(cold) as person:
            assert person.announces(address, "Content-Length: 1000")[0] == REFUSED
            assert HELD_FILES not in person.metrics()


def test_a_person_has_room_for_a_few_large_files_and_for_more_once_one_is_gone(app: App) -> None:
    with ExitStack() as stack, courier(app) as person:
        colleague = enters(app, stack)
        fitting = BY_ONE // len(LARGE)
        for number in range(fitting):
            assert person.brings(colleague.session_id, f"file-{number}", LARGE) == TAKEN
        assert person.brings(colleague.session_id, "one-more", LARGE) == NO_ROOM
        assert NOT_TAKEN in colleague.hears()
        assert NOT_TAKEN not in colleague.run()
        assert person.takes_back(colleague.session_id, "file-0") == TAKEN
        assert person.brings(colleague.session_id, "one-more", LARGE) == TAKEN


def test_many_small_files_count_as_larger_ones(app: App) -> None:
    with ExitStack() as stack, courier(app) as person:
        colleague = enters(app, stack)
        fitting = BY_ONE // SMALLEST
        statuses = [person.brings(colleague.session_id, f"file-{n}") for n in range(fitting + 1)]
        assert statuses == [TAKEN] * fitting + [NO_ROOM]
        colleague.hears()


def test_who_hung_up_makes_room_for_those_who_are_here(app: App) -> None:
    def fill(session_id: str) -> None:
        for number in range(BY_ONE // SMALLEST):
            assert person.brings(session_id, f"file-{number}") == TAKEN

    with ExitStack() as stack, courier(app) as person:
        with ExitStack() as leaving:
            fill(enters(app, leaving).session_id)
            for _ in range(IN_ALL // BY_ONE - 1):
                fill(enters(app, stack).session_id)
            late = enters(app, stack)
            assert person.brings(late.session_id, "recording", LARGE) == NO_ROOM
            assert NOT_TAKEN in late.hears()

        def is_taken() -> bool | None:
            if person.brings(late.session_id, "recording", LARGE) == TAKEN:
                return True
            late.hears()
            return None

        app.child.wait_for(is_taken, "notice that somebody left", seconds=30)


@pytest.mark.slow
def test_files_are_gone_soon_after_their_person(tmp_path: Path) -> None:
    options = ["--server.disconnectedSessionTTL", "1"]
    with running_app(tmp_path, of_a_team(), options=options) as app, courier(app) as person:
        with ExitStack() as stack:
            session_id = enters(app, stack).session_id
            assert person.brings(session_id, "a-file") == TAKEN
            assert HELD_FILES in person.metrics()
        app.child.wait_for(
            lambda: HELD_FILES not in person.metrics() or None, "forget the file", seconds=30
        )


def test_a_person_whose_file_was_refused_reads_why_on_the_page(
    app: App, enter: Enter, recording: Path, tmp_path: Path
) -> None:
    visitor = enter()
    said: list[bytes] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: said.append(bytes(frame)))

    visitor.page.on("websocket", listen)
    visitor.open(app.url("/clone"))
    visitor.signs_in(PASSPHRASE)
    visitor.sees_title("Clone a voice")
    (session_id,) = {
        message.new_session.initialize.session_id
        for message in map(ForwardMsg.FromString, said)
        if message.HasField("new_session")
    }
    with courier(app) as person:
        for number in range(BY_ONE // SMALLEST):
            assert person.brings(session_id, f"file-{number}") == TAKEN
        field = visitor.part("clone_upload").locator('input[type="file"]')
        field.set_input_files(recording)
        visitor.sees(re.compile(NOT_TAKEN))
        assert person.takes_back(session_id, "file-0") == TAKEN
    # A browser takes no notice of the choice that it has already.
    visitor.bring(Path(shutil.copy(recording, tmp_path / "again.wav")))


def test_what_a_stranger_says_at_length_is_not_listened_to(app: App) -> None:
    chatter = WidgetState(id="chatter", string_value="x" * LONGEST_OF_STRANGERS)
    with calling(app.port) as stranger:
        stranger.run()
        fields = stranger.sign_in_fields(PASSPHRASE)
        assert ASKED in stranger.says(chatter, *fields)
        assert INSIDE in stranger.says(*fields)
        assert INSIDE in stranger.says(chatter)


@pytest.mark.slow
def test_who_stood_longest_at_the_door_makes_room_for_who_comes(app: App) -> None:
    with ExitStack() as stack:
        colleague = enters(app, stack)
        oldest = stack.enter_context(calling(app.port))
        oldest.run()
        for _ in range(MOST_STRANGERS):
            stack.enter_context(calling(app.port))
        assert oldest.is_hung_up_on() == 1013
        assert INSIDE in colleague.run()
        enters(app, stack)

"""A program at the app's websocket that says of itself what it likes."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from google.protobuf import text_format
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

PATIENCE = 30
FIELD = re.compile(r"\$\$ID-[0-9a-f]+-signin_passphrase")
BUTTON = re.compile(r"\$\$ID-[0-9a-f]+-signin_go")


@dataclass
class Stranger:
    """One connection, and all that the app has sent through it as text."""

    socket: ClientConnection
    seen: str = ""
    session_id: str = field(default="")
    page: str = ""
    query: str = ""

    def run(self) -> str:
        """Ask for a run of the app; what it sends until the run has ended, as text."""
        self._send()
        return self._until_finished()

    def hears(self) -> str:
        """The next element that the app draws by itself, as text."""
        while True:
            message = ForwardMsg.FromString(self.socket.recv(timeout=PATIENCE, decode=False))
            if message.HasField("delta"):
                return text_format.MessageToString(message, as_utf8=True)

    def guess(self, passphrase: str) -> str:
        """Type a passphrase at the closed door and press Enter; what the app sends then."""
        self.sends_a_guess(passphrase)
        return self._until_finished()

    def sends_a_guess(self, passphrase: str) -> None:
        """The same, without waiting for the answer."""
        self._send(*self.sign_in_fields(passphrase))

    def sign_in_fields(self, passphrase: str) -> tuple[WidgetState, WidgetState]:
        """What a browser says of the closed door's field and of the press on Enter."""
        return (
            WidgetState(id=self._id(FIELD), string_value=passphrase),
            WidgetState(id=self._id(BUTTON), trigger_value=True),
        )

    def clears_caches(self) -> None:
        """What the menu of Streamlit asks for with "Clear cache"."""
        self.socket.send(BackMsg(clear_cache=True).SerializeToString())

    def does(self, *widgets: WidgetState) -> str:
        """Ask for a run with these fields and clicks; what the app sends until it has ended."""
        self._send(*widgets)
        return self._until_finished()

    def does_in_a_hurry(self, *steps: Sequence[WidgetState], until: str) -> str:
        """The same for some steps, none of which waits for the answer to the one before it.

        There are as many answers as runs came to their end; the last one has to say `until`.
        """
        for widgets in steps:
            self._send(*widgets)
        told = self._until_finished()
        while until not in told:
            told = self._until_finished()
        return told

    def id_of(self, key: str) -> str:
        """The id of the field or button of this key, as the app has drawn it."""
        return self._id(re.compile(rf"\$\$ID-[0-9a-f]+-{re.escape(key)}(?![\w-])"))

    def is_hung_up_on(self) -> int:
        """Wait until the app ends the connection; the code that it gives for it."""
        with suppress(ConnectionClosed):
            while True:
                self.socket.recv(timeout=PATIENCE)
        assert self.socket.close_code
        return self.socket.close_code

    def _send(self, *widgets: WidgetState) -> None:
        message = BackMsg()
        message.rerun_script.page_name = self.page
        message.rerun_script.query_string = self.query
        message.rerun_script.widget_states.widgets.extend(widgets)
        self.socket.send(message.SerializeToString())

    def _id(self, pattern: re.Pattern[str]) -> str:
        *_, latest = pattern.findall(self.seen) or [""]
        assert latest, f"The app has not drawn {pattern.pattern}."
        return latest

    def _until_finished(self) -> str:
        parts = []
        while True:
            message = ForwardMsg.FromString(self.socket.recv(timeout=PATIENCE, decode=False))
            parts.append(text_format.MessageToString(message, as_utf8=True))
            if message.HasField("new_session"):
                self.session_id = message.new_session.initialize.session_id
            # A run that ends because the app begins another one is not the last.
            if message.WhichOneof("type") == "script_finished" and (
                message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
            ):
                break
        told = "\n".join(parts)
        self.seen += told
        return told


@contextmanager
def calling(
    port: int,
    *,
    host: str = "",
    origin: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Iterator[Stranger]:
    """Connected to the app on this port; `host` is what it is called, `origin` the page that asks.

    Without `origin` the app's own page asks, as a browser says it; an empty one is not sent.
    """
    host = host or f"127.0.0.1:{port}"
    origin = f"http://{host}" if origin is None else origin
    with connect(
        f"ws://{host}/_stcore/stream",
        sock=socket.create_connection(("127.0.0.1", port), timeout=PATIENCE),
        origin=origin or None,  # type: ignore[arg-type]
        additional_headers=headers,
        subprotocols=["streamlit"],  # type: ignore[list-item]
        user_agent_header="Mozilla/5.0",
        max_size=None,
        proxy=None,
    ) as connection:
        yield Stranger(connection)

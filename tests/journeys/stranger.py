"""A program at the app's websocket that says of itself what it likes."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from google.protobuf import text_format
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
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

    def run(self) -> str:
        """Ask for a run of the app; what it sends until the run has ended, as text."""
        self._send()
        return self._until_finished()

    def guess(self, passphrase: str) -> str:
        """Type a passphrase at the closed door and press Enter; what the app sends then."""
        self.sends_a_guess(passphrase)
        return self._until_finished()

    def sends_a_guess(self, passphrase: str) -> None:
        """The same, without waiting for the answer."""
        self._send(
            WidgetState(id=self._id(FIELD), string_value=passphrase),
            WidgetState(id=self._id(BUTTON), trigger_value=True),
        )

    def clears_caches(self) -> None:
        """What the menu of Streamlit asks for with "Clear cache"."""
        self.socket.send(BackMsg(clear_cache=True).SerializeToString())

    def _send(self, *widgets: WidgetState) -> None:
        message = BackMsg()
        message.rerun_script.query_string = ""
        message.rerun_script.widget_states.widgets.extend(widgets)
        self.socket.send(message.SerializeToString())

    def _id(self, pattern: re.Pattern[str]) -> str:
        found = pattern.search(self.seen)
        assert found, "The app did not ask for a passphrase."
        return found[0]

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
    xsrf: str = "",
) -> Iterator[Stranger]:
    """Connected to the app on this port; `host` is what it is called, `origin` the page that asks.

    Without `origin` the app's own page asks, as a browser says it; an empty one is not sent. `xsrf`
    is the token without which Streamlit reads no cookie.
    """
    host = host or f"127.0.0.1:{port}"
    origin = f"http://{host}" if origin is None else origin
    with connect(
        f"ws://{host}/_stcore/stream",
        sock=socket.create_connection(("127.0.0.1", port), timeout=PATIENCE),
        origin=origin or None,  # type: ignore[arg-type]
        additional_headers=headers,
        subprotocols=["streamlit", *([xsrf] if xsrf else [])],  # type: ignore[list-item]
        user_agent_header="Mozilla/5.0",
        max_size=None,
        proxy=None,
    ) as connection:
        yield Stranger(connection)

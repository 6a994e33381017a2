"""A program at the app's websocket that says of itself what it likes."""

from __future__ import annotations

import json
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
NAME = "signin_name"
PASSPHRASE = "signin_passphrase"
SIGN_IN = "signin_go"
SIGN_OUT = "sign_out"
ASKS_THE_BROWSER = "device_ask"
KEEPS = "device_tell"
FRAGMENT = re.compile(r'fragment_id: "([0-9a-f]+)"')
DOWNLOAD = re.compile(r'deferred_file_id: "([^"]+)"')
TOKEN = re.compile(r'\\"token\\": \\"([\w.-]+)\\"')


@dataclass
class Stranger:
    """One connection, and all that the app has sent through it as text.

    `page` and `query` are where it is, unless a call says otherwise.
    """

    socket: ClientConnection
    seen: str = ""
    session_id: str = field(default="")
    page: str = ""
    query: str = ""

    def run(self, page: str = "", query: str = "") -> str:
        """Ask for a run of the app; what it sends until the run has ended, as text."""
        self._send(page=page, query=query)
        told = self._until_finished()
        if ASKS_THE_BROWSER in told and not _id(SIGN_IN).search(told):
            self._send(page=page, query=query)  # it knows of no token
            told += self._until_finished()
        return told

    def guess(self, passphrase: str) -> str:
        """Type a passphrase at the closed door and press Enter; what the app sends then."""
        self.sends_a_guess(passphrase)
        return self._until_finished()

    def sends_a_guess(self, passphrase: str) -> None:
        """The same, without waiting for the answer."""
        self._send(*self.sign_in_fields(passphrase))

    def sign_in_fields(self, passphrase: str) -> tuple[WidgetState, ...]:
        """What a browser says of the closed door's fields and of the press on the button."""
        return (
            WidgetState(id=self.id_of(NAME), string_value="Ada"),
            WidgetState(id=self.id_of(PASSPHRASE), string_value=passphrase),
            WidgetState(id=self.id_of(SIGN_IN), trigger_value=True),
        )

    def says_in_a_hurry(self, *steps: Sequence[WidgetState], until: str) -> str:
        """The same for some steps, none of which waits for the answer to the one before it.

        There are as many answers as runs came to their end; the last one has to say `until`.
        """
        for widgets in steps:
            self._send(*widgets)
        told = self._until_finished()
        while until not in told:
            told = self._until_finished()
        return told

    def hears(self) -> str:
        """The next element that the app draws by itself, as text."""
        while True:
            message = ForwardMsg.FromString(self.socket.recv(timeout=PATIENCE, decode=False))
            if message.HasField("delta"):
                return text_format.MessageToString(message, as_utf8=True)

    def is_hung_up_on(self) -> int:
        """Wait until the app ends the connection; the code that it gives for it."""
        with suppress(ConnectionClosed):
            while True:
                self.socket.recv(timeout=PATIENCE)
        assert self.socket.close_code
        return self.socket.close_code

    def hands_over(self, token: object) -> str:
        """Say what a browser says that kept this token; what the app sends then."""
        events = json.dumps([{"event": "token", "value": token}])
        id_ = f"$$STREAMLIT_INTERNAL_KEY_{self.id_of(ASKS_THE_BROWSER)}__events"
        return self.says(WidgetState(id=id_, json_trigger_value=events))

    def signs_out(self) -> str:
        """Press the button; what the app sends then."""
        return self.says(WidgetState(id=self.id_of(SIGN_OUT), trigger_value=True))

    def says(
        self, *widgets: WidgetState, page: str = "", query: str = "", fragment: str = ""
    ) -> str:
        """Ask for a run with these values of widgets; what the app sends until it has ended."""
        self._send(*widgets, page=page, query=query, fragment=fragment)
        return self._until_finished()

    def fetches(self, download: str) -> str:
        """Ask for what a download button gives: its address, "" where the app gives none."""
        message = BackMsg()
        message.backend_operation_request.session_id = self.session_id
        message.backend_operation_request.request_id = download
        message.backend_operation_request.deferred_file.file_id = download
        self.socket.send(message.SerializeToString())
        while True:
            told = ForwardMsg.FromString(self.socket.recv(timeout=PATIENCE, decode=False))
            if told.HasField("backend_operation_response"):
                return told.backend_operation_response.deferred_file.url

    def clears_caches(self) -> None:
        """What the menu of Streamlit asks for with "Clear cache"."""
        self.socket.send(BackMsg(clear_cache=True).SerializeToString())

    def id_of(self, key: str) -> str:
        """The ID of the widget of this key, as it was drawn here last."""
        *_, latest = _id(key).findall(self.seen) or [""]
        assert latest, f"The app drew no {key}."
        return latest

    @property
    def token(self) -> str:
        """The token that the app gave to be kept."""
        found = TOKEN.search(self.seen)
        assert found, "The app gave no token."
        return found[1]

    def _send(
        self, *widgets: WidgetState, page: str = "", query: str = "", fragment: str = ""
    ) -> None:
        message = BackMsg()
        message.rerun_script.query_string = query or self.query
        message.rerun_script.page_name = page or self.page
        message.rerun_script.fragment_id = fragment
        message.rerun_script.widget_states.widgets.extend(widgets)
        self.socket.send(message.SerializeToString())

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


def _id(key: str) -> re.Pattern[str]:
    return re.compile(rf"\$\$ID-[0-9a-f]+-{re.escape(key)}(?![\w-])")


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

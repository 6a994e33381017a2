"""What each request to the server passes before Streamlit sees it.

A file of somebody who may not bring it is refused before its first byte is read. Visitors who
are not in stay few enough, and say little enough, to leave the app to those who are.
"""

from __future__ import annotations

import asyncio
import logging

import streamlit as st
from google.protobuf.message import DecodeError
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from lib.ui.access import openid, part_runs, sessions, strangers, uploads
from lib.ui.access.uploads import Refusal

log = logging.getLogger("voicekeep.entry")

UPLOAD = "/_stcore/upload_file/"
MOST_STRANGERS = 500
"""Visitors at the door at once. Each takes about 0.1 MB and four of the process's file descriptors.
Whoever comes is let as far as the door: who stood there longest makes room.
"""
LONGEST_OF_STRANGERS = 64 * 1024
"""Bytes of a message; a passphrase and an address take far less."""
FORGOTTEN_AFTER = 0.9
"""Of the time in which Streamlit lets a broken connection find its session again. It leaves what
came after that to the garbage collector, files and sounds included.
"""


class Entry:
    """ASGI middleware, before all of Streamlit's."""

    def __init__(self, app: ASGIApp) -> None:
        part_runs.guard()
        self._app = app
        self._ending: set[asyncio.Task[None]] = set()
        self._forgetting: dict[str, asyncio.TimerHandle] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            strangers.guard()
            await self._visit(scope, receive, send)
        elif scope["type"] == "http" and scope["method"] == "PUT" and UPLOAD in scope["path"]:
            strangers.guard()
            await self._upload(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        session_id = scope["path"].rpartition(UPLOAD)[2].partition("/")[0]
        found = uploads.bounds()
        if found is None:
            await self._app(scope, receive, send)
            return
        with found.expect(session_id, _size(scope)) as refusal:
            if refusal is None:
                await self._app(scope, receive, send)
                return
        if refusal is not Refusal.NOT_IN:
            log.warning("A file was not taken: %s", refusal.value)
            sessions.tell(session_id, uploads.SENTENCES[refusal])
        # Who may not be here is not listened to any longer; others may finish their sentence.
        headers = {"Connection": "close"} if refusal is Refusal.NOT_IN else None
        answer = PlainTextResponse("The file was not uploaded.", uploads.STATUS[refusal], headers)
        await answer(scope, receive, send)

    async def _visit(self, scope: Scope, receive: Receive, send: Send) -> None:
        session_id = ""
        # Before Streamlit takes the cookie: its table may be another one when the page first runs.
        set_up = openid.used_by_streamlit()

        async def receive_bounded() -> Message:
            nonlocal session_id
            message = await receive()
            if message["type"] == "websocket.receive":
                if not session_id and (session_id := sessions.at(scope)):
                    sessions.note_first(session_id, openid.SET_UP, set_up)
                data = message.get("bytes") or b""
                if len(data) > LONGEST_OF_STRANGERS and not sessions.is_in(session_id):
                    return {**message, "bytes": _shortened(data)}
            return message

        self._make_room()
        try:
            await self._app(scope, receive_bounded, send)
        finally:
            if session_id:
                self._left(session_id)

    def _make_room(self) -> None:
        for session_id in sessions.strangers_beyond(MOST_STRANGERS - 1):
            # Nobody waits for this: the other end may not even read.
            ending = asyncio.create_task(sessions.hang_up(session_id))
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)

    def _left(self, session_id: str) -> None:
        """A browser has hung up: a stranger's session ends, another's unless it comes back."""
        if before := self._forgetting.pop(session_id, None):
            before.cancel()
        if sessions.is_connected(session_id):
            return
        if not sessions.is_in(session_id):
            self._forget(session_id)
            return
        pause = FORGOTTEN_AFTER * st.get_option("server.disconnectedSessionTTL")
        loop = asyncio.get_running_loop()
        self._forgetting[session_id] = loop.call_later(pause, self._forget, session_id)

    def _forget(self, session_id: str) -> None:
        self._forgetting.pop(session_id, None)
        if sessions.is_connected(session_id):
            return
        sessions.end(session_id)
        if found := uploads.bounds():
            found.free(session_id)


def _size(scope: Scope) -> int:
    """Bytes that come with a request; as many as may come, where it does not say."""
    told = Headers(scope=scope).get("content-length", "")
    return min(int(told), uploads.largest()) if told.isdecimal() else uploads.largest()


def _shortened(data: bytes) -> bytes:
    """What a page asks for, without what its fields hold: a stranger's page has one short field.

    A tab that was open over a restart of the app says all it knows, and is asked to sign in.
    """
    try:
        said = BackMsg.FromString(data).rerun_script
    except DecodeError:
        return b""
    asked = BackMsg()
    asked.rerun_script.page_script_hash = said.page_script_hash
    asked.rerun_script.query_string = said.query_string
    asked.rerun_script.context_info.CopyFrom(said.context_info)
    short = asked.SerializeToString()
    return short if len(short) <= LONGEST_OF_STRANGERS else b""


BEFORE_STREAMLIT = [Middleware(Entry)]

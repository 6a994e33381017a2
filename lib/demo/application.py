"""The demo's front: a WSGI application for two contracts over one state.

NanoGPT's documented routes are under `/api`, Kyma's under `/v1`.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

from lib.clock import Clock
from lib.demo.clones import clone_minimax, clone_qwen, hosted_until, minimax_status, qwen_status
from lib.demo.desk import Desk, Route, is_key
from lib.demo.embedding import speaker
from lib.demo.kyma import Kyma
from lib.demo.saved_ids import saved_ids
from lib.demo.showcase import Exhibit, embedding_for
from lib.demo.speeches import speak_tts, tts_status
from lib.demo.state import MICROS, State, StoredFile
from lib.demo.transcripts import TRANSCRIPT, transcribe
from lib.demo.usage import usage
from lib.demo.wire import Answer, Refusal, Request, read_request
from lib.services import DEMO, MINIMAX, QWEN, SERVICES

PREFIX = "/api"
LOG_PATH = "/demo/log"
FILES_PATH = "/files/"
START_BALANCE = Decimal("25.00")
PACE = 3.0
"""Seconds a MiniMax clone takes; a Qwen clone takes two thirds of it, Qwen speech one third."""

_logger = logging.getLogger(__name__)


class DemoService:
    """A pretend NanoGPT and Kyma over the state at `state_path`. Thread-safe; several may share it.

    `base_url` prefixes the addresses it gives out. `key` asks every caller for this key. `pace` is
    in seconds of `clock`. `fetches_links` lets it open links that requests name: for a server on a
    socket, not inside an app. `audio_at_once` is how many of Kyma's audio calls a key may have
    under way: None as the tier of the balance says, 0 for any number.
    """

    def __init__(
        self,
        state_path: Path,
        clock: Clock,
        *,
        base_url: str = SERVICES[DEMO].base_url,
        balance: Decimal = START_BALANCE,
        key: str | None = None,
        pace: float = PACE,
        fetches_links: bool = False,
        audio_at_once: int | None = 0,
    ) -> None:
        self.state = State(state_path)
        self._clock = clock
        self._key = key
        self._desk = Desk(
            state=self.state,
            clock=clock,
            base_url=base_url.rstrip("/"),
            pace=pace,
            purse=int(balance * MICROS),
            fetches_links=fetches_links,
            audio_at_once=audio_at_once,
        )
        self._kyma = Kyma(self._desk, key=key)
        self._routes = {
            "/voice-clone/minimax": Route("POST", "clone", clone_minimax),
            "/voice-clone/minimax/status": Route("POST", "clone_status", minimax_status),
            "/voice-clone/qwen": Route("POST", "clone", clone_qwen),
            "/voice-clone/qwen/status": Route("POST", "clone_status", qwen_status),
            "/tts": Route("POST", "speech", speak_tts),
            "/tts/status": Route("GET", "speech_status", tts_status),
            "/transcribe": Route("POST", TRANSCRIPT, transcribe),
            "/check-balance": Route("POST", "balance", _check_balance),
            "/v1/usage": Route("GET", "usage", usage),
            "/v1/audio-models": Route("GET", "models", _audio_models, is_open=True),
            # NanoGPT asks for a browser's session here and for no key, so that `key` is none either
            "/user/voice-ids": Route("GET, POST", "saved_ids", saved_ids, is_open=True),
            LOG_PATH: Route("GET", "log", self._log),
        }
        self._file_route = Route("GET", "file", _hosted_file, is_open=True)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = str(environ["REQUEST_METHOD"])
        path = str(environ.get("PATH_INFO", ""))
        route = self._route(path)
        request: Request | None = None
        try:
            request = read_request(environ)
            answer = self._answer(route, request)
        except Refusal as refusal:
            answer = self._refused(path, refusal)
        except Exception:  # the border: whoever asked gets an answer, the log the story
            _logger.exception("The demo could not answer")
            answer = self._refused(path, Refusal(500, "The service had trouble", "server_error"))
        if route is None or route.kind != "log":  # reading it would fill it
            kind = route.kind if route else "unknown"
            self.state.note_request(
                method[:16], path[:200], kind, answer.status, self._desk.now(), _noted(request)
            )
        start_response(
            answer.status_line,
            [
                ("Content-Type", answer.content_type),
                ("Content-Length", str(len(answer.body))),
                ("Date", format_datetime(self._clock.now(), usegmt=True)),
                ("X-Request-ID", secrets.token_hex(8)),
                *answer.headers,
            ],
        )
        return [answer.body]

    def requests(self) -> list[dict[str, object]]:
        """The last requests: method, path, kind, status, at (ISO 8601) and fields without audio."""
        return [
            {
                **row,
                "at": datetime.fromtimestamp(row["at"], UTC).isoformat(),
                "fields": json.loads(row["fields"]),
            }
            for row in map(dict, self.state.requests())
        ]

    def embedding_url(self, exhibit: Exhibit) -> str:
        """Where this service hosts the voice file of a Qwen exhibit, once it is installed."""
        return self._desk.file_url(_voice_file_name(exhibit))

    def install(self, exhibits: Iterable[Exhibit]) -> None:
        """Puts the exhibits' voices into this service, each once, as old as they claim to be.

        A MiniMax voice past its window is not found from the start: so a lost one is lost.
        """
        for exhibit in exhibits:
            now = self._clock.now()
            created_at = (exhibit.started_at(now) or now).timestamp()
            voice_file = embedding_for(exhibit.seed)
            if exhibit.kind == QWEN:
                name, until = _voice_file_name(exhibit), hosted_until(created_at)
                file = StoredFile(name, "application/octet-stream", voice_file, until)
                self.state.install_file(file)
            elif exhibit.kind == MINIMAX:
                self.state.install_voice(
                    exhibit.provider_voice_id,
                    speaker(voice_file),
                    created_at=created_at,
                    used_at=created_at if exhibit.activated else None,
                )

    def save_ids(self, exhibits: Iterable[Exhibit]) -> None:
        """Puts the exhibits' IDs on the list that a browser's session sees, each once."""
        for exhibit in exhibits:
            self.state.save_id(exhibit.provider_voice_id)

    def _route(self, path: str) -> Route | None:
        if self._kyma.has(path):
            return self._kyma.route(path)
        if not path.startswith(PREFIX):
            return None
        inside = path.removeprefix(PREFIX)
        return self._file_route if inside.startswith(FILES_PATH) else self._routes.get(inside)

    def _answer(self, route: Route | None, request: Request) -> Answer:
        if route is None:
            raise Refusal(404, "There is nothing at this address", "not_found")
        if not route.takes(request.method):
            raise Refusal(405, f"This address takes {route.method} only", "method_not_allowed")
        if self._kyma.has(request.path):
            return self._kyma.answer(route, request)
        if self._key is not None and not route.is_open and not is_key(request.key, self._key):
            raise Refusal(401, "Invalid or missing API key", "invalid_api_key")
        return route.answer(self._desk, request)

    def _refused(self, path: str, refusal: Refusal) -> Answer:
        return self._kyma.refused(refusal) if self._kyma.has(path) else refusal.answer()

    def _log(self, _desk: Desk, _request: Request) -> Answer:
        return Answer.of_json(self.requests())


def _check_balance(desk: Desk, _request: Request) -> Answer:
    return Answer.of_json(
        {
            "usd_balance": f"{Decimal(desk.balance()) / MICROS:.6f}",
            "nano_balance": "0.00000000",
            "nanoDepositAddress": "nano_demo_takes_no_deposits",
        }
    )


def _hosted_file(desk: Desk, request: Request) -> Answer:
    name = request.path.removeprefix(PREFIX + FILES_PATH)
    file = desk.state.file(name, at=desk.now())
    if file is None:
        raise Refusal(404, "The file is not there", "not_found")
    return Answer(200, file.data, file.media_type)


def _audio_models(_desk: Desk, request: Request) -> Answer:
    models = SERVICES[DEMO].speech if request.query.get("type", "tts") == "tts" else ()
    return Answer.of_json(
        {
            "object": "list",
            "data": [
                {
                    "id": model.id,
                    "object": "model",
                    "name": model.title,
                    "pricing": {
                        "per_thousand_chars": float(model.per_1000_chars),
                        "currency": "USD",
                    },
                    "capabilities": {"text_to_speech": True},
                    "supported_parameters": {
                        "max_chars": model.max_chars,
                        "language": list(model.languages),
                        "speed": {"min": model.min_speed, "max": model.max_speed},
                    },
                }
                for model in models
            ],
        }
    )


def _voice_file_name(exhibit: Exhibit) -> str:
    return f"{exhibit.id}.safetensors"


def _noted(request: Request | None) -> dict[str, object]:
    """What the log keeps of a request: no audio, no signatures of links, no long texts."""
    if request is None:
        return {}
    values = request.query | request.fields
    return {name[:80]: _short(name, value) for name, value in list(values.items())[:40]}


def _short(name: str, value: object) -> object:
    if value is None or (isinstance(value, bool | int | float) and abs(value) < MICROS**2):
        return value
    text = str(value)[:300]
    return text.partition("?")[0] if name.lower().endswith("url") else text

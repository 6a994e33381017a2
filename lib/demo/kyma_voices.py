"""Kyma's ways to a voice: cloned, designed from words, or one from the ElevenLabs-like list.

Clones and designs are finished with the answer. The demo charges nothing for what it refuses.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from dataclasses import dataclass

from lib.demo.desk import CLONE, Desk
from lib.demo.embedding import embedding, speaker
from lib.demo.kyma_prices import DESIGN, Model, account_of, charge, money_headers, wanted_model
from lib.demo.recording import is_mute, kind_of, seconds_of
from lib.demo.speech import designed_speaker
from lib.demo.state import MICROS
from lib.demo.wire import Answer, Refusal, Request, Upload

FORMATS = ("mp3", "wav", "m4a")
MAX_BYTES = 10_000_000
MIN_SECONDS, MAX_SECONDS = 10, 300
MAX_NAME, MAX_DESCRIPTION, MAX_PREVIEW = 64, 1_000, 500  # characters
GENDERS = ("male", "female")
AGE_GROUPS = ("child", "young", "middle-aged", "elderly")


@dataclass(frozen=True)
class Listed:
    """A voice of the list that speaks with ElevenLabs models; made up, as its id is."""

    name: str
    gender: str
    age: str
    accent: str
    description: str

    @property
    def id(self) -> str:
        return hashlib.sha256(f"listed {self.name}".encode()).hexdigest()[:20]

    @property
    def speaker(self) -> bytes:
        return designed_speaker(self.description, self.gender, self.age)


LISTED = (
    Listed("Alba", "female", "young", "american", "Bright and quick, for short announcements."),
    Listed("Bruno", "male", "middle-aged", "american", "A calm reader of long texts."),
    Listed("Carys", "female", "middle-aged", "british", "A friendly guide through a museum."),
    Listed("Dario", "male", "young", "american", "Lively, for sports and games."),
    Listed("Edith", "female", "elderly", "british", "Bedtime stories, slowly told."),
    Listed("Farid", "male", "middle-aged", "british", "The news, every hour."),
    Listed("Greta", "female", "young", "american", "Plain and clear, for lessons."),
    Listed("Hugo", "male", "elderly", "american", "An old sailor with time to spare."),
)


def clone_voice(desk: Desk, request: Request) -> Answer:
    """`POST /v1/audio/voice-clone`: 200 with the new voice's id."""
    model = wanted_model(request, CLONE, "minimax-voice-clone", "not_a_voice_clone_model")
    name = _name(request)
    upload = request.uploads.get("file")
    if upload is None:
        raise Refusal(400, "file is required")
    _check_recording(upload)
    if is_mute(upload.data):
        raise Refusal(502, "The provider heard no voice in the recording", "provider_error")
    return _made(desk, request, model, name, speaker(embedding(upload.data)))


def design_voice(desk: Desk, request: Request) -> Answer:
    """`POST /v1/audio/voice-design`: 200 with the new voice's id; no preview is given back."""
    model = wanted_model(request, DESIGN, "minimax-voice-design", "not_a_voice_design_model")
    name = _name(request)
    description = request.text("description", "text").strip()
    if not description:
        raise Refusal(400, "description is required")
    if len(description) > MAX_DESCRIPTION:
        message = f"description can have at most {MAX_DESCRIPTION} characters"
        raise Refusal(400, message, "description_too_long")
    if len(request.text("preview_text")) > MAX_PREVIEW:
        raise Refusal(400, f"preview_text can have at most {MAX_PREVIEW} characters")
    gender = _one_of(request, "gender", GENDERS)
    age_group = _one_of(request, "age_group", AGE_GROUPS)
    if not any(letter.isalpha() for letter in description):
        raise Refusal(502, "The provider made no voice of this description", "provider_error")
    return _made(desk, request, model, name, designed_speaker(description, gender, age_group))


def list_voices(desk: Desk, request: Request) -> Answer:
    """`GET /v1/audio/voices`: 200 with voices of ElevenLabs' kind, and those of the account.

    The demo's choice: eight entries instead of 3,000, without previews, and never from a cache;
    own voices are among them.
    """
    rows: list[dict[str, object]] = [
        {
            "voice_id": voice.id,
            "name": voice.name,
            "category": "premade",
            "labels": {"accent": voice.accent, "gender": voice.gender, "age": voice.age},
            "preview_url": None,
            "description": voice.description,
        }
        for voice in LISTED
    ]
    rows += [
        {"voice_id": voice_id, "name": None, "category": "cloned", "labels": {}}
        for voice_id in desk.state.owned(account_of(request))
    ]
    return Answer.of_json({"object": "list", "data": rows}, X_Kyma_Cache="miss")


def _made(desk: Desk, request: Request, model: Model, name: str, who: bytes) -> Answer:
    voice_id = f"kyma_{secrets.token_hex(8)}"
    try:
        run = charge(
            desk,
            model,
            model.price,
            voice_id,
            too_little="insufficient_credits",
            new_speaker=who,
            owner=account_of(request),
        )
    except sqlite3.Error:
        raise Refusal(500, "The voice could not be registered", "ownership_write_failed") from None
    body = {
        "voice_id": voice_id,
        "name": name or None,
        "model": model.id,
        "cost_usd": run.cost / MICROS,
        "balance_usd": desk.balance() / MICROS,
    }
    return Answer(200, Answer.of_json(body).body, headers=money_headers(desk, run))


def _check_recording(upload: Upload) -> None:
    """Size, kind and length, all before anything is charged."""
    if len(upload.data) > MAX_BYTES:
        raise Refusal(413, "file can have at most 10 MB")
    kind = kind_of(upload.data)
    claimed = upload.name.rpartition(".")[2].lower()
    if kind not in FORMATS and (kind or claimed not in FORMATS):
        raise Refusal(415, "file must be MP3, WAV or M4A")
    length = seconds_of(upload.data)
    if length is None:
        raise Refusal(400, "file could not be read as audio", "audio_unreadable")
    if length < MIN_SECONDS:
        message = f"file lasts {length:.1f} s, at least {MIN_SECONDS} are needed"
        raise Refusal(400, message, "reference_too_short")
    if length > MAX_SECONDS:
        message = f"file lasts {length:.1f} s, at most {MAX_SECONDS} are possible"
        raise Refusal(400, message, "reference_too_long")


def _name(request: Request) -> str:
    name = request.text("name")
    if len(name) > MAX_NAME:
        raise Refusal(400, f"name can have at most {MAX_NAME} characters")
    return name


def _one_of(request: Request, field: str, words: tuple[str, ...]) -> str:
    word = request.text(field)
    if word and word not in words:
        raise Refusal(400, f"{field} must be one of {', '.join(words)}")
    return word

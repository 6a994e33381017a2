"""Who speaks in a script: the voice of each name, with which model, and why one cannot speak."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lib.json_reading import JsonObject
from lib.models import Health, Job, LongText, Take, Voice
from lib.scripts import Script, Speaker
from lib.services import SpeechModel
from lib.studio.core import accounts
from lib.studio.core.catalogue import speech_models
from lib.studio.core.context import Context
from lib.studio.core.standpoint import Standpoint
from lib.studio.library import listing
from lib.studio.orders import speaking
from lib.studio.scripts.wording import Reason, sentence


@dataclass(frozen=True)
class CastMember:
    """A speaker, their voice, and the model and language it speaks with.

    `lines`: how many are theirs. `why`: why the voice cannot speak, as a sentence.
    """

    speaker: Speaker
    voice: Voice | None = None
    model: SpeechModel | None = None
    language: str = ""
    lines: int = 0
    why: str = ""

    @property
    def settings(self) -> JsonObject:
        """Language and speed as the model takes them."""
        if self.model is None:
            return {}
        return speaking.settings_of(self.model, self.language, self.speaker.speed)

    def asks_for(self, text: str, made: Take | Job | LongText) -> bool:
        """Whether a take, or an order, is of this text as this speaker speaks now."""
        if self.voice is None or self.model is None or made.voice_id != self.voice.id:
            return False
        if isinstance(made, Job):
            said, model = made.text, made.request.get("model")
            settings = made.request.get("settings")
        else:
            said, model, settings = made.text, made.model, made.settings
        return (said, model, settings) == (text, self.model.id, self.settings)


def member_of(
    context: Context, standpoint: Standpoint, script: Script, speaker: Speaker
) -> CastMember:
    """A speaker of this script with their voice; no query where the library was read lately."""
    lines = sum(line.speaker == speaker.name for line in script.lines)
    if not speaker.voice_id:
        return CastMember(speaker, lines=lines)
    item = listing.find(context, speaker.voice_id)
    if item is None:
        return CastMember(speaker, lines=lines, why=sentence(Reason.VOICE_GONE))
    voice = item.voice
    models = speech_models(context, voice.service, voice.kind)
    model = next((one for one in models if speaker.model in ("", one.id)), None)
    language = speaker.language or (speaking.language_of(voice, model) if model else "")
    member = CastMember(speaker, voice, model, language, lines)
    if item.standing.health is Health.BEING_MADE:
        return replace(member, why=sentence(Reason.BEING_MADE))
    if item.standing.health is Health.LOST:
        return replace(member, why=sentence(Reason.EXPIRED))
    why = item.why_mute or accounts.why_not_speak(standpoint, voice)
    return replace(member, why=why or ("" if model else sentence(Reason.OTHER_MODEL)))

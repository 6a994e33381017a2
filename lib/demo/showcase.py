"""One voice in each state of health, for the first look: made-up people, as plain data.

The studio makes records of the exhibits, `DemoService.install` makes their voices speak. A voice
sounds like its reference recording: both are drawn from the voice file of the seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from lib.demo.embedding import embedding, speaker
from lib.demo.speech import speak
from lib.services import MINIMAX


@dataclass(frozen=True)
class Exhibit:
    """A voice to show. `health` is the word it is meant to have at the time of the showcase.

    `hours_ago` is when its clock started (None where nobody knows). `transcript` is what its
    reference recording says, in `language` (a label). `activated`: really used once. `has_copy`:
    its voice file is in the vault. Each number in `not_found_hours_ago` is one answer "voice not
    found". A MiniMax or Inworld voice has a `provider_voice_id`; for Qwen ask
    `DemoService.embedding_url`.
    """

    health: str
    id: str
    name: str
    hours_ago: float | None
    description: str
    transcript: str
    seed: str
    tags: tuple[str, ...]
    provider_voice_id: str = ""
    kind: str = MINIMAX
    source: str = "cloned"
    language: str = "English"
    activated: bool = False
    has_copy: bool = False
    not_found_hours_ago: tuple[float, ...] = ()

    def started_at(self, now: datetime) -> datetime | None:
        """When its clock started, as told at `now` (the demo's time)."""
        return None if self.hours_ago is None else now - timedelta(hours=self.hours_ago)


EXHIBITS = (
    Exhibit(
        health="lost",
        id="demo-lost",
        name="Captain Rowan",
        provider_voice_id="rowan5t1x8c3w",
        hours_ago=260,
        description="A ship's captain in a game, gruff and dry. Nobody used the voice in time.",
        transcript=(
            "Keep your hands on the rail and your eyes on the water. This sea has taken better "
            "ships than ours, and it never once apologized. Raise the small sail, leave the big "
            "one alone, and somebody tell the cook that the soup is on fire again."
        ),
        seed="captain-rowan-5",
        tags=("game", "character"),
        not_found_hours_ago=(80, 70),
    ),
    Exhibit(
        health="probably_lost",
        id="demo-probably-lost",
        name="Grandpa Emil",
        provider_voice_id="emil9d4k2p7z",
        hours_ago=190,
        description="Family stories, told slowly. Its week is over and it was never used.",
        transcript=(
            "When I was a boy, the whole street shared one bicycle. You could ride it as far as "
            "the bakery and back, and then it was the next one's turn. I still remember the sound "
            "of the bell, and the smell of warm bread on a cold morning."
        ),
        seed="grandpa-emil-2",
        tags=("family", "memories"),
    ),
    Exhibit(
        health="at_risk",
        id="demo-at-risk",
        name="Nora Whitfield",
        provider_voice_id="nora7k2m9q4x",
        hours_ago=159,
        description="An audiobook narrator, warm and unhurried. Nine hours are left to keep her.",
        transcript=(
            "Chapter one. The letter came on a Tuesday, folded twice and sealed with blue wax. "
            "Margaret turned it over in her hands for a long time before she opened it, because "
            "she knew the handwriting, and she knew that nothing good had ever come from it."
        ),
        seed="nora-whitfield-2",
        tags=("audiobook", "narrator"),
    ),
    Exhibit(
        health="due_soon",
        id="demo-due-soon",
        name="Pixel",
        provider_voice_id="pixel3h8v6n1r",
        hours_ago=132,
        description="The cheerful guide of a puzzle game. To be kept before tomorrow night.",
        transcript=(
            "Welcome back, puzzle friend. You left three doors open and one cat without a hat, so "
            "let us begin there. Push the green block to the left, count to four, and jump when "
            "the light turns yellow. If you fall, do not worry, I have plenty of ladders."
        ),
        seed="pixel-1",
        tags=("game", "guide"),
    ),
    Exhibit(
        health="unknown",
        id="demo-unknown",
        name="Old hotline voice",
        source="adopted",
        provider_voice_id="hotline2b6j4s8",
        hours_ago=None,
        description="Taken over from an earlier team. Nobody knows when it was made or last used.",
        transcript=(
            "Thank you for calling the city library. We are open from nine in the morning until "
            "six in the evening, and on Saturdays until noon. To renew a book, have your card "
            "ready. To hear these hours again, please stay on the line for a moment."
        ),
        seed="old-hotline-3",
        tags=("telephone",),
    ),
    Exhibit(
        health="waiting",
        id="demo-waiting",
        name="Lucía Ferrer",
        provider_voice_id="lucia8w5c1y6t",
        hours_ago=20,
        description="A museum guide in Spanish. Cloned yesterday, there is plenty of time.",
        transcript=(
            "Bienvenidos al museo. En la primera sala verán los mapas de los viejos marineros, "
            "dibujados a mano hace más de trescientos años. Acérquense sin prisa y miren los "
            "bordes: allí donde nadie había llegado, el dibujante puso ballenas, sirenas y vientos."
        ),
        language="Spanish",
        seed="lucia-ferrer-6",
        tags=("museum", "spanish"),
    ),
    Exhibit(
        health="safe",
        id="demo-safe",
        name="Clara Bell",
        provider_voice_id="clara4f9s2e7u",
        hours_ago=500,
        description="The voice of a daily news podcast. It was used in time and stays.",
        transcript=(
            "Good morning, it is seven o'clock, and this is the short edition. The bridge opens "
            "again today after two years of work, the first train leaves in an hour, and rain is "
            "on its way from the west. Stay with us, the weather comes next."
        ),
        seed="clara-bell-3",
        tags=("podcast", "news"),
        activated=True,
    ),
    Exhibit(
        health="safe",
        id="demo-safe-copy",
        name="Jonas Lind",
        kind="qwen",
        hours_ago=60,
        description="A calm teacher for an online course. Your copy of the voice file is checked.",
        transcript=(
            "In this lesson we will look at light. When it passes from air into water, it changes "
            "its direction a little, and that is why a straight spoon looks broken in a glass. "
            "Take a glass, fill it halfway, and try it yourself before we go on."
        ),
        seed="jonas-lind-9",
        tags=("course", "teacher"),
        has_copy=True,
    ),
    Exhibit(
        health="persistent",
        id="demo-persistent",
        name="Sage",
        kind="inworld",
        source="adopted",
        provider_voice_id="sage-of-the-hills",
        hours_ago=700,
        description="An old wizard from another service, which publishes no end for its voices.",
        transcript=(
            "Sit down by the fire, traveller, and let the road rest for a while. Every mountain "
            "was a pebble once, and every king a crying child. Ask me what you came to ask, but "
            "ask it slowly, for the truth is old and does not like to be hurried."
        ),
        seed="sage-of-the-hills-1",
        tags=("game", "wizard"),
    ),
)
"""At least one for each word of health."""

GUESTS = (
    Exhibit(
        health="safe",
        id="demo-guest",
        name="Marlow",
        source="adopted",
        provider_voice_id="marlow6c2v9t5k",
        hours_ago=900,
        description="A voice that the demo knows and the library does not: to be adopted.",
        transcript=(
            "This is the night train to the coast. We will be on our way for nine hours, the "
            "dining car is open until midnight, and breakfast is brought to your door. If you "
            "cannot sleep, look out of the window: there will be stars over the hills tonight."
        ),
        seed="marlow-4",
        tags=("train",),
        activated=True,
    ),
)
"""Voices that only the service knows: what a newcomer can adopt."""


@dataclass(frozen=True)
class Example:
    """A script to show: its speakers with the ids of exhibits, and its lines in their order."""

    id: str
    name: str
    cast: tuple[tuple[str, str], ...]
    lines: tuple[tuple[str, str], ...]


EXAMPLE = Example(
    id="demo-script",
    name="Example: The lighthouse",
    cast=(("Clara", "demo-safe"), ("Jonas", "demo-safe-copy")),
    lines=(
        ("Clara", "Jonas, the storm is over, and the lighthouse is dark."),
        ("Jonas", "I know. The lamp is broken, and it is a long way up."),
        ("Clara", "How many steps are there?"),
        ("Jonas", "One hundred and ninety-nine. I counted them last night."),
        ("Clara", "Then take a deep breath, and count them once more."),
    ),
)
"""Spoken by voices that stay: whoever looks at the demo generates it for play money."""


def embedding_for(seed: str) -> bytes:
    """The voice file of this seed: 16,288 bytes, the same on each call."""
    return embedding(seed.encode())


def reference_recording(exhibit: Exhibit) -> bytes:
    """The recording that the exhibit was cloned from: a WAV of 10 to 30 seconds.

    Takes about a tenth of a second. Raises SpeechError where the synthesizer does not run.
    """
    who = speaker(embedding_for(exhibit.seed))
    return speak(exhibit.transcript, who, language=exhibit.language)


def preview(exhibit: Exhibit) -> bytes:
    """What the service sent when the exhibit was made: a WAV of how the voice sounds.

    Raises SpeechError as `reference_recording` does.
    """
    who = speaker(embedding_for(exhibit.seed))
    first, second = exhibit.transcript.split(". ", 2)[:2]
    return speak(f"{first}. {second}.", who, language=exhibit.language)

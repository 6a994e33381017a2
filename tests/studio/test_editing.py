"""What people change about one voice is cleaned, bounded, and part of its story."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lib.manifest import read_dossier
from lib.models import Voice
from lib.studio.core.context import Context
from lib.studio.core.typed_text import (
    MAX_DESCRIPTION,
    MAX_LANGUAGE,
    MAX_NAME,
    MAX_TAG,
    MAX_TAGS,
)
from lib.studio.library import editing, listing
from lib.studio.library.listing import Entry
from tests.pages import people
from tests.parts.persons import ADA
from tests.studio.story import MINUTE, Story, dossier


def move_in(context: Context, *dossiers: people.Dossier) -> list[Entry]:
    people.move_in(context, dossiers)
    return listing.entries(context)


def told(context: Context, voice_id: str) -> list[str]:
    return [event.what for event in context.registry.events.of_voice(voice_id)]


def test_a_new_name_is_one_line_and_part_of_the_story(context: Context) -> None:
    (item,) = move_in(context, people.clone(1, context.clock.now(), name="Nora"))
    before = item.voice.revision
    assert editing.rename(context, item.voice, "  Nora\n of\tthe sea ", ADA) == ""
    voice = dossier(context, item.voice.id).voice
    assert voice.name == "Nora of the sea"
    assert voice.revision > before  # its manifest is due
    assert told(context, voice.id) == ["renamed it from “Nora”"]


@pytest.mark.parametrize("name", ["", "  \n ", "\u200b", "x" * 81])
def test_what_cannot_be_a_name_changes_nothing(context: Context, name: str) -> None:
    (item,) = move_in(context, people.clone(1, context.clock.now(), name="Nora"))
    assert editing.rename(context, item.voice, name, ADA).endswith(".")
    assert dossier(context, item.voice.id).voice.name == "Nora"
    assert told(context, item.voice.id) == []


def test_tags_are_short_few_and_none_twice(context: Context) -> None:
    (item,) = move_in(context, people.clone(1, context.clock.now()))
    many = ["news", " news ", "", "x" * 99, *(f"tag {number}" for number in range(40))]
    editing.retag(context, item.voice, many, ADA)
    tags = dossier(context, item.voice.id).voice.tags
    assert tags[:2] == ("news", "x" * MAX_TAG)
    assert len(tags) == MAX_TAGS
    editing.retag(context, dossier(context, item.voice.id).voice, tags, ADA)
    assert len(told(context, item.voice.id)) == 1


CHANGES: dict[str, tuple[Callable[[Context, Voice], object], object, str]] = {
    "description": (
        lambda context, voice: editing.describe(context, voice, " Calm.\n\nFor\x00 news. ", ADA),
        "Calm.\n\nFor news.",
        "changed its description",
    ),
    "language": (
        lambda context, voice: editing.set_language(context, voice, " Brazilian\nPortuguese", ADA),
        "Brazilian Portuguese",
        "changed its language to Brazilian Portuguese",
    ),
    "owner": (
        lambda context, voice: editing.set_owner(context, voice, "Ben ", ADA),
        "Ben",
        "changed its owner to Ben",
    ),
    "favourite": (
        lambda context, voice: editing.set_favourite(context, voice, ADA, favourite=True),
        True,
        "made it a favourite",
    ),
}
"""Of each field: a change, what it is afterwards, and the line in the story."""


@pytest.mark.parametrize("field", CHANGES)
def test_a_change_is_cleaned_and_noted_once(context: Context, field: str) -> None:
    (item,) = move_in(context, people.clone(1, context.clock.now()))
    change, wanted, event = CHANGES[field]
    change(context, item.voice)
    voice = dossier(context, item.voice.id).voice
    assert getattr(voice, field) == wanted
    assert voice.revision > item.voice.revision  # its manifest is due
    change(context, voice)
    assert told(context, voice.id) == [event]
    assert dossier(context, voice.id).voice == voice


def test_what_is_typed_too_long_is_cut(context: Context) -> None:
    (item,) = move_in(context, people.clone(1, context.clock.now()))
    for change in (editing.describe, editing.set_language, editing.set_owner):
        change(context, item.voice, "x" * 5_000, ADA)
    voice = dossier(context, item.voice.id).voice
    lengths = [len(text) for text in (voice.description, voice.language, voice.owner)]
    assert lengths == [MAX_DESCRIPTION, MAX_LANGUAGE, MAX_NAME]


def test_what_is_emptied_is_gone_and_so_is_a_star(context: Context) -> None:
    (item,) = move_in(context, people.clone(1, context.clock.now()))
    editing.set_favourite(context, item.voice, ADA, favourite=True)
    starred = dossier(context, item.voice.id).voice
    editing.set_favourite(context, starred, ADA, favourite=False)
    editing.describe(context, starred, " \n", ADA)
    editing.set_owner(context, starred, "", ADA)
    voice = dossier(context, item.voice.id).voice
    assert (voice.favourite, voice.description, voice.owner) == (False, "", "")
    assert told(context, voice.id) == [
        "removed its owner",
        "removed its description",
        "removed it from favourites",
        "made it a favourite",
    ]


def test_the_manifest_in_the_vault_has_the_star(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    editing.set_favourite(context, dossier(context, voice_id).voice, ADA, favourite=True)
    story.live(context, MINUTE)
    stored = context.live_vault.get(f"voices/{voice_id}/voice.json", max_bytes=100_000)
    assert read_dossier(stored).voice.favourite

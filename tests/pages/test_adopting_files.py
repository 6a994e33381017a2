"""Adopting from files and with a date: a voice file, a table from a spreadsheet, a day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from lib.demo.embedding import embedding
from lib.models import Health, Role, Source, VoiceKind
from lib.services import DEMO
from lib.studio.adoption import listening
from lib.studio.library import listing
from lib.studio.library.listing import Entry
from lib.ui.adoption import adopting
from tests.pages.house import House, read, said, shown, texts

pytestmark = pytest.mark.usefixtures("no_showcase")


def come_to_adopt(house: House, what: str) -> AppTest:
    visitor = house.open("clone")
    visitor.segmented_control(key="clone_way").set_value(adopting.WAY).run()
    visitor.segmented_control(key="adopt_what").set_value(what)
    return visitor.run()


def confirm(visitor: AppTest) -> AppTest:
    visitor.text_input(key="adopt_speaker").set_value("Grace")
    visitor.checkbox(key="adopt_consent").check()
    visitor.run()
    return visitor.button(key="adopt_confirm").click().run()


def the_one(house: House) -> Entry:
    (item,) = listing.entries(house.context)
    return item


def test_a_voice_file_is_looked_into_adopted_and_safe(house: House) -> None:
    data = embedding(b"Grace")
    visitor = come_to_adopt(house, adopting.FILE)
    visitor.file_uploader(key="adopt_file").upload("grace-2026.safetensors", data)
    visitor.text_area(key="adopt_transcript").set_value("I have seen the future.")
    visitor.run()
    assert "Its file is stored, read back and compared." in read("\n".join(texts(visitor.markdown)))
    assert listing.entries(house.context) == []
    confirm(visitor)
    assert not visitor.exception
    assert visitor.success
    item = the_one(house)
    voice = item.voice
    assert (voice.name, voice.kind, voice.source, voice.transcript) == (
        "grace-2026",
        VoiceKind.QWEN,
        Source.ADOPTED,
        "I have seen the future.",
    )
    vault = house.context.vault(DEMO)
    copy = item.dossier.copy(Role.EMBEDDING, vault.name)
    assert copy
    assert vault.get(copy.key, max_bytes=100_000) == data
    assert item.standing.health is Health.SAFE


def test_a_voice_file_has_the_name_that_is_typed(house: House) -> None:
    visitor = come_to_adopt(house, adopting.FILE)
    visitor.file_uploader(key="adopt_file").upload("a.safetensors", embedding(b"Grace"))
    visitor.text_input(key="adopt_name").set_value("Teacher")
    confirm(visitor)
    assert the_one(house).voice.name == "Teacher"


def test_a_file_that_is_no_voice_is_refused_before_anything_is_stored(house: House) -> None:
    visitor = come_to_adopt(house, adopting.FILE)
    visitor.file_uploader(key="adopt_file").upload("a.safetensors", embedding(b"Grace")[:-2]).run()
    assert "Refused" in shown(visitor)
    assert visitor.button(key="adopt_confirm").disabled
    assert listing.entries(house.context) == []


def test_the_day_that_a_voice_was_made_starts_its_clock(house: House) -> None:
    day = (house.clock.now() - timedelta(days=2)).date()
    visitor = come_to_adopt(house, adopting.ONE)
    visitor.checkbox(key="adopt_test").uncheck()
    visitor.text_input(key="adopt_id").set_value("Narrator0001")
    visitor.date_input(key="adopt_made").set_value(day)
    confirm(visitor)
    item = the_one(house)
    assert item.voice.clock_start == listening.clock_start(day, house.context.now(DEMO))
    assert item.standing.health is Health.WAITING


def test_a_voice_that_was_made_nobody_knows_when_has_no_clock(house: House) -> None:
    visitor = come_to_adopt(house, adopting.ONE)
    visitor.checkbox(key="adopt_test").uncheck()
    visitor.text_input(key="adopt_id").set_value("Narrator0001")
    confirm(visitor)
    item = the_one(house)
    assert item.voice.clock_start is None
    assert item.standing.health is Health.UNKNOWN


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8", "夜の声"), ("utf-8-sig", "夜の声"), ("utf-16", "夜の声"), ("cp1252", "Café – Noir")],
)
def test_a_table_from_a_spreadsheet_is_read_as_it_was_written(
    house: House, encoding: str, name: str
) -> None:
    table = f"id;name;kind;tags\nNarrator0001;{name};MiniMax;night, calm\nshort;Kurz;;\n"
    visitor = come_to_adopt(house, adopting.LIST)
    visitor.file_uploader(key="adopt_csv").upload("voices.csv", table.encode(encoding)).run()
    assert not visitor.exception
    plan = visitor.dataframe[0].value
    assert list(plan["What happens"]) == ["+ New", "✕ Refused"]
    assert list(plan["Name"]) == [name, "Kurz"]
    confirm(visitor)
    voice = the_one(house).voice
    assert (voice.provider_voice_id, voice.name) == ("Narrator0001", name)
    assert voice.tags == ("night", "calm")


def test_the_file_counts_where_lines_are_typed_as_well(house: House) -> None:
    visitor = come_to_adopt(house, adopting.LIST)
    visitor.text_area(key="adopt_lines").set_value("Narrator0002, Typed")
    visitor.file_uploader(key="adopt_csv").upload("voices.csv", b"Narrator0001, Brought")
    confirm(visitor)
    assert the_one(house).voice.name == "Brought"


def test_a_file_of_too_many_lines_says_so(house: House) -> None:
    many = "\n".join(f"Narrator{number:04}" for number in range(501))
    visitor = come_to_adopt(house, adopting.LIST)
    visitor.file_uploader(key="adopt_csv").upload("voices.csv", many.encode("utf-16")).run()
    assert "This list has 501 lines. Bring 500 at a time." in said(visitor)
    assert visitor.button(key="adopt_confirm").disabled

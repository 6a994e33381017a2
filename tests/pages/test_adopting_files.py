"""Adopting from files and with a date: a voice file, a table from a spreadsheet, a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import openpyxl
import pytest
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from lib.demo.embedding import embedding
from lib.models import Health, Role, Source, VoiceKind
from lib.services import DEMO
from lib.studio.adoption import listening
from lib.studio.library import listing
from lib.studio.library.listing import Entry
from lib.ui.adoption import adopting
from lib.ui.adoption.adopting import CONSENT
from tests.pages.house import House, read, said, shown, texts

pytestmark = pytest.mark.usefixtures("no_showcase")


def come_to_adopt(house: House, what: str) -> AppTest:
    visitor = house.open("clone")
    visitor.segmented_control(key="clone_way").set_value(adopting.WAY).run()
    visitor.segmented_control(key="adopt_what").set_value(what)
    return visitor.run()


def confirm(visitor: AppTest) -> AppTest:
    visitor.radio(key="adopt_who").set_value(CONSENT.other).run()
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
    assert "Its file is stored and checked." in read("\n".join(texts(visitor.markdown)))
    assert not listing.entries(house.context)
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
    assert not listing.entries(house.context)


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
    assert "This list has 501 lines. Add 500 at a time." in said(visitor)
    assert visitor.button(key="adopt_confirm").disabled


def bring(house: House, name: str, data: bytes) -> AppTest:
    visitor = come_to_adopt(house, adopting.LIST)
    visitor.file_uploader(key="adopt_csv").upload(name, data).run()
    assert not visitor.exception
    return visitor


def select(visitor: AppTest, start: str) -> list[Any]:
    return [box for box in visitor.selectbox if str(box.key).startswith(start)]


def test_how_a_list_was_read_is_shown_and_its_columns_can_be_changed(
    house: House, cases: Path
) -> None:
    visitor = bring(house, "v.csv", (cases / "lists" / "german-header.csv").read_bytes())
    told = read(" ".join(texts(visitor.caption)))
    assert "Columns between semicolons" in told
    assert "Line 1 is its header: Stimmen-ID, Bezeichnung, Angelegt am" in told
    table = visitor.dataframe[0].value
    assert list(table["ID"]) == ["MyVoice2024"]
    assert list(table["Made"]) == ["20 Nov 2026"]
    assert [box.value for box in select(visitor, "adopt_column_")] == ["id", "name", "made"]
    select(visitor, "adopt_column_")[1].set_value("tags").run()
    assert list(visitor.dataframe[0].value["Name"]) == ["MyVoice2024"]
    (header,) = [box for box in visitor.checkbox if str(box.key).startswith("adopt_header_")]
    header.uncheck().run()
    assert list(visitor.dataframe[0].value["ID"]) == ["Stimmen-ID", "MyVoice2024"]


def test_the_encoding_of_a_list_can_be_changed(house: House, cases: Path) -> None:
    visitor = bring(house, "v.csv", (cases / "lists" / "gbk.csv").read_bytes())
    assert "in Chinese, simplified (GB 18030)" in read(" ".join(texts(visitor.caption)))
    assert list(visitor.dataframe[0].value["Name"]) == ["讲述者"]
    (box,) = select(visitor, "adopt_source_")
    box.set_value("cp1252").run()
    assert list(visitor.dataframe[0].value["Name"]) == ["½²ÊöÕß"]


def test_a_sheet_is_read_and_another_one_can_be_chosen(house: House) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Old ones"
    book.worksheets[0].append(["Narrator0001", "Anna"])
    book.create_sheet("New ones").append(["Narrator0002", "Ben"])
    written = BytesIO()
    book.save(written)
    visitor = bring(house, "v.xlsx", written.getvalue())
    assert list(visitor.dataframe[0].value["ID"]) == ["Narrator0001"]
    (box,) = select(visitor, "adopt_source_")
    box.set_value("New ones").run()
    confirm(visitor)
    assert the_one(house).voice.name == "Ben"


def test_an_old_excel_file_is_refused_with_what_to_do(house: House) -> None:
    visitor = bring(house, "v.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert "Save it as .xlsx" in said(visitor)
    assert visitor.button(key="adopt_confirm").disabled


def test_a_date_of_two_meanings_and_a_time_without_a_zone_are_asked_about(house: House) -> None:
    visitor = come_to_adopt(house, adopting.LIST)
    visitor.checkbox(key="adopt_test").uncheck()
    visitor.text_area(key="adopt_lines").set_value("Narrator0001; Anna; 03/04/2026 10:00").run()
    assert visitor.button(key="adopt_confirm").disabled
    (day,) = [each for each in visitor.segmented_control if "Which day is" in each.label]
    assert day.value is None
    day.set_value("mdy").run()
    assert list(visitor.dataframe[0].value["What happens"]) == ["+ New"]
    (zone,) = [each for each in visitor.segmented_control if "Which time zone" in each.label]
    assert "UTC+14" in zone.options[0]
    confirm(visitor)
    assert the_one(house).voice.clock_start == datetime(2026, 3, 3, 20, tzinfo=UTC)


def test_the_viewers_own_zone_is_offered_for_times_that_name_none(house: House) -> None:
    with patch.object(ContextProxy, "timezone", "Pacific/Auckland"):
        visitor = come_to_adopt(house, adopting.LIST)
        visitor.text_area(key="adopt_lines").set_value("Narrator0001; Anna; 2026-11-19 10:00").run()
        assert list(visitor.dataframe[0].value["Made"]) == ["19 Nov 2026, 09:00"]
        (zone,) = [each for each in visitor.segmented_control if "Which time zone" in each.label]
        zone.set_value("mine").run()
        assert list(visitor.dataframe[0].value["Made"]) == ["19 Nov 2026, 10:00"]


def test_a_press_on_as_many_other_voices_adopts_nothing(house: House) -> None:
    visitor = come_to_adopt(house, adopting.LIST)
    visitor.text_area(key="adopt_lines").set_value("Narrator0001")
    visitor.radio(key="adopt_who").set_value(CONSENT.other).run()
    visitor.text_input(key="adopt_speaker").set_value("Grace")
    visitor.checkbox(key="adopt_consent").check()
    visitor.run()
    visitor.text_area(key="adopt_lines").set_value("Narrator0002")
    visitor.button(key="adopt_confirm").click().run()
    assert not listing.entries(house.context)


def test_one_voice_is_found_inside_of_what_was_copied_along(house: House) -> None:
    visitor = come_to_adopt(house, adopting.ONE)
    visitor.text_input(key="adopt_id").set_value("Voice ID: “Narrator0001”")
    confirm(visitor)
    assert the_one(house).voice.provider_voice_id == "Narrator0001"

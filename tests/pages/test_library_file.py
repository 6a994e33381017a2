"""The library as a file on Settings: prepared, fetched, looked into and brought back."""

from __future__ import annotations

import io
import zipfile

import pytest
from sqlalchemy import delete
from streamlit.testing.v1 import AppTest

from lib.models import Health
from lib.registry import schema
from lib.studio.transfer import delivery, exporting
from tests.pages.house import House, read, said, shown, texts
from tests.parts.persons import ADA

VOICES = len(Health)
"""The demo has one voice in each state of health, and one that is being made."""


def prepared(house: House) -> bytes:
    """The file that somebody asked for on Settings and the keeper prepared."""
    visitor = house.open("settings")
    visitor.button(key="export_prepare").click().run()
    assert delivery.state(house.context).asked
    delivery.answer_asked(house.context)
    visitor.run()
    ready = delivery.state(house.context).prepared
    assert ready is not None
    assert f"Prepared now: {VOICES} voices" in read(shown(visitor))
    return house.context.live_vault.get(ready.key, max_bytes=10**8)


def given(house: House, data: bytes) -> AppTest:
    visitor = house.open("settings")
    visitor.file_uploader(key="import_file").upload("library.zip", data, "application/zip").run()
    return visitor


def test_what_is_here_already_is_not_brought_in_again(house: House) -> None:
    visitor = given(house, prepared(house))
    assert f"The file is intact: {VOICES} voices" in said(visitor)
    assert "Everything in it is already here" in said(visitor)
    assert not [button for button in visitor.button if button.key == "import_go"]


def test_a_lost_library_comes_back_from_its_file(house: House) -> None:
    house.open()
    kept = {
        item.voice.id: item.voice.name
        for item in house.context.registry.voices.dossiers(services=["demo"])
    }
    one = sorted(kept)[0]
    target = io.BytesIO()
    exporting.write(house.context, target, person=ADA, voice_ids=[one])
    with house.context.registry.database.write() as connection:
        for column in (schema.voices.c.id, schema.jobs.c.voice_id, schema.evidence.c.voice_id):
            connection.execute(delete(column.table).where(column == one))
    visitor = given(house, target.getvalue())
    assert "1 new" in " ".join(texts(visitor.markdown))
    assert house.context.registry.voices.get(one) is None

    visitor.button(key="import_go").click().run()
    assert not visitor.exception
    assert "Done." in said(visitor)
    back = house.context.registry.voices.get(one)
    assert back is not None
    assert back.name == kept[one]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04nothing", b"\x00" * 2_000])
def test_a_file_that_is_no_library_is_refused_in_a_sentence(house: House, data: bytes) -> None:
    visitor = given(house, data)
    assert not visitor.exception
    assert "Nothing was changed." in said(visitor)


def test_a_damaged_file_says_what_is_damaged_and_offers_the_rest(house: House) -> None:
    data = bytearray(prepared(house))
    data[len(data) // 2] ^= 1
    visitor = given(house, bytes(data))
    assert not visitor.exception
    assert "has changed since it was exported" in said(visitor) or "Nothing was changed." in said(
        visitor
    )


def packed_anew(data: bytes, without: str) -> tuple[bytes, list[str]]:
    """The same library in a folder, as macOS packs it, and what of it was left out."""
    source, out = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    gone = [name for name in source.namelist() if name.startswith(without)]
    with zipfile.ZipFile(out, "w") as target:
        for name in reversed(source.namelist()):
            if name not in gone:
                target.writestr(f"My *library*/{name}", source.read(name))
        target.writestr("__MACOSX/My *library*/._voicekeep.json", b"x")
    return out.getvalue(), gone


def test_a_part_that_was_packed_again_names_each_file(house: House) -> None:
    house.open()
    one, two, *_ = house.context.registry.voices.revisions()
    target = io.BytesIO()
    exporting.write(house.context, target, person=ADA, voice_ids=[one, two])
    file, gone = packed_anew(target.getvalue(), f"voices/{one}/")
    visitor = given(house, file)
    assert not visitor.exception
    assert "intact: 1 voice," in said(visitor)
    absent, added = (block.value.splitlines() for block in visitor.code[-2:])
    assert absent == sorted(gone)
    assert added == ["__MACOSX/My *library*/._voicekeep.json"]

    with zipfile.ZipFile(stranger := io.BytesIO(file), "a") as archive:
        archive.writestr("My *library*/notes.txt", b"hello")
    visitor.file_uploader(key="import_file").upload("b.zip", stranger.getvalue()).run()
    assert "has changed since it was exported" in said(visitor)
    assert [block.value for block in visitor.code[-2:]] == ["\n".join(absent), "\n".join(added)]
    assert "notes.txt" in visitor.code[-3].value


def test_a_file_that_cannot_be_prepared_says_why(house: House) -> None:
    house.open("settings")
    note = {"trouble": "The storage is full."}
    house.context.registry.notes.write(delivery.NOTE, note, house.clock.now())
    visitor = house.enter("settings")
    assert "could not be prepared. The storage is full." in said(visitor)
    assert visitor.button(key="export_prepare").label == "Prepare the file"

"""Files of lists: in any encoding, and Excel's, within bounds."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from io import BytesIO

import openpyxl
import pytest

from lib.studio.adoption.columns import find_layout
from lib.studio.adoption.decoding import LOCAL, decode
from lib.studio.adoption.lists import Line, read_layout
from lib.studio.adoption.tables import BadList, Table, from_text
from lib.studio.adoption.workbooks import MAX_BYTES, is_workbook, read_workbook

SHEET = "xl/worksheets/sheet1.xml"


def lines_of(table: Table) -> tuple[Line, ...]:
    return read_layout(find_layout(table)).lines


@pytest.mark.parametrize(
    ("name", "encoding", "language"),
    [
        ("Lucía – la narradora", "cp1252", ""),
        ("Żółta łódź", "cp1250", ""),
        ("Спокойный голос", "cp1251", ""),
        ("Спокойный голос", "koi8_r", ""),
        ("安静的女声", "gb18030", ""),
        ("寧靜的聲音", "big5", ""),
        ("静かな夜の声", "cp932", ""),
        ("Ήρεμη φωνή", "cp1253", ""),
        ("김철수", "cp949", "ko-KR"),
        ("王小明", "big5", "zh-TW"),
        ("Ağır başlı", "cp1254", "tr-TR"),
        ("קול שקט", "cp1255", "he"),
        ("Анна", "cp1251", "uk-UA"),
        ("夜の声", "utf-8", ""),
        ("夜の声", "utf-8-sig", ""),
        ("夜の声", "utf-16", ""),
        ("夜の声", "utf-16-le", ""),
        ("Anna", "utf-16-be", ""),
        ("夜の声", "utf-32", ""),
    ],
)
def test_a_file_is_read_as_it_was_written(name: str, encoding: str, language: str) -> None:
    text = f"id;name\r\nNarrator2024;{name}\r\n"
    found = decode(text.encode(encoding), language=language)
    assert found.text == text
    assert not found.is_damaged


def test_another_encoding_that_is_possible_can_be_chosen() -> None:
    data = "id;name\nNarrator2024;Hương".encode("cp1258")
    found = decode(data)
    assert {"cp1258", "cp1252"} <= {encoding.codec for encoding in found.possible}
    assert decode(data, codec="cp1258").text.endswith("Hương")
    assert decode(data, codec="no-such").encoding == found.encoding
    assert "big5" not in {encoding.codec for encoding in decode("Anna’s".encode("cp1252")).possible}


def test_each_encoding_that_is_offered_reads_the_file_whole() -> None:
    data = bytes(range(0x80, 0x100)) + b";Narrator2024\n"
    for encoding in decode(data).possible:
        assert not decode(data, codec=encoding.codec).is_damaged
    assert all("".encode(encoding.codec) == b"" for encoding in LOCAL)


@pytest.mark.parametrize("data", [b"\0\0\0\1" * 100, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xd8"])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(BadList, match="holds no text"):
        decode(data)


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(BadList, match="too large"):
        decode(b"a" * 4_000_001)


def workbook(**sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.remove(book.worksheets[0])
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def changed(data: bytes, name: str, content: bytes) -> bytes:
    """The same workbook with one part replaced or added."""
    written = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(written, "w", 8) as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return written.getvalue()


VOICES = workbook(
    Notes=[["nothing", "here"]],
    Stimmen=[
        ["Unsere Stimmen"],
        ["Nr", "Stimmen-ID", "Bezeichnung", "Angelegt am"],
        [1, "Narrator2024", "Anna", datetime(2026, 11, 20)],  # noqa: DTZ001 - as Excel has it
        [2.0, "Narrator2025", '=HYPERLINK("https://a.example")', date(2026, 11, 19)],
        [],
        [3, "Narrator2026", "Cléo\nthe narrator", None],
    ],
)


def test_the_sheet_with_the_voices_is_read_with_its_days() -> None:
    assert is_workbook(VOICES)
    found = read_workbook(VOICES)
    assert (found.sheet, found.sheets) == ("Stimmen", ("Notes", "Stimmen"))
    assert [(line.number, line.id, line.name, line.made) for line in lines_of(found.table)] == [
        (3, "Narrator2024", "Anna", date(2026, 11, 20)),
        (4, "Narrator2025", "", date(2026, 11, 19)),  # no formula is worked out
        (6, "Narrator2026", "Cléo the narrator", None),
    ]


def test_another_sheet_can_be_chosen() -> None:
    assert read_workbook(VOICES, "Notes").sheet == "Notes"
    assert read_workbook(VOICES, "Gone").sheet == "Stimmen"


def test_a_sheet_that_is_formatted_to_its_end_is_read_as_far_as_it_is_filled() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0]["B2"] = "Narrator2024"
    book.worksheets[0]["B1048576"] = "Narrator2025"
    book.worksheets[0]["XFD1"] = "far away"
    written = BytesIO()
    book.save(written)
    assert [line.id for line in lines_of(read_workbook(written.getvalue()).table)] == [
        "Narrator2024"
    ]


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
BOMB = b"<!DOCTYPE a [<!ENTITY b 'Narrator2024'><!ENTITY c '&b;&b;&b;'>]><worksheet>&c;</worksheet>"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (OLE, "old kind"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
        (VOICES[:-40], "cannot be read"),
        (VOICES[:300], "cannot be read"),
        (changed(VOICES, SHEET, b"<worksheet><sheetData><row>"), "cannot be read"),
        (changed(VOICES, SHEET, BOMB), "cannot be read"),
        (changed(VOICES, "xl/workbook.xml", b"{}"), "cannot be read"),
        (changed(VOICES, "xl/media/big.xml", bytes(25_000_000)), "too large"),
        (VOICES + bytes(MAX_BYTES), "too large"),
        (workbook(Empty=[[]]), "is empty"),
        (workbook(Wide=[["Narrator2024", *range(40)]]), "columns"),
    ],
)  # fmt: skip
def test_what_is_no_fit_workbook_is_refused_in_a_sentence(data: bytes, told: str) -> None:
    with pytest.raises(BadList, match=told):
        read_workbook(data)


def test_another_archive_is_no_workbook() -> None:
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("content.xml", "<a/>")
    with pytest.raises(BadList, match="nor an Excel file"):
        read_workbook(written.getvalue())


def test_a_sheet_reads_as_its_text_does() -> None:
    rows: list[list[object]] = [["id", "name"], ["Narrator2024", "Anna, “the” voice"]]
    text = 'id,name\nNarrator2024,"Anna, “the” voice"'
    assert lines_of(read_workbook(workbook(A=rows)).table) == lines_of(from_text(text))

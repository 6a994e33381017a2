"""Lists of voices as people paste them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from lib.studio.adoption.cells import Column, clean_id
from lib.studio.adoption.columns import find_layout
from lib.studio.adoption.decoding import decode
from lib.studio.adoption.lists import MAX_LINES, Line, read, read_layout
from lib.studio.adoption.tables import MAX_COLUMNS, BadList, from_text

URL = "https://v3.fal.media/files/tmp1.safetensors?sig=a,b;c"


def one(text: str) -> Line:
    (line,) = read(text)
    return line


@pytest.mark.parametrize(
    "line",
    [
        "Narrator2024,Anna,MiniMax,2026-11-20,warm",
        "Narrator2024;Anna;MiniMax;2026-11-20;warm",
        "Narrator2024\tAnna\tMiniMax\t2026-11-20\twarm",
        "Narrator2024 | Anna | MiniMax | 20.11.2026 | warm",
        ' "Narrator2024" , "Anna" , "MiniMax voice" , "2026/11/20" , "warm" ',
        "Anna, Narrator2024, 2026-11-20, minimax, warm",
        "\ufeffvoice_id,name,type,created_at,tags\nNarrator2024,Anna,minimax,2026-11-20,warm",
        "Name;Tags;Date made;Voice ID;Kind\nAnna;warm;2026-11-20;Narrator2024;MiniMax",
    ],
)
def test_a_line_is_read_whatever_stands_between_its_parts(line: str) -> None:
    found = one(line)
    assert (found.id, found.name, found.kind) == ("Narrator2024", "Anna", "minimax")
    assert (found.made, found.tags, found.fault) == (date(2026, 11, 20), ("warm",), "")


@pytest.mark.parametrize(
    ("text", "id_", "name"),
    [
        ("Narrator2024", "Narrator2024", ""),
        ("Narrator2024 Anna of the hills", "Narrator2024", "Anna of the hills"),
        ("Narrator2024 - Anna", "Narrator2024", "Anna"),
        (URL.partition(",")[0], URL.partition(",")[0], ""),
        (f'"{URL}",Teacher', URL, "Teacher"),
        ("sage-of-the-hills", "sage-of-the-hills", ""),
    ],
)
def test_an_id_alone_or_with_a_name_is_enough(text: str, id_: str, name: str) -> None:
    found = one(text)
    assert (found.id, found.name, found.kind, found.made) == (id_, name, "", None)


def test_blank_lines_are_none_and_numbers_are_those_of_the_list() -> None:
    found = read("\r\n\nAaaaaaaa1, Anna\r\n  \r\n,,,\nBbbbbbbb2, Ben\n")
    assert [(line.number, line.id) for line in found] == [(3, "Aaaaaaaa1"), (6, "Bbbbbbbb2")]


@pytest.mark.parametrize(
    ("cell", "kind", "service"),
    [
        ("MiniMax", "minimax", ""),
        ("nano-gpt", "", "nanogpt"),
        ("Qwen (NanoGPT)", "qwen", "nanogpt"),
        ("Kyma", "minimax", "kyma"),
        ("Inworld voice", "inworld", ""),
        ("demo", "", "demo"),
    ],
)
def test_kind_and_service_are_known_by_their_names(cell: str, kind: str, service: str) -> None:
    found = one(f"id,name,kind\nNarrator2024,Anna,{cell}")
    assert (found.kind, found.service, found.fault) == (kind, service, "")


def test_a_kind_that_is_not_known_is_a_fault_of_its_line_alone() -> None:
    bad, good = read("id,kind\nNarrator2024,ElevenLabs\nNarrator2025,MiniMax")
    assert "unknown" in bad.fault
    assert not good.fault


@pytest.mark.parametrize(
    "text",
    ["2026-13-01", "yesterday", "2026", "31.02.2026",
     "0001-01-01T00:00+05:00", "9999-12-31T23:00-05:00", "2026-11-20T10:00+99:00"],
)  # fmt: skip
def test_a_date_that_is_none_is_asked_for_anew(text: str) -> None:
    found = one(f"id,made\nNarrator2024,{text}")
    assert found.made is None
    assert "2026-11-20" in found.fault


def test_a_quote_that_is_never_closed_swallows_no_other_voice() -> None:
    found = read('Aaaaaaaa1, "Anna\nBbbbbbbb2, Ben')
    assert [line.id for line in found] == ["Aaaaaaaa1", "Bbbbbbbb2"]
    assert found[0].name == "Anna"


def test_tags_stand_in_one_cell_and_each_once() -> None:
    found = one("id,name,tags\nNarrator2024,Anna,warm;slow; warm|night")
    assert found.tags == ("warm", "slow", "night")


def test_a_line_without_an_id_says_so() -> None:
    assert one("id,name\n,Anna").fault == "There is no ID in this line."


def test_too_many_lines_and_too_long_lists_are_refused_whole() -> None:
    assert len(read("\n".join(f"Narrator{n:04}" for n in range(MAX_LINES)))) == MAX_LINES
    with pytest.raises(BadList, match="501 lines"):
        read("\n".join(f"Narrator{n:04}" for n in range(MAX_LINES + 1)))
    with pytest.raises(BadList, match="too many lines"):
        read("x" * 1_000_001)
    assert one(f"Narrator2024,{'x' * 9_000}").fault


def test_a_header_alone_and_nothing_are_no_voices() -> None:
    assert read("") == read("id,name\n") == read(" \n\t\n") == ()


def test_control_characters_do_not_come_along() -> None:
    assert one("Narrator2024,An\x07na\x00").name == "Anna"


CASES = {
    "excel-sep-line.csv": [("MyVoice2024", "N", None)],
    "gbk.csv": [("MyVoice2024", "讲述者", None)],
    "german-header.csv": [("MyVoice2024", "Anna", date(2026, 11, 20))],
    "pasted-from-chat.txt": [
        (name, "", None)
        for name in ("MyVoice2024", "Other2024x", "Third2024x", "Fifth2024x", "Sixth2024")
    ],
}


def voices(text: str) -> list[tuple[str, str]]:
    return [(line.id, line.name) for line in read(text)]


def test_every_list_of_the_folder_has_its_row(cases: Path) -> None:
    assert {path.name for path in (cases / "lists").iterdir()} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_lists_that_people_brought_in_public_are_read(cases: Path, name: str) -> None:
    lines = read(decode((cases / "lists" / name).read_bytes()).text)
    assert [(line.id, line.name, line.made) for line in lines] == CASES[name]
    assert not any(line.fault for line in lines)


@pytest.mark.parametrize(
    "text",
    [
        "Narrator2024", "“Narrator2024”", "„Narrator2024“", "«Narrator2024»", "「Narrator2024」",
        "`Narrator2024`", "**Narrator2024**", "'Narrator2024", '="Narrator2024"', "Narrator2024,",
        "- Narrator2024", "• Narrator2024", "3. Narrator2024", "12) Narrator2024",
        "- [ ] Narrator2024", "☐ Narrator2024", "✅ Narrator2024", "> Narrator2024",
        "Voice ID: Narrator2024", "voice_id = Narrator2024", '"voice_id": "Narrator2024",',
        "ID：Narrator2024", "Ｎａｒｒａｔｏｒ２０２４", "• `voice-id`: “Narrator2024”.",
        "\u200bNarrator2024", "Narr\u00adator2024", "\u2066Narrator2024\u2069",
        "Narrator\u200d2024", "\u00a0Narrator2024\u3000",
    ],
)  # fmt: skip
def test_an_id_is_found_inside_of_what_was_copied_along(text: str) -> None:
    assert clean_id(text) == "Narrator2024"
    assert voices(text) == [("Narrator2024", "")]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("<https://a.example/v.safetensors>", "https://a.example/v.safetensors"),
        ("[Anna](https://a.example/v_(1).safetensors)", "https://a.example/v_(1).safetensors"),
        ("“https://a.example/v?x=1”.", "https://a.example/v?x=1"),
        ("URL: https://a.example/v", "https://a.example/v"),
        ("(https://a.example/v)", "https://a.example/v"),
    ],
)
def test_an_address_is_found_likewise(text: str, address: str) -> None:
    assert clean_id(text) == address


@pytest.mark.parametrize(
    "text", ["My Narrator2024", "https://a.example/my voice", "see https://a.example/v"]
)
def test_no_id_is_made_of_a_part_of_something_else(text: str) -> None:
    assert clean_id(text) == text


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Anna: Narrator2024", "Anna"),
        ("Anna of the hills – Narrator2024", "Anna of the hills"),
        ("2. Anna → `Narrator2024`", "Anna"),
        ("Narrator2024 (Anna)", "Anna"),
        ("☐ Narrator2024: Anna", "Anna"),
        ("ID: Narrator2024 Anna", "Anna"),
        ("Narrator2024 नमस्\u200dते", "नमस्\u200dते"),
        ("Name: Anna; ID: Narrator2024; Kind: MiniMax", "Anna"),
    ],
)
def test_a_name_stands_before_or_behind_its_id(line: str, name: str) -> None:
    assert voices(line) == [("Narrator2024", name)]


@pytest.mark.parametrize(
    "header",
    ["Stimmen-ID;Bezeichnung", "Identyfikator głosu;Nazwa", "声音编号;名称", "Идентификатор;Имя",
     "ボイスID;名前", "Identifiant;Libellé", "“Voice_ID”;Name", "Voice ID*;What we call it"],
)  # fmt: skip
def test_a_first_line_without_an_id_is_a_header_in_whatever_language(header: str) -> None:
    text = f"{header}\nNarrator2024;Anna\nNarrator2025;Ben\n"
    assert voices(text) == [("Narrator2024", "Anna"), ("Narrator2025", "Ben")]
    layout = find_layout(from_text(text))
    assert layout.header
    assert layout.header.number == 1


def test_a_first_line_with_an_id_or_with_nothing_below_it_is_a_voice() -> None:
    assert len(read("Narrator2024;Anna\nNarrator2025;Ben")) == 2
    assert voices("sage-of-the-hills;Sage\nriver-man;Ray")[0] == ("sage-of-the-hills", "Sage")
    assert len(read("sage-of-the-hills;2026-11-20\nNarrator2025;2026-11-20")) == 2


def test_whoever_knows_better_says_whether_there_is_a_header() -> None:
    table = from_text("sage-of-the-hills;Sage\nNarrator2024;Anna")
    assert len(read_layout(find_layout(table)).lines) == 1
    assert len(read_layout(find_layout(table, has_header=False)).lines) == 2
    table = from_text("Narrator2024;Anna\nNarrator2025;Ben")
    (line,) = read_layout(find_layout(table, has_header=True)).lines
    assert line.name == "Ben"


def test_what_a_column_holds_is_found_by_its_content() -> None:
    text = """Unsere Stimmen;;;;;
Nr;Sprache;Anbieter;Angelegt am;Stimmen-ID;Bezeichnung
1;Deutsch;MiniMax;20.11.2026;Narrator2024;Anna
2;Deutsch;MiniMax;;Narrator2025;Ben
3;Deutsch;;19.11.2026;Narrator2026;Cid"""
    layout = find_layout(from_text(text))
    assert layout.columns == (
        Column.UNUSED, Column.UNUSED, Column.KIND, Column.MADE, Column.ID, Column.NAME,
    )  # fmt: skip
    first, *_ = read(text)
    assert (first.number, first.name, first.kind) == (3, "Anna", "minimax")
    assert first.made == date(2026, 11, 20)


@pytest.mark.parametrize(
    "text",
    [
        "ID;Voice ID;Name\n1;Narrator2024;Anna",
        "Voice;Voice ID\nAnna;Narrator2024",
        "id,voice,preview\n7,Narrator2024,Anna",
        "name,model,voice_id\nAnna,Minimax-Speech-02-HD,Narrator2024",
        "id,voice_id,name\na1b2c3d4-0000-4000-8000-000000000000,Narrator2024,Anna",
        "Erstellt;Stimmen-ID;Titel\nNov-20-2026;Narrator2024;Anna",
    ],
)
def test_a_column_that_is_only_named_like_an_id_gives_way(text: str) -> None:
    assert voices(text) == [("Narrator2024", "Anna")]


def test_names_of_files_are_no_ids() -> None:
    (line,) = read("Datei;Stimmen-ID;Titel\nanna_take_01.wav;Narrator2024;Anna")
    assert line.id == "Narrator2024"


def test_ids_and_addresses_may_stand_in_two_columns() -> None:
    text = "voice_id,url,name\nNarrator2024,,Anna\n,https://a.example/v,Ben"
    assert voices(text) == [("Narrator2024", "Anna"), ("https://a.example/v", "Ben")]


def test_columns_are_what_a_person_says_they_are() -> None:
    table = from_text("Narrator2024;Warm2024x;Anna")
    chosen = (Column.UNUSED, Column.ID, Column.NAME)
    (line,) = read_layout(find_layout(table, chosen=chosen)).lines
    assert (line.id, line.name) == ("Warm2024x", "Anna")


def test_exports_put_behind_each_other_bring_no_header_as_a_voice() -> None:
    text = "Stimmen-ID;Name\nNarrator2024;Anna\nStimmen-ID;Name\nNarrator2025;Ben"
    assert voices(text) == [("Narrator2024", "Anna"), ("Narrator2025", "Ben")]


@pytest.mark.parametrize(
    "text",
    [
        'id,name,text\nNarrator2024,Anna,"one\ntwo, ""three"""\nNarrator2025,Ben,\n',
        'sep=;\r\nid;name;text\r\nNarrator2024;Anna;"one\ntwo, ""three"""\r\nNarrator2025;Ben;\r\n',
        'sep=^\nid^name^text\nNarrator2024^Anna^"one\ntwo, ""three"""\nNarrator2025^Ben^',
        '"sep=\t"\nid\tname\ttext\nNarrator2024\tAnna\t"one\ntwo, ""three"""\nNarrator2025\tBen\t',
    ],
)
def test_cells_may_hold_quotes_line_breaks_and_separators(text: str) -> None:
    first, second = read(text)
    assert (first.name, first.transcript) == ("Anna", 'one\ntwo, "three"')
    assert (second.id, second.name) == ("Narrator2025", "Ben")


@pytest.mark.parametrize(
    "text",
    [
        "| ID | Name |\n|----|:---:|\n| Narrator2024 | Anna |\n| Narrator2025 | Ben |",
        "Narrator2024，Anna\nNarrator2025，Ben",
        "Narrator2024；Anna\nNarrator2025；Ben",
        "Narrator2024 Anna\n----\nNarrator2025 - Ben",
        "Narrator2024\u2028Narrator2025, Ben".replace("2024", "2024, Anna"),
        'Narrator2024,"Anna\nNarrator2025,"Ben"',
        'Narrator2024;"Anna\nNarrator2025;Ben"',
    ],
)
def test_each_voice_is_read_whatever_parts_the_list(text: str) -> None:
    names = [(id_, name.strip('"')) for id_, name in voices(text)]
    assert names == [("Narrator2024", "Anna"), ("Narrator2025", "Ben")]


def test_a_comma_inside_of_a_pasted_name_parts_nothing() -> None:
    text = "Narrator2024 - Anna, calm\nNarrator2025 - Ben, loud"
    assert voices(text) == [("Narrator2024", "Anna, calm"), ("Narrator2025", "Ben, loud")]


@pytest.mark.parametrize("text", ['"a\n' * 200_000, "a," * 400_000, "x\n" * 15_000, "\n" * 999_999])
def test_what_is_far_too_much_is_refused_whole(text: str) -> None:
    with pytest.raises(BadList, match=r"too many lines|columns"):
        read(text)


def test_a_list_of_too_many_columns_says_how_many_may_be() -> None:
    with pytest.raises(BadList, match=f"{MAX_COLUMNS} at most"):
        read("Narrator2024" + ",x" * MAX_COLUMNS)

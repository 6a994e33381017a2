"""Lists of voices as people paste them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from lib.studio.adoption.lists import MAX_LINES, BadList, Line, decode, read, read_date

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
    assert "not known" in bad.fault
    assert not good.fault


@pytest.mark.parametrize(
    "text",
    ["03/04/2026", "2026-13-01", "yesterday", "2026", "31.02.2026",
     "0001-01-01T00:00+05:00", "9999-12-31T23:00-05:00", "2026-11-20T10:00+99:00"],
)  # fmt: skip
def test_a_date_that_could_be_two_or_none_is_asked_for_anew(text: str) -> None:
    found = one(f"id,made\nNarrator2024,{text}")
    assert found.made is None
    assert "2026-11-20" in found.fault


def test_a_moment_is_taken_to_utc() -> None:
    assert read_date("2026-11-20T10:00:00+02:00") == datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert read_date("2026-11-20 10:00") == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert read_date("2026-11-20T10:00:00.5Z") == datetime(2026, 11, 20, 10, 0, 0, 500_000, UTC)


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
    with pytest.raises(BadList, match="too long"):
        read("x" * 1_000_001)
    assert one(f"Narrator2024,{'x' * 9_000}").fault


def test_a_header_alone_and_nothing_are_no_voices() -> None:
    assert read("") == read("id,name\n") == read(" \n\t\n") == []


def test_control_characters_do_not_come_along() -> None:
    assert one("Narrator2024,An\x07na\x00").name == "Anna"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_as_it_was_written(encoding: str) -> None:
    assert one(decode("Narrator2024;Lucía".encode(encoding))).name == "Lucía"

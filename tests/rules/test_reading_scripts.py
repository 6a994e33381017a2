"""Scripts as people write them become lines, and nothing of them is lost in silence."""

from __future__ import annotations

import io

import openpyxl
import pytest

from lib.scripts import MAX_LINE_CHARS, MAX_LINES, ScriptRefused
from lib.studio.scripts.reading import Draft, DraftLine, read_file, read_text


def said(draft: Draft) -> list[str]:
    return [f"{line.speaker} > {line.text}" for line in draft.lines]


READ_AS = {
    "plain": ("ANNA: Hello.\nBEN: Hi, Anna.", ["ANNA > Hello.", "BEN > Hi, Anna."]),
    "no blank": ("Anna:Hello.\nBen:Hi.", ["Anna > Hello.", "Ben > Hi."]),
    "spaces": ("  Anna :  Hello.  \r\n\r\n Ben : Hi.", ["Anna > Hello.", "Ben > Hi."]),
    "same name": ("ANNA: One.\nAnna: Two.", ["ANNA > One.", "ANNA > Two."]),
    "tabs": ("Anna\tHello.\nBen\tHi: you.", ["Anna > Hello.", "Ben > Hi: you."]),
    "bold": ("**ANNA:** Hello.\n**BEN**: *Hi*.", ["ANNA > Hello.", "BEN > *Hi*."]),
    "list": ("- Anna: One.\n2. Ben: Two.\n> Cy: 3.", ["Anna > One.", "Ben > Two.", "Cy > 3."]),
    "full width": ("小明：你好。\n小红：早上好！", ["小明 > 你好。", "小红 > 早上好！"]),
    "japanese": (
        "太郎：10:30に会おう。\n花子：はい。",
        ["太郎 > 10:30に会おう。", "花子 > はい。"],
    ),
    "arabic": ("سارة: مرحبا.\nعمر: أهلا.", ["سارة > مرحبا.", "عمر > أهلا."]),
    "cyrillic": ("АННА: Привет.\nИван Петрович: Да.", ["АННА > Привет.", "Иван Петрович > Да."]),
    "chat": (
        "[12.05.24, 10:30:12] Anna: Hi.\n12/05/24, 10:31 - Ben: Yes.\n10:32 Anna: Good.",
        ["Anna > Hi.", "Ben > Yes.", "Anna > Good."],
    ),
    "titles": ("Dr. Bell: Hm.\nMrs. O'Neill: Oh.", ["Dr. Bell > Hm.", "Mrs. O'Neill > Oh."]),
    "small words": (
        "Queen of the North: I.\nSpeaker 2: You.",
        ["Queen of the North > I.", "Speaker 2 > You."],
    ),
    "all small": ("anna: hi\nben: hello", ["anna > hi", "ben > hello"]),
    "a time in it": (
        "Anna: At 10:30 we go.\nAt 10:30 we go.",
        ["Anna > At 10:30 we go.", "Anna > At 10:30 we go."],
    ),
    "an address": (
        "Anna: See\nhttps://example.com/a:b",
        ["Anna > See", "Anna > https://example.com/a:b"],
    ),
    "a colon later": (
        "Anna: Yes.\nI know this, my dear friend: never.",
        ["Anna > Yes.", "Anna > I know this, my dear friend: never."],
    ),
    "told speech": (
        "Anna woke up.\nShe looked around.\nHe said: never.",
        ["Narrator > Anna woke up.", "Narrator > She looked around.", "Narrator > He said: never."],
    ),
    "screenplay": (
        "INT. KITCHEN - DAY\n\nAnna comes in.\n\nANNA (V.O.)\n(softly)\nHello.\nIs it you?\n\n"
        "BEN\nYes.\n\nHe leaves.\n\nCUT TO:",
        [
            "Narrator > Anna comes in.",
            "ANNA > (softly)\nHello.\nIs it you?",
            "BEN > Yes.",
            "Narrator > He leaves.",
        ],
    ),
    "title page": (
        "Title: Fish\nAuthor: Ada\n\nANNA\nHello.\n\n> THE END <",
        ["ANNA > Hello."],
    ),
    "a title and no page": ("Title: Fish\nANNA: Hi.", ["ANNA > Hi."]),
    "dashes": ("ANNA - Hello.\nBEN — Hi - you.", ["ANNA > Hello.", "BEN > Hi - you."]),
    "full stops": ("АННА. Привет!\nИВАН. Да. Нет.", ["АННА > Привет!", "ИВАН > Да. Нет."]),
    "quotes of a play": ("太郎「おはよう」\n花子「はい」", ["太郎 > おはよう", "花子 > はい"]),
    "quoted names": ('"Anna": Hi.\n«Ben»: Yes.', ["Anna > Hi.", "Ben > Yes."]),
    "a sentence in capitals": (
        "Anna: I saw it.\nNASA - no. I.",
        ["Anna > I saw it.", "Anna > NASA - no. I."],
    ),
    "name above": ("Anna:\nHello.\nAgain.\n\nBen:\nHi.", ["Anna > Hello.\nAgain.", "Ben > Hi."]),
    "shouted": ("ANNA: One.\n\nHELP!\nPlease.", ["ANNA > One.", "ANNA > HELP!", "ANNA > Please."]),
    "subtitles": (
        "1\n00:00:01,000 --> 00:00:02,000\nAnna: Hello.\n\n"
        "2\n00:00:03,000 --> 00:00:04,000\nAnna: 12",
        ["Anna > Hello.", "Anna > 12"],
    ),
    "markdown table": (
        "| Name | Line |\n|---|:--|\n| Anna | Hello, you. |\n| Ben | Hi. |",
        ["Anna > Hello, you.", "Ben > Hi."],
    ),
    "csv": ('name,line\nAnna,"Hello, you."\nBen,Hi.', ["Anna > Hello, you.", "Ben > Hi."]),
    "commas": (
        "Anna, wait, I know.\nYes, but, why",
        ["Narrator > Anna, wait, I know.", "Narrator > Yes, but, why"],
    ),
}


@pytest.mark.parametrize(("text", "lines"), READ_AS.values(), ids=READ_AS)
def test_a_script_is_read_as_it_is_meant(text: str, lines: list[str]) -> None:
    assert said(read_text(text)) == lines


TELLS = {
    "nobody": ("Hello.\nAnna: Hi.\nAnd more.", "2 lines have no name"),
    "heading": ("# Act one\nAnna: Hi.\n---", "“# Act one”, “---”"),
    "beside": ("Anna (whispering): Hi.", "“whispering”"),
    "silent": ("Anna:\n\nBen: Hi.", "“Anna”"),
    "directions": ("Anna: (laughs) No.\nBen: [sighs] Yes.", "2 lines have directions"),
    "too long": (f"Anna: {'a' * (MAX_LINE_CHARS + 1)}", f"{MAX_LINE_CHARS:,}"),
    "unused column": ("name;line;camera\nAnna;Hi.;close", "“camera”"),
    "pause": ("name;line;pause\nAnna;Hi.;soon", "“soon”"),
    "long name": (f"name;line\n{'n' * 41};Hi.", "40 characters"),
    "row without text": ("name;line\nAnna;Hi.\nBen;", "“Ben”"),
}


@pytest.mark.parametrize(("text", "told"), TELLS.values(), ids=TELLS)
def test_what_somebody_should_look_at_is_told(text: str, told: str) -> None:
    (sentence,) = read_text(text).told
    assert told in sentence


def test_a_plain_script_tells_nothing() -> None:
    assert read_text("Anna: Hello.\nBen (V.O.): Hi.\n\nAnna: 10:30 is fine.").told == ()


TABLES = {
    "names come down": ("speaker,text\nAnna,One.\n,Two.\nBen,Three.", ["Anna", "Anna", "Ben"]),
    "semicolons": ("Rolle;Text\nAnna;Eins, zwei.\nBen;Drei.", ["Anna", "Ben"]),
    "no header": ("Anna,Good morning to all.\nBen,Good evening.", ["Anna", "Ben"]),
    "names behind": ("Good morning to all.,Anna\nGood evening to you.,Ben", ["Anna", "Ben"]),
    "numbers before": ("1,Anna,Good morning.\n2,Ben,Good evening.", ["Anna", "Ben"]),
    "an open quote": ('name,text\nAnna,"One.\nBen,Two.', ["Anna", "Ben"]),
    "one column": ("Anna: One.\nBen: Two.", ["Anna", "Ben"]),
}


@pytest.mark.parametrize(("text", "speakers"), TABLES.values(), ids=TABLES)
def test_a_table_is_read_by_its_header_or_by_what_it_holds(text: str, speakers: list[str]) -> None:
    draft = read_file(text.encode(), "Script.CSV")
    assert [line.speaker for line in draft.lines] == speakers
    assert all(line.text.strip('"')[0].isupper() for line in draft.lines)


def test_pauses_are_read_as_people_write_them() -> None:
    rows = "name\tline\tpause (s)\nA\tx\t1.5\nA\tx\t0,25 s\nA\tx\t300 ms\nA\tx\t\nA\tx\t31\n"
    draft = read_text(rows)
    assert [line.pause for line in draft.lines] == [1.5, 0.25, 0.3, None, None]
    assert "“31”" in draft.told[0]
    assert read_text("Anna\tHi.\t2\nBen\tHo.\t0.5").lines[1] == DraftLine("Ben", "Ho.", 0.5)


def test_files_are_read_in_the_encoding_of_their_program() -> None:
    text = "Müller: Schöne Grüße.\nJosé: Über alles."
    for codec in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        assert said(read_file(text.encode(codec), "play.txt"))[0] == "Müller > Schöne Grüße."


def test_a_workbook_is_read() -> None:
    book = openpyxl.Workbook()
    for row in (["Character", "Line", "Pause"], ["Anna", "Hello.", 1.5], [None, "You.", None]):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    assert read_file(file.getvalue(), "play.xlsx").lines == (
        DraftLine("Anna", "Hello.", 1.5),
        DraftLine("Anna", "You."),
    )


@pytest.mark.parametrize(
    "data",
    [
        b"", b" \n\n", b"%PDF-1.7 \n", b"PK\x03\x04 no zip", bytes(range(256)), b"---\n===\n",
        b"{\\rtf1 Anna: Hi.}", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600,
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["play.txt", "play.csv", "play.docx"])
def test_what_is_no_script_is_refused(data: bytes, name: str) -> None:
    with pytest.raises(ScriptRefused):
        read_file(data, name)


def test_as_many_lines_are_read_as_fit() -> None:
    assert len(read_text("Anna: Hi.\n" * MAX_LINES).lines) == MAX_LINES
    with pytest.raises(ScriptRefused, match="501 lines"):
        read_text("Anna: Hi.\n" * (MAX_LINES + 1))


HOSTILE = [
    "a" * 999_999, ":" * 200_000, "A:" * 200_000, "(" * 200_000, "[12.05.24, " * 30_000,
    " " * 500_000 + "x", "A\n" * 400, '"' * 100_000 + "\t,", "-" * 300_000, "1 --> " * 50_000,
    "**" * 100_000 + "A:", "\u202eAnna: Hi.\0\ud800", "@" * 1_000, "=cmd|' /C calc'!A0: hi",
    "ANNA:\n" + "a" * 9 + "\na" * 19_000, "a" + " " * 900_000 + "b", "a " * 450_000,
    "|" * 100_000, "\t" * 100_000 + "x", "a.b." * 50_000 + ":", "I V " * 50_000 + "\nx",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_breaks_the_reading(text: str) -> None:
    for read in (read_text, lambda it: read_file(it.encode(errors="replace"), "x.csv")):
        try:
            draft = read(text)
        except ScriptRefused:
            continue
        assert draft.lines
        assert all(line.speaker and line.text for line in draft.lines)
        assert all(len(line.speaker) <= 40 for line in draft.lines)
        assert not any("\0" in line.text for line in draft.lines)


def test_too_much_is_refused_before_it_is_read() -> None:
    with pytest.raises(ScriptRefused, match="1,000,000"):
        read_text("a" * 1_000_001)

"""Lists by property: what is written is read, and nothing that anybody brings breaks the reader."""

from __future__ import annotations

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from lib.studio.adoption.columns import find_layout
from lib.studio.adoption.decoding import decode
from lib.studio.adoption.lists import Line, format_list, read, read_layout
from lib.studio.adoption.tables import BadList, from_text
from lib.studio.adoption.workbooks import read_workbook
from lib.studio.core.typed_text import one_line

EXAMPLES = settings(max_examples=30, deadline=None)
# Without digits, so that no name is an ID.
SIGNS = st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="0123456789")
NAMES = st.text(SIGNS, max_size=30).map(one_line)
TEXTS = st.text(SIGNS | st.sampled_from('\n";,\t|'), max_size=60).map(str.strip)
IDS = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{6,20}[0-9]", fullmatch=True)
VOICES = st.lists(
    st.tuples(IDS, NAMES, TEXTS), min_size=1, max_size=8, unique_by=lambda row: row[0]
)


def parts(lines: tuple[Line, ...]) -> list[tuple[str, str, str]]:
    return [(line.id, line.name, line.transcript) for line in lines]


@EXAMPLES
@given(
    voices=VOICES,
    separator=st.sampled_from("\t;,|"),
    ending=st.sampled_from(["\r\n", "\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"]),
    order=st.permutations(range(3)),
    named=st.booleans(),
)
def test_what_a_program_writes_as_csv_is_what_is_read(
    voices: list[tuple[str, str, str]],
    separator: str,
    ending: str,
    encoding: str,
    order: list[int],
    *,
    named: bool,
) -> None:
    written = io.StringIO()
    if named:
        written.write(f"sep={separator}{ending}")
    rows = csv.writer(written, delimiter=separator, lineterminator=ending)
    rows.writerows([row[at] for at in order] for row in [("id", "name", "transcript"), *voices])
    text = decode(written.getvalue().encode(encoding)).text
    lines = read_layout(find_layout(from_text(text))).lines
    assert parts(lines) == [(id_, name, text.strip()) for id_, name, text in voices]
    assert not any(line.fault for line in lines)


@EXAMPLES
@given(voices=VOICES)
def test_what_is_written_here_is_what_is_read(voices: list[tuple[str, str, str]]) -> None:
    lines = read(format_list((id_, name, "MiniMax") for id_, name, _ in voices))
    assert [(line.id, line.name, line.kind) for line in lines] == [
        (id_, name, "minimax") for id_, name, _ in voices
    ]


@EXAMPLES
@given(text=st.text(st.sampled_from('Ab1;,\t|"\n =:-.·sep/') | SIGNS, max_size=200))
def test_any_text_is_a_list_or_refused(text: str) -> None:
    try:
        lines = read(text)
    except BadList:
        return
    assert all(line.id or line.fault for line in lines)


@EXAMPLES
@given(data=st.binary(max_size=200), codec=st.sampled_from(["", "big5", "cp850"]))
def test_any_file_is_a_list_or_refused(data: bytes, codec: str) -> None:
    for start in (b"", b"PK\x03\x04", b"\xff\xfe"):
        try:
            if start == b"PK\x03\x04":
                read_workbook(start + data)
            else:
                from_text(decode(start + data, codec=codec).text)
        except BadList:
            continue

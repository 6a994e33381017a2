"""What strangers send and people type is made fit for every database and every manifest."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import storable
from lib.manifest import TakeStory, read_dossier, read_take, write, write_checked
from lib.models import Dossier, JobKind, Money
from lib.studio.core.typed_text import one_line, several_lines
from tests.registry.records import a_copy, a_job, a_take, a_voice

any_text = st.text(max_size=60) | st.text("\0\x07\ud800\udfff\u200d\u200cé🎙\n\r ", max_size=20)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=12,
)


@given(any_text)
def test_any_text_becomes_one_that_every_store_takes(raw: str) -> None:
    kept = storable.text(raw)
    assert "\0" not in kept
    assert kept.encode().decode() == kept == storable.text(kept)


@pytest.mark.parametrize("raw", ["Grace", "Jürgen 日本 🎙", "می‌خواهم", "👩‍🚀", "a\nb"])
def test_what_can_be_stored_stays_as_it_is(raw: str) -> None:
    assert storable.text(raw) == raw


@settings(deadline=None)
@given(any_text, any_text, any_json)
def test_whatever_a_voice_is_called_and_answered_its_story_comes_back(
    name: str, error: str, answer: Any
) -> None:
    voice = a_voice(name=name, tags=(name,), transcript=error)
    job = a_job(voice, request={"text": name, error: answer}, result={"a": answer}, error=error)
    copy = a_copy(voice, summary=error)
    back = read_dossier(write_checked(Dossier(voice, (job,), (copy,))))
    assert back.voice.name == storable.text(name)
    assert back.jobs[0].error == storable.text(error)
    assert write(back) == write(Dossier(voice, (job,), (copy,)))


@settings(deadline=None)
@given(any_text, any_json)
def test_whatever_is_spoken_its_story_comes_back(text: str, answer: Any) -> None:
    job = a_job("voice-1", kind=JobKind.SPEECH, request={"text": text}, ticket={"echo": answer})
    take = a_take(job, text=text, settings={"x": answer})
    back = read_take(write_checked(TakeStory(job, take)))
    assert back.take is not None
    assert back.take.text == storable.text(text)


def test_what_lies_too_deep_or_is_endless_is_left_out() -> None:
    deep: Any = float("inf")
    for _ in range(50):
        deep = {"in": [deep]}
    voice = a_voice()
    story = Dossier(voice, (a_job(voice, ticket=deep, result={"n": float("nan")}),))
    assert read_dossier(write_checked(story)).jobs[0].result == {"n": None}


def test_a_debt_at_a_service_is_no_amount_to_keep() -> None:
    voice = a_voice()
    job = a_job(voice, balance_before=Money(-500_000), charged=Money(-1))
    back = read_dossier(write_checked(Dossier(voice, (job,)))).jobs[0]
    assert (back.balance_before, back.charged, back.estimate) == (None, None, job.estimate)


def test_a_long_answer_is_cut_to_what_is_read_back() -> None:
    voice = a_voice(description="é" * 300_000)
    assert len(read_dossier(write_checked(Dossier(voice))).voice.description) == storable.MAX_TEXT


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Gra\0ce", "Grace"),
        ("Gra\x07ce\x1b", "Grace"),
        ("  Grace \t Hopper\r\n", "Grace Hopper"),
        ("Grace\rHopper", "Grace Hopper"),
        ("a\u00a0b\u2028c", "a b c"),
        ("Gr\u00adace\u200b\ufeff", "Grace"),
        ("half \ud83d", "half"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("\u200d \u200c", ""),
        ("abc\u202ecba", "abccba"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("\u1112\u1161\u11ab", "\ud55c"),
        ("ne\u200b\u0301", "n\u00e9"),
        ("か\u3099", "が"),
    ],
)
def test_what_is_typed_on_one_line_keeps_its_letters_and_nothing_unseen(
    typed: str, kept: str
) -> None:
    assert one_line(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("one\r\ntwo\rthree\nfour", "one\ntwo\nthree\nfour"),
        ("\0one\0\n\ntwo\x07 ", "one\n\ntwo"),
        ("می\u200cخواهم\n👩\u200d🚀", "می\u200cخواهم\n👩\u200d🚀"),
        ("a\tb\u3000c", "a b c"),
        (" \n\u200d\n", ""),
    ],
)
def test_what_is_typed_on_several_lines_keeps_them(typed: str, kept: str) -> None:
    assert several_lines(typed) == kept


@pytest.mark.parametrize(
    ("typed", "longest", "kept"),
    [
        ("ab👩\u200d🚀", 4, "ab"),
        ("ab👩\u200d🚀", 5, "ab👩\u200d🚀"),
        ("คำ คำ ที่", 8, "คำ คำ"),
        ("e\u0301" * 9, 4, "\u00e9" * 4),
        ("🇩🇪🇫🇷", 3, "🇩🇪"),
        ("q" + "\u0301" * 9, 4, "q" + "\u0301" * 3),
    ],
)
def test_a_name_is_cut_between_signs(typed: str, longest: int, kept: str) -> None:
    assert one_line(typed, longest) == kept


@given(any_text)
def test_whatever_is_typed_can_be_stored_and_is_seen(typed: str) -> None:
    for kept in (one_line(typed), several_lines(typed)):
        assert kept == storable.text(kept)
        assert all(char in "\n\u200c\u200d" or char.isprintable() for char in kept)
    assert one_line(one_line(typed)) == one_line(typed)
    assert json.loads(json.dumps(one_line(typed))) == one_line(typed)

"""Long texts are cut where sentences end, and a sound that is too short for its text is noticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.splitting import Seam, expected_seconds, looks_cut, seams, split

ALPHABETS = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from(list(" .,!?\n…。、「」あ漢한1")),
    max_size=400,
)


@pytest.mark.parametrize(
    ("text", "longest", "parts"),
    [
        ("One. Two. Three.", 9, ("One. Two.", "Three.")),
        ("One! Two? Three… Four.", 11, ("One! Two?", "Three…", "Four.")),
        ("It cost 3.50 dollars. It was 3.5 km.", 25, ("It cost 3.50 dollars.", "It was 3.5 km.")),
        ("Dr. Smith and Mr. Jones came. Good.", 30, ("Dr. Smith and Mr. Jones came.", "Good.")),
        ("J. R. R. Tolkien wrote. I read.", 24, ("J. R. R. Tolkien wrote.", "I read.")),
        ("Wir kamen am 3. Mai an. Es war z. B. kalt.", 24,
         ("Wir kamen am 3. Mai an.", "Es war z. B. kalt.")),
        ("In 2024. Then more.", 10, ("In 2024.", "Then more.")),
        ("e.g. this, i.e. that. End.", 22, ("e.g. this, i.e. that.", "End.")),
        ('"Really?" she asked. "No." He left.', 21, ('"Really?" she asked.', '"No." He left.')),
        ("He said (loudly.) Then left.", 18, ("He said (loudly.)", "Then left.")),
        ("Wait... what? Yes.", 13, ("Wait... what?", "Yes.")),
        ("今日は晴れ。明日は雨！本当？", 7, ("今日は晴れ。", "明日は雨！", "本当？")),
        ("彼は「行く。」と言った。終わり。", 13, ("彼は「行く。」と言った。", "終わり。")),
        ("A title\n\nA text. More.", 8, ("A title", "A text.", "More.")),
        ("one, two, three, four", 11, ("one, two,", "three, four")),
        ("one two three four", 9, ("one two", "three", "four")),
        ("abcdefghij", 4, ("abcd", "efgh", "ij")),
        ("  spaces  ", 20, ("spaces",)),
        ("Short.", 100, ("Short.",)),
        ("", 10, ()),
        (" \n ", 10, ()),
    ],
)  # fmt: skip
def test_a_text_is_cut_where_its_sentences_end(
    text: str, longest: int, parts: tuple[str, ...]
) -> None:
    assert split(text, longest) == parts


def test_hard_wrapped_lines_stay_together() -> None:
    text = "A sentence that goes\non in the next line. Another\none does so too."
    assert split(text, 45) == (
        "A sentence that goes\non in the next line.",
        "Another\none does so too.",
    )


def test_signs_of_several_characters_stay_whole() -> None:
    family = "👨\u200d👩\u200d👧"
    accented = "e\u0301"
    assert split(family * 3, 5) == (family,) * 3
    assert split(accented * 3, 3) == (accented,) * 3


@pytest.mark.parametrize("longest", [0, -1])
def test_a_limit_that_nothing_fits_is_refused(longest: int) -> None:
    with pytest.raises(ValueError, match="nothing fits"):
        split("text", longest)


@given(ALPHABETS, st.integers(4, 80), st.sampled_from([0.0, 1.0, 5.0]))
def test_nothing_is_lost_and_every_part_fits(text: str, longest: int, seconds: float) -> None:
    parts = split(text, longest, seconds=seconds)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(part and part == part.strip() for part in parts)
    for part in parts:
        # A sign of many characters is never cut, however long it is.
        if not any(ord(char) > 0x2FF and not char.isalnum() for char in part):
            assert len(part) <= longest
            assert not seconds or expected_seconds(part) <= seconds


@given(st.lists(st.sampled_from(["Yes.", "A longer sentence, with words.", "No!"]), min_size=1))
def test_whole_sentences_that_fit_are_never_cut(sentences: list[str]) -> None:
    for part in split(" ".join(sentences), 60):
        assert part[-1] in ".!"
        assert part[0] in "YAN"


@given(ALPHABETS)
def test_a_text_that_fits_is_one_part(text: str) -> None:
    assert split(text, max(len(text), 1)) == ((text.strip(),) if text.strip() else ())


def test_a_limit_in_seconds_cuts_dense_writing_sooner() -> None:
    english = split("This is a sentence. " * 50, 2_000, seconds=12)
    chinese = split("今天天气很好我们去散步吧。" * 50, 2_000, seconds=12)
    assert 150 < max(map(len, english)) <= 180
    assert 40 < max(map(len, chinese)) <= 55


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("Ask not what your country can do for you.", 2, 3.5),
        ("今天天气很好我们去散步吧", 2, 4),
        ("きょうはいいてんきですね", 1, 2.5),
        ("1234567890", 2, 4),
        ("", 0, 0),
    ],
)
def test_the_expected_length_is_about_right(text: str, least: float, most: float) -> None:
    assert least <= expected_seconds(text) <= most


SENTENCE = "The quick brown fox jumps over the lazy dog and runs into the woods. " * 4


@pytest.mark.parametrize(
    ("seconds", "speed", "limit", "cut"),
    [
        (18.0, 1.0, 0.0, False),
        (12.0, 1.0, 0.0, False),
        (8.0, 1.0, 0.0, True),
        (10.0, 2.0, 0.0, False),
        (4.0, 2.0, 0.0, True),
        (16.6, 1.0, 16.0, True),
        (15.0, 1.0, 16.0, False),
        (18.0, 1.0, 16.0, False),
    ],
)
def test_a_sound_too_short_for_its_text_looks_cut(
    seconds: float, speed: float, limit: float, cut: bool
) -> None:
    assert looks_cut(SENTENCE, seconds, speed=speed, limit=limit) is cut


def test_one_word_says_nothing_about_its_length() -> None:
    assert not looks_cut("Yes.", 0.1)
    assert not looks_cut("", 0.0)


@pytest.mark.parametrize(
    ("text", "longest", "ends"),
    [
        ("One. Two, three. Four.", 6, ["sentence", "clause", "sentence"]),
        ("A long way to say it, and a longer one.", 22, ["clause"]),
        ("a word beside another word", 7, ["word", "word", "word"]),
        ("Chapter One\n\nIt began.", 12, ["sentence"]),
        ("A line\nand one more", 12, ["clause"]),
        ("Das kostet 3. 50 oder so. Ja.", 14, ["word", "sentence"]),
        ("今天天气很好。我们去，散步吧。", 7, ["sentence", "clause"]),
    ],
)
def test_what_ends_at_each_seam_is_known(text: str, longest: int, ends: list[str]) -> None:
    parts = split(text, longest)
    assert list(seams(text, parts)) == ends, parts


@given(ALPHABETS, st.integers(1, 40))
def test_each_seam_between_two_parts_has_its_kind(text: str, longest: int) -> None:
    parts = split(text, longest)
    assert len(seams(text, parts)) == max(len(parts) - 1, 0)


def test_parts_of_another_text_are_taken_for_whole_sentences() -> None:
    assert seams("One two.", ("One", "three", "two.")) == (Seam.SENTENCE, Seam.SENTENCE)
    assert seams("", ()) == ()

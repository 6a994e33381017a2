"""Long texts are cut where sentences end, and a sound that is too short for its text is noticed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from lib.splitting import Seam, expected_seconds, looks_cut, seams, split
from lib.text_breaks import Breaks, Fitness

ALPHABETS = st.lists(
    st.characters(exclude_categories=["Cs"])
    | st.sampled_from(list(" .,!?\n…。、「」あ漢한1)ทเ\u0301\u200d👍🏽🇩"))
    | st.sampled_from(["good ", "word. ", "今天,", "<#1.5#>", "3.5", "a.b@example.com "]),
    max_size=120,
).map("".join)
CLOSING = regex.compile(r"[)」,!?。、]")


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


@pytest.mark.parametrize(
    ("text", "longest", "parts"),
    [
        ("好吗?好.走吧!行,那就走.", 9, ("好吗?好.走吧!", "行,那就走.")),
        ("他说:“好。”然后走了．真的", 8, ("他说:“好。”", "然后走了．真的")),
        ('他说."好."她笑了.', 7, ('他说."好."', "她笑了.")),
        ("等等……然后走了…真的", 8, ("等等……", "然后走了…真的")),
        ("大概3.5公里.很远.", 9, ("大概3.5公里.", "很远.")),
        ("ｶﾀｶﾅ｡ﾃｽﾄ｡", 6, ("ｶﾀｶﾅ｡", "ﾃｽﾄ｡")),
        ("यह एक है। वह दो है॥ बस।", 12, ("यह एक है।", "वह दो है॥", "बस।")),
        ("នេះមួយ។នោះពីរ។", 9, ("នេះមួយ។", "នោះពីរ។")),
        ("တစ်ခု။နှစ်ခု။", 8, ("တစ်ခု။", "နှစ်ခု။")),
        ("هل هذا جيد؟نعم. حسنا.", 13, ("هل هذا جيد؟", "نعم. حسنا.")),
        ("Τι κάνεις; Καλά είμαι.", 14, ("Τι κάνεις;", "Καλά είμαι.")),
        ("አንድ ነው።ሁለት ነው።", 9, ("አንድ ነው።", "ሁለት ነው።")),
        ("했다.그리고 갔다.", 9, ("했다.", "그리고 갔다.")),
        ("Stop!Now go.", 9, ("Stop!", "Now go.")),
        ("»Ja.« »Nein!« Er ging.", 14, ("»Ja.« »Nein!«", "Er ging.")),
        ("„Ja.“ „Nein!“ Er ging.", 14, ("„Ja.“ „Nein!“", "Er ging.")),
        ("Vraiment ? Oui ! « Bon. » Il rit.", 17, ("Vraiment ? Oui !", "« Bon. » Il rit.")),
        ("¿Qué? ¡No! ¿Y tú?", 10, ("¿Qué? ¡No!", "¿Y tú?")),
    ],
)  # fmt: skip
def test_sentences_of_every_script_end_with_their_stops(
    text: str, longest: int, parts: tuple[str, ...]
) -> None:
    assert split(text, longest) == parts


@pytest.mark.parametrize(
    "whole",
    [
        "1,000,000.50", "12:30:15", "10 000 000", "2026-11-29", "+49 170 1234567", "99.9 %",
        "https://example.com/a?B=1&c=2", "someone@example.com", "www.example.org/a/b", "v1.2.3",
        "<#1.5#>", "Mr. Smith", "z. B.", "Straßenbahnhaltestelle", "コンピューター", "ไหล", "don’t",
        "3.5", "e.g. this", "👩🏽‍🚀", "👍🏽", "🇩🇪", "1️⃣", "é", "ที่", "क्षि", "각",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "beside", ["{} 今天很好我们去", "los werden wir {}", "好的好的好的好的{}好的"]
)
def test_what_belongs_together_is_never_cut_where_another_place_is_near(
    whole: str, beside: str
) -> None:
    text = " ".join([beside.format(whole)] * 6)
    for longest in range(2 * len(whole) + 8, 2 * len(whole) + 24):
        parts = split(text, longest)
        assert sum(part.count(whole) for part in parts) == 6, parts


def test_a_mark_of_a_pause_stands_between_two_texts_where_it_can() -> None:
    text = "Breathe in, and hold. <#3#> Breathe out, and rest. <#3#> Once more, please."
    assert split(text, 45) == (
        "Breathe in, and hold. <#3#> Breathe out,",
        "and rest. <#3#> Once more, please.",
    )
    bare = "<#2#>".join(["word"] * 20)
    for part in split(bare, 24):
        assert "<#2#>".join(["word"] * part.count("word")) in part
    assert list(seams("Hold. <#3#> Go on.", ("Hold. <#3#>", "Go on."))) == [Seam.SENTENCE]


@pytest.mark.parametrize("name", ["emoji-clusters", "thai", "zh-halfwidth-punctuation"])
def test_texts_as_people_have_them_are_cut_well(cases: Path, name: str) -> None:
    text = (cases / "texts" / f"{name}.txt").read_text(encoding="utf-8")
    for longest in (60, 100, 300):
        parts = split(text, longest)
        assert "".join(parts) == text.strip()
        assert signs_of(parts) == signs_of([text.strip()])
        assert all(len(part) <= longest for part in parts)
        if name.startswith("zh"):
            assert all(part[-1] in ".!?" for part in parts)
            assert all(part[0] in "今明好" for part in parts)


def signs_of(parts: Sequence[str]) -> list[str]:
    """What readers see as one sign each."""
    return [sign for part in parts for sign in regex.findall(r"\X", part)]


def test_only_a_sign_longer_than_a_part_is_cut() -> None:
    family = "👨\u200d👩\u200d👧"
    accented = "e\u0301"
    assert split(family * 3, 5) == (family,) * 3
    assert split(accented * 3, 3) == (accented,) * 3
    assert split("a" + "\u0301" * 9, 4) == ("a\u0301\u0301\u0301", "\u0301" * 4, "\u0301" * 2)


@pytest.mark.parametrize("longest", [0, -1])
def test_a_limit_that_nothing_fits_is_refused(longest: int) -> None:
    with pytest.raises(ValueError, match="nothing fits"):
        split("text", longest)


@given(ALPHABETS, st.integers(1, 80), st.sampled_from([0.0, 1.0, 5.0]))
def test_nothing_is_lost_and_every_part_fits(text: str, longest: int, seconds: float) -> None:
    parts = split(text, longest, seconds=seconds)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(parts)
    for part in parts:
        assert len(part) <= longest
        assert not seconds or expected_seconds(part) <= seconds or len(part) == 1


@given(ALPHABETS, st.integers(1, 80))
def test_no_sign_is_torn_and_no_part_begins_with_one_that_closes(text: str, longest: int) -> None:
    parts = split(text, longest)
    if all(len(sign) <= longest for sign in signs_of([text])):
        assert without_blanks(signs_of(parts)) == without_blanks(signs_of([text]))
    for before, part in pairwise(parts):
        if CLOSING.match(part):
            # There was no other place: the whole part before it belongs to its first sign.
            first, *others = signs_of([before])
            assert all(CLOSING.match(sign) or sign.isspace() for sign in others), (before, part)
            assert first


def without_blanks(signs: list[str]) -> list[str]:
    return [sign for sign in signs if not sign.isspace()]


@given(st.lists(st.sampled_from(["Yes.", "A longer sentence, with words.", "No!"]), min_size=1))
def test_whole_sentences_that_fit_are_never_cut(sentences: list[str]) -> None:
    for part in split(" ".join(sentences), 60):
        assert part[-1] in ".!"
        assert part[0] in "YAN"


@given(ALPHABETS)
def test_a_text_that_fits_is_one_part(text: str) -> None:
    whole = split(text, max(len(text), 1))
    assert len(whole) == bool(text.strip())
    assert "".join(whole).strip() == text.strip()


@pytest.mark.parametrize(
    "unit", ["ที่นี่มีเสียงน้ำไหล", "a", ".", '"', "👍🏽🇩🇪", "1,", ")", "ש.", '."', "a.b/", "<#1#>"]
)
def test_the_work_grows_no_faster_than_the_text(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = 0
    fitness = Breaks.fitness

    def counted(self: Breaks, place: int) -> Fitness | None:
        nonlocal looked_at
        looked_at += 1
        return fitness(self, place)

    monkeypatch.setattr(Breaks, "fitness", counted)
    text = (unit * 20_000)[:20_000]
    assert len(split(text, 2_000)) <= 22
    assert looked_at <= 2 * len(text)


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

"""Signs that are meant as instructions, and that a kind of voice would say aloud."""

from __future__ import annotations

import pytest

from lib.markup import LONGEST_SHOWN, MOST_SHOWN, said_aloud
from lib.services import INWORLD, KINDS, MINIMAX, QWEN

ANY = ("minimax", "qwen", "inworld")


@pytest.mark.parametrize(
    ("sign", "said_by"),
    [
        ("<#1.5#>", (QWEN, INWORLD)),
        ("<#3#>", (QWEN, INWORLD)),
        ("(laughs)", (QWEN, INWORLD)),
        ("(clear-throat)", (QWEN, INWORLD)),
        ("[sigh]", (MINIMAX, QWEN)),
        ('<break time="1s"/>', (MINIMAX, QWEN)),
        ('<BREAK time="2s" />', (MINIMAX, QWEN)),
        ("*really*", (MINIMAX, QWEN)),
        ("<speak>", ANY),
        ('<prosody rate="slow">', ANY),
        ("</emphasis>", ANY),
        ("<b>", ANY),
        ("**bold words**", ANY),
        ("__bold__", ANY),
        ("`code`", ANY),
        ("~~old~~", ANY),
        ("[here](https://a.b/c)", ANY),
    ],
)
def test_each_sign_is_told_for_the_voices_that_would_say_it(
    sign: str, said_by: tuple[str, ...]
) -> None:
    for kind in KINDS:
        assert said_aloud(f"Well, {sign} then.", kind) == ((sign,) if kind in said_by else ())


@pytest.mark.parametrize("text", ["# A title\nText.", "Text.\n> quoted", "A list:\n* one\n* two"])
def test_lines_of_markdown_are_told(text: str) -> None:
    assert len(said_aloud(text, MINIMAX)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "2 * 3 * 4 is 24.", "a < b and b > c", "snake_case and a_b_c", "Nr. #1, 50 % (about)",
        "He (my brother) laughs.", "[1] a note", "I <3 you > me", "- one\n- two",
        "5* hotel, 4* too", "He said: # is a hash.", "今天（笑）很好。", "C# and F#", "",
    ],
)  # fmt: skip
def test_plain_texts_are_left_alone(text: str) -> None:
    for kind in KINDS:
        assert said_aloud(text, kind) == (), kind


def test_only_a_few_short_examples_are_shown() -> None:
    text = " ".join(f"**{number}{'long ' * 20}end**" for number in range(9))
    signs = said_aloud(text, MINIMAX)
    assert len(signs) == MOST_SHOWN
    assert all(len(sign) == LONGEST_SHOWN for sign in signs)

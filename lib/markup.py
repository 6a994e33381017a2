"""Signs in a text that its writer means as instructions, and a model would say aloud. Pure."""

from __future__ import annotations

import re
from itertools import chain, islice

from lib.services import KINDS, Markup
from lib.text_breaks import beginning

MOST_SHOWN = 3
LONGEST_SHOWN = 30
"""Characters of one example."""

# Only (laughs) was seen in MiniMax's pages; the others are known from use. The cues are Inworld's.
_SOUNDS = (
    "laughs|chuckle|coughs|clear-throat|groans|breath|pant|inhale|exhale|gasps|sniffs|sighs|snorts"
    "|burps|lip-smacking|humming|hissing|emm|sneezes"
)
_CUES = (
    "happy|sad|angry|surprised|fearful|disgusted|laughing|whispering|breathe|clear_throat|cough"
    "|laugh|sigh|yawn"
)
_SIGNS: tuple[tuple[Markup, re.Pattern[str]], ...] = (
    (Markup.PAUSE, re.compile(r"<#\d{1,3}(?:\.\d{1,3})?#>")),
    (Markup.SOUND, re.compile(rf"\((?:{_SOUNDS})\)")),
    (Markup.CUE, re.compile(rf"\[(?:{_CUES})\]", re.IGNORECASE)),
    (Markup.BREAK, re.compile(r"<break\b[^<>]{0,200}>", re.IGNORECASE)),
    (Markup.TAG, re.compile(r"</?(?!break\b)[a-z][\w:-]{0,30}(?:\s[^<>]{0,200})?/?>", re.I)),
    (Markup.STRESS, re.compile(r"(?<![\w*])\*(?![\s*])[^*\n]{1,80}(?<!\s)\*(?![\w*])")),
    (
        Markup.MARKDOWN,
        re.compile(
            r"\*\*(?![\s*])[^*\n]{1,200}\*\*|(?<!\w)__(?![\s_])[^_\n]{1,200}__(?!\w)"
            r"|^#{1,6} [^\n]{1,200}|!?\[[^\[\]\n]{1,200}\]\([^()\s]{1,500}\)|```|`[^`\n]{1,200}`"
            r"|^> |^\|[^\n]{1,200}\|$|^[*+] (?=\S)|^-{3,}$|~~[^~\n]{1,200}~~",
            re.MULTILINE,
        ),
    ),
)


def said_aloud(text: str, kind: str) -> tuple[str, ...]:
    """A few of the signs in this text that voices of this kind would say as they stand."""
    known = KINDS[kind].markup
    first = (islice(signs.finditer(text), MOST_SHOWN) for m, signs in _SIGNS if m not in known)
    found = sorted(chain.from_iterable(first), key=re.Match.start)
    return tuple(dict.fromkeys(_short(sign[0].strip()) for sign in found))[:MOST_SHOWN]


def _short(sign: str) -> str:
    return sign if len(sign) <= LONGEST_SHOWN else f"{beginning(sign, LONGEST_SHOWN - 1)}…"

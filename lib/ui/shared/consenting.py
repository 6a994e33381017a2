"""Asking who speaks and whether they agree: once for each person, then used again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import streamlit as st

from lib import units
from lib.consent import Consent, ConsentState, Relation, state_of
from lib.studio.core import consents
from lib.studio.core.context import Context
from lib.studio.orders import consenting, statements
from lib.studio.orders.consenting import NO_LIMITS, ConsentTerms
from lib.ui import words
from lib.ui.access import front
from lib.ui.shared import fields

MEGABYTES = statements.MAX_BYTES // 1_000_000
LATEST = date(2150, 12, 31)
SAID_BY_OTHERS = (Relation.AGREED, Relation.ON_BEHALF, Relation.LICENSED)


@dataclass(frozen=True)
class ConsentForm:
    """How one form asks for consent. `form` begins the keys of its controls.

    `own` and `other` are the answers to `question`; `name` asks for the other person's, and
    `agreement` is what is ticked.
    """

    form: str
    question: str
    own: str
    other: str
    name: str
    agreement: str

    @property
    def typed(self) -> tuple[str, ...]:
        """The keys of its controls: all that belongs to one order, and not to the next."""
        names = ("who", "speaker", "consent", "relation", "use", "until", "shows", "statement")
        return tuple(f"{self.form}_{name}" for name in names)


@dataclass(frozen=True)
class Agreement:
    """What was answered. `speaker`: "" while nobody was named. `is_own`: whoever fills in the form
    speaks; None before the answer. `is_given`: it was ticked that the speaker agrees, to `terms`.
    """

    speaker: str
    is_own: bool | None
    is_given: bool
    terms: ConsentTerms = NO_LIMITS


def ask(context: Context, form: ConsentForm, service: str, *, anew: bool = False) -> Agreement:
    """Who speaks, which nobody has answered at first, and whether that person agrees.

    A record of them that holds at this service is used, unless it is to be made `anew`. The order
    checks all of it again: a form that lacks something is refused there.
    """
    who = st.radio(
        form.question,
        [form.own, form.other],
        index=None,
        key=f"{form.form}_who",
        horizontal=True,
        persist_state="session",
    )
    speaker = ""
    if who == form.own:
        speaker = front.person(context).label
    elif who == form.other:
        speaker = fields.line(form.name, key=f"{form.form}_speaker").strip()
    known = None if anew else consenting.record_of(context, service, speaker)
    holds = known and state_of(known, context.now(service)) is ConsentState.RECORDED
    terms, agreement = NO_LIMITS, form.agreement
    if known and holds:
        st.caption(f":material/how_to_reg: {words.plain(facts(known))}")
        agreement = use_again(known)
    else:
        if known:
            warn_of_end(known)
        terms = ask_terms(form.form, is_own=who == form.own)
    is_given = st.checkbox(
        words.plain(agreement), key=f"{form.form}_consent", persist_state="session"
    )
    return Agreement(speaker, None if who is None else who == form.own, is_given, terms)


def ask_terms(form: str, *, is_own: bool = False, with_statement: bool = True) -> ConsentTerms:
    """What was agreed to, folded away: nothing of it has to be filled in."""
    relation, statement = Relation.SELF if is_own else Relation.AGREED, b""
    with st.expander("Allowed use, end date, proof (optional)", key=f"{form}_terms"):
        if not is_own:
            relation = st.selectbox(
                "Why it is allowed",
                SAID_BY_OTHERS,
                format_func=words.RELATION.__getitem__,
                key=f"{form}_relation",
                persist_state="session",
            )
        left, right = st.columns([2, 1], vertical_alignment="bottom")
        with left:
            use = fields.line(
                "May be used for",
                key=f"{form}_use",
                max_chars=consenting.MAX_USE,
                placeholder=words.ANY_USE,
            )
        with right:
            until = st.date_input(
                "Last day",
                value=None,
                min_value="today",
                max_value=LATEST,
                key=f"{form}_until",
                persist_state="session",
                help="Leave empty if the consent has no end date.",
            )
        if with_statement and st.toggle("Attach a signed form or a statement", key=f"{form}_shows"):
            given = fields.file(
                "A signed form (PDF or picture), or a recording in which they agree",
                type=["pdf", "png", "jpg", "jpeg", "mp3", "m4a", "wav", "ogg", "webm", "flac"],
                key=f"{form}_statement",
                max_upload_size=MEGABYTES,
                help="It is stored beside the voice's recording, and never sent anywhere.",
            )
            statement = given.getvalue() if given else b""
    return ConsentTerms(relation, use, until if isinstance(until, date) else None, statement)


def use_again(consent: Consent) -> str:
    """What is ticked where a record is used for one more voice."""
    day = units.day(consent.attested_at.date())
    return f"Only {consent.speaker} speaks here. Use the consent recorded on {day}."


def warn_of_end(consent: Consent) -> None:
    """Whoever speaks agreed once, and does not any more."""
    if consent.relation is Relation.NOT_SAID and not consent.withdrawn_at:
        return
    st.warning(
        words.plain(f"{consents.over(consent)}. Go on only if they have agreed again."),
        icon=":material/person_cancel:",
    )


def facts(consent: Consent) -> str:
    """Who speaks, what allows it, for what, until when, and who said so."""
    recorded = units.day(consent.attested_at.date())
    found = [
        consent.speaker,
        words.RELATION[consent.relation],
        consent.use or words.ANY_USE,
        f"Until {units.day(consent.last_day)}" if consent.last_day else "No end date",
        f"Recorded on {recorded} by {consent.attested_by}",
    ]
    return " · ".join(filter(None, found))

"""Why a clone cannot be ordered yet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lib.recordings.judge import Fit, Verdict
from lib.recordings.reasons import Reason as Recorded
from lib.recordings.reasons import Why
from lib.ui.clone.reasons import Form, Reason, first, sentence
from lib.ui.shared.consenting import Agreement

GIVEN = Agreement("Grace Hopper", is_own=False, is_given=True)
COMPLETE = Form(
    Verdict(Fit.ACCEPT, Why(Recorded.ACCEPTED)),
    is_silent=False,
    not_now="",
    name="Grace",
    id_fault="",
    agreement=GIVEN,
)
MISSING: dict[Reason, dict[str, Any]] = {
    Reason.NO_RECORDING: {"verdict": None},
    Reason.NOT_TAKEN: {"verdict": Verdict(Fit.REFUSE, Why(Recorded.SAID, said="Too short."))},
    Reason.NO_SPEECH: {"is_silent": True},
    Reason.NOT_NOW: {"not_now": "This costs too much."},
    Reason.NO_NAME: {"name": " \u200b "},
    Reason.BAD_VOICE_ID: {"id_fault": "This voice ID is not valid."},
    Reason.NOBODY: {"agreement": Agreement("", is_own=None, is_given=True)},
    Reason.NO_SPEAKER: {"agreement": Agreement("", is_own=False, is_given=True)},
    Reason.NO_CONSENT: {"agreement": replace(GIVEN, is_given=False)},
}


def test_a_complete_form_has_nothing_in_the_way() -> None:
    assert first(COMPLETE) is None
    assert sentence(None) == ""


@pytest.mark.parametrize("reason", Reason)
def test_each_thing_that_is_missing_has_its_reason_and_its_sentence(reason: Reason) -> None:
    found = first(replace(COMPLETE, **MISSING[reason]))
    assert found
    assert found.reason is reason
    assert sentence(found).endswith(".")


def test_what_is_missing_further_up_is_told_first() -> None:
    form = COMPLETE
    for reason in reversed(Reason):
        form = replace(form, **MISSING[reason])
        found = first(form)
        assert found
        assert found.reason is reason


def test_what_a_rule_says_is_told_as_it_says_it() -> None:
    refused = first(replace(COMPLETE, **MISSING[Reason.NOT_TAKEN]))
    assert sentence(refused) == sentence(refused, several=True) == "Too short."

"""The steps of deploying: which is next for which settings and results, and when one is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lib.registry import Note
from lib.services import KYMA, NANOGPT
from lib.settings import Settings, load
from lib.studio.alerts import checks
from lib.studio.alerts.deployment import Facts, Known, State, Step, judge, next_step

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
KEY = {"NANOGPT_API_KEY": "sk-nano-test"}
BUCKET = {"VAULT_URL": "s3://bucket/prefix"}
DOOR = {"VOICEKEEP_SECRETS": '[team]\npassphrase = "correct horse battery staple"'}
WARNINGS = {"NOTIFY_URLS": "json://127.0.0.1/ slack://a/b/c"}
DATABASE = {"DATABASE_URL": "postgresql://user:password@host/voicekeep"}
ALL = {**KEY, **BUCKET, **DOOR, **WARNINGS, **DATABASE}
WORKS = dict.fromkeys((NANOGPT, checks.VAULT, checks.WARNINGS, checks.DATABASE), True)
DELIVERED = Note("", at=NOW, body={"ok": True, "kinds": ["a webhook", "Slack"]})


def seen(results: Mapping[str, bool | None], *asked: str) -> dict[str, Note]:
    names = {*results, *asked}
    return {
        name: Note(
            name, at=NOW, asked_at=NOW if name in asked else None, body={"ok": results.get(name)}
        )
        for name in names
    }


def facts(
    environment: Mapping[str, str], results: Mapping[str, bool | None] = WORKS, **known: object
) -> Facts:
    settings = load(environment)
    found = Facts(settings, settings, seen(results), DELIVERED, outside_at=NOW)
    return replace(found, **known)  # type: ignore[arg-type]


def states(given: Facts) -> list[str]:
    return [known.state for known in judge(given).values()]


@pytest.mark.parametrize(
    ("known", "state"),
    [
        (Known(is_set=False), State.MISSING),
        (Known(is_set=False, is_needed=False), State.OPTIONAL),
        (Known(is_set=False, is_pasted=True), State.RESTART),
        (Known(is_set=False, is_pasted=True, is_needed=False), State.RESTART),
        (Known(is_set=False, works=True), State.MISSING),
        (Known(is_set=True), State.UNTESTED),
        (Known(is_set=True, is_needed=False), State.UNTESTED),
        (Known(is_set=True, is_asked=True), State.TESTING),
        (Known(is_set=True, is_asked=True, works=False), State.TESTING),
        (Known(is_set=True, works=False), State.TROUBLE),
        (Known(is_set=True, works=True), State.DONE),
        (Known(is_set=True, works=True, is_asked=True), State.DONE),
    ],
)
def test_a_step_is_done_once_its_test_has_passed(known: Known, state: State) -> None:
    assert known.state is state


@pytest.mark.parametrize(
    ("environment", "upcoming"),
    [
        ({}, Step.KEY),
        (BUCKET, Step.KEY),
        (KEY, Step.STORAGE),
        ({**KEY, **BUCKET}, Step.DOOR),
        ({**KEY, **BUCKET, **DOOR}, Step.WARNINGS),
        ({**KEY, **BUCKET, **DOOR, **DATABASE}, Step.WARNINGS),
        (ALL, None),
    ],
)
def test_the_steps_come_in_the_order_that_deploying_takes(
    environment: Mapping[str, str], upcoming: Step | None
) -> None:
    assert next_step(judge(facts(environment))) is upcoming


def test_a_keeper_outside_is_the_last_step_and_done_by_a_pass_alone() -> None:
    without = {name: value for name, value in ALL.items() if name not in DATABASE}
    assert states(facts(without, outside_at=None))[-1] == State.MISSING
    assert states(facts(ALL, outside_at=None))[-1] == State.UNTESTED
    assert states(facts(ALL, {**WORKS, checks.DATABASE: False}))[-1] == State.TROUBLE
    assert states(facts(without))[-1] == State.DONE  # it shares this machine's own file


@pytest.mark.parametrize(
    ("name", "step"),
    [(NANOGPT, Step.KEY), (checks.VAULT, Step.STORAGE), (checks.WARNINGS, Step.WARNINGS)],
)
def test_what_does_not_work_is_next_again(name: str, step: Step) -> None:
    known = judge(facts(ALL, {**WORKS, name: False}))
    assert known[step].state is State.TROUBLE
    assert next_step(known) is step


def test_all_services_have_to_work() -> None:
    both = {**ALL, "KYMA_API_KEY": "ky-test"}
    for result, state in ((True, State.DONE), (None, State.UNTESTED), (False, State.TROUBLE)):
        assert states(facts(both, {**WORKS, KYMA: result}))[0] == state
    assert states(facts(both))[0] == State.UNTESTED


@pytest.mark.parametrize(
    ("sent", "state"),
    [
        (Note(""), State.UNTESTED),
        (Note("", body={"ok": True, "kinds": ["a webhook"]}), State.UNTESTED),
        (Note("", body={"ok": True}), State.UNTESTED),
        (replace(DELIVERED, body={**DELIVERED.body, "ok": False}), State.TROUBLE),
        (DELIVERED, State.DONE),
    ],
)
def test_warnings_are_done_once_a_message_reached_the_channels_that_are_set(
    sent: Note, state: State
) -> None:
    assert judge(facts(ALL, sent=sent))[Step.WARNINGS].state is state


def test_on_an_own_machine_a_key_is_enough() -> None:
    bare = {"seen": seen({NANOGPT: True}), "is_hosted": False, "outside_at": None}
    given = facts(KEY, **bare)
    assert states(given) == [State.DONE, *[State.OPTIONAL] * 4]
    assert next_step(judge(given)) is None
    assert next_step(judge(facts({}, **bare))) is Step.KEY
    assert states(facts({**KEY, **DATABASE}, **bare))[-1] == State.OPTIONAL
    assert next_step(judge(facts({**KEY, **BUCKET}, **bare))) is Step.STORAGE


def test_what_was_pasted_since_the_start_asks_for_a_restart() -> None:
    pasted: Settings = load(ALL)
    found = states(replace(facts({}), now_set=pasted, outside_at=None))
    # The door changes at once.
    assert found == [State.RESTART, State.RESTART, State.DONE, State.RESTART, State.RESTART]


def test_a_sign_in_that_lets_nobody_in_is_trouble_beside_the_passphrase() -> None:
    faulty = {**ALL, "VOICEKEEP_SECRETS": f'{DOOR["VOICEKEEP_SECRETS"]}\n[auth]\nclient_id = "x"'}
    assert judge(facts(faulty))[Step.DOOR].state is State.TROUBLE


def test_what_is_asked_for_is_being_tested_until_it_works() -> None:
    asked = replace(facts(ALL), seen=seen({NANOGPT: None}, NANOGPT))
    assert states(asked)[0] == State.TESTING
    assert judge(asked)[Step.KEY].is_asked

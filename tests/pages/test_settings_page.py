"""Settings: a wish for a look is committed, the keeper looks, the page shows what it saw."""

from __future__ import annotations

import pytest

from lib.services import DEMO
from tests.pages.house import KEY, House, bound_to, shown, texts

PARTS = (DEMO, "database", "vault")


@pytest.mark.usefixtures("no_showcase")
@pytest.mark.parametrize("part", PARTS)
def test_check_now_commits_a_wish_that_the_next_pass_answers(house: House, part: str) -> None:
    visitor = house.open("settings")
    note = f"check:{part}"
    before = house.workshop.registry.notes.all()[note]
    visitor.button(key=f"check_{part}").click().run()
    asked = house.workshop.registry.notes.all()[note]
    assert asked.asked_at == house.clock.now()
    assert asked.body == before.body
    assert visitor.button(key=f"check_{part}").label == "Looking…"
    assert visitor.button(key=f"check_{part}").disabled
    house.look()
    visitor.run()
    assert house.workshop.registry.notes.all()[note].asked_at is None
    assert visitor.button(key=f"check_{part}").label == "Check now"
    assert "Looked at now." in shown(visitor)
    assert "Works" in shown(visitor)


@pytest.mark.usefixtures("live_key", "closed_bucket")
def test_what_does_not_work_says_so_and_no_secret(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden-secret")
    visitor = house.open("settings", address="127.0.0.1")
    badges = " ".join(texts(visitor.markdown))
    assert "**NanoGPT** :red-badge" in badges
    assert "**Storage** :red-badge" in badges
    assert "**Database** :green-badge" in badges or "**Database** :gray-badge" in badges
    for secret in (KEY, "hidden-secret"):
        assert secret not in shown(visitor)


@pytest.mark.usefixtures("no_showcase")
def test_what_is_missing_comes_with_the_lines_to_paste(house: House) -> None:
    codes = "\n".join(texts(house.open("settings").code))
    assert 'NANOGPT_API_KEY = "' in codes
    assert 'VAULT_URL = "s3://' in codes
    assert 'DATABASE_URL = "postgresql://' in codes


@pytest.mark.usefixtures("live_key")
def test_where_a_setting_came_from_is_shown_never_its_value(house: House) -> None:
    visitor = house.open("settings", address="127.0.0.1")
    assert "NANOGPT_API_KEY was set in environment." in shown(visitor)
    assert KEY not in shown(visitor)


@pytest.mark.usefixtures("live_key")
def test_a_disk_that_may_vanish_is_no_storage_that_works(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEKEEP_SECRETS", "[team]\ntrust_host = true")
    with bound_to("0.0.0.0"):
        visitor = house.open("settings")
    assert "this disk may vanish" in shown(visitor)
    assert "**Storage** :red-badge" in " ".join(texts(visitor.markdown))

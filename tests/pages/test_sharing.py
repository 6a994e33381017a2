"""Sharing a take from the Playground: a link for the team, and with a bucket one for anybody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from lib.roles import Person, TeamRole
from lib.services import DEMO, NANOGPT
from lib.ui.playground.sharing import team_link
from tests.pages import people
from tests.pages.house import LOOPBACK, House, bound_to, buttons, press, said, sentences, texts
from tests.parts.persons import BEN, named
from tests.parts.radosgw import S3Server
from tests.parts.tones import wav

pytestmark = pytest.mark.usefixtures("no_showcase")
TAKE = "speech-00001"
LIST = "Shared by link"
TEXT = "Good *morning* to [everybody](http://127.0.0.1:9)."


def spoken(house: House, service: str) -> House:
    """A take of Ann's whose sound is in the vault."""
    house.open(address=LOOPBACK)
    context = house.context
    vault = context.vault(service)
    ann = people.clone(1, house.clock.now(), name="Ann", service=service, kept=True)
    take = people.speech(1, ann, TEXT, vault=vault.name)
    stored = vault.put_verified(take.take.key, wav(2.0), "audio/wav")
    whole = people.Speech(take.job, replace(take.take, sha256=stored.sha256))
    people.move_in(context, [ann], [whole])
    return house


@pytest.fixture
def in_bucket(
    house: House, live_key: None, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> House:
    """A team whose storage is a bucket."""
    for name, value in s3_server.settings(s3_server.new_bucket()).items():
        monkeypatch.setenv(name, value)
    return spoken(house, NANOGPT)


def opened(house: House) -> AppTest:
    """The Playground with the links of the take open, where they can be."""
    visitor = house.enter("playground", address=LOOPBACK)
    with bound_to(LOOPBACK):
        return press(visitor, f"share_{TAKE}")


def unfolded(house: House) -> AppTest:
    """The Playground with the list of all that is shared unfolded."""
    visitor = house.enter("playground", address=LOOPBACK)
    visitor.session_state["shared_all"] = True
    with bound_to(LOOPBACK):
        return visitor.run()


def codes(visitor: AppTest) -> list[str]:
    return texts(visitor.code)


def test_a_take_is_shared_for_some_days_and_the_link_ended_again(in_bucket: House) -> None:
    visitor = opened(in_bucket)
    assert "without signing in" in sentences(visitor)
    assert codes(visitor) == [f"/playground?take={TAKE}"]
    with bound_to(LOOPBACK):
        visitor.segmented_control(key=f"share_days_{TAKE}").set_value(2).run()
        press(visitor, f"share_go_{TAKE}")
        in_bucket.look()
        visitor.run()
    (item,) = in_bucket.context.registry.shares.listed()
    assert item.share.until - item.share.shared_at == timedelta(days=2)
    assert not visitor.exception
    (link,) = {code for code in codes(visitor) if "X-Amz-Signature" in code}
    assert item.share.key in link
    assert "in 2 d" in sentences(visitor)
    assert TEXT in sentences(visitor)

    with bound_to(LOOPBACK):
        press(visitor, f"shared_{TAKE}_end_{item.share.id}")
        assert not [code for code in codes(visitor) if "X-Amz" in code]
        in_bucket.look()
        visitor.run()
    assert "checked that it is gone" in " ".join(texts(visitor.toast))
    assert "Nothing is shared" in sentences(unfolded(in_bucket))


def test_a_failure_says_that_the_link_may_still_work(in_bucket: House) -> None:
    visitor = opened(in_bucket)
    with bound_to(LOOPBACK):
        press(visitor, f"share_go_{TAKE}")
        in_bucket.look()
        (item,) = in_bucket.context.registry.shares.listed()
        visitor.run()
        press(visitor, f"shared_{TAKE}_end_{item.share.id}")
        in_bucket.context.registry.shares.note(item.share.id, "The storage is busy.")
        visitor.run()
    assert "may still work" in said(visitor)


def test_without_a_bucket_there_is_a_link_for_those_who_can_sign_in(
    house: House, act_as: Callable[[Person], None]
) -> None:
    visitor = opened(spoken(house, DEMO))
    assert codes(visitor) == [f"/playground?take={TAKE}"]
    assert "can sign in to this app" in sentences(visitor)
    assert f"share_go_{TAKE}" not in buttons(visitor)

    act_as(named("Vera", TeamRole.VIEWER))
    there = house.enter("playground", take=TAKE)
    assert TEXT in sentences(there)
    assert "linked_close" in buttons(there)
    assert not [key for key in buttons(there) if key.startswith("share")]
    press(there, "linked_close")
    assert "linked_close" not in buttons(there)


@pytest.mark.parametrize("strange", ["nobody", "../x", "<b>", "a" * 5_000, "\x00"])
def test_a_link_to_nothing_says_so(house: House, strange: str) -> None:
    visitor = spoken(house, DEMO).enter("playground", take=strange)
    assert not visitor.exception
    assert "leads to a take that no longer exists" in said(visitor)


def test_members_end_their_own_links_and_viewers_see_none(
    in_bucket: House, act_as: Callable[[Person], None]
) -> None:
    with bound_to(LOOPBACK):
        press(opened(in_bucket), f"share_go_{TAKE}")
    in_bucket.look()
    (item,) = in_bucket.context.registry.shares.listed()
    end = f"shared_all_end_{item.share.id}"
    assert codes(in_bucket.enter("playground", address=LOOPBACK)) == []
    assert end in buttons(unfolded(in_bucket))
    act_as(BEN)
    visitor = unfolded(in_bucket)
    assert [code for code in codes(visitor) if "X-Amz" in code]
    assert end not in buttons(visitor)
    assert LIST in [part.label for part in visitor.expander]
    act_as(named("Vera", TeamRole.VIEWER))
    visitor = in_bucket.enter("playground", address=LOOPBACK)
    assert codes(visitor) == []
    assert LIST not in [part.label for part in visitor.expander]


@pytest.mark.parametrize(
    ("url", "link"),
    [
        (None, "/playground?take=a%26b"),
        ("https://v.example/playground", "https://v.example/playground?take=a%26b"),
        (
            "http://localhost:8501/base/playground",
            "http://localhost:8501/base/playground?take=a%26b",
        ),
        ("https://v.streamlit.app/~/+/playground", "https://v.streamlit.app/playground?take=a%26b"),
    ],
)
def test_a_link_for_the_team_leads_to_where_the_browser_is(url: str | None, link: str) -> None:
    assert team_link(url, "a&b") == link

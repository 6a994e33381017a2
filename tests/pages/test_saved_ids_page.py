"""Voice IDs saved at NanoGPT, on Settings: what is missing there is saved by one press."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from lib.studio.adoption import saved_ids
from tests.pages import people
from tests.pages.house import KEY, LOOPBACK, House, bound_to, read, texts
from tests.studio.service import PretendService
from tests.studio.web_page import COOKIE, WebPage

pytestmark = pytest.mark.usefixtures("no_showcase")


@pytest.fixture
def web_page(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebPage]:
    """NanoGPT's web page, with no ID on its list, and a session for it."""
    service = PretendService(house.folder / "other.db", house.clock, pace=3.0, balance=Decimal(100))
    page = WebPage(service)
    page.ids.clear()
    service.always("other", page)
    with service.open(), bound_to(LOOPBACK):
        monkeypatch.setenv("NANOGPT_API_KEY", KEY)
        monkeypatch.setenv("NANOGPT_BASE_URL", service.base_url)
        monkeypatch.setenv(saved_ids.COOKIE, COOKIE)
        yield page


def told(visitor: AppTest) -> str:
    return read("\n".join([*texts(visitor.markdown), *texts(visitor.caption)]))


def test_ours_are_saved_there_by_one_press(house: House, web_page: WebPage) -> None:
    house.open(address=LOOPBACK)
    now = house.clock.now()
    people.move_in(
        house.context,
        [people.clone(number, now, name=f"Person {number}", kept=True) for number in (1, 2)],
    )
    visitor = house.open("settings", address=LOOPBACK)
    visitor.button(key="saved_ids_look").click().run()
    house.look()
    visitor.run()
    save = visitor.button(key="saved_ids_save")
    assert save.label == "Save yours there (2)"
    save.click().run()
    assert visitor.button(key="saved_ids_save").disabled
    assert web_page.ids == []  # the keeper does it
    house.look()
    assert set(web_page.ids) == {"Person00001x9", "Person00002x9"}
    visitor.run()
    assert not visitor.exception
    assert "Saving yours: 2 of 2 saved there." in told(visitor)
    assert "Both lists are the same." in told(visitor)
    assert "saved_ids_save" not in [button.key for button in visitor.button]


def test_what_is_not_taken_there_is_said_and_can_be_tried_again(
    house: House, web_page: WebPage
) -> None:
    house.open(address=LOOPBACK)
    people.move_in(house.context, [people.clone(1, house.clock.now(), kept=True)])
    web_page.deaf = True
    visitor = house.open("settings", address=LOOPBACK)
    visitor.button(key="saved_ids_look").click().run()
    house.look()
    visitor.run()
    visitor.button(key="saved_ids_save").click().run()
    house.look()
    visitor.run()
    assert "Saving yours: 0 of 1 saved there." in told(visitor)
    assert not visitor.button(key="saved_ids_save").disabled

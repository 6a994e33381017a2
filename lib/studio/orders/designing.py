"""A voice from words: checked, priced → a confirmed job. Sends nothing.

Such a voice cannot be made again: it is used once at once, whatever else is agreed, and that sound
is kept with its description.
"""

from __future__ import annotations

from dataclasses import dataclass

from lib.models import (
    Job,
    JobKind,
    KeepPolicy,
    Money,
    Source,
    Voice,
    new_id,
)
from lib.pricing import design_price, keeping_price
from lib.roles import Permission, Person
from lib.services import MINIMAX, SERVICES, DesignOffer
from lib.studio.core import catalogue
from lib.studio.core.context import Context
from lib.studio.core.people import recorded_as
from lib.studio.core.standpoint import standpoint_of
from lib.studio.core.typed_text import name_fault, one_line
from lib.studio.orders import wording
from lib.studio.orders.cloning import refresh_days
from lib.studio.orders.confirming import (
    OrderRefused,
    check_money,
    check_ready,
    commit,
    confirmed,
    open_twin,
    order_key,
)
from lib.studio.orders.wording import Reason, sentence


@dataclass(frozen=True)
class DesignRequest:
    """A voice to be made from words, as a person filled it in.

    Gender, age group and preview text may be left empty. `refresh_days`: None for the team's own
    choice. `another` counts deliberate repetitions.
    """

    service: str
    name: str
    description: str
    person: Person
    kind: str = MINIMAX
    gender: str = ""
    age_group: str = ""
    preview_text: str = ""
    refresh_days: int | None = None
    another: int = 0


def design(context: Context, request: DesignRequest) -> Job:
    """Commit the order for a voice from words.

    The same order while one is open is that one: a double click makes one job. Raises
    `NotPermitted`, `OrderRefused` and `AskFirst`.
    """
    request.person.require(Permission.CLONE)
    offer = _offer(context, request)
    name, asked = one_line(request.name), _asked(request, offer)
    _check(context, request, offer, name, asked)
    price = design_price(offer)
    standpoint = standpoint_of(context)
    check_money(context, standpoint, request.service, price, recorded_as(request.person))
    account = standpoint.account(request.service)
    key = order_key(request.service, account, name, asked | {"another": request.another})
    if twin := open_twin(
        context,
        JobKind.DESIGN,
        request.service,
        key,
        is_same=lambda job: job.request == asked,
        another=request.another,
        question=wording.designed_lately(SERVICES[request.service].title),
    ):
        return twin
    voice = Voice(
        id=new_id(),
        name=name,
        kind=offer.kind,
        source=Source.DESIGNED,
        service=request.service,
        account=account,
        created_at=context.now(request.service),
        description=asked["description"],
        owner=recorded_as(request.person),
        keep_policy=KeepPolicy.AT_ONCE,
        refresh_days=refresh_days(context, request.refresh_days),
    )
    job = confirmed(
        context, standpoint, JobKind.DESIGN, voice, request.person, key, dict(asked), price
    )
    return commit(context, job, voice)


def first_use(context: Context, offer: DesignOffer) -> Money:
    """What the one use costs that follows at once, and keeps the voice; a try, not all of them."""
    model = catalogue.activation_model(context, offer.service, offer.kind)
    return keeping_price(model) if model else Money()


def _offer(context: Context, request: DesignRequest) -> DesignOffer:
    known = SERVICES.get(request.service)
    offer = known.design_offer(request.kind) if known else None
    if offer is None or request.service not in context.settings.services:
        raise OrderRefused(sentence(Reason.CANNOT_DESIGN))
    return offer


def _asked(request: DesignRequest, offer: DesignOffer) -> dict[str, str]:
    """What makes the voice what it is; what was left open is not noted."""
    asked = {
        "kind": offer.kind,
        "model": offer.models[0],
        "description": one_line(request.description),
        "gender": request.gender,
        "age_group": request.age_group,
        "preview_text": one_line(request.preview_text),
    }
    return {name: value for name, value in asked.items() if value or name == "description"}


def _check(
    context: Context,
    request: DesignRequest,
    offer: DesignOffer,
    name: str,
    asked: dict[str, str],
) -> None:
    check_ready(context, request.service)
    if not asked["description"]:
        raise OrderRefused(sentence(Reason.NO_DESCRIPTION))
    if fault := name_fault(name):
        raise OrderRefused(fault)
    if not recorded_as(request.person):
        raise OrderRefused(sentence(Reason.NOBODY_ORDERS))
    described, spoken = len(asked["description"]), len(asked.get("preview_text", ""))
    if described > offer.description_max:
        raise OrderRefused(wording.description_too_long(described, offer.description_max))
    if spoken > offer.preview_text_max:
        raise OrderRefused(wording.preview_text_too_long(spoken, offer.preview_text_max))
    if request.gender and request.gender not in offer.genders:
        raise OrderRefused(sentence(Reason.OTHER_GENDER))
    if request.age_group and request.age_group not in offer.age_groups:
        raise OrderRefused(sentence(Reason.OTHER_AGE))

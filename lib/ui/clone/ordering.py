"""A draft and what was filled in, made into the order of a clone."""

from __future__ import annotations

from typing import Any

from lib.recordings import editing
from lib.recordings.problems import CannotBeMade, UnreadableRecording
from lib.recordings.reasons import How
from lib.services import CloneOffer
from lib.studio.core.context import Context
from lib.studio.core.drafts import DraftGone
from lib.studio.orders.cloning import CloneRequest, can_send_links
from lib.studio.orders.confirming import OrderRefused
from lib.ui.clone import examining
from lib.ui.clone.examining import Examined
from lib.ui.clone.transcript import Part


def about(examined: Examined, offer: CloneOffer) -> object:
    """What an order of it is about: the same sound at the same service is asked about first."""
    return offer.service, offer.kind, examined.draft.sha256, str(examined.edit.to_json())


def request_of(
    context: Context, examined: Examined, offer: CloneOffer, **filled_in: Any
) -> CloneRequest:
    """The order: the recording as this service takes it, and the original beside it.

    `filled_in`: the other fields of a `CloneRequest`. Raises `OrderRefused`.
    """
    by_link = can_send_links(context, offer.service)
    try:
        with examining.read(context, examined.draft) as original:
            made = editing.make(original, examined.edit, offer, by_link=by_link)
    except (CannotBeMade, UnreadableRecording, DraftGone) as problem:
        raise OrderRefused(str(problem)) from None
    is_original = made.how is How.AS_IS
    return CloneRequest(
        service=offer.service,
        kind=offer.kind,
        recording=made.data,
        original=b"" if is_original else examined.draft,
        changes={} if is_original else {"edit": examined.edit.to_json(), "how": made.how},
        **filled_in,
    )


def part_of(context: Context, examined: Examined | None) -> Part | None:
    """What is used of the recording, to be written down; None where nothing of it can be heard."""
    if examined is None or examined.recording is None:
        return None

    def data() -> bytes:
        found = examining.preview(context, examined.draft, examined.edit)
        if found is None:
            raise OrderRefused("This part cannot be used. Choose another one.")
        return found

    identity = f"{examined.draft.sha256} {examined.edit.to_json()}"
    return Part(identity, examined.seconds, data)

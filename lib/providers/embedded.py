"""A client whose service answers inside this process: how the demo is reached."""

from __future__ import annotations

from wsgiref.types import WSGIApplication

import httpx

from lib.providers.base import DesignOrder, Finished
from lib.providers.kyma import Kyma
from lib.providers.nanogpt import NanoGPT


class Inside(NanoGPT):
    """NanoGPT's own client over a WSGI application; voices from words come by Kyma's.

    Both contracts have one application behind them: what one makes, the other speaks with.
    """

    def __init__(
        self,
        service: str,
        base_url: str,
        kyma_base_url: str,
        key: str,
        application: WSGIApplication,
    ) -> None:
        transport = httpx.WSGITransport(app=application)
        super().__init__(service, base_url, key, transport=transport)
        self._kyma = Kyma(service, kyma_base_url, key, transport=transport)

    def design(self, order: DesignOrder) -> Finished:
        """Make a voice from words (play money)."""
        return self._kyma.design(order)

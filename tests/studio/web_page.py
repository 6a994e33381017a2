"""NanoGPT's web page, where voice IDs are saved."""

from __future__ import annotations

import json

from tests.studio.service import Ask, PretendService, Reply, answer

COOKIE = "session=c2VjcmV0LWNvb2tpZS0xMjM0NTY3ODkw"
PATH = "/api/user/voice-ids"


class WebPage:
    """What NanoGPT's web page keeps; it takes an ID alone, and forgets it where `deaf`."""

    def __init__(self, service: PretendService) -> None:
        self.ids = ["Anna12345"]
        self.deaf = False
        self._service = service

    def __call__(self, ask: Ask) -> Reply:
        seen = self._service.seen[-1]
        if seen.target == PATH and seen.body:
            fields = json.loads(seen.body)
            if set(fields) != {"voiceId"}:
                return answer({"error": "Unrecognized keys"}, 400)
            if not self.deaf:
                self.ids.append(fields["voiceId"])
            return answer({"success": True, "voiceIds": self.ids})
        return answer({"voiceIds": self.ids})

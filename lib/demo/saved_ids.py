"""The voice IDs that NanoGPT's web app keeps for whoever is signed in: listed and added to.

As docs.nano-gpt.com (Voice Cloning) has it: a browser's session opens the list, never an API key;
it is `{"voiceIds": ["..."]}`, and `{"voiceId": "..."}` with no other field goes in. Any cookie
counts as a session, and all sessions see one list.
"""

from __future__ import annotations

from lib.demo.desk import Desk
from lib.demo.wire import Answer, Refusal, Request

MAX_TEXT = 200
"""Characters of an ID."""


def saved_ids(desk: Desk, request: Request) -> Answer:
    """200 with the list; for POST with the new one. Raises Refusal 401 and 400."""
    if not request.has_cookie:
        raise Refusal(
            401, "Sign in first: a session is needed, an API key is not enough", "no_session"
        )
    if request.method == "GET":
        return Answer.of_json({"voiceIds": desk.state.saved_ids()})
    desk.state.save_id(_voice_id(request))
    return Answer.of_json({"success": True, "voiceIds": desk.state.saved_ids()})


def _voice_id(request: Request) -> str:
    """Any ID is taken, also one that nobody speaks with: a list like this cannot know."""
    if others := sorted(set(request.fields) - {"voiceId"}):
        raise Refusal(400, f"Unrecognized keys: {', '.join(others)[:80]}", "invalid_parameter")
    voice_id = request.text("voiceId").strip()
    if not voice_id:
        raise Refusal(400, "voiceId is required", "missing_parameter")
    if not voice_id.isprintable():
        raise Refusal(400, "voiceId must be printable", "invalid_voice_id")
    if len(voice_id) > MAX_TEXT:
        raise Refusal(400, f"voiceId can have at most {MAX_TEXT} characters", "invalid_parameter")
    return voice_id

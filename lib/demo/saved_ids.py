"""The voice IDs that NanoGPT's web app keeps for whoever is signed in: listed and added to.

NanoGPT documents the address and that a browser's session opens it, never an API key; the bodies
are on no page. The demo's choice: `{"voiceIds": [...]}` comes back, `voiceId`, `name` and
`provider` go in. Any cookie counts as a session, and all sessions see one list.
"""

from __future__ import annotations

from datetime import UTC, datetime

from lib.demo.desk import Desk
from lib.demo.wire import Answer, Refusal, Request

MAX_TEXT = 200
"""Characters of an ID, a name or a provider."""


def saved_ids(desk: Desk, request: Request) -> Answer:
    """200: the list for GET, `{"ok": true}` for POST. Raises Refusal 401 and 400."""
    if not request.has_cookie:
        raise Refusal(
            401, "Sign in first: a session is needed, an API key is not enough", "no_session"
        )
    return _list(desk) if request.method == "GET" else _add(desk, request)


def _list(desk: Desk) -> Answer:
    return Answer.of_json(
        {
            "voiceIds": [
                {
                    "voiceId": row["voice_id"],
                    "name": row["name"],
                    "provider": row["provider"],
                    "createdAt": datetime.fromtimestamp(row["created_at"], UTC).isoformat(),
                }
                for row in desk.state.saved_ids()
            ]
        }
    )


def _add(desk: Desk, request: Request) -> Answer:
    """Any ID is taken, also one that nobody speaks with: a list like this cannot know."""
    voice_id = _text(request, "voiceId")
    if not voice_id:
        raise Refusal(400, "voiceId is required", "missing_parameter")
    if not voice_id.isprintable():
        raise Refusal(400, "voiceId must be printable", "invalid_voice_id")
    name, provider = _text(request, "name"), _text(request, "provider")
    desk.state.save_id(voice_id, name=name, provider=provider, created_at=desk.now())
    return Answer.of_json({"ok": True})


def _text(request: Request, name: str) -> str:
    text = request.text(name).strip()
    if len(text) > MAX_TEXT:
        raise Refusal(400, f"{name} can have at most {MAX_TEXT} characters", "invalid_parameter")
    return text

"""Knowing a device again: its token comes from its browser, counts, and ends with a sign-out.

Hosts may forward no cookie of ours, so the token lies in the browser's `localStorage`. A small
script hands it over once in each tab, through the connection that the page has anyway, and puts it
away. Where the browser keeps nothing, or the script does not run, the door shows its form.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import streamlit as st

from lib.clock import SystemClock
from lib.settings import BadSettings, Settings, fingerprint
from lib.studio.core import sign_ins
from lib.studio.core.context import Context
from lib.studio.core.records import DatabaseUnavailable, VaultError
from lib.ui.access import guessing, tokens
from lib.ui.access.process import open_shop, own_secret
from lib.ui.access.tokens import MAX_TOKEN, DeviceToken

HELD = "device_held"
"""The sign-in of this session."""
TO_KEEP = "device_to_keep"
"""A token that the browser has still to put away, and since when."""
REFUSED = "device_refused"
"""How many tokens of this browser were refused in this session."""
LEFT = "device_left"
"""That this session signed out, or was; True where it was here, so that the browser forgets."""
KEPT_WITHIN = timedelta(minutes=1)
"""A browser that has not put the token away by then will not."""
ASKED = "device_asked"
"""That the browser was asked for its token: the form shows from the next run on."""
ANSWERS_WITHIN = timedelta(seconds=1.5)
"""After which the form shows by itself, should the script not run."""

_ENTRY = """
// One entry for each app of this origin: several may lie behind one host, under paths of their own.
const script = document.querySelector('script[type="module"][src*="/static/"]');
const base = script ? new URL(script.src).pathname.split('/static/')[0] : '';
const entry = `voicekeep${base}/sign-in`;
const read = () => { try { return localStorage.getItem(entry); } catch { return null; } };
const write = (text) => { try { localStorage.setItem(entry, text); } catch { /* kept nowhere */ } };
const remove = () => { try { localStorage.removeItem(entry); } catch { /* nothing is kept */ } };
"""
_ASKING = (
    _ENTRY
    + """
export default function ({ data, parentElement, setTriggerValue }) {
  // Called again whenever something of it changes: what was done already is noted here.
  const done = (parentElement.voicekeep ??= { refused: data.refused });
  const offer = () => {
    const token = read();
    if (token && token.length > data.longest) remove();
    else if (token && token !== done.sent) {
      done.sent = token;
      return setTriggerValue('token', token);
    }
    setTriggerValue('nothing', true);
  };
  if (data.forget) {
    if (!done.forgotten) remove();
    done.forgotten = true;
  } else if (data.refused !== done.refused) {
    done.refused = data.refused;
    if (read() === done.sent) remove();
  } else if (!done.begun) offer();
  done.begun = true;
  if (!done.heard) {
    // Somebody signs in, in another tab of this browser.
    done.heard = (event) => { if (event.key === entry && event.newValue) offer(); };
    addEventListener('storage', done.heard);
  }
  return () => {
    removeEventListener('storage', done.heard);
    done.heard = null;
  };
}
"""
)
_KEEPING = (
    _ENTRY
    + """
export default function ({ data, setTriggerValue }) {
  write(data.token);
  setTriggerValue('kept', true);
}
"""
)
_ask = st.components.v2.component("voicekeep_ask_device", js=_ASKING)
_tell = st.components.v2.component("voicekeep_tell_device", js=_KEEPING)


@dataclass(frozen=True)
class _Held:
    """A token that counts while the key is the one of this fingerprint."""

    token: DeviceToken
    key: str


def current(settings: Settings) -> DeviceToken | None:
    """The sign-in of this session, unless its time is over or a secret of the app has changed."""
    held: _Held | None = st.session_state.get(HELD)
    if held is None or held.key != _fingerprint(_key(settings)):
        return None
    return held.token if held.token.counts_at(SystemClock().now()) else None


def begin(settings: Settings, name: str) -> None:
    """Somebody of this name has shown that they may enter: sign them in, and know them again."""
    now, key = SystemClock().now(), _key(settings)
    token = DeviceToken(secrets.token_hex(16), name, now)
    _hold(token, key)
    st.session_state[TO_KEEP] = (tokens.sign(token, key), now)


def hands_over(settings: Settings) -> bool:
    """Draw, at the door, what takes the token of this device: True once one has let it in."""
    answer: Mapping[str, object] = _ask(
        key="device_ask",
        data={
            "forget": st.session_state.get(LEFT, False),
            "refused": st.session_state.get(REFUSED, 0),
            "longest": MAX_TOKEN,
        },
        on_token_change=_nothing,
        on_nothing_change=_nothing,
    )
    text, key = answer.get("token"), _key(settings)
    if text is None:
        return False
    token = tokens.read(text, key, SystemClock().now())
    if token is None or _has_ended(token):
        st.session_state[REFUSED] = st.session_state.get(REFUSED, 0) + 1
        st.rerun()
    _hold(token, key)
    return True


def may_answer() -> bool:
    """Whether the browser was asked only now, so that its answer may come in a moment.

    Draws what runs the page again where none comes.
    """
    if ASKED in st.session_state or has_left():
        return False
    st.session_state[ASKED] = True
    is_first = [True]

    def wait() -> None:
        if not is_first:
            st.rerun()
        is_first.clear()

    st.fragment(run_every=ANSWERS_WITHIN, key="device_wait")(wait)()
    return True


def keep() -> None:
    """Draw, inside, what has the browser put the token of a new sign-in away."""
    if TO_KEEP in st.session_state:
        _keep()


@st.fragment
def _keep() -> None:
    """A part of its own: that the browser has done it is no reason to draw the page anew."""
    token, since = st.session_state.get(TO_KEEP, ("", None))
    if since is None or SystemClock().now() - since > KEPT_WITHIN:
        st.session_state.pop(TO_KEEP, None)
        return
    _tell(key="device_tell", data={"token": token}, on_kept_change=_note_kept)


def end(context: Context) -> None:
    """Sign out: no tab and no device goes on with this sign-in, and this browser forgets it.

    Raises `DatabaseUnavailable`; then nobody is signed out.
    """
    held: _Held | None = st.session_state.get(HELD)
    if held is not None:
        sign_ins.end(context, held.token.id, held.token.until)
    _leave(forget=True)


def let_go() -> bool:
    """Whether this session had a sign-in, which was ended elsewhere; it has none any more."""
    if HELD not in st.session_state:
        return False
    _leave(forget=False)
    return True


def has_left() -> bool:
    """Whether somebody was signed in here, and signed out in this tab or in another one."""
    return LEFT in st.session_state


def _leave(*, forget: bool) -> None:
    """What somebody typed and brought here is nobody else's business; pauses remain."""
    for key in list(st.session_state.keys()):
        if key not in (guessing.WRONG_TRIES, guessing.NEXT_TRY_AT):
            del st.session_state[key]
    st.session_state[LEFT] = forget


def _hold(token: DeviceToken, key: bytes) -> None:
    st.session_state[HELD] = _Held(token, _fingerprint(key))
    st.session_state.pop(LEFT, None)


def _has_ended(token: DeviceToken) -> bool:
    """Whether somebody signed out of it; where that cannot be known now, the page inside asks."""
    try:
        return sign_ins.has_ended(open_shop(), token.id)
    except (BadSettings, DatabaseUnavailable, VaultError):
        return False


def _key(settings: Settings) -> bytes:
    return tokens.signing_key(settings, own_secret())


def _fingerprint(key: bytes) -> str:
    return fingerprint(key.hex())


def _note_kept() -> None:
    st.session_state.pop(TO_KEEP, None)


def _nothing() -> None:
    """What comes is read where it is asked for."""

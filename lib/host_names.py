"""Names of servers as browsers read them (Unicode's UTS 46): "ｅｘａｍｐｌｅ" is example. Pure.

The rules of IDNA 2008 alone refuse names that every browser opens, such as those with emoji.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

import idna

from lib.storable import JOINERS

MAX_LABEL = 63
MAX_HOST = 253
_AUTHORITY = re.compile(
    r"([a-z][a-z0-9+.-]*://)([^/?#\\]*@)?([^/?#\\@\[\]]*?)(:\d*)?(?=[/?#\\]|$)", re.IGNORECASE
)
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f#%/:<>?@\[\\\]^|]")


def with_plain_host(url: str) -> str:
    """The address with its server's name in plain letters. Raises ValueError for no such name."""
    found = _AUTHORITY.match(url)
    if found is None or (found[3].isascii() and "%" not in found[3]):
        return url
    scheme, user, host, port = found.groups(default="")
    return f"{scheme}{user}{plain(unquote(host, errors='strict'))}{port}{url[found.end() :]}"


def plain(host: str) -> str:
    """A server's name as it is looked up. Raises ValueError for what no browser opens."""
    if len(host) > MAX_HOST:
        raise ValueError("too long")
    try:
        labels = idna.uts46_remap(host, std3_rules=False, transitional=False).split(".")
        if any(map(_is_right_to_left, labels)):
            for label in filter(None, labels):
                idna.check_bidi(label, check_ltr=True)
        name = ".".join(map(_plain_label, labels))
    except UnicodeError as exc:  # idna's own errors are such
        raise ValueError("no name of a server") from exc
    if not name.strip(".") or len(name) > MAX_HOST or _FORBIDDEN.search(name):
        raise ValueError("no name of a server")
    return name


def _plain_label(label: str) -> str:
    if label.isascii():
        return label
    joiners = (place for place, char in enumerate(label) if char in JOINERS)
    if unicodedata.category(label[0])[0] == "M" or not all(
        idna.valid_contextj(label, place) for place in joiners
    ):
        raise ValueError("no name of a server")
    written = "xn--" + label.encode("punycode").decode("ascii")
    if len(written) > MAX_LABEL:
        raise ValueError("too long")
    return written


def _is_right_to_left(label: str) -> bool:
    return any(unicodedata.bidirectional(char) in ("R", "AL", "AN") for char in label)

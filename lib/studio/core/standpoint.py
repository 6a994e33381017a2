"""What judgements about voices need to know besides the voice, worked out once and handed down.

A rule that is given a `Standpoint` asks no database. A use case that spends money takes a fresh
one: a person, or another process, may have said meanwhile whose a key is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lib.models import Account, Voice
from lib.registry.accounts import owner_of_key
from lib.retention import Reach, Terms, rule_of
from lib.services import DEMO, SERVICES
from lib.settings import fingerprint
from lib.studio.core.context import Context, NotConnected


@dataclass(frozen=True)
class Standpoint:
    """From where voices are judged, as it was at one moment.

    `known`: all accounts that have a row. `in_use`: by service, the account whose key is in use;
    the demo has none. `vault` and `demo_vault` are the names of the current vaults, and
    `vault_counts` says whether copies in the first are copies that last.
    """

    known: tuple[Account, ...]
    in_use: Mapping[str, Account]
    vault: str
    demo_vault: str
    vault_counts: bool

    @property
    def basis(self) -> object:
        """All that `terms` depend on: from the same basis each voice is judged alike."""
        keys = {service: (owner.id, owner.settled) for service, owner in self.in_use.items()}
        return self.vault, self.demo_vault, self.vault_counts, keys

    def account(self, service: str) -> str:
        """The id of the account whose key is in use. Raises `NotConnected` where there is none."""
        if service == DEMO:
            return DEMO
        if service not in self.in_use:
            raise NotConnected(service)
        return self.in_use[service].id

    def reach(self, voice: Voice) -> Reach:
        """Whether the key in use is one of the account that made this voice."""
        current = self.in_use.get(voice.service)
        foreign = is_account_id(voice.service, voice.account)
        if current is None or voice.account == current.id or not foreign:
            return Reach.OURS
        return Reach.OTHER if current.settled else Reach.ASKED

    def terms(self, voice: Voice) -> Terms:
        """What judgements about this voice stand on."""
        is_demo = voice.service == DEMO
        vault = self.demo_vault if is_demo else self.vault
        return Terms(rule_of(voice), vault, is_demo or self.vault_counts, self.reach(voice))


def standpoint_of(context: Context) -> Standpoint:
    """How it is right now: one query, none where there is only the demo.

    A key that was never seen begins an account here as well, without a row; the keeper writes it
    down (`accounts.meet_keys`).
    """
    settings = context.settings
    known = tuple(context.registry.accounts.all()) if settings.live_services else ()
    in_use = {}
    for service in settings.live_services:
        key = fingerprint(settings.get(SERVICES[service].key_setting))
        in_use[service] = owner_of_key(known, service, SERVICES[service].title, key)
    return Standpoint(
        known=known,
        in_use=in_use,
        vault=context.live_vault.name,
        demo_vault=context.demo_vault.name,
        vault_counts=context.vault_counts(""),
    )


def is_account_id(service: str, text: str) -> bool:
    """Whether this names an account by its first key; what else may stand there says nothing."""
    return re.fullmatch(rf"{re.escape(service)}-[0-9a-f]{{12}}", text) is not None

"""The world of one fake: its accounts and regions, what is due in them, and the key that seals tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinesis_fake.domain.region import Region
from kinesis_fake.domain.sealed_token import TokenMint
from kinesis_fake.virtual_time.agenda import Agenda

if TYPE_CHECKING:
    from kinesis_fake.domain.rates import Rates
    from kinesis_fake.settings import Durations, Limits


class World:
    """All state of one fake."""

    def __init__(self, durations: Durations, limits: Limits, seed: int) -> None:
        self.durations = durations
        self.limits = limits
        self.agenda: Agenda = Agenda()
        #: The meters of this world, if its limits enforce rates.
        self.rates: Rates | None = None
        self.mint: TokenMint = TokenMint(seed)
        #: The states of the KMS keys that cannot be used, by the names that domain.encryption gives to keys.
        self.key_states: dict[str, str] = {}
        self.regions: dict[tuple[str, str], Region] = {}
        #: The accounts that the test has named.
        self.accounts: frozenset[str] = frozenset()
        self._last_uid = 0

    def region(self, account_id: str, region_name: str) -> Region:
        """A region of an account, made when a call first needs it."""
        key = account_id, region_name
        region = self.regions.get(key)
        if region is None:
            region = self.regions[key] = Region(self, account_id, region_name)
        return region

    def has_account(self, account_id: str) -> bool:
        """Whether there is such an account: the test has named it, or a call has made something in it."""
        return account_id in self.accounts or any(owner == account_id for owner, _ in self.regions)

    def next_uid(self) -> int:
        """A number that no other resource of this world has."""
        self._last_uid += 1
        return self._last_uid

    def run_due(self, now: int) -> None:
        """Apply every entry that is due at ``now`` or before, each at its own instant."""
        self.agenda.run_due(now)

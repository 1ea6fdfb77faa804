"""The offers of one component as they stand, kept in the process between questions.

What a recommendation weighs is the same for everybody of a municipality until somebody changes it,
and reading and packing it cost ten times the weighing. The triggers of the apps below note every
change (`backend.changes`); a test compares the tables that are read here with those watched.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from backend.changes.public import ALL, Found, Kept
from backend.common import clock
from matching.selectors.offers import OfferSet, bought_offers, referral_offers
from matching.selectors.supply import Supply, supply_on
from providers.public import Occupancy, occupancy_of

SEATS, CALL_OFFS = "seats", "call_offs"
SUPPLY_CHANGES = frozenset({"supply", "quality", "names"})
OFFER_CHANGES = SUPPLY_CHANGES | {"stops", "regions", "contracts"}
NOTHING: frozenset[int] = frozenset()
# Offers times the municipalities that ask about them; a row takes some 600 bytes.
MOST_OFFERS, MOST_SUPPLY = 200_000, 50_000


@dataclass(frozen=True, eq=False)
class Standing:
    """An offer set and the claims on its seats; `taken` is what the set holds of them."""

    offers: OfferSet
    occupancy: Occupancy
    taken: np.ndarray

    def __len__(self) -> int:
        return len(self.offers)

    def now(self) -> "Standing":
        """With the seats of this moment: holds end by the clock."""
        taken = self.occupancy.taken(clock.now())
        if np.array_equal(taken, self.taken):
            return self
        row = np.searchsorted(self.occupancy.intakes, self.offers.intakes)
        return Standing(self.offers.with_taken(taken[row]), self.occupancy, taken)


def standing_offers(
    *, municipality_id: int, component: str, is_referral: bool, as_of: date
) -> OfferSet:
    """As `bought_offers` or `referral_offers` of one municipality and component, from memory.

    One query while nothing has changed. Never an outdated seat, mark, stop, contract or price.
    """
    return _standing(as_of, municipality_id, component, is_referral).now().offers


def _read(as_of: date, municipality_id: int, component: str, is_referral: bool) -> Standing:
    supply = _supply(as_of, component)
    select = referral_offers if is_referral else bought_offers
    offers = select(municipality_ids=[municipality_id], as_of=as_of, supply=supply)
    # Of the kept supply the seats may be old.
    occupancy = occupancy_of(supply.intakes)
    return Standing(offers, occupancy, supply.table.enrolled).now()


def _mended(one: Standing, found: Found) -> Standing | None:
    """With the seats as they are now; None where call-offs may leave other places."""
    if one.offers.depends_on(found.get(CALL_OFFS, NOTHING)):
        return None
    changed = found.get(SEATS, NOTHING)
    if not changed:
        return one
    before = one.occupancy
    after = occupancy_of(before.intakes) if ALL in changed else before.read_again(changed)
    return Standing(one.offers, after, one.taken).now()


_supply: Kept[Supply] = Kept(
    lambda as_of, component: supply_on(as_of, component=component),
    rebuilt_on=SUPPLY_CHANGES,
    most=MOST_SUPPLY,
)
_standing: Kept[Standing] = Kept(_read, rebuilt_on=OFFER_CHANGES, mend=_mended, most=MOST_OFFERS)

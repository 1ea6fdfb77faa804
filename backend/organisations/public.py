"""The door of organisations: who there is, who buys together, and where things are.

Promise: selectors answer in a constant number of queries; services are audited and repeatable.
"""

from backend.organisations.choices import OrganisationKind, Province
from backend.organisations.models import Municipality, Organisation, RegionMembership
from backend.organisations.permissions import Permission
from backend.organisations.selectors import (
    Coordinate,
    coordinate_for,
    coordinate_of_place,
    coordinates_by_postcode,
    member_ids_on,
    members_on,
    municipality_by_cbs_code,
    organisation_by_code,
    place_of_postcode,
    postcodes_between,
    privacy_texts_of,
    region_ids_of,
)
from backend.organisations.services import (
    geography_load,
    municipality_load,
    organisation_create,
    privacy_text_set,
    region_member_add,
    region_member_end,
)

__all__ = [
    "Coordinate",
    "Municipality",
    "Organisation",
    "OrganisationKind",
    "Permission",
    "Province",
    "RegionMembership",
    "coordinate_for",
    "coordinate_of_place",
    "coordinates_by_postcode",
    "geography_load",
    "member_ids_on",
    "members_on",
    "municipality_by_cbs_code",
    "municipality_load",
    "organisation_by_code",
    "organisation_create",
    "place_of_postcode",
    "postcodes_between",
    "privacy_text_set",
    "privacy_texts_of",
    "region_ids_of",
    "region_member_add",
    "region_member_end",
]

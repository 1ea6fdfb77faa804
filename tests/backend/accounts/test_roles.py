"""The table of roles is closed: whoever adds a right to a role changes this test on purpose."""

import pytest

from backend.accounts.roles import (
    EXTRA_PERMISSIONS,
    PROVIDER_ROLES,
    REGION_WIDE_PERMISSIONS,
    ROLE_PERMISSIONS,
    Role,
    role_fits,
)
from backend.organisations.permissions import Permission

EXPECTED = {
    "procurement_officer": "view_catalogue view_contracts manage_contracts view_quality",
    "caseworker": (
        "view_catalogue view_participants view_identity manage_pips place view_delivery"
        " view_quality"
    ),
    "quality_officer": "view_catalogue view_contracts view_quality manage_quality",
    "regional_coordinator": (
        "view_catalogue view_contracts view_participants run_batch view_quality manage_policy"
    ),
    "provider_planner": (
        "view_catalogue manage_catalogue answer_placements view_delivery record_delivery"
        " view_quality"
    ),
    "teacher": "view_catalogue view_delivery record_delivery",
    "council_reader": "view_quality",
    "functional_administrator": "view_catalogue view_audit manage_accounts manage_policy",
}


def test_roles_carry_exactly_these_permissions() -> None:
    actual = {role.value: {one.value for one in held} for role, held in ROLE_PERMISSIONS.items()}
    assert actual == {role: set(text.split()) for role, text in EXPECTED.items()}
    assert set(ROLE_PERMISSIONS) == set(Role)


def test_every_permission_is_carried_by_a_role_or_given_by_name() -> None:
    carried = frozenset().union(*ROLE_PERMISSIONS.values())
    assert carried | EXTRA_PERMISSIONS == set(Permission)
    assert not carried & EXTRA_PERMISSIONS
    assert {one.value for one in EXTRA_PERMISSIONS} == {"overrule"}


def test_region_wide_permissions_neither_write_nor_show_names() -> None:
    assert {one.value for one in REGION_WIDE_PERMISSIONS} == {
        "view_catalogue",
        "view_contracts",
        "view_participants",
        "view_delivery",
        "view_quality",
        "run_batch",
    }


@pytest.mark.parametrize("role", Role)
def test_where_a_role_fits(role: Role) -> None:
    at_provider = role in PROVIDER_ROLES or role is Role.FUNCTIONAL_ADMINISTRATOR
    at_public_body = role not in PROVIDER_ROLES
    assert role_fits(role, at_provider=True) == at_provider
    assert role_fits(role, at_provider=False) == at_public_body

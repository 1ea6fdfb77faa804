"""The effect of a policy in sentences and tables, before it is published."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backend.common.codes import Component
from backend.web.tables import Column, Table, table_of
from backend.web.values import Text
from matching.engine import TIER_LABELS
from matching.services.policy_preview import GroupEffect, PolicyPreview


def headline(found: PolicyPreview) -> str:
    difference = found.after.placed - found.before.placed
    first = ngettext(
        "%(after)d of %(people)d person would have a place; now that is %(before)d.",
        "%(after)d of %(people)d people would have a place; now that is %(before)d.",
        found.people,
    ) % {"after": found.after.placed, "people": found.people, "before": found.before.placed}
    if not difference and not found.gained and not found.lost and not found.moved:
        return f"{first} {_('Nobody gets another proposal.')}"
    return first


def preview_tables(found: PolicyPreview) -> list[Table]:
    tiers = [
        (_(TIER_LABELS[tier]), *found.before.by_tier[tier - 1], *found.after.by_tier[tier - 1])
        for tier in TIER_LABELS
    ]
    return [
        _before_after(_("In short"), summary_rows(found)),
        table_of(
            (
                Column("tier", _("Urgency"), lambda one: one[0], header=True),
                Column("people", _("People now"), lambda one: one[1], numeric=True),
                Column("placed", _("Place now"), lambda one: one[2], numeric=True),
                Column("people_new", _("People then"), lambda one: one[3], numeric=True),
                Column("placed_new", _("Place then"), lambda one: one[4], numeric=True),
            ),
            tiers,
            caption=_("Placed per urgency"),
        ),
        _groups(
            _("Per component"),
            [(Component(one.key).label, one) for one in found.by_component],
        ),
        _groups(_("Per municipality"), [(one.key, one) for one in found.by_municipality]),
    ]


def summary_rows(found: PolicyPreview) -> list[tuple[Text, Any, Any]]:
    before, after = found.before, found.after
    return [
        (_("People with a place"), before.placed, after.placed),
        (
            _("Average days until the first lesson"),
            before.mean_days_to_start,
            after.mean_days_to_start,
        ),
        (_("Average distance in km"), before.mean_km, after.mean_km),
        (
            _("People worse off than under first come first served"),
            before.worse_than_first_come,
            after.worse_than_first_come,
        ),
        (_("People who would get a place"), None, found.gained),
        (_("People who would lose their place"), None, found.lost),
        (_("People with another place"), None, found.moved),
    ]


def _before_after(caption: str, rows: Sequence[tuple[Any, ...]]) -> Table:
    return table_of(
        (
            Column("what", _("What"), lambda one: one[0], header=True),
            Column("before", _("Now"), lambda one: one[1], numeric=True),
            Column("after", _("With this version"), lambda one: one[2], numeric=True),
        ),
        rows,
        caption=caption,
    )


def _groups(caption: str, rows: Sequence[tuple[Text, GroupEffect]]) -> Table:
    return table_of(
        (
            Column("group", _("Group"), lambda one: one[0], header=True),
            Column("people", _("People"), lambda one: one[1].people, numeric=True),
            Column("before", _("Place now"), lambda one: one[1].before, numeric=True),
            Column("after", _("Place then"), lambda one: one[1].after, numeric=True),
        ),
        rows,
        caption=caption,
        empty=_("Nobody waits now."),
    )

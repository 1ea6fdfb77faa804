"""Which organisations and memberships hold on a day."""

from collections.abc import Iterable
from datetime import date
from typing import Generic, TypeVar

from django.db import models
from django.db.models import Q

Row = TypeVar("Row", bound=models.Model)


def holds_on(day: date) -> Q:
    """Rows with `valid_from` and `valid_to` (inclusive, empty is open) that hold on `day`."""
    return Q(valid_from__lte=day) & (Q(valid_to__isnull=True) | Q(valid_to__gte=day))


class PeriodQuerySet(models.QuerySet[Row], Generic[Row]):
    """Rows that hold from `valid_from` up to and including `valid_to`."""

    def on(self, day: date) -> "PeriodQuerySet[Row]":
        return self.filter(holds_on(day))


class OrganisationQuerySet(models.QuerySet[Row], Generic[Row]):
    def active(self) -> "OrganisationQuerySet[Row]":
        return self.filter(is_active=True)

    def of(self, organisation_ids: Iterable[int]) -> "OrganisationQuerySet[Row]":
        return self.filter(pk__in=set(organisation_ids))

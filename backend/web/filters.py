"""Filters above a list: a django-filter set that refuses what it does not know."""

from typing import Any

import django_filters
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.web.forms import DateInput

# Keys that every list page understands besides its filters.
LIST_KEYS = frozenset({"sort", "page", "export"})


class SearchFilter(django_filters.CharFilter):
    """A search box; `method` of the filter set says where it looks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Search"))
        kwargs.setdefault("widget", forms.TextInput(attrs={"type": "search"}))
        super().__init__(*args, **kwargs)


class DayFilter(django_filters.DateFilter):
    """One day, with the browser's date picker."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("widget", DateInput())
        super().__init__(*args, **kwargs)


class ChoiceFilter(django_filters.ChoiceFilter):
    """One of the choices, or all of them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("empty_label", gettext_lazy("All"))
        super().__init__(*args, **kwargs)


class PageFilterSet(django_filters.FilterSet):
    """Base of the filters of a list page; an unknown key is an error, never ignored.

    A misspelled filter that shows everything is how somebody gets placed on the wrong course.
    """

    def unknown_keys(self) -> list[str]:
        known = set(self.filters) | LIST_KEYS
        for name, part in self.filters.items():
            if isinstance(part, django_filters.RangeFilter | django_filters.DateFromToRangeFilter):
                known |= {f"{name}_{end}" for end in ("min", "max", "after", "before")}
        return sorted(set(self.data) - known)

    def faults(self) -> list[str]:
        """Sentences about keys this list does not know; wrong values stand at their field."""
        return [
            _("This list has no filter called “%(name)s”.") % {"name": name}
            for name in self.unknown_keys()
        ]

    @property
    def active(self) -> bool:
        data: QueryDict | dict[str, str] = self.data or {}
        return any(data.get(name) for name in self.filters)

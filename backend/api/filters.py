"""Filters: declared with django-filter, keys in camelCase, nothing unknown and nothing ambiguous.

A filter that is silently ignored places somebody on the wrong course: an unknown key, an empty
value, a bad value and a repeated key are all refused, together, with a suggestion where one is
close. Form objects are built once per class and not per request; the declarations stay ordinary
django-filter filters.
"""

import difflib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_filters.filterset import FilterSetMetaclass

from backend.api.casing import camel
from backend.api.problems import Fault
from backend.common.errors import Text

INTEGER_LIMIT = 2**31 - 1
MAX_LISTED_VALUES = 100
# For `unfiltered`: what every Record has and nobody filters on.
RECORD_FIELDS: Mapping[str, str] = {
    "id": "the key is internal",
    "uuid": "GET on the object itself",
    "created_at": "history of the row, no property of what it describes",
}
# Of a row that may carry a file (backend.common.stored_files).
FILE_FIELDS: Mapping[str, str] = dict.fromkeys(
    ("file_key", "file_name", "file_type", "file_size"), "read the file itself"
)


class _FlagField(forms.Field):
    """`true` or `false`, written in full."""

    def to_python(self, value: Any) -> bool | None:
        if value in self.empty_values:
            return None
        if value in {"true", "false"}:
            return value == "true"
        raise ValidationError(_("Use true or false."), code="invalid")


class _DayField(forms.Field):
    """A date as 2026-09-01; week numbers and other spellings of ISO 8601 are refused."""

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        try:
            if len(value) == len("2026-09-01") and value[4] == value[7] == "-":
                return date.fromisoformat(value)
        except ValueError:
            pass
        raise ValidationError(_("Write the date as 2026-09-01 (year-month-day)."), code="invalid")


class _ListField(forms.Field):
    """Values of one inner field, separated by commas."""

    def __init__(self, *, inner: forms.Field, **kwargs: Any) -> None:
        self.inner = inner
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> list[Any]:
        if value in self.empty_values:
            return []
        parts = str(value).split(",")
        if len(parts) > MAX_LISTED_VALUES:
            raise ValidationError(
                _("Name at most %(number)s values."),
                code="too_many_values",
                params={"number": MAX_LISTED_VALUES},
            )
        return [self.inner.clean(part.strip()) for part in parts]


class _GrowingListField(forms.Field):
    """Codes of a list that is read when it is asked for, once for all values."""

    def __init__(self, *, inner: Callable[[], Iterable[tuple[Any, Any]]], **kwargs: Any) -> None:
        self.read = inner
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> list[Any]:
        if value in self.empty_values:
            return []
        return _ListField(inner=forms.ChoiceField(choices=list(self.read()))).to_python(value)


class SchemaFilter(django_filters.Filter):
    """A filter that says itself how openapi.json describes it."""

    schema: Mapping[str, Any] = {"type": "string"}
    form_options: Mapping[str, Any] = {}

    def __init__(
        self, field_name: str | None = None, lookup_expr: str = "exact", **kwargs: Any
    ) -> None:
        super().__init__(field_name, lookup_expr, **{**self.form_options, **kwargs})


class TextFilter(SchemaFilter):
    """Part of a text, in capitals or not."""

    field_class = forms.CharField
    form_options = {"max_length": 200}
    schema = {"type": "string", "minLength": 1, "maxLength": 200}

    def __init__(
        self, field_name: str | None = None, lookup_expr: str = "icontains", **kwargs: Any
    ) -> None:
        super().__init__(field_name, lookup_expr, **kwargs)


class ExactFilter(TextFilter):
    """A code or number, exactly as it is registered."""

    def __init__(
        self, field_name: str | None = None, lookup_expr: str = "exact", **kwargs: Any
    ) -> None:
        super().__init__(field_name, lookup_expr, **kwargs)


class SearchFilter(TextFilter):
    """Part of a text in one of several fields."""

    def __init__(self, *paths: str, **kwargs: Any) -> None:
        self.paths = paths
        super().__init__(paths[0], **kwargs)

    def filter(self, qs: models.QuerySet[Any], value: Any) -> models.QuerySet[Any]:
        condition = models.Q()
        for path in self.paths:
            condition |= models.Q(**{f"{path}__icontains": value})
        return qs.filter(condition)


class IntegerFilter(SchemaFilter):
    field_class = forms.IntegerField
    form_options = {"min_value": -INTEGER_LIMIT, "max_value": INTEGER_LIMIT}
    schema = {"type": "integer", "format": "int32"}


class AmountFilter(SchemaFilter):
    """Euros or hours with at most two decimals."""

    field_class = forms.DecimalField
    form_options = {"max_digits": 12, "decimal_places": 2}
    schema = {"type": "string", "format": "decimal", "pattern": r"^-?\d{1,10}(\.\d{1,2})?$"}


class FlagFilter(SchemaFilter):
    field_class = _FlagField
    schema = {"type": "boolean"}


class DayFilter(SchemaFilter):
    field_class = _DayField
    schema = {"type": "string", "format": "date"}


class CodeFilter(SchemaFilter):
    """One value of a code list, or several separated by commas."""

    field_class: Any = _ListField

    def __init__(
        self,
        field_name: str | None = None,
        lookup_expr: str = "in",
        *,
        choices: Iterable[tuple[Any, Any]] | Callable[[], Iterable[tuple[Any, Any]]],
        **kwargs: Any,
    ) -> None:
        item: dict[str, Any] = {"type": "string"}
        inner: Any = choices
        if callable(choices):
            # A list that grows while the program runs has no closed set in openapi.json.
            self.field_class = _GrowingListField
        else:
            listed = list(choices)
            item["enum"] = [str(value) for value, _label in listed]
            inner = forms.ChoiceField(choices=listed)
        super().__init__(field_name, lookup_expr, inner=inner, **kwargs)
        self.schema = {"type": "array", "items": item, "minItems": 1}


class ReferenceFilter(SchemaFilter):
    """The id of a related object, or several separated by commas."""

    field_class = _ListField
    schema = {"type": "array", "items": {"type": "string", "format": "uuid"}, "minItems": 1}

    def __init__(
        self, field_name: str | None = None, lookup_expr: str = "in", **kwargs: Any
    ) -> None:
        super().__init__(field_name, lookup_expr, inner=forms.UUIDField(), **kwargs)


def is_ordinary(one: django_filters.Filter) -> bool:
    """Whether the filter compares with its values by a lookup and does nothing else with them."""
    return type(one).filter in _ORDINARY and one.method is None


_ORDINARY = (django_filters.Filter.filter, SearchFilter.filter)


class _WireKeys(FilterSetMetaclass):
    """Gives declared filters their camelCase key when the class is made."""

    def __new__(mcs, name: str, bases: tuple[type, ...], attrs: dict[str, Any]) -> Any:
        if (meta := attrs.get("Meta")) is not None and not hasattr(meta, "fields"):
            meta.fields = []  # only what is declared; nothing appears by itself
        made = super().__new__(mcs, name, bases, attrs)
        made.base_filters = {camel(key): one for key, one in made.base_filters.items()}
        return made


class PassendFilterSet(django_filters.FilterSet, metaclass=_WireKeys):
    """Base of all filter sets. Every model field has a filter or stands in `unfiltered` with the
    reason (a test compares)."""

    unfiltered: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def ready_filters(cls) -> Mapping[str, django_filters.Filter]:
        """The filters with their form fields, made once per class."""
        return _ready_filters(cls)

    @classmethod
    def read(cls, parameters: Mapping[str, str], faults: list[Fault]) -> dict[str, Any]:
        """The value of each filter that `parameters` name; what is wrong goes to `faults`."""
        filters = cls.ready_filters()
        values: dict[str, Any] = {}
        for key, text in parameters.items():
            one = filters.get(key)
            if one is None:
                continue
            try:
                values[key] = one.field.clean(text)
            except ValidationError as error:
                first = error.error_list[0]
                faults.append(Fault(key, first.code or "invalid", first.messages[0]))
        return values

    @classmethod
    def narrow(
        cls, queryset: models.QuerySet[Any], values: Mapping[str, Any]
    ) -> models.QuerySet[Any]:
        """`queryset` narrowed by the filters with these values."""
        filters = cls.ready_filters()
        for key, value in values.items():
            queryset = filters[key].filter(queryset, value)
        return queryset


def narrowed(filterset: type[PassendFilterSet] | None, rows: Any, values: Mapping[str, Any]) -> Any:
    return rows if filterset is None else filterset.narrow(rows, values)


def countable(
    filterset: type[PassendFilterSet] | None, visible: Any, rows: Any, values: Mapping[str, Any]
) -> Any:
    """What counts as many as `rows`: the visible ones through the filters, without more columns."""
    try:
        return narrowed(filterset, visible, values)
    except FieldError:
        # A filter on an annotation, which only the prepared rows have.
        return rows


@cache
def _ready_filters(filterset: type[PassendFilterSet]) -> Mapping[str, django_filters.Filter]:
    filters: dict[str, django_filters.Filter] = dict(
        filterset(data=None, queryset=filterset._meta.model._default_manager.none()).filters
    )
    return filters


def read_parameters(
    query: Mapping[str, Any], allowed: Iterable[str], faults: list[Fault]
) -> dict[str, str]:
    """The query string as single texts; unknown, repeated and empty keys go to `faults`."""
    known = set(allowed)
    parameters: dict[str, str] = {}
    for key, values in query.lists():  # type: ignore[attr-defined]
        if key not in known:
            faults.append(_unknown(key, known))
        elif len(values) > 1:
            faults.append(
                Fault(
                    key,
                    "repeated_parameter",
                    _("Name this parameter once; separate values by commas."),
                )
            )
        elif not values[0].strip():
            faults.append(
                Fault(key, "blank", _("This parameter has no value. Give one, or leave it out."))
            )
        else:
            parameters[key] = values[0]
    return parameters


def _unknown(key: str, known: Iterable[str]) -> Fault:
    close = difflib.get_close_matches(key[:50], sorted(known), n=1, cutoff=0.6)
    message: Text
    if close:
        message = _("This parameter does not exist. Did you mean %(suggestion)s?") % {
            "suggestion": close[0]
        }
    else:
        message = _("This parameter does not exist here.")
    return Fault(key[:100], "unknown_parameter", message)

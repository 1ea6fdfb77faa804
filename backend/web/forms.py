"""Forms in the shell's markup, and domain errors put at the field they are about."""

from collections.abc import Mapping

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms.renderers import DjangoTemplates

from backend.common.errors import DomainError


class ShellRenderer(DjangoTemplates):
    """Renders `{{ form }}` and `{{ field.as_field_group }}` with NL Design System markup."""

    form_template_name = "web/forms/form.html"
    field_template_name = "web/forms/field.html"


class DateInput(forms.DateInput):
    """The browser's own date picker; the value travels as an ISO day."""

    input_type = "date"

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


def add_domain_error(
    form: forms.BaseForm, error: DomainError, fields: Mapping[str, str] | None = None
) -> None:
    """Every violation stands at its field; what has no field on this form stands above it.

    `fields` maps names of the model to names of the form where the two differ.
    """
    if not error.violations:
        form.add_error(None, str(error.message))
        return
    for violation in error.violations:
        name = (fields or {}).get(violation.field, violation.field.split(".")[0])
        form.add_error(name if name in form.fields else NON_FIELD_ERRORS, str(violation.message))

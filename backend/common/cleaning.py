"""From what Django finds wrong in a model to the violations that users and systems read."""

from django.core.exceptions import ValidationError
from django.db import models

from backend.common.errors import Violation


def field_violations(instance: models.Model, prefix: str = "") -> list[Violation]:
    """Every fault in the fields of `instance` and in its `clean`, without a single query.

    Keys of other rows are left to the caller, who has looked them up already; constraints that
    need other rows belong to the service. `prefix` stands before each field, for example
    "courses.3.".
    """
    keys = {field.name for field in instance._meta.fields if field.is_relation}
    faults: list[Violation] = []
    for step in (lambda: instance.clean_fields(exclude=keys), instance.clean):
        try:
            step()
        except ValidationError as error:
            faults += violations_of(error, prefix)
    return faults


def violations_of(error: ValidationError, prefix: str = "") -> list[Violation]:
    """The faults of one ValidationError; a fault of the whole object has the field "object"."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {"object": error.error_list}
    return [
        Violation(
            field=prefix + ("object" if field == "__all__" else field),
            code=fault.code or "invalid",
            message=" ".join(fault.messages),
        )
        for field, faults in by_field.items()
        for fault in faults
    ]

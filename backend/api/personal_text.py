"""Free text about a person in a body: refused with a code until the sender confirms it.

Declare the field as `PersonalTextField` in a serializer with `PersonalTextInput`. The answer names
`personal_text_bsn`, `personal_text_names` or `personal_text_health`; the same body with
`"confirmPersonalText": true` is saved.
"""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from backend.api.casing import camel
from backend.common.personal_text import CONFIRMED, personal_hints


class PersonalTextField(serializers.CharField):
    """Text about a person. Belongs in a serializer with `PersonalTextInput`."""

    def to_internal_value(self, data: Any) -> str:
        value: str = super().to_internal_value(data)
        hints = personal_hints(value)
        if hints and not self._is_confirmed():
            raise serializers.ValidationError(
                [ErrorDetail(str(one.message), code=one.code) for one in hints]
            )
        return value

    def _is_confirmed(self) -> bool:
        given = getattr(self.root, "initial_data", None)
        return isinstance(given, dict) and given.get(camel(CONFIRMED)) is True


class PersonalTextInput(serializers.Serializer[Any]):
    """Adds `confirmPersonalText` to the body; the service never sees it."""

    confirm_personal_text = serializers.BooleanField(
        required=False,
        help_text="true: the text was read again after a warning about personal details",
    )

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        value.pop(CONFIRMED, None)
        return value

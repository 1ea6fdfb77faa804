"""Free text about a person on a form: to be read again before it is saved.

`backend.common.personal_text` knows what to look for.
Declare the field as `PersonalTextField`; `FormPage` does the rest. A text with a warning comes
back with a check box, and is saved once that box is ticked.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.common.personal_text import CONFIRMED, personal_hints


class PersonalTextField(forms.CharField):
    """Text about a person, several lines high."""

    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(**kwargs)


def needs_confirmation(form: forms.BaseForm) -> bool:
    """Adds every warning to its field and a check box to the form, unless the box was ticked.

    `form` has been validated; True means that nothing may be saved yet.
    """
    found = [
        (name, hint)
        for name, field in form.fields.items()
        if isinstance(field, PersonalTextField)
        for hint in personal_hints(str(form.cleaned_data.get(name) or ""))
    ]
    if not found:
        return False
    form.fields[CONFIRMED] = forms.BooleanField(
        label=_("I have read the text again. Nothing in it should be left out."), required=False
    )
    if form.data.get(CONFIRMED):
        return False
    for name, hint in found:
        form.add_error(name, str(hint.message))
    return True

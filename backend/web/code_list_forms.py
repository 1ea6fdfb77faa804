"""The form of a new version of a code list: every code as it is, and room for new ones."""

from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.codelists.public import Change, Code, CodeList, Version
from backend.web.forms import DateInput

NEW_CODES = 3
LONGEST_LABEL = 100


class CodeListForm(forms.Form):
    """Fields per changeable code (`old_<n>_...`) and per new code (`new_<n>_...`)."""

    valid_from = forms.DateField(
        label=gettext_lazy("First day"),
        widget=DateInput(),
        help_text=gettext_lazy("Tomorrow or later. Until then the list stays as it is."),
    )

    def __init__(self, *args: Any, code_list: CodeList, base: Version, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code_list = code_list
        self.old = [one for one in base.codes if one.code not in code_list.fixed]
        self.kept = [one for one in base.codes if one.code in code_list.fixed]
        for number, one in enumerate(self.old):
            self._labels(f"old_{number}", one)
            self.fields[f"old_{number}_ends"] = forms.BooleanField(
                label=gettext_lazy("Ends: cannot be chosen any more"), required=False
            )
        grounds = [(one.code, one.label) for one in base.codes if one.code in code_list.grounds]
        for number in range(NEW_CODES):
            self._new_code(f"new_{number}", grounds)
        self.fields["reason"] = forms.CharField(
            label=gettext_lazy("Reason"),
            help_text=gettext_lazy("Needed to publish: others read later why the list changed."),
            widget=forms.Textarea(attrs={"rows": 2}),
            max_length=200,
            required=False,
        )

    def _labels(self, prefix: str, one: Code | None = None) -> None:
        for language, label in (
            ("nl", gettext_lazy("Name in Dutch")),
            ("en", gettext_lazy("Name in English")),
        ):
            self.fields[f"{prefix}_{language}"] = forms.CharField(
                label=label,
                max_length=LONGEST_LABEL,
                initial=getattr(one, f"label_{language}") if one else "",
                required=one is not None,
            )

    def _new_code(self, prefix: str, grounds: list[tuple[str, str]]) -> None:
        self.fields[f"{prefix}_code"] = forms.RegexField(
            r"^[a-z0-9][a-z0-9_]{0,39}$",
            label=gettext_lazy("Code"),
            required=False,
            help_text=gettext_lazy("Lower-case letters, digits and underscores."),
            error_messages={
                "invalid": gettext_lazy(
                    "Use lower-case letters, digits and underscores, at most 40."
                )
            },
        )
        self._labels(prefix)
        if grounds:
            self.fields[f"{prefix}_counts_as"] = forms.ChoiceField(
                label=gettext_lazy("Is a finer form of"),
                choices=[("", _("Choose")), *grounds],
                required=False,
            )

    @cached_property
    def old_groups(self) -> list[tuple[str, list[Any]]]:
        """Per code its heading and its fields, for the template."""
        return [
            (one.code, [self[f"old_{number}_{part}"] for part in ("nl", "en", "ends")])
            for number, one in enumerate(self.old)
        ]

    @cached_property
    def new_groups(self) -> list[tuple[str, list[Any]]]:
        parts = ["code", "nl", "en", *(["counts_as"] if self.code_list.grounds else [])]
        return [
            (
                _("New code %(number)s") % {"number": number + 1},
                [self[f"new_{number}_{part}"] for part in parts],
            )
            for number in range(NEW_CODES)
        ]

    def clean(self) -> dict[str, Any]:
        """A new code is complete or absent."""
        data = dict(super().clean() or {})
        for number in range(NEW_CODES):
            given = {part: data.get(f"new_{number}_{part}") for part in ("code", "nl", "en")}
            if any(given.values()):
                for part, value in given.items():
                    name = f"new_{number}_{part}"
                    if not value and name not in self.errors:
                        self.add_error(name, _("Fill this in too, or leave the whole code empty."))
        return data

    def change(self) -> Change:
        """What differs from the version that the form showed."""
        data = self.cleaned_data
        ended, renamed = set(), []
        for number, one in enumerate(self.old):
            names = data[f"old_{number}_nl"], data[f"old_{number}_en"]
            if data[f"old_{number}_ends"]:
                ended.add(one.code)
            elif names != (one.label_nl, one.label_en):
                renamed.append(Code(one.code, *names, one.counts_as))
        added = [
            Code(
                data[f"new_{number}_code"],
                data[f"new_{number}_nl"],
                data[f"new_{number}_en"],
                data.get(f"new_{number}_counts_as", ""),
            )
            for number in range(NEW_CODES)
            if data[f"new_{number}_code"]
        ]
        return Change(data["valid_from"], tuple(added), frozenset(ended), tuple(renamed))

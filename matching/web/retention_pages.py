"""What will be removed of whom and when; and taking back a PIP."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.organisations.permissions import Permission
from backend.web.filters import ChoiceFilter, PageFilterSet
from backend.web.pages import Crumb, FormPage, ListPage
from backend.web.personal_text import PersonalTextField
from backend.web.tables import Column
from backend.web.values import Badge, day_text
from matching.models import Participant, Pip
from matching.services.pip_removal import pip_remove
from matching.services.retention import with_removal_day

POLICIES: Crumb = (gettext_lazy("Policy"), "/policies")
DUE = "due"


class RetentionFilters(PageFilterSet):
    when = ChoiceFilter(
        label=gettext_lazy("When"),
        choices=[(DUE, gettext_lazy("Tonight")), ("later", gettext_lazy("Later"))],
        method="find",
    )

    class Meta:
        model = Participant
        fields: list[str] = []

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        today = clock.today()
        return (
            queryset.filter(remove_on__lte=today)
            if value == DUE
            else queryset.filter(remove_on__gt=today)
        )


class RetentionPage(ListPage):
    """The preview of what the night removes, by the policy in force today."""

    permission = (Permission.MANAGE_POLICY, Permission.MANAGE_PIPS)
    model = Participant
    title = gettext_lazy("What will be removed, and when")
    intro = gettext_lazy(
        "Name, contact details, messages of DUO, agreements and motivations are removed in the "
        "night after this day. What was decided and paid stays, without a way back to the person. "
        "The number of months stands in the policy."
    )
    filterset_class = RetentionFilters
    default_sort = "remove"
    export_name = "retention"
    empty_title = gettext_lazy("Nothing to remove")
    empty_text = gettext_lazy(
        "As soon as DUO reports the end of an obligation, or somebody moves, the day stands here."
    )
    columns = (
        Column(
            "municipality",
            gettext_lazy("Municipality"),
            "municipality.name",
            sort=("municipality__name",),
            header=True,
        ),
        Column("reference", gettext_lazy("Reference"), lambda one: one.shown_reference),
        Column("ended", gettext_lazy("Ended on"), "ended_on", sort=("ended_on",)),
        Column(
            "remove",
            gettext_lazy("Removed after"),
            lambda one: Badge(
                day_text(one.remove_on),
                "warning" if one.remove_on <= clock.today() else "neutral",
            ),
            sort=("remove_on",),
            export=((gettext_lazy("Removed after"), "remove_on"),),
        ),
    )

    def get_queryset(self) -> QuerySet[Any]:
        """Also for who sets the policy; the reference only for who may see the person."""
        mine = self.actor.with_permission(Permission.MANAGE_POLICY)
        own = self.actor.with_permission(Permission.MANAGE_PIPS)
        people = Participant.objects.filter(Q(municipality__in=mine) | Q(municipality__in=own))
        return with_removal_day(people).select_related("municipality")

    def prepare(self, objects: Sequence[Any]) -> Sequence[Any]:
        seen = self.actor.with_permission(Permission.VIEW_PARTICIPANTS)
        for one in objects:
            one.shown_reference = one.reference if one.municipality_id in seen else None
        return objects

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (POLICIES,)


class RemovalForm(forms.Form):
    reason = PersonalTextField(label=gettext_lazy("Reason"), max_length=400)


class PipRemovePage(FormPage):
    permission = Permission.MANAGE_PIPS
    title = gettext_lazy("Take this PIP back")
    intro = gettext_lazy(
        "Only for a PIP that should not have been: before DUO has set the term and before the "
        "first lesson. The version before it holds again."
    )
    form_class = RemovalForm
    submit_label = gettext_lazy("Take back")
    success_message = gettext_lazy("The PIP has been taken back.")

    def prepare(self) -> None:
        found = (
            Pip.objects.visible_to(self.actor)
            .select_related("participant")
            .filter(uuid=self.kwargs["uuid"])
            .first()
        )
        if found is None:
            raise Http404
        self.pip = found

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        title = _("PIP of %(reference)s") % {"reference": self.pip.participant.reference}
        return ((title, reverse("pip", args=[self.pip.uuid])),)

    def perform(self, form: forms.BaseForm) -> Pip:
        return pip_remove(actor=self.actor, pip=self.pip, reason=form.cleaned_data["reason"])

    def get_success_url(self, result: Pip) -> str:
        return reverse("pip", args=[result.uuid])

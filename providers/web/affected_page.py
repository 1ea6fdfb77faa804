"""Who has a place at a provider that stops or loses its mark, and where those people can go."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.organisations.permissions import Permission
from backend.web.pages import Action, Crumb, Page
from backend.web.tables import Column, table_of
from backend.web.values import Link, day_text
from providers.choices import IntakeStatus, MarkKind
from providers.models import IntakeMoment, Provider, QualityMark
from providers.ports import affected_places
from providers.services.transfers import transfer_warning
from providers.web import columns
from providers.web.own import visible

COLUMNS = (
    Column(
        "place",
        gettext_lazy("Participant"),
        lambda one: Link(one["place"].label, one["place"].path),
        header=True,
    ),
    Column("municipality", gettext_lazy("Municipality"), lambda one: one["place"].municipality),
    Column("state", gettext_lazy("Status"), lambda one: one["place"].state),
    Column("course", gettext_lazy("Course"), lambda one: one["moment"].group.course.name),
    Column(
        "start",
        gettext_lazy("Start"),
        lambda one: Link(day_text(one["moment"].start_date), columns.moment_url(one["moment"])),
    ),
    Column(
        "alternatives",
        gettext_lazy("Where to"),
        lambda one: Link(
            _("Alternatives"), reverse("intake-moment-alternatives", args=[one["moment"].uuid])
        ),
    ),
)


class AffectedPage(Page):
    """Everybody with a place on a start that is not over, as far as the reader may see them."""

    permission = (Permission.VIEW_PARTICIPANTS, Permission.MANAGE_CATALOGUE)
    template_name = "providers/affected.html"
    title = gettext_lazy("Who has a place here")
    intro = gettext_lazy(
        "When a provider stops or loses its recognition, these people need another place. "
        "You see the people of your own organisation."
    )
    provider: Provider

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.provider = visible(self.actor, Provider, kwargs["uuid"], "organisation")
        moments = {
            one.pk: one
            for one in IntakeMoment.objects.visible_to(self.actor)
            .filter(group__course__provider=self.provider, end_date__gte=clock.today())
            .exclude(status=IntakeStatus.CANCELLED)
            .select_related("group__course")
            .order_by("start_date", "pk")
        }
        places = affected_places(self.actor, moments)
        rows = [
            {"place": place, "moment": moment}
            for pk, moment in moments.items()
            for place in places.get(pk, ())
        ]
        return self.show(
            warning=self._warning(len(rows)),
            people=len(rows),
            table=table_of(
                COLUMNS,
                rows,
                caption=_("People with a place"),
                empty=_("Nobody of your organisation has a place here."),
            ),
        )

    def _warning(self, learners: int) -> str:
        """R-KEU-3, for when all of them would go to one holder of the quality mark."""
        others = QualityMark.objects.filter(kind=MarkKind.KEURMERK).exclude(provider=self.provider)
        return transfer_warning(
            from_provider_id=self.provider.pk,
            to_provider_ids=others.values_list("provider", flat=True).distinct(),
            learners=learners,
        )

    def get_actions(self) -> Sequence[Action]:
        if not self.actor.with_permission(Permission.PLACE):
            return ()
        return (
            Action(_("Move people"), reverse("provider-transfer", args=[self.provider.uuid])),
            Action(_("Moved groups"), reverse("group-transfers")),
        )

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (
            (_("Providers"), reverse("providers")),
            (str(self.provider), reverse("provider", args=[self.provider.uuid])),
        )

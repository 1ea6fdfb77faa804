"""Seats that came free, held for the next person in line: the task of the caseworker."""

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
from backend.web.filters import ChoiceFilter, PageFilterSet, SearchFilter
from backend.web.pages import Action, Crumb, DetailPage, Fact, FormPage, ListPage
from backend.web.personal_text import PersonalTextField
from backend.web.tables import Column, Table, table_of
from backend.web.values import Badge, Link, Text, Tone
from matching.models import SeatOffer
from matching.services.seat_offers import seat_offer_decline, seat_offer_take
from matching.waiting_choices import DeclineReason, SeatOfferEnd, SeatOfferState, SeatSource
from matching.web import texts
from matching.web.needs import days_waiting

DETAILS = (
    "need__pip__participant",
    "municipality",
    "policy",
    "placement",
    "intake_moment__group__course__provider__organisation",
    "intake_moment__group__location",
)
TONES: dict[str, Tone] = {
    SeatOfferState.OPEN: "warning",
    SeatOfferState.TAKEN: "success",
    SeatOfferState.DECLINED: "neutral",
    SeatOfferState.EXPIRED: "danger",
    SeatOfferState.ENDED: "neutral",
}
REASONS = {**dict(DeclineReason.choices), **dict(SeatOfferEnd.choices)}
LIST: Crumb = (gettext_lazy("Seats that came free"), "/seat-offers")


def state_badge(offer: SeatOffer) -> Badge:
    return Badge(SeatOfferState(offer.state).label, TONES[offer.state])


def held_badge(offer: SeatOffer) -> Badge | None:
    """Until when the seat is held; urgent on the last day."""
    if offer.state != SeatOfferState.OPEN:
        return None
    local = offer.expires_at.astimezone(clock.NETHERLANDS)
    hours = (offer.expires_at - clock.now()).total_seconds() / 3600
    return Badge(f"{local:%d-%m-%Y %H:%M}", "danger" if hours <= 24 else "warning")


class SeatOfferFilters(PageFilterSet):
    search = SearchFilter(label=gettext_lazy("Reference, course or provider"), method="find")
    state = ChoiceFilter(label=gettext_lazy("Status"), choices=SeatOfferState.choices)
    source = ChoiceFilter(label=gettext_lazy("How the seat came free"), choices=SeatSource.choices)

    class Meta:
        model = SeatOffer
        fields: list[str] = []

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(
            Q(need__pip__participant__reference__icontains=value)
            | Q(intake_moment__group__course__name__icontains=value)
            | Q(intake_moment__group__course__provider__organisation__name__icontains=value)
        )


class SeatOfferList(ListPage):
    permission = Permission.VIEW_PARTICIPANTS
    model = SeatOffer
    title = gettext_lazy("Seats that came free")
    intro = gettext_lazy(
        "A seat that comes free is held for the next person on the waiting list. Offer the place, "
        "or pass it on: after the time it goes to the next person by itself."
    )
    filterset_class = SeatOfferFilters
    default_sort = "held"
    export_name = "seat-offers"
    empty_title = gettext_lazy("No seats wait for a decision")
    empty_text = gettext_lazy(
        "When a place is withdrawn or a provider offers more seats, the next person appears here."
    )
    columns = (
        Column(
            "reference",
            gettext_lazy("Reference"),
            lambda one: Link(
                one.need.pip.participant.reference, reverse("seat-offer", args=[one.uuid])
            ),
            sort=("need__pip__participant__reference",),
            header=True,
        ),
        Column(
            "tier",
            gettext_lazy("Urgency"),
            lambda one: texts.tier_badge(one.tier),
            sort=("tier", "need__waiting_since"),
        ),
        Column(
            "waiting",
            gettext_lazy("Days waiting"),
            lambda one: days_waiting(one.need),
            sort=("-need__waiting_since",),
            numeric=True,
        ),
        Column("course", gettext_lazy("Course"), "intake_moment.group.course.name"),
        Column(
            "provider",
            gettext_lazy("Provider"),
            "intake_moment.group.course.provider.organisation.name",
        ),
        Column(
            "start",
            gettext_lazy("Start"),
            "intake_moment.start_date",
            sort=("intake_moment__start_date",),
        ),
        Column(
            "held",
            gettext_lazy("Held until"),
            held_badge,
            sort=("expires_at",),
            export=((gettext_lazy("Held until"), "expires_at"),),
        ),
        Column("municipality", gettext_lazy("Municipality"), "municipality.name"),
        Column("state", gettext_lazy("Status"), state_badge, sort=("state",)),
    )

    def get_actions(self) -> Sequence[Action]:
        return (Action(_("How the order is decided"), reverse("waiting-rules")),)

    def get_queryset(self) -> QuerySet[Any]:
        offers = super().get_queryset().select_related(*DETAILS)
        # The list is about what waits for somebody; the rest is one filter away.
        if self.request.GET.get("state"):
            return offers
        return offers.filter(state=SeatOfferState.OPEN)


class SeatOfferPage(DetailPage):
    """One held seat: for whom, why this person, and the two ways to decide."""

    permission = Permission.VIEW_PARTICIPANTS
    model = SeatOffer
    object: SeatOffer

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related(*DETAILS)

    def get_title(self) -> str:
        return _("Seat held for %(reference)s") % {
            "reference": self.object.need.pip.participant.reference
        }

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (LIST,)

    def get_actions(self) -> Sequence[Action]:
        offer = self.object
        decides = self.actor.may(Permission.PLACE, offer.municipality_id)
        if not decides or offer.state != SeatOfferState.OPEN:
            return ()
        return (
            Action(_("Offer this place"), reverse("seat-offer-take", args=[offer.uuid]), True),
            Action(_("Pass it on"), reverse("seat-offer-decline", args=[offer.uuid])),
        )

    def get_facts(self) -> Sequence[Fact]:
        offer, intake = self.object, self.object.intake_moment
        person, course = offer.need.pip.participant, intake.group.course
        place = offer.placement
        return [
            Fact(_("Reference"), Link(person.reference, reverse("need", args=[offer.need.uuid]))),
            Fact(_("Municipality"), offer.municipality.name),
            Fact(_("Course"), course.name),
            Fact(_("Provider"), course.provider.organisation.name),
            Fact(_("Place"), f"{intake.group.location.name}, {intake.group.location.place}"),
            Fact(_("Start"), intake.start_date),
            Fact(_("Status"), state_badge(offer)),
            Fact(_("Held until"), held_badge(offer)),
            Fact(_("How the seat came free"), offer.get_source_display()),
            Fact(_("Urgency"), texts.tier_badge(offer.tier)),
            Fact(_("Waiting since"), offer.need.waiting_since),
            Fact(_("Days waiting"), days_waiting(offer.need)),
            Fact(
                _("Policy"),
                Link(
                    _("version %(version)s") % {"version": offer.policy.version},
                    reverse("policy", args=[offer.policy.uuid]),
                ),
            ),
            Fact(_("Reason"), REASONS.get(offer.reason)),
            Fact(_("Decided by"), offer.decided_by_label or None),
            Fact(
                _("Place that followed"),
                Link(_("Open the place"), reverse("placement", args=[place.uuid]))
                if place
                else None,
            ),
        ]

    def get_tables(self) -> Sequence[Table]:
        rows = sorted(self.object.passed_over.items(), key=lambda one: (-one[1], one[0]))
        columns = (
            Column("rule", gettext_lazy("Reason"), lambda one: rule_name(one[0]), header=True),
            Column("people", gettext_lazy("People"), lambda one: one[1], numeric=True),
        )
        return (
            table_of(
                columns,
                rows,
                caption=_("People before in the order whom this place does not fit"),
                empty=_("This person was the first in the order."),
            ),
        )


def rule_name(code: str) -> Text:
    """A rule in words; who pays is not one of the engine's rules."""
    return _("Who pays is not known") if code == "FUNDING" else texts.rule_label(code)


class _Deciding:
    """Loads the offer through the actor's eyes and goes back to it."""

    actor: Any
    kwargs: dict[str, Any]
    offer: SeatOffer

    def prepare(self) -> None:
        found = (
            SeatOffer.objects.visible_to(self.actor)
            .select_related(*DETAILS)
            .filter(uuid=self.kwargs["uuid"])
            .first()
        )
        if found is None:
            raise Http404
        self.offer = found

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        name = _("Seat held for %(reference)s") % {
            "reference": self.offer.need.pip.participant.reference
        }
        return (LIST, (name, reverse("seat-offer", args=[self.offer.uuid])))


class TakeForm(forms.Form):
    motivation = PersonalTextField(
        label=gettext_lazy("Why does this place fit this person?"),
        help_text=gettext_lazy("In your own words; it stays in the file."),
        max_length=1000,
    )


class SeatOfferTakePage(_Deciding, FormPage):
    permission = Permission.PLACE
    title = gettext_lazy("Offer this place")
    intro = gettext_lazy("The provider is asked at once, and the seat stays held until the answer.")
    form_class = TakeForm
    submit_label = gettext_lazy("Yes, offer the place")
    success_message = gettext_lazy("The place has been offered. The provider has been notified.")

    def perform(self, form: Any) -> SeatOffer:
        return seat_offer_take(
            actor=self.actor, seat_offer=self.offer, motivation=form.cleaned_data["motivation"]
        )

    def get_success_url(self, result: SeatOffer) -> str:
        assert result.placement is not None
        return reverse("placement", args=[result.placement.uuid])


class DeclineForm(forms.Form):
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"), choices=DeclineReason.choices, widget=forms.RadioSelect
    )


class SeatOfferDeclinePage(_Deciding, FormPage):
    permission = Permission.PLACE
    title = gettext_lazy("Pass the seat on to the next person")
    intro = gettext_lazy("This person keeps the same place on the waiting list.")
    form_class = DeclineForm
    submit_label = gettext_lazy("Pass it on")
    success_message = gettext_lazy("The seat goes to the next person in line.")

    def perform(self, form: Any) -> SeatOffer:
        return seat_offer_decline(
            actor=self.actor, seat_offer=self.offer, reason=form.cleaned_data["reason"]
        )

    def get_success_url(self, result: SeatOffer) -> str:
        return reverse("seat-offers")

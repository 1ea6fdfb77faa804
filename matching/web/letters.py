"""The caseworker's side of the personal link: the letter, a new code, and what people answered."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounts.actor import Actor
from backend.common import clock
from backend.common.errors import DomainError
from backend.organisations.permissions import Permission
from backend.web.dashboard import Card, CardEntry, Worklist, register
from backend.web.filters import ChoiceFilter, PageFilterSet, SearchFilter
from backend.web.forms import add_domain_error
from backend.web.pages import Action, ConfirmPage, FormPage, ListPage
from backend.web.tables import Column, Table, table_of
from backend.web.values import Badge, Link, Text, Tone
from backend.web.views import status_of
from matching.letter_choices import ResponseKind, ResponseReason
from matching.letters import FALLBACK, LANGUAGES, language_names
from matching.models import PersonalLink, Placement, PlacementResponse
from matching.pdf.letter import letter_pdf
from matching.services.letters import (
    LETTER_STATES,
    Contact,
    IssuedLink,
    personal_link_create,
    personal_link_renew_code,
    personal_links_revoke,
    responses_handle,
)
from matching.web.people import identity_of
from matching.web.placement_steps import PlacementStepMixin

PURPOSE = "casework"
SHOWN = 8


class LetterForm(forms.Form):
    language = forms.ChoiceField(
        label=gettext_lazy("Language beside Dutch"), choices=language_names
    )
    contact_name = forms.CharField(
        label=gettext_lazy("Whom the person can call"),
        help_text=gettext_lazy(
            "A desk or a person of the municipality, as it stands in the letter."
        ),
        max_length=80,
    )
    contact_phone = forms.CharField(
        label=gettext_lazy("Telephone"),
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )


class LetterPage(PlacementStepMixin, FormPage):
    """Makes the link and its letter; the secrets are in the letter and nowhere else."""

    permission = Permission.PLACE
    title = gettext_lazy("Letter for the person")
    intro = gettext_lazy(
        "The letter tells in Dutch and in the own language what, where and when, and holds a link "
        "and a code with which the person answers. An earlier letter stops working."
    )
    form_class = LetterForm
    submit_label = gettext_lazy("Make the letter (PDF)")

    def get_initial(self) -> dict[str, Any]:
        identity = identity_of(self.actor, self.placement.participant, purpose=PURPOSE)
        language = identity.language if identity is not None else ""
        last = PersonalLink.objects.filter(
            placement__municipality=self.placement.municipality_id
        ).first()
        return {
            "language": language if language in LANGUAGES else FALLBACK,
            "contact_name": last.contact_name if last else "",
            "contact_phone": last.contact_phone if last else "",
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.prepare()
        form = self.get_form(bound=True)
        if not form.is_valid():
            return self._form_page(form, status=400)
        try:
            issued = self.perform(form)
        except DomainError as error:
            add_domain_error(form, error, self.error_fields)
            return self._form_page(form, status=status_of(error))
        identity = identity_of(self.actor, self.placement.participant, purpose=PURPOSE)
        name = identity.full_name if identity is not None else self.placement.participant.reference
        return pdf_response(letter_pdf(issued, name=name), f"brief-{clock.today().isoformat()}")

    def perform(self, form: forms.BaseForm) -> IssuedLink:
        data = form.cleaned_data
        return personal_link_create(
            actor=self.actor,
            placement=self.placement,
            language=data["language"],
            contact=Contact(data["contact_name"], data["contact_phone"]),
        )


class NewCodePage(PlacementStepMixin, ConfirmPage):
    """A new code for the link in the letter; shown once."""

    permission = Permission.PLACE
    title = gettext_lazy("Give a new code?")
    submit_label = gettext_lazy("Yes, make a new code")
    danger = False

    def get_consequences(self) -> Sequence[Text]:
        return [
            _("The link in the letter stays the same; the old code stops working."),
            _("You see the new code once. Check who you are talking to before you give it."),
        ]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.prepare()
        form = self.get_form(bound=True)
        try:
            code = personal_link_renew_code(actor=self.actor, placement=self.placement)
        except DomainError as error:
            form.is_valid()
            add_domain_error(form, error, self.error_fields)
            return self._form_page(form, status=status_of(error))
        self.template_name = "matching/letter_code.html"
        response = self.show(new_code=f"{code[:3]} {code[3:]}", back=self.get_cancel_url())
        response.headers["Cache-Control"] = "no-store"
        return response


class RevokeLinksPage(PlacementStepMixin, ConfirmPage):
    permission = Permission.PLACE
    title = gettext_lazy("Close the link in the letter?")
    submit_label = gettext_lazy("Yes, close the link")
    success_message = gettext_lazy("The link does not work any more.")

    def get_consequences(self) -> Sequence[Text]:
        return [_("The person can only call. You can always make a new letter.")]

    def perform(self, form: forms.BaseForm) -> Placement:
        personal_links_revoke(actor=self.actor, placement=self.placement)
        return self.placement


class ResponsesHandledPage(PlacementStepMixin, ConfirmPage):
    permission = Permission.PLACE
    title = gettext_lazy("Is this answer dealt with?")
    submit_label = gettext_lazy("Yes, it is dealt with")
    success_message = gettext_lazy("The answer has left the list.")
    danger = False

    def get_consequences(self) -> Sequence[Text]:
        return [
            _("You talked with the person, or chose or withdrew the place."),
            _("The place itself does not change by this."),
        ]

    def perform(self, form: forms.BaseForm) -> Placement:
        responses_handle(actor=self.actor, placement=self.placement)
        return self.placement


def reasons_text(response: PlacementResponse) -> str | None:
    return ", ".join(str(ResponseReason(one).label) for one in response.reasons) or None


def kind_badge(response: PlacementResponse) -> Badge:
    tone: Tone = "success" if response.kind == ResponseKind.COMING else "warning"
    return Badge(response.get_kind_display(), tone)


ANSWER = Column("answer", gettext_lazy("Answer"), kind_badge, sort=("kind",))
REASONS = Column("reasons", gettext_lazy("Reason"), reasons_text)
GIVEN = Column("given", gettext_lazy("Given"), "created_at", sort=("created_at",))
HANDLED = Column("handled", gettext_lazy("Dealt with"), "handled_at", sort=("handled_at",))
HANDLED_BY = Column("by", gettext_lazy("By"), "handled_by_label")
PERSON = Column(
    "reference",
    gettext_lazy("Reference"),
    lambda one: Link(
        one.placement.participant.reference, reverse("placement", args=[one.placement.uuid])
    ),
    sort=("placement__participant__reference",),
    header=True,
)
COURSE = Column(
    "course",
    gettext_lazy("Course"),
    "placement.intake_moment.group.course.name",
    sort=("placement__intake_moment__group__course__name",),
)
START = Column(
    "start",
    gettext_lazy("Start"),
    "placement.intake_moment.start_date",
    sort=("placement__intake_moment__start_date",),
)
DETAILS = ("placement__participant", "placement__intake_moment__group__course")


class ResponseFilters(PageFilterSet):
    search = SearchFilter(label=gettext_lazy("Reference or course"), method="find")
    answer = ChoiceFilter(
        label=gettext_lazy("Answer"), choices=ResponseKind.choices, field_name="kind"
    )
    handled = ChoiceFilter(
        label=gettext_lazy("Dealt with"),
        choices=[("no", gettext_lazy("No")), ("yes", gettext_lazy("Yes"))],
        method="by_handled",
    )

    class Meta:
        model = PlacementResponse
        fields: list[str] = []

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(
            placement__participant__reference__icontains=value
        ) | queryset.filter(placement__intake_moment__group__course__name__icontains=value)

    def by_handled(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(handled_at__isnull=value == "no")


class ResponseList(ListPage):
    """What people said about the place they were offered."""

    permission = Permission.PLACE
    model = PlacementResponse
    title = gettext_lazy("Answers of people")
    intro = gettext_lazy(
        "What people answered through the link in their letter. “This does not fit” changes "
        "nothing by itself: call the person and decide together."
    )
    filterset_class = ResponseFilters
    default_sort = "-given"
    export_name = "answers"
    empty_title = gettext_lazy("No answers yet")
    empty_text = gettext_lazy("Make a letter on the page of a place; the answer appears here.")
    columns = (PERSON, ANSWER, REASONS, COURSE, START, GIVEN, HANDLED, HANDLED_BY)

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related(*DETAILS)


def letter_actions(actor: Actor, placement: Placement) -> list[Action]:
    """The steps with a letter that this actor can take on this placement."""
    if not actor.may(Permission.PLACE, placement.municipality_id):
        return []
    open_answers = placement.person_responses.filter(handled_at__isnull=True).exists()
    live = placement.personal_links.filter(
        revoked_at__isnull=True, expires_at__gt=clock.now()
    ).exists()
    steps = (
        (open_answers, _("Answer dealt with"), "person-responses-handled"),
        (placement.state in LETTER_STATES, _("Letter"), "placement-letter"),
        (live and placement.state in LETTER_STATES, _("New code"), "placement-new-code"),
        (live, _("Close link"), "placement-close-link"),
    )
    return [
        Action(label, reverse(url_name, args=[placement.uuid]))
        for possible, label, url_name in steps
        if possible
    ]


def response_tables(placement: Placement) -> list[Table]:
    """What the person answered, newest first; nothing when no answer came."""
    found = list(placement.person_responses.all())
    if not found:
        return []
    columns = (
        Column("given", gettext_lazy("Given"), "created_at", header=True),
        ANSWER,
        REASONS,
        HANDLED,
        HANDLED_BY,
    )
    return [table_of(columns, found, caption=_("What the person answered"))]


def people_who_say_no(actor: Actor) -> Card | None:
    """The tasks that follow from "this does not fit", the earliest start first."""
    tasks = (
        PlacementResponse.objects.visible_to(actor)
        .to_handle()
        .filter(placement__municipality__in=actor.with_permission(Permission.PLACE))
        .select_related(*DETAILS)
        .order_by("placement__intake_moment__start_date", "pk")[:SHOWN]
    )
    table = table_of(
        (PERSON, REASONS, START, GIVEN),
        tasks,
        caption=_("The place does not fit, says the person"),
        empty=_("Nobody said that a place does not fit."),
    )
    address = f"{reverse('person-responses')}?answer=not_fitting&handled=no"
    return Worklist(_("The place does not fit"), table, address, _("All these answers"))


def pdf_response(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


register(CardEntry("people-who-say-no", Permission.PLACE, people_who_say_no, order=13))

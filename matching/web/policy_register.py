"""The text for the algorithm register: public, for everybody, in the policy's own numbers."""

from typing import Any

import orjson
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views import View

from backend.common import clock
from backend.organisations.models import Organisation
from matching.models import MatchingPolicy, Participant
from matching.register_text import Section, register_sections, register_text
from matching.selectors.policy import policy_in_force


def users_of_passend() -> Any:
    """Municipalities and regions that work with Passend: with people or a policy of their own."""
    return (
        Organisation.objects.exclude(kind="provider")
        .filter(
            Exists(Participant.objects.filter(municipality=OuterRef("pk")))
            | Exists(MatchingPolicy.objects.filter(organisation=OuterRef("pk"))),
            is_active=True,
        )
        .order_by("name", "pk")
    )


class RegisterIndex(View):
    """Whose text can be read here."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {"title": _("Algorithm register"), "organisations": users_of_passend()}
        return render(request, "matching/policy_register_index.html", context)


class _OfOneOrganisation(View):
    http_method_names = ["get"]

    def organisation(self) -> Organisation:
        """An active municipality or region; providers have no policy of their own."""
        found = (
            Organisation.objects.exclude(kind="provider")
            .filter(kind=self.kwargs["kind"], code=self.kwargs["code"], is_active=True)
            .first()
        )
        if found is None:
            raise Http404
        return found

    def sections(self, organisation: Organisation) -> tuple[MatchingPolicy, list[Section]]:
        today = clock.today()
        policy = policy_in_force(organisation_id=organisation.pk, on=today)
        return policy, register_sections(organisation, policy, today)


class RegisterPage(_OfOneOrganisation):
    """The text as a page, in the language of the visitor."""

    def get(self, request: HttpRequest, kind: str, code: str) -> HttpResponse:
        organisation = self.organisation()
        policy, sections = self.sections(organisation)
        context = {
            "title": _("Algorithm register: %(name)s") % {"name": organisation.name},
            "organisation": organisation,
            "policy": policy,
            "sections": sections,
        }
        return render(request, "matching/policy_register.html", context)


class RegisterDownload(_OfOneOrganisation):
    """The text as a file, always in Dutch: it is meant for the Dutch register."""

    def get(self, request: HttpRequest, kind: str, code: str, form: str) -> HttpResponse:
        organisation = self.organisation()
        with override("nl"):
            policy, sections = self.sections(organisation)
            if form == "txt":
                content, content_type = register_text(sections).encode(), "text/plain"
            else:
                content, content_type = _as_json(organisation, policy, sections), "application/json"
        response = HttpResponse(content, content_type=f"{content_type}; charset=utf-8")
        name = f"algoritmeregister-{organisation.code}.{form}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def _as_json(organisation: Organisation, policy: MatchingPolicy, sections: list[Section]) -> bytes:
    return orjson.dumps(
        {
            "organisation": {"kind": organisation.kind, "code": organisation.code},
            "policy": {
                "id": policy.uuid,
                "version": policy.version,
                "validFromDate": policy.valid_from,
                "weights": policy.weights,
                "maxTravelKm": policy.max_travel_km,
                "urgentWithinDays": policy.urgent_within_days,
                "longWaitDays": policy.long_wait_days,
                "priority": policy.priority,
                "seed": policy.seed,
            },
            "sections": [one.as_data() for one in sections],
        },
        option=orjson.OPT_INDENT_2,
    )

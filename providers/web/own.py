"""What pages of a provider share: load through the actor's eyes, then ask who may change it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import models
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from backend.accounts.actor import Actor
from backend.common.errors import NotAllowedError
from backend.organisations.permissions import Permission
from backend.web.pages import Crumb
from backend.web.views import Wanted
from providers.models import CourseGroup, Provider
from providers.policies import may_manage_catalogue


def visible(actor: Actor, model: type[models.Model], uuid: UUID, *related: str) -> Any:
    """The row with `uuid`, or 404 when it does not exist for this actor."""
    rows = model._default_manager.visible_to(actor)  # type: ignore[attr-defined]
    found = (
        rows.filter(uuid=uuid).select_related(*related).first()
        if related
        else (rows.filter(uuid=uuid).first())
    )
    if found is None:
        raise Http404
    return found


def require_own(actor: Actor, provider: Provider) -> None:
    """403 with the reason for a provider that the actor sees but does not keep."""
    if not may_manage_catalogue(actor, provider):
        raise NotAllowedError(_("This belongs to another provider. You can look, not change."))


def own_providers(actor: Actor) -> list[Provider]:
    """The providers whose catalogue the actor keeps, by name."""
    return list(
        Provider.objects.managed_by(actor)
        .select_related("organisation")
        .order_by("organisation__name", "pk")
    )


class OwnProviderMixin:
    """Pages below `/providers/<uuid>` for the planner of that provider."""

    permission: Wanted | None = Permission.MANAGE_CATALOGUE
    actor: Actor
    kwargs: dict[str, Any]
    provider: Provider

    def prepare(self) -> None:
        self.provider = visible(self.actor, Provider, self.kwargs["uuid"], "organisation")
        require_own(self.actor, self.provider)

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (
            (_("Providers"), reverse("providers")),
            (str(self.provider), reverse("provider", args=[self.provider.uuid])),
        )

    def get_success_url(self, result: Any) -> str:
        return reverse("provider", args=[self.provider.uuid])


class OwnGroupMixin:
    """Pages below `/course-groups/<uuid>` for the planner of its provider."""

    permission: Wanted | None = Permission.MANAGE_CATALOGUE
    actor: Actor
    kwargs: dict[str, Any]
    group: CourseGroup

    def prepare(self) -> None:
        self.group = visible(
            self.actor,
            CourseGroup,
            self.kwargs["uuid"],
            "course__provider__organisation",
            "location",
        )
        require_own(self.actor, self.group.course.provider)

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        course = self.group.course
        return (
            (course.name, reverse("course", args=[course.uuid])),
            (self.group.code, reverse("course-group", args=[self.group.uuid])),
        )

    def get_success_url(self, result: Any) -> str:
        return reverse("course-group", args=[self.group.uuid])

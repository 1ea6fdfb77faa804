"""The pages of the functional administrator: people and their roles."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounts.public import (
    Membership,
    Role,
    User,
    grant_permission,
    grant_role,
    memberships_visible_to,
    revoke_permission,
    revoke_role,
    user_deactivate,
    user_invite,
    user_reactivate,
    users_visible_to,
)
from backend.common import clock
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from backend.web import account_forms
from backend.web.filters import ChoiceFilter, PageFilterSet, SearchFilter
from backend.web.navigation import NavigationEntry, register
from backend.web.pages import Action, Crumb, DetailPage, Fact, FormPage, ListPage
from backend.web.tables import Column, Table, table_of
from backend.web.values import Badge, Lines, Link

USERS: Crumb = (gettext_lazy("Users"), "/users")


def managed_organisations(actor: Any) -> QuerySet[Organisation]:
    mine = actor.with_permission(Permission.MANAGE_ACCOUNTS)
    return Organisation.objects.filter(pk__in=mine).order_by("name")


def role_lines(user: Any) -> Lines:
    """The roles of today that this administrator manages."""
    return Lines(tuple(f"{Role(one.role).label}, {one.organisation.name}" for one in user.today))


def active_badge(user: User) -> Badge:
    return Badge(_("Active"), "success") if user.is_active else Badge(_("Closed"), "neutral")


class UserFilters(PageFilterSet):
    search = SearchFilter(label=gettext_lazy("Name or e-mail address"), method="find")
    role = ChoiceFilter(label=gettext_lazy("Role"), choices=Role.choices, method="with_role")
    state = ChoiceFilter(
        label=gettext_lazy("Status"),
        choices=[("active", gettext_lazy("Active")), ("closed", gettext_lazy("Closed"))],
        method="in_state",
    )

    class Meta:
        model = User
        fields: list[str] = []

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(Q(full_name__icontains=value) | Q(email__icontains=value))

    def with_role(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        current = Membership.objects.on(clock.today()).filter(role=value)
        return queryset.filter(pk__in=current.values("user"))

    def in_state(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(is_active=value == "active")


class UserList(ListPage):
    permission = Permission.MANAGE_ACCOUNTS
    model = User
    title = USERS[0]
    intro = gettext_lazy("Everybody who has or had a role at an organisation that you manage.")
    filterset_class = UserFilters
    default_sort = "name"
    export_name = "users"
    empty_title = gettext_lazy("No users yet")
    empty_text = gettext_lazy("Invite the first one.")
    columns = (
        Column(
            "name",
            gettext_lazy("Name"),
            lambda one: Link(one.full_name, reverse("user", args=[one.uuid])),
            sort=("full_name",),
            header=True,
        ),
        Column("email", gettext_lazy("E-mail address"), "email", sort=("email",)),
        Column("roles", gettext_lazy("Roles today"), role_lines),
        Column("state", gettext_lazy("Status"), active_badge, sort=("is_active",)),
        Column("login", gettext_lazy("Last log-in"), "last_login", sort=("last_login",)),
    )

    def get_queryset(self) -> QuerySet[Any]:
        today = memberships_visible_to(self.actor).filter(
            pk__in=Membership.objects.on(clock.today()).values("pk")
        )
        return users_visible_to(self.actor).prefetch_related(
            Prefetch("memberships", today.select_related("organisation"), to_attr="today")
        )

    def get_actions(self) -> Sequence[Action]:
        return (Action(_("Invite somebody"), reverse("user-invite"), primary=True),)


class UserMixin:
    """Loads the person through the administrator's eyes."""

    actor: Any
    kwargs: dict[str, Any]
    user: User

    def prepare(self) -> None:
        found = users_visible_to(self.actor).filter(uuid=self.kwargs["uuid"]).first()
        if found is None:
            raise Http404
        self.user = found

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (USERS, (self.user.full_name, reverse("user", args=[self.user.uuid])))

    def get_success_url(self, result: Any) -> str:
        return reverse("user", args=[self.user.uuid])

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"organisations": managed_organisations(self.actor)}


class InvitePage(FormPage):
    """A new person with a first role, and the mail with which a password is chosen."""

    permission = Permission.MANAGE_ACCOUNTS
    title = gettext_lazy("Invite somebody")
    form_class = account_forms.InviteForm
    submit_label = gettext_lazy("Send the invitation")
    success_message = gettext_lazy("The invitation has been sent.")

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (USERS,)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"organisations": managed_organisations(self.actor)}

    def get_initial(self) -> dict[str, Any]:
        return {"language": "nl"}

    def perform(self, form: forms.BaseForm) -> User:
        data = dict(form.cleaned_data)
        return user_invite(actor=self.actor, **data | {"role": Role(data["role"])})

    def get_success_url(self, result: User) -> str:
        return reverse("user", args=[result.uuid])


class UserPage(DetailPage):
    permission = Permission.MANAGE_ACCOUNTS
    model = User
    object: User

    def get_queryset(self) -> QuerySet[Any]:
        return users_visible_to(self.actor)

    def get_title(self) -> str:
        return self.object.full_name

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (USERS,)

    def get_actions(self) -> Sequence[Action]:
        at = [self.object.uuid]
        if not self.object.is_active:
            return (Action(_("Open the account again"), reverse("user-reactivate", args=at)),)
        return (
            Action(_("Give a role"), reverse("user-role-new", args=at), primary=True),
            Action(_("Right to overrule"), reverse("user-extra-right", args=at)),
            Action(_("Close the account"), reverse("user-deactivate", args=at)),
        )

    def get_facts(self) -> Sequence[Fact]:
        user = self.object
        return [
            Fact(_("E-mail address"), user.email),
            Fact(_("Status"), active_badge(user)),
            Fact(_("Language"), user.get_language_display()),
            Fact(_("Last log-in"), user.last_login),
        ]

    def get_tables(self) -> Sequence[Table]:
        today = clock.today()
        rows = (
            memberships_visible_to(self.actor)
            .filter(user=self.object)
            .select_related("organisation")
            .order_by("-valid_from", "pk")
        )

        def step(one: Membership) -> Link | None:
            over = one.valid_to is not None and one.valid_to < today
            return None if over else Link(_("End"), reverse("role-end", args=[one.uuid]))

        return (
            table_of(
                (
                    Column("role", _("Role"), lambda one: Role(one.role).label, header=True),
                    Column("organisation", _("Organisation"), "organisation.name"),
                    Column("from", _("From"), "valid_from"),
                    Column("to", _("Last day"), "valid_to"),
                    Column("step", _("Step"), step),
                ),
                rows,
                caption=_("Roles"),
                empty=_("No roles."),
            ),
        )


class RoleNewPage(UserMixin, FormPage):
    permission = Permission.MANAGE_ACCOUNTS
    title = gettext_lazy("Give a role")
    form_class = account_forms.RoleForm
    success_message = gettext_lazy("The role has been given.")

    def perform(self, form: forms.BaseForm) -> Membership:
        data = dict(form.cleaned_data)
        return grant_role(actor=self.actor, user=self.user, **data | {"role": Role(data["role"])})


class RoleEndPage(FormPage):
    permission = Permission.MANAGE_ACCOUNTS
    title = gettext_lazy("End a role")
    form_class = account_forms.EndRoleForm
    submit_label = gettext_lazy("End the role")
    success_message = gettext_lazy("The role has been ended.")

    def prepare(self) -> None:
        found = (
            memberships_visible_to(self.actor)
            .select_related("user", "organisation")
            .filter(uuid=self.kwargs["uuid"])
            .first()
        )
        if found is None:
            raise Http404
        self.membership = found

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        user = self.membership.user
        return (USERS, (user.full_name, reverse("user", args=[user.uuid])))

    def perform(self, form: forms.BaseForm) -> Membership:
        revoke_role(actor=self.actor, membership=self.membership, **form.cleaned_data)
        return self.membership

    def get_success_url(self, result: Membership) -> str:
        return reverse("user", args=[result.user.uuid])


class ExtraRightPage(UserMixin, FormPage):
    permission = Permission.MANAGE_ACCOUNTS
    title = gettext_lazy("Right to overrule")
    intro = gettext_lazy(
        "Whoever has this right may place somebody although a rule of fit fails, with a reason. It "
        "counts while the person has a role at that organisation."
    )
    form_class = account_forms.ExtraRightForm
    success_message = gettext_lazy("The right has been changed.")

    def perform(self, form: forms.BaseForm) -> User:
        data = form.cleaned_data
        step = grant_permission if data["step"] == "give" else revoke_permission
        step(
            actor=self.actor,
            user=self.user,
            organisation=data["organisation"],
            permission=Permission.OVERRULE,
            reason=data["reason"],
        )
        return self.user


class _AccountStatePage(UserMixin, FormPage):
    permission = Permission.MANAGE_ACCOUNTS
    form_class = account_forms.ReasonForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {}

    def organisation(self) -> Organisation:
        """An organisation of this person that the administrator manages."""
        first = memberships_visible_to(self.actor).filter(user=self.user).first()
        if first is None:
            raise Http404
        return first.organisation


class DeactivatePage(_AccountStatePage):
    title = gettext_lazy("Close the account")
    intro = gettext_lazy(
        "The person cannot log in any more, at any organisation. The history stays."
    )
    submit_label = gettext_lazy("Close the account")
    success_message = gettext_lazy("The account has been closed.")

    def perform(self, form: forms.BaseForm) -> User:
        user_deactivate(
            actor=self.actor, user=self.user, organisation=self.organisation(), **form.cleaned_data
        )
        return self.user


class ReactivatePage(_AccountStatePage):
    title = gettext_lazy("Open the account again")
    intro = gettext_lazy("The roles that have not ended count again.")
    submit_label = gettext_lazy("Open the account")
    success_message = gettext_lazy("The account has been opened.")

    def perform(self, form: forms.BaseForm) -> User:
        user_reactivate(
            actor=self.actor, user=self.user, organisation=self.organisation(), **form.cleaned_data
        )
        return self.user


register(NavigationEntry("users", USERS[0], "users", Permission.MANAGE_ACCOUNTS, 90))

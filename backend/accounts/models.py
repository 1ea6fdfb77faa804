"""People who log in, their roles at organisations, and machine clients."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from guardian.managers import UserObjectPermissionManager
from guardian.models import UserObjectPermissionBase

from backend.accounts.roles import Role
from backend.common.records import Record
from backend.organisations.models import Organisation, ValidDays
from backend.organisations.querysets import PeriodQuerySet

LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]


class UserManager(BaseUserManager["User"]):
    """Addresses are stored in lower case: one person, one address, however it is typed."""

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        return (email or "").strip().lower()

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=self.normalize_email(username))

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":
        """A user who logs in with `email`; without a password only single sign-on works."""
        user = self.model(email=self.normalize_email(email), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin, Record):
    """A person who logs in, with the e-mail address as log-in name.

    Rights come from memberships only; `is_superuser` opens nothing in Passend.
    """

    email = models.EmailField(_("E-mail address"), unique=True)
    full_name = models.CharField(_("Name"), max_length=150)
    language = models.CharField(_("Language"), max_length=2, choices=LANGUAGES, default="nl")
    is_active = models.BooleanField(default=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        default_permissions = ()
        ordering = ["full_name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="accounts_user_email_lower_case"
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name.split(" ", 1)[0]


class Membership(Record):
    """A user has a role at an organisation from one day up to and including another."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="user_memberships"
    )
    role = models.CharField(max_length=30, choices=Role.choices)
    # Follows a group at the identity provider, and ends with it (backend.accounts.group_roles).
    from_group = models.BooleanField(default=False)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    objects = PeriodQuerySet["Membership"].as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["user", "organisation", "role", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="accounts_membership_period_order",
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.values), name="accounts_membership_role_known"
            ),
            ExclusionConstraint(
                name="accounts_membership_no_overlap",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("organisation", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (ValidDays(), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} at {self.organisation_id}"


class GrantManager(UserObjectPermissionManager, models.Manager["OrganisationUserGrant"]):
    """Guardian's manager under a name that the type checker knows."""


class OrganisationUserGrant(UserObjectPermissionBase, models.Model):
    """One guardian grant: this user holds this permission on this organisation.

    A direct key instead of guardian's generic text key: grants disappear with the organisation,
    and the actor's rights are one indexed join. Written by `backend.accounts.grants` only.
    """

    content_object = models.ForeignKey(Organisation, on_delete=models.CASCADE)

    objects = GrantManager()

    class Meta(UserObjectPermissionBase.Meta):
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user_id} may {self.permission_id} at {self.content_object_id}"


class ApiClient(Record):
    """A system of a municipality or provider that uses the API with its own key.

    The key is shown once, at creation; the database keeps its SHA-256, which is enough because
    the key is 256 random bits and cannot be guessed from its hash.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="api_clients"
    )
    name = models.CharField(max_length=100)
    roles = ArrayField(models.CharField(max_length=30, choices=Role.choices))
    key_prefix = models.CharField(max_length=16, unique=True)
    key_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_day = models.DateField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        ordering = ["organisation", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name"],
                condition=Q(revoked_at__isnull=True),
                name="accounts_apiclient_name_unique",
            ),
            models.CheckConstraint(
                condition=Q(roles__len__gt=0), name="accounts_apiclient_has_role"
            ),
        ]

    # What request handling asks of anybody who has authenticated.
    is_authenticated = True
    is_anonymous = False

    def __str__(self) -> str:
        return f"{self.name} ({self.key_prefix})"

    def works_at(self, moment: datetime) -> bool:
        """Neither revoked nor expired at `moment`."""
        if self.revoked_at is not None and self.revoked_at <= moment:
            return False
        return self.expires_at is None or moment < self.expires_at

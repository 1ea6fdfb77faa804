"""The door of accounts: who acts, with which rights, and how people and clients are managed.

Promise: `actor_for` costs at most two queries and none within five seconds; every change of rights
is audited; nobody outside this app calls guardian.
"""

from backend.accounts.actor import Actor, system_actor
from backend.accounts.actors import ANONYMOUS, actor_for, forget_all
from backend.accounts.grants import (
    expired_grants_clear,
    grant_permission,
    grant_role,
    revoke_permission,
    revoke_role,
)
from backend.accounts.keys import authenticate_key
from backend.accounts.models import ApiClient, Membership, User
from backend.accounts.onboarding import (
    Found,
    organisation_lookup,
    organisation_onboard,
    organisation_open,
    organisations_to_open,
    regions_that_onboard,
)
from backend.accounts.ports import bind_provider_directory
from backend.accounts.roles import (
    REGION_WIDE_PERMISSIONS,
    ROLE_PERMISSIONS,
    Role,
    role_fits,
)
from backend.accounts.selectors import (
    api_clients_visible_to,
    audit_events_visible_to,
    memberships_visible_to,
    users_visible_to,
)
from backend.accounts.services import (
    accounts_actor,
    api_client_create,
    api_client_renew,
    api_client_revoke,
    user_choose_language,
    user_create,
    user_deactivate,
    user_invite,
    user_reactivate,
)
from backend.accounts.single_sign_on import (
    SignOn,
    SignOnData,
    redirect_url,
    single_sign_on_of,
    single_sign_on_remove,
    single_sign_on_set,
)

__all__ = [
    "ANONYMOUS",
    "REGION_WIDE_PERMISSIONS",
    "ROLE_PERMISSIONS",
    "Actor",
    "ApiClient",
    "Found",
    "Membership",
    "Role",
    "SignOn",
    "SignOnData",
    "User",
    "accounts_actor",
    "actor_for",
    "api_client_create",
    "api_client_renew",
    "api_client_revoke",
    "api_clients_visible_to",
    "audit_events_visible_to",
    "authenticate_key",
    "bind_provider_directory",
    "expired_grants_clear",
    "forget_all",
    "grant_permission",
    "grant_role",
    "memberships_visible_to",
    "organisation_lookup",
    "organisation_onboard",
    "organisation_open",
    "organisations_to_open",
    "redirect_url",
    "regions_that_onboard",
    "revoke_permission",
    "revoke_role",
    "role_fits",
    "single_sign_on_of",
    "single_sign_on_remove",
    "single_sign_on_set",
    "system_actor",
    "user_choose_language",
    "user_create",
    "user_deactivate",
    "user_invite",
    "user_reactivate",
    "users_visible_to",
]

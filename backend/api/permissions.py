"""Who may use an endpoint at all; which rows is decided by `visible_to`."""

from typing import Any

from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from backend.api.requests import actor_of
from backend.common.errors import NotAllowedError


class HoldsPermission(BasePermission):
    """The actor is known and holds the permission of the action on at least one organisation."""

    def has_permission(self, request: Request, view: Any) -> bool:
        actor = actor_of(request)
        if actor.kind == "anonymous":
            raise NotAuthenticated
        needed = view.permission_for(view.action)
        if needed is not None and not any(actor.with_permission(one) for one in needed):
            raise NotAllowedError
        return True

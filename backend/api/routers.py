"""Addresses of resources: plural, kebab-case, named by UUID, without a trailing slash."""

from typing import Any

from rest_framework.routers import SimpleRouter


class PassendRouter(SimpleRouter):
    """A router whose addresses need no default of Django's or REST framework's."""

    def __init__(self) -> None:
        super().__init__(trailing_slash=False, use_regex_path=False)

    def get_default_basename(self, viewset: Any) -> str:
        return str(viewset.model._meta.model_name)

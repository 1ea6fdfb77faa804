"""Addresses of resources: plural, kebab-case, named by UUID, without a trailing slash."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.urls import URLPattern, URLResolver
from django.urls.resolvers import ResolverMatch, RoutePattern
from rest_framework.routers import SimpleRouter

Patterns = Iterable[URLPattern | URLResolver]


class PassendRouter(SimpleRouter):
    """A router whose addresses need no default of Django's or REST framework's."""

    def __init__(self) -> None:
        super().__init__(trailing_slash=False, use_regex_path=False)

    def get_default_basename(self, viewset: Any) -> str:
        return str(viewset.model._meta.model_name)


class ResourceResolver(URLResolver):
    """Tries only the addresses of the resource that the path names in its first segment.

    The API has some hundred addresses; trying one after the other is a twentieth of a request.
    """

    def __init__(self, prefix: str, patterns: Patterns) -> None:
        super().__init__(RoutePattern(prefix, is_endpoint=False), _flat(patterns))

    @cached_property
    def _resources(self) -> dict[str, URLResolver]:
        found: dict[str, list[URLPattern | URLResolver]] = defaultdict(list)
        for one in self.url_patterns:
            found[str(one.pattern).partition("/")[0]].append(one)
        return {name: URLResolver(self.pattern, patterns) for name, patterns in found.items()}

    def resolve(self, path: str) -> ResolverMatch:
        matched = self.pattern.match(path)
        name = matched[0].partition("/")[0] if matched else ""
        if name in self._resources:
            return self._resources[name].resolve(path)
        return super().resolve(path)


def _flat(patterns: Patterns) -> list[URLPattern | URLResolver]:
    """The addresses, also those that are included under an empty prefix."""
    found: list[URLPattern | URLResolver] = []
    for one in patterns:
        if isinstance(one, URLResolver) and not str(one.pattern):
            found += _flat(one.url_patterns)
        else:
            found.append(one)
    return found

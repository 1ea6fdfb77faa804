"""All resources of the API, found by walking the addresses: nothing registers itself for a test."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from backend.api.version import API_BASE_PATH
from backend.api.viewsets import ListOperation, PassendViewSet, RetrieveOperation


@dataclass(frozen=True)
class Resource:
    path: str
    viewset: type[PassendViewSet]

    def __str__(self) -> str:
        return self.path.removeprefix(API_BASE_PATH)

    @property
    def is_list(self) -> bool:
        return issubclass(self.viewset, ListOperation)

    @property
    def is_readable(self) -> bool:
        return issubclass(self.viewset, RetrieveOperation)

    def view(self, actor: Any, action: str = "list") -> PassendViewSet:
        """The viewset as in a request of `actor`, without a request."""
        view = self.viewset()
        view.action = action
        view.request = type("Asked", (), {"actor": actor})()
        return view


def _patterns(patterns: list[Any], prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for one in patterns:
        path = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _patterns(one.url_patterns, path)
        else:
            yield path, one


def all_resources() -> list[Resource]:
    """The collections of the API in alphabetical order."""
    found = {}
    for path, pattern in _patterns(get_resolver().url_patterns, "/"):
        viewset = getattr(pattern.callback, "cls", None)
        actions = getattr(pattern.callback, "actions", {})
        is_resource = isinstance(viewset, type) and issubclass(viewset, PassendViewSet)
        if is_resource and "<" not in path and {"get", "post"} & set(actions):
            found[path] = Resource(path, viewset)
    return [found[path] for path in sorted(found)]

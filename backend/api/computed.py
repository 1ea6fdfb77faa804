"""Lists whose lines are computed, not stored: with the filters and pages of every other list."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.http import HttpResponse
from rest_framework.request import Request

from backend.api.answers import Answer
from backend.api.filters import SchemaFilter
from backend.api.pagination import Page, read_ordering, read_page_request
from backend.api.problems import Fault, RequestFaultsError
from backend.api.renderers import to_json
from backend.api.viewsets import PassendViewSet
from backend.common.errors import Text


class OneReferenceFilter(SchemaFilter):
    """The id of one object."""

    field_class = forms.UUIDField
    schema = {"type": "string", "format": "uuid"}


class ComputedList(PassendViewSet):
    """GET on a collection of lines without an id; `filterset_class` only names what can be asked.

    `sortable` are names that `lines` gets back, with a minus sign where the order is reversed.
    """

    # Keys without which there is nothing to compute, with what to say then.
    needed: ClassVar[Mapping[str, Text]] = {}

    def judged(self, asked: Mapping[str, Any]) -> Iterable[Fault]:
        """What is wrong with well-formed values together."""
        return ()

    def lines(self, asked: Mapping[str, Any], order: Sequence[str]) -> Sequence[Any]:
        """All lines that the caller may see and asks for, in this order."""
        raise NotImplementedError

    def list(self, request: Request) -> HttpResponse:
        """The lines that fit the filters."""
        assert self.filterset_class is not None, "a list without filters knows no parameters"
        faults, parameters = self.faults, self.parameters
        wanted = read_page_request(parameters, self.actor, faults)
        order = read_ordering(parameters, self.sortable, self.default_order, faults)
        asked = self.filterset_class.read(parameters, faults)
        faults += [
            Fault(key, "required", text)
            for key, text in self.needed.items()
            if key not in parameters
        ]
        faults += self.judged(asked)
        if faults:
            raise RequestFaultsError(faults)
        # Lines have no key to end the order with.
        found = self.lines(asked, order[:-1])
        shown = found[wanted.start : wanted.start + wanted.size]
        page = Page([self.serializer_class(one).data for one in shown], wanted, len(found))
        headers = page.headers(request.path, parameters)
        return Answer(200, to_json(page.body()), headers).response()

"""DUO's list of institutions: the same file first to the preview, then to be imported.

Nothing is kept in between: what the list changes is worked out again when it is imported, whole or
not at all, so that a preview that has grown old does no harm.
"""

from typing import Any, ClassVar

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from backend.api.answers import Answer, object_answer
from backend.api.serializers import PassendSerializer
from backend.api.uploads import MULTIPART_ROOM, FilePart, MultipartActions
from backend.api.viewsets import PassendViewSet
from backend.common import clock
from backend.common.errors import NotAllowedError
from backend.common.imports import Preview
from backend.organisations.permissions import Permission
from providers.choices import MarkKind
from providers.models import Provider
from providers.policies import may_register_providers
from providers.services.institution_list import MAX_BYTES, institution_list_read
from providers.services.institutions import institutions_check, institutions_import, parse


class ListPart(FilePart):
    """The JSON file of DUO."""

    most_bytes = MAX_BYTES


class InstitutionListInput(PassendSerializer):
    file = ListPart(help_text="The answer of DUO's `GET /instellingen`: JSON, at most 10 MB.")


class InstitutionSerializer(PassendSerializer):
    duo_number = serializers.CharField(source="number")
    name = serializers.CharField()
    place = serializers.CharField()
    has_keurmerk = serializers.BooleanField()
    has_tst = serializers.BooleanField()


class ChangedInstitutionSerializer(InstitutionSerializer):
    changes = serializers.ListField(
        child=serializers.CharField(), help_text="Names of DUO's fields; `adres` for the address."
    )
    lost_marks = serializers.ListField(
        child=serializers.ChoiceField(MarkKind.choices),
        help_text="Alert: nobody can be placed there any more on courses that need these.",
    )


class InstitutionListSerializer(PassendSerializer):
    """What the list changes; a school that it no longer names is left alone."""

    new = InstitutionSerializer(many=True)
    changed = ChangedInstitutionSerializer(many=True)
    unchanged = serializers.IntegerField()
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="DUO numbers of known schools not in the list."
    )


def _shown(document: object, preview: Preview) -> dict[str, Any]:
    rows, _faults = parse(document)
    listed = {one.number: one for one in rows}
    changed = [
        {
            **vars(listed[one.key]),
            "changes": one.fields,
            "lost_marks": listed[one.key].lost_marks(one.fields),
        }
        for one in preview.changed
    ]
    return {
        "new": [listed[number] for number in preview.new],
        "changed": changed,
        "unchanged": preview.unchanged,
        "missing": preview.missing,
    }


class InstitutionListViewSet(MultipartActions, PassendViewSet):
    """Imports the list as it stands today: new schools, other data, marks won and lost."""

    model = Provider
    serializer_class = InstitutionListSerializer
    required_permission = (Permission.MANAGE_CONTRACTS, Permission.MANAGE_ACCOUNTS)
    input_serializers: ClassVar = {"create": InstitutionListInput}
    max_body_bytes = MAX_BYTES + MULTIPART_ROOM
    created_actions = ()

    step = staticmethod(institutions_import)

    def create(self, request: Request) -> HttpResponse:
        """What the list changes, or every fault in it with its place in the file."""
        if not may_register_providers(self.actor):
            raise NotAllowedError

        def work() -> Answer:
            document = institution_list_read(self.validated(request)["file"].content)
            preview = type(self).step(actor=self.actor, document=document, on=clock.today())
            preview.raise_faults()
            return object_answer(self.serializer_class(_shown(document, preview)).data)

        return self.run_once(request, work)


class InstitutionListPreviewViewSet(InstitutionListViewSet):
    """What importing the list would change, without changing it."""

    step = staticmethod(institutions_check)

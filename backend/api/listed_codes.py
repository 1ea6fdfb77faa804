"""Code lists in their versions over the API; a region's administrator changes them.

Which lists there are, the apps say (backend.codelists.registry).
"""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from backend.api.answers import Answer, object_answer, unless_known
from backend.api.serializers import PassendSerializer
from backend.api.version import API_BASE_PATH
from backend.api.viewsets import PassendViewSet
from backend.codelists.models import CodeListVersion
from backend.codelists.public import (
    Change,
    Code,
    CodeList,
    Impact,
    Version,
    all_lists,
    all_versions,
    code_list_preview,
    code_list_publish,
    code_list_withdraw,
    list_named,
    versions_of,
)
from backend.common import clock
from backend.organisations.permissions import Permission

MANAGE = Permission.MANAGE_ACCOUNTS
LABEL: Any = {"max_length": 100}
CODE: Any = {"max_length": 40}


class ListedCodeSerializer(PassendSerializer):
    """One code; `countsAs` is the fixed code of which it is a finer one, or empty."""

    code = serializers.CharField()
    label_nl = serializers.CharField()
    label_en = serializers.CharField()
    counts_as = serializers.CharField()
    is_fixed = serializers.BooleanField()


class CodeListVersionSerializer(PassendSerializer):
    """All codes of a list from a day on; `validTo` is null for the last version."""

    version = serializers.IntegerField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)
    reason = serializers.CharField()
    codes = ListedCodeSerializer(many=True)


class CodeListSummarySerializer(PassendSerializer):
    key = serializers.CharField()
    title = serializers.CharField()
    decided_by = serializers.CharField(help_text="Who decides about this list, and what is fixed.")
    is_changeable = serializers.BooleanField()
    current_version = serializers.IntegerField()
    next_version_from = serializers.DateField(
        allow_null=True, help_text="First day of the version that is planned."
    )


class CodeListsSerializer(PassendSerializer):
    items = CodeListSummarySerializer(many=True)


class CodeListSerializer(CodeListSummarySerializer):
    """A list with all its versions, the delivered one first."""

    versions = CodeListVersionSerializer(many=True)


class CodeListsViewSet(PassendViewSet):
    """The code lists of Passend: which codes hold when, in Dutch and in English."""

    model = CodeListVersion
    serializer_class = CodeListsSerializer

    @extend_schema(operation_id="code_lists_all")
    def retrieve(self, request: Request) -> HttpResponse:
        """All lists, those that an administrator may change first."""
        lists = all_lists()
        versions = all_versions([one.key for one in lists])
        items = [_summary(one, versions[one.key]) for one in lists]
        answer = object_answer(CodeListsSerializer({"items": items}).data)
        return unless_known(request, answer).response()


class CodeListViewSet(PassendViewSet):
    """One code list with its versions."""

    model = CodeListVersion
    serializer_class = CodeListSerializer

    def retrieve(self, request: Request, key: str) -> HttpResponse:
        """The list; a version counts until the day before the next one."""
        return unless_known(request, _whole(key)).response()


class NewCodeInput(PassendSerializer):
    code = serializers.CharField(**CODE)
    label_nl = serializers.CharField(**LABEL)
    label_en = serializers.CharField(**LABEL)
    counts_as = serializers.CharField(
        **CODE,
        required=False,
        allow_blank=True,
        help_text="Needed where the list has fixed grounds: the one that this code refines.",
    )


class RenamedCodeInput(PassendSerializer):
    code = serializers.CharField(**CODE)
    label_nl = serializers.CharField(**LABEL)
    label_en = serializers.CharField(**LABEL)


class CodeListChangeInput(PassendSerializer):
    """What differs from the last version of the list."""

    valid_from = serializers.DateField(help_text="Tomorrow or later.")
    added = NewCodeInput(many=True, required=False)
    ended = serializers.ListField(
        child=serializers.CharField(**CODE), required=False, max_length=100
    )
    renamed = RenamedCodeInput(many=True, required=False)


class CodeListVersionInput(CodeListChangeInput):
    reason = serializers.CharField(max_length=200)


class RecordsSerializer(PassendSerializer):
    where = serializers.CharField()
    records = serializers.IntegerField()


class EndedCodeSerializer(PassendSerializer):
    """A code that ends; the records that hold it keep it."""

    code = serializers.CharField()
    records = RecordsSerializer(many=True)


class CodeListImpactSerializer(PassendSerializer):
    """What a change would do; nothing has been saved."""

    version = serializers.IntegerField()
    valid_from = serializers.DateField()
    added = serializers.ListField(child=serializers.CharField())
    renamed = serializers.ListField(child=serializers.CharField())
    ended = EndedCodeSerializer(many=True)
    running = RecordsSerializer(
        many=True, help_text="Records that keep the version with which they began."
    )


class CodeListPreviewViewSet(PassendViewSet):
    """The impact report of a change, before it is made."""

    model = CodeListVersion
    serializer_class = CodeListImpactSerializer
    required_permission = MANAGE
    input_serializers = {"create": CodeListChangeInput}
    created_actions = ()

    def create(self, request: Request, key: str) -> HttpResponse:
        """How many records use a code that ends, and what runs on with the earlier version."""

        def work() -> Answer:
            change = _change(self.validated(request))
            impact = code_list_preview(actor=self.actor, key=key, change=change)
            return object_answer(CodeListImpactSerializer(_impact(impact)).data)

        return self.run_once(request, work)


class CodeListVersionsViewSet(PassendViewSet):
    """New versions of a list."""

    model = CodeListVersion
    serializer_class = CodeListSerializer
    required_permission = MANAGE
    input_serializers = {"create": CodeListVersionInput}

    def create(self, request: Request, key: str) -> HttpResponse:
        """Publishes a version from a day to come; the answer is the list with its versions."""

        def work() -> Answer:
            data = self.validated(request)
            reason = data.pop("reason")
            code_list_publish(actor=self.actor, key=key, change=_change(data), reason=reason)
            return _whole(key, 201, {"Location": f"{API_BASE_PATH}/code-lists/{key}"})

        return self.run_once(request, work)


class WithdrawVersionInput(PassendSerializer):
    reason = serializers.CharField(max_length=200)


class CodeListWithdrawViewSet(PassendViewSet):
    """Taking back a version that has not begun."""

    model = CodeListVersion
    serializer_class = CodeListSerializer
    required_permission = MANAGE
    input_serializers = {"withdraw": WithdrawVersionInput}

    @extend_schema(request=WithdrawVersionInput)
    def withdraw(self, request: Request, key: str, version: int) -> HttpResponse:
        """Only the last version, and only before its first day."""

        def work() -> Answer:
            reason = self.validated(request)["reason"]
            code_list_withdraw(actor=self.actor, key=key, version=version, reason=reason)
            return _whole(key)

        return self.run_once(request, work)


def _whole(key: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    found, versions = list_named(key), versions_of(key)
    content = {
        **_summary(found, versions),
        "versions": [{**_version(one), "codes": _codes(found, one)} for one in versions],
    }
    return object_answer(CodeListSerializer(content).data, status, headers)


def _summary(found: CodeList, versions: tuple[Version, ...]) -> dict[str, Any]:
    today = clock.today()
    current = max(one.version for one in versions if one.valid_from <= today)
    ahead = [one.valid_from for one in versions if one.valid_from > today]
    return {
        "key": found.key,
        "title": found.title,
        "decided_by": found.source,
        "is_changeable": found.is_changeable,
        "current_version": current,
        "next_version_from": min(ahead, default=None),
    }


def _version(one: Version) -> dict[str, Any]:
    return {
        "version": one.version,
        "valid_from": one.valid_from,
        "valid_to": one.valid_to,
        "reason": one.reason,
    }


def _codes(found: CodeList, version: Version) -> list[dict[str, Any]]:
    return [
        {
            "code": one.code,
            "label_nl": one.label_nl,
            "label_en": one.label_en,
            "counts_as": one.counts_as,
            "is_fixed": one.code in found.fixed,
        }
        for one in version.codes
    ]


def _change(data: Mapping[str, Any]) -> Change:
    def codes(name: str) -> tuple[Code, ...]:
        return tuple(Code(**one) for one in data.get(name, ()))

    return Change(
        valid_from=data["valid_from"],
        added=codes("added"),
        ended=frozenset(data.get("ended", ())),
        renamed=codes("renamed"),
    )


def _impact(impact: Impact) -> dict[str, Any]:
    def lines(found: Any) -> list[dict[str, Any]]:
        return [{"where": where, "records": records} for where, records in found]

    return {
        "version": impact.version,
        "valid_from": impact.valid_from,
        "added": [one.code for one in impact.added],
        "renamed": [one.code for one in impact.renamed],
        "ended": [{"code": one.code.code, "records": lines(one.records)} for one in impact.ended],
        "running": lines(impact.running),
    }

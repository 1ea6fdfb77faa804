"""A whole framework agreement in one request (journey J1), and what a contract still lacks."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from backend.api.answers import Answer, object_answer, unless_known
from backend.api.casing import camel_path
from backend.api.judging import apart_from, malformed_places, sound_values
from backend.api.problems import Fault
from backend.api.serializers import PassendSerializer
from backend.api.version import API_BASE_PATH
from backend.api.viewsets import PassendViewSet
from backend.common.errors import Violation
from backend.organisations.permissions import Permission
from procurement.api.agreement_inputs import AgreementInput, plan_of
from procurement.api.serializers import ContractSerializer, LotReference, TenderReference
from procurement.models import Contract, Tender
from procurement.selectors.completeness import contract_gaps, contract_warnings
from procurement.services.registration import agreement_faults, agreement_register

# One wrong day or method makes all that is said about these meaningless.
WHOLES = ("options", "indexation")


class GapSerializer(PassendSerializer):
    """Where something is missing, a stable code, and a sentence."""

    field = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class ContractGapsSerializer(PassendSerializer):
    """What must be filled before a contract can be in force, and what somebody should look at."""

    gaps = GapSerializer(many=True)
    warnings = GapSerializer(many=True)


def gaps_of(contract: Contract) -> dict[str, list[dict[str, str]]]:
    """What `ContractGapsSerializer` shows."""
    return {
        "gaps": _in_wire_names(contract_gaps(contract)),
        "warnings": _in_wire_names(contract_warnings(contract)),
    }


def _in_wire_names(found: Iterable[Violation]) -> list[dict[str, str]]:
    return [Fault(camel_path(one.field), one.code, one.message).as_dict() for one in found]


class RegisteredContractSerializer(ContractSerializer):
    """The contract with what it lacks before it can be in force."""

    gaps = GapSerializer(many=True)
    warnings = GapSerializer(many=True)

    class Meta(ContractSerializer.Meta):
        fields = (*ContractSerializer.Meta.fields, "gaps", "warnings")  # type: ignore[assignment]


class AgreementSerializer(PassendSerializer):
    """What came of an award."""

    tender = TenderReference()
    lots = LotReference(many=True)
    contracts = RegisteredContractSerializer(many=True)


class ContractGapsViewSet(PassendViewSet):
    """What a contract still lacks before it can be in force."""

    model = Contract
    serializer_class = ContractGapsSerializer
    required_permission = Permission.VIEW_CONTRACTS

    def retrieve(self, request: Request, id: Any) -> HttpResponse:
        """Gaps, which must be filled, and warnings, which somebody should look at."""
        answer = object_answer(self.serializer_class(gaps_of(self.visible_object(id))).data)
        return unless_known(request, answer).response()


class AgreementViewSet(PassendViewSet):
    """An award with its lots and a contract in draft per contractor: all of it, or nothing."""

    model = Tender
    serializer_class = AgreementSerializer
    required_permission = Permission.MANAGE_CONTRACTS
    input_serializers = {"create": AgreementInput}

    def create(self, request: Request) -> HttpResponse:
        """Registers everything, or names every fault with its path in the body."""

        def work() -> Answer:
            plan = plan_of(self.validated(request))
            agreement = agreement_register(actor=self.actor, plan=plan)
            for one in agreement.contracts:
                one.__dict__ |= gaps_of(one)
            location = f"{API_BASE_PATH}/tenders/{agreement.tender.uuid}"
            body = self.serializer_class(agreement).data
            return object_answer(body, 201, {"Location": location})

        return self.run_once(request, work)

    def judge_rest(self, values: dict[str, Any], faulty: Collection[str]) -> Sequence[Violation]:
        """What the rules say of all that is well-formed, however deep the malformed values are."""
        if "buyer" not in values:
            return ()
        context = {"request": self.request, "view": self}
        reader = AgreementInput(data=self.request.data, context=context)
        reader.is_valid()
        malformed = malformed_places(reader.errors)
        plan = plan_of(sound_values(reader, self.request.data))
        found = apart_from(agreement_faults(actor=self.actor, plan=plan), malformed)
        return [one for one in found if not _doubtful(one, malformed)]


def _doubtful(one: Violation, malformed: Collection[str]) -> bool:
    """Whether a malformed value elsewhere may be why this was found."""
    roots = {place.split(".")[0] for place in malformed}
    root = one.field.split(".")[0]
    if roots & {"startDate", "endDate"} and root in {"start_date", "end_date", "options"}:
        return True
    if one.code == "unknown_lot":
        return "lots" in roots
    if one.code == "tariff_overlaps":
        prices = camel_path(one.field).rsplit(".", 2)[0]
        return any(place.startswith(f"{prices}.") for place in malformed)
    return root in WHOLES and root in roots

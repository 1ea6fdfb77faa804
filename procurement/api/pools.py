"""Shared lots over the API: the sharing of a lot, with use and cost per home municipality."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from backend.api.answers import Answer, object_answer, unless_known
from backend.api.serializers import PassendSerializer
from backend.api.viewsets import PassendViewSet
from backend.common.errors import NotFoundError
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from procurement.choices import PoolMode
from procurement.models import Lot, LotPool
from procurement.selectors.pools import pool_lines
from procurement.services.pools import lot_pool_set


class PoolShareSerializer(PassendSerializer):
    """One municipality: its share (null where there is none), use, and cost at home."""

    municipality = serializers.CharField()
    payer = serializers.CharField()
    quota = serializers.IntegerField(allow_null=True)
    used = serializers.IntegerField()
    left = serializers.IntegerField(allow_null=True)
    committed_amount = serializers.DecimalField(source="amount", max_digits=12, decimal_places=2)


class LotPoolSerializer(PassendSerializer):
    """How the places of a lot are shared."""

    mode = serializers.ChoiceField(PoolMode.choices)
    shares = PoolShareSerializer(many=True)


class QuotaInput(PassendSerializer):
    municipality = serializers.UUIDField()
    places = serializers.IntegerField(min_value=0, max_value=100_000)


class LotPoolInput(PassendSerializer):
    mode = serializers.ChoiceField(PoolMode.choices)
    quotas = QuotaInput(many=True, required=False)
    reason = serializers.CharField(max_length=400)


class LotPoolViewSet(PassendViewSet):
    """How municipalities share the places of a lot, and what each used and committed."""

    model = Lot
    serializer_class = LotPoolSerializer
    required_permission = Permission.VIEW_CONTRACTS
    action_permissions = {"create": Permission.MANAGE_CONTRACTS}
    input_serializers = {"create": LotPoolInput}
    created_actions = ()

    def lot(self, uuid: UUID) -> Lot:
        found: Lot | None = self.visible().filter(uuid=uuid).first()
        if found is None:
            raise NotFoundError
        return found

    def content(self, lot: Lot) -> Any:
        pool = LotPool.objects.filter(lot=lot).first()
        mode = PoolMode.FIRST_COME if pool is None else pool.mode
        return self.serializer_class({"mode": mode, "shares": pool_lines(lot)}).data

    def retrieve(self, request: Request, id: UUID) -> HttpResponse:
        """The sharing of the lot as it is now."""
        return unless_known(request, object_answer(self.content(self.lot(id)))).response()

    def create(self, request: Request, id: UUID) -> HttpResponse:
        """Another sharing from now on; running places stay as they are."""
        lot = self.lot(id)

        def work() -> Answer:
            data = self.validated(request)
            wanted = {one["municipality"]: one["places"] for one in data.pop("quotas", ())}
            known = Organisation.objects.filter(uuid__in=wanted).values_list("pk", "uuid")
            # Somebody who names an unknown municipality is told so by the service (key 0).
            quotas = {pk: wanted[uuid] for pk, uuid in known}
            if len(quotas) < len(wanted):
                quotas[0] = 0
            lot_pool_set(actor=self.actor, lot=lot, quotas=quotas, **data)
            return object_answer(self.content(lot))

        return self.run_once(request, work)

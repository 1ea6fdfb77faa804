"""Base of all resources: a viewset is a declaration, behaviour is here (docs/api-conventions.md).

Whoever asks, lists and single objects start from `model.objects.visible_to(actor)`; whatever is
written is looked up again through the actor's eyes before the transaction ends.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar
from uuid import UUID

from django.db import models, transaction
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from backend.accounts.actor import Actor
from backend.api.answers import (
    Answer,
    check_if_match,
    object_answer,
    require_if_match,
    unless_known,
)
from backend.api.bodies import reading
from backend.api.filters import PassendFilterSet, countable, narrowed, read_parameters
from backend.api.idempotency import answer_once
from backend.api.pagination import (
    NEAR,
    PAGE_KEY,
    SIZE_KEY,
    SORT_KEY,
    Page,
    PageRequest,
    far_page,
    known_total,
    read_ordering,
    read_page_request,
)
from backend.api.permissions import HoldsPermission
from backend.api.plans import plan_for
from backend.api.problems import Fault, RequestFaultsError
from backend.api.renderers import to_json
from backend.api.requests import actor_of
from backend.api.rows import count
from backend.api.schema_pages import PageDescription, ParameterDescription
from backend.api.serializers import well_formed, with_violations
from backend.api.shapes import Shape, compile_shape
from backend.api.single import single_of
from backend.api.version import API_BASE_PATH
from backend.common.errors import NotFoundError, Violation
from backend.common.prepared import trust_quiet_connection
from backend.organisations.permissions import Permission

LIST_KEYS = frozenset({PAGE_KEY, SIZE_KEY, SORT_KEY})
# Any: the stubs call serializer classes unhashable, which they are not.
SerializerClass = Any


class PassendViewSet(GenericViewSet[Any]):
    """A resource without operations; add the mixins below for each operation it has."""

    model: ClassVar[type[models.Model]]
    # What everybody sees, or, per audience, who sees what: see `audience_of`.
    serializer_class: SerializerClass
    audiences: ClassVar[Mapping[str, SerializerClass]] = {}
    filterset_class: ClassVar[type[PassendFilterSet] | None] = None
    # Keys of `sort` with the model path each stands for, and the order without `sort`.
    sortable: ClassVar[Mapping[str, str]] = {}
    default_order: ClassVar[Sequence[str]] = ()
    # Any one of these opens the endpoint; None: everybody who is logged in.
    required_permission: ClassVar[Permission | Sequence[Permission] | None] = None
    action_permissions: ClassVar[Mapping[str, Permission | Sequence[Permission]]] = {}
    # Body of POST and PATCH per action, for validation and for openapi.json.
    input_serializers: ClassVar[Mapping[str, type[serializers.Serializer[Any]]]] = {}

    http_method_names = ["get", "head", "post", "patch", "delete"]
    lookup_field = "uuid"
    lookup_url_kwarg = "id"
    lookup_value_converter = "uuid"
    permission_classes = [HoldsPermission]
    filter_backends = [ParameterDescription]
    pagination_class = PageDescription

    @property
    def actor(self) -> Actor:
        return actor_of(self.request)

    # -- what a declaration may refine

    def audience_of(self, actor: Actor) -> str | None:
        """The key of `audiences` for this actor; None gives `serializer_class`."""
        return None

    # Whether `prepared` gives the same query at any moment (no actor, no clock but `ClockNow`), so
    # that it can be built once per process; building a wide query costs as much as running it.
    prepared_once: ClassVar[bool] = False

    # Whether `visible_to` looks at nothing but the rights of the actor and the row (no clock, no
    # key of the actor), `prepared_once` holds and no column needs conversion: single objects are
    # then read by a statement that is built and planned once per set of rights.
    visible_by_rights: ClassVar[bool] = False

    def prepared(self, queryset: Any) -> Any:
        """The queryset with the annotations that the serializer names, as sub-queries."""
        return queryset

    # -- behaviour

    def permission_for(self, action: str | None) -> Sequence[Permission] | None:
        needed = self.action_permissions.get(action or "", self.required_permission)
        return (needed,) if isinstance(needed, Permission) else needed

    def visible(self) -> Any:
        """The rows that exist for this actor."""
        rows: Any = self.model._default_manager.all()
        return rows.visible_to(self.actor)

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.model._default_manager.none()
        return self.prepared(self.visible())

    def selected(self) -> Any:
        """The visible rows as tuples of the columns of `shape()`."""
        if _is_same_for_all(type(self)):
            declaration = Declaration(type(self), self.output_serializer())
            return declaration.selection_for(self.actor)[1]
        return self.get_queryset().values_list(*self.shape().columns)

    def output_serializer(self) -> SerializerClass:
        audience = self.audience_of(self.actor) if self.audiences else None
        return self.serializer_class if audience is None else self.audiences[audience]

    def shape(self) -> Shape:
        return _shape_of(self.output_serializer(), self.model)

    def known_keys(self) -> frozenset[str]:
        """Query keys of this action; whatever else is sent is refused."""
        if self.action != "list":
            return frozenset()
        filters = self.filterset_class.ready_filters() if self.filterset_class else {}
        return LIST_KEYS.union(filters)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        trust_quiet_connection()
        super().initial(request, *args, **kwargs)
        self.faults: list[Fault] = []
        self.parameters = read_parameters(request._request.GET, self.known_keys(), self.faults)
        if self.faults and self.action != "list":
            raise RequestFaultsError(self.faults)

    def representation(self, uuid: UUID) -> Mapping[str, Any]:
        """The object as this actor sees it; NotFoundError when it does not exist for the actor."""
        if self.visible_by_rights:
            single: Mapping[str, Any] | None = single_of(
                Declaration(type(self), self.output_serializer()), self.actor.rights
            )(uuid)
        else:
            found = self.shape().of_selected(self.selected().filter(uuid=uuid))
            single = found[0] if found else None
        if single is None:
            raise NotFoundError
        return single

    def visible_object(self, uuid: UUID | str) -> Any:
        """The model object of a sub-resource or action; NotFoundError when not visible."""
        found = self.visible().filter(uuid=uuid).first()
        if found is None:
            raise NotFoundError
        return found

    def validated(self, request: Request, *, partial: bool = False) -> dict[str, Any]:
        """The body in model names; all faults at once as RequestFaultsError's 400."""
        with reading(
            self.input_serializers[self.action or ""],
            request.data,
            partial=partial,
            context={"request": request, "view": self},
        ) as serializer:
            if not serializer.is_valid():
                faulty = {
                    str(field.source)
                    for wire, field in serializer.fields.items()
                    if wire in serializer.errors
                }
                rest = self.judge_rest(well_formed(serializer), faulty)
                raise serializers.ValidationError(with_violations(serializer.errors, rest))
            return dict(serializer.validated_data)

    def judge_rest(self, values: dict[str, Any], faulty: Collection[str]) -> Sequence[Violation]:
        """What the rules say of `values`, the well-formed part of a body in which `faulty` is not.

        All faults are answered at once: nobody corrects a body twice.
        """
        return ()

    def location_of(self, uuid: UUID) -> str:
        prefix = self.request.path.removeprefix(API_BASE_PATH).strip("/").split("/")[0]
        return f"{API_BASE_PATH}/{prefix}/{uuid}"

    def command(
        self, request: Request, run: Callable[[dict[str, Any]], models.Model], status: int = 200
    ) -> HttpResponse:
        """Runs a POST at most once per Idempotency-Key and shows the object it is about.

        `run` takes the validated body and calls one service. The object must be visible to the
        actor afterwards, or everything is rolled back.
        """

        def work() -> Answer:
            changed = run(self.validated(request) if self.action in self.input_serializers else {})
            uuid: UUID = changed.uuid  # type: ignore[attr-defined]
            headers = {"Location": self.location_of(uuid)} if status == 201 else {}
            return object_answer(self.representation(uuid), status, headers)

        return self.run_once(request, work)

    def run_once(self, request: Request, work: Callable[[], Answer]) -> HttpResponse:
        """Runs `work` in a transaction, at most once per Idempotency-Key."""
        return answer_once(request, self.actor, work).response()


class ListOperation:
    """GET on the collection: filters, sort, page."""

    def total(self: Any, queryset: Any, asked: Mapping[str, Any]) -> int:
        """All rows that the filters leave, counted without the joins and columns of the page."""
        return count(countable(self.filterset_class, self.visible(), queryset, asked))

    def list(self: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        faults, parameters = self.faults, self.parameters
        wanted = read_page_request(parameters, self.actor, faults)
        ordering = read_ordering(parameters, self.sortable, self.default_order, faults)
        filterset = self.filterset_class
        asked = filterset.read(parameters, faults) if filterset is not None else {}
        if faults:
            raise RequestFaultsError(faults)
        page = self.page_by_plan(wanted, ordering, asked) or self.page(wanted, ordering, asked)
        headers = page.headers(request.path, parameters)
        return Answer(200, to_json(page.body()), headers).response()

    def page_by_plan(
        self: Any, wanted: PageRequest, ordering: Sequence[str], asked: Mapping[str, Any]
    ) -> Page | None:
        """The page by SQL that was made before; None where there is no plan."""
        if wanted.start >= NEAR or not _is_same_for_all(type(self)):
            return None
        shape = self.shape()
        declaration = Declaration(type(self), self.output_serializer())
        plan, values = plan_for(declaration, self.actor.rights, ordering, asked)
        if plan is None:
            return None
        items = shape.of_rows(plan.rows(values, wanted.start, wanted.start + wanted.size))
        total = known_total(wanted, len(items))
        return Page(items, wanted, plan.total(values) if total is None else total)

    def page(
        self: Any, wanted: PageRequest, ordering: Sequence[str], asked: Mapping[str, Any]
    ) -> Page:
        queryset = narrowed(self.filterset_class, self.selected(), asked)
        rows = self.shape().of_selected
        if wanted.start < NEAR:
            stop = wanted.start + wanted.size
            items = rows(queryset.order_by(*ordering)[wanted.start : stop])
            total = known_total(wanted, len(items))
            if total is None:
                total = self.total(queryset, asked)
        else:
            total = self.total(queryset, asked)
            items = far_page(rows, queryset, ordering, wanted, total)
        return Page(items, wanted, total)


class RetrieveOperation:
    """GET on one object, with ETag and If-None-Match."""

    def retrieve(self: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = object_answer(self.representation(kwargs["id"]))
        return unless_known(request, answer).response()


class CreateOperation:
    """POST on the collection: declare `input_serializers["create"]` and who does the work.

    That is `create_service` when it takes the actor and the body as it is, or `perform_create`.
    """

    create_service: ClassVar[Callable[..., models.Model]]

    def perform_create(self: Any, data: dict[str, Any]) -> models.Model:
        return type(self).create_service(actor=self.actor, **data)

    def create(self: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = self.command(request, self.perform_create, status=201)
        return response


class UpdateOperation:
    """PATCH on one object: declare `input_serializers["partial_update"]` and `perform_update`."""

    def perform_update(self, instance: Any, data: dict[str, Any]) -> models.Model:
        raise NotImplementedError

    def partial_update(self: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Changes the named fields, only of the version that If-Match names.

        MUST hold the row lock while the version is compared: otherwise two clients with the same
        ETag could both pass.
        """
        version = require_if_match(request)
        data = self.validated(request, partial=True)
        with transaction.atomic():
            instance = (
                self.visible().filter(uuid=kwargs["id"]).select_for_update(of=("self",)).first()
            )
            if instance is None:
                raise NotFoundError
            check_if_match(version, self.representation(kwargs["id"]))
            changed = self.perform_update(instance, data)
            answer = object_answer(self.representation(changed.uuid))
        return answer.response()


class DeleteOperation:
    """DELETE on one object: declare `perform_delete`."""

    def perform_delete(self, instance: Any) -> None:
        raise NotImplementedError

    def destroy(self: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Removes the object, only in the version that If-Match names."""
        version = require_if_match(request)
        with transaction.atomic():
            instance = (
                self.visible().filter(uuid=kwargs["id"]).select_for_update(of=("self",)).first()
            )
            if instance is None:
                raise NotFoundError
            check_if_match(version, self.representation(kwargs["id"]))
            self.perform_delete(instance)
        return Answer(204, b"").response()


class ReadOnlyResource(ListOperation, RetrieveOperation, PassendViewSet):
    """A resource that is only read."""


@dataclass(frozen=True)
class Declaration:
    """A resource and one of its representations."""

    view: type[PassendViewSet]
    serializer: SerializerClass

    def selection_for(self, actor: Any) -> tuple[Shape, Any]:
        rows = _selection_of(self.view, self.serializer).all().visible_to(actor)
        return _shape_of(self.serializer, self.view.model), rows

    def questions(self, actor: Any, asked: Mapping[str, Any]) -> tuple[Any, Any]:
        """The rows that the filters leave, and the same to be counted."""
        rows = narrowed(self.view.filterset_class, self.selection_for(actor)[1], asked)
        everything: Any = self.view.model._default_manager.all()
        visible = everything.visible_to(actor)
        return rows, countable(self.view.filterset_class, visible, rows, asked)


def _is_same_for_all(view: type[PassendViewSet]) -> bool:
    """Whether actors differ in the rows that they see and in nothing else."""
    is_prepared = view.prepared_once or view.prepared is PassendViewSet.prepared
    return is_prepared and view.visible is PassendViewSet.visible


@cache
def _shape_of(serializer: SerializerClass, model: type[models.Model]) -> Shape:
    return compile_shape(serializer, model)


@cache
def _selection_of(view: type[PassendViewSet], serializer: SerializerClass) -> Any:
    """Annotations, joins and columns of a list, resolved once; never evaluated itself."""
    rows = view().prepared(view.model._default_manager.all())
    return rows.values_list(*_shape_of(serializer, view.model).columns)

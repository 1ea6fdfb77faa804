"""The code lists of the supply side that a functional administrator may change."""

from collections.abc import Collection, Iterable, Mapping

from django.db.models import Count, Func
from django.utils.translation import gettext_lazy as _

from backend.codelists.public import CodeList, Usage, code_faults, register
from backend.common.errors import Violation
from providers.choices import SpecialGroup
from providers.models import Course

SPECIAL_GROUPS = "special-groups"


def special_group_faults(groups: Iterable[str], *, had: Collection[str] = ()) -> list[Violation]:
    """A course names groups that hold today; what it named already may stay."""
    return code_faults(SPECIAL_GROUPS, groups, field="special_groups", had=had)


def register_lists() -> None:
    register(
        CodeList(
            SPECIAL_GROUPS,
            _("Groups that a course was made for"),
            _("The list of Passend; every code may change."),
            SpecialGroup,
            usages=(Usage(_("Courses on offer"), _courses),),
        )
    )


def _courses(codes: Collection[str]) -> Mapping[str, int]:
    rows = Course.objects.filter(is_active=True, special_groups__overlap=list(codes))
    named = rows.annotate(one=Func("special_groups", function="unnest")).order_by()
    counted = named.values_list("one").annotate(Count("pk"))
    return {code: number for code, number in counted if code in codes}

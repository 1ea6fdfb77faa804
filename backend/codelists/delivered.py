"""Code lists of the law and of DUO: delivered with the program, and the same for everybody."""

from django.db.models import Choices
from django.utils.translation import gettext_lazy as _

from backend.codelists.registry import CodeList, Text, register
from backend.common.codes import Component, LearningRoute, Level, Literacy, Skill, TargetGroup

LISTS: tuple[tuple[str, Text, type[Choices]], ...] = (
    ("components", _("Components of a PIP"), Component),
    ("learning-routes", _("Learning routes"), LearningRoute),
    ("levels", _("Language levels"), Level),
    ("literacy", _("Literacy"), Literacy),
    ("skills", _("Exam parts"), Skill),
    ("target-groups", _("Target groups"), TargetGroup),
)


def register_lists() -> None:
    for key, title, codes in LISTS:
        register(
            CodeList(
                key,
                title,
                _("Comes from the law or from DUO, and is delivered with Passend."),
                codes,
                is_changeable=False,
                fixed=frozenset(str(value) for value in codes.values),
            )
        )

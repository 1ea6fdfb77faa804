"""The indicators that come with Passend, as data: installed once per version, never changed.

A changed definition is a new version. Norms are contract fields: the numbers here are defaults
(quality.md section 1) that a municipality replaces by its own version.
"""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_noop as _

from quality.choices import Goal, IndicatorMethod, IndicatorPeriod, IndicatorUnit

ATTENDANCE = "Q1"
FIRST_ATTEMPT = "S2"
SATISFACTION = "Q4"
# In the order of the scorecard: goals as in the framework.
CODES = (FIRST_ATTEMPT, ATTENDANCE, SATISFACTION)

# The figures are not adjusted for who the participants are; a case-mix model gets its own name.
MODEL_VERSION = "crude-1"

# Fewer than half of the core questions answered: the mean would be about something else.
MIN_CORE_ANSWERS = 4


@dataclass(frozen=True)
class Definition:
    code: str
    version: int
    valid_from: date
    goal: Goal
    title: str
    why_it_matters: str
    numerator_text: str
    denominator_text: str
    exclusions: str
    limits: str
    unit: IndicatorUnit
    low_is_good: bool | None
    method: IndicatorMethod
    period: IndicatorPeriod
    norm: float | None
    min_n: int
    alerting: bool


DEFINITIONS = (
    Definition(
        code=ATTENDANCE,
        version=1,
        valid_from=date(2022, 1, 1),
        goal=Goal.SUPPLY_QUALITY,
        title=_("Attendance"),
        why_it_matters=_(
            "Who is not in the lesson does not learn. Falling attendance is the earliest sign that "
            "something is wrong: with the lessons, the times or the people's lives."
        ),
        numerator_text=_("Minutes that people on the list were present."),
        denominator_text=_(
            "Minutes that were scheduled for people on the list, according to the timetable. "
            "A lesson without a recorded list counts as not attended."
        ),
        exclusions=_("Official holidays and lessons that the provider cancelled."),
        limits=_(
            "Not adjusted for who the participants are. Recording late lowers the figure until the "
            "list is in."
        ),
        unit=IndicatorUnit.SHARE,
        low_is_good=False,
        method=IndicatorMethod.RATIO,
        period=IndicatorPeriod.MONTH,
        norm=0.80,
        min_n=10,
        alerting=True,
    ),
    Definition(
        code=FIRST_ATTEMPT,
        version=1,
        valid_from=date(2022, 1, 1),
        goal=Goal.SPEED,
        title=_("Passed at the first attempt"),
        why_it_matters=_(
            "Who passes at once is integrated sooner and keeps free attempts. It shows whether the "
            "school prepares people well and registers them at the right moment."
        ),
        numerator_text=_("Exam parts passed at the first attempt."),
        denominator_text=_("First attempts at an exam part that had a result."),
        exclusions=_("Attempts without a result (ill, deregistered, absent)."),
        limits=_(
            "Not adjusted for who the participants are. Parts of one person resemble each other, "
            "so the interval is somewhat too narrow."
        ),
        unit=IndicatorUnit.SHARE,
        low_is_good=False,
        method=IndicatorMethod.EXACT_BINOMIAL,
        period=IndicatorPeriod.ROLLING_YEAR,
        norm=None,
        min_n=10,
        alerting=True,
    ),
    Definition(
        code=SATISFACTION,
        version=1,
        valid_from=date(2022, 1, 1),
        goal=Goal.SUPPLY_QUALITY,
        title=_("Satisfaction of participants"),
        why_it_matters=_("Participants know best how the lessons are and whether they feel safe."),
        numerator_text=_(
            "The mean of the eight core questions per person, from 1 (very bad) to 5 (very good), "
            "added up."
        ),
        denominator_text=_("People who answered at least four of the eight core questions."),
        exclusions=_("Answers “I don't know / does not apply”; rounds that are still open."),
        limits=_(
            "Not adjusted for language and education. Look at the response rate: those who answer "
            "may differ from those who do not."
        ),
        unit=IndicatorUnit.SCORE,
        low_is_good=False,
        method=IndicatorMethod.MEAN,
        period=IndicatorPeriod.WAVE,
        norm=3.5,
        min_n=10,
        alerting=True,
    ),
)

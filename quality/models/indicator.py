"""Indicators as data (the pattern of OpenPrescribing) and their figures, which never change."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.common import clock
from backend.common.records import Record
from providers.models import Provider
from quality.choices import Goal, IndicatorMethod, IndicatorPeriod, IndicatorUnit, ValueState
from quality.models.feedback import FeedbackWave
from quality.querysets import IndicatorQuerySet, IndicatorValueQuerySet

# No municipality may set the smallest group below this (quality.md section 3, disclosure).
MIN_N_FLOOR = 5


class Indicator(Record):
    """One version of a definition. Texts are message ids: shown in the language of the reader."""

    code = models.CharField(_("code"), max_length=6)
    version = models.PositiveSmallIntegerField(_("version"))
    valid_from = models.DateField(_("valid from"))
    goal = models.CharField(_("goal"), max_length=16, choices=Goal.choices)
    title = models.CharField(_("title"), max_length=120)
    why_it_matters = models.TextField(_("why it matters"))
    numerator_text = models.TextField(_("numerator"))
    denominator_text = models.TextField(_("denominator"))
    exclusions = models.TextField(_("exclusions"))
    limits = models.TextField(_("limits of use"))
    unit = models.CharField(_("unit"), max_length=5, choices=IndicatorUnit.choices)
    low_is_good = models.BooleanField(_("lower is better"), null=True)
    method = models.CharField(_("method"), max_length=14, choices=IndicatorMethod.choices)
    period = models.CharField(_("period"), max_length=12, choices=IndicatorPeriod.choices)
    norm = models.FloatField(_("norm"), null=True, blank=True)
    min_n = models.PositiveSmallIntegerField(_("smallest group that is shown"), default=10)
    alerting = models.BooleanField(_("can raise a signal"), default=False)

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        ordering = ["code", "version"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="quality_indicator_version"),
            models.CheckConstraint(
                condition=Q(min_n__gte=MIN_N_FLOOR), name="quality_indicator_min_n_floor"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {gettext(self.title)}"


class IndicatorValue(Record):
    """A figure of one provider (or of all together) in one period, as it was computed once.

    Sums are kept (O, denominator, E, V, n), so that every roll-up is a sum. The database refuses to
    change a row: a new computation is a new row, with its model version and moment.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="values")
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="indicator_values", null=True, blank=True
    )
    wave = models.ForeignKey(
        FeedbackWave, on_delete=models.PROTECT, related_name="values", null=True, blank=True
    )
    period_start = models.DateField(_("from"))
    period_end = models.DateField(_("to"))
    observed = models.FloatField(_("observed (O)"), default=0)
    denominator = models.FloatField(_("out of"), default=0)
    expected = models.FloatField(_("expected (E)"), default=0)
    variance = models.FloatField(_("variance (V)"), default=0)
    n = models.PositiveIntegerField(_("persons (n)"), default=0)
    invited = models.PositiveIntegerField(_("invited"), null=True, blank=True)
    value = models.FloatField(_("value"), null=True, blank=True)
    low = models.FloatField(_("lower bound"), null=True, blank=True)
    high = models.FloatField(_("upper bound"), null=True, blank=True)
    state = models.CharField(_("status"), max_length=9, choices=ValueState.choices)
    model_version = models.CharField(_("model version"), max_length=40)
    computed_at = models.DateTimeField(_("computed"), default=clock.now)

    objects = IndicatorValueQuerySet.as_manager()

    class Meta:
        ordering = ["indicator", "-period_end", "provider", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "indicator",
                    "provider",
                    "wave",
                    "period_start",
                    "period_end",
                    "model_version",
                    "computed_at",
                ],
                name="quality_indicatorvalue_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(period_end__gte=F("period_start")),
                name="quality_indicatorvalue_period",
            ),
            models.CheckConstraint(
                condition=~Q(state=ValueState.SHOWN)
                | (Q(value__isnull=False) & Q(n__gte=MIN_N_FLOOR)),
                name="quality_indicatorvalue_shown_has_value",
            ),
        ]
        indexes = [
            models.Index(
                fields=["provider", "indicator", "period_start", "period_end", "-computed_at"],
                name="quality_value_latest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.provider_id} {self.period_end}: {self.state}"

    @property
    def suppressed(self) -> bool:
        """Whether the figure exists but is not shown."""
        return self.state not in (ValueState.SHOWN, ValueState.NO_DATA)

"""States and code lists of delivery, feedback and indicators."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from matching.choices import PlacementState

# A placement is on the roster of its group from acceptance on; what ended keeps its history.
ROSTER_STATES = (PlacementState.ACCEPTED, PlacementState.STARTED, PlacementState.STOPPED)


class LessonForm(models.TextChoices):
    """How a lesson is given; hours count apart per form (contracts pay them apart)."""

    CLASSROOM = "classroom", _("In the classroom")
    SCHOOL_ELEARNING = "at_school_elearning", _("E-learning at school")
    REMOTE = "remote", _("At a distance")


class CancellationReason(models.TextChoices):
    TEACHER_ABSENT = "teacher_absent", _("No teacher")
    NO_ROOM = "no_room", _("No room")
    FORCE_MAJEURE = "force_majeure", _("Force majeure")
    OTHER = "other", _("Other")


class AttendanceStatus(models.TextChoices):
    """The Gemeentelijk Gegevensmodel splits absence in authorised and unauthorised (S17)."""

    PRESENT = "present", _("Present")
    LATE = "late", _("Late")
    ABSENT_AUTHORISED = "absent_authorised", _("Absent, with a valid reason")
    ABSENT_UNAUTHORISED = "absent_unauthorised", _("Absent, without a valid reason")


ABSENT = frozenset({AttendanceStatus.ABSENT_AUTHORISED, AttendanceStatus.ABSENT_UNAUTHORISED})


class AbsenceReason(models.TextChoices):
    """Which threshold of the municipality's policy was reached (domain.md 5: no law sets one)."""

    IN_ROW = "in_row", _("Lessons missed in a row")
    PERCENT = "percent", _("Too large a part of the lessons missed")


class AbsenceState(models.TextChoices):
    OPEN = "open", _("Waits for a caseworker")
    CLOSED = "closed", _("Closed")


class AbsenceOutcome(models.TextChoices):
    """What the caseworker did; a fine is decided elsewhere (Wet inburgering 2021, art. 23)."""

    TALK = "talk", _("Spoke with the person")
    VALID_REASON = "valid_reason", _("There was a valid reason")
    AGREEMENT = "agreement", _("New agreements with person and school")
    OTHER_PLACE = "other_place", _("Looking for another place")
    MEASURE = "measure", _("A measure is considered")
    WRONG_RECORD = "wrong_record", _("Attendance was recorded wrongly")


class TeacherAdvice(models.TextChoices):
    ON_TRACK = "on_track", _("On track")
    MORE_TIME = "more_time", _("Needs more time")
    EXAM_READY = "exam_ready", _("Ready for the exam")
    OTHER_ROUTE = "other_route", _("Another route fits better")


class ExamLevel(models.TextChoices):
    """Levels at which DUO examines; KNM has none."""

    A2 = "A2", "A2"
    B1 = "B1", "B1"
    B2 = "B2", "B2"
    NONE = "NVT", _("Not applicable")


class ExamOutcome(models.TextChoices):
    """DUO's codes (interface Examen, ExamenresultaatWI2021)."""

    PASSED = "Geslaagd", _("Passed")
    FAILED = "Gezakt", _("Failed")
    NONE = "Geen", _("No result")


class NoResultReason(models.TextChoices):
    """DUO's codes (interface Examen, RedenGeenResultaatInburgeringsexamen)."""

    CULPABLE = "Verwijtbaar", _("Own fault")
    NOT_CULPABLE = "Nietverwijtbaar", _("Not the participant's fault")
    DEREGISTERED = "Afgemeld", _("Deregistered")
    ABSENT = "Absent", _("Absent")


class WaveState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


WAVE_TRANSITIONS: dict[WaveState, frozenset[WaveState]] = {
    WaveState.PLANNED: frozenset({WaveState.OPEN, WaveState.CLOSED}),
    # Closed stays closed: figures of fixed, non-overlapping rounds cannot be subtracted.
    WaveState.OPEN: frozenset({WaveState.CLOSED}),
    WaveState.CLOSED: frozenset(),
}


class FeedbackChannel(models.TextChoices):
    LINK = "link", _("Personal link")
    CODE = "code", _("Code from the letter")


class Goal(models.TextChoices):
    """The five goals that indicators serve (quality.md section 1)."""

    TIMELY_START = "timely_start", _("Timely start")
    SPEED = "speed", _("Speed")
    CUSTOM_FIT = "custom_fit", _("Custom fit")
    DUALITY = "duality", _("Learning and taking part")
    SUPPLY_QUALITY = "supply_quality", _("Quality of supply")


class IndicatorUnit(models.TextChoices):
    SHARE = "share", _("Percentage")
    SCORE = "score", _("Score from 1 to 5")


class IndicatorPeriod(models.TextChoices):
    MONTH = "month", _("Calendar month")
    ROLLING_YEAR = "rolling_year", _("Last 12 months")
    WAVE = "wave", _("Feedback round")


class IndicatorMethod(models.TextChoices):
    """How the interval is made (docs/decisions, quality statistics)."""

    RATIO = "ratio", _("Ratio of sums, persons as units")
    EXACT_BINOMIAL = "exact_binomial", _("Exact binomial")
    MEAN = "mean", _("Mean of persons, t distribution")


class ValueState(models.TextChoices):
    SHOWN = "shown", _("Shown")
    NO_DATA = "no_data", _("No data")
    TOO_FEW = "too_few", _("Too little data")
    UNIFORM = "uniform", _("Hidden: everybody gave the same answer")
    SECONDARY = "secondary", _("Hidden: it would reveal another hidden figure")


class NormVerdict(models.TextChoices):
    """The answer to the contract norm; never mixed with a comparison between providers."""

    MEETS = "meets", _("Meets the norm")
    UNCERTAIN = "uncertain", _("Uncertain")
    BELOW = "below", _("Does not meet the norm")
    NO_NORM = "no_norm", _("No norm agreed")

"""States and code lists of the supply side."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.common.codes import Component


class MarkKind(models.TextChoices):
    """Which recognition a provider holds (Wet inburgering 2021, art. 32)."""

    KEURMERK = "keurmerk", _("Quality mark for civic integration (Blik op Werk)")
    TST = "tst", _("Recognition of the language bridging programme (TST)")


class MarkStatus(models.TextChoices):
    VALID = "valid", _("Valid")
    ASPIRANT = "aspirant", _("Candidate")
    SUSPENDED = "suspended", _("Suspended")
    WITHDRAWN = "withdrawn", _("Withdrawn")


# Statuses under which a placement is allowed (R-KEU-1, R-KEU-2).
MARK_STATUSES_IN_FORCE = frozenset({MarkStatus.VALID, MarkStatus.ASPIRANT})


class CourseKind(models.TextChoices):
    """What a course is. More kinds exist than a PIP asks for: see COMPONENT_KINDS."""

    B1_ROUTE = "B", _("B1 route")
    EDUCATION_ROUTE = "O", _("Education route")
    Z_ROUTE = "Z", _("Self-reliance route (Z route)")
    KNM = "KNM", _("Knowledge of Dutch Society (KNM)")
    MAP = "MAP", _("Labour Market and Participation Module (MAP)")
    PVT = "PVT", _("Participation declaration programme (PVT)")
    LITERACY = "literacy", _("Literacy training")
    PARTICIPATION = "participation", _("Participation component")
    GUIDANCE = "guidance", _("Social guidance")
    FINANCIAL = "financial", _("Financial self-reliance")


# Kinds that are a component of a PIP under the same code: what matching looks for.
COMPONENT_KINDS = frozenset(Component.values)
# Literacy training is given within a leerroute, whose code then stands in `component`.
LITERACY_COMPONENTS = frozenset({Component.B1_ROUTE, Component.EDUCATION_ROUTE, Component.Z_ROUTE})
# Kinds taught by a qualified NT2 teacher (Blik op Werk manual, norm 1.4.11.a1).
LANGUAGE_KINDS = frozenset(
    {
        CourseKind.B1_ROUTE,
        CourseKind.EDUCATION_ROUTE,
        CourseKind.Z_ROUTE,
        CourseKind.LITERACY,
    }
)


class SpecialGroup(models.TextChoices):
    """Whom a course was made for; never a ground to exclude somebody."""

    WORKERS = "workers", _("People with a job")
    YOUTH = "youth", _("Young people")
    HIGHER_EDUCATED = "higher_educated", _("Higher educated people")
    PARENTS = "parents", _("Parents of young children")


class SupportLanguage(models.TextChoices):
    """Languages in which teachers or assistants can explain things (ISO 639-1)."""

    ARABIC = "ar", _("Arabic")
    DARI = "fa", _("Persian (Farsi, Dari)")
    ENGLISH = "en", _("English")
    FRENCH = "fr", _("French")
    KURDISH = "ku", _("Kurdish")
    PASHTO = "ps", _("Pashto")
    POLISH = "pl", _("Polish")
    SOMALI = "so", _("Somali")
    SPANISH = "es", _("Spanish")
    TIGRINYA = "ti", _("Tigrinya")
    TURKISH = "tr", _("Turkish")
    UKRAINIAN = "uk", _("Ukrainian")


class DeliveryRole(models.TextChoices):
    """What a party does that is not the provider itself (VNG model contract, clause 3.9)."""

    TEACHING = "teaching", _("Gives the lessons")
    GUIDANCE = "guidance", _("Guides participants")
    LOCATION = "location", _("Offers the location")


class ContactRole(models.TextChoices):
    MANAGEMENT = "management", _("Management")
    PLANNING = "planning", _("Planning and intake")
    CONTRACTS = "contracts", _("Contracts and invoices")
    QUALITY = "quality", _("Quality")
    COMPLAINTS = "complaints", _("Complaints")
    PRIVACY = "privacy", _("Privacy officer")


class DocumentKind(models.TextChoices):
    """Documents of the checklist of the model contract (annex 1) and of the keurmerk."""

    UEA = "uea", _("Uniform European self-declaration (UEA)")
    GVA = "gva", _("Certificate of conduct for procurement (GVA)")
    TAX = "tax", _("Declaration of the tax authority")
    KVK = "kvk", _("Extract of the Chamber of Commerce (KvK)")
    VOG = "vog", _("Certificates of conduct of staff (VOG)")
    INSURANCE = "insurance", _("Liability insurance")
    KEURMERK = "keurmerk", _("Certificate of the quality mark")
    PRIVACY = "privacy", _("Privacy statement")
    COMPLAINTS = "complaints", _("Complaints procedure")
    OTHER = "other", _("Other document")


# Months after the issue date that a document counts (VNG model contract, annex 1).
DOCUMENT_MONTHS: dict[DocumentKind, int] = {
    DocumentKind.GVA: 24,
    DocumentKind.TAX: 6,
    DocumentKind.KVK: 6,
    DocumentKind.INSURANCE: 12,
}


class TeacherQualification(models.TextChoices):
    """Whether a teacher counts for the norm that most lessons are given by qualified staff."""

    CERTIFIED = "certified", _("Qualified NT2 teacher")
    IN_TRAINING = "in_training", _("In training for NT2")
    OTHER = "other", _("No NT2 qualification")


class StopState(models.TextChoices):
    """Life of an intake stop (VNG model contract, clauses 3.5.3 and 3.6)."""

    REQUESTED = "requested", _("Requested")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    ACTIVE = "active", _("Active")
    LIFTED = "lifted", _("Lifted")


STOP_TRANSITIONS: dict[StopState, frozenset[StopState]] = {
    StopState.REQUESTED: frozenset({StopState.APPROVED, StopState.REFUSED, StopState.WITHDRAWN}),
    # An approved stop that turns out not to be needed is lifted before it begins.
    StopState.APPROVED: frozenset({StopState.ACTIVE, StopState.LIFTED}),
    StopState.ACTIVE: frozenset({StopState.LIFTED}),
    StopState.REFUSED: frozenset(),
    StopState.WITHDRAWN: frozenset(),
    StopState.LIFTED: frozenset(),
}
# With `starts_on` reached, these block new placements.
STOP_STATES_IN_FORCE = frozenset({StopState.APPROVED, StopState.ACTIVE})
STOP_STATES_OPEN = frozenset({StopState.REQUESTED, StopState.APPROVED, StopState.ACTIVE})
# Calendar days between the request and the first day of the stop (clause 3.6).
STOP_NOTICE_DAYS = 14


class StopGround(models.TextChoices):
    STAFF = "staff", _("Shortage of teachers")
    LOCATION = "location", _("No suitable location")
    CAPACITY = "capacity", _("All places are taken")
    ORGANISATION = "organisation", _("Change in the organisation")
    QUALITY = "quality", _("Signals about quality")
    SAFETY = "safety", _("Signals about safety")
    FRAUD = "fraud", _("Signals of fraud")


# Only on these a municipality may impose a stop at once (clause 3.6).
IMPOSED_GROUNDS = frozenset({StopGround.QUALITY, StopGround.SAFETY, StopGround.FRAUD})


class Frequency(models.TextChoices):
    """How often a group takes in new people."""

    WEEKS = "weeks", _("Every so many weeks")
    MONTHS = "months", _("Every so many months")


class DeliveryMode(models.TextChoices):
    ONSITE = "onsite", _("At the location")
    ONLINE = "online", _("Online")
    HYBRID = "hybrid", _("Partly online")


class IntakeStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")


INTAKE_TRANSITIONS: dict[IntakeStatus, frozenset[IntakeStatus]] = {
    IntakeStatus.DRAFT: frozenset({IntakeStatus.PUBLISHED, IntakeStatus.CANCELLED}),
    IntakeStatus.PUBLISHED: frozenset({IntakeStatus.CLOSED, IntakeStatus.CANCELLED}),
    # A provider may find a teacher after all and open the start again.
    IntakeStatus.CLOSED: frozenset({IntakeStatus.PUBLISHED, IntakeStatus.CANCELLED}),
    IntakeStatus.CANCELLED: frozenset(),
}


class SeatState(models.TextChoices):
    HOLD = "hold", _("Held")
    CONFIRMED = "confirmed", _("Taken")
    RELEASED = "released", _("Released")


SEAT_TRANSITIONS: dict[SeatState, frozenset[SeatState]] = {
    SeatState.HOLD: frozenset({SeatState.CONFIRMED, SeatState.RELEASED}),
    SeatState.CONFIRMED: frozenset({SeatState.RELEASED}),
    SeatState.RELEASED: frozenset(),
}


class ImportState(models.TextChoices):
    """Life of an uploaded spreadsheet; see IMPORT_TRANSITIONS."""

    WAITING = "waiting", _("Waiting to be read")
    FAULTY = "faulty", _("Contains mistakes")
    CHECKED = "checked", _("Checked, not yet published")
    WRITING = "writing", _("Being published")
    PUBLISHED = "published", _("Published")


IMPORT_TRANSITIONS: dict[ImportState, frozenset[ImportState]] = {
    ImportState.WAITING: frozenset({ImportState.FAULTY, ImportState.CHECKED}),
    # A corrected file is a new import.
    ImportState.FAULTY: frozenset(),
    ImportState.CHECKED: frozenset({ImportState.WRITING, ImportState.PUBLISHED}),
    # Back to checked when the catalogue did not allow it after all.
    ImportState.WRITING: frozenset({ImportState.PUBLISHED, ImportState.CHECKED}),
    ImportState.PUBLISHED: frozenset(),
}

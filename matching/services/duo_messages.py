"""The envelope in which a municipality's system delivers PIPs, read with every fault at its path.

`pip` holds DUO's own message body (PIP API, schema Gemeente) untouched. Beside it stands what DUO
does not have and matching needs: the municipality's reference instead of a BSN, the dates of the
obligation, the outcome of the broad intake, and optionally the identity. The format is described
in docs/pip-messages.md.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from backend.common.bsn import is_bsn
from backend.common.codes import SLOT_CODES, LearningRoute, Level, Literacy, TargetGroup
from backend.common.errors import Violation
from backend.common.imports import repeated_keys
from backend.common.json_check import JsonCheck
from matching.choices import PipLevel
from matching.services.participants import IdentityData, ParticipantData
from matching.services.pip_rules import PipData

ENVELOPE = (
    "reference", "obligationStartDate", "settlementDate", "notifiedDate", "targetGroup", "pip",
    "intake",
)  # fmt: skip
ENVELOPE_OPTIONAL = ("firstPipDate", "termStartDate", "termEndDate", "identity")
PIP_OPTIONAL = (
    "niveau", "geschatteIntensiteitB1Route", "indicatorMagOpleidingAfmaken",
    "indicatorAlfabetiseringsonderwijs",
)  # fmt: skip
INTAKE = ("entryLevel", "hoursPerWeek", "availability", "earliestStartDate", "latestStartDate")
INTAKE_OPTIONAL = (
    "targetLevel", "postcode4", "maxTravelKm", "acceptsOnline", "needsChildcare",
    "needsWheelchairAccess", "downscaleHours",
)  # fmt: skip
IDENTITY = ("givenName", "familyName")
IDENTITY_OPTIONAL = ("birthDate", "language", "email", "phone")

CBS_CODE = re.compile(r"[0-9]{4}")
POSTCODE4 = re.compile(r"[1-9][0-9]{3}")
LANGUAGE = re.compile(r"[a-z]{2,3}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
# DUO's messages know these two; A1 (Z route) and B2 come from the intake (R-PIP-5).
DUO_LEVELS = (PipLevel.A2, PipLevel.B1)

# Where the rules of participants and PIPs find their fields in the envelope.
PATHS = {
    "reference": "reference",
    "obligation_start_date": "obligationStartDate",
    "settlement_date": "settlementDate",
    "notified_at_date": "notifiedDate",
    "target_group": "targetGroup",
    "first_pip_date": "firstPipDate",
    "term_start_date": "termStartDate",
    "term_end_date": "termEndDate",
    "decision_date": "pip.pip.dagtekeningPip",
    "route": "pip.pip.leerroute",
    "level": "pip.pip.niveau",
    "literacy": "pip.pip.indicatorAlfabetiseringsonderwijs",
    "estimated_hours": "pip.pip.geschatteIntensiteitB1Route",
    "may_finish_education": "pip.pip.indicatorMagOpleidingAfmaken",
    "downscale_hours": "intake.downscaleHours",
    "entry_level": "intake.entryLevel",
    "hours_per_week": "intake.hoursPerWeek",
    "availability": "intake.availability",
    "postcode4": "intake.postcode4",
    "max_travel_km": "intake.maxTravelKm",
    "accepts_online": "intake.acceptsOnline",
    "needs_childcare": "intake.needsChildcare",
    "needs_wheelchair_access": "intake.needsWheelchairAccess",
    "earliest_start_date": "intake.earliestStartDate",
    "latest_start_date": "intake.latestStartDate",
    "given_name": "identity.givenName",
    "family_name": "identity.familyName",
    "birth_date": "identity.birthDate",
    "language": "identity.language",
    "email": "identity.email",
    "phone": "identity.phone",
}


@dataclass(frozen=True)
class PipMessage:
    """One envelope whose form is right; whether its content keeps the rules is judged later."""

    path: str
    municipality_code: str
    participant: ParticipantData
    pip: PipData
    identity: IdentityData | None
    level_from_intake: bool = False

    @property
    def key(self) -> str:
        return f"{self.municipality_code}/{self.participant.reference}"

    def place_of(self, field: str) -> str:
        if field == "level" and self.level_from_intake:
            return f"{self.path}.intake.targetLevel"
        return f"{self.path}.{PATHS.get(field, field)}"


def parse(document: object) -> tuple[list[PipMessage], list[Violation]]:
    """The messages in a list of envelopes, and every fault in their form with its path."""
    check = JsonCheck()
    messages = []
    for path, value in check.items(document, "$"):
        message = _message(check, value, path)
        if message is not None:
            messages.append(message)
    repeated = repeated_keys((f"{one.path}.reference", one.key) for one in messages)
    return messages, check.faults + repeated


def _message(check: JsonCheck, value: object, path: str) -> PipMessage | None:
    before = len(check.faults)
    row = check.record(value, path, required=ENVELOPE, optional=ENVELOPE_OPTIONAL)
    if row is None:
        return None
    participant = _participant(check, row, path)
    code, plan = _duo_body(check, row.get("pip"), f"{path}.pip") if "pip" in row else ("", {})
    intake = _intake(check, row.get("intake"), f"{path}.intake") if "intake" in row else {}
    identity = _identity(check, row["identity"], f"{path}.identity") if "identity" in row else None
    if len(check.faults) > before:
        return None
    target_level = intake.pop("target_level")
    if target_level is not None:
        plan["level"] = target_level
    return PipMessage(
        path=path,
        municipality_code=code,
        participant=ParticipantData(**participant),
        pip=PipData(**plan, **intake),
        identity=identity,
        level_from_intake=target_level is not None,
    )


def _participant(check: JsonCheck, row: Mapping[str, Any], path: str) -> dict[str, Any]:
    reference = check.text(row, "reference", path, longest=40)
    if reference is not None and is_bsn(reference):
        check.fault(
            f"{path}.reference",
            "bsn_not_allowed",
            _("This is a BSN. Passend keeps no BSN: send the reference of your own system."),
        )
    if "bsn" in row:
        check.fault(
            f"{path}.bsn",
            "bsn_not_allowed",
            _("Passend keeps no BSN. Remove this field and use the reference."),
        )
    return {
        "reference": reference,
        "obligation_start_date": check.day(row, "obligationStartDate", path),
        "settlement_date": check.day(row, "settlementDate", path),
        "notified_at_date": check.day(row, "notifiedDate", path),
        "target_group": check.choice(row, "targetGroup", path, TargetGroup.values),
        "first_pip_date": check.day(row, "firstPipDate", path),
        "term_start_date": check.day(row, "termStartDate", path),
        "term_end_date": check.day(row, "termEndDate", path),
    }


def _duo_body(check: JsonCheck, value: object, path: str) -> tuple[str, dict[str, Any]]:
    """DUO's schema Gemeente: the municipality's code and its PIP (PIP API 1.2.0)."""
    row = check.record(value, path, required=("gemeentecode", "pip"))
    if row is None:
        return "", {}
    code = check.text(row, "gemeentecode", path, longest=4, pattern=CBS_CODE, form="0200")
    at = f"{path}.pip"
    if "pip" not in row:
        return code or "", {}
    plan = check.record(
        row["pip"], at, required=("dagtekeningPip", "leerroute"), optional=PIP_OPTIONAL
    )
    if plan is None:
        return code or "", {}
    literacy = check.choice(plan, "indicatorAlfabetiseringsonderwijs", at, Literacy.values)
    return code or "", {
        "decision_date": check.day(plan, "dagtekeningPip", at),
        "route": check.choice(plan, "leerroute", at, LearningRoute.values),
        "level": check.choice(plan, "niveau", at, DUO_LEVELS),
        "estimated_hours": check.whole(plan, "geschatteIntensiteitB1Route", at, least=1, most=9999),
        "may_finish_education": check.flag(plan, "indicatorMagOpleidingAfmaken", at) or False,
        "literacy": literacy or Literacy.NOT_APPLICABLE.value,
    }


def _intake(check: JsonCheck, value: object, path: str) -> dict[str, Any]:
    row = check.record(value, path, required=INTAKE, optional=INTAKE_OPTIONAL)
    if row is None:
        return {}
    # A person who only learns online has no day-parts; the rules of the PIP judge that.
    slots = (
        [] if row.get("availability") == [] else check.choice_list(
            row, "availability", path, SLOT_CODES
        )
    )  # fmt: skip
    return {
        "entry_level": check.choice(row, "entryLevel", path, Level.values),
        "downscale_hours": check.whole(row, "downscaleHours", path, least=1, most=9999),
        "hours_per_week": check.whole(row, "hoursPerWeek", path, least=1, most=40),
        "availability": tuple(slots or ()),
        "earliest_start_date": check.day(row, "earliestStartDate", path),
        "latest_start_date": check.day(row, "latestStartDate", path),
        "target_level": check.choice(row, "targetLevel", path, PipLevel.values),
        "postcode4": check.text(row, "postcode4", path, longest=4, pattern=POSTCODE4, form="7311")
        or "",
        "max_travel_km": check.whole(row, "maxTravelKm", path, least=1, most=200)
        if row.get("maxTravelKm") is not None
        else None,
        "accepts_online": check.flag(row, "acceptsOnline", path) or False,
        "needs_childcare": check.flag(row, "needsChildcare", path) or False,
        "needs_wheelchair_access": check.flag(row, "needsWheelchairAccess", path) or False,
    }


def _identity(check: JsonCheck, value: object, path: str) -> IdentityData | None:
    row = check.record(value, path, required=IDENTITY, optional=IDENTITY_OPTIONAL)
    if row is None:
        return None
    email_form = "naam@voorbeeld.example"
    return IdentityData(
        given_name=check.text(row, "givenName", path, longest=80) or "",
        family_name=check.text(row, "familyName", path, longest=80) or "",
        birth_date=check.day(row, "birthDate", path),
        language=check.text(row, "language", path, longest=3, pattern=LANGUAGE, form="ti") or "",
        email=check.text(row, "email", path, longest=254, pattern=EMAIL, form=email_form) or "",
        phone=check.text(row, "phone", path, longest=30) or "",
    )

"""The text for the algorithm register, made from the policy in force: it cannot fall behind.

Headings follow the Dutch Algoritmeregister (algoritmes.overheid.nl). Every factor, rule and column
of the engine has a sentence here; a test fails when one is added without.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.organisations.public import Organisation
from backend.web.values import Text, day_text
from matching.choices import PriorityMode
from matching.engine import FACTOR_LABELS, FACTORS, RULES
from matching.models import MatchingPolicy
from matching.selectors.policy import engine_policy

SOURCE_CODE = "EUPL-1.2"

FACTOR_TEXTS: Final[dict[str, Text]] = {
    "start": gettext_lazy("how soon the course starts; after half a year it earns nothing"),
    "travel": gettext_lazy("how far away the lessons are; at the travel limit it earns nothing"),
    "level": gettext_lazy("how well the entry level and the target level fit"),
    "intensity": gettext_lazy("how close the hours per week come to those in the PIP"),
    "dayPart": gettext_lazy("how much free time stays beside the lessons"),
    "duality": gettext_lazy("how many working days stay free for work or participation"),
    "filling": gettext_lazy("whether the group reaches its minimum with this person"),
    "quality": gettext_lazy("the measured quality of the provider"),
    "price": gettext_lazy("the contracted price per hour"),
}
RULE_TEXTS: Final[dict[str, Text]] = {
    "ROUTE": gettext_lazy("the course is for the component that the person needs"),
    "LEVEL": gettext_lazy("entry level and target level fit the PIP"),
    "LITERACY": gettext_lazy("the group is meant for the literacy of the person"),
    "REGION_CONTRACT": gettext_lazy(
        "a contract covers the municipality and the target group on the start date"
    ),
    "MARK": gettext_lazy("the provider has a valid quality mark on the start date, where needed"),
    "CEILING": gettext_lazy("the ceiling of the contract has not been reached"),
    "DISTANCE": gettext_lazy("the distance is within the travel limit, or the lessons are online"),
    "DAYPART": gettext_lazy("all lessons are at times when the person is available"),
    "START_EARLY": gettext_lazy("the course does not start before the person can"),
    "START_LATE": gettext_lazy("the course does not start later than the PIP allows"),
    "TERM": gettext_lazy("the course ends within the integration term"),
    "CHILDCARE": gettext_lazy("there is childcare when the person needs it"),
    "ACCESS": gettext_lazy("the location is accessible by wheelchair when the person needs it"),
    "SEATS": gettext_lazy("there is a free seat"),
    "OVERLAP": gettext_lazy("the lessons do not overlap with another course of the person"),
    "HOUSEHOLD": gettext_lazy(
        "a household that starts together gets places for all its members, or for none yet"
    ),
}
# Columns of the engine's table of people; several columns may share one sentence.
DATA_TEXTS: Final[dict[str, Text]] = {
    "ids": gettext_lazy("a random number in place of the person"),
    "municipality": gettext_lazy("the municipality"),
    "component": gettext_lazy("the component that is needed"),
    "target_group": gettext_lazy(
        "the target group as DUO delivers it, only to know who pays and which contract holds"
    ),
    "level": gettext_lazy("current level and target level"),
    "literacy": gettext_lazy("whether literacy training is needed"),
    "lat": gettext_lazy(
        "where the person lives, usually the middle of the four-digit postcode, only to measure "
        "distance"
    ),
    "max_travel_km": gettext_lazy("the travel limit"),
    "online": gettext_lazy("whether online lessons are possible"),
    "available": gettext_lazy("the available day-parts"),
    "hours_per_week": gettext_lazy("the hours per week"),
    "earliest_start": gettext_lazy("earliest and latest start"),
    "deadline": gettext_lazy("the legal deadline and the end of the integration term"),
    "waiting_since": gettext_lazy("since when the person waits"),
    "childcare": gettext_lazy("whether childcare is needed"),
    "wheelchair": gettext_lazy("whether wheelchair access is needed"),
}
SAME_SENTENCE: Final = {
    "municipality_codes": "municipality",
    "target_level": "level",
    "lon": "lat",
    "latest_start": "earliest_start",
    "term_end": "deadline",
}
FORBIDDEN_TEXTS: Final[tuple[Text, ...]] = (
    gettext_lazy("nationality"),
    gettext_lazy("country of birth"),
    gettext_lazy("mother tongue"),
    gettext_lazy("sex"),
    gettext_lazy("age"),
    gettext_lazy("religion"),
    gettext_lazy("health, except that a location is accessible when the person asks for it"),
    gettext_lazy("name, contact details and BSN"),
    gettext_lazy("postcode as anything other than distance"),
    gettext_lazy("a prediction of success or of behaviour"),
)
PRIORITY_TEXTS: Final[dict[str, Text]] = {
    PriorityMode.TIERS: gettext_lazy(
        "The most urgent class goes first, then the people who wait long, then the others. Within "
        "a class the total number of points decides."
    ),
    PriorityMode.STRICT: gettext_lazy(
        "The most urgent class goes first, and within a class whoever waits longest."
    ),
    PriorityMode.NONE: gettext_lazy(
        "There is no order of people: as many people as possible get a place, with as many points "
        "as possible."
    ),
}


@dataclass(frozen=True)
class Section:
    """One heading of the register, with paragraphs and a list below them."""

    key: str
    heading: str
    paragraphs: Sequence[str]
    items: Sequence[str] = ()

    def as_text(self) -> str:
        lines = [self.heading, "", *self.paragraphs, *(f"- {item}" for item in self.items)]
        return "\n".join(lines)

    def as_data(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "heading": self.heading,
            "paragraphs": list(self.paragraphs),
            "items": list(self.items),
        }


def register_sections(
    organisation: Organisation, policy: MatchingPolicy, on: date
) -> list[Section]:
    """The whole text in the language in force, in the order of the register."""
    builders: Sequence[Callable[[Organisation, MatchingPolicy], Section]] = (
        _organisation,
        _purpose,
        _considerations,
        _legal_basis,
        _data,
        _not_used,
        _rules,
        _weights,
        _order,
        _human,
        _retention,
        _risks,
        _contact,
    )
    name = Section(
        "name",
        _("Name"),
        [
            _("Passend: proposing a fitting place on a course for people who must integrate"),
            _("Made on %(day)s from version %(version)s of the policy, in force since %(since)s.")
            % {
                "day": day_text(on),
                "version": policy.version,
                "since": day_text(policy.valid_from),
            },
        ],
    )
    return [name, *(build(organisation, policy) for build in builders)]


def register_text(sections: Sequence[Section]) -> str:
    """The sections as plain text, for the register's own form."""
    return "\n\n".join(one.as_text() for one in sections) + "\n"


def _organisation(organisation: Organisation, policy: MatchingPolicy) -> Section:
    return Section("organisation", _("Organisation"), [organisation.name])


def _purpose(organisation: Organisation, policy: MatchingPolicy) -> Section:
    return Section(
        "purpose",
        _("Purpose and impact"),
        [
            _(
                "The municipality owes people who must integrate a fitting course. The algorithm "
                "compares what somebody needs with all courses that the municipality may buy, and "
                "proposes places with the reasons. Without it people wait longer than needed, and "
                "the order in which they get a place is not visible to anybody."
            ),
            _(
                "The impact on a person: the proposal helps to decide on which course the person "
                "gets a place, and when. Who gets no place stays on the waiting list."
            ),
        ],
    )


def _considerations(organisation: Organisation, policy: MatchingPolicy) -> Section:
    return Section(
        "considerations",
        _("Considerations"),
        [
            _(
                "The rules and weights are published, the same for everybody and written down in "
                "versions. The algorithm does not learn from earlier decisions."
            )
        ],
    )


def _legal_basis(organisation: Organisation, policy: MatchingPolicy) -> Section:
    return Section(
        "legal_basis",
        _("Legal basis"),
        [
            _(
                "The municipality makes a plan (PIP) and a fitting offer: a task by law. The "
                "personal data is processed for that task (GDPR, article 6, first paragraph, c "
                "and e)."
            )
        ],
        [
            _("Civic Integration Act 2021, article 14 (broad intake)"),
            _("Civic Integration Act 2021, article 15 (PIP)"),
            _("Civic Integration Act 2021, article 16 (fitting offer)"),
            _("Civic Integration Act 2021, article 11 (integration term)"),
            _("Civic Integration Decree 2021, article 5.3 (ten weeks for the PIP)"),
        ],
    )


def _data(organisation: Organisation, policy: MatchingPolicy) -> Section:
    return Section(
        "data",
        _("Data"),
        [_("Of a person only this is used. Of courses: times, place, level, price and seats.")],
        [str(text) for text in DATA_TEXTS.values()],
    )


def _not_used(organisation: Organisation, policy: MatchingPolicy) -> Section:
    return Section(
        "not_used",
        _("Not used"),
        [_("This data plays no part, and the algorithm cannot see it:")],
        [str(text) for text in FORBIDDEN_TEXTS],
    )


def _rules(organisation: Organisation, policy: MatchingPolicy) -> Section:
    return Section(
        "rules",
        _("How it works: when a place is possible"),
        [_("A place is only proposed when all these rules are met:")],
        [f"{RULE_TEXTS[name]} ({name})" for name in RULES],
    )


def _weights(organisation: Organisation, policy: MatchingPolicy) -> Section:
    points = engine_policy(policy).max_points()
    return Section(
        "weights",
        _("How it works: which place fits better"),
        [
            _(
                "A possible place gets at most 1000 points. The points per reason add up to the "
                "score, and everybody concerned can read them. The travel limit is %(km)s km, "
                "unless the PIP says otherwise."
            )
            % {"km": policy.max_travel_km}
        ],
        [
            _("%(factor)s: at most %(points)s points (weight %(weight)s): %(text)s")
            % {
                "factor": _(FACTOR_LABELS[name]),
                "points": int(most),
                "weight": policy.weights[name],
                "text": FACTOR_TEXTS[name],
            }
            for name, most in zip(FACTORS, points, strict=True)
        ],
    )


def _order(organisation: Organisation, policy: MatchingPolicy) -> Section:
    return Section(
        "order",
        _("How it works: who comes first"),
        [
            str(PRIORITY_TEXTS[policy.priority]),
            _(
                "Urgent is: a legal deadline within %(urgent)s days or already passed. A long wait "
                "is: more than %(long)s days."
            )
            % {"urgent": policy.urgent_within_days, "long": policy.long_wait_days},
            _(
                "The proposal is calculated for everybody together. The result says whether it is "
                "proven to be the best under these rules. Is it a tie? Then the longest wait "
                "decides, and after that a fixed number that is published here: %(seed)s. Never "
                "chance."
            )
            % {"seed": policy.seed},
        ],
    )


def _human(organisation: Organisation, policy: MatchingPolicy) -> Section:
    return Section(
        "human_intervention",
        _("Human intervention"),
        [
            _(
                "A caseworker decides about every place, reads the reasons first and writes an own "
                "motivation. The caseworker may choose another place. Nobody is placed by the "
                "algorithm: it is no automated decision (GDPR, article 22)."
            ),
            _(
                "A place is held for %(hours)s hours. The provider answers within %(days)s "
                "working days."
            )
            % {"hours": policy.hold_hours, "days": policy.answer_business_days},
            _(
                "A proposal of a routing run keeps its seat for %(days)s working days. Does the "
                "start come within %(freeze)s days? Then the next run leaves the proposal as it is."
            )
            % {"days": policy.proposal_business_days, "freeze": policy.freeze_days},
        ],
    )


def _retention(organisation: Organisation, policy: MatchingPolicy) -> Section:
    return Section(
        "retention",
        _("How long data is kept"),
        [
            _(
                "Name, contact details and everything that describes a person are removed "
                "%(months)s months after the obligation has ended or the person has moved. The "
                "record of what was weighed stays, without a way back to the person."
            )
            % {"months": policy.retention_months},
        ],
    )


def _risks(organisation: Organisation, policy: MatchingPolicy) -> Section:
    return Section(
        "risk_management",
        _("Risk management"),
        [_("These risks are known, with what is done about them:")],
        [
            _(
                "People with few possibilities (little time, far away) get fewer proposals: for "
                "everybody without a place it is written down which rule stands in the way and "
                "what would help."
            ),
            _(
                "A proposal is followed without thinking: reasons come before ranks, and an own "
                "motivation is required."
            ),
            _(
                "Someone is worse off than under first come first served: after every run these "
                "people are counted, and the result is shown per urgency."
            ),
            _(
                "Data is wrong or old: the match record keeps which data was used, so that a "
                "decision can be checked and corrected."
            ),
        ],
    )


def _contact(organisation: Organisation, policy: MatchingPolicy) -> Section:
    return Section(
        "contact",
        _("Contact, explanation and objection"),
        [
            _(
                "Ask your caseworker or %(organisation)s for the record of your own case: it says "
                "which places were compared and why. You can object to the PIP and to decisions "
                "that follow from it (General Administrative Law Act)."
            )
            % {"organisation": organisation.name},
            _("The source code is open (licence %(licence)s).") % {"licence": SOURCE_CODE},
        ],
    )

"""The releases of a contracting process in the order in which things happened, and packages."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from backend.common import clock
from procurement.choices import ContractStatus, TenderStatus
from procurement.models import ContractVersion
from procurement.ocds import parts
from procurement.ocds.facts import Process, PublicContract
from procurement.ocds.values import Json, buyer_reference, moment

VERSION = "1.1"
LICENCE = "https://creativecommons.org/publicdomain/zero/1.0/"
EU_PROFILE = (
    "https://raw.githubusercontent.com/open-contracting-extensions/european-union/latest/"
    "extension.json"
)
PROFILES = ("core", "eu")


def releases(process: Process, *, eu: bool) -> list[Json]:
    """Every release of the process by date; the same facts give the same ids and dates again."""
    found = [
        *_tender_releases(process, eu=eu),
        *_contract_releases(process, eu=eu),
        *_implementation_releases(process),
    ]
    return sorted(found, key=lambda one: (one["date"], one["id"]))


def _release(process: Process, name: str, day: date | datetime, tag: str, **content: Any) -> Json:
    return {
        "ocid": process.ocid,
        "id": name if name.startswith(process.ocid) else f"{process.ocid}-{name}",
        "date": moment(day),
        "tag": [tag],
        "initiationType": "tender",
        "language": "nl",
        "parties": parts.parties(process),
        "buyer": buyer_reference(process.buyer),
        **content,
    }


def _tender_releases(process: Process, *, eu: bool) -> Iterator[Json]:
    tender = process.tender
    if tender is None:
        return
    published = tender.publication_date or clock.local_day(tender.created_at)
    yield _release(
        process,
        "tender",
        published,
        "tender",
        tender=parts.tender_part(process, "active", eu=eu),
    )
    if tender.status == TenderStatus.CANCELLED:
        yield _release(
            process,
            "tender-cancelled",
            max(published, tender.closing_date or published),
            "tenderCancellation",
            tender=parts.tender_part(process, "cancelled", eu=eu),
        )
    elif tender.status == TenderStatus.AWARDED:
        yield _release(
            process,
            "award",
            tender.award_date or published,
            "award",
            tender=parts.tender_part(process, "complete", eu=eu),
            awards=parts.award_parts(process, eu=eu),
        )


def _contract_releases(process: Process, *, eu: bool) -> Iterator[Json]:
    for public in process.contracts:
        known: list[ContractVersion | None] = [*public.versions]
        for version in known or [None]:
            is_first = version is None or version.number == public.versions[0].number
            agreed = public.contract.created_at if version is None else parts.agreed(version)
            content: Json = {"contracts": [parts.contract_part(process, public, version, "active")]}
            if is_first:
                content["awards"] = _award_of(process, public, eu=eu)
                if process.tender is None:
                    content["tender"] = parts.tender_part(process, "complete", eu=eu)
            yield _release(
                process,
                parts.version_release_id(process, public, version),
                agreed,
                "contract" if is_first else "contractAmendment",
                **content,
            )
        yield from _ended(process, public)


def _award_of(process: Process, public: PublicContract, *, eu: bool) -> list[Json]:
    wanted = parts.award_id(process, public.contract.provider)
    return [one for one in parts.award_parts(process, eu=eu) if one["id"] == wanted]


def _ended(process: Process, public: PublicContract) -> Iterator[Json]:
    """A contract that is over: ended before its time, or past its last day."""
    contract = public.contract
    if contract.status != ContractStatus.ENDED and contract.end_date >= clock.today():
        return
    latest = public.versions[-1] if public.versions else None
    yield _release(
        process,
        f"contract-{contract.uuid}-ended",
        min(contract.end_date, clock.today()),
        "contractTermination",
        contracts=[parts.contract_part(process, public, latest, "terminated")],
    )


def _implementation_releases(process: Process) -> Iterator[Json]:
    """One per contract and month that is over, so that a published release never changes."""
    this_month = clock.today().replace(day=1)
    for public in process.contracts:
        contract = public.contract
        for month in parts.implementation_months(public):
            if month >= this_month:
                continue
            yield _release(
                process,
                f"implementation-{contract.uuid}-{month:%Y-%m}",
                _next_month(month),
                "implementation",
                contracts=[
                    {
                        "id": str(contract.uuid),
                        "awardID": parts.award_id(process, contract.provider),
                        "implementation": parts.implementation_part(public, month),
                    }
                ],
            )


def _next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def release_package(
    processes: Iterable[Process], *, uri: str, publisher: str, eu: bool, next_uri: str = ""
) -> Json:
    """All releases of these processes in a package that names its profile."""
    return {
        **_head(uri, publisher, eu=eu, next_uri=next_uri),
        "releases": [release for one in processes for release in releases(one, eu=eu)],
    }


def record_package(
    processes: Sequence[Process], *, uri: str, publisher: str, eu: bool, next_uri: str = ""
) -> Json:
    """Per process its releases, and the state they add up to."""
    records = []
    for process in processes:
        found = releases(process, eu=eu)
        if found:
            records.append(
                {"ocid": process.ocid, "releases": found, "compiledRelease": compiled(found)}
            )
    return {**_head(uri, publisher, eu=eu, next_uri=next_uri), "records": records}


def _head(uri: str, publisher: str, *, eu: bool, next_uri: str) -> Json:
    return {
        "uri": uri,
        "version": VERSION,
        **({"extensions": [EU_PROFILE]} if eu else {}),
        "publishedDate": moment(clock.now()),
        "publisher": {"name": publisher},
        "license": LICENCE,
        **({"links": {"next": next_uri}} if next_uri else {}),
    }


def compiled(found: Sequence[Json]) -> Json:
    """The releases merged by the rules of OCDS: objects with an id by id, the rest overwritten."""
    merged: Json = {}
    for release in found:
        content = {
            name: value
            for name, value in release.items()
            if name not in {"id", "date", "tag", "ocid"}
        }
        _merge(merged, content)
    last = found[-1]
    return {
        "ocid": last["ocid"],
        "id": f"{last['ocid']}-{last['date']}",
        "date": last["date"],
        "tag": ["compiled"],
        **merged,
    }


def _merge(into: Json, other: Json) -> None:
    for name, value in other.items():
        known = into.get(name)
        if isinstance(value, dict):
            into[name] = known if isinstance(known, dict) else {}
            _merge(into[name], value)
        elif isinstance(value, list) and value and all(_has_id(one) for one in value):
            into[name] = _merged_list(known if isinstance(known, list) else [], value)
        else:
            into[name] = value


def _has_id(value: Any) -> bool:
    return isinstance(value, dict) and "id" in value


def _merged_list(known: list[Json], added: list[Json]) -> list[Json]:
    by_id = {one["id"]: one for one in known}
    for one in added:
        _merge(by_id.setdefault(one["id"], {}), one)
    return list(by_id.values())

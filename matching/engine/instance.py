"""Guarantees needs and offers as columns: one numpy array per field, nothing personal in them.

The fields are the whole input of the engine. There is no nationality, country of birth, mother
tongue, sex, religion or postcode here, and a test keeps it that way; place is known only as a
point from which a distance is measured.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from matching.engine.codes import (
    COMPONENT_CODE,
    LEVEL_CODE,
    LITERACY_CODE,
    MODE_CODE,
    ONLINE,
    TARGET_GROUP_CODE,
)
from matching.engine.columns import (
    NEED_FIELDS,
    NO_DATE_EARLY,
    NO_DATE_LATE,
    OFFER_FIELDS,
    Column,
    bool_column,
    code_column,
    day_column,
    float_column,
    id_column,
    intern_ceilings,
    intern_names,
    intern_regions,
    mask_column,
    record_columns,
    slot_column,
    unit_vectors,
)
from matching.engine.ties import id_numbers


class _Table:
    """What both tables share: their length and taking rows out of them."""

    ids: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def tie_numbers(self) -> np.ndarray:
        """Gives the number behind each id from which ties are decided.

        Rows that share an id (an intake moment under two contracts) are told apart by their
        order; a tie between them must be decided too.
        """
        return id_numbers(self.ids)

    def take(self, rows: np.ndarray | Sequence[int]) -> Self:
        """Gives the table of the chosen rows, in the chosen order."""
        index = np.asarray(rows, np.int64)
        columns = {
            f.name: value[index] if isinstance(value, np.ndarray) else value
            for f in fields(self)  # type: ignore[arg-type]
            if (value := getattr(self, f.name)) is not None
        }
        return type(self)(**columns)


@dataclass(frozen=True, eq=False)
class NeedTable(_Table):
    """People who wait for one component each, as columns; row i is need i."""

    ids: np.ndarray
    municipality: np.ndarray
    municipality_codes: tuple[str, ...]
    component: np.ndarray
    target_group: np.ndarray
    level: np.ndarray
    target_level: np.ndarray
    literacy: np.ndarray
    lat: np.ndarray
    lon: np.ndarray
    max_travel_km: np.ndarray
    online: np.ndarray
    available: np.ndarray
    hours_per_week: np.ndarray
    earliest_start: np.ndarray
    latest_start: np.ndarray
    deadline: np.ndarray
    term_end: np.ndarray
    waiting_since: np.ndarray
    childcare: np.ndarray
    wheelchair: np.ndarray

    @classmethod
    def from_columns(
        cls,
        *,
        ids: Column,
        municipality: Column,
        component: Column,
        target_group: Column,
        level: Column,
        target_level: Column,
        literacy: Column,
        lat: Column,
        lon: Column,
        max_travel_km: Column,
        online: Column,
        available: Column,
        hours_per_week: Column,
        earliest_start: Column,
        latest_start: Column,
        deadline: Column,
        term_end: Column,
        waiting_since: Column,
        childcare: Column,
        wheelchair: Column,
    ) -> "NeedTable":
        """Builds the table from equally long columns.

        Names may come as DUO's words or as codes, dates as dates, ISO strings, datetime64 or day
        numbers, day-parts as lists or as bit sets. `max_travel_km` and `deadline` may hold None.
        """
        places, names = intern_names(municipality)
        return cls(
            ids=id_column(ids),
            municipality=places,
            municipality_codes=names,
            component=code_column(component, COMPONENT_CODE, "component"),
            target_group=code_column(target_group, TARGET_GROUP_CODE, "target_group"),
            level=code_column(level, LEVEL_CODE, "level"),
            target_level=code_column(target_level, LEVEL_CODE, "target_level"),
            literacy=code_column(literacy, LITERACY_CODE, "literacy"),
            lat=float_column(lat),
            lon=float_column(lon),
            max_travel_km=float_column(max_travel_km),
            online=bool_column(online),
            available=slot_column(available),
            hours_per_week=float_column(hours_per_week),
            earliest_start=day_column(earliest_start, NO_DATE_EARLY),
            latest_start=day_column(latest_start, NO_DATE_LATE),
            deadline=day_column(deadline, NO_DATE_LATE),
            term_end=day_column(term_end, NO_DATE_LATE),
            waiting_since=day_column(waiting_since, NO_DATE_LATE),
            childcare=bool_column(childcare),
            wheelchair=bool_column(wheelchair),
        )

    @classmethod
    def from_records(cls, records: Iterable[Mapping[str, Any]]) -> "NeedTable":
        """Builds the table from the `needs` of an instance file, already validated."""
        return cls.from_columns(**record_columns(list(records), NEED_FIELDS))

    @cached_property
    def points(self) -> np.ndarray:
        """Gives the home points on the unit sphere, one column per need."""
        return unit_vectors(self.lat, self.lon)


@dataclass(frozen=True, eq=False)
class OfferTable(_Table):
    """Intake moments with free seats, as columns; row j is offer j.

    `region` points into `regions`: the distinct (municipalities, target groups) that contracts
    cover. There are few of them, which is what makes the join on the contract cheap.
    """

    ids: np.ndarray
    provider: np.ndarray
    component: np.ndarray
    level_from: np.ndarray
    level_to: np.ndarray
    target_level: np.ndarray
    literacy: np.ndarray
    lat: np.ndarray
    lon: np.ndarray
    mode: np.ndarray
    slots: np.ndarray
    hours_per_week: np.ndarray
    start: np.ndarray
    end: np.ndarray
    seats: np.ndarray
    min_group: np.ndarray
    enrolled: np.ndarray
    region: np.ndarray
    regions: tuple[tuple[frozenset[str], int], ...]
    contract_from: np.ndarray
    contract_to: np.ndarray
    ceiling: np.ndarray
    ceiling_ids: tuple[str, ...]
    ceiling_places: tuple[int, ...]
    mark_valid_to: np.ndarray
    mark_required: np.ndarray
    childcare: np.ndarray
    wheelchair: np.ndarray
    quality_index: np.ndarray
    price_per_hour: np.ndarray

    @classmethod
    def from_columns(
        cls,
        *,
        ids: Column,
        provider: Column,
        component: Column,
        level_from: Column,
        level_to: Column,
        target_level: Column,
        literacy: Column,
        lat: Column,
        lon: Column,
        mode: Column,
        slots: Column,
        hours_per_week: Column,
        start: Column,
        end: Column,
        seats: Column,
        min_group: Column,
        enrolled: Column,
        municipalities: Column,
        target_groups: Column,
        contract_from: Column,
        contract_to: Column,
        ceiling: Column,
        mark_valid_to: Column,
        mark_required: Column,
        childcare: Column,
        wheelchair: Column,
        quality_index: Column,
        price_per_hour: Column,
    ) -> "OfferTable":
        """Builds the table from equally long columns.

        `ceiling` holds None or (id, places) per offer; `municipalities`, `target_groups` and
        `literacy` hold a collection per offer (pass the same object again where it is the same
        contract); `mark_valid_to` may hold None.
        """
        groups = mask_column(target_groups, TARGET_GROUP_CODE)
        region, regions = intern_regions(municipalities, groups)
        ceiling_row, ceiling_ids, ceiling_places = intern_ceilings(ceiling)
        return cls(
            ids=id_column(ids),
            provider=id_column(provider),
            component=code_column(component, COMPONENT_CODE, "component"),
            level_from=code_column(level_from, LEVEL_CODE, "level_from"),
            level_to=code_column(level_to, LEVEL_CODE, "level_to"),
            target_level=code_column(target_level, LEVEL_CODE, "target_level"),
            literacy=mask_column(literacy, LITERACY_CODE),
            lat=float_column(lat),
            lon=float_column(lon),
            mode=code_column(mode, MODE_CODE, "mode"),
            slots=slot_column(slots),
            hours_per_week=float_column(hours_per_week),
            start=day_column(start, NO_DATE_LATE),
            end=day_column(end, NO_DATE_LATE),
            seats=np.asarray(seats, np.int64),
            min_group=np.asarray(min_group, np.int64),
            enrolled=np.asarray(enrolled, np.int64),
            region=region,
            regions=regions,
            contract_from=day_column(contract_from, NO_DATE_EARLY),
            contract_to=day_column(contract_to, NO_DATE_LATE),
            ceiling=ceiling_row,
            ceiling_ids=ceiling_ids,
            ceiling_places=ceiling_places,
            mark_valid_to=day_column(mark_valid_to, NO_DATE_EARLY),
            mark_required=bool_column(mark_required),
            childcare=bool_column(childcare),
            wheelchair=bool_column(wheelchair),
            quality_index=float_column(quality_index, 0.0),
            price_per_hour=float_column(price_per_hour, 0.0),
        )

    def under(
        self,
        rows: np.ndarray,
        contract: np.ndarray,
        *,
        municipalities: Column,
        target_groups: Column,
        contract_from: Column,
        contract_to: Column,
        price_per_hour: Column,
        ceiling: np.ndarray,
        ceilings: Mapping[str, int],
    ) -> "OfferTable":
        """Gives the offers `rows`, each under the contract to which `contract` points.

        The columns hold one value per contract; `ceiling` points per offer into the names and
        places of `ceilings`, -1 without one.
        """
        region, regions = intern_regions(
            municipalities, mask_column(target_groups, TARGET_GROUP_CODE)
        )
        return replace(
            self.take(rows),
            region=region[contract],
            regions=regions,
            contract_from=day_column(contract_from, NO_DATE_EARLY)[contract],
            contract_to=day_column(contract_to, NO_DATE_LATE)[contract],
            price_per_hour=float_column(price_per_hour, 0.0)[contract],
            ceiling=ceiling.astype(np.int32),
            ceiling_ids=tuple(ceilings),
            ceiling_places=tuple(ceilings.values()),
        )

    def without(self, taken: np.ndarray) -> "OfferTable":
        """Gives the offers without the seats, and the places under ceilings, that have been taken;
        `taken` has the row of an offer per seat."""
        under = self.ceiling[taken]
        used = np.bincount(under[under >= 0], minlength=len(self.ceiling_places))
        return replace(
            self,
            seats=self.seats - np.bincount(taken, minlength=len(self)),
            ceiling_places=tuple((np.array(self.ceiling_places, np.int64) - used).tolist()),
        )

    @classmethod
    def from_records(cls, records: Iterable[Mapping[str, Any]]) -> "OfferTable":
        """Builds the table from the `offers` of an instance file, already validated."""
        columns = record_columns(list(records), OFFER_FIELDS)
        columns["ceiling"] = [
            None if value is None else (value["id"], value["places"])
            for value in columns["ceiling"]
        ]
        return cls.from_columns(**columns)

    @cached_property
    def points(self) -> np.ndarray:
        """Gives the locations on the unit sphere, one column per offer."""
        return unit_vectors(self.lat, self.lon)

    @cached_property
    def is_online(self) -> np.ndarray:
        """Tells which offers need no travel and no fixed day-parts at a location."""
        return self.mode == ONLINE

    @cached_property
    def _cover(self) -> dict[str, np.ndarray]:
        """Gives per municipality the target groups (bit set) that each region covers there."""
        cover: dict[str, np.ndarray] = {}
        for region, (codes, groups) in enumerate(self.regions):
            for code in codes:
                if code not in cover:
                    cover[code] = np.zeros(len(self.regions), np.int8)
                cover[code][region] = groups
        return cover

    def regions_for(self, municipality: str, target_group: int) -> np.ndarray:
        """Tells which regions cover a person of this target group from this municipality."""
        groups = self._cover.get(municipality)
        if groups is None:
            return np.zeros(len(self.regions), np.bool_)
        return np.asarray((groups & (1 << target_group)) != 0)

"""How large a demo region is (domain.md section 8.3: region M and region L)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """Volumes; `history_groups` groups per school with a past, `learners` in each."""

    name: str
    pips: int
    providers: int
    intakes: int
    schools_with_history: int
    history_groups: int
    learners: int
    offers: int


SIZES = {
    # For tests: everything occurs, in seconds.
    "tiny": Size("tiny", 60, 6, 110, 1, 1, 3, 2),
    "default": Size("default", 1000, 13, 1500, 4, 3, 9, 14),
    "large": Size("large", 4000, 30, 5000, 8, 3, 10, 24),
}

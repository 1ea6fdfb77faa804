"""What must be known before many learners go from one provider to another."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from providers.choices import MarkKind
from providers.models import QualityMark
from providers.statutory import MOST_TRANSFERRED


def transfer_warning(
    *, from_provider_id: int, to_provider_ids: Iterable[int], learners: int
) -> str:
    """The sentence to show before a bulk transfer; empty where there is nothing to warn of.

    R-KEU-3: a holder of the keurmerk may not take over more than 15 learners from another (former)
    holder without written approval by Blik op Werk beforehand. `learners` counts those who go to
    one provider, earlier transfers of the same event included.
    """
    if learners <= MOST_TRANSFERRED:
        return ""
    receivers = set(to_provider_ids) - {from_provider_id}
    ever = QualityMark.objects.filter(kind=MarkKind.KEURMERK)
    if not receivers or not ever.filter(provider=from_provider_id).exists():
        return ""
    if not ever.filter(provider__in=receivers).exists():
        return ""
    return _(
        "A holder of the quality mark may not take over more than %(most)s learners of another "
        "holder without written approval by Blik op Werk. These are %(learners)s learners: ask for "
        "the approval first (R-KEU-3)."
    ) % {"most": MOST_TRANSFERRED, "learners": learners}

"""`route_waiting CODE`: route all who wait; print who got a place, and why others did not."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from backend.accounts.actor import system_actor
from backend.organisations.public import Organisation, OrganisationKind, Permission
from matching.engine import CAUSE_LABELS, RULE_LABELS, TIER_LABELS
from matching.models import MatchRun
from matching.services.runs import match_run_execute, match_run_request


class Command(BaseCommand):
    help = "Routes all waiting people of a municipality (CBS code) or region (code) in one batch."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("organisation", help="CBS code of a municipality or code of a region")
        parser.add_argument("--quiet", action="store_true", help="no progress bar")

    def handle(self, *, organisation: str, quiet: bool, **options: Any) -> None:
        found = Organisation.objects.filter(
            code=organisation, kind__in=[OrganisationKind.REGION, OrganisationKind.MUNICIPALITY]
        ).first()
        if found is None:
            raise CommandError(
                _("There is no municipality or region with code %(code)s.") % {"code": organisation}
            )
        actor = system_actor("route_waiting", {Permission.RUN_BATCH: frozenset({found.pk})})
        run = match_run_request(actor=actor, organisation=found)
        with tqdm(total=100, disable=quiet, desc=_("Routing"), unit="%") as bar:
            run = match_run_execute(
                run_id=run.pk, listen=lambda share, stage: _show(bar, share, stage)
            )
        self.stdout.write("\n".join(report(run)))


def _show(bar: Any, share: int, stage: str) -> None:
    bar.set_postfix_str(stage)
    bar.update(share - bar.n)


def report(run: MatchRun) -> list[str]:
    """The outcome as lines for people: placed per tier, and the causes of the rest."""
    summary = run.summary
    lines = [
        _("%(organisation)s, %(date)s: %(placed)s of %(needs)s needs have a place proposed.")
        % {
            "organisation": run.organisation,
            "date": run.as_of,
            "placed": summary["placed"],
            "needs": summary["needs"],
        }
    ]
    tiers = zip(summary["placedByTier"], summary["needsByTier"], strict=True)
    for tier, (placed, needs) in enumerate(tiers, start=1):
        lines.append(f"  {tier}. {_(TIER_LABELS[tier])}: {placed} / {needs}")
    lines.append(
        _("  Advice without a municipal price (family and other migrants): %(count)s")
        % {"count": summary["referred"]}
    )
    lines.append(_("Without a place:"))
    for cause, count in summary["unplacedByCause"].items():
        lines.append(f"  {_(CAUSE_LABELS[cause])}: {count}")
    if summary["failedRules"]:
        lines.append(_("What alone stood in the way of a place (people may count more than once):"))
        for rule, count in summary["failedRules"].items():
            lines.append(f"  {_(RULE_LABELS[rule])}: {count}")
    lines.append(
        _(
            "Solver %(solver)s, %(seconds)s seconds in the engine; first come first served "
            "would have placed %(fifo)s."
        )
        % {
            "solver": summary["solver"],
            "seconds": summary["engineSeconds"],
            "fifo": summary["placedByFirstCome"],
        }
    )
    return lines

"""A round of feedback that is open today, so that its form can be tried with a real link."""

import csv
from datetime import timedelta
from pathlib import Path

from django.utils.translation import gettext as _

from backend.demo.build import Region
from quality.errors import TicketUnusableError
from quality.public import ticket_open, wave_create, wave_invite

DAYS_OPEN = 21
FILE_NAME = "opinielinks.csv"


def open_round_build(built: Region, files: Path | None) -> None:
    """Invites the learners who may be asked again; their links go to a file, as to a mail merge.

    The links are given out once and kept nowhere else, which is why later starts read the file.
    """
    today = built.plan.as_of
    wave = wave_create(
        actor=built.actor(),
        organisation=built.region,
        name=_("Open round (demo)"),
        opens_date=today,
        closes_date=today + timedelta(days=DAYS_OPEN),
    )
    links = wave_invite(actor=built.actor(), wave=wave)
    if files is not None:
        with (files / FILE_NAME).open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([one.reference, one.token] for one in links)


def unused_token(files: Path) -> str | None:
    """A link of the file that nobody answered yet; None when the round is over or all answered."""
    path = files / FILE_NAME
    if not path.exists():
        return None
    with path.open(newline="", encoding="utf-8") as stream:
        tokens = [token for _reference, token in csv.reader(stream)]
    return next((one for one in tokens if _opens(one)), None)


def _opens(token: str) -> bool:
    try:
        ticket_open(token=token)
    except TicketUnusableError:
        return False
    return True

"""`demo`: a realistic region, everybody who waits routed, and the site and API served."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils.translation import gettext as _

from backend.common import clock
from backend.demo import region as demo
from backend.demo.letters import DemoLink, letters_build
from backend.demo.logins import LOGINS, PASSWORD, api_key_renew, school_key_renew
from backend.demo.open_round import unused_token
from backend.demo.plan import DEFAULT_SEED
from backend.demo.progress import Bars, Progress, Silent
from backend.demo.report import run_lines
from backend.demo.serve import address, free_port, serve
from backend.demo.sizes import SIZES
from backend.demo.waiting import waiting_build
from backend.organisations.public import Organisation


class Command(BaseCommand):
    help = "Maakt een demoregio, verdeelt de plaatsen en start Passend. / Demo region and server."
    # Tables are made here, before anything looks at them.
    requires_system_checks: list[str] = []
    requires_migrations_checks = False
    _letter: DemoLink | None = None

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--size", choices=sorted(SIZES), default="default")
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-serve", action="store_true", help="stop after the report")
        parser.add_argument("--reset", action="store_true", help="clear the demo region first")

    def handle(
        self, *, size: str, seed: int, port: int, no_serve: bool, reset: bool, **options: Any
    ) -> None:
        if not demo.demo_allowed():
            raise CommandError(
                _(
                    "This is not a demo installation. The demo fills the database with made-up "
                    "people and public passwords. Start it with PASSEND_DEMO=true, on a database "
                    "of its own."
                )
            )
        began = time.perf_counter()
        progress: Progress = Bars() if options.get("verbosity", 1) else Silent()
        self.stdout.write(_("Preparing the database ..."))
        call_command("migrate", verbosity=0)
        region = self._region(size, seed, reset, progress)
        run, seconds = demo.route(region, progress)
        self.stdout.write("")
        for line in run_lines(run, seconds):
            self.stdout.write(line)
        offers = SIZES[str(demo.built_as(region).get("size", size))].offers
        offered = demo.offer_some(run, region, offers, progress)
        for one in progress.each(_("Advice on supply"), [region]):
            waiting_build(demo.everywhere(one), one)
        self._letter = letters_build(demo.everywhere(region))
        demo.settle(progress)
        self.stdout.write(
            _("%(count)s places were offered; they wait in the inboxes of the providers.")
            % {"count": offered}
        )
        self.stdout.write(
            _("Ready in %(seconds).0f seconds.") % {"seconds": time.perf_counter() - began}
        )
        if not no_serve:
            self._serve(port)

    @property
    def _files(self) -> Path:
        return Path(settings.LOCAL_DIR) / "demo"

    def _region(self, size: str, seed: int, reset: bool, progress: Progress) -> Organisation:
        found = demo.existing_region()
        if demo.holds_real_data():
            raise CommandError(
                _("This database holds participants of its own. Use another database for the demo.")
            )
        if found is not None and not reset and demo.is_complete(found):
            facts = demo.built_as(found)
            self.stdout.write(
                _("Using the demo region that is there (size %(size)s, of %(day)s).")
                % {"size": facts.get("size"), "day": facts.get("as_of")}
            )
            if facts.get("size") != size or facts.get("as_of") != clock.today().isoformat():
                self.stdout.write(_("For a new one: run the demo with --reset."))
            return found
        if found is not None:
            self.stdout.write(_("Clearing the demo region that is there ..."))
            demo.clear()
        self.stdout.write(_("Making a demo region of size %(size)s ...") % {"size": size})
        return demo.create(
            size=size,
            seed=seed,
            as_of=clock.today(),
            progress=progress,
            files=self._files,
        )

    def _serve(self, wanted: int) -> None:
        port = free_port(wanted)
        if port is None:
            raise CommandError(
                _("Ports %(first)s to %(last)s are in use. Choose another one with --port.")
                % {"first": wanted, "last": wanted + 19}
            )
        if port != wanted:
            self.stdout.write(
                _("Port %(wanted)s is in use; Passend uses %(port)s.")
                % {"wanted": wanted, "port": port}
            )
        keys = api_key_renew(), school_key_renew()
        self.stdout.write(_("Starting the server ..."))
        status = serve(port, lambda: self._welcome(port, *keys))
        if status:
            raise CommandError(
                _("The server stopped with status %(status)s; see the lines above.")
                % {"status": status}
            )

    def _welcome(self, port: int, key: str, school_key: str) -> None:
        url = address(port)
        lines = [
            "",
            _("Passend runs at %(url)s (stop: Ctrl+C)") % {"url": url},
            "",
            _("Log in with one of these; the password is always %(password)s")
            % {"password": PASSWORD},
            *(f"  {one.email:<34} {one.label}" for one in LOGINS),
            "",
            _("API: documentation at %(url)s; an example with the key of a case system:")
            % {"url": f"{url}/api/v1/docs"},
            f"  curl -H 'Authorization: Bearer {key}' '{url}/api/v1/pips?pageSize=3'",
            _("A sandbox for builders: docs/api/README.md; both sides, tried with one command:"),
            f"  python docs/api/conformance --url {url} --key {key} --provider-key {school_key}",
            "",
            *self._personal_links(url),
        ]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()

    def _personal_links(self, url: str) -> list[str]:
        """What an inburgeraar gets by letter; nothing when it cannot be opened any more."""
        return [*self._letter_link(url), *self._opinion_link(url)]

    def _letter_link(self, url: str) -> list[str]:
        letter = self._letter
        if letter is None:
            return []
        # Written before the port was known.
        place = urlsplit(letter.url)._replace(netloc=urlsplit(url).netloc).geturl()
        return [
            _("The link of an inburgeraar to the own place (code %(code)s, works once):")
            % {"code": letter.code},
            f"  {place}",
            "",
        ]

    def _opinion_link(self, url: str) -> list[str]:
        token = unused_token(self._files)
        if token is None:
            return []
        opinion = f"{url}{reverse('feedback')}?c={token}"
        return [
            _("The link of an inburgeraar for an opinion about the course:"),
            f"  {opinion}",
            "",
        ]

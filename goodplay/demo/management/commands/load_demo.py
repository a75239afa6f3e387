from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from donations.models import Donation
from donations.operations import closing
from donations.queries.books import contradictions
from donations.tasks import close_day, verify_books
from games.models import GameSession
from goodplay.demo import content, history, people


class Command(BaseCommand):
    help = "Load believable demo data, once: players with months of history, organisations, donations, stories, reports."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--weeks", type=int, default=26, help="how many weeks of history to make")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Demo accounts have a public password: they are loaded with DEBUG=true only.")
        if history.is_told():
            self.stdout.write("The demo data is there.")
            return
        self.stdout.write("Making months of history; this takes less than a minute…")
        settings.EVENT_DELIVERY = "sweep"  # this process delivers its events itself, dated as they happened
        now = timezone.now()
        with transaction.atomic():
            history.tell(now=now, weeks=options["weeks"])
            closing.take_snapshots(now=now)
            closing.seal_days(now=now)
            if found := contradictions():
                raise CommandError("; ".join(map(str, found[:5])))
        content.publish(now)
        close_day()
        verify_books()
        self.stdout.write(
            f"{len(people.PLAYERS)} players, {len(people.ORGANISATIONS)} organisations, "
            f"{GameSession.objects.count()} sessions, {Donation.objects.count()} donations; the books balance."
        )

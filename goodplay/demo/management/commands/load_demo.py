from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from donations.models import Donation, PaymentIntent, Payout
from donations.tasks import close_day, verify_books
from games.models import GameSession
from goodplay.demo import content, history, people, story
from impact.tasks import publish_inclusion_roots


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
        if history.is_begun():
            raise CommandError(
                "Loading the demo data was cut off half-way. Delete the database (SQLite: var/goodplay.sqlite3) and start again."
            )
        self.stdout.write("Making months of history; this takes less than a minute…")
        settings.EVENT_DELIVERY = "sweep"  # this process delivers its events itself, dated as they happened
        settings.EMAIL_BACKEND = (
            "django.core.mail.backends.dummy.EmailBackend"  # nobody is written to about the past
        )
        now = timezone.now()
        # Not one transaction: whoever asks a payment provider must have none open.
        story.tell(now=now, weeks=options["weeks"])
        content.publish(now)
        close_day()
        publish_inclusion_roots()
        verify_books()
        self.stdout.write(
            f"{len(people.PLAYERS)} players, {len(people.ORGANISATIONS)} organisations, "
            f"{GameSession.objects.count()} sessions, {Donation.objects.count()} donations, "
            f"{PaymentIntent.objects.count()} payments, {Payout.objects.count()} payouts; the books balance."
        )

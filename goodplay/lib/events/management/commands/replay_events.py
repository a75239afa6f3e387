"""manage.py replay_events --handler social.update_impact_score --since 2026-01-01"""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from goodplay.lib.events.handlers import HANDLERS
from goodplay.lib.events.replay import replay
from goodplay.lib.time import day_start


class Command(BaseCommand):
    help = "Run a replayable handler again for the stored events, oldest first, to rebuild what it builds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--handler", required=True, help="app.function, as shown under Deliveries in the admin"
        )
        parser.add_argument("--since", required=True, help="date (Europe/Rome) or ISO date and time")
        parser.add_argument("--dry-run", action="store_true", help="only count the events")

    def handle(self, *args: Any, **options: Any) -> None:
        handler = HANDLERS.get(options["handler"])
        if handler is None:
            raise CommandError(
                f"There is no handler {options['handler']}. Known: {', '.join(sorted(HANDLERS))}"
            )
        if not handler.replayable:
            raise CommandError(
                f"{handler.name} may not run twice for one event (it is not declared replayable)."
            )
        count = replay(handler, since=_moment(options["since"]), dry_run=options["dry_run"])
        self.stdout.write(f"{count} events {'would be replayed' if options['dry_run'] else 'replayed'}")


def _moment(text: str) -> datetime:
    if day := parse_date(text):
        return day_start(day)
    moment = parse_datetime(text)
    if moment is None:
        raise CommandError(f"{text} is no date.")
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)

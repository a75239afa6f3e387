from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from donations.operations import rollups


class Command(BaseCommand):
    help = "Sum the days of the dashboards anew from donations, payments and transfers, and prove the result."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since",
            type=date.fromisoformat,
            help="The first Rome day, as 2026-03-01; every day without it.",
        )

    def handle(self, *args: Any, since: date | None = None, **options: Any) -> None:
        made = rollups.rebuild(since=since, now=timezone.now())
        found = rollups.differences(since=since, settled_only=True)
        for difference in found:
            self.stderr.write(str(difference))
        if found:
            raise CommandError(f"The rollups differ from the base rows: {len(found)} differences.")
        self.stdout.write(f"{made} days made anew; they say what the base rows say.")

"""Bring in an edition of a screening list from its published files."""

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from donations.operations.screening.lists import import_list
from donations.screening.stored import DATED, SOURCES
from goodplay.lib.errors import DomainError


class Command(BaseCommand):
    help = (
        "Put a new edition of a screening list in force. OFAC is four files (sdn, alt, add, sdn_comments), the others "
        "one. Refused files change nothing: the edition before stays."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("list", choices=SOURCES)
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--published-on",
            type=date.fromisoformat,
            help="The day of the edition (YYYY-MM-DD), for lists that do not say it themselves. Default: today.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now, source = timezone.now(), options["list"]
        day = None if source in DATED else options["published_on"] or now.date()
        try:
            files = [(path.name, path.read_bytes()) for path in options["files"]]
            edition = import_list(source=source, files=files, published_on=day, now=now)
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{edition.vintage}: {edition.entry_count} entries, {edition.added_count} new, "
            f"{edition.changed_count} changed, {edition.removed_count} removed. Everybody is screened by the next jobs."
        )

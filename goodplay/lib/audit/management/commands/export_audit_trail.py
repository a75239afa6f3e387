from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from goodplay.lib.audit import exporting
from goodplay.lib.errors import DomainError
from goodplay.lib.time import rome_day


class Command(BaseCommand):
    help = "Write the audit trail of some days to a signed file for auditors. The export is on the trail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a new file")
        parser.add_argument("--first", type=date.fromisoformat, required=True, help="2026-01-01")
        parser.add_argument("--last", type=date.fromisoformat, help="today when left out")
        parser.add_argument("--reason", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            lines = exporting.begin(
                first=options["first"],
                last=options["last"] or rome_day(now),
                actor=None,
                reason=options["reason"],
                now=now,
            )
            with options["file"].open("xb") as file:
                file.writelines(lines)
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Written. It is proved with the public key {exporting.public_key()}.")

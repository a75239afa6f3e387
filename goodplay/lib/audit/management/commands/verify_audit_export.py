from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from goodplay.lib.audit import exporting


class Command(BaseCommand):
    help = "Prove a signed file of the audit trail: its seal, each entry and each link. Needs no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--public-key", default="", help="of the platform it is of; by default of this one"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        key = options["public_key"] or exporting.public_key()
        try:
            with options["file"].open("rb") as file:
                proven = exporting.prove(file, key=key)
        except (exporting.ExportBroken, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"The file holds: entries {proven.first} to {proven.last} ({proven.count}), made at {proven.made_at}."
        )

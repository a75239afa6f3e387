from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from goodplay.importing.report import Report
from goodplay.importing.running import ImportRunning, bring_over
from goodplay.importing.source import SourceUnusable, opened


class Command(BaseCommand):
    help = "Bring over what an old Flask GoodPlay keeps in MongoDB: people, games, wallets, organisations, stories."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", help="of the old database: mongodb://host:27017/goodplay")
        parser.add_argument(
            "--dry-run", action="store_true", help="change nothing, and tell what would come of it"
        )
        parser.add_argument(
            "--report", default="import-report.csv", help="file for what does not come over as it is"
        )
        parser.add_argument("--batch-size", type=int, default=500, help="documents of one transaction")
        parser.add_argument(
            "--trust-wallets",
            action="store_true",
            help="bring balances over that their transactions do not explain",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["batch_size"] <= 5000:
            raise CommandError("A batch has 1 to 5000 documents.")
        path = Path(options["report"])
        try:
            with path.open("w", newline="", encoding="utf-8") as file:
                report = self._run(Report(file), options)
        except (SourceUnusable, ImportRunning) as error:
            raise CommandError(str(error)) from error
        for line in report.table():
            self.stdout.write(line)
        self.stdout.write(f"What does not come over as it is stands in {path}.")
        self._tell_books(report)

    def _run(self, report: Report, options: dict[str, Any]) -> Report:
        with opened(options["url"], options["batch_size"]) as source:
            return bring_over(
                source=source,
                report=report,
                now=timezone.now(),
                is_dry=options["dry_run"],
                trusts_wallets=options["trust_wallets"],
            )

    def _tell_books(self, report: Report) -> None:
        for contradiction in report.contradictions:
            self.stderr.write(contradiction)
        if report.contradictions:
            raise CommandError(f"The books do not balance: {len(report.contradictions)} contradictions.")
        self.stdout.write("The books balance.")

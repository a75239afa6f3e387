from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from donations.models import RiskRule
from donations.operations.risk.backtesting import DAYS, run_backtest
from donations.rules.facts import SUBJECTS


class Command(BaseCommand):
    help = "Ask the newest version of a risk rule about past movements and keep what it would have hit."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code")
        parser.add_argument(
            "--subject", choices=SUBJECTS, help="Needed when several kinds of movements share the code."
        )
        parser.add_argument("--days", type=int, default=DAYS)

    def handle(self, *args: Any, **options: Any) -> None:
        rows = RiskRule.objects.filter(code=options["code"])
        if options["subject"]:
            rows = rows.filter(subject=options["subject"])
        subjects = set(rows.values_list("subject", flat=True))
        if len(subjects) != 1:
            known = ", ".join(sorted(subjects)) or "none"
            raise CommandError(f"Rules “{options['code']}” there are for: {known}. Name one with --subject.")
        rule = rows.latest("version")
        test = run_backtest(rule=rule, days=options["days"], now=timezone.now())
        self.stdout.write(
            f"{rule} ({rule.subject}): {test.hit_count} hits in {test.looked_at} movements, "
            f"{test.known_count} of them reviewed, given back or disputed."
        )

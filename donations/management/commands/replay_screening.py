"""Take a stored screening decision again, from what is stored."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from donations.models import ScreeningDecision
from donations.operations.screening.replaying import replay_decision
from goodplay.lib.errors import DomainError
from goodplay.lib.ids import parse_id


class Command(BaseCommand):
    help = "Prove that a stored screening decision still gives the same answer; fail when it does not."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("decision", metavar="ID")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = ScreeningDecision.objects.select_related("run__edition__previous")
        decision = rows.filter(pk=parse_id(options["decision"])).first()
        if decision is None:
            raise CommandError("There is no such decision.")
        try:
            replayed = replay_decision(decision=decision)
        except DomainError as error:
            raise CommandError(f"{error.code}: {error}") from error
        if not replayed.is_same:
            raise CommandError(f"The answer differs: {', '.join(replayed.differences)}.")
        self.stdout.write(
            f"The same answer: {decision.get_band_display()}, {len(decision.hits)} hits, against {replayed.entries} entries "
            f"({', '.join(decision.vintages)})."
        )

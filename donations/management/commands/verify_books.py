from typing import Any

from django.core.management.base import BaseCommand, CommandError

from donations.models import Transfer
from donations.queries.books import RULES, contradictions


class Command(BaseCommand):
    help = "Prove that the books balance: every invariant of the ledger, over everything."

    def handle(self, *args: Any, **options: Any) -> None:
        found = contradictions()
        for contradiction in found:
            self.stderr.write(str(contradiction))
        if found:
            raise CommandError(f"The books do not balance: {len(found)} contradictions.")
        count = Transfer.objects.count()
        self.stdout.write(f"The books balance: {len(RULES)} rules hold over {count} transfers.")

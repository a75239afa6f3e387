from typing import Any

from django.core.management.base import BaseCommand, CommandError

from goodplay.lib.retention.models import DeletionProof
from goodplay.lib.retention.proofs import broken_proofs


class Command(BaseCommand):
    help = "Prove that no proof of deletion was changed, removed or slipped in."

    def handle(self, *args: Any, **options: Any) -> None:
        if broken := broken_proofs():
            raise CommandError(f"The proofs are broken at {', '.join(map(str, broken[:20]))}.")
        self.stdout.write(f"The proofs hold: {DeletionProof.objects.count()}.")

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.audit.trail import broken_entries


class Command(BaseCommand):
    help = "Prove that no entry of the audit trail was changed, removed or slipped in."

    def handle(self, *args: Any, **options: Any) -> None:
        if broken := broken_entries():
            raise CommandError(f"The audit trail is broken at {', '.join(map(str, broken[:20]))}.")
        self.stdout.write(f"The audit trail holds: {AuditEntry.objects.count()} entries.")

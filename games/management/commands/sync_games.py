"""manage.py sync_games"""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from games import operations
from games.engines.registry import registry


class Command(BaseCommand):
    help = "Give every installed engine its game in the catalogue. `migrate` does it too."

    def handle(self, *args: Any, **options: Any) -> None:
        synced = operations.sync_games(now=timezone.now())
        for word, names in (
            ("added", synced.added),
            ("changed", synced.changed),
            ("refused", synced.refused),
        ):
            for name in names:
                self.stdout.write(f"{word}: {name}")
        for origin, reason in registry().left_out.items():
            self.stderr.write(f"left out: {origin} ({reason})")
        self.stdout.write(f"{len(registry().engines)} engines installed")

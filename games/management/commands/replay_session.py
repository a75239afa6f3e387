"""manage.py replay_session ID"""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from games.models import GameSession
from games.replay import contradictions


class Command(BaseCommand):
    help = "Play a stored session again from its seed and its moves, and say whether score and clock agree."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("session_id", type=UUID)

    def handle(self, *args: Any, **options: Any) -> None:
        session = GameSession.objects.select_related("game").filter(pk=options["session_id"]).first()
        if session is None:
            raise CommandError("There is no such session.")
        if found := contradictions(session):
            raise CommandError("; ".join(found))
        self.stdout.write(
            f"{session.game.name}, {session.moves_count} moves, score {session.score}, "
            f"played for {session.played_for}: everything agrees"
        )

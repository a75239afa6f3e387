from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from goodplay.demo.client import Refused
from goodplay.demo.walk import walk


class Command(BaseCommand):
    help = "Play the main job against the running server: register, play, earn, give, receipt, impact, books."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="where the server answers")

    def handle(self, *args: Any, **options: Any) -> None:
        mailbox = getattr(settings, "EMAIL_FILE_PATH", None)
        if not mailbox:
            raise CommandError(
                "The demo reads its mail from files: set EMAIL_URL=filemail:///… for server and demo."
            )
        try:
            walk(
                base=options["url"].rstrip("/"),
                mailbox=Path(mailbox),
                folder=settings.VAR_DIR,
                say=self._say,
            )
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        call_command("verify_books", stdout=self.stdout)

    def _say(self, step: str) -> None:
        self.stdout.write(f"  {step}" if step.startswith("  ") else f"• {step}")
        self.stdout.flush()

"""manage.py serve --port 8000: the whole product in one process."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from goodplay.demo.people import DEMO_SIGN_INS
from goodplay.lib import embedded

PAGES = (
    ("API documents", "/api/docs/"),
    ("Back office", "/admin/"),
    ("ONLUS portal", "/portal/"),
    ("Health", "/api/health/ready"),
)


class Command(BaseCommand):
    help = "Serve API, admin, portal and live events, and run the scheduled jobs, in one process."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        try:
            listener = embedded.listen(host, port)
        except embedded.AddressTaken as taken:
            raise CommandError(
                f"Cannot listen on {host}:{port} ({taken}). Choose another port: make run PORT={port + 1}"
            ) from taken
        self._say(f"http://{host}:{port}")
        embedded.serve(listener)
        self.stdout.write("GoodPlay has stopped.")

    def _say(self, address: str) -> None:
        rows = [(name, f"{address}{path}") for name, path in PAGES]
        if folder := getattr(settings, "EMAIL_FILE_PATH", None):
            rows.append(("Mail is written to", folder))
        rows += self._demo_sign_ins()
        width = max(len(name) for name, _value in rows) + 2
        for name, value in rows:
            self.stdout.write(f"  {name:<{width}}{value}")
        self.stdout.write("  Stop with Ctrl-C.")
        self.stdout.flush()

    def _demo_sign_ins(self) -> list[tuple[str, str]]:
        """Name the demo accounts where they were loaded; load_demo does that on developers' machines only."""
        emails = [email for _who, email, _password in DEMO_SIGN_INS]
        there = set(User.objects.filter(email__in=emails).values_list("email", flat=True))
        return [(who, f"{email} / {password}") for who, email, password in DEMO_SIGN_INS if email in there]

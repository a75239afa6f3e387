"""Set up an account at a payment provider from the environment, and check it."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from donations.operations import payment_providers

# provider type: credential → variable, and the variable of the webhook's secret.
SECRETS: dict[str, tuple[dict[str, str], str]] = {
    "stripe": ({"secret_key": "STRIPE_SECRET_KEY"}, "STRIPE_WEBHOOK_SECRET"),
    "paypal": (
        {"client_id": "PAYPAL_CLIENT_ID", "client_secret": "PAYPAL_CLIENT_SECRET"},
        "PAYPAL_WEBHOOK_ID",
    ),
}


class Command(BaseCommand):
    help = "Store the secrets of a payment provider (STRIPE_…, PAYPAL_…) encrypted, and check the account."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("provider", choices=sorted(SECRETS))
        parser.add_argument("--name", help="Several accounts of one provider are told apart by it.")
        parser.add_argument("--live", action="store_true", help="Real money. Without it: the test mode.")
        parser.add_argument("--endpoint", default="", help="Another address than the provider's own.")

    def handle(self, *args: Any, **options: Any) -> None:
        variables, webhook = SECRETS[options["provider"]]
        missing = [name for name in (*variables.values(), webhook) if not os.environ.get(name)]
        if missing:
            raise CommandError(f"Set {', '.join(missing)}.")
        provider = payment_providers.configure(
            name=options["name"] or options["provider"],
            provider_type=options["provider"],
            credentials={key: os.environ[name] for key, name in variables.items()},
            webhook_secret=os.environ[webhook],
            display_name=options["provider"].capitalize(),
            is_test_mode=not options["live"],
            api_endpoint=options["endpoint"],
        )
        checked = payment_providers.check_health(provider=provider, now=timezone.now())
        mode = "test" if checked.is_test_mode else "live"
        self.stdout.write(f"{checked.name} ({mode}): {checked.health_status} {checked.health_detail}".strip())

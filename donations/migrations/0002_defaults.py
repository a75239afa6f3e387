"""The platform's own ledger accounts and the first rate card."""

from datetime import UTC, datetime
from decimal import Decimal

from django.db import migrations

from donations.models.ledger import system_account_id

SYSTEM_KINDS = [
    "reward_pool",
    "sponsor",
    "provider_clearing",
    "provider_fees",
    "platform_fees",
    "payout_in_transit",
    "bank",
    "chargeback_loss",
    "adjustment",
]
MULTIPLIERS = {
    "tournament": "2.0",
    "challenge": "1.5",
    "daily_streak": "1.2",
    "weekend": "1.1",
    "special_event": "3.0",
    "loyalty": "1.3",
    "first_time": "2.0",
}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def add(apps, schema_editor):
    account = apps.get_model("donations", "LedgerAccount")
    for kind in SYSTEM_KINDS:
        account.objects.get_or_create(id=system_account_id(kind), defaults={"kind": kind, "created_at": LONG_AGO})
    apps.get_model("donations", "ConversionRate").objects.get_or_create(
        rate_id="default",
        version=1,
        defaults={
            "base_rate": Decimal("0.01"),
            "multipliers": MULTIPLIERS,
            "valid_from": LONG_AGO,
            "description": "One cent a minute",
            "created_at": LONG_AGO,
        },
    )


class Migration(migrations.Migration):
    dependencies = [("donations", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
